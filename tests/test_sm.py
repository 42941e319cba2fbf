"""A merchant with 国密: signed with SM2, verified with SM2, opened with SM4, and never with RSA."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sm_keys import certificate_of, new_key, pem

from wechatpay import ConfigurationError, DecryptionError, VerificationError, WeChatPay
from wechatpay._v3 import KeySigner
from wechatpay.crypto import rsa, sm2, sm4

pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")

MCHID = "1900000109"
SERIAL = "3775B6A45ACD588826D15E583A95F5DD00000000"
APIV3_KEY = "0123456789abcdef0123456789abcdef"
OURS, THEIRS = new_key(), new_key()
CERTIFICATE = certificate_of(THEIRS.public_key(), 0x5157F09EFDC096DE15EBE81A47057A7200000000)
THEIR_SERIAL = "5157F09EFDC096DE15EBE81A47057A7200000000"
Sign = Callable[[bytes], str]


def sm_sign(message: bytes) -> str:
    """Sign as WeChat Pay does for such merchants."""
    return sm2.sign(message, THEIRS)


def signed(body: bytes, sign: Sign = sm_sign, serial: str = THEIR_SERIAL) -> dict[str, str]:
    """Return the headers of an answer or a notification."""
    timestamp, nonce = str(int(time.time())), os.urandom(8).hex()
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": sign(f"{timestamp}\n{nonce}\n".encode() + body + b"\n"),
        "Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3",
    }


def answering(respond: Callable[[httpx.Request], httpx.Response], **more: Any) -> Any:
    """Return a client of such a merchant whose calls `respond` answers, without types."""
    arguments: dict[str, Any] = {
        "mchid": MCHID,
        "serial": SERIAL,
        "private_key": pem("PRIVATE KEY", OURS.to_der()),
        "certs": {THEIR_SERIAL: pem("CERTIFICATE", CERTIFICATE)},
        "apiv3_key": APIV3_KEY,
        "http_client": httpx.Client(transport=httpx.MockTransport(respond)),
        "async_http_client": httpx.AsyncClient(transport=httpx.MockTransport(respond)),
        **more,
    }
    return WeChatPay(**arguments)


def checked(request: httpx.Request) -> None:
    """Check that a request is signed with SM2 over its very bytes, as documented."""
    scheme, _, rest = request.headers["Authorization"].partition(" ")
    assert scheme == "WECHATPAY2-SM2-WITH-SM3"
    fields = dict(one.split("=", 1) for one in rest.split(","))
    parts = {name: value.strip('"') for name, value in fields.items()}
    assert (parts["mchid"], parts["serial_no"]) == (MCHID, SERIAL)
    message = b"%b\n%b\n%b\n%b\n%b\n" % (
        request.method.encode(),
        request.url.raw_path,
        parts["timestamp"].encode(),
        parts["nonce_str"].encode(),
        request.content,
    )
    assert sm2.verify(message, parts["signature"], OURS.public_key())


def test_calls_are_signed_and_verified_with_sm2() -> None:
    """A call, blocking or not, is signed as documented, and its answer is verified."""

    def respond(request: httpx.Request) -> httpx.Response:
        checked(request)
        body = b'{"code_url":"weixin://"}'
        return httpx.Response(200, content=body, headers=signed(body))

    wxpay = answering(respond)
    body = {"description": "QQ公仔"}
    response = wxpay.v3.pay.transactions.native.post(json=body)
    assert response.extensions["wechatpay"].verified
    assert response.extensions["wechatpay"].serial == THEIR_SERIAL
    assert asyncio.run(wxpay.v3.pay.transactions.native.post_async(json=body)).json()


@pytest.mark.parametrize("kind", ["another SM2 key", "RSA", "another text"])
def test_what_is_not_signed_by_theirs_is_refused(kind: str, merchant_key: Any) -> None:
    """A signature of another key, of RSA or over other bytes does not verify."""
    makers: dict[str, Sign] = {
        "another SM2 key": lambda message: sm2.sign(message, OURS),
        "RSA": lambda message: rsa.sign(message, merchant_key),
        "another text": lambda message: sm_sign(message + b"x"),
    }
    wxpay = answering(
        lambda _: httpx.Response(200, content=b"{}", headers=signed(b"{}", makers[kind]))
    )
    with pytest.raises(VerificationError, match="over these 2 bytes"):
        wxpay.v3.certificates.get()


def test_an_rsa_merchant_takes_nothing_of_sm(merchant_key: Any, public_key: Any) -> None:
    """An RSA client does not verify an SM2 signature under its own key's id."""

    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"{}", headers=signed(b"{}", serial=public_key.id))

    wxpay = answering(
        respond, private_key=merchant_key, certs={public_key.id: public_key.key.public_key()}
    )
    with pytest.raises(VerificationError):
        wxpay.v3.pay.transactions.id.get()
    notification = sealed({"out_trade_no": "1"})
    with pytest.raises(VerificationError):
        wxpay.notification(signed(notification, serial=public_key.id), notification)


def sealed(resource: dict[str, Any], algorithm: str = "AEAD_SM4_GCM") -> bytes:
    """Return a notification's body."""
    text = json.dumps(resource)
    ciphertext = sm4.encrypt(text, APIV3_KEY, "fdasflkja484", "transaction")
    return json.dumps(
        {
            "id": "EV-2018022511223320873",
            "create_time": "2026-05-20T13:29:35+08:00",
            "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS",
            "summary": "支付成功",
            "resource": {
                "algorithm": algorithm,
                "ciphertext": ciphertext,
                "nonce": "fdasflkja484",
                "associated_data": "transaction",
                "original_type": "transaction",
            },
        }
    ).encode()


def test_notifications_are_opened_with_sm4() -> None:
    """A notification is verified with SM2 and opened with SM4; one that claims AES is not."""
    wxpay = answering(lambda _: httpx.Response(500))
    body = sealed({"out_trade_no": "1217752501201407033233368018"})
    notification = wxpay.notification(signed(body), body)
    assert notification.resource["out_trade_no"] == "1217752501201407033233368018"
    claims = sealed({}, "AEAD_AES_256_GCM")
    with pytest.raises(DecryptionError, match="AEAD_SM4_GCM"):
        wxpay.notification(signed(claims), claims)


def test_personal_data_is_encrypted_with_sm2() -> None:
    """A marked field leaves encrypted for WeChat Pay's SM2 key, which the call names."""
    seen: list[dict[str, Any]] = []

    def respond(request: httpx.Request) -> httpx.Response:
        checked(request)
        assert request.headers["Wechatpay-Serial"] == THEIR_SERIAL
        seen.append(json.loads(request.content))
        return httpx.Response(200, content=b"{}", headers=signed(b"{}"))

    wxpay = answering(respond)
    wxpay.v3.profitsharing.receivers.add.post(
        json={"appid": "wx", "type": "PERSONAL_OPENID", "account": "o", "name": "张三"}
        | {"relation_type": "USER"}
    )
    assert sm2.decrypt(seen[0]["name"], THEIRS) == "张三"
    by_hand = wxpay.encrypt("李四")
    assert sm2.decrypt(by_hand, THEIRS) == "李四"
    assert wxpay.decrypt(sm2.encrypt("王五", OURS.public_key())) == "王五"


def certificate_list(*, algorithm: str = "AEAD_SM4_GCM", certificate: bytes = CERTIFICATE) -> bytes:
    """Return what `v3/certificates` answers."""
    text = pem("CERTIFICATE", certificate)
    entry = {
        "serial_no": THEIR_SERIAL,
        "effective_time": "2026-01-01T00:00:00+08:00",
        "expire_time": "2036-01-01T00:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": algorithm,
            "nonce": "61f9c719728a",
            "associated_data": "certificate",
            "ciphertext": sm4.encrypt(text, APIV3_KEY, "61f9c719728a", "certificate"),
        },
    }
    return json.dumps({"data": [entry]}).encode()


def test_certificates_are_downloaded_by_their_kind() -> None:
    """Without certs, SM2 certificates are requested, decrypted with SM4, verified and used."""
    asked: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        checked(request)
        asked.append(request.url.raw_path)
        body = certificate_list() if b"certificates" in request.url.raw_path else b"{}"
        return httpx.Response(200, content=body, headers=signed(body))

    wxpay = answering(respond, certs=None)
    assert wxpay.v3.pay.transactions.native.post(json={}).status_code == 200
    assert asked == [b"/v3/certificates?algorithm_type=SM2", b"/v3/pay/transactions/native"]
    assert base64.b64decode(wxpay.encrypt("x"))


def test_certificates_of_another_kind_are_left_out() -> None:
    """Entries that are not opened with SM4 are not this merchant's, so nothing in it is valid."""

    def respond(_: httpx.Request) -> httpx.Response:
        body = certificate_list(algorithm="AEAD_AES_256_GCM")
        return httpx.Response(200, content=body, headers=signed(body))

    with pytest.raises(VerificationError, match="none of the 1 certificates"):
        answering(respond, certs=None).v3.pay.transactions.native.post(json={})


def test_a_key_of_another_kind_in_the_list_is_refused(certificate: Any) -> None:
    """A certificate with an RSA key does not come in by way of a list for SM2."""

    def respond(_: httpx.Request) -> httpx.Response:
        body = certificate_list()
        entry = json.loads(body)["data"][0]
        sealed = entry["encrypt_certificate"]
        sealed["ciphertext"] = sm4.encrypt(
            certificate.certificate, APIV3_KEY, sealed["nonce"], "certificate"
        )
        body = json.dumps({"data": [{**entry, "serial_no": certificate.id}]}).encode()
        return httpx.Response(200, content=body, headers=signed(body))

    with pytest.raises(VerificationError, match="not a list of platform certificates"):
        answering(respond, certs=None).v3.pay.transactions.native.post(json={})


def test_a_key_of_a_third_kind_is_named() -> None:
    """A key object that is neither RSA's nor SM2's is refused by what it is."""
    third: Any = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(ConfigurationError, match="not an RSA public key: EC"):
        answering(lambda _: httpx.Response(500), certs={"PUB_KEY_ID_0": third.public_key()})
    with pytest.raises(ConfigurationError, match="a path or a key object, not EC"):
        answering(lambda _: httpx.Response(500), private_key=third)


def test_the_key_of_a_bill_is_opened() -> None:
    """What is not text, as the key of an encrypted bill, opens with the merchant's SM2 key."""
    signer = KeySigner(SERIAL, OURS)
    assert signer.decrypt_bytes(sm2.encrypt(b"\xff" * 16, OURS.public_key())) == b"\xff" * 16


def test_keys_of_two_kinds_are_refused(merchant_key: Any, public_key: Any) -> None:
    """A merchant has RSA keys or SM2 keys: a mixture is named before anything is sent."""
    rsa_key = public_key.key.public_key()
    with pytest.raises(ConfigurationError, match="keys of two kinds: private_key RSA, certs"):
        answering(lambda _: httpx.Response(500), private_key=merchant_key)
    with pytest.raises(ConfigurationError, match="keys of two kinds"):
        answering(lambda _: httpx.Response(500), certs={public_key.id: rsa_key})
    with pytest.raises(ConfigurationError, match="brand's key must be an RSA key"):
        WeChatPay(
            brand_id="12345",
            serial=SERIAL,
            private_key=OURS,
            certs={"PUB_KEY_ID_0": THEIRS.public_key()},
        )


def test_their_key_is_not_ours() -> None:
    """The merchant's own SM2 key given as WeChat Pay's is refused, as an RSA key would be."""
    with pytest.raises(ConfigurationError, match="merchant's own public key"):
        answering(lambda _: httpx.Response(500), certs={"PUB_KEY_ID_0": OURS.public_key().to_der()})
