"""A client's engine, made at its first call.

Importing what a call needs takes about as long as the rest of this package, httpx aside. A program
that only imports it, or makes clients at start-up, does not wait for that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._locks import Lock

if TYPE_CHECKING:
    import httpx

    from .engine import Engine


class LazyEngine:
    """What the nodes of one client share.

    Attributes:
        is_closed: Whether the client was closed.
    """

    def __init__(self, make: Callable[[], Engine]) -> None:
        self.is_closed: bool = False
        self._make = make
        self._made: Engine | None = None
        self._lock = Lock()

    def get(self) -> Engine:
        """Return the engine, which may have to be made.

        Raises:
            RuntimeError: The client was closed before it had one.
        """
        # An engine is never removed again, so reading it needs no lock.
        return self._made or self._begin()

    def _begin(self) -> Engine:
        with self._lock.now:
            if self._made is None and self.is_closed:
                raise RuntimeError("this WeChatPay client is closed; make a new one")
            # Another thread may have made it while this one waited for the lock.
            self._made = self._made or self._make()
            return self._made

    def send(self, method: str, template: str, arguments: dict[str, Any]) -> httpx.Response:
        """Make a call and return its verified answer."""
        return (self._made or self.get()).send(method, template, arguments)

    async def send_async(
        self, method: str, template: str, arguments: dict[str, Any]
    ) -> httpx.Response:
        """Make a call and return its verified answer, without blocking."""
        return await (self._made or self.get()).send_async(method, template, arguments)

    def check(
        self, method: str, template: str, arguments: dict[str, Any], *, awaited: bool
    ) -> None:
        """See `Engine.check`."""
        self.get().check(method, template, arguments, awaited=awaited)

    def close(self) -> None:
        """Close every connection, if there ever was one."""
        made = self._closed()
        if made is not None:
            made.close()

    async def aclose(self) -> None:
        """As `close`, and this event loop's connections are closed when it returns."""
        made = self._closed()
        if made is not None:
            await made.aclose()

    def _closed(self) -> Engine | None:
        # If another thread is making an engine just now, this waits for it: nobody else would close
        # it.
        with self._lock.now:
            self.is_closed = True
            return self._made
