"""Signatures of WeChat Pay's, checked with the keys of the settings, now or long after."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from .._v3 import verification
from ..errors import VerificationError
from .words import text

if TYPE_CHECKING:
    from ._settings import Settings

_SIGNED = "wechatpay-"
_REPLAYED = "v3/replayed"


@contextmanager
def any_age(allowed: bool) -> Generator[None]:
    """Let signatures be of any age for a while: what is looked at was saved, not just received."""
    module = cast("Any", verification)
    kept = module.WINDOW
    module.WINDOW = math.inf if allowed else kept
    try:
        yield
    finally:
        module.WINDOW = kept


def verified(settings: Settings, headers: Mapping[str, str], body: bytes) -> str:
    """Return the id of the key that signed an answer or a notification.

    A client of these settings is given it as the answer to a query, so that it judges it, and
    downloads certificates if it has to, as it always does.

    Raises:
        VerificationError: It is not provably WeChat Pay's.
        ConfigurationError: There is no key of WeChat Pay's, or none to sign with.
    """
    import httpx

    signed = {name: value for name, value in headers.items() if name.lower().startswith(_SIGNED)}

    class Replay(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith(_REPLAYED):
                return httpx.Response(200, headers=signed, content=body)
            return super().handle_request(request)

    with httpx.Client(transport=Replay()) as replay, settings.client(http_client=replay) as client:
        response: httpx.Response = cast("Any", client).chain(_REPLAYED).get()
        return str(response.extensions["wechatpay"]["serial"])


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
