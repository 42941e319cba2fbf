"""The workflow that publishes: what it may, and what it runs before."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from release.environments import supported

from .conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
TEXT = (FOLDER / "release.yml").read_text("utf-8")
PINNED = r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
# What reads YAML has no types of its own.
WORKFLOW: Any = import_module("yaml").safe_load(TEXT)
JOBS: Any = WORKFLOW["jobs"]
STEPS: list[Any] = [step for job in JOBS.values() for step in job["steps"]]


def test_actions_are_pinned() -> None:
    """Actions of others are named by a whole commit, with the version beside it."""
    used = re.findall(r"uses: *(.*)", TEXT)
    assert len(used) == 6
    for action in used:
        assert re.fullmatch(PINNED, action)


def test_a_release_passes_what_a_change_must_pass() -> None:
    """All of it, on the Python on which changes are judged; then the files are made and tried."""
    assert [step["run"] for step in STEPS if "run" in step] == ["bash .ci/run", "make dist"]
    [judged] = re.findall(r'"(3\.\d+)"\n      - run: bash', (FOLDER / "ci.yml").read_text("utf-8"))
    assert JOBS["dist"]["env"] == {"PYTHON": f"python{judged}"}


def test_only_a_tag_sets_it_off() -> None:
    """Nothing but a tag of a version publishes; `on` is YAML's word for true."""
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}}


def test_only_publishing_has_an_identity() -> None:
    """The job that publishes runs no code of the repository, and has no more than its identity."""
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in JOBS["dist"]
    assert JOBS["publish"]["permissions"] == {"id-token": "write"}
    assert JOBS["publish"]["environment"] == "release"
    assert JOBS["publish"]["needs"] == "dist"
    assert all("run" not in step for step in JOBS["publish"]["steps"])
    assert "password" not in TEXT.replace("no password", "")
    assert "secrets." not in TEXT
    assert "persist-credentials: false" in TEXT


def test_it_is_tried_on_every_python() -> None:
    """The Pythons that are set up are those that the classifiers name."""
    [setup] = [step for step in STEPS if "setup-python" in step.get("uses", "")]
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert setup["with"]["python-version"].split() == supported(project)


def test_what_is_published_is_what_was_tried() -> None:
    """The packages alone go from the job that tried them to the one that publishes."""
    up = [
        step["with"] for step in JOBS["dist"]["steps"] if "upload-artifact" in step.get("uses", "")
    ]
    assert up[0]["path"].split() == ["dist/*.whl", "dist/*.tar.gz"]
    down = JOBS["publish"]["steps"][0]["with"]
    assert down == {"name": up[0]["name"], "path": "dist"}
    assert JOBS["publish"]["steps"][1]["with"] == {"attestations": True}


DOCS: Any = import_module("yaml").safe_load(DOCS_TEXT := (FOLDER / "docs.yml").read_text("utf-8"))


def test_the_site_that_was_checked_is_published() -> None:
    """`make docs` builds it, and a job that runs no code of the repository publishes it."""
    build, publish = DOCS["jobs"]["build"], DOCS["jobs"]["publish"]
    assert [step["run"] for step in build["steps"] if "run" in step] == ["make docs"]
    assert build["steps"][-1]["with"] == {"path": "build/site"}
    assert DOCS["permissions"] == {"contents": "read"}
    assert "permissions" not in build
    assert publish["permissions"] == {"id-token": "write", "pages": "write"}
    assert publish["needs"] == "build"
    assert all("run" not in step for step in publish["steps"])
    assert "secrets." not in DOCS_TEXT
    for action in re.findall(r"uses: *(.*)", DOCS_TEXT):
        assert re.fullmatch(PINNED, action)
