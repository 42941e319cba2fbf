"""The two READMEs: what they show runs, and both say the same."""

from __future__ import annotations

import ast
import importlib.util
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wechatpay import WeChatPay
from wechatpay.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
EITHER = pytest.mark.parametrize("name", READMES)
Run = Callable[[str], dict[str, Any]]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    """Return a README."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """Return a README's code in a language."""
    return [code for kind, code in _FENCE.findall(text(name)) if kind == language]


def prose(name: str) -> str:
    """Return a README without its code."""
    return _FENCE.sub("", text(name))


@pytest.fixture
def run(merchant: None) -> Iterator[Run]:
    """Run a README's examples, one after another, and return the names they leave behind."""
    names: dict[str, Any] = {}
    logger = logging.getLogger("wechatpay")
    level = logger.level

    def all_of(name: str) -> dict[str, Any]:
        for code in blocks(name, "python"):
            # Padding makes the line numbers of a traceback those of the README.
            line = text(name)[: text(name).index(code)].count("\n")
            exec(compile("\n" * line + code, name, "exec"), names)
        return names

    yield all_of
    logger.setLevel(level)
    for one in names.values():
        if isinstance(one, (Sandbox, WeChatPay)):
            one.close()


@EITHER
def test_examples_run(name: str, run: Run) -> None:
    """Every example runs, in order, and reaches nothing but this machine."""
    names = run(name)
    assert names["paid"]["trade_state"] == "SUCCESS"
    assert names["code_url"].startswith("weixin://")
    with Sandbox() as another:
        names["test_a_lost_answer_is_asked_for_again"](another)


@EITHER
def test_what_the_examples_print(name: str, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The order that is closed after it was paid shows what WeChat Pay says to that."""
    run(name)
    printed = capsys.readouterr().out
    assert "400 " in printed
    assert "query first" not in printed


@EITHER
def test_a_forged_notification_is_refused(name: str, run: Run) -> None:
    """The example that takes notifications answers 401 to one that nobody signed."""
    assert run(name)["notified"]({}, b"{}").status == 401


def test_both_run_the_same_code() -> None:
    """The examples differ in their comments only."""
    english, chinese = (
        [ast.dump(ast.parse(code)) for code in blocks(name, "python")] for name in READMES
    )
    assert english == chinese


def test_both_have_the_same_shell_lines() -> None:
    """The commands differ in their comments only."""
    english, chinese = (
        [re.sub(r" *#.*", "", code) for code in blocks(name, "sh")] for name in READMES
    )
    assert english == chinese


def test_both_have_the_same_structure() -> None:
    """Headings, rows of tables and items of lists correspond one to one."""
    english, chinese = (
        re.findall(r"^#+ |^\||^- |^\*\*", prose(name), re.MULTILINE) for name in READMES
    )
    assert english == chinese


def test_both_speak_of_the_same_names() -> None:
    """What is set as code outside the examples is the same in both."""
    english, chinese = (set(re.findall(r"`[^`\n]+`", prose(name))) for name in READMES)
    assert english == chinese


@EITHER
def test_commands_exist(name: str) -> None:
    """Every `make` target, module to run and extra to install that is named is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    assert {"demo", "test", "bench"} <= set(re.findall(r"[`\n]make (\w+)", text(name))) <= targets
    for module in re.findall(r"python -m ([\w.]+)", text(name)):
        assert importlib.util.find_spec(module) is not None
    for extra in re.findall(r"wechatpay-openapi\[(\w+)\]", text(name)):
        assert f"\n{extra} = [" in project


@EITHER
def test_links_lead_somewhere(name: str) -> None:
    """Links into the project lead to what is there."""
    for link in re.findall(r"\]\(([^)]+)\)", prose(name)):
        assert (ROOT / link).exists()


@EITHER
def test_every_variable_is_listed(name: str) -> None:
    """The variables that the README lists are those that `from_env` names."""
    documented = re.findall(r"`(?:WECHATPAY)?(_[A-Z0-9_]+)`", WeChatPay.from_env.__doc__ or "")
    listed = re.findall(r"`WECHATPAY(_[A-Z0-9_]+)`", prose(name))
    assert set(listed) == set(documented)
