"""A brand's client: its own scheme and number in `Authorization`, and nothing of a merchant's."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from gateway import (
    APIV3_KEY,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_list,
    private_pem,
    public_pem,
    rsa_key,
)
from ways import Way, client_of, each_way

from wechatpay import (
    ConfigurationError,
    Media,
    Notification,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
)
from wechatpay._v3 import Scheme, authorization

BRAND: dict[str, Any] = {"mchid": None, "brand_id": "123456789"}
CERTS = {PUBLIC_KEY_ID: public_pem(rsa_key("platform"))}
COUPONS = "brand/marketing/product-coupon/product-coupons"


def scheme_of(request: Any) -> str:
    """Return the name of the scheme that a request was signed by."""
    name, _, _ = request.headers["authorization"].partition(" ")
    return str(name)


@each_way
def test_a_brand_signs_by_its_scheme(gateway: Gateway, way: Way) -> None:
    """The header names the brand and no merchant; its signature covers what went over the wire."""
    gateway.default = Answer(200, {"product_coupon_id": "200000001"})
    with client_of(gateway, **BRAND) as wxpay:
        root: Any = wxpay  # type checkers know the catalogue's paths alone
        product = root.brand.marketing.productCoupon.productCoupons._product_coupon_id_
        assert str(product) == f"{COUPONS}/{{product_coupon_id}}"
        query = {"out_product_no": "Product 1/券"}
        answer = way.call(product, "get", product_coupon_id="200000001", params=query)
        way.call(wxpay[COUPONS], "post", json={"out_request_no": "1", "comment": "满减券"})
    assert answer.extensions["wechatpay"].serial == PUBLIC_KEY_ID
    assert [one.path for one in gateway.requests] == [f"/{COUPONS}/200000001", f"/{COUPONS}"]
    for request in gateway.requests:
        assert scheme_of(request) == "WECHATPAY-BRAND-SHA256-RSA2048"
        assert request.claims.keys() == {
            *("brand_id", "nonce_str", "signature", "timestamp", "serial_no")
        }
        assert request.claims["brand_id"] == "123456789"
        assert request.claims["serial_no"] == MERCHANT_SERIAL
        assert request.headers["wechatpay-serial"] == PUBLIC_KEY_ID
        assert request.is_signed_by(rsa_key("merchant"))


def test_an_upload_of_a_brand_signs_its_meta(gateway: Gateway) -> None:
    """An endpoint that the catalogue does not list takes a file in the usual form."""
    upload = "brand/marketing/product-coupon/media/upload-image"
    with client_of(gateway, **BRAND) as wxpay:
        wxpay[upload].post(media=Media(b"image", filename="券.jpg"))
    [request] = gateway.requests
    meta = {"sha256": hashlib.sha256(b"image").hexdigest(), "filename": "券.jpg"}
    signed = json.dumps(meta, ensure_ascii=False, separators=(",", ":")).encode()
    assert b'name="meta"' in request.body
    assert signed in request.body
    claims = request.claims
    message = f"POST\n/{upload}\n{claims['timestamp']}\n{claims['nonce_str']}\n".encode()
    rsa_key("merchant").public_key().verify(
        base64.b64decode(claims["signature"]), message + signed + b"\n", PKCS1v15(), SHA256()
    )


def test_a_brand_encrypts_fields_itself(gateway: Gateway) -> None:
    """What `encrypt` made is sent as it is, also by a brand's client."""
    with client_of(gateway, **BRAND) as wxpay:
        sealed = wxpay.encrypt("13900000000")
        node: Any = wxpay["brand/card-member/user-cards"]
        node.post(json={"phone_number": sealed})
    sent = json.loads(gateway.requests[0].body)["phone_number"]
    opened = rsa_key("platform").decrypt(base64.b64decode(sent), OAEP(MGF1(SHA1()), SHA1(), None))
    assert opened == b"13900000000"


def test_a_forged_answer_to_a_brand_is_refused(gateway: Gateway) -> None:
    """A brand's answers are verified as everybody's are."""
    gateway.identity = Identity(PUBLIC_KEY_ID, rsa_key("somebody else"))
    with client_of(gateway, **BRAND) as wxpay, pytest.raises(VerificationError) as caught:
        wxpay[COUPONS].post(json={})
    assert caught.value.outcome_unknown


def notified(serial: str = PUBLIC_KEY_ID) -> tuple[dict[str, str], bytes]:
    """Return what WeChat Pay sends to a brand: sealed with its API key, and signed."""
    nonce, kind = "fdasflkja484", b"PRODUCT_COUPON"
    secret = AESGCM(APIV3_KEY.encode()).encrypt(nonce.encode(), b'{"coupon_code":"1"}', kind)
    fields = {
        "id": "EV-1",
        "create_time": "2026-01-01T00:00:00+08:00",
        "event_type": "PRODUCT_COUPON.SEND",
        "resource_type": "encrypt-resource",
        "summary": "领券",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "original_type": "PRODUCT_COUPON",
            "associated_data": kind.decode(),
            "ciphertext": base64.b64encode(secret).decode(),
            "nonce": nonce,
        },
    }
    body, now = json.dumps(fields, ensure_ascii=False).encode(), str(int(time.time()))
    message = f"{now}\n{nonce}\n".encode() + body + b"\n"
    signature = rsa_key("platform").sign(message, PKCS1v15(), SHA256())
    return {
        "Wechatpay-Timestamp": now,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY-BRAND-SHA256-RSA2048",
    }, body


def both(wxpay: WeChatPay, headers: dict[str, str], body: bytes) -> list[Notification]:
    """Read a notification in both ways."""
    waited = asyncio.run(wxpay.notification_async(headers, body))
    return [wxpay.notification(headers, body), waited]


def test_a_brand_reads_its_notifications(make_client: Callable[..., WeChatPay]) -> None:
    """They open with the brand's API key, whichever scheme they say they are signed by."""
    for notification in both(make_client(**BRAND, apiv3_key=APIV3_KEY), *notified()):
        assert notification.event_type == "PRODUCT_COUPON.SEND"
        assert notification.resource == {"coupon_code": "1"}


def test_a_brand_downloads_no_certificates(certificate: Identity) -> None:
    """A key that is not held stays unknown: with its API key a brand fetches nothing."""
    with Gateway(certificate) as gateway:
        gateway.routes["/v3/certificates"] = certificate_list([certificate])
        with client_of(gateway, **BRAND, apiv3_key=APIV3_KEY) as wxpay:
            node: Any = wxpay[COUPONS]
            with pytest.raises(UnknownPlatformKey, match=certificate.id):
                node.get()
            with pytest.raises(UnknownPlatformKey):
                wxpay.notification(*notified(certificate.id))
    assert [one.path for one in gateway.requests] == [f"/{COUPONS}"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"mchid": "1900000109", "brand_id": "123456789"}, "has neither mchid nor secret"),
        ({"secret": "s"}, "has neither mchid nor secret"),
        ({"brand_id": 123456789}, "brand_id must be the brand's number as text"),
        ({"brand_id": '1",mchid="2'}, "brand_id must be the brand's number as text"),
        ({"brand_id": ""}, "brand_id must be the brand's number as text"),
        ({"certs": None}, "pass certs="),
        ({"certs": None, "apiv3_key": APIV3_KEY}, "pass certs="),
        ({"brand_id": None}, "mchid must be the merchant number"),
    ],
)
def test_what_a_brand_cannot_have_is_named(
    make_client: Callable[..., WeChatPay], arguments: dict[str, Any], says: str
) -> None:
    """A brand's client refuses a merchant's arguments when it is made."""
    with pytest.raises(ConfigurationError, match=says):
        make_client(**{**BRAND, **arguments})


def test_a_brand_starts_no_payment(make_client: Callable[..., WeChatPay]) -> None:
    """Payments and APIv2 are a merchant's; what a brand's key signed there would be worthless."""
    wxpay = make_client(**BRAND)
    with pytest.raises(ConfigurationError, match="paysign needs a client with mchid"):
        _ = wxpay.paysign
    with pytest.raises(ConfigurationError, match="is an APIv2 call"):
        wxpay.v2["pay/orderquery"].post(xml={})
    assert repr(wxpay) == "<WeChatPay brand_id=123456789 at http://127.0.0.1:9/ over httpx>"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The variables that a brand sets."""
    for name, value in {
        "BRAND_ID": "123456789",
        "SERIAL": MERCHANT_SERIAL,
        "PRIVATE_KEY": private_pem(rsa_key("merchant")),
        "PUBLIC_KEY_ID": PUBLIC_KEY_ID,
        "PUBLIC_KEY": public_pem(rsa_key("platform")),
    }.items():
        monkeypatch.setenv(f"WECHATPAY_{name}", value)
    return monkeypatch


def test_a_brand_comes_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    """`WECHATPAY_BRAND_ID` takes the place of the merchant number; both together are a mistake."""
    with WeChatPay.from_env() as wxpay:
        assert "brand_id=123456789" in repr(wxpay)
    environment.setenv("WECHATPAY_MCHID", "1900000109")
    with pytest.raises(ConfigurationError, match="has neither mchid"):
        WeChatPay.from_env()


def test_the_argument_says_whose_client_it_is(environment: pytest.MonkeyPatch) -> None:
    """Whichever number is passed wins over the other in the environment."""
    with WeChatPay.from_env(mchid="1900000109") as wxpay:
        assert "mchid=1900000109" in repr(wxpay)
    environment.delenv("WECHATPAY_BRAND_ID")
    environment.setenv("WECHATPAY_MCHID", "1900000109")
    with WeChatPay.from_env(brand_id="987654321") as wxpay:
        assert "brand_id=987654321" in repr(wxpay)


def test_another_scheme_is_another_value() -> None:
    """The header of a scheme that does not exist yet takes its name, its number and a signer."""

    class Signer:
        serial = "AB12"

        def sign(self, message: bytes) -> str:
            """Show what is to be signed."""
            assert message.startswith(b"GET\n/x\n")
            return "signature"

    header = authorization(Scheme("NEW-SCHEME", "shop", "7"), Signer(), "GET", b"/x", b"")
    assert header.startswith('NEW-SCHEME shop="7",nonce_str="')
    assert header.endswith('serial_no="AB12"')
