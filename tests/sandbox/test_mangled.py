"""Whatever people read may be reworded: nothing that the sandbox does changes by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from soak import TIMES
from watching import untraced

from .mangling import copy, mangled

_FAMILIES = "payments refunds fields v2_orders family"
_SOME = [f"tests/sandbox/test_{name}.py" for name in _FAMILIES.split()]
"""What is run each time; `make soak` runs all tests of the sandbox so, but those of its browser."""
_OTHERS = ("test_mangled.py", "test_page_browser.py")
_OPTIONS = (
    *("-p", "no:cacheprovider", "-m", "not words"),
    *(f"--ignore=tests/sandbox/{name}" for name in _OTHERS),
)


@pytest.fixture(scope="module")
def nonsense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy."""
    folder = tmp_path_factory.mktemp("nonsense")
    with untraced():
        assert copy(folder) > 2000
    return folder


@pytest.mark.soak
def test_nothing_hangs_on_a_sentence(nonsense: Path) -> None:
    """With nonsense for every sentence of words and data, all tests of behaviour pass."""
    tests = _SOME if TIMES == 1 else ["tests/sandbox"]
    # In the copy's folder, the copy is what is imported.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *tests, *_OPTIONS],
        cwd=nonsense,
        env={**_environment(), "SANDBOX_RUNS": "2", "SOAK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_copy_is_nonsense(nonsense: Path) -> None:
    """What is run is the copy: it says nothing that anybody could read."""
    say = "from wechatpay.sandbox import Sandbox; Sandbox().pay('none')"
    done = subprocess.run(
        [sys.executable, "-c", say], cwd=nonsense, capture_output=True, text=True, check=False
    )
    assert "404 ORDER_NOT_EXIST: ʬʬʬʬʬ" in done.stderr


def test_mangling_keeps_what_is_filled_in() -> None:
    """Nonsense has the same braces and figures as sense."""
    assert mangled("输入源“/{place}{pointer}”: 3 times") == "ʬʬʬ“/{place}{pointer}”: 3 ʬʬʬʬʬ"


def _environment() -> dict[str, str]:
    """The environment, without what pytest has put there for this run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
