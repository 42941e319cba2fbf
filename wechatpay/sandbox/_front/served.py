"""What is served, and what serves it, for those who have not got the extra `sandbox`."""

from __future__ import annotations

from typing import Any, Protocol


class Page(Protocol):
    """What people look at, as an ASGI application; beside it there are only endpoints."""

    def __contains__(self, path: str) -> bool:
        """Tell whether a path is the page's."""
        ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        ...

    def close(self) -> None:
        """Clear away what was made for it."""
        ...


class Front(Protocol):
    """A gateway that is being served.

    Attributes:
        url: Where.
    """

    url: str

    def stop(self) -> None:
        """Close every connection and the socket."""
        ...
