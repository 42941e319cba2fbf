"""What would leave in clear: personal data in fields that nothing tells to encrypt.

The catalogue knows which fields of a documented request are encrypted. Of a field that it does not
know, it knows the name from elsewhere: one that WeChat Pay takes encrypted wherever it is
documented is not sent in clear by accident.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .._call import NULL
from .._chain import as_text
from .._tree import PathTree
from ..errors import ConfigurationError
from . import sealed_table
from .sensitive import Ciphertext

if TYPE_CHECKING:
    from .._call import Call

ALWAYS = frozenset(sealed_table.ALWAYS.split())
SOMETIMES = frozenset(sealed_table.SOMETIMES.split())
# Most bodies have none of the names: one search tells, and only what has one is walked through.
_NAMED = re.compile(f'"(?:{"|".join(sorted(ALWAYS | SOMETIMES))})":'.encode())
_PLAIN_NAME = r"[A-Za-z0-9_]{1,64}"


class Exposed(NamedTuple):
    """A value in clear under a name that is encrypted elsewhere.

    Attributes:
        place: Its way from the top: names, and ``*`` for a list's items.
        name: The name.
    """

    place: str
    name: str


def check(call: Call, tree: Any, body: bytes) -> None:
    """See that a JSON body holds no personal data in clear but where it is documented so.

    Args:
        call: What is asked.
        tree: The body, its marked fields encrypted.
        body: The same as bytes.

    Raises:
        ConfigurationError: A field of a name that is encrypted wherever it is documented.
    """
    if not _NAMED.search(body):
        return
    found = [*_exposed(tree, (), None)]
    for one in found:
        if one.name in ALWAYS:
            raise ConfigurationError(
                f"{call.shown_path}: {one.place} was not sent, for it would leave in clear: this "
                f"field is not documented here, and wherever {one.name} is, WeChat Pay takes it "
                "encrypted. Pass wxpay.encrypt(…) as its value; or encrypt=False, in the call or "
                "for the client, to send everything as it is"
            )
    known = _documented_in_clear(call) if found else ()
    for one in found:
        if one.place not in known:
            # Python itself shows a warning of the same words once.
            warnings.warn(
                f"{call.shown_path}: {one.place} leaves in clear: it is not documented here, and "
                f"some fields named {one.name} are encrypted. Pass wxpay.encrypt(…) as its value "
                "if this is one",
                stacklevel=2,
            )


def _exposed(tree: Any, above: tuple[str, ...], name: str | None) -> Iterator[Exposed]:
    """Yield what is in clear below a place; `name` is the one that makes it personal, if any."""
    if isinstance(tree, Mapping):
        for key, value in cast("Mapping[object, Any]", tree).items():
            part = as_text(key) if isinstance(key, str) else ""
            inside = part if part in ALWAYS else name if name in ALWAYS else None
            if inside is None and part in SOMETIMES:
                inside = part
            # A key may be somebody's name; a field's is not.
            shown = part if re.fullmatch(_PLAIN_NAME, part) else "…"
            yield from _exposed(value, (*above, shown), inside)
    elif isinstance(tree, (list, tuple)):
        for item in cast("list[Any]", tree):
            yield from _exposed(item, (*above, "*"), name)
    elif name and not isinstance(tree, (Ciphertext, bool)) and tree not in (None, NULL, ""):
        yield Exposed("/".join(above), name)


def _documented_in_clear(call: Call) -> frozenset[str]:
    segments = call.path.split("/")
    if segments[1:2] == ["v3"]:
        del segments[0]  # a host's prefix, written out
    return _places().find(call.method, segments, near=True) or frozenset()


@cache
def _places() -> PathTree[frozenset[str]]:
    tree: PathTree[frozenset[str]] = PathTree()
    for row in sealed_table.IN_CLEAR.splitlines():
        verb, path, *places = row.split(" ")
        tree.add(verb, path, frozenset(places))
    return tree
