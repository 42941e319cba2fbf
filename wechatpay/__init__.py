"""WeChat Pay's merchant API as a chain of attributes: signed, verified, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._chain.node import AsyncVerb, Node, Verb
from ._client.client import WeChatPay
from ._v3.signer import Signer
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
    from ._v3.sensitive import Ciphertext
    from .media import Media
    from .notification import Notification

__all__ = [
    "APIError",
    "AsyncVerb",
    "Ciphertext",
    "ClockSkew",
    "ConfigurationError",
    "DecryptionError",
    "MalformedNotification",
    "Media",
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

# Loaded when first asked for: not every program uploads files or is notified.
_HOMES = {"Ciphertext": "_v3.sensitive", "Media": "media", "Notification": "notification"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__]
