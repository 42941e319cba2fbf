"""The command line, `wechatpay`: it needs the extra `cli`, and `wechatpay --help` tells the rest.

Nothing here is imported by `import wechatpay`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

_NEEDED = ("typer", "rich", "shellingham")
_EXTRAS = {"demo": "sandbox,cli", "sandbox": "sandbox,cli", "mcp": "mcp,cli"}
"""What a command needs beside `cli`, so that nobody installs twice."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit status.

    Args:
        arguments: What stands behind the program's name; by default the process's own.
    """
    try:
        from ._app import run

        return run(arguments)
    except KeyboardInterrupt:
        # It came while the commands were being loaded, or while they were being left.
        from .words import text

        sys.stderr.write(text("error.interrupted") + "\n")
        return 130
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        from .words import text

        given = sys.argv[1:] if arguments is None else arguments
        extras = _EXTRAS.get(given[0], "cli") if given else "cli"
        sys.stderr.write(text("error.extra", extras=extras) + "\n")
        return 3
