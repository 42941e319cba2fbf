"""The pages that people write: what they show runs, and both languages say the same."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.builder.staging import DOCS, pages
from docs.builder.words import LANGUAGES, Language
from wechatpay import WeChatPay
from wechatpay.cli._envfile import NAMES as VARIABLES
from wechatpay.sandbox import Sandbox

from .markdown import blocks, code, prose, text

ROOT = DOCS.parent
NAMES = sorted(pages("en"))
IN_EITHER = [(language, name) for language in LANGUAGES for name in sorted(pages(language))]
EITHER = pytest.mark.parametrize(("language", "name"), IN_EITHER)
EACH = pytest.mark.parametrize("name", NAMES)
KINDS = {"python", "sh", "php", "yaml", "{code-block} python", "{toctree}"}
TYPED = "typing"  # its errors are meant: it has a test of its own


@pytest.fixture
def names(merchant: None) -> Iterator[dict[str, Any]]:
    """What the blocks of a page find, and what they leave behind."""
    logger = logging.getLogger("wechatpay")
    level = logger.level
    with Sandbox() as sandbox:
        # Litestar looks a handler's module up.
        module = {"__name__": __name__}
        found: dict[str, Any] = {**module, "sandbox": sandbox, "wxpay": sandbox.client()}
        yield found
        for one in found.values():
            if isinstance(one, (Sandbox, WeChatPay)):
                one.close()
    logger.setLevel(level)


@pytest.mark.parametrize("name", [one for one in NAMES if one != TYPED])
def test_examples_run(name: str, names: dict[str, Any]) -> None:
    """Every block of Python runs, one after another, and reaches nothing but this machine.

    Those of the other language are the same, which has a test of its own.
    """
    for block in blocks(text("en", name)):
        if block.kind == "python":
            # Padding makes the line numbers of a traceback those of the page.
            padded = "\n" * block.line + block.text
            exec(compile(padded, pages("en")[name], "exec", dont_inherit=True), names)


def test_the_rest_of_the_typed_page_runs(names: dict[str, Any]) -> None:
    """What comes after the errors runs where its names are given."""
    first, *others = code(text("en", TYPED))
    compile(first, TYPED, "exec")
    order = {
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000109",
        "description": "QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://www.example.com/wechatpay/notify",
        "amount": {"total": 100, "currency": "CNY"},
    }
    names["wxpay"].v3.pay.transactions.native.post(json=order)
    names["sandbox"].pay(order["out_trade_no"])
    names |= {"order": {**order, "out_trade_no": "1217752501201407033233368020"}}
    names |= {"show": print, "notification": names["sandbox"].notifications[0]}
    for one in others:
        with suppress(AttributeError):  # a delivery is not a notification
            exec(compile(one, TYPED, "exec", dont_inherit=True), names)
    assert names["code_url"].startswith("weixin://")


@EITHER
def test_other_blocks_are_known(language: Language, name: str) -> None:
    """Every fence says what it is; what is another package's Python can at least be read."""
    for block in blocks(text(language, name)):
        assert block.kind in KINDS
        if block.kind == "{code-block} python":
            compile(block.text, name, "exec")


@EITHER
def test_commands_exist(language: Language, name: str) -> None:
    """Every `make` target, module to run and extra to install that is named is there."""
    source = text(language, name)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    targets = re.findall(r"^(\w+):", makefile, re.MULTILINE)
    assert set(re.findall(r"[`\n]make (\w+)", source)) <= set(targets)
    for module in re.findall(r"python -m ([\w.]+)", source):
        assert importlib.util.find_spec(module) is not None
    for extra in re.findall(r"wechatpay-openapi\[(\w+)\]", source):
        assert f"\n{extra} = [" in project


LINK = re.compile(r"https://pay\.weixin\.qq\.com/doc/[\w/]+")


@cache
def official_pages() -> set[str]:
    """Those that the package refers to, in its data and in its docstrings."""
    files = [ROOT / "wechatpay/api/data/endpoints.jsonl", *(ROOT / "wechatpay").rglob("*.py")]
    return {link for file in files for link in LINK.findall(file.read_text("utf-8"))}


@EITHER
def test_official_pages_are_known(language: Language, name: str) -> None:
    """An official page that is linked is one that the package itself refers to."""
    assert set(LINK.findall(text(language, name))) <= official_pages()


def test_every_page_is_there_twice() -> None:
    """A page in one language is there in the other."""
    assert set(pages("en")) == set(pages("zh"))


def without_comments(source: str) -> list[str]:
    """Return what a page's Python is, whatever its comments and texts for people say."""
    return [ast.dump(_without_docstrings(ast.parse(one))) for one in code(source)]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            del node.body[0]
    return tree


@EACH
def test_both_show_the_same_code(name: str) -> None:
    """The blocks correspond one to one, and differ in comments only."""
    english, chinese = text("en", name), text("zh", name)
    assert [one.kind for one in blocks(english)] == [one.kind for one in blocks(chinese)]
    assert without_comments(english) == without_comments(chinese)


@EACH
def test_both_have_the_same_structure(name: str) -> None:
    """Headings, rows of tables, items of lists and pictures correspond one to one."""
    english, chinese = (
        re.findall(r"^#+ |^\||^- |^\d\. |^!\[", prose(text(language, name)), re.MULTILINE)
        for language in LANGUAGES
    )
    assert english == chinese


@EACH
def test_both_link_to_the_same(name: str) -> None:
    """Links lead to the same places."""
    english, chinese = (
        sorted(
            link.replace(".zh-CN", "")
            for link in re.findall(r"\]\(([^)]+)\)", prose(text(language, name)))
        )
        for language in LANGUAGES
    )
    assert english == chinese


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variable_is_listed(language: Language) -> None:
    """The page on keys lists the variables that `from_env` reads, and no others."""
    listed = set(re.findall(r"`WECHATPAY_([A-Z0-9_]+)`", text(language, "keys")))
    documented = set(re.findall(r"`(?:WECHATPAY)?_([A-Z0-9_]+)`", WeChatPay.from_env.__doc__ or ""))
    assert listed == documented == set(VARIABLES)


def test_what_the_page_on_errors_says_is_true() -> None:
    """Every error in its table is one of the package's."""
    import wechatpay

    named = set(re.findall(r"^\| `(\w+)`|, `(\w+Error)` \|", text("en", "calls"), re.MULTILINE))
    errors = {one for pair in named for one in pair if one and one[0].isupper()}
    assert len(errors) > 6
    for one in errors:
        assert inspect.isclass(getattr(wechatpay, one))


def test_pictures_have_a_twin() -> None:
    """A picture is there in both languages, is drawn and loads nothing, or is small."""
    images = {path.name for path in Path(DOCS / "images").iterdir()}
    assert images
    for image in images:
        if ".zh-CN." not in image:
            name, _, kind = image.rpartition(".")
            assert f"{name}.zh-CN.{kind}" in images
        content = (DOCS / "images" / image).read_bytes()
        if image.endswith(".svg"):
            assert content.startswith(b"<svg")
            assert b"href" not in content
        else:
            assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP")
            assert len(content) < 150_000


@EITHER
def test_pictures_that_are_shown_are_there(language: Language, name: str) -> None:
    """A page shows pictures of its own language."""
    for image in re.findall(r"^!\[[^]]+\]\(([^)]+)\)", prose(text(language, name)), re.MULTILINE):
        assert (DOCS / image).is_file()
        assert (".zh-CN." in image) == (language == "zh")
