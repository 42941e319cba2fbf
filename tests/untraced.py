"""Coverage watches tests and fixtures alone, and not the tests that are marked `untraced`.

What it watches takes twice as long. So it watches neither pytest nor hypothesis, which have much to
do for ten thousand tests, nor state machines, which unittest runs: of each line of theirs there is
a test that says what it does. What a test marked `untraced` runs is run by others too, so that
nothing is lost if it is not watched. What the package imports only when it is needed is imported
before: its first lines run once.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import wraps
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from watching import Watch, untraced

import wechatpay

_LATER = ("__main__", "_codegen", "_pyinstaller", "cli", "contrib", "demo", "testing", "types")
for _module in walk_packages(wechatpay.__path__, "wechatpay."):
    if not {*_LATER} & {*_module.name.split(".")}:
        with suppress(ImportError):  # of an extra that is not installed
            import_module(_module.name)


def pytest_configure(config: pytest.Config) -> None:
    """Stop watching a process that gives tests to others and runs none itself."""
    if config.getoption("numprocesses", None):
        sys.settrace(None)
        threading.settrace(None)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    """Make tests without being watched; their module has been imported before."""
    with untraced():
        return (yield)


def pytest_collection_finish() -> None:
    """Have the garbage collector look no more at all that is there from now on."""
    gc.freeze()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop() -> Generator[None, Any, Any]:
    """Run what follows without being watched, unless it says otherwise."""
    Watch.functions = sys.gettrace(), threading.gettrace()
    with Watch.off():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup() -> Generator[None, Any, Any]:
    """Watch a fixture."""
    with Watch.on():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Watch a test, unless it is marked; where hypothesis makes the examples, each of them."""
    if pyfuncitem.get_closest_marker("untraced") is not None:
        return (yield)
    given = getattr(pyfuncitem.obj, "hypothesis", None)
    if given is None:
        with Watch.on():
            return (yield)
    test = given.inner_test
    given.inner_test = _watched(test)
    try:
        return (yield)
    finally:
        given.inner_test = test


def _watched(test: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(test)
    def watched(*arguments: Any, **named: Any) -> Any:
        with Watch.on():
            return test(*arguments, **named)

    return watched


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, Any, Any]:
    """Watch what fixtures do in the end."""
    with Watch.on():
        return (yield)
