"""The benchmarks still run: tiny amounts of everything that is measured, and no figure judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EDITOR = Path(__file__).parents[1] / "benchmarks" / "editor.py"
RUN = Path(__file__).parents[1] / "benchmarks" / "run.py"
TINY = ("--rounds", "1", "--seconds", "0.01", "--calls", "40", "--patience", "0")


def bench(*arguments: str) -> str:
    """Run the benchmarks and return what they print; they exit with 0 unless they are broken."""
    command = [sys.executable, str(RUN), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


NAMES = ("chain", "rsa", "start", "calls", "connections", "memory", "notification")
CASES = ("sync", "sync-order", "latency-50")
TITLES = (
    *("Building paths", "Signing and verifying", "Starting up", "Function calls"),
    *("at most 1.1: PASS", "Connections", "Memory"),
    *("Reading a notification", "times plain cryptography"),
    *("sync, a query (1 round)", "sync, an order (1 round)"),
    "TLS and 50 ms of latency, async, 50 at once (1 round)",
)


def test_they_run() -> None:
    """Every measurement prints its table with the targets in it, and those again at the end."""
    printed = bench(*TINY, "--only", *NAMES, *CASES)
    assert [title for title in TITLES if title not in printed] == []
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
