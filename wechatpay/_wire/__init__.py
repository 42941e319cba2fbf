"""All that knows sockets, TLS, proxies, event loops, the merchant's certificate and files."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from .async_wire import AsyncWire as AsyncWire
    from .blocking_wire import Wire as Wire
    from .merchant import Merchant as Merchant
    from .network import Limit as Limit, Network as Network, new_request as new_request
    from .sink import Progress as Progress, Sink as Sink, Target as Target
    from .steps import Failure as Failure, Pause as Pause, Send as Send
else:
    __getattr__ = lazy(
        __name__,
        {
            "async_wire": "AsyncWire",
            "blocking_wire": "Wire",
            "merchant": "Merchant",
            "network": "Limit Network new_request",
            "sink": "Progress Sink Target",
            "steps": "Failure Pause Send",
        },
    )
