"""What knows sockets, TLS, proxies, event loops, the merchant's certificate and files."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from .async_wire import AsyncWire as AsyncWire
    from .attempt import Attempt as Attempt
    from .blocking_wire import Wire as Wire
    from .body import Body as Body
    from .clients import AsyncHTTPClient as AsyncHTTPClient, HTTPClient as HTTPClient
    from .lazy_http import (
        place_of as place_of,
        raw_headers_of as raw_headers_of,
        raw_path_of as raw_path_of,
        set_header as set_header,
    )
    from .merchant import Merchant as Merchant
    from .network import Limit as Limit, Network as Network, new_request as new_request
    from .route import Route as Route
    from .sink import Progress as Progress, Sink as Sink, Target as Target, Unpacked as Unpacked
    from .explain import explained as explained
    from .steps import (
        Failure as Failure,
        Pause as Pause,
        Reason as Reason,
        Send as Send,
        Stage as Stage,
        Wait as Wait,
    )
    from .transports import (
        AsyncPool as AsyncPool,
        Choice as Choice,
        Pair as Pair,
        Pool as Pool,
        Transport as Transport,
        chosen as chosen,
        register as register,
    )
else:
    __getattr__ = lazy(
        __name__,
        {
            "async_wire": "AsyncWire",
            "attempt": "Attempt",
            "blocking_wire": "Wire",
            "body": "Body",
            "clients": "AsyncHTTPClient HTTPClient",
            "lazy_http": "place_of raw_headers_of raw_path_of set_header",
            "merchant": "Merchant",
            "network": "Limit Network new_request",
            "route": "Route",
            "sink": "Progress Sink Target Unpacked",
            "explain": "explained",
            "steps": "Failure Pause Reason Send Stage Wait",
            "transports": "AsyncPool Choice Pair Pool Transport chosen register",
        },
    )
