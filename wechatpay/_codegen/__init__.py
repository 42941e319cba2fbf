"""Makes the generated files from the catalogue.

``python -m wechatpay._codegen`` writes every generated file anew and ``--check`` names those that
are stale; both use nothing but the catalogue in `wechatpay.api`, which ``make catalogue`` makes.
This package is not part of the wheel.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from wechatpay.api._catalogue import Catalogue

from . import rules, sealed, stubs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["generate", "main"]

PACKAGE = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None, package: Path = PACKAGE) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: Default: those of the command line.
        package: The folder of the package to write into.
    """
    parser = argparse.ArgumentParser("python -m wechatpay._codegen", description="Generate files.")
    parser.add_argument("--check", action="store_true", help="only name the files that are stale")
    options = parser.parse_args(arguments)
    wanted = generate(package)
    stale = [name for name, text in wanted.items() if _read(package / name) != text]
    for name in stale:
        print("stale:" if options.check else "written:", name)  # noqa: T201
        if not options.check:
            (package / name).parent.mkdir(exist_ok=True)
            (package / name).write_text(wanted[name], "utf-8", newline="\n")
    return int(bool(stale) and options.check)


def generate(package: Path = PACKAGE) -> dict[str, str]:
    """Return the text of every generated file, by its name within the package."""
    catalogue = Catalogue(lambda name: (package / "api/data" / name).read_text("utf-8"))
    catalogue.check()
    types = stubs.render(catalogue.endpoints, catalogue.events)
    return {
        "_call/rules_table.py": rules.render(catalogue.endpoints),
        "_v3/sealed_table.py": sealed.render(catalogue.endpoints, catalogue.events),
        **{f"api/types/{name}": text for name, text in types.items()},
    }


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None
