"""What would be sent in clear: personal data in fields that are not documented as encrypted.

The catalogue knows which fields of a documented request are encrypted. Of a field that it does not
know, it knows the name from elsewhere: one that WeChat Pay takes encrypted wherever it is
documented is not sent in clear by accident.
"""

from __future__ import annotations

import re
import warnings
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
_PLAIN = frozenset({str, int, float, bool, type(None)})
_PLAIN_NAME = r"[A-Za-z0-9_]{1,64}"


class Exposed(NamedTuple):
    """A value in clear under a name that is encrypted elsewhere.

    Attributes:
        keys: Its way from the top: keys, and ``*`` for a list's items.
        name: The name.
    """

    keys: tuple[object, ...]
    name: str

    @property
    def place(self) -> str:
        """The way from the top; a key that may be somebody's name, and no field's, is not shown."""
        return "/".join([_shown(key) for key in self.keys])


def check(call: Call, tree: Any, body: bytes) -> None:
    """Check that a JSON body has personal data in clear only where that is documented.

    Args:
        call: What is asked.
        tree: The body, its marked fields encrypted.
        body: The same as bytes.

    Raises:
        ConfigurationError: A field of a name that is encrypted wherever it is documented.
    """
    if not _NAMED.search(body):
        return
    found: list[Exposed] = []
    _expose(tree, (), None, found)
    for one in found:
        if one.name in ALWAYS:
            raise ConfigurationError(
                f"{call.shown_path}: {one.place} was not sent, for it would go out in clear: this "
                f"field is not documented here, and wherever {one.name} is, WeChat Pay takes it "
                "encrypted. Pass wxpay.encrypt(…) as its value; or encrypt=False, in the call or "
                "for the client, to send everything as it is"
            )
    known = _documented_in_clear(call) if found else ()
    for one in found:
        if "/".join(map(str, one.keys)) not in known:
            # Python itself shows a warning of the same words once.
            warnings.warn(
                f"{call.shown_path}: {one.place} is sent in clear: it is not documented here, and "
                f"some fields named {one.name} are encrypted. Pass wxpay.encrypt(…) as its value "
                "if this is one",
                stacklevel=2,
            )


def _expose(
    tree: object, above: tuple[object, ...], name: str | None, found: list[Exposed]
) -> None:
    """Find what is in clear below a place; `name` is the one that makes it personal, if any."""
    # Every order that names its store comes here: what is plain is told without a function call.
    if isinstance(tree, dict):
        above_all = name if name in ALWAYS else None
        for key, value in cast("dict[Any, object]", tree).items():
            part = key if key.__class__ is str or not isinstance(key, str) else as_text(key)
            inside = part if part in ALWAYS else above_all or (part if part in SOMETIMES else None)
            if inside is not None or value.__class__ not in _PLAIN:
                _expose(value, (*above, part), inside, found)
    elif isinstance(tree, (list, tuple)):
        for item in cast("list[object]", tree):
            if name is not None or item.__class__ not in _PLAIN:
                _expose(item, (*above, "*"), name, found)
    elif name and not isinstance(tree, (Ciphertext, bool)) and tree not in (None, NULL, ""):
        found.append(Exposed(above, name))


def _shown(key: object) -> str:
    if key == "*" or (isinstance(key, str) and re.fullmatch(_PLAIN_NAME, key)):
        return str(key)
    return "…"


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
