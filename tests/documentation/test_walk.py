"""The newcomer's walk: what the first page says to type, typed into an empty directory."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from patience import LONG

from docs.builder.words import LANGUAGES, Language

from .markdown import Block, blocks, text

EITHER = pytest.mark.parametrize("language", LANGUAGES)
CLEAN = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"  # whatever fails, nothing goes on


def steps(language: Language) -> list[Block]:
    """Return the page's blocks, from what installs the package to what is run last."""
    found = blocks(text(language, "start"))
    last = max(number for number, one in enumerate(found) if one.kind == "sh")
    return found[: last + 1]


def documents(output: str) -> list[Any]:
    """Return the JSON that was printed to no terminal: one answer's body after the other."""
    found: list[Any] = []
    while output:
        document, end = json.JSONDecoder().raw_decode(output)
        found.append(document)
        output = output[end:].lstrip()
    return found


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a newcomer has once the package is installed, and nothing else: two commands."""
    commands = tmp_path / "bin"
    commands.mkdir()
    interpreter = shlex.quote(sys.executable)
    for name, program in (("python", ""), ("wechatpay", "-m wechatpay")):
        command = commands / name
        command.write_text(f'#!/bin/sh\nexec {interpreter} {program} "$@"\n', "utf-8")
        command.chmod(0o755)
    path = os.pathsep.join((str(commands), os.defpath))
    return {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path) -> Callable[[str], str]:
    """Types commands into a shell, in an empty directory, and returns what they print."""
    home = tmp_path / "empty"
    home.mkdir()

    def type_them(commands: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{CLEAN}\n{commands}"],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return type_them


def test_from_an_empty_directory_to_a_paid_order(
    shell: Callable[[str], str], tmp_path: Path
) -> None:
    """Every command as it stands there, in its order; an order is paid twice."""
    install, walk, program, run = steps("en")
    assert "pip install" in install.text  # this environment has it installed
    assert (program.kind, run.text) == ("python", "python first.py\n")
    *_, asked = documents(shell(walk.text + "wait\n"))
    (tmp_path / "empty" / "first.py").write_text(program.text, "utf-8")
    said = shell(run.text)
    assert asked["trade_state"] == "SUCCESS"
    assert said == "支付成功\n"


def walk_of(readme: str) -> str:
    """Return what a README says to type."""
    source = (Path(__file__).parents[2] / readme).read_text("utf-8")
    (walk,) = (one.text for one in blocks(source) if one.text.startswith("mkdir "))
    return walk


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_walk_of_the_readme(readme: str) -> None:
    """What the README says to type is what the first page says, which is run."""
    assert walk_of(readme) == steps("en")[1].text


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page calls the shop with curl")
def test_the_steps_of_the_examples(shell: Callable[[str], str], tmp_path: Path) -> None:
    """The page about the examples, pasted: an order is placed in the shop, and is paid."""
    first, shop = (one.text for one in blocks(text("en", "examples")) if one.kind == "sh")
    install, _, rest = first.partition("\n")
    assert install.startswith("pip install")  # this environment has it installed
    (tmp_path / "empty" / "examples").symlink_to(Path(__file__).parents[2] / "examples")
    port = str(free_port())
    said = shell(f"export SHOP_PORT={port}\n{rest}{shop.replace('8000', port)}")
    assert '"getBrandWCPayRequest"' in said
    assert '"state":"paid"' in said


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_both_languages_type_the_same() -> None:
    """The commands are the same in both languages."""
    typed = [[one.text for one in steps(each) if one.kind == "sh"] for each in LANGUAGES]
    assert typed[0] == typed[1]
