"""What a transport is, which ones there are, and how another is registered.

A transport opens connections of one kind. It is one small adapter: two functions that each take a
`Route` and return a pool. Which one a client uses is its `transport=`, and nothing else: never what
happens to be installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, Union, cast

from ..errors import ConfigurationError
from .route import Route

if TYPE_CHECKING:
    import httpx

    from .attempt import Attempt

DEFAULT = "httpx"

Choice = Union[str, tuple[str, str], None]
"""A transport's name, or a pair: one for blocking calls, one for awaited ones."""


class Pool(Protocol):
    """Connections of one route for blocking calls, from any number of threads."""

    def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request once and return its answer.

        It never sends again by itself, follows no redirect, adds no header, and keeps a connection
        only if it gave one whole answer and nothing else. It says `attempt.reach(…)` before each
        step and `attempt.send()` before the first byte of the request can leave; it gives the
        answer's head to `attempt.body.begin` and each piece of the raw body to `attempt.feed`, and
        returns what `attempt.answer` makes of them.

        Raises:
            httpx.TransportError: No whole answer came; or any `OSError`.
        """
        ...

    def close(self) -> None:
        """Close every idle connection; one in use is closed when its call ends."""
        ...


class AsyncPool(Protocol):
    """As `Pool`, for awaited calls in one event loop."""

    async def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """As `Pool.send`."""
        ...

    async def aclose(self) -> None:
        """As `Pool.close`."""
        ...


Opener = Callable[[Route], Pool]
AsyncOpener = Callable[[Route], AsyncPool]


class Transport(NamedTuple):
    """One kind of connections.

    Attributes:
        name: What `transport=` calls it.
        package: The module that has to be installed, or nothing.
        extra: The extra of this package that brings it.
        open: Opens a pool for blocking calls; `None` if it has none.
        open_async: Opens a pool for awaited calls; `None` if it has none.
        only_asyncio: Whether it runs on asyncio only, and not on trio.
    """

    name: str
    package: str = ""
    extra: str = ""
    open: Opener | None = None
    open_async: AsyncOpener | None = None
    only_asyncio: bool = False

    @property
    def opener(self) -> Opener:
        """What opens a pool for blocking calls; a client's pair has one."""
        if self.open is None:
            raise ConfigurationError(f"transport: {self.name} makes no blocking calls")
        return self.open

    @property
    def async_opener(self) -> AsyncOpener:
        """What opens a pool for awaited calls; a client's pair has one."""
        if self.open_async is None:
            raise ConfigurationError(f"transport: {self.name} makes no awaited calls")
        return self.open_async


class Pair(NamedTuple):
    """A client's transports: for blocking calls, and for awaited ones."""

    blocking: Transport
    awaited: Transport


def _httpx_opener(library: str) -> Opener:
    def opened(route: Route) -> Pool:
        from .httpx_pool import HttpxPool

        return HttpxPool(library, route)

    return opened


def _async_httpx_opener(library: str) -> AsyncOpener:
    def opened(route: Route) -> AsyncPool:
        from .httpx_pool import AsyncHttpxPool

        return AsyncHttpxPool(library, route)

    return opened


def _aiohttp(route: Route) -> AsyncPool:
    if route.proxy is not None and route.proxy.startswith("socks"):
        # aiohttp speaks no SOCKS. It would send HTTP to the proxy's port.
        return _async_httpx_opener("httpx")(route)
    from .aiohttp_pool import AiohttpPool

    return AiohttpPool(route)


def _pycurl(route: Route) -> Pool:
    from .pycurl_pool import PycurlPool

    return PycurlPool(route)


_registered: dict[str, Transport] = {
    "httpx": Transport("httpx", "httpx", "", _httpx_opener("httpx"), _async_httpx_opener("httpx")),
    "httpx2": Transport(
        "httpx2", "httpx2", "httpx2", _httpx_opener("httpx2"), _async_httpx_opener("httpx2")
    ),
    "aiohttp": Transport("aiohttp", "aiohttp", "aiohttp", None, _aiohttp, only_asyncio=True),
    "pycurl": Transport("pycurl", "pycurl", "pycurl", _pycurl, None),
}
_OURS = frozenset(_registered)


def register(transport: Transport) -> None:
    """Make a transport known under its name, for `transport=`.

    Args:
        transport: The adapter. The `Pool` and `AsyncPool` that it opens do what these promise.

    Raises:
        ValueError: The name is one of this package's own, or it opens neither kind of pool.
    """
    if transport.name in _OURS:
        raise ValueError(f"{transport.name} is one of this package's own transports")
    if transport.open is None and transport.open_async is None:
        raise ValueError(f"transport {transport.name} opens no pool")
    _registered[transport.name] = transport


def chosen(choice: object) -> Pair:
    """Return the transports that a client's `transport` argument names.

    Raises:
        ConfigurationError: There is no such transport, or its package is not installed.
    """
    if choice is None:
        choice = DEFAULT
    if isinstance(choice, str):
        one = _named(choice)
        # A transport for one kind of calls leaves the other to the default.
        return Pair(
            one if one.open is not None else _registered["httpx"],
            one if one.open_async is not None else _registered["httpx"],
        )
    names = cast("tuple[object, ...]", choice) if isinstance(choice, tuple) else ()
    if len(names) == 2 and isinstance(names[0], str) and isinstance(names[1], str):
        pair = Pair(_named(names[0]), _named(names[1]))
        # So that the constructor raises, and not the first call.
        _ = pair.blocking.opener, pair.awaited.async_opener
        return pair
    raise ConfigurationError(
        "transport must be a name, or a pair of names: one for blocking calls, one for awaited ones"
    )


def _named(name: str) -> Transport:
    found = _registered.get(name)
    if found is None:
        raise ConfigurationError(
            f"transport: there is none named {name[:40]!r}; there are {', '.join(_registered)}"
        )
    # The default is always installed, so it is not looked for.
    if found.package and name != DEFAULT and not is_installed(found.package):
        hint = f": pip install wechatpay-openapi[{found.extra}]" if found.extra else ""
        raise ConfigurationError(f"transport {name} needs {found.package}{hint}")
    return found


def is_installed(package: str) -> bool:
    """Tell whether a package could be imported; it is not imported for it."""
    from importlib.util import find_spec

    return find_spec(package) is not None
