"""What the sandbox says it simulates, held against the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wechatpay.sandbox import coverage

from .asked import VARIABLE

_FOLDER = Path(__file__).parent
_LEFT_OUT = ("test_asked.py", "test_mangled.py", "test_page_browser.py", "test_documented.py")


def test_there_are_enough() -> None:
    """At least 200 endpoints are simulated."""
    assert sum(each.level == "simulated" for each in coverage()) >= 200


@pytest.mark.soak
@pytest.mark.skipif("SOAK" not in os.environ, reason="all tests of the sandbox: make soak")
def test_every_simulated_endpoint_is_asked(tmp_path: Path) -> None:
    """Some test asks each of them: what is to change something does, and the others answer."""
    file = tmp_path / "asked"
    ignored = [f"--ignore={_FOLDER / name}" for name in _LEFT_OUT]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ignored, str(_FOLDER)],
        env={**os.environ, VARIABLE: str(file), "SOAK": "1"},
        cwd=_FOLDER.parents[1],
        capture_output=True,
        check=False,
    )
    asked = set(file.read_text().splitlines())
    told = {f"{each.verb} {each.path}" for each in coverage() if each.level == "simulated"}
    old = {each for each in told if " v2/" in each}  # these are answered by another way
    assert told - old - asked == set()
