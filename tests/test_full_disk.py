"""Downloads into a disk that fills up, and by a process that is killed: really, not by mocks."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from gateway import Answer, Gateway

PROGRAM = """
import os, resource, signal, sys
from wechatpay import WeChatPay

def die(done, total):
    os.kill(os.getpid(), signal.SIGKILL)

full = sys.argv[2] == "full"
if full:
    # No file of this process grows beyond that: the kernel refuses, as a full disk does.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
with WeChatPay("1900000109") as wxpay:
    try:
        wxpay.download(sys.argv[1], "bill.csv", progress=None if full else die)
    except OSError as error:
        print(error.errno)
"""


def download(gateway: Gateway, folder: Path, how: str) -> tuple[int, str, list[str]]:
    """Run the program; return its exit status, what it says, and the names it leaves."""
    gateway.default = Answer(200, b"x" * 1_000_000, signed=False)
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, f"{gateway.url}file", how],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.strip(), [one.name for one in folder.iterdir()]


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals are POSIX's")


def test_a_full_disk_leaves_nothing(gateway: Gateway, tmp_path: Path) -> None:
    """When a file cannot grow any more the error says so, after one request, and none stays."""
    assert download(gateway, tmp_path, "full") == (0, str(errno.EFBIG), [])
    assert len(gateway.requests) == 1


def test_a_killed_process_leaves_no_file_under_the_name(gateway: Gateway, tmp_path: Path) -> None:
    """What is killed half-way leaves at most a part under another name."""
    status, _, names = download(gateway, tmp_path, "killed")
    assert status == -9
    assert "bill.csv" not in names
