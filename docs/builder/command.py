"""The command `python -m docs.builder`: build the site, and check its links."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from sphinx.errors import SphinxError

from .links import broken
from .llms import for_assistants
from .site import build, front_page, not_found
from .words import LANGUAGES

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Build both languages side by side, and return 0, or 1 if a page or a link is wrong.

    Args:
        arguments: The command's; default: those of the process.
    """
    parser = argparse.ArgumentParser(prog="python -m docs.builder", description=__doc__)
    parser.add_argument(
        "--into", type=Path, default=Path("build/site"), help="the site's directory"
    )
    parser.add_argument("--endpoints", default="", help="only endpoints whose page this matches")
    parser.add_argument("--modules", default="", help="only modules whose name this matches")
    chosen = parser.parse_args(arguments)
    start = time.monotonic()
    with ProcessPoolExecutor(len(LANGUAGES)) as pool:
        one = partial(build, into=chosen.into, endpoints=chosen.endpoints, modules=chosen.modules)
        try:
            list(pool.map(one, LANGUAGES))
        except SphinxError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    front_page(chosen.into)
    not_found(chosen.into)
    for name, text in for_assistants().items():
        (chosen.into / name).write_text(text, "utf-8")
    wrong = broken(chosen.into)
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    pages = sum(1 for _ in chosen.into.rglob("*.html"))
    seconds = time.monotonic() - start
    sys.stdout.write(f"{pages} pages in {seconds:.0f} s: {chosen.into / 'index.html'}\n")
    return 1 if wrong else 0
