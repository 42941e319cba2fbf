"""Coverage watches each line while a test runs, and makes it take twice as long.

What a test marked `untraced` runs is run by others too, so that nothing is lost if it is not
watched. Neither is pytest, while it makes the tests of a module. What the package imports only when
it is needed is imported before: its first lines run once.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest

import wechatpay

_LATER = ("__main__", "_codegen", "_pyinstaller", "cli", "contrib", "demo", "testing", "types")
for _module in walk_packages(wechatpay.__path__, "wechatpay."):
    if not {*_LATER} & {*_module.name.split(".")}:
        with suppress(ImportError):  # of an extra that is not installed
            import_module(_module.name)


@contextmanager
def untraced() -> Generator[None]:
    """Have coverage not watch this thread, and those that are started meanwhile."""
    here, there = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(here)
        threading.settrace(there)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run what is marked without being watched."""
    if item.get_closest_marker("untraced") is None:
        return (yield)
    with untraced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    """Make tests without being watched; their module has been imported before."""
    with untraced():
        return (yield)
