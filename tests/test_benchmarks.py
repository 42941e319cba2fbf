"""The benchmarks still run: tiny amounts of everything that is measured, and no figure judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from soak import TIMES

EDITOR = Path(__file__).parents[1] / "benchmarks" / "editor.py"
RUN = Path(__file__).parents[1] / "benchmarks" / "run.py"
TINY = ("--rounds", "1", "--seconds", "0.01", "--calls", "40", "--patience", "0")


def bench(*arguments: str) -> str:
    """Run the benchmarks and return what they print; they exit with 0 unless they are broken."""
    command = [sys.executable, str(RUN), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


TITLES = {
    "chain": ["Building paths"],
    "sync": ["sync, a query (1 round)"],
    "notification": ["Reading a notification", "times plain cryptography"],
    "calls": ["Function calls", "at most 1.1: PASS"],
    "rsa": ["Signing and verifying"],
    "start": ["Starting up"],
    "connections": ["Connections"],
    "memory": ["Memory"],
    "sync-order": ["sync, an order (1 round)"],
    "latency-50": ["TLS and 50 ms of latency, async, 50 at once (1 round)"],
}
"""What is measured, and what is said of it."""


@pytest.mark.soak
def test_they_run() -> None:
    """Every measurement prints its table with the targets in it, and those again at the end."""
    names = [*TITLES][: 2 if TIMES == 1 else None]
    printed = bench(*TINY, "--only", *names)
    assert [title for name in names for title in TITLES[name] if title not in printed] == []
    assert "targets reached." in printed


def test_default_is_thorough() -> None:
    """Without arguments it takes 31 rounds."""
    assert "rounds (default: 31)" in bench("--help")


@pytest.mark.checkers
def test_the_editor_is_asked() -> None:
    """The benchmark of editors speaks with pyright's server, and prints what each answer took."""
    command = [sys.executable, str(EDITOR), "--rounds", "1", "--only", "pyright"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "signature help, `wxpay.chain(`" in done.stdout
    assert "resolve, `chain` in that popup" in done.stdout
