"""The two drivers of an exchange, one blocking and one not, and what they drive it on."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .._call import Call, ClientRoute, Exchange, Steps, check_certificate, logged
from .._locks import Lock
from .._wire import Failure, Wire, new_request
from ..errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from .._call import Hosts, OnCall
    from .._v2 import V2
    from .._v3 import V3
    from .._wire import AsyncHTTPClient, AsyncWire, HTTPClient, Network

T = TypeVar("T")


def _half(given: str, wanted: str) -> ConfigurationError:
    return ConfigurationError(
        f"this client was given {given} alone: a call of this kind would bypass it, its proxy and "
        f"its limits. Pass {wanted} too"
    )


class Engine:
    """What the nodes of one client share: its dialects, its hosts and its connections."""

    def __init__(
        self,
        v2: V2,
        v3: V3,
        hosts: Hosts,
        retries: int,
        network: Network,
        client: HTTPClient | None,
        async_client: AsyncHTTPClient | None,
        on_call: OnCall | None = None,
    ) -> None:
        self.v2 = v2
        self.v3 = v3
        self._hosts = hosts
        self._retries = retries
        self._network = network
        self._on_call = on_call
        self._wire = Wire(network, client)
        self._route = self._route_of(client, awaited=False)
        self._client = client
        self._async_client = async_client
        self._async_parts: tuple[AsyncWire, ClientRoute] | None = None
        self._closed = False
        self._lock = Lock()

    def send(self, method: str, template: str, arguments: dict[str, Any]) -> httpx.Response:
        """Make a call and return its verified answer."""
        call = Call.asked(method, template, arguments)
        return self.run(lambda route: self._steps(route, call))

    async def send_async(
        self, method: str, template: str, arguments: dict[str, Any]
    ) -> httpx.Response:
        """Make a call and return its verified answer, without blocking."""
        call = Call.asked(method, template, arguments)
        return await self.run_async(lambda route: self._steps(route, call))

    def check(
        self, method: str, template: str, arguments: dict[str, Any], *, awaited: bool
    ) -> None:
        """Check that a later call will have the merchant's certificate, if it needs one.

        Raises:
            ConfigurationError: It would; or the certificate does not load.
        """
        call = Call.asked(method, template, arguments)
        route = (self._async_parts or self._prepare_async())[1] if awaited else self._route
        is_own = (self._async_client if awaited else self._client) is None
        url = self._hosts.of(call)[0]
        if call.mutual_tls:
            check_certificate(route, call, url)
            if is_own and url.startswith("https:"):
                self._network.context((b"https", b"", True))

    def run(self, begin: Callable[[ClientRoute], Steps[T]]) -> T:
        """Drive an exchange to its end, blocking, and return what it returns.

        Raises:
            ConfigurationError: The caller's own client is for the other kind of calls alone.
        """
        if self._client is None and self._async_client is not None:
            raise _half("async_http_client", "http_client=httpx.Client(…)")
        steps, wire = begin(self._route), self._wire
        try:
            step = next(steps)
            while True:
                try:
                    given = wire.perform(step)
                except Failure as failure:
                    # Thrown in: the exchange knows the call, and so whether that is its end.
                    step = steps.throw(failure)
                except StopIteration as error:
                    # From a mock that has no more answers, say. It is not the exchange that ends:
                    # in a coroutine, Python itself sees to that, in these words.
                    raise RuntimeError("the call raised StopIteration") from error
                else:
                    step = steps.send(given)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            # Also after an interrupt: the generators may hold the ticket for certificates, or half
            # a file, and have to let go of it now, not when they are garbage collected.
            steps.close()

    async def run_async(self, begin: Callable[[ClientRoute], Steps[T]]) -> T:
        """Drive an exchange to its end, without blocking, and return what it returns."""
        wire, route = self._async_parts or self._prepare_async()
        steps = begin(route)
        try:
            step = next(steps)
            while True:
                try:
                    given = await wire.perform(step)
                except Failure as failure:
                    step = steps.throw(failure)
                else:
                    step = steps.send(given)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            # Here, in the task that was cancelled: the generators await nothing, so nothing can
            # interrupt this, and no half of a file outlives the call.
            steps.close()

    def _steps(self, route: ClientRoute, call: Call) -> Steps[httpx.Response]:
        dialect = self.v2 if call.path.startswith("v2/") else self.v3
        exchange = Exchange(call, route)
        return logged(exchange, dialect.carry_out(exchange))

    def _prepare_async(self) -> tuple[AsyncWire, ClientRoute]:
        if self._async_client is None and self._client is not None:
            raise _half("http_client", "async_http_client=httpx.AsyncClient(…)")
        # Blocking calls do not pay for importing anyio and asyncio.
        from .._wire import AsyncWire

        # Nothing is awaited under this lock: another event loop's thread may be waiting for it.
        with self._lock.now:
            # Two event loops may begin at once; a second wire would never be closed.
            if self._async_parts is None:
                wire = AsyncWire(self._network, self._async_client)
                if self._closed:
                    # So that the call raises: a client that was closed does not open connections
                    # again.
                    wire.close()
                self._async_parts = wire, self._route_of(self._async_client, awaited=True)
            return self._async_parts

    def _route_of(
        self, client: HTTPClient | AsyncHTTPClient | None, *, awaited: bool
    ) -> ClientRoute:
        # How a user's own client is set up for mutual TLS cannot be seen from here.
        has_certificate = client is not None or self._network.has_merchant_certificate
        build = partial(new_request, self._network, client)
        if client is not None:
            carrier = "http_client"
        else:
            pair = self._network.transport
            carrier = (pair.awaited if awaited else pair.blocking).name
        return ClientRoute(
            self._hosts, self._retries, build, has_certificate, carrier, self._on_call
        )

    def close(self) -> None:
        """Close every connection; those of running event loops, as soon as these can."""
        wire = self._close_blocking()
        if wire is not None:
            wire.close()

    async def aclose(self) -> None:
        """As `close`, and this event loop's connections are closed when it returns."""
        wire = self._close_blocking()
        if wire is not None:
            await wire.aclose()

    def _close_blocking(self) -> AsyncWire | None:
        """Close what is for blocking calls, and return what is for the others."""
        with self._lock.now:
            self._closed = True
        self._wire.close()
        return self._async_parts[0] if self._async_parts is not None else None

    def __del__(self) -> None:
        wires = getattr(self, "_wire", None), *(getattr(self, "_async_parts", None) or ())[:1]
        if any(wire is not None and wire.is_open for wire in wires):
            warnings.warn(
                "a WeChatPay client was not closed: use `with`, `async with`, close() or aclose()",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )
