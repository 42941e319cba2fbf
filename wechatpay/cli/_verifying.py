"""Signatures of WeChat Pay's, checked with the keys of the settings, now or long after."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigurationError, UnknownPlatformKey, VerificationError
from .words import text

if TYPE_CHECKING:
    from .._v3 import Keyring
    from ._settings import Settings

T = TypeVar("T")


def verified(settings: Settings, headers: Mapping[str, str], body: bytes, *, any_age: bool) -> str:
    """Return the id of the key that signed an answer or a notification.

    Raises:
        VerificationError: It is not provably WeChat Pay's.
        ConfigurationError: There is no key of WeChat Pay's.
    """
    from httpx import Headers

    from .._v3 import verify

    given = Headers(dict(headers))
    return with_keys(settings, lambda ring: verify(given, body, ring, window(any_age)).id)


def opened(
    settings: Settings, headers: Mapping[str, str], body: bytes, *, any_age: bool
) -> dict[str, Any]:
    """Return what a notification holds, once it is verified.

    Raises:
        VerificationError: It is not provably WeChat Pay's.
        ConfigurationError: There is no key of WeChat Pay's, or no APIv3 key.
        DecryptionError: The APIv3 key does not open it.
    """
    from .._client import check_apiv3_key
    from ..notification import read

    key = check_apiv3_key(settings.need("APIV3_KEY")) or b""
    return with_keys(
        settings, lambda ring: read(headers, body, ring, key, window(any_age)).resource
    )


def window(any_age: bool) -> float:
    """Return the seconds that a signature's time may be off: a saved message may be of any age."""
    from .._v3 import WINDOW

    return math.inf if any_age else WINDOW


def with_keys(settings: Settings, judge: Callable[[Keyring], T]) -> T:
    """Judge a message by WeChat Pay's keys in the settings: they are all that it takes.

    Certificates are downloaded only without such a key, and with what downloading takes.

    Raises:
        ConfigurationError: There is no key of WeChat Pay's.
    """
    from .._client import certs_from, make_keyring
    from .._v3 import Keyring
    from .commands.certs import downloaded

    ring, _ = make_keyring(certs_from(settings.environ), b"")
    may_download = settings.get("APIV3_KEY") and settings.get("PRIVATE_KEY")
    if not ring.keys and not may_download:
        raise ConfigurationError(text("doctor.no_platform_key"))
    try:
        return judge(ring)
    except UnknownPlatformKey:
        if not may_download or any(one.is_public_key for one in ring.keys.values()):
            raise
        return judge(Keyring([*ring.keys.values(), *downloaded(settings)]))


def verified_v2(settings: Settings, raw: bytes) -> dict[str, Any]:
    """Return the fields of an APIv2 message that carries its own signature.

    Raises:
        VerificationError: The signature is missing or wrong.
        ConfigurationError: There is no APIv2 key.
        XMLError: It is no such message.
    """
    from .. import xml
    from ..crypto import digest

    secret, fields = settings.need("SECRET"), xml.loads(raw)
    if not digest.verify(fields, secret):
        raise VerificationError(text("verify.v2_wrong"), outcome_unknown=False)
    return fields


def is_v2(raw: bytes) -> bool:
    """Tell whether a message is APIv2's XML."""
    return raw.lstrip().startswith(b"<")
