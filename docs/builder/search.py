"""What the site's search looks through: a script with the text of every page."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import NamedTuple

__all__ = ["Entry", "plain", "script"]

_UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>|<a class=\"headerlink\".*?</a>", re.DOTALL)
_TAG = re.compile(r"<wbr>|</?(?:span|code|em|strong|a|b|small)\b[^>]*>")
_BLOCK = re.compile(r"<[^>]+>")


class Entry(NamedTuple):
    """One page.

    Attributes:
        name: The page's, below its language's, without `.html`.
        title: Its title, plain.
        text: What it is found by.
    """

    name: str
    title: str
    text: str


def plain(html: str) -> str:
    """Return what a piece of HTML says, on one line."""
    inline = _TAG.sub("", _UNSEEN.sub(" ", html))
    return " ".join(unescape(_BLOCK.sub(" ", inline)).split())


def script(entries: list[Entry]) -> str:
    """Return the script that hands the entries to `search.js`, without a server, too."""
    rows = json.dumps(sorted(entries), ensure_ascii=False, separators=(",", ":"))
    return f"window.wechatpaySearch={rows.replace('</', '<' + chr(92) + '/')};\n"
