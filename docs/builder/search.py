"""What the site's search looks through: a script with the text of every page."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Entry", "headings", "plain", "script"]

_UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>|<a class=\"headerlink\".*?</a>", re.DOTALL)
_TAG = re.compile(r"<wbr>|</?(?:span|code|em|strong|a|b|small)\b[^>]*>")
_HEADING = re.compile(r"<h[23]\b.*?</h[23]>", re.DOTALL)
_BLOCK = re.compile(r"<[^>]+>")


class Entry(NamedTuple):
    """One page.

    Attributes:
        name: The page's, below its language's, without `.html`.
        title: Its title, plain.
        text: What it is found by.
        heads: What it is found by before all that: headings, or an endpoint's path and products.
        address: An endpoint's verb and path, which the list shows beside the title.
        standing: How likely it is to be the page that is meant.
        topics: What else it is looked for by, each between bars.
    """

    name: str
    title: str
    text: str
    heads: str = ""
    address: str = ""
    standing: int = 0
    topics: str = ""


def plain(html: str) -> str:
    """Return what a piece of HTML says, on one line."""
    inline = _TAG.sub("", _UNSEEN.sub(" ", html))
    return " ".join(unescape(_BLOCK.sub(" ", inline)).split())


def headings(html: str) -> str:
    """Return what the headings below a page's title say."""
    return " ".join(plain(one) for one in _HEADING.findall(html))


def script(
    entries: list[Entry], synonyms: Sequence[Sequence[str]] = (), fillers: Sequence[str] = ()
) -> str:
    """Return the script that hands the entries to `search.js`, without a server, too."""
    index = {"rows": sorted(entries), "synonyms": synonyms, "fillers": fillers}
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    return f"window.wechatpaySearch={text.replace('</', '<' + chr(92) + '/')};\n"
