"""APIv2's notifications: signed or encrypted XML, which the merchant acknowledges in XML."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechatpay.sandbox import Sandbox

from .merchant import NATIVE, Merchant
from .merchant import ORDER as V3_ORDER
from .old_dialect import sign
from .old_shop import APPID, NUMBER, REFUND, Till
from .shop import Shop

_SUCCESS = b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"
_FAIL = b"<xml><return_code>FAIL</return_code><return_msg>busy</return_msg></xml>"
_URL = "https://shop.example/notify"


class _Box:
    """A shop in this process, which keeps what it gets and says what it is told to."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.says: list[bytes | int | None] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        sandbox.mount(_URL, self)

    def __call__(self, headers: Mapping[str, str], body: bytes) -> int | bytes | None:
        self.received.append(({name.lower(): headers[name] for name in headers}, body))
        return self.says.pop(0) if self.says else _SUCCESS

    def fields(self, index: int = -1) -> dict[str, str]:
        """Return the fields of a message."""
        return _fields(self.received[index][1])


def _fields(body: bytes, root: str = "xml") -> dict[str, str]:
    tree = ElementTree.fromstring(body)
    assert tree.tag == root
    return {each.tag: each.text or "" for each in tree}


def _opened(till: Till, req_info: str) -> dict[str, str]:
    key = hashlib.md5(till.secret.encode()).hexdigest().encode()
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    padded = decryptor.update(base64.b64decode(req_info, validate=True)) + decryptor.finalize()
    return _fields(padded[: -padded[-1]], "root")


@pytest.fixture
def till(sandbox: Sandbox) -> Till:
    """A till."""
    return Till(sandbox)


@pytest.fixture
def box(sandbox: Sandbox) -> _Box:
    """A shop."""
    return _Box(sandbox)


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_payment(till: Till, box: _Box, kind: str) -> None:
    """A payment is told in signed XML, in the same fields as a query tells it."""
    till.pay(notify_url=_URL, sign_type=kind, attach="深圳", device_info="12")
    (delivery,) = till.sandbox.settle()
    assert delivery.state == "acknowledged"
    headers, _ = box.received[0]
    assert headers["content-type"] == "text/xml"
    assert not [name for name in headers if name.startswith("wechatpay")]
    told = box.fields()
    assert told.pop("sign") == sign(told, till.secret, kind)
    assert told.pop("nonce_str")
    assert told.pop("sign_type", "MD5") == kind
    asked = till.query()
    for name in ("trade_state", "trade_state_desc", "return_msg"):
        del asked[name]
    assert told == asked
    assert (told["attach"], told["result_code"]) == ("深圳", "SUCCESS")


@pytest.mark.parametrize(
    "says", [_FAIL, b"", b"ok", b"SUCCESS", 200, 204, None, 500, _SUCCESS[:20], b"<a/>"]
)
def test_only_success_acknowledges(till: Till, box: _Box, says: bytes | int | None) -> None:
    """Whatever does not say SUCCESS in XML is not an acknowledgement: it comes again."""
    box.says = [says]
    till.pay(notify_url=_URL)
    (delivery,) = till.sandbox.settle()
    assert (delivery.state, delivery.due_in) == ("to be repeated", 15)
    till.sandbox.advance(15)
    (delivery,) = till.sandbox.settle()
    assert delivery.state == "acknowledged"
    assert [body for _, body in box.received] == [delivery.body] * 2


def test_status_does_not_matter(till: Till) -> None:
    """Over a socket too: the body counts, not the status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(
            b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(_SUCCESS), _SUCCESS)
        )

    from .shop import shop

    opened: Shop
    with shop() as opened:
        opened.script = [204, answer]
        till.pay(notify_url=opened.url)
        (refused,) = till.sandbox.settle()
        assert (refused.state, refused.attempts[0].status) == ("to be repeated", 204)
        (taken,) = till.sandbox.deliver()
        assert (taken.state, taken.attempts[1].status) == ("acknowledged", 201)


def test_refund(till: Till, box: _Box) -> None:
    """The end of a refund is told encrypted; outside stands only whose it is, unsigned."""
    till.pay()
    asked = till.refund(notify_url=_URL)
    till.sandbox.settle()
    told = box.fields()
    inner = _opened(till, told.pop("req_info"))
    assert told.pop("nonce_str")
    assert told == {"return_code": "SUCCESS", "appid": APPID, "mch_id": "1900000109"}
    found = till.refunds(out_trade_no=NUMBER)
    assert inner == {
        "transaction_id": asked["transaction_id"],
        "out_trade_no": NUMBER,
        "refund_id": asked["refund_id"],
        "out_refund_no": REFUND["out_refund_no"],
        "total_fee": "100",
        "settlement_total_fee": "100",
        "refund_fee": "40",
        "settlement_refund_fee": "40",
        "cash_refund_fee": "40",
        "refund_status": "SUCCESS",
        "refund_account": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "refund_recv_accout": "支付用户零钱",
        "success_time": found["refund_success_time_0"],
        "refund_request_source": "API",
    }


@pytest.mark.parametrize(
    ("reason", "status"), [("CLOSED", "REFUNDCLOSE"), ("ABNORMAL", "CHANGE"), ("", "SUCCESS")]
)
def test_ends_of_refunds(till: Till, box: _Box, reason: str, status: str) -> None:
    """Every end is told; a partner's merchant is named outside."""
    sub: dict[str, Any] = {"sub_mch_id": "1230000109"}
    till.pay(**sub)
    till.refund(**sub, notify_url=_URL, refund_desc=reason)
    till.sandbox.settle()
    assert box.fields()["sub_mch_id"] == "1230000109"
    inner = _opened(till, box.fields()["req_info"])
    assert (inner["refund_status"], bool(inner["success_time"])) == (status, status == "SUCCESS")


def test_each_api_is_told_in_its_own_way(till: Till, box: _Box, merchant: Merchant) -> None:
    """Who ordered with one API and refunds with the other is told of each in its own words."""
    gateway = till.sandbox.gateway
    box.says = [204]
    merchant.call(gateway, "POST", NATIVE, {**V3_ORDER, "notify_url": _URL})
    till.sandbox.pay(str(V3_ORDER["out_trade_no"]))
    till.sandbox.settle()
    till.refund(out_trade_no=V3_ORDER["out_trade_no"], notify_url=_URL)
    till.sandbox.settle()
    assert box.received[0][1].startswith(b'{"id":')
    assert "req_info" in box.fields(1)
    assert {each.state for each in till.sandbox.notifications} == {"acknowledged"}


def test_no_probes(till: Till, box: _Box) -> None:
    """APIv2's notifications are never signed wrongly on purpose."""
    till.sandbox.probes(1.0)
    till.pay(notify_url=_URL)
    (delivery,) = till.sandbox.settle()
    assert not delivery.attempts[0].probe
    told = box.fields()
    assert told.pop("sign") == sign(told, till.secret)


def test_outlives_the_process(till: Till, tmp_path: Any) -> None:
    """What was not acknowledged is judged in the same way by the next sandbox with the state."""
    state = tmp_path / "state.db"
    with Sandbox(state=state) as first:
        _Box(first).says = [204]
        Till(first).pay(notify_url=_URL)
        assert first.settle()[0].state == "to be repeated"
    with Sandbox(state=state) as second:
        box = _Box(second)
        box.says = [204]
        assert second.deliver()[0].state == "to be repeated"
        assert second.deliver()[0].state == "acknowledged"
        assert box.fields()["out_trade_no"] == NUMBER
