"""Every documented endpoint and notification of WeChat Pay's merchant API, as data.

Loaded only when asked for: `import wechatpay` does not. The facts' sources are in
``PROVENANCE.md``, the format of the files in `wechatpay.api._format`.

    >>> from wechatpay import api
    >>> api.endpoint("get", "v3/pay/transactions/id/42").name
    '微信支付订单号查询订单'
"""

from __future__ import annotations

from ._catalogue import load
from ._codes import InternalCode, internal_code, internal_codes
from ._entries import Endpoint, Event
from ._records import CatalogueError, Content, ErrorCode, Field, Lifecycle, Options

__all__ = [
    "CatalogueError",
    "Content",
    "Endpoint",
    "ErrorCode",
    "Event",
    "Field",
    "InternalCode",
    "Lifecycle",
    "Options",
    "endpoint",
    "endpoints",
    "internal_code",
    "internal_codes",
    "likeliest",
    "notifications",
    "search",
    "suggestion",
]


def endpoints() -> tuple[Endpoint, ...]:
    """Return all endpoints, sorted by path and verb."""
    return load().endpoints


def endpoint(verb: str, path: str) -> Endpoint | None:
    """Return one endpoint, or `None` if none is documented there.

    Args:
        verb: In either case.
        path: A template, with placeholders as ``{name}`` or ``<name>``, or a concrete,
            percent-encoded path such as ``v3/pay/transactions/id/42``, without query. Literal
            segments win over placeholders. ``hk/`` and ``global/`` before ``v3/`` may be there.
    """
    return load().endpoint(verb, path)


def search(text: str) -> tuple[Endpoint, ...]:
    """Return the endpoints that match some words, the likeliest first.

    Each word, or a synonym of it, is in an endpoint's path, title, tags or groups. Basic payment
    comes before what few merchants call, and what is in use before what is withdrawn.

    Args:
        text: Words, such as ``退款`` or ``refund domestic``; case does not matter.
    """
    return load().search(text)


def likeliest() -> tuple[Endpoint, ...]:
    """Return all endpoints, those first that are most likely to be meant; see `search`."""
    return load().likeliest()


def suggestion(text: str) -> str | None:
    """Return what may have been meant by words for which `search` finds nothing, or `None`."""
    return load().suggestion(text)


def notifications() -> tuple[Event, ...]:
    """Return all notifications, sorted by version and event type."""
    return load().events
