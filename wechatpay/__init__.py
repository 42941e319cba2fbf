"""WeChat Pay's merchant API as a chain of attributes: signed, verified, sync and async."""

from ._client import WeChatPay
from ._node import AsyncVerb, Node, Verb
from ._sensitive import Ciphertext
from ._signer import Signer
from ._version import __version__
from .errors import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    PathError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
)

__all__ = [
    "APIError",
    "AsyncVerb",
    "Ciphertext",
    "ClockSkew",
    "ConfigurationError",
    "DecryptionError",
    "Node",
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
