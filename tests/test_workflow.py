"""The workflow on GitHub does what `make` does, on the Pythons that the package promises."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYTHONS = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)
# What reads YAML has no types of its own.
WORKFLOW: Any = import_module("yaml").safe_load(TEXT)
JOBS: Any = WORKFLOW["jobs"]


def runs(job: str) -> list[str]:
    """Return what a job's steps run."""
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def python(job: str) -> str:
    """Return the version that a job sets up, if it is one."""
    [setup] = [step for step in JOBS[job]["steps"] if "setup-python" in step.get("uses", "")]
    version: str = setup["with"]["python-version"]
    return version


def test_every_python_is_tested() -> None:
    """The versions tested, on two systems, are those that the classifiers name."""
    matrix = JOBS["pythons"]["strategy"]["matrix"]
    assert [*matrix["python"], python("newest")] == PYTHONS
    assert matrix["system"] == ["ubuntu-latest", "macos-latest"]
    assert JOBS["newest"]["strategy"]["matrix"]["system"] == matrix["system"]
    assert (runs("pythons"), runs("newest")) == (["make test"], ["make core"])


def test_the_oldest_is_the_one_required() -> None:
    """The first version is the least that is required; the oldest libraries are tried on it."""
    assert f'requires-python = ">={PYTHONS[0]}"' in PROJECT
    assert python("lowest") == PYTHONS[0]
    assert runs("lowest") == ["make core LOWEST=1"]


def test_windows_is_tried_from_the_oldest_to_the_newest() -> None:
    """On Windows the library itself is tested, on the first Python, the last, and one between."""
    tried = JOBS["windows"]["strategy"]["matrix"]["python"]
    assert (tried[0], tried[-1]) == (PYTHONS[0], PYTHONS[-1])
    assert set(tried) <= set(PYTHONS)
    assert runs("windows") == ["make core PYTHON=python"]


def test_what_a_change_must_pass_is_run() -> None:
    """A change is judged on GitHub by what it is judged by here, and its wheel is tried."""
    assert runs("everything") == ["bash .ci/run", "make dist"]
    assert python("everything") in PYTHONS


def test_it_is_run_for_every_change_and_weekly() -> None:
    """A week's releases of others are met on Monday; `on` is YAML's word for true."""
    assert set(WORKFLOW[True]) == {"push", "pull_request", "schedule"}
    assert JOBS["soak"]["if"] == "github.event_name == 'schedule'"


def test_the_targets_exist() -> None:
    """Every target of `make` that a step or `.ci/run` calls is one that the Makefile has."""
    targets = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    called = [*script.splitlines(), *(one for job in JOBS for one in runs(job))]
    made = [one.split()[1:] for one in called if one.startswith("make ")]
    named = {word for words in made for word in words if "=" not in word}
    checked = {"demo", "lint", "typing", "docs", "pyright", "mypy", "test"}
    assert named == {*checked, "dist", "core", "soak"}
    assert named <= set(targets)


def test_actions_are_pinned() -> None:
    """Actions of others are named by a whole commit, with the version beside it."""
    used = re.findall(r"uses: *(.*)", TEXT)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_a_token_can_only_read() -> None:
    """The workflow's token may read the repository and no more, and is not left on the disk."""
    assert "permissions:\n  contents: read\n" in TEXT
    assert all("permissions" not in job for job in JOBS.values())
    assert TEXT.count("persist-credentials: false") == len(JOBS)
