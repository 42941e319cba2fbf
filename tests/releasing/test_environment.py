"""How `make` sets up `.venv`: what it installs, and that it says so."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT

SCRIPT = ROOT / ".ci" / "environment.py"
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def program(command: str) -> str:
    """Return a program that has the script run a command, which is given as Python."""
    return (
        f"import runpy, sys; script = runpy.run_path({str(SCRIPT)!r}); "
        f"script['run']([sys.executable, '-c', {command!r}], script['Path']('.'), beat=0.05)"
    )


def test_a_command_that_goes_on_is_said_to(tmp_path: Path) -> None:
    """What is run is printed first and, for as long as it prints nothing, that it goes on."""
    with subprocess.Popen(
        [sys.executable, "-c", program("input()")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline().endswith("-c 'input()'\n")
        for _ in range(2):  # it waits for as long as these take
            assert re.fullmatch(r"  \d+ s, 0 packages so far\n", process.stdout.readline())
        process.communicate("\n")  # it may say once more that it goes on
    assert process.returncode == 0


def test_a_command_that_fails_ends_it() -> None:
    """The status of what failed is the script's own."""
    done = subprocess.run([sys.executable, "-c", program("raise SystemExit(3)")], check=False)
    assert done.returncode == 3


@pytest.mark.parametrize("has_uv", [True, False])
def test_much_is_installed_by_uv_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_uv: bool
) -> None:
    """It takes a quarter of pip's time, from the index that pip is told of; else pip does it."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "")
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    python, log = tmp_path / "python", tmp_path / "log"
    failing = "false" if has_uv else "true"
    python.write_text(
        f"#!/bin/sh\necho $UV_DEFAULT_INDEX $2 $3 $4 >> {log}\n"
        f"""[ $4 != list ] || echo "global.index-url='https://mirror.example/simple'"\n"""
        f"! {{ [ $2 = uv ] && {failing}; }}\n"
    )
    python.chmod(0o755)
    runpy.run_path(str(SCRIPT))["install"](str(python), tmp_path, ["wechatpay"], many=True)
    mirrored = "https://mirror.example/simple"
    assert log.read_text().splitlines() == [
        "pip config list",
        f"{mirrored} pip install --quiet",
        f"{mirrored} uv pip install",
        *([] if has_uv else [f"{mirrored} pip install --quiet"] * 2),
    ]


@pytest.mark.parametrize("folder", ["lib/python3.12/site-packages", "Lib/site-packages"])
def test_installed_packages_are_listed(folder: str, tmp_path: Path) -> None:
    """An environment's packages are told by their names, on Windows as elsewhere."""
    for name in ("typing_extensions-4.16.0", "anyio-4.1", "MarkupSafe-3.0.4"):
        (tmp_path / folder / f"{name}.dist-info").mkdir(parents=True)
    code = f"import runpy; from pathlib import Path; f = runpy.run_path({str(SCRIPT)!r})"
    code += f"['installed']; print(*f(Path({str(tmp_path)!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["anyio", "MarkupSafe", "typing_extensions"]


def test_what_it_is_developed_with_is_no_extra() -> None:
    """Users see only the extras that they may want; the rest is a dependency group."""
    extras = PROJECT.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    groups = PROJECT.partition("[dependency-groups]")[2].partition("\n[")[0]
    assert "pytest" not in extras
    assert "dev = [" in groups
    assert '"pytest>=' in groups


def test_the_oldest_that_is_allowed() -> None:
    """Each library that the package or an extra needs is asked for in its least version."""
    oldest = runpy.run_path(str(SCRIPT))["lowest"](PROJECT)
    assert "httpx==0.27" in oldest
    assert "starlette==0.40" in oldest
    assert not [one for one in oldest if one.startswith(("pytest", "wechatpay", "hatchling"))]
