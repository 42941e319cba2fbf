"""Who is let in: the merchant's signature, clock, certificate and random string."""

from __future__ import annotations

import json
import secrets
import time
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import runs

from wechatpay.sandbox import Answer, Gateway, Keys, Sandbox

from .merchant import BY_NUMBER, NATIVE, ORDER, TERMINATE, TERMINATION, Merchant, read

_PATH = TERMINATE.format("1234323JKHDFE1243252")
_SHARED = Sandbox()
_MERCHANT = Merchant(_SHARED.config)


def _refused(answer: Answer, field: str, message: str) -> None:
    assert answer.status == 401
    refusal = read(answer)
    assert refusal["code"] == "SIGN_ERROR"
    assert message in refusal["message"]
    assert refusal["detail"]["field"] == field
    assert refusal["detail"]["location"] == "authorization"


def test_right_signature_is_let_in(gateway: Gateway, merchant: Merchant) -> None:
    """A request signed over its own bytes is answered."""
    assert merchant.call(gateway, "POST", _PATH, TERMINATION).status == 204


@given(st.binary(), st.binary())
@settings(max_examples=runs(20))
def test_signature_covers_the_raw_bytes(query: bytes, body: bytes) -> None:
    """Whatever the bytes of query and body are, a signature over exactly those is right."""
    target = _PATH.encode() + b"?" + query
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    message = b"\n".join([b"POST", target, timestamp.encode(), nonce.encode(), body, b""])
    signature = _MERCHANT.sign(message)
    headers = _MERCHANT.headers(
        "POST", "", timestamp=timestamp, nonce_str=nonce, signature=signature
    )
    answer = _SHARED.gateway.handle("POST", target, headers, body)
    assert answer.status == 400
    assert _SHARED.exchanges[-1].verified
    assert _SHARED.exchanges[-1].message == message


def test_wrong_signature_shows_what_was_signed(gateway: Gateway, merchant: Merchant) -> None:
    """A wrong signature is a 401 that shows the message, cut short, and its length in bytes."""
    other = merchant.sign(b"something else")
    body = json.dumps(ORDER, ensure_ascii=False).encode()
    now = str(int(time.time()))
    claims = {"signature": other, "timestamp": now, "nonce_str": "593BEC0C930BF1AFEB40B4A08C8FB242"}
    answer = merchant.call(gateway, "POST", NATIVE, body, **claims)
    _refused(answer, "signature", "错误的签名，验签失败")
    detail = read(answer)["detail"]
    assert detail["issue"] == "sign not match"
    head = f"POST\n{NATIVE}\n{now}\n593BEC0C930BF1AFEB40B4A08C8FB242\n"
    assert detail["sign_information"] == {
        "method": "POST",
        "url": NATIVE,
        "truncated_sign_message": head + '{"appid"\n',
        "sign_message_length": len(head) + len(body) + 1,
    }


def test_short_bodies_are_shown_whole(gateway: Gateway, merchant: Merchant) -> None:
    """Without a body, the last line of the message is empty, as it has to be signed."""
    target = f"{BY_NUMBER.format('123456')}?mchid=1900000109"
    answer = merchant.call(gateway, "GET", target, signature=merchant.sign(b""))
    information = read(answer)["detail"]["sign_information"]
    assert information["url"] == target
    assert information["truncated_sign_message"].endswith("\n\n")


@pytest.mark.parametrize("signature", ["bad base64!", "QUJD", "WECHATPAY/SIGNTEST/abcd", "é"])
def test_signature_that_is_none_is_wrong(
    gateway: Gateway, merchant: Merchant, signature: str
) -> None:
    """What is not a signature at all is a wrong signature, not a failure of the sandbox."""
    answer = merchant.call(gateway, "POST", _PATH, TERMINATION, signature=signature)
    _refused(answer, "signature", "错误的签名，验签失败")


def test_signature_of_another_key_is_wrong(gateway: Gateway, merchant: Merchant) -> None:
    """WeChat Pay's own key does not sign for the merchant."""
    merchant.key = cast("RSAPrivateKey", next(iter(gateway.world.keys.platform.values())))
    _refused(
        merchant.call(gateway, "POST", _PATH, TERMINATION), "signature", "错误的签名，验签失败"
    )


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [("PUT", _PATH, b"{}"), ("POST", f"{_PATH}?", b"{}"), ("POST", _PATH, b"{ }")],
)
def test_every_part_is_covered(
    gateway: Gateway, merchant: Merchant, method: str, target: str, body: bytes
) -> None:
    """A signature over another verb, path or body is wrong."""
    headers = merchant.headers(method, target, body)
    _refused(
        gateway.handle("POST", _PATH.encode(), headers, b"{}"), "signature", "错误的签名，验签失败"
    )


@pytest.mark.parametrize(("skew", "status"), [(0, 204), (300, 204), (-300, 204), (301, 401)])
def test_clock_may_be_five_minutes_off(skew: int, status: int) -> None:
    """A request signed up to 300 seconds away from the sandbox's clock is let in, no further."""
    now = int(time.time())
    sandbox = Sandbox(clock=lambda: now + 0.9)
    merchant = Merchant(sandbox.config)
    timestamp = str(now + skew)
    answer = merchant.call(sandbox.gateway, "POST", _PATH, TERMINATION, timestamp=timestamp)
    assert answer.status == status
    if status == 401:
        _refused(
            answer, "timestamp", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
        )
        assert read(answer)["detail"]["issue"] == "+301 s from the server's clock"


def test_random_string_counts_once(gateway: Gateway, merchant: Merchant) -> None:
    """The same request a second time is refused; signed anew, it is let in."""
    nonce = "593BEC0C930BF1AFEB40B4A08C8FB242"
    assert merchant.call(gateway, "POST", _PATH, TERMINATION, nonce_str=nonce).status == 204
    again = merchant.call(gateway, "POST", _PATH, TERMINATION, nonce_str=nonce)
    _refused(again, "nonce_str", "Http头Authorization中的nonce_str重复")
    assert merchant.call(gateway, "POST", _PATH, TERMINATION).status == 204


def test_wrong_signature_uses_up_no_random_string(gateway: Gateway, merchant: Merchant) -> None:
    """A forged request does not keep the merchant from sending the true one."""
    nonce = "593BEC0C930BF1AFEB40B4A08C8FB242"
    forged = merchant.sign(b"")
    call = {"nonce_str": nonce, "signature": forged}
    assert merchant.call(gateway, "POST", _PATH, TERMINATION, **call).status == 401
    assert merchant.call(gateway, "POST", _PATH, TERMINATION, nonce_str=nonce).status == 204


def test_random_strings_are_forgotten() -> None:
    """A random string is remembered only for as long as a request with it could still be right."""
    now = time.time()
    sandbox = Sandbox(clock=lambda: now)
    merchant = Merchant(sandbox.config)
    for _ in range(2):
        timestamp = str(int(now))
        claims = {"nonce_str": "once", "timestamp": timestamp}
        answer = merchant.call(sandbox.gateway, "POST", _PATH, TERMINATION, **claims)
        assert answer.status == 204
        now += 601


def test_serial_is_the_merchant_certificates(gateway: Gateway, merchant: Merchant) -> None:
    """The serial number is the merchant certificate's, its letters in any case."""
    lower = merchant.call(gateway, "POST", _PATH, TERMINATION, serial_no=merchant.serial.lower())
    assert lower.status == 204
    wrong = gateway.world.keys.certificate.serial
    answer = merchant.call(gateway, "POST", _PATH, TERMINATION, serial_no=wrong)
    _refused(answer, "serial_no", "商户证书序列号有误。请使用签名私钥匹配的证书序列号")


def test_merchant_is_the_sandboxs(gateway: Gateway, merchant: Merchant) -> None:
    """Another merchant is not known."""
    answer = merchant.call(gateway, "POST", _PATH, TERMINATION, mchid="1900000110")
    _refused(answer, "mchid", "商户未申请过证书。")


def test_authorization_is_required(gateway: Gateway) -> None:
    """A request without the header is a 401."""
    headers = [(b"Accept", b"*/*"), (b"User-Agent", b"tests")]
    _refused(gateway.handle("POST", _PATH.encode(), headers), "Authorization", "值格式错误")


def test_authorization_is_single(gateway: Gateway, merchant: Merchant) -> None:
    """Two such headers are a 401, even if both are right."""
    one, two = (merchant.headers("POST", _PATH) for _ in range(2))
    _refused(gateway.handle("POST", _PATH.encode(), one + two), "Authorization", "值格式错误")


@pytest.mark.parametrize("missing", [b"Accept", b"User-Agent"])
def test_accept_and_user_agent_are_required(
    gateway: Gateway, merchant: Merchant, missing: bytes
) -> None:
    """A request that does not name its software, or what it accepts, is a 400."""
    headers = [line for line in merchant.headers("POST", _PATH) if line[0] != missing]
    answer = gateway.handle("POST", _PATH.encode(), headers)
    assert answer.status == 400
    assert read(answer)["code"] == "INVALID_REQUEST"


@given(
    st.sampled_from(["GET", "POST", "PUT", "", "pöst"]),
    st.binary() | st.sampled_from([NATIVE.encode(), _PATH.encode(), b"/v3/certificates"]),
    st.lists(st.tuples(st.binary(), st.binary())),
    st.binary(),
)
def test_no_bytes_break_it(
    method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """Any bytes at all are a typed refusal, signed like every reply."""
    standard = [(b"accept", b"*/*"), (b"user-agent", b"tests")]
    answer = _SHARED.gateway.handle(method, target, [*standard, *headers], body)
    assert 400 <= answer.status < 500
    assert read(answer)["code"]
    assert _MERCHANT.verify(dict(answer.headers), answer.body)


def test_keys_are_not_shown() -> None:
    """No `repr` shows a key."""
    keys = Keys.throwaway("1900000109")
    assert keys.apiv3_key not in repr(keys)
    assert keys.apiv3_key not in repr(Sandbox())
