"""`make catalogue`: from checkouts of the sources to the package's data, and a report."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import comparing, confirming, decisions, making, report
from .readers import manuals
from .sources import FOLDER, sources

__all__ = ["main"]

PACKAGE = FOLDER.parent / "wechatpay"


def main(
    arguments: Sequence[str] | None = None, folder: Path = FOLDER, package: Path = PACKAGE
) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: Default: those of the command line.
        folder: Where ``compiled/`` and ``decisions.jsonl`` are.
        package: The folder of the package to write into.
    """
    parser = argparse.ArgumentParser("python -m catalogue", description="Make the catalogue anew.")
    parser.add_argument("checkouts", type=Path, help="a folder with a checkout of each source")
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    options = parser.parse_args(arguments)
    found = dict(_checkouts(options.checkouts))
    for line in _told(found):
        print(line)  # noqa: T201
    wanted_ones = [each for each in sources().values() if each.repository]
    missing = [each.repository for each in wanted_ones if each.name not in found]
    if missing:
        print(f"no checkout of {', '.join(missing)} in {options.checkouts}")  # noqa: T201
        return 2
    decided = decisions.read(folder / "decisions.jsonl")
    doubtful = list(confirming.unconfirmed(decided.all, found))
    for line in doubtful:
        print(line)  # noqa: T201
    if doubtful:
        return 2
    sourced = making.heard(found)
    made = making.make(sourced, folder)
    codes, unworded = _codes(found, folder)
    for number in unworded:
        print(f"meanings.tsv has no words for {number}")  # noqa: T201
    entries = {
        name: [json.loads(line) for line in text.splitlines()[1:]]
        for name, text in made.files.items()
    }
    both = (entries["endpoints.jsonl"], entries["notifications.jsonl"])
    compared = comparing.compare(sourced, *both, decided)
    for each in compared.against:
        print("against the catalogue:", *each[:6])  # noqa: T201
    data = package / "api" / "data"
    wanted = {
        **{data / name: text for name, text in made.files.items()},
        data / "codes.tsv": codes,
        folder / "witnesses.jsonl": report.witnesses(made),
        folder / "REPORT.md": report.report(made, compared),
        package / "api" / "PROVENANCE.md": report.provenance(*both),
    }
    before = {name: _read(package / "api" / "data" / name) for name in made.files}
    for line in report.changes(made, before):
        print(line)  # noqa: T201
    stale = {path: text for path, text in wanted.items() if _read(path) != text}
    for path, text in stale.items():
        print("stale:" if options.check else "written:", path.name)  # noqa: T201
        if not options.check:
            path.write_text(text, "utf-8", newline="\n")
    return int(bool(stale) and options.check)


def _checkouts(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the checkout of each source that has one, by the repository's name."""
    for source in sources().values():
        path = folder / source.repository.rpartition("/")[2]
        if source.repository and path.is_dir():
            yield source.name, path


def _told(found: Mapping[str, Path]) -> Iterator[str]:
    """Yield which checkouts are not at the commit that the committed files were made from."""
    for name, path in found.items():
        source = sources()[name]
        commit = _commit(path)
        if commit and commit != source.commit:
            yield f"{source.repository} is at {commit[:12]}, pinned is {source.commit[:12]}"


def _commit(path: Path) -> str:
    if not (path / ".git").exists():
        return ""
    command = ["git", "-C", str(path), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def _codes(found: Mapping[str, Path], folder: Path) -> tuple[str, list[int]]:
    """Return the table of internal codes, and the numbers that no English words are known for."""
    lines = (line.split("\t") for line in (folder / "meanings.tsv").read_text("utf-8").splitlines())
    meanings = {int(number): words for number, words in lines}
    known = manuals.read(found["samples"])
    rows = (
        f"{each.number}\t{each.message}\t{meanings[each.number]}\t{' '.join(each.products)}\n"
        for each in known
        if each.number in meanings
    )
    return "".join(rows), [each.number for each in known if each.number not in meanings]


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
