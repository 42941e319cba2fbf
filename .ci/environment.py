"""Make a virtual environment and install this package into it: needs Python alone.

    python3 .ci/environment.py .venv --extra sandbox
    python3 .ci/environment.py .venv --extra all --group dev --lowest

What is run is printed before it runs, and while it runs, every few seconds, how far it has come:
pip says nothing for long when it writes to no terminal.
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


def run(command: Sequence[str], venv: Path, beat: float = BEAT) -> None:
    """Run a command and say that it goes on; end with its status if it fails."""
    print(f"$ {shlex.join(command)}", flush=True)
    started = time.monotonic()
    with subprocess.Popen(command) as process:
        while True:
            try:
                status = process.wait(beat)
            except subprocess.TimeoutExpired:
                seconds, packages = time.monotonic() - started, len(installed(venv))
                print(f"  {seconds:.0f} s, {packages} packages so far", flush=True)
            else:
                break
    if status:
        raise SystemExit(status)


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
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not Path(python).exists():
        print(f"A virtual environment for Python {sys.version.split()[0]}:", flush=True)
        run([sys.executable, "-m", "venv", str(venv)], venv)
    wanted = f"the extra `{options.extra}`"
    group: list[str] = []
    if options.group:
        run([*install, "pip>=25.1"], venv)  # the first that knows groups
        wanted, group = f"{wanted} and the group `{options.group}`", ["--group", options.group]
    if options.lowest:
        oldest = venv / "lowest.txt"
        oldest.write_text("\n".join(lowest(Path("pyproject.toml").read_text("utf-8"))))
        group += ["--constraint", str(oldest)]
    print(f"This package with {wanted} of pyproject.toml:", flush=True)
    run([*install, "--editable", f".[{options.extra}]", *group], venv)
    print(f"Installed: {', '.join(installed(venv))}", flush=True)


if __name__ == "__main__":
    main()
