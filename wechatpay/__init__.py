"""WeChat Pay's merchant API as a chain of attributes: signed, verified, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._chain import AsyncVerb, Node, Verb
from ._client import WeChatPay
from ._lazy import lazy
from ._v3 import Signer
from ._version import __version__
from .errors import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    MalformedNotification,
    PathError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
)

if TYPE_CHECKING:
    from ._call import NULL, CallRecord
    from ._v3 import Ciphertext
    from .media import Media
    from .notification import Notification

__all__ = [  # noqa: RUF022  sorted as text
    "APIError",
    "AsyncVerb",
    "CallRecord",
    "Ciphertext",
    "ClockSkew",
    "ConfigurationError",
    "DecryptionError",
    "MalformedNotification",
    "Media",
    "NULL",
    "Node",
    "Notification",
    "PathError",
    "SignatureProbe",
    "Signer",
    "TransportError",
    "UnknownPlatformKey",
    "Verb",
    "VerificationError",
    "WeChatPay",
    "WeChatPayError",
    "__version__",
]

# Loaded when first asked for: not every program uploads files, sends nulls or is notified.
if not TYPE_CHECKING:
    __getattr__ = lazy(
        __name__,
        {
            "_call": "NULL CallRecord",
            "_v3": "Ciphertext",
            "media": "Media",
            "notification": "Notification",
        },
        missing="_chain.imported",
    )


def __dir__() -> list[str]:
    return [*__all__]
