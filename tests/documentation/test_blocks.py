"""The blocks of the READMEs and of all pages, as a reader takes them: typed, and pasted."""

from __future__ import annotations

import os
import re
from code import InteractiveConsole
from pathlib import Path
from typing import Any

import pytest

from docs.builder.staging import DOCS, pages
from wechatpay import WeChatPay, api
from wechatpay.cli.assistant import folder
from wechatpay.sandbox import Sandbox

from .checking import check, endpoints_module, page_module
from .markdown import code, prose, text

ROOT = DOCS.parent
READMES = ("README.md", "README.zh-CN.md")
NAMES = sorted(pages("en"))
TYPED = "typing"  # its errors are meant
SKILL = sorted(folder().rglob("*.md"))
EVERY = 1 if os.environ.get("SOAK") else 40


def module_of(name: str) -> str:
    """Return the name of the module that a page's blocks are."""
    return f"{name.replace('-', '_')}_page"


@pytest.mark.checkers
def test_blocks_are_typed(tmp_path: Path) -> None:
    """No checker has a complaint about any block, but for the three that the page on types shows.

    It is one test, so that each checker is started once only.
    """
    modules = {module_of(name): page_module(text("en", name)) for name in NAMES}
    modules["readme"] = page_module((ROOT / "README.md").read_text("utf-8"), "")
    for path in SKILL:
        modules[f"skill_{path.stem.lower()}"] = page_module(path.read_text("utf-8"), "")
    called = [one for one in api.endpoints() if not one.options.browser_redirect]
    modules["endpoint_pages"] = endpoints_module(called[::EVERY])
    complaints = check(modules, tmp_path)
    for module in modules:
        if module != module_of(TYPED):
            assert not complaints.of(module)
    lines = modules[module_of(TYPED)].splitlines()
    calls = [number for number, line in enumerate(lines, 1) if line.startswith("wxpay.")][:3]
    for said in complaints:
        reported = {int(one) for one in re.findall(r"/typing_page\.py:(\d+):.*error", said)}
        assert all(reported & {call, call + 1, call + 2} for call in calls)


class Prompt(InteractiveConsole):
    """Python's own prompt up to 3.12: a block that is pasted arrives line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong = ""

    def write(self, data: str) -> None:
        """Keep what would be shown as an error."""
        self.wrong += data


@pytest.mark.parametrize("name", READMES)
def test_blocks_can_be_pasted(
    name: str, merchant: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each block of a README, pasted at the prompt line by line, is taken without an error."""
    prompt = Prompt()
    for block in code((ROOT / name).read_text("utf-8")):
        for line in (*block.splitlines(), ""):
            prompt.push(line)
    for one in prompt.locals.values():
        if isinstance(one, (Sandbox, WeChatPay)):
            one.close()
    assert not prompt.wrong
    printed = capsys.readouterr().out
    assert "weixin://" in printed
    assert "SUCCESS" in printed


@pytest.mark.parametrize("name", READMES)
def test_the_test_stands_alone(name: str) -> None:
    """The block with a pytest test imports all that it names."""
    block = next(one for one in code((ROOT / name).read_text("utf-8")) if "def test_" in one)
    names: dict[str, object] = {}
    exec(compile(block, name, "exec", dont_inherit=True), names)
    test = names["test_a_lost_answer_is_asked_for_again"]
    with Sandbox() as sandbox:
        assert callable(test)
        test(sandbox)


@pytest.mark.parametrize("path", SKILL, ids=lambda path: path.name)
def test_the_skills_blocks_run(path: Path) -> None:
    """The code from which coding agents learn runs as it stands, a page's blocks in their order."""
    names: dict[str, Any] = {}
    for block in code(path.read_text("utf-8")):
        exec(compile(block, path.name, "exec", dont_inherit=True), names)
    for name, one in list(names.items()):
        if name.startswith("test_"):
            with Sandbox() as sandbox:
                one(sandbox)
    for one in names.values():
        if isinstance(one, (Sandbox, WeChatPay)):
            one.close()


@pytest.mark.parametrize("path", [*(ROOT / one for one in READMES), *sorted(DOCS.glob("*.md"))])
def test_an_amount_says_its_unit(path: Path) -> None:
    """Whoever sees 100 for the first time reads that it is fen."""
    for line in path.read_text("utf-8").splitlines():
        if re.search(r"[\"']total[\"'](:| =>) ?100\b", line):
            assert "fen" in line or "分" in line


@pytest.mark.parametrize("path", [ROOT / READMES[1], *sorted(DOCS.glob("*.zh-CN.md"))])
def test_chinese_pages_link_to_chinese_pages(path: Path) -> None:
    """A link on a Chinese page leads to the Chinese page where there is one."""
    for link in re.findall(
        r"(?<!\[English)\]\((?!http)([^)#]+\.md)", prose(path.read_text("utf-8"))
    ):
        twin = path.parent / link.replace(".md", ".zh-CN.md")
        assert ".zh-CN." in link or not twin.exists()
