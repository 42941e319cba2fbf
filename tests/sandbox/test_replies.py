"""Replies: signed with one of WeChat Pay's two keys, whatever they say."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import pytest
from cryptography.exceptions import InvalidSignature

from wechatpay.sandbox import Gateway, Sandbox
from wechatpay.sandbox._families.payments import Orders
from wechatpay.sandbox._front import xml as _xml

from .merchant import NATIVE, ORDER, TERMINATE, TERMINATION, Merchant, read
from .old_shop import Till, refused

_SAMPLE = TERMINATE.format("1234323JKHDFE1243252")
_CERTIFICATES = "/v3/certificates"


def _serial(sandbox: Sandbox) -> str:
    return sandbox.gateway.world.keys.certificate.serial


@pytest.mark.parametrize(
    ("method", "target", "payload", "status"),
    [
        ("POST", NATIVE, ORDER, 200),
        ("POST", _SAMPLE, TERMINATION, 204),
        ("POST", _SAMPLE, {}, 400),
        ("POST", TERMINATE.format("1"), TERMINATION, 404),
        ("GET", _SAMPLE, None, 405),
    ],
)
def test_every_reply_is_signed(
    gateway: Gateway, merchant: Merchant, method: str, target: str, payload: object, status: int
) -> None:
    """Every reply, good or bad, is signed over its bytes; one that is changed is not."""
    answer = merchant.call(gateway, method, target, payload)
    assert answer.status == status
    headers = dict(answer.headers)
    assert merchant.verify(headers, answer.body).startswith("PUB_KEY_ID_01")
    with pytest.raises(InvalidSignature):
        merchant.verify(headers, answer.body + b" ")


def test_replies_are_dated_and_numbered(gateway: Gateway, merchant: Merchant) -> None:
    """A reply has a date and a request id, whose ending tells a signature error."""
    good = merchant.call(gateway, "POST", _SAMPLE, TERMINATION)
    signed_at = int(good.header("wechatpay-timestamp"))
    assert abs(parsedate_to_datetime(good.header("date")).timestamp() - signed_at) <= 1
    assert re.fullmatch("[0-9A-F]{40}-0", good.header("request-id"))
    bad = merchant.call(gateway, "POST", _SAMPLE, TERMINATION, nonce_str="!")
    assert bad.header("Request-ID").endswith("-268443699")


def test_certificates_open_with_the_apiv3_key() -> None:
    """In certificate mode, the list holds the certificate that signs, the very reply included."""
    sandbox = Sandbox(mode="certificate")
    assert "certs" not in sandbox.config
    merchant = Merchant(sandbox.config)
    answer = merchant.call(sandbox.gateway, "GET", _CERTIFICATES)
    merchant.trust(read(answer))
    assert merchant.verify(dict(answer.headers), answer.body) == _serial(sandbox)
    [listed] = read(answer)["data"]
    assert listed["effective_time"] < listed["expire_time"]
    assert listed["effective_time"].endswith("+08:00")
    assert re.fullmatch("[0-9A-F]{40}", listed["serial_no"])
    again = merchant.call(sandbox.gateway, "GET", _CERTIFICATES)
    assert read(again)["data"][0]["encrypt_certificate"] != listed["encrypt_certificate"]


def test_unknown_key_is_refused(gateway: Gateway, merchant: Merchant) -> None:
    """A request that names a key that WeChat Pay does not have is a 400, signed all the same."""
    answer = merchant.call(gateway, "POST", _SAMPLE, TERMINATION, serial=merchant.serial)
    assert answer.status == 400
    assert read(answer)["detail"]["field"] == "Wechatpay-Serial"
    assert merchant.verify(dict(answer.headers), answer.body)


def test_missing_header_reads_as_empty(gateway: Gateway, merchant: Merchant) -> None:
    """A header that a reply does not have reads as an empty string."""
    assert merchant.call(gateway, "GET", "/").header("content-encoding") == ""


def test_exchanges_are_remembered(sandbox: Sandbox, merchant: Merchant) -> None:
    """An exchange tells what both signatures cover, and how the merchant's was judged."""
    good = merchant.call(sandbox.gateway, "POST", _SAMPLE, TERMINATION)
    merchant.call(sandbox.gateway, "POST", _SAMPLE, TERMINATION, signature=merchant.sign(b""))
    merchant.call(sandbox.gateway, "GET", "/nowhere?a=%2F")
    first, second, third = sandbox.exchanges
    assert first.message.startswith(f"POST\n{_SAMPLE}\n".encode())
    assert (first.verified, first.verdict) == (True, "signature right")
    assert (first.status, first.code) == (204, "")
    assert first.reply_message.endswith(b"\n\n")
    assert first.request_id == good.header("request-id")
    assert first.signer == good.header("wechatpay-serial")
    assert (second.verified, second.verdict) == (False, "sign not match")
    assert (second.status, second.code) == (401, "SIGN_ERROR")
    assert (third.verified, third.verdict, third.message) == (False, "not looked at", b"")
    assert (third.method, third.target) == ("GET", "/nowhere?a=%2F")
    assert TERMINATION["reason"] not in repr(first)


def test_old_exchanges_are_forgotten() -> None:
    """Only so many exchanges are kept."""
    sandbox = Sandbox(history=2)
    merchant = Merchant(sandbox.config)
    for path in ("/1", "/2", "/3"):
        merchant.call(sandbox.gateway, "GET", path)
    assert [exchange.target for exchange in sandbox.exchanges] == ["/2", "/3"]


def test_threads_share_a_gateway(sandbox: Sandbox, merchant: Merchant) -> None:
    """Many threads at once get one order for one number, and every exchange is kept."""
    names: set[str] = set()

    def order() -> None:
        for _ in range(10):
            names.update(read(merchant.call(sandbox.gateway, "POST", NATIVE, ORDER)))

    threads = [threading.Thread(target=order) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.exchanges) == 80
    assert names == {"code_url"}
    assert len(sandbox.world.store.find("order")) == 1


def test_gateways_are_merchants_of_their_own() -> None:
    """A gateway stands alone, with keys of its own."""
    one, two = Gateway(), Gateway()
    assert one.world.keys.apiv3_key != two.world.keys.apiv3_key
    assert one.world.keys.public_key_id != two.world.keys.public_key_id


def _break(*_: object, **__: object) -> Mapping[str, object]:
    raise ZeroDivisionError("a mistake of the sandbox's own")


def test_mistake_is_an_answer(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    gateway: Gateway,
    merchant: Merchant,
) -> None:
    """What the sandbox did not expect is a signed 500, with a traceback in its log."""
    monkeypatch.setattr(Orders, "place", _break)
    answer = merchant.call(gateway, "POST", NATIVE, ORDER)
    assert (answer.status, read(answer)["code"]) == (500, "SYSTEM_ERROR")
    assert merchant.verify(dict(answer.headers), answer.body)
    [exchange] = gateway.exchanges
    assert (exchange.status, exchange.verified) == (500, True)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("wechatpay.sandbox", logging.ERROR)
    assert record.getMessage() == f"the sandbox has no answer for POST {NATIVE}"
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("broken", ["handler", "reader"])
def test_mistake_is_an_answer_of_the_old_dialect(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sandbox: Sandbox,
    broken: str,
) -> None:
    """Under APIv2 it is a signed message, whatever part of the sandbox was wrong."""
    owner, name = {"handler": (Orders, "place"), "reader": (_xml, "parse")}[broken]
    monkeypatch.setattr(owner, name, _break)
    assert refused(Till(sandbox).place())[0] == "SYSTEMERROR"
    assert [record.message for record in caplog.records] == [
        "the sandbox has no answer for POST /pay/unifiedorder"
    ]
