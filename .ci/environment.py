"""Make a virtual environment and install this package into it: needs Python alone.

    python3 .ci/environment.py .venv --extra sandbox
    python3 .ci/environment.py .venv --extra all --group dev --lowest

What is run is printed before it runs, and while it runs, every few seconds, how far it has come:
installers say nothing for long when they write to no terminal.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

BEAT = 3.0  # seconds
NOT_WITH_THE_OLDEST = "mcp"
"""The extra that is left out where the oldest versions are tried."""


def installed(venv: Path) -> list[str]:
    """Return the names of the packages that are in an environment."""
    found = [*venv.glob("lib/python3*/site-packages/*.dist-info")]
    found += venv.glob("Lib/site-packages/*.dist-info")  # on Windows
    return sorted((each.name.partition("-")[0] for each in found), key=str.casefold)


def lowest(project: str) -> list[str]:
    """Return the oldest versions that a `pyproject.toml` allows of what the package needs."""
    needed = project.partition("\ndependencies = [")[2].partition("\n[dependency-groups]")[0]
    # It wants newer ones of what the others need than these do.
    needed = re.sub(rf"^{NOT_WITH_THE_OLDEST} = .*", "", needed, flags=re.MULTILINE)
    return [f"{name}=={least}" for name, least in re.findall(r'"([\w-]+)>=([\d.]+)', needed)]


def attempt(command: Sequence[str], venv: Path, beat: float = BEAT) -> int:
    """Run a command, say that it goes on, and return its status."""
    print(f"$ {shlex.join(command)}", flush=True)
    started = time.monotonic()
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait(beat)
            except subprocess.TimeoutExpired:
                seconds, packages = time.monotonic() - started, len(installed(venv))
                print(f"  {seconds:.0f} s, {packages} packages so far", flush=True)


def run(command: Sequence[str], venv: Path, beat: float = BEAT) -> None:
    """Run a command and say that it goes on; end with its status if it fails."""
    status = attempt(command, venv, beat)
    if status:
        raise SystemExit(status)


def use_pips_index(python: str) -> None:
    """Have uv, which does not read pip's settings, use the index that they name, if they do."""
    command = [python, "-m", "pip", "config", "list"]
    settings = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for index in re.findall(r"\.index-url='(.*)'", settings)[:1]:
        os.environ.setdefault("UV_DEFAULT_INDEX", index)


def install(python: str, venv: Path, wanted: Sequence[str], *, many: bool) -> None:
    """Install what is wanted with pip; if it is much, with uv, which takes a quarter of the time.

    Where uv is not to be had, or fails, pip does it.
    """
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if many:
        use_pips_index(python)
        uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python]
        if attempt([*pip, "uv"], venv) == attempt([*uv, *wanted], venv) == 0:
            return
        run([*pip, "pip>=25.1"], venv)  # the first that knows groups
    run([*pip, *wanted], venv)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the environment, and install what is asked for."""
    parser = argparse.ArgumentParser(description="Set up a virtual environment.")
    parser.add_argument("venv", type=Path, help="its directory")
    parser.add_argument("--extra", required=True, help="one of the package's extras")
    parser.add_argument("--group", help="a dependency group of pyproject.toml")
    parser.add_argument("--lowest", action="store_true", help="the oldest that is allowed")
    options = parser.parse_args(arguments)
    venv: Path = options.venv
    python = str(venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    if not Path(python).exists():
        print(f"A virtual environment for Python {sys.version.split()[0]}:", flush=True)
        run([sys.executable, "-m", "venv", str(venv)], venv)
    named, wanted = f"the extra `{options.extra}`", ["--editable", f".[{options.extra}]"]
    if options.group:
        named += f" and the group `{options.group}`"
        wanted += ["--group", options.group]
    if options.lowest:
        oldest = venv / "lowest.txt"
        oldest.write_text("\n".join(lowest(Path("pyproject.toml").read_text("utf-8"))))
        wanted += ["--constraint", str(oldest)]
    print(f"This package with {named} of pyproject.toml:", flush=True)
    install(python, venv, wanted, many=options.group is not None)
    print(f"Installed: {', '.join(installed(venv))}", flush=True)


if __name__ == "__main__":
    main()
