"""`wxpay.notification`: the client's keys, and certificates fetched where that can help."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from gateway import (
    APIV3_KEY,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_list,
    public_key_identity,
)
from ways import client_of

from wechatpay import (
    ConfigurationError,
    Notification,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
    WeChatPayError,
)
from wechatpay._v3 import keyring
from wechatpay.crypto import rsa

NONCE = "nonce0000001"


def sent_by(who: Identity) -> tuple[dict[str, str], bytes]:
    """Return a notification as WeChat Pay sends it: headers and body."""
    secret = AESGCM(APIV3_KEY.encode()).encrypt(NONCE.encode(), b'{"out_trade_no":"1"}', b"")
    body = json.dumps(
        {
            "id": "EV-1",
            "create_time": "2026-01-01T00:00:00+08:00",
            "event_type": "TRANSACTION.SUCCESS",
            "resource_type": "encrypt-resource",
            "summary": "支付成功",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": b64encode(secret).decode(),
                "nonce": NONCE,
            },
        }
    ).encode()
    now = str(int(time.time()))
    message = f"{now}\n{NONCE}\n".encode() + body + b"\n"
    return {
        "wechatpay-timestamp": now,
        "wechatpay-nonce": NONCE,
        "wechatpay-serial": who.id,
        "wechatpay-signature": rsa.sign(message, who.key),
    }, body


def read(wxpay: WeChatPay, who: Identity, *, awaited: bool) -> Notification:
    """Have a client read a notification, in one of the two ways."""
    headers, body = sent_by(who)
    if awaited:

        async def main() -> Notification:
            return await wxpay.notification_async(headers, body)

        return asyncio.run(main())
    return wxpay.notification(headers, body)


either_way = pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])


@either_way
def test_a_notification_opens_with_the_clients_keys(
    make_client: Callable[..., WeChatPay], public_key: Identity, *, awaited: bool
) -> None:
    """What was signed with a key at hand needs no network, and holds what was encrypted."""
    notification = read(make_client(apiv3_key=APIV3_KEY), public_key, awaited=awaited)
    assert notification.resource == {"out_trade_no": "1"}
    assert notification.serial == PUBLIC_KEY_ID


@either_way
def test_certificates_are_downloaded_for_a_first_notification(
    certificate: Identity, *, awaited: bool
) -> None:
    """A client that has no certificate yet gets them, once, and then reads."""
    with Gateway(certificate) as gateway:
        gateway.routes["/v3/certificates"] = certificate_list([certificate])
        with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
            for _ in range(2):
                assert read(wxpay, certificate, awaited=awaited).serial == certificate.id
    assert len(gateway.requests) == 1


@either_way
def test_a_new_certificate_is_downloaded(certificate: Identity, *, awaited: bool) -> None:
    """A notification signed with a certificate that is not held yet has it fetched."""
    with Gateway(certificate) as gateway:
        gateway.routes["/v3/certificates"] = certificate_list(
            [certificate], signer=public_key_identity()
        )
        with client_of(gateway, apiv3_key=APIV3_KEY) as wxpay:
            assert read(wxpay, certificate, awaited=awaited).id == "EV-1"


@either_way
@pytest.mark.parametrize("held", [True, False], ids=["keys", "no keys"])
@pytest.mark.parametrize(
    "answer",
    [Answer(fault="reset"), Answer(500, {"code": "SYSTEM_ERROR"}), Answer(200, b"<html>")],
    ids=["reset", "500", "page"],
)
def test_forged_ids_cost_one_download(
    gateway: Gateway, certificate: Identity, answer: Answer, *, held: bool, awaited: bool
) -> None:
    """However many ids anybody makes up, certificates are asked for once, though that fails."""
    gateway.routes["/v3/certificates"] = answer
    settings: dict[str, Any] = {} if held else {"certs": None}
    with client_of(gateway, apiv3_key=APIV3_KEY, retries=0, **settings) as wxpay:
        for number in range(20):
            with pytest.raises(WeChatPayError):
                read(wxpay, certificate._replace(id=f"{number:040X}"), awaited=awaited)
    assert len(gateway.requests) == 1


@either_way
def test_forged_ids_do_not_keep_a_new_certificate_out_for_long(
    certificate: Identity, monkeypatch: pytest.MonkeyPatch, *, awaited: bool
) -> None:
    """A minute after a forged id a new one is looked up."""
    with Gateway(certificate) as gateway:
        gateway.routes["/v3/certificates"] = certificate_list(
            [certificate], signer=public_key_identity()
        )
        with client_of(gateway, apiv3_key=APIV3_KEY) as wxpay:
            with pytest.raises(UnknownPlatformKey):
                read(wxpay, certificate._replace(id="0" * 40), awaited=awaited)
            assert read(wxpay, certificate, awaited=awaited).id == "EV-1"
            with pytest.raises(UnknownPlatformKey):
                read(wxpay, certificate._replace(id="1" * 40), awaited=awaited)
            assert len(gateway.requests) == 1
            monkeypatch.setattr(keyring, "FORGED_ID_INTERVAL", 0.0)
            with pytest.raises(UnknownPlatformKey):
                read(wxpay, certificate._replace(id="1" * 40), awaited=awaited)
            assert len(gateway.requests) == 2


@either_way
def test_body_is_read_after_the_headers(
    make_client: Callable[..., WeChatPay], public_key: Identity, *, awaited: bool
) -> None:
    """A body may be a function that reads it, which is not called for what headers prove wrong."""
    wxpay = make_client(apiv3_key=APIV3_KEY)
    headers, body = sent_by(public_key)
    asked: list[object] = []

    def reading() -> bytes:
        asked.append(1)
        return body

    async def reading_async() -> bytes:
        return reading()

    def ask(headers: dict[str, str]) -> list[Notification]:
        if not awaited:
            return [wxpay.notification(headers, reading)]

        async def main() -> list[Notification]:
            ways = (reading, reading_async)
            return [await wxpay.notification_async(headers, way) for way in ways]

        return asyncio.run(main())

    for wrong in (
        {},
        {**headers, "wechatpay-timestamp": "1"},
        {**headers, "wechatpay-serial": "1"},
    ):
        with pytest.raises(VerificationError):
            ask(wrong)
    assert asked == []
    assert {one.id for one in ask(headers)} == {"EV-1"}
    assert len(asked) == (2 if awaited else 1)


def test_an_unknown_id_that_cannot_be_fetched_says_so(
    make_client: Callable[..., WeChatPay], certificate: Identity
) -> None:
    """Where the certificates cannot be had, the id is unknown, and why is its cause."""
    with pytest.raises(UnknownPlatformKey, match=certificate.id) as caught:
        read(make_client(apiv3_key=APIV3_KEY), certificate, awaited=False)
    assert isinstance(caught.value.__cause__, TransportError)


def test_without_the_apiv3_key_nothing_is_read(wxpay: WeChatPay, public_key: Identity) -> None:
    """A client that could not decrypt says which key it needs."""
    with pytest.raises(ConfigurationError, match="pass apiv3_key"):
        read(wxpay, public_key, awaited=False)


def test_a_client_signs_payment_parameters(make_client: Callable[..., WeChatPay]) -> None:
    """`wxpay.paysign` signs with the client's own key and names its merchant."""
    parameters = make_client().paysign.app("wx1234567890123456", "wx2014102720093955")
    assert parameters["partnerid"] == make_client().paysign.app("wx1", "wx2")["partnerid"]
    assert parameters["package"] == "Sign=WXPay"
