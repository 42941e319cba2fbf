"""httpx's requests and answers, made whole only when somebody looks.

httpx works out the headers, body and URL of a request, and the headers and decoder of an answer,
when it makes one: a good part of what a call costs, and hardly anybody looks. These hold what they
are made of. The first look at anything else has httpx make one, and they become that: their class
too is httpx's from then on. Nothing of what httpx has inside is repeated here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import httpx

# Parsing costs httpx a tenth of a signature, and most calls go to the same few URLs.
url_of = lru_cache(maxsize=256)(httpx.URL)
_PLAIN = re.compile(r"[A-Za-z0-9/._~%=&?-]*")
"""What httpx sends unchanged, in a path and query without empty segments and dots alone."""


_WITH_LENGTH = ("POST", "PUT", "PATCH")
"""What tells the length of its body even where it has none."""


class LazyRequest(httpx.Request):
    """A request of the client's own; nobody has looked at it yet.

    Attributes:
        base: The base URL, with a slash at its end.
        target: The path and query below it.
        fields: The headers to set, beside those that tell the host and the length.
        body: The bytes of the body.
    """

    def __init__(
        self,
        method: str,
        base: str,
        target: str,
        fields: dict[str, str],
        body: bytes,
        extensions: dict[str, Any],
    ) -> None:
        """Hold the parts."""
        self.method: str = method
        self.base = base
        self.target = target
        self.fields = fields
        self.body = body
        self.extensions: Any = extensions

    def __getattr__(self, name: str) -> Any:
        # Only a missing attribute comes here. What httpx does not set either must not come twice,
        # and a copy that has nothing yet must not come at all, or this would recurse.
        parts = self.__dict__
        if "body" not in parts or name[:2] == "__":
            raise AttributeError(f"{type(self).__name__} has no {name}")
        # These three are what httpx's transports look at.
        if name == "url":
            made: Any = url_of(self.base + self.target)
        elif name == "headers":
            made = LazyHeaders(self._raw_headers())
        elif name == "stream":
            made = httpx.ByteStream(self.body)
        else:
            plain = httpx.Request(
                self.method, self.url, headers=self.headers, content=self.body or None
            )
            _become(self, plain)
            return getattr(self, name)
        parts[name] = made
        return made

    def _raw_headers(self) -> list[tuple[bytes, bytes]]:
        """Return all headers, those of host and length with them."""
        fields = self.fields
        # In one piece, for a step for each field costs; no field has a NUL in it.
        names, values = "\0".join(fields), "\0".join(fields.values())
        raw = [*zip(names.encode().split(b"\0"), values.encode().split(b"\0"), strict=True)]
        if not fields:
            raw.clear()
        if "host" not in (lower := names.lower()) or "host" not in lower.split("\0"):
            raw.insert(0, (b"Host", base_of(self.base).place[1]))
        if self.body or self.method in _WITH_LENGTH:
            raw.append((b"Content-Length", b"%d" % len(self.body)))
        return raw

    @property
    def raw_path(self) -> bytes:
        """The path and query as they go on the wire, which is what a signature covers."""
        if _PLAIN.fullmatch(self.target):
            return base_of(self.base).path + self.target.encode()
        return self.url.raw_path

    @property
    def address(self) -> str:
        """The URL as text, as it goes on the wire."""
        if _PLAIN.fullmatch(self.target):
            return base_of(self.base).address + self.target
        return str(self.url)

    def __reduce__(self) -> Any:
        # Elsewhere it is one of httpx's and nothing more, without extensions, as httpx has it.
        self.read()
        plain = httpx.Request(self.method, self.url, headers=self.headers, content=self.body)
        return _itself, (plain,)


class LazyHeaders(httpx.Headers):
    """Headers that nobody but the sender has looked at yet."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        """Hold them as they go on the wire."""
        self._untouched: Any = raw

    def __getattr__(self, name: str) -> Any:
        raw = self.__dict__.get("_untouched")
        if raw is None or name[:2] == "__":
            raise AttributeError(f"{type(self).__name__} has no {name}")
        self._untouched = None
        httpx.Headers.__init__(self, raw)
        return getattr(self, name)

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """The headers as pairs of bytes."""
        untouched: list[tuple[bytes, bytes]] | None = self._untouched
        return super().raw if untouched is None else untouched


class LazyResponse(httpx.Response):
    """An answer that was read; nobody has looked at it yet."""

    def __init__(
        self,
        status_code: int,
        headers: Any,
        content: bytes,
        request: httpx.Request,
        extensions: dict[str, Any],
    ) -> None:
        """Hold the parts.

        Args:
            status_code: The status.
            headers: Pairs of bytes as they came, or httpx's headers.
            content: The body, which is not compressed.
            request: What was asked.
            extensions: What is known of the answer beside itself.
        """
        parts = self.__dict__  # `__setattr__` is for others
        parts["status_code"] = status_code
        parts["extensions"] = extensions
        parts["_parts"] = headers, content, request
        parts["_took"] = timedelta()

    def __getattr__(self, name: str) -> Any:
        # As for a request. Another thread may have made it whole since: then it has everything.
        kind: type[httpx.Response] = self.__class__
        if name[:2] == "__" or ("_parts" not in self.__dict__ and kind is LazyResponse):
            raise AttributeError(f"{kind.__name__} has no {name}")
        LazyResponse._make_whole(self)
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "elapsed":
            self._make_whole()
        object.__setattr__(self, name, value)

    def _make_whole(self) -> None:
        parts = self.__dict__.get("_parts")
        if parts is not None:  # or else another thread has done it just now
            headers, content, request = parts
            plain = httpx.Response(
                self.status_code, headers=headers, content=content, request=request
            )
            plain.elapsed = self.__dict__.get("_took", timedelta())
            _become(self, plain)

    @property
    def came_with(self) -> Any:
        """The headers that it was made with."""
        parts = self.__dict__.get("_parts")
        return LazyResponse.__getattr__(self, "headers") if parts is None else parts[0]

    @property
    def content(self) -> bytes:
        """The body."""
        parts = self.__dict__.get("_parts")
        content: bytes = LazyResponse.__getattr__(self, "content") if parts is None else parts[1]
        return content

    @property
    def elapsed(self) -> timedelta:
        """How long it took."""
        took = self.__dict__.get("_took")
        elapsed: timedelta = LazyResponse.__getattr__(self, "elapsed") if took is None else took
        return elapsed

    @elapsed.setter
    def elapsed(self, elapsed: timedelta) -> None:
        self.__dict__["_took"] = elapsed

    def __reduce__(self) -> Any:
        plain = httpx.Response(
            self.status_code, headers=self.headers, content=self.content, request=self.request
        )
        plain.elapsed, plain.history = self.elapsed, self.history
        return _itself, (plain,)


def _become(lazy: httpx.Request | httpx.Response, plain: httpx.Request | httpx.Response) -> None:
    """Make one of httpx's of a lazy one; what it has already stays.

    At no moment is anything missing, for another thread may look too.
    """
    for name, value in plain.__dict__.items():
        lazy.__dict__.setdefault(name, value)
    object.__setattr__(lazy, "__class__", type(plain))
    for name in ("_parts", "_took"):
        lazy.__dict__.pop(name, None)


def _itself(one: object) -> object:
    """Return what it is given: what a copy or a pickle of a lazy one is made by."""
    return one


def raw_headers_of(reply: httpx.Response) -> Any:
    """Return an answer's headers as pairs of bytes; nobody has to have looked at them for it."""
    headers = reply.came_with if isinstance(reply, LazyResponse) else reply.headers
    return headers.raw if isinstance(headers, httpx.Headers) else headers


def raw_path_of(request: httpx.Request) -> bytes:
    """Return the path and query of a request as they go on the wire."""
    return request.raw_path if isinstance(request, LazyRequest) else request.url.raw_path


def fields_of(request: httpx.Request) -> Mapping[str, str] | list[tuple[str, str]]:
    """Return the headers to send, beside those that any HTTP library adds by itself."""
    if isinstance(request, LazyRequest) and "headers" not in request.__dict__:
        return request.fields
    return [(name.decode(), value.decode()) for name, value in request.headers.raw]


def address_of(request: httpx.Request) -> str:
    """Return the URL of a request as text, as it goes on the wire."""
    return request.address if isinstance(request, LazyRequest) else str(request.url)


def body_of(request: httpx.Request) -> bytes:
    """Return the bytes of a request's body."""
    return request.body if isinstance(request, LazyRequest) else request.content


def place_of(request: httpx.Request) -> httpx.URL:
    """Return a URL of the host that a request goes to; its path and query mean nothing."""
    return base_of(request.base).url if isinstance(request, LazyRequest) else request.url


def set_header(request: httpx.Request, name: str, value: str) -> None:
    """Set a header of a request that is not sent yet."""
    if isinstance(request, LazyRequest) and "headers" not in request.__dict__:
        request.fields[name] = value
    else:
        request.headers[name] = value


class Base(NamedTuple):
    """What is known of a base URL; a client has few.

    Attributes:
        url: The URL.
        address: It as text, as it goes on the wire.
        path: Its path, with a slash at its end.
        place: Scheme, and host with port.
    """

    url: httpx.URL
    address: str
    path: bytes
    place: tuple[bytes, bytes]


@lru_cache(maxsize=64)
def base_of(base: str) -> Base:
    """Return what is known of a base URL."""
    url = httpx.URL(base)
    return Base(url, str(url), url.raw_path, (url.raw_scheme, url.netloc))
