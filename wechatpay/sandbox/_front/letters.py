"""How notifications are written, and what a merchant says to acknowledge one.

APIv3's are JSON with an encrypted resource; a header has the signature, a status acknowledges.
APIv2's are XML: a payment's carries its own signature, a refund's has none, but is encrypted. To
these the merchant has to say `SUCCESS` in XML, whatever the status.

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4012791861,
https://pay.weixin.qq.com/doc/v2/merchant/4011935221,
https://pay.weixin.qq.com/doc/v2/merchant/4011935223
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from .._base.refusal import Refusal
from .._endpoint.reply import dump
from .._time.events import Event, Form
from .._world import World
from . import v2 as _v2
from . import xml as _xml

ACKNOWLEDGED = (200, 204)
_BLOCK = 128  # bits


class Letter(NamedTuple):
    """What notifications of one form are like.

    Attributes:
        content_type: What the body is.
        body: Writes it: of the world, the notification's id, and what there is to tell.
        is_acknowledged: Tells by status and body whether a reply acknowledges it.
        is_stamped: Whether headers have its signature, which may be a wrong one on purpose.
    """

    content_type: str
    body: Callable[[World, str, Event], bytes]
    is_acknowledged: Callable[[int, bytes], bool]
    is_stamped: bool


def _sealed(world: World, id: str, event: Event) -> bytes:
    nonce, associated_data = secrets.token_hex(6), event.original_type
    ciphertext = AESGCM(world.keys.apiv3_key.encode()).encrypt(
        nonce.encode(), dump(event.resource), associated_data.encode()
    )
    return dump(
        {
            "id": id,
            "create_time": world.clock.moment().isoformat(),
            "resource_type": "encrypt-resource",
            "event_type": event.event_type,
            "summary": event.summary,
            "resource": {
                "original_type": event.original_type,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(ciphertext).decode(),
                "associated_data": associated_data,
                "nonce": nonce,
            },
        }
    )


def _signed(kind: _v2.Kind, world: World, _: str, event: Event) -> bytes:
    fields = {"return_code": "SUCCESS", "result_code": "SUCCESS", **event.resource}
    fields["nonce_str"] = secrets.token_hex(16)
    fields |= {} if kind == "MD5" else {"sign_type": kind}
    return _xml.dump({**fields, "sign": _v2.sign(fields, world.keys.secret, kind)})


def _encrypted(world: World, _: str, event: Event) -> bytes:
    key = hashlib.md5(world.keys.secret.encode()).hexdigest()  # noqa: S324
    padder = PKCS7(_BLOCK).padder()
    encryptor = Cipher(algorithms.AES(key.encode()), modes.ECB()).encryptor()  # noqa: S305
    plain = padder.update(_xml.dump(event.resource["req_info"], root="root")) + padder.finalize()
    sealed = encryptor.update(plain) + encryptor.finalize()
    fields: dict[str, Any] = {"return_code": "SUCCESS", **event.resource}
    fields |= {"nonce_str": secrets.token_hex(16), "req_info": base64.b64encode(sealed).decode()}
    return _xml.dump(fields)


def _by_status(status: int, _: bytes) -> bool:
    return status in ACKNOWLEDGED


def _by_return_code(_: int, reply: bytes) -> bool:
    try:
        return _xml.parse(reply).get("return_code") == "SUCCESS"
    except Refusal:
        return False


_XML = "text/xml"
LETTERS: Mapping[Form, Letter] = {
    "v3": Letter("application/json", _sealed, _by_status, is_stamped=True),
    "MD5": Letter(_XML, partial(_signed, "MD5"), _by_return_code, is_stamped=False),
    "HMAC-SHA256": Letter(_XML, partial(_signed, "HMAC-SHA256"), _by_return_code, is_stamped=False),
    "req_info": Letter(_XML, _encrypted, _by_return_code, is_stamped=False),
}
"""Each form's."""
