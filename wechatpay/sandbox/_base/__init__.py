"""What everything else stands on: what is remembered, who holds which key, what is said."""

from __future__ import annotations

from .home import PrivateFolder, user_folder
from .keys import (
    BEIJING,
    MODES,
    Certificate,
    Keys,
    Mode,
    PrivateKey,
    PublicKey,
    covers,
    scheme_of,
    sign,
)
from .refusal import No, Old, OldNo, OldRefusal, Refusal
from .sm import SMPrivateKey, SMPublicKey
from .store import Document, StateError, Store
from .text import Text, Words

__all__ = [
    "BEIJING",
    "MODES",
    "Certificate",
    "Document",
    "Keys",
    "Mode",
    "No",
    "Old",
    "OldNo",
    "OldRefusal",
    "PrivateFolder",
    "PrivateKey",
    "PublicKey",
    "Refusal",
    "SMPrivateKey",
    "SMPublicKey",
    "StateError",
    "Store",
    "Text",
    "Words",
    "covers",
    "scheme_of",
    "sign",
    "user_folder",
]
