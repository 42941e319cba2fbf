"""`llms.txt` and `llms-full.txt`: the pages as text, for whoever reads them by machine.

They are made from the same sources as the site: the written pages, the skill, and the catalogue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wechatpay import api
from wechatpay.cli.assistant import folder

from .descriptions import description_of
from .endpoint_page import name_of
from .staging import DOCS, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["for_assistants"]

_ABOUT = """\
# wechatpay

> WeChat Pay's merchant API (微信支付, APIv3 and APIv2) for Python: the path is the API.
> `pip install wechatpay-openapi`; `wxpay.v3.pay.transactions.native.post(json={…})`, or
> `post_async`. A sandbox is part of it: `from wechatpay.sandbox import Sandbox`. Amounts are in
> fen: 100 is one yuan.

Answers are verified, sensitive fields encrypted, unknown outcomes said to be unknown.
`wechatpay mcp` serves tools, `wechatpay skill install` copies a skill into a project,
`wechatpay api search WORDS` finds endpoints.
"""
_TOCTREE = re.compile(r"^```\{toctree\}\n.*?^```\n", re.MULTILINE | re.DOTALL)
_CHAPTER = re.compile(r":caption: (.+)\n\n((?:[\w-]+\n)+)")
_LINK = re.compile(r"!?\[([^]]*)\]\(([\w./-]+)\.(md|json|svg|webp)(#[\w-]+)?\)")
_CORE = 25


def for_assistants() -> dict[str, str]:
    """Return the text of each file, by its name."""
    return {
        "llms.txt": "\n".join((_ABOUT, *_links())),
        "llms-full.txt": "\n".join((_ABOUT, *_texts(), *_endpoints())),
    }


def _links() -> Iterator[str]:
    index = (DOCS / "index.md").read_text("utf-8")
    for chapter, names in _CHAPTER.findall(index):
        yield f"## {chapter}\n"
        for name in (one for one in names.split() if one in pages("en")):
            text = pages("en")[name].read_text("utf-8")
            yield f"- [{_title(text)}](en/{name}.html): {description_of(name, 'en')}"
        yield ""
    yield "## Endpoints that begin most integrations\n"
    for each in api.likeliest()[:_CORE]:
        yield f"- [{each.verb.upper()} {each.path}](en/{name_of(each)}.html): {each.name}"
    yield "\n## Optional\n"
    yield "- [Everything above in one file](llms-full.txt): all pages, the skill, every endpoint"
    yield "- [中文](zh/index.html): the same pages in Chinese"


def _texts() -> Iterator[str]:
    for path in (folder() / "SKILL.md", *sorted((folder() / "references").iterdir())):
        text = path.read_text("utf-8")
        yield _LINK.sub(_lead, text.partition("\n---\n")[2] or text)
    for name, path in sorted(pages("en").items()):
        if name not in ("index", "endpoints", "reference"):
            yield _LINK.sub(_lead, _TOCTREE.sub("", path.read_text("utf-8")))


def _lead(link: re.Match[str]) -> str:
    """Return a link between pages as one of the site; of any other, what it says."""
    said, name, kind, anchor = link.groups(default="")
    if kind == "md" and (name in pages("en") or name.startswith("reference/")):
        return f"[{said}](en/{name}.html{anchor})"
    return said


def _endpoints() -> Iterator[str]:
    yield "# Every documented endpoint\n"
    yield "`*` is required. `wechatpay api show VERB PATH` says what each field means.\n"
    for each in api.endpoints():
        fields = [
            f"{one.name}{'*' * one.required}"
            for tree in (each.query, each.body.fields)
            for one in tree
        ]
        gone = " (no longer in ordinary use)" if each.lifecycle else ""
        begin = f"- {each.verb.upper()} {each.path}{gone}: {each.name}"
        yield f"{begin}: {', '.join(fields)}" if fields else begin


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")
