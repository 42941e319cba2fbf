"""What a verb's keyword arguments mean: one call, checked before anything is signed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from .._chain import as_text, fill
from ..errors import PathError
from .rules import Rule, find

if TYPE_CHECKING:
    from .._wire import Sink

_ALIASES = {"query": "params", "base_uri": "base_url"}
_BODIES = ("json", "xml", "content", "media")
OPTIONS = frozenset(
    {
        *("params", "headers", "timeout", "base_url", "security", "nonceless", "encrypt", "sink"),
        "agent_secret",
        *_BODIES,
        *_ALIASES,
    }
)
_LINE_BREAK = r"[\r\n\x00]"
_SPOKEN = r"[a-z][a-z_-]*(?:\d{1,2}[a-z_-]*)?|\{[^{}]*\}|"


class Call:
    """One call: what is asked, and how.

    Attributes:
        method: The HTTP method, in capitals.
        template: The path as the chain spelled it.
        path: The path with its values, percent-encoded; its first segment picks the dialect.
        params: The query as the caller's mapping, or `None` where it was given otherwise.
        query: The query, percent-encoded, without `?`.
        json: The body of an APIv3 call, or `None`.
        xml: The fields of an APIv2 call, or `None`.
        content: A body given as bytes, or `None`.
        media: A file to upload, or `None`.
        is_foreign: Whether it goes to a host that is not WeChat Pay's API, unsigned.
        sink: Where the answer's body is to go, or `None` for memory.
        stream: What takes the body as it comes; set where no signature covers it.
        encrypt: Whether sensitive fields are encrypted; `None` leaves it to the client.
        headers: The caller's own headers.
        timeout: The caller's own limit, or `None` for the client's.
        base_url: The caller's own host, or `None`.
        security: Whether the caller asks for mutual TLS; `None` leaves it to `rule`.
        nonceless: Whether the caller asks for no `nonce_str`; `None` leaves it to `rule`.
        agent_secret: The secret of the WeChat Work app that makes `workwx_sign`, or `None`.
        rule: How this endpoint differs from others.
        tries: How many requests it took.
    """

    __slots__ = (
        "_expanded",
        "agent_secret",
        "base_url",
        "content",
        "encrypt",
        "headers",
        "is_foreign",
        "json",
        "media",
        "method",
        "nonceless",
        "params",
        "path",
        "query",
        "rule",
        "security",
        "sink",
        "stream",
        "template",
        "timeout",
        "tries",
        "xml",
    )

    def __init__(self, method: str, template: str, arguments: dict[str, Any]) -> None:
        """Take a verb's keyword arguments apart.

        Raises:
            PathError: They do not fit the template.
            TypeError: Options that exclude each other, or of the wrong type.
        """
        path = fill(template, arguments, OPTIONS)
        for alias in _ALIASES.keys() & arguments.keys():
            if _ALIASES[alias] in arguments:
                raise TypeError(f"{alias} and {_ALIASES[alias]} are the same option: pass one")
            arguments[_ALIASES[alias]] = arguments.pop(alias)
        given = [name for name in _BODIES if arguments.get(name) is not None]
        if len(given) > 1:
            raise TypeError(f"{' and '.join(given)} are bodies: a call has one")
        self.method: str = method
        self.template: str = template
        self.path: str
        self._expanded: str
        self.path, _, self._expanded = path.partition("?")
        self.params: Mapping[str, Any] | None = _mapping(arguments.get("params"))
        self.query: str = _both(self._expanded, _query(arguments.get("params"), template))
        self.json: Any = arguments.get("json")
        self.xml: Mapping[str, Any] | None = _fields(arguments.get("xml"))
        self.content: bytes | None = _content(arguments.get("content"))
        self.headers: dict[str, str] = _headers(arguments.get("headers"))
        self.timeout: Any = arguments.get("timeout")
        self.base_url: str | None = arguments.get("base_url")
        self.media: Any = arguments.get("media")
        self.sink: Any = arguments.get("sink")
        self.is_foreign: bool = False
        self.stream: Sink | None = None
        self.encrypt: bool | None = arguments.get("encrypt")
        self.security: bool | None = arguments.get("security")
        self.nonceless: bool | None = arguments.get("nonceless")
        self.agent_secret: str | None = _agent_secret(arguments.get("agent_secret"), self.xml)
        self.rule: Rule = find(method, self.path)
        self.tries: int = 0

    def put_params(self, params: Mapping[str, Any]) -> None:
        """Put other values in place of the caller's own query, as signed or encrypted ones."""
        self.params = params
        self.query = _both(self._expanded, encode_query(params.items()))

    @property
    def is_safe(self) -> bool:
        """Whether it only asks, so that it may be sent again."""
        return self.method == "GET"

    @property
    def target(self) -> str:
        """The path and query below the base URL; `v2/` only picks the dialect."""
        path = self.path.removeprefix("v2/")
        return f"{path}?{self.query}" if self.query else path

    @property
    def spoken(self) -> str:
        """The path for logs and errors: a segment that may be a value is not spoken."""
        parts = [one if re.fullmatch(_SPOKEN, one) else "…" for one in self.template.split("/")]
        return "/".join(parts)


def serialise(body: Any) -> bytes:
    """Return the very bytes of a JSON body: compact, UTF-8, no NaN.

    Raises:
        TypeError: A value that JSON does not know, such as a `Decimal`.
        ValueError: NaN, an infinity, or half of a surrogate pair.
    """
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _content(content: object) -> bytes | None:
    if content is None or isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, (bytearray, memoryview)):
        return bytes(cast("bytearray | memoryview[int]", content))
    raise TypeError(f"content must be bytes or text, not {type(content).__name__}")


def _headers(headers: object) -> dict[str, str]:
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping, not {type(headers).__name__}")
    given = {str(k): str(v) for k, v in cast("Mapping[object, object]", headers).items()}
    for name, value in given.items():
        if name.lower() == "authorization":
            raise TypeError("Authorization is the signature, which the client makes")
        if re.search(_LINE_BREAK, name + value):
            raise TypeError(f"a line break in the header {name[:40]!r}")
    return given


def _fields(xml: object) -> Mapping[str, Any] | None:
    if xml is None or isinstance(xml, Mapping):
        return cast("Mapping[str, Any] | None", xml)
    raise TypeError(f"xml must be a mapping, not {type(xml).__name__}")


def _agent_secret(secret: object, xml: object) -> str | None:
    if secret is None:
        return None
    if not isinstance(secret, str):
        raise TypeError(f"agent_secret must be text, not {type(secret).__name__}")
    if xml is None:
        raise TypeError("agent_secret= signs fields of xml=, and there are none")
    return secret


def _both(expanded: str, query: str) -> str:
    return f"{expanded}&{query}" if expanded and query else expanded or query


def _mapping(params: object) -> Mapping[str, Any] | None:
    return cast("Mapping[str, Any]", params) if isinstance(params, Mapping) else None


def _query(params: object, template: str) -> str:
    if params is None:
        return ""
    if isinstance(params, str):
        if re.search(r"[#\s\x00-\x1f\x7f]", params):
            raise PathError("white space or '#' in params; pass a mapping", template=template)
        return quote(params.lstrip("?"), safe="%/:?[]@!$&'()*+,;=~")
    if isinstance(params, Mapping):
        return encode_query(cast("Mapping[str, Any]", params).items())
    if isinstance(params, Iterable):
        return encode_query(cast("Iterable[tuple[str, Any]]", params))
    raise TypeError(f"params must be a mapping, pairs or text, not {type(params).__name__}")


def encode_query(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return a query, percent-encoded; `None` is left out and a list is its name repeated."""
    spread = [
        (str(name), _plain(one))
        for name, value in pairs
        for one in (cast("list[Any]", value) if isinstance(value, (list, tuple)) else [value])
        if one is not None
    ]
    return urlencode(spread, quote_via=quote, safe="")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray, Mapping, set, frozenset)):
        kind = type(cast("object", value)).__name__
        raise TypeError(f"a value in params must be text or a number, not {kind}")
    return as_text(value) if isinstance(value, (str, int)) else str(value)
