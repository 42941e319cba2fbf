"""Clean environments: one for each Python, with nothing but what is released and what it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

__all__ = ["Runner", "completeness", "pythons", "run", "sbom", "supported", "try_out"]

Runner = Callable[[Sequence[str], Path], str]
"""Runs a command in a directory, and returns what it prints."""

_ROOT = Path(__file__).parents[1]
_SCORE = re.compile(r"Type completeness score: ([\d.]+)%")


def run(command: Sequence[str], directory: Path) -> str:
    """Run a command, which finds nothing of the checkout, and return what it prints.

    Raises:
        RuntimeError: It failed; the message has what it printed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def supported(project: str) -> list[str]:
    """Return the versions of Python that a `pyproject.toml` names."""
    return re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)


def pythons(versions: Sequence[str], home: Path | None = None) -> Iterator[tuple[str, str]]:
    """Yield each version that is on this machine, and its interpreter.

    Args:
        versions: Such as ``3.10``.
        home: Where pyenv keeps its own; by default as pyenv has it.
    """
    home = home or Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for version in versions:
        kept = sorted((home / "versions").glob(f"{version}.*/bin/python"))
        found = str(kept[-1]) if kept else shutil.which(f"python{version}")
        if found:
            yield version, found


def try_out(python: str, released: Path, version: str, within: Path, runner: Runner = run) -> Path:
    """Install a wheel or an sdist into an environment of its own, and use it.

    Args:
        python: The interpreter.
        released: The file.
        version: What it has to say of itself.
        within: A directory, in which the environment is made.
        runner: Runs the commands.

    Returns:
        The environment's interpreter.

    Raises:
        RuntimeError: Something failed.
    """
    runner([python, "-m", "venv", "--clear", str(within / "venv")], within)
    inside = within / "venv" / "bin" / "python"
    runner([str(inside), "-m", "pip", "install", "--quiet", str(released.resolve())], within)
    runner([str(inside), "-m", "pip", "check"], within)
    smoke = shutil.copy(_ROOT / "release" / "smoke.py", within)
    # -I: neither the directory nor the user's own packages are looked into.
    runner([str(inside), "-I", "-W", "error", str(smoke), version], within)
    return inside


def try_extras(python: str, released: Path, within: Path, runner: Runner = run) -> None:
    """Install a wheel with what the command line needs, and use that.

    Args:
        python: The interpreter.
        released: The wheel.
        within: A directory, in which the environment is made.
        runner: Runs the commands.

    Raises:
        RuntimeError: Something failed.
    """
    runner([python, "-m", "venv", "--clear", str(within / "extras")], within)
    inside = str(within / "extras" / "bin" / "python")
    wanted = f"{released.resolve()}[cli,sandbox]"
    runner([inside, "-m", "pip", "install", "--quiet", wanted], within)
    for command in (["request", "--help"], ["api", "search", "refund"], ["demo"]):
        runner([inside, "-I", "-m", "wechatpay", *command], within)


def completeness(python: Path, within: Path, runner: Runner = run) -> float:
    """Return how many percent of the installed package's public names have a known type.

    Args:
        python: The interpreter of the environment that it is installed in.
        within: A directory that is not the checkout.
        runner: Runs the commands.

    Raises:
        RuntimeError: It is less than all; the message says which names.
    """
    runner([str(python), "-m", "pip", "install", "--quiet", "pyright[nodejs]"], within)
    # It looks for the package where the `python` of the path has its own, and nowhere else.
    path = f"PATH={python.parent}{os.pathsep}{os.environ['PATH']}"
    checker = ["env", path, str(python), "-m", "pyright", "--verifytypes", "wechatpay"]
    said = runner([*checker, "--ignoreexternal"], within)
    score = _SCORE.search(said)
    if not score or float(score[1]) < 100:
        raise RuntimeError(said)
    return float(score[1])


def sbom(python: Path, into: Path, runner: Runner = run) -> None:
    """Write what an environment holds, as CycloneDX's JSON.

    Args:
        python: Its interpreter, with nothing installed but what is released and what it needs.
        into: The file.
        runner: Runs the commands.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", str(python)]
    options = ["--output-reproducible", "--of", "JSON", "-o", str(into.resolve())]
    runner([*command, *options], into.parent)
