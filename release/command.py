"""The command `python -m release`: build, look, try, list."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from .changelog import ChangelogError, check_tag, read
from .contents import problems
from .environments import (
    Runner,
    completeness,
    pythons,
    run,
    sbom,
    supported,
    try_extras,
    try_out,
)

__all__ = ["main", "version_of"]

ROOT = Path(__file__).parents[1]


def version_of(root: Path) -> str:
    """Return the package's version, from the one place where it is written."""
    found = re.search(r'__version__ = "(.+)"', (root / "wechatpay" / "_version.py").read_text())
    if not found:
        raise ValueError("wechatpay/_version.py names no version")
    return found[1]


def main(arguments: list[str] | None = None, runner: Runner = run) -> int:
    """Make what is released, in `dist`, and return 0, or 1 if anything is wrong with it.

    Args:
        arguments: The command's; default: those of the process.
        runner: Runs the commands.
    """
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="where the files go")
    parser.add_argument("--tag", help="the tag that is released: it has to fit the changelog")
    parser.add_argument(
        "--surface", action="store_true", help="write the public names anew, and make nothing"
    )
    parser.add_argument(
        "--released", action="store_true", help="with --surface: keep the endpoints of now"
    )
    chosen = parser.parse_args(arguments)
    if chosen.surface:
        from .surface import write

        for line in write(released=chosen.released):
            _say(line)
        return 0
    try:
        _make(chosen.into, chosen.tag, runner)
    except (ChangelogError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _make(into: Path, tag: str | None, runner: Runner) -> None:
    version = version_of(ROOT)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    read(changelog)
    if tag:
        check_tag(changelog, version, tag)
        # griffe is needed where something is released, and nowhere else.
        from .surface import ENDPOINTS, check_endpoints, endpoints

        before = ENDPOINTS.read_text("utf-8").splitlines()
        check_endpoints(read(changelog)[1], before, endpoints(ROOT))
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    python = sys.executable
    # Not isolated, so that the wheel is packed by what the group dev has for it.
    runner([python, "-m", "build", "--no-isolation", "--outdir", str(into), str(ROOT)], ROOT)
    files = [*into.glob("*.whl"), *into.glob("*.tar.gz")]
    runner([python, "-m", "twine", "check", "--strict", *map(str, files)], ROOT)
    # W002: generated stand-ins for types are the same; W004: PyInstaller's own way of naming hooks.
    wheels = [str(file) for file in files if file.suffix == ".whl"]
    checked = [python, "-m", "check_wheel_contents", "--ignore", "W002,W004", *wheels]
    runner(checked, ROOT)
    for file in into.glob("*.tar.gz"):
        # Nobody's address stands for a project; questions go where [project.urls] leads.
        rated = [python, "-m", "pyroma", "--min", "9", "--skip-tests", "AuthorEmail", "--file"]
        runner([*rated, str(file)], ROOT)
    wrong = [line for file in files for line in problems(file)]
    if wrong:
        raise RuntimeError("\n".join(wrong))
    with tempfile.TemporaryDirectory() as temporary:
        within = Path(temporary)
        inside = _try_all(files, version, within, runner)
        list_of_parts = into / f"wechatpay_openapi-{version}.cdx.json"
        sbom(inside, list_of_parts, runner)
        _say(f"{list_of_parts.name} lists what it needs")
        _say(f"{completeness(inside, within, runner):g} % of the public names are typed")


def _try_all(files: list[Path], version: str, within: Path, runner: Runner) -> Path:
    inside = None
    for number, python in pythons(supported((ROOT / "pyproject.toml").read_text("utf-8"))):
        for file in files:
            inside = try_out(python, file, version, within, runner)
            _say(f"{file.name} works on Python {number}")
        try_extras(python, files[0], within, runner)
        _say(f"its command line works on Python {number}")
    if inside is None:
        raise RuntimeError("none of the supported versions of Python is here")
    return inside


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
