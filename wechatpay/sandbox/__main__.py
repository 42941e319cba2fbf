"""`python -m wechatpay.sandbox`: serve until Ctrl-C, and say how to reach it."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from . import Sandbox, _settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a sandbox on loopback; prints one `export` line for each of its settings."""
    parser = argparse.ArgumentParser(
        prog="python -m wechatpay.sandbox", description="Serve a WeChat Pay of your own."
    )
    parser.add_argument("--port", type=int, default=0, help="the port (default: a free one)")
    parser.add_argument(
        "--mode",
        choices=("public-key", "certificate"),
        default="public-key",
        help="the key that signs answers (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    with (
        Sandbox(port=options.port, mode=options.mode) as sandbox,
        tempfile.TemporaryDirectory(prefix="wechatpay-sandbox-") as folder,
    ):
        for name, value in _settings.write(sandbox.config, Path(folder)).items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        print("Serving until Ctrl-C.", file=sys.stderr)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Closed.", file=sys.stderr)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
