"""One call, as a verb's keyword arguments ask for it; checked before anything is signed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from .._chain import as_text, fill, shown
from ..errors import PathError
from .rules import Rule, rule_of

_ALIASES = {"query": "params", "base_uri": "base_url"}
_BODIES = ("json", "xml", "content", "media")
_FLAGS = frozenset({"security", "nonceless", "encrypt"})
_bodies = itemgetter(*_BODIES)
OPTIONS = frozenset(
    {
        *("params", "headers", "timeout", "base_url", "security", "nonceless", "encrypt", "sink"),
        "agent_secret",
        *_BODIES,
        *_ALIASES,
    }
)
_NOTHING: dict[str, Any] = dict.fromkeys(OPTIONS)
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_NO_TEXT = (bytes, bytearray, memoryview, Mapping, set, frozenset, list, tuple, datetime)
"""What `str` does not write as a query needs it: a time wants an offset and a `T`."""
_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")
_LINE_BREAK = r"[\r\n\x00]"
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEADER_VALUE = r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?"
_SHOWN = r"[a-z][a-z_-]*(?:\d{1,2}[a-z_-]*)?|\{[^{}]*\}|"


class Call(NamedTuple):
    """What was asked: one call, as the caller spelled it. It never changes.

    What is sent for it is an `Outgoing`, which a dialect makes; how far that got, an `Exchange`.

    Attributes:
        method: The HTTP method, in capitals.
        template: The path as the chain spelled it.
        path: The path with its values, percent-encoded; its first segment picks the dialect.
        expanded: The query that came of the path's own template, percent-encoded, without `?`.
        query: The whole query, percent-encoded, without `?`.
        rule: How this endpoint differs from others.
        params: The caller's query as a mapping, or `None` where it was given otherwise.
        json: The body of an APIv3 call, or `None`.
        xml: The fields of an APIv2 call, or `None`.
        content: A body given as bytes, or `None`.
        media: A file to upload, or `None`.
        headers: The caller's own headers.
        sink: Where the answer's body is to go, or `None` for memory.
        timeout: The caller's own limit, or `None` for the client's.
        base_url: The caller's own host, or `None`.
        encrypt: Whether sensitive fields are encrypted; `None` leaves it to the client.
        security: Whether the caller asks for mutual TLS; `None` leaves it to `rule`.
        nonceless: Whether the caller asks for no `nonce_str`; `None` leaves it to `rule`.
        agent_secret: The secret of the WeChat Work app that makes `workwx_sign`, or `None`.
    """

    method: str
    template: str
    path: str
    expanded: str
    query: str
    rule: Rule
    params: Mapping[str, Any] | None
    json: Any
    xml: Mapping[str, Any] | None
    content: bytes | None
    media: Any
    headers: Mapping[str, str]
    sink: Any
    timeout: Any
    base_url: str | None
    encrypt: bool | None
    security: bool | None
    nonceless: bool | None
    agent_secret: str | None

    @classmethod
    def asked(cls, method: str, template: str, arguments: dict[str, Any]) -> Call:
        """Return the call that a verb's keyword arguments ask for.

        Raises:
            PathError: They do not fit the template.
            TypeError: Options that exclude each other, or of the wrong type.
        """
        path, _, expanded = fill(template, arguments, OPTIONS).partition("?")
        for alias, name in _ALIASES.items():
            if alias in arguments:
                if name in arguments:
                    raise TypeError(f"{alias} and {name} are the same option: pass one")
                arguments[name] = arguments.pop(alias)
        option: dict[str, Any] = {**_NOTHING, **arguments}
        body, fields, content, media = _bodies(option)
        if (body is None) + (fields is None) + (content is None) + (media is None) < 3:
            bodies = [name for name in _BODIES if option[name] is not None]
            raise TypeError(f"{' and '.join(bodies)} are bodies: a call has one")
        for name in _FLAGS & arguments.keys():
            if option[name] is not None:
                _flag(name, option[name])
        params = option["params"]
        headers, secret = option["headers"], option["agent_secret"]
        # Most calls have few options: what was not given is not checked either.
        return cls(
            method,
            template,
            path,
            expanded,
            expanded if params is None else _both(expanded, _query(params, template)),
            rule_of(method, path),
            None if params is None else _mapping(params),
            None if body is None else _mappings(body),
            None if fields is None else _fields(fields),
            None if content is None else _content(content),
            media,
            _NO_HEADERS if headers is None else _headers(headers),
            option["sink"],
            option["timeout"],
            option["base_url"],
            option["encrypt"],
            option["security"],
            option["nonceless"],
            None if secret is None else _agent_secret(secret, fields),
        )

    @property
    def only_asks(self) -> bool:
        """Whether it only asks, so that it may be sent again."""
        return self.method == "GET" or self.rule.asks

    @property
    def mutual_tls(self) -> bool:
        """Whether the merchant's certificate is to be shown."""
        return self.rule.mutual_tls if self.security is None else self.security

    @property
    def shown_path(self) -> str:
        """The path for logs and errors: a segment that may be a value is not shown."""
        parts = shown(self.template).split("/")
        return "/".join([one if re.fullmatch(_SHOWN, one) else "…" for one in parts])

    def target(self, params: Mapping[str, Any] | None = None) -> str:
        """Return the path and query below the base URL; `v2/` only picks the dialect.

        Args:
            params: What is sent in place of the caller's own `params`, as signed or encrypted ones.
        """
        query = self.query
        if params is not None:
            query = _both(self.expanded, encode_query(params.items()))
        path = self.path.removeprefix("v2/")
        return f"{path}?{query}" if query else path

    def __repr__(self) -> str:
        # A tuple's own would show the body, and personal data with it.
        return f"<Call {self.method} {self.shown_path}>"


def _content(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return _utf8(content, "content")
    if isinstance(content, (bytearray, memoryview)):
        return bytes(cast("bytearray | memoryview[int]", content))
    raise TypeError(f"content must be bytes or text, not {type(content).__name__}")


def _mappings(json: object) -> Any:
    if isinstance(json, (str, bytes, bytearray)):
        raise TypeError("json= takes the mapping itself, not json.dumps of it; text is content=")
    return json


def _utf8(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise TypeError(f"{name} holds half of a surrogate pair: not text") from None


def _headers(headers: object) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping, not {type(headers).__name__}")
    pairs = cast("Mapping[object, object]", headers).items()
    given = {str(name): _header(str(name), value) for name, value in pairs if value is not None}
    for name, value in given.items():
        if name.lower() == "authorization":
            raise TypeError("Authorization is the signature, which the client makes")
        if re.search(_LINE_BREAK, name + value):
            raise TypeError(f"a line break or a NUL in the header {name[:40]!r}")
        if name.lower() in ("content-length", "transfer-encoding"):
            raise TypeError(f"{name} is how long the body is, which the client tells")
        if not re.fullmatch(_HEADER_NAME, name):
            raise TypeError(f"{name[:40]!r} is not the name of a header")
        if not re.fullmatch(_HEADER_VALUE, value):
            raise TypeError(f"the header {name[:40]} must be ASCII text without spaces at its ends")
    return given


def _header(name: str, value: object) -> str:
    """Return a header's value; several are one with commas between, as HTTP has it."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_header(name, one) for one in cast("list[object]", value))
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return as_text(value)
    raise TypeError(f"the header {name[:40]!r} must be text, not {type(value).__name__}")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(f"{name} must be True or False, not {type(value).__name__}")


def _fields(xml: object) -> Mapping[str, Any]:
    if isinstance(xml, Mapping):
        return cast("Mapping[str, Any]", xml)
    raise TypeError(f"xml must be a mapping, not {type(xml).__name__}")


def _agent_secret(secret: object, xml: object) -> str:
    if not isinstance(secret, str):
        raise TypeError(f"agent_secret must be text, not {type(secret).__name__}")
    if xml is None:
        raise TypeError("agent_secret= signs fields of xml=, and this call has no xml=")
    return secret


def _both(expanded: str, query: str) -> str:
    return f"{expanded}&{query}" if expanded and query else expanded or query


def _mapping(params: object) -> Mapping[str, Any] | None:
    given: Any = params
    return given if _is_mapping(params) else None


def _is_mapping(params: object) -> bool:
    # What it nearly always is comes first: asking an abstract class takes three steps.
    return type(params) is dict or isinstance(params, Mapping)


def _query(params: object, template: str) -> str:
    kind = type(params).__name__
    if isinstance(params, str):
        if re.search(r"[#\s\x00-\x1f\x7f]", params):
            raise PathError("white space or '#' in params; pass a mapping", template=template)
        return quote(_utf8(params, "params").lstrip(b"?"), safe="%/:?[]@!$&'()*+,;=~")
    given: Any = params
    if _is_mapping(params):
        return encode_query(given.items())
    pairs: list[Any] = [*given] if isinstance(params, Iterable) else [None]
    if all(map(_is_pair, pairs)):  # bytes are numbers one by one, and so not pairs
        return encode_query(pairs)
    raise TypeError(f"params must be a mapping, pairs or text, not {kind}")


def _is_pair(one: object) -> bool:
    whole: Any = one
    return isinstance(one, (tuple, list)) and len(whole) == 2


def encode_query(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return a query, percent-encoded; `None` is left out and a list is its name repeated."""
    return "&".join(
        [
            f"{_quoted(name, str(name))}={_quoted(name, one)}"
            for name, value in pairs
            if value is not None
            for one in (_full(name, value) if isinstance(value, (list, tuple)) else (value,))
        ]
    )


def _quoted(name: object, value: Any) -> str:
    if name is None:
        raise TypeError("params: a name is None, not text")
    text = value if type(value) is str else _plain(name, value)
    # Most need no encoding, and urllib goes a long way to find that out.
    return text if _UNRESERVED.fullmatch(text) else quote(_utf8(text, "params"), safe="")


def _full(name: str, values: Any) -> list[Any]:
    """Return a list without gaps: there, `None` leaves nothing out."""
    for at, one in enumerate(values):
        if one is None:
            raise TypeError(f"params: {_place(name)}/{at} is None, and a list has no gaps")
    return list(values)


def _place(name: object) -> str:
    return name if isinstance(name, str) and re.fullmatch(_NAME, name) else "…"


def _plain(name: object, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return as_text(value)
    kind = type(cast("object", value))
    # What is written by its own rules is text too, as a date is; anything else has only a `repr`.
    is_text = kind.__str__ is not object.__str__ and not issubclass(kind, _NO_TEXT)
    if not (math.isfinite(value) if isinstance(value, float) else is_text):
        what = value if isinstance(value, float) else f"a {kind.__name__}"
        raise TypeError(f"params: {_place(name)} must be text or a number, not {what}")
    return str(value)
