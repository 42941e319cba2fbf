"""APIv2 end to end: the client, in process and by mutual TLS, with all that can go wrong."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from ways import SYNC, Way, each_way

from wechatpay import APIError, ConfigurationError, WeChatPay, bill, xml
from wechatpay.errors import TransportError, VerificationError
from wechatpay.micropay import MicroPay
from wechatpay.notification_v2 import SUCCESS, failure
from wechatpay.sandbox import FaultKind, Refusal, Sandbox
from wechatpay.sandbox._families.payments import Orders

from .old_shop import APPID, CODE, NUMBER, ORDER, REFUND

pytestmark = pytest.mark.usefixtures("at_once")

_URL = "https://shop.example/notify"
_QUERY: Any = {"appid": APPID, "out_trade_no": NUMBER}
_LOST: tuple[FaultKind, ...] = (
    "reset-after",
    "truncated",
    "500-after",
    "502-after",
    "wrong-signature",
)
_NEVER_CAME: tuple[FaultKind, ...] = ("reset-before", "500", "502", "429")


def _code(last: int) -> dict[str, Any]:
    return {**CODE, "auth_code": f"13006109882800940{last}"}


def _drive(
    way: Way, sandbox: Sandbox, payment: MicroPay, each: Callable[[int], None] = lambda _: None
) -> int:
    """Drive a payment to its end; the time it waits passes on the sandbox's clock."""
    waits = 0

    def note(seconds: float) -> None:
        nonlocal waits
        waits += 1
        each(waits)
        sandbox.advance(seconds)

    async def main() -> None:
        async for seconds in payment:
            note(seconds)

    if way.is_async:
        way.run(main)
    else:
        for seconds in payment:
            note(seconds)
    return waits


def _money(sandbox: Sandbox) -> tuple[str, int]:
    """Where the order is, and what the merchant has of it."""
    (order,) = Orders(sandbox.world).latest()
    return order.trade_state, order.kept


def _charges(sandbox: Sandbox) -> int:
    return sum(each.target == "/pay/micropay" for each in sandbox.exchanges)


@each_way
def test_order_to_refund(sandbox: Sandbox, way: Way) -> None:
    """Ordered, paid, asked for, refunded and asked for: every answer comes back verified."""
    wxpay = sandbox.client()
    pay = wxpay.v2.pay
    placed = way.call(pay.unifiedorder, "post", xml=ORDER)
    sandbox.pay(NUMBER)
    found = way.call(pay.orderquery, "post", xml=_QUERY)
    refunded = way.call(wxpay.v2.secapi.pay.refund, "post", xml=REFUND)
    asked = way.call(pay.refundquery, "post", xml=_QUERY)
    for response in (placed, found, refunded, asked):
        assert response.extensions["wechatpay"]["verified"] is True
    assert xml.fields(placed)["code_url"].startswith("weixin://")
    assert xml.fields(found)["trade_state"] == "SUCCESS"
    assert xml.fields(asked)["refund_id_0"] == xml.fields(refunded)["refund_id"]
    with pytest.raises(APIError) as caught:
        way.call(pay.closeorder, "post", xml=_QUERY)
    assert (caught.value.code, caught.value.message) == ("ORDERPAID", "该订单已支付")


@each_way
@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_paid_at_once(sandbox: Sandbox, way: Way, kind: str) -> None:
    """A code is paid by one call, signed either way."""
    payment = sandbox.client().micropay({**_code(1), "sign_type": kind})
    assert _drive(way, sandbox, payment) == 0
    assert (payment.outcome, _money(sandbox)) == ("paid", ("SUCCESS", 100))
    (order,) = Orders(sandbox.world).latest()
    assert payment.order["transaction_id"] == order.transaction_id


@each_way
def test_paid_after_the_password(sandbox: Sandbox, way: Way) -> None:
    """The customer types the password while the till asks; it was sent once."""
    payment = sandbox.client().micropay(_code(0))

    def typed(wait: int) -> None:
        if wait == 3:
            sandbox.pay(NUMBER)

    assert _drive(way, sandbox, payment, typed) == 3
    assert (payment.outcome, _money(sandbox)) == ("paid", ("SUCCESS", 100))
    assert _charges(sandbox) == 1


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["gives up", "never types", "cancelled"])
def test_not_paid(sandbox: Sandbox, way: Way, how: str) -> None:
    """A customer who gives up, or never types, has not paid: the order is over."""
    payment = sandbox.client().micropay(_code(0))

    def each(wait: int) -> None:
        if wait == 2 and how == "gives up":
            sandbox.fail(NUMBER)
        if wait == 2 and how == "cancelled":
            payment.cancel()

    _drive(way, sandbox, payment, each)
    assert (payment.outcome, _money(sandbox)) == ("reversed", ("REVOKED", 0))
    with pytest.raises(Refusal):
        sandbox.pay(NUMBER)


@each_way
def test_cancelled_though_paid(sandbox: Sandbox, way: Way) -> None:
    """What was paid goes back if the till was told to cancel before it knew."""
    sandbox.fault("post", "v2/pay/micropay", "reset-after")
    payment = sandbox.client().micropay(_code(1))
    _drive(way, sandbox, payment, lambda _: payment.cancel())
    assert (payment.outcome, _money(sandbox)) == ("reversed", ("REVOKED", 0))


def test_no_money(sandbox: Sandbox) -> None:
    """A customer without money is a refusal, and nothing has to be reversed."""
    payment = sandbox.client().micropay(_code(9))
    with pytest.raises(APIError, match="NOTENOUGH"):
        _drive(SYNC, sandbox, payment)
    assert (payment.outcome, len(sandbox.exchanges)) == ("refused", 1)


@each_way
@pytest.mark.parametrize("kind", _LOST)
def test_lost_answer_is_found(sandbox: Sandbox, way: Way, kind: FaultKind) -> None:
    """The customer paid and the answer is lost: found by asking, and not charged again."""
    fault = sandbox.fault("post", "v2/pay/micropay", kind)
    payment = sandbox.client().micropay(_code(1))
    _drive(way, sandbox, payment)
    assert (payment.outcome, _money(sandbox)) == ("paid", ("SUCCESS", 100))
    assert (fault.struck, _charges(sandbox)) == (1, 1)


@pytest.mark.untraced
@pytest.mark.parametrize("kind", _LOST)
@pytest.mark.parametrize("path", ["v2/pay/**", "v2/pay/orderquery", "v2/secapi/pay/reverse"])
def test_any_answer_may_be_lost(sandbox: Sandbox, kind: FaultKind, path: str) -> None:
    """Whatever answers are lost, what the client says is so: paid is paid, reversed is reversed."""
    sandbox.fault("post", path, kind, probability=0.5, seed=1)
    payment = sandbox.client().micropay(_code(0))
    _drive(SYNC, sandbox, payment)
    expected = {"reversed": ("REVOKED", 0), "paid": ("SUCCESS", 100)}
    assert payment.outcome in expected
    assert _money(sandbox) == expected[payment.outcome]


@pytest.mark.parametrize("last", [0, 1])
def test_nothing_but_silence(sandbox: Sandbox, last: int) -> None:
    """If no answer ever comes it is said to be unknown; later, it can be settled."""
    faults = [sandbox.fault("post", "v2/**", "reset-after", probability=0.999, seed=1)]
    wxpay = sandbox.client()
    payment = wxpay.micropay(_code(last))
    _drive(SYNC, sandbox, payment)
    assert payment.outcome in ("unknown", "reversed")
    for fault in faults:
        fault.clear()
    settled = wxpay.micropay(_code(last), resume=True)
    _drive(SYNC, sandbox, settled)
    assert settled.outcome == "reversed"
    assert _money(sandbox) == ("REVOKED", 0)
    assert _charges(sandbox) == 1


@pytest.mark.parametrize("kind", _NEVER_CAME)
def test_never_came(sandbox: Sandbox, kind: FaultKind) -> None:
    """What WeChat Pay never carried out is not called paid, and never sent again."""
    sandbox.fault("post", "v2/pay/micropay", kind)
    payment = sandbox.client().micropay(_code(1))
    _drive(SYNC, sandbox, payment)
    assert payment.outcome == "unknown"
    assert (Orders(sandbox.world).latest(), _charges(sandbox)) == ([], 1)


@pytest.mark.parametrize(("kind", "code"), [("500", "SYSTEMERROR"), ("429", "FREQUENCY_LIMITED")])
@pytest.mark.parametrize("body", [ORDER, {**ORDER, "sign_type": "HMAC-SHA256"}])
def test_errors_are_messages(sandbox: Sandbox, kind: FaultKind, code: str, body: Any) -> None:
    """What is a status under APIv3 is a signed message with an error code."""
    sandbox.fault("post", "v2/pay/unifiedorder", kind)
    with pytest.raises(APIError) as caught:
        sandbox.client().v2.pay.unifiedorder.post(xml=body)
    assert (caught.value.status_code, caught.value.code) == (200, code)
    response = caught.value.response
    assert response is not None
    assert "<sign>" in response.text


def test_error_to_what_is_no_message(sandbox: Sandbox) -> None:
    """A request that cannot be read gets the same error; other paths keep their statuses."""
    sandbox.fault("post", "**", "500")
    answer = sandbox.gateway.handle("POST", b"/pay/unifiedorder", [], b"")
    assert (answer.status, b"SYSTEMERROR" in answer.body) == (200, True)
    assert sandbox.gateway.handle("POST", b"/no/such/path", [], b"").status == 500


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_wrong_signature(sandbox: Sandbox, kind: str) -> None:
    """An answer whose signature is over something else is not believed; a file has none."""
    sandbox.fault("post", "v2/**", "wrong-signature")
    wxpay = sandbox.client()
    order: Any = {**ORDER, "sign_type": kind}
    with pytest.raises(VerificationError) as caught:
        wxpay.v2.pay.unifiedorder.post(xml=order)
    assert caught.value.outcome_unknown
    sandbox.pay(NUMBER)
    day = f"{sandbox.world.clock.moment():%Y%m%d}"
    sandbox.advance(timedelta(days=2))
    fields: Any = {"appid": APPID, "bill_type": "ALL", "bill_date": day}
    assert NUMBER in wxpay.v2.pay.downloadbill.post(xml=fields).text


def test_fault_of_a_dialect(sandbox: Sandbox) -> None:
    """`v2/**` is APIv2 alone, `v3/**` APIv3 alone."""
    old, new = (sandbox.fault("*", f"{each}/**", "500") for each in ("v2", "v3"))
    wxpay = sandbox.client(retries=0)
    with pytest.raises(APIError):
        wxpay.v2.pay.orderquery.post(xml=_QUERY)
    with pytest.raises(APIError):
        wxpay.v3.certificates.get()
    assert (old.struck, new.struck) == (1, 1)


def _collected(sandbox: Sandbox) -> list[bytes]:
    bodies: list[bytes] = []

    def shop(_: Mapping[str, str], body: bytes) -> bytes:
        bodies.append(body)
        return (failure("busy") if len(bodies) == 1 else SUCCESS).body

    sandbox.mount(_URL, shop)
    return bodies


def test_notifications(sandbox: Sandbox) -> None:
    """`notification_v2` reads what is delivered; `failure` has it again, `SUCCESS` ends it."""
    bodies = _collected(sandbox)
    wxpay = sandbox.client()
    order: Any = {**ORDER, "notify_url": _URL}
    wxpay.v2.pay.unifiedorder.post(xml=order)
    sandbox.pay(NUMBER)
    sandbox.settle()
    sandbox.advance(15)
    sandbox.settle()
    first, again = map(wxpay.notification_v2, bodies)
    assert first == again
    assert (first["out_trade_no"], first["total_fee"]) == (NUMBER, "100")
    asked: Any = {**REFUND, "notify_url": _URL}
    wxpay.v2.secapi.pay.refund.post(xml=asked)
    sandbox.settle()
    refund = wxpay.notification_v2(bodies[-1])
    assert (refund["refund_status"], refund["refund_fee"]) == ("SUCCESS", "40")
    assert {each.state for each in sandbox.notifications} == {"acknowledged"}
    with pytest.raises(VerificationError):
        wxpay.notification_v2(bodies[0].replace(b"100", b"900"))


@pytest.mark.untraced
@each_way
def test_mutual_tls(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the certificate that `config` holds, money goes back and payments are reversed."""
    with Sandbox(port=0, tls=True) as sandbox:
        monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.ca))
        with WeChatPay(**sandbox.config) as wxpay:
            way.call(wxpay.v2.pay.unifiedorder, "post", xml=ORDER)
            sandbox.pay(NUMBER)
            refunded = way.call(wxpay.v2.secapi.pay.refund, "post", xml=REFUND)
            assert xml.fields(refunded)["refund_fee"] == "40"
            payment = wxpay.micropay({**_code(9), "out_trade_no": "reversed"})
            sandbox.fault("post", "v2/pay/micropay", "reset-after")
            _drive(way, sandbox, payment)
            assert payment.outcome == "reversed"
    serial = sandbox.world.keys.merchant_serial
    shown = {each.target: each.certificate for each in sandbox.exchanges}
    assert shown == {
        "/pay/unifiedorder": "",
        "/secapi/pay/refund": serial,
        "/pay/micropay": "",
        "/pay/orderquery": "",
        "/secapi/pay/reverse": serial,
    }


def test_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the client sends nothing; who sends all the same is refused by the server."""
    with Sandbox(port=0, tls=True) as sandbox:
        monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.ca))
        config = {name: sandbox.config[name] for name in sandbox.config if name != "merchant"}
        with WeChatPay(**config) as wxpay:
            with pytest.raises(ConfigurationError, match="merchant"):
                wxpay.v2.secapi.pay.refund.post(xml=REFUND)
            assert sandbox.exchanges == []
            with pytest.raises(APIError) as caught:
                wxpay.v2.secapi.pay.refund.post(xml=REFUND, security=False)
    assert caught.value.status_code == 400
    assert sandbox.exchanges[0].code == "CERT_ERROR"


def test_plain_server() -> None:
    """Over loopback without TLS the same calls need nothing more than `config`."""
    with Sandbox(port=0) as sandbox, WeChatPay(**sandbox.config) as wxpay:
        wxpay.v2.pay.unifiedorder.post(xml=ORDER)
        sandbox.pay(NUMBER)
        assert xml.fields(wxpay.v2.secapi.pay.refund.post(xml=REFUND))["refund_id"]


@pytest.mark.parametrize("packed", [False, True])
def test_bill(sandbox: Sandbox, packed: bool) -> None:
    """`downloadbill` is read by `wechatpay.bill`, also from a sink; if there is none, it raises."""
    wxpay = sandbox.client()
    fields: Any = {"appid": APPID, "bill_type": "ALL"}
    fields |= {"bill_date": sandbox.world.clock.moment().strftime("%Y%m%d")}
    fields |= {"tar_type": "GZIP"} if packed else {}
    with pytest.raises(APIError) as caught:
        wxpay.v2.pay.downloadbill.post(xml=fields)
    assert caught.value.message == "Bill Creating"
    wxpay.v2.pay.unifiedorder.post(xml=ORDER)
    sandbox.pay(NUMBER)
    wxpay.v2.secapi.pay.refund.post(xml=REFUND)
    sandbox.advance(timedelta(days=2))
    sink = io.BytesIO()
    response = wxpay.v2.pay.downloadbill.post(xml=fields, sink=sink)
    assert response.extensions["wechatpay"]["verified"] is False
    content = sink.getvalue()
    assert content == wxpay.v2.pay.downloadbill.post(xml=fields).content
    with bill.trades(content) as trades:
        assert sum(row.refund_amount or 0 for row in trades) == Decimal("0.40")


def test_transport_errors_stay_what_they_are(sandbox: Sandbox) -> None:
    """A refund whose answer is lost is unknown; with the same number it is the same refund."""
    wxpay = sandbox.client()
    wxpay.v2.pay.unifiedorder.post(xml=ORDER)
    sandbox.pay(NUMBER)
    sandbox.fault("post", "v2/secapi/pay/refund", "reset-after", times=1)
    with pytest.raises(TransportError) as caught:
        wxpay.v2.secapi.pay.refund.post(xml=REFUND)
    assert caught.value.outcome_unknown
    wxpay.v2.secapi.pay.refund.post(xml=REFUND)
    assert _money(sandbox) == ("REFUND", 60)
