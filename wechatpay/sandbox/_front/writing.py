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
import itertools
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from .._base import Refusal
from .._endpoint import dump
from .._time import Delivery, Event, Form, Judge
from .._world import World
from . import v2, words, xml
from .faults import NO_FAULT, FaultRule, InjectedFault
from .seal import Sealer, request_id

ACKNOWLEDGED = (200, 204)
_BLOCK = 128  # bits
_PROBE = InjectedFault(0.0, FaultRule("*", "**", "probe"))


class NotificationForm(NamedTuple):
    """What notifications of one form are like.

    Attributes:
        content_type: What the body is.
        body: Writes it: of the world, the notification's id, and what there is to tell.
        is_acknowledged: Tells by status and body whether a reply acknowledges it.
        is_stamped: Whether headers have its signature, which may be a wrong one on purpose.
    """

    content_type: str
    body: Callable[[World, str, Event], bytes]
    is_acknowledged: Judge
    is_stamped: bool


def _sealed(world: World, id: str, event: Event) -> bytes:
    nonce, associated_data = secrets.token_hex(6), event.original_type
    ciphertext = world.keys.seal(dump(event.resource), nonce, associated_data)
    return dump(
        {
            "id": id,
            "create_time": world.clock.moment().isoformat(),
            "resource_type": "encrypt-resource",
            "event_type": event.event_type,
            "summary": event.summary,
            "resource": {
                "original_type": event.original_type,
                "algorithm": world.keys.aead,
                "ciphertext": ciphertext,
                "associated_data": associated_data,
                "nonce": nonce,
            },
        }
    )


def _signed(kind: v2.Kind, world: World, _: str, event: Event) -> bytes:
    fields = {"return_code": "SUCCESS", "result_code": "SUCCESS", **event.resource}
    fields["nonce_str"] = secrets.token_hex(16)
    fields |= {} if kind == "MD5" else {"sign_type": kind}
    return xml.dump({**fields, "sign": v2.sign(fields, world.keys.secret, kind)})


def _encrypted(world: World, _: str, event: Event) -> bytes:
    key = hashlib.md5(world.keys.secret.encode()).hexdigest()  # noqa: S324
    padder = PKCS7(_BLOCK).padder()
    encryptor = Cipher(algorithms.AES(key.encode()), modes.ECB()).encryptor()  # noqa: S305
    plain = padder.update(xml.dump(event.resource["req_info"], root="root")) + padder.finalize()
    sealed = encryptor.update(plain) + encryptor.finalize()
    fields: dict[str, Any] = {"return_code": "SUCCESS", **event.resource}
    fields |= {"nonce_str": secrets.token_hex(16), "req_info": base64.b64encode(sealed).decode()}
    return xml.dump(fields)


def _both(world: World, _: str, event: Event) -> bytes:
    """Encrypt as APIv3 does, and sign as APIv2 does."""
    nonce, associated_data = secrets.token_hex(6), "payscore"
    plain = xml.dump(event.resource["event"])
    sealed = AESGCM(world.keys.apiv3_key.encode()).encrypt(
        nonce.encode(), plain, associated_data.encode()
    )
    fields = {name: value for name, value in event.resource.items() if name != "event"}
    fields |= {"event_algorithm": "AEAD_AES_256_GCM", "event_nonce": nonce}
    fields |= {"event_associated_data": associated_data, "nonce_str": secrets.token_hex(16)}
    fields |= {"event_ciphertext": base64.b64encode(sealed).decode(), "algorithm": "HMAC-SHA256"}
    return xml.dump({**fields, "sign": v2.sign(fields, world.keys.secret, "HMAC-SHA256")})


def _by_status(status: int, _: bytes) -> bool:
    return status in ACKNOWLEDGED


def _by_return_code(_: int, reply: bytes) -> bool:
    try:
        return xml.parse(reply).get("return_code") == "SUCCESS"
    except Refusal:
        return False


_XML = "text/xml"
FORMS: Mapping[Form, NotificationForm] = {
    "v3": NotificationForm("application/json", _sealed, _by_status, is_stamped=True),
    "MD5": NotificationForm(_XML, partial(_signed, "MD5"), _by_return_code, is_stamped=False),
    "HMAC-SHA256": NotificationForm(
        _XML, partial(_signed, "HMAC-SHA256"), _by_return_code, is_stamped=False
    ),
    "req_info": NotificationForm(_XML, _encrypted, _by_return_code, is_stamped=False),
    "event": NotificationForm(_XML, _both, _by_return_code, is_stamped=False),
}
"""By the name of its form, how a notification is written and acknowledged."""


class NotificationWriter:
    """Writes and signs a world's notifications.

    Args:
        world: Whose keys, and whose time.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._sealer = Sealer(world.keys, world.clock.wall)
        self._signed = itertools.count(1)

    def body(self, id: str, event: Event) -> bytes:
        """Write a notification."""
        return FORMS[event.form].body(self._world, id, event)

    def headers(self, delivery: Delivery, request_id: str, *, probe: bool) -> dict[str, str]:
        """Return the headers of an attempt; of a probe, with a signature that is wrong."""
        form, stamp = FORMS[delivery.event.form], dict[str, str]()
        if form.is_stamped:
            injected, now = _PROBE if probe else NO_FAULT, self._world.clock.wall()
            stamp, _ = self._sealer.stamp(delivery.body, now, self._signer(), injected)
        return {
            "Content-Type": form.content_type,
            "Accept": "*/*",
            "User-Agent": "Mozilla/4.0",
            "Request-ID": request_id,
            **stamp,
        }

    def judge(self, form: Form) -> Judge:
        """Return what tells whether a reply to such a notification acknowledges it."""
        return FORMS[form].is_acknowledged

    def is_stamped(self, form: Form) -> bool:
        """Tell whether headers have its signature, which may be a wrong one on purpose."""
        return FORMS[form].is_stamped

    def request_id(self) -> str:
        """Make a `Request-ID`."""
        return request_id()

    def _signer(self) -> str:
        """The id of the key that signs: with either, in turn, while the merchant is switching."""
        keys = self._world.keys
        if keys.mode != "switching":
            return keys.signer
        # Attempts run in several threads; to take the next of a count is one step.
        return keys.certificate.serial if next(self._signed) % 2 else keys.public_key_id


def probe_of(world: World, url: str) -> Event:
    """Make a notification for a probe to tell: a payment that nobody made."""
    said = words.PROBED.zh
    paid = {"mchid": world.keys.mchid, "out_trade_no": "SIGNTEST"}
    paid |= {"trade_state": "SUCCESS", "trade_state_desc": said}
    return Event("TRANSACTION.SUCCESS", "transaction", said, paid, url)
