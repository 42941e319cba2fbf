"""What `help(node)` and `node?` show: this endpoint's documentation, not that of nodes in general.

The catalogue is loaded only when help is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._language import user_language
from .ending import shown
from .hints import attributes
from .verbs import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..api import Endpoint, Field

__all__ = ["about"]

_MOST = 12
"""How many next segments, and how many refusals, are named."""
_WORDS = {
    "en": {
        "calls": "{verb}: {name}",
        "placeholders": "Placeholders",
        "query": "params=",
        "json": "json=",
        "xml": "xml=",
        "multipart": "media=",
        "answer": "Answer",
        "refusals": "Refusals: {codes}",
        "on": "Goes on with: {names}",
        "unknown": "Nothing is documented about this path, but it can be called.",
        "required": "* is required.",
    },
    "zh": {
        "calls": "{verb}：{name}",
        "placeholders": "路径参数",
        "query": "params=",
        "json": "json=",
        "xml": "xml=",
        "multipart": "media=",
        "answer": "应答",
        "refusals": "错误码：{codes}",
        "on": "下一级：{names}",
        "unknown": "官方文档里没有这个路径，但仍然可以调用。",
        "required": "* 为必填。",
    },
}


def about(path: str, verb: str = "") -> str:
    """Return what is documented about a path: its calls with their fields, or its next segments.

    Args:
        path: A node's.
        verb: One of the path's, in lower case; all of them if it is empty.
    """
    from ..api import endpoint

    words = _WORDS[user_language()]
    verbs = (verb,) if verb else METHODS
    found = [each for one in verbs if (each := endpoint(one, path))]
    lines = [line for each in found for line in _call(each, words)]
    below = [one for one in attributes(path) if one.removesuffix("_async") not in verbs]
    if below and not verb:
        more = " …" if len(below) > _MOST else ""
        lines += [words["on"].format(names=", ".join(below[:_MOST]) + more), ""]
    return "\n".join([shown(path), "", *(lines or [words["unknown"]])]).rstrip()


def _call(endpoint: Endpoint, words: dict[str, str]) -> Iterator[str]:
    yield words["calls"].format(verb=endpoint.verb.upper(), name=endpoint.name)
    yield from (f"  {one}" for one in endpoint.docs[:1])
    body = endpoint.body
    for title, fields in (
        (words["placeholders"], endpoint.placeholders),
        (words["query"], endpoint.query),
        (words.get(body.kind, ""), body.fields),
        (words["answer"], endpoint.reply.fields),
    ):
        if fields:
            yield ""
            yield title
            yield from _tree(fields, 1)
    yield words["required"]
    if endpoint.errors:
        codes = [one.code for one in endpoint.errors]
        yield words["refusals"].format(codes=", ".join(codes[:_MOST]))
    yield ""


def _tree(fields: Iterable[Field], depth: int) -> Iterator[str]:
    for one in fields:
        meaning = one.meaning.get(user_language(), "")
        mark = "*" if one.required else ""
        yield f"{'  ' * depth}{one.name}{mark} ({one.type}) {meaning}".rstrip()
        yield from _tree(one.fields, depth + 1)
