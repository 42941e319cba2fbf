"""`python -m wechatpay.sandbox`: serve until Ctrl-C, and say how to reach it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import get_args

from ._base import Mode, StateError
from .serving import serve


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a sandbox on loopback; prints one `export` line for each of its settings."""
    parser = argparse.ArgumentParser(
        prog="python -m wechatpay.sandbox", description="Serve a WeChat Pay of your own."
    )
    parser.add_argument(
        "--port", type=int, help="the port (default: last time's, or a free one; 0: a free one)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address (default: %(default)s)")
    parser.add_argument(
        "--mode",
        choices=get_args(Mode),
        default="public-key",
        help="the key that signs answers (default: %(default)s)",
    )
    parser.add_argument(
        "--state", metavar="FILE", help="remember everything in a file (default: in memory)"
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="RULE",
        help='what goes wrong, such as "post v3/pay/** reset-after times=1"; repeat it for more',
    )
    parser.add_argument(
        "--probes",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="the share of notifications signed wrongly on purpose, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="NUMBER", help="makes chance the same each time"
    )
    parser.add_argument(
        "--tls", action="store_true", help="serve by TLS, with certificates made for it"
    )
    parser.add_argument(
        "--new-keys", action="store_true", help="make new keys (default: those of the last time)"
    )
    parser.add_argument(
        "--public-url", metavar="URL", help="how others reach it, such as http://sandbox:8080"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="a host that is notified beside this machine; repeat it for more",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    options = vars(parser.parse_args(arguments))
    try:
        serve(
            faults=options.pop("fault"),
            allow_hosts=options.pop("allow_host"),
            open_page=options.pop("open"),
            **options,
        )
    except (StateError, ValueError, OSError, ImportError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
