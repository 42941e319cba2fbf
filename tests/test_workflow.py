"""The workflow on GitHub does what `make` does, on the Pythons that the package promises."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def matrix() -> list[str]:
    """Return the versions that the workflow runs on."""
    found = re.search(r"^ +python: \[(.*)\]$", WORKFLOW, re.MULTILINE)
    assert found
    return re.findall(r'"([\d.]+)"', found[1])


def runs() -> list[str]:
    """Return what the workflow's steps run."""
    return re.findall(r"^ +(?:- )?run: *(.*)$", WORKFLOW, re.MULTILINE)


def test_matrix_is_the_classifiers() -> None:
    """The versions tested are those that the classifiers name, no more and no fewer."""
    classifiers = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)
    assert matrix() == classifiers


def test_the_oldest_is_the_one_required() -> None:
    """The first version tested is the least that `requires-python` asks for."""
    assert f'requires-python = ">={matrix()[0]}"' in PROJECT


def test_steps_only_call_make() -> None:
    """Every step that runs something is one call of a target that the Makefile has."""
    targets = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
    assert runs()
    for run in runs():
        command, *named = run.split()
        assert command == "make"
        assert set(named) <= set(targets)


def test_everything_that_a_change_must_pass_is_run() -> None:
    """Style, types, tests and the demo are all run, as `.ci/run` does."""
    assert runs() == ["make demo", "make lint", "make typecheck", "make test"]


def test_actions_are_pinned() -> None:
    """Actions of others are named by a whole commit, with the version beside it."""
    used = re.findall(r"uses: *(.*)", WORKFLOW)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_a_token_can_only_read() -> None:
    """The workflow's token may read the repository and no more, and is not left on the disk."""
    assert "permissions:\n  contents: read\n" in WORKFLOW
    assert "persist-credentials: false" in WORKFLOW
