"""Payments by code: in every situation the outcome is certain, or said to be unknown."""

from __future__ import annotations

import hashlib
import json
import math
import ssl
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from gateway import MCHID, Answer, Authority, Gateway, Request, private_pem
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import runs
from ways import SYNC, Way, client_of, each_way

from wechatpay import APIError, ConfigurationError, TransportError, WeChatPay, api, micropay
from wechatpay.micropay import EVERY, REVERSALS, SETTLING, WITHIN, MicroPay
from wechatpay.micropay._ways import WAYS

SECRET = "192006250b4c09247ec02edce69f6a2d"
NUMBER = "1415757673"
FIELDS = {
    "appid": "wx2421b1c4370ec43b",
    "sub_mch_id": "1230000109",
    "body": "image",
    "out_trade_no": NUMBER,
    "total_fee": 888,
    "spbill_create_ip": "14.17.22.52",
    "auth_code": "120061098828009406",
}
V3_FIELDS = {
    "appid": "wxd678efh567hg6787",
    "mchid": MCHID,
    "description": "image",
    "out_trade_no": NUMBER,
    "payer": {"auth_code": "120061098828009406"},
    "amount": {"total": 888},
    "scene_info": {"store_info": {"id": "1"}},
}
PAY, QUERY, REVERSE = "/pay/micropay", "/pay/orderquery", "/secapi/pay/reverse"
V3 = "v3/pay/transactions/codepay"
PAY_V3 = f"/{V3}"
QUERY_V3 = f"/v3/pay/transactions/out-trade-no/{NUMBER}"
REVERSE_V3 = f"{QUERY_V3}/reverse"


def answer(**fields: str) -> Answer:
    """Return a signed answer of APIv2."""
    fields = {"return_code": "SUCCESS", "result_code": "SUCCESS", **fields}
    pairs = "&".join(f"{k}={fields[k]}" for k in sorted(fields))
    fields["sign"] = hashlib.md5(f"{pairs}&key={SECRET}".encode()).hexdigest().upper()
    inner = "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items())
    return Answer(200, f"<xml>{inner}</xml>".encode(), signed=False)


def refused(code: str, **more: str) -> Answer:
    """Return an answer that says no."""
    return answer(result_code="FAIL", err_code=code, **more)


def state(name: str, **more: str) -> Answer:
    """Return the answer to a question about the order."""
    return answer(out_trade_no=NUMBER, trade_state=name, **more)


PAID = answer(out_trade_no=NUMBER, transaction_id="4200")
TYPING, BROKEN = refused("USERPAYING"), refused("SYSTEMERROR")
REVERSED, AGAIN = answer(recall="N"), answer(recall="Y")
LOST = Answer(fault="reset")
BAD_GATEWAY = Answer(502, b"<html>", signed=False)
FIREWALL = Answer(403, b"{}", signed=False)
NOT_THEIRS = Answer(200, b"<xml><return_code>SUCCESS</return_code></xml>", signed=False)
NO_ORDER = refused("ORDERNOTEXIST")


@pytest.fixture
def wxpay(gateway: Gateway) -> Any:
    """A merchant that has both APIs."""
    with client_of(gateway, secret=SECRET, retries=0) as wxpay:
        yield wxpay


def till(gateway: Gateway, **answers: Answer | list[Answer]) -> None:
    """Have the gateway answer to `pay`, `query` and `reverse`; the last of several goes on."""
    for name, path in (("pay", PAY), ("query", QUERY), ("reverse", REVERSE)):
        listed = answers.get(name, [])
        gateway.routes[path] = in_turn(listed if isinstance(listed, list) else [listed])


def in_turn(answers: list[Answer]) -> Callable[[Request], Answer]:
    """Return a responder that goes through some answers and stays at the last."""
    left = list(answers)

    def respond(_: Request) -> Answer:
        assert left, "asked for what nobody should ask for"
        return left.pop(0) if len(left) > 1 else left[0]

    return respond


def drive(way: Way, payment: MicroPay, each: Callable[[int], None] | None = None) -> list[float]:
    """Drive a payment to its end, without waiting, and return what was to be waited."""
    waits: list[float] = []

    def note(seconds: float) -> None:
        waits.append(seconds)
        if each is not None:
            each(len(waits))

    async def main() -> None:
        async for seconds in payment:
            note(seconds)

    if way.is_async:
        way.run(main)
    else:
        for seconds in payment:
            note(seconds)
    return waits


def asked(gateway: Gateway) -> Counter[str]:
    """Return how often each path was asked."""
    return Counter(one.path for one in gateway.requests)


def fields_of(request: Request) -> dict[str, str | None]:
    """Return the fields that were sent."""
    return {one.tag: one.text for one in ElementTree.fromstring(request.body)}


@each_way
def test_paid_at_once(gateway: Gateway, wxpay: WeChatPay, way: Way) -> None:
    """A small sum is paid by the first call, and there is nothing to wait for."""
    till(gateway, pay=PAID)
    payment = wxpay.micropay(FIELDS)
    assert drive(way, payment) == []
    assert (payment.outcome, payment.order["transaction_id"]) == ("paid", "4200")
    assert asked(gateway) == {PAY: 1}
    assert fields_of(gateway.requests[0])["auth_code"] == FIELDS["auth_code"]


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("first", [TYPING, BROKEN, LOST, BAD_GATEWAY, FIREWALL, NOT_THEIRS])
def test_paid_after_a_while(gateway: Gateway, wxpay: WeChatPay, way: Way, first: Answer) -> None:
    """Whatever is not certain at first is asked for until the customer has paid."""
    till(gateway, pay=first, query=[state("USERPAYING"), LOST, NO_ORDER, state("SUCCESS")])
    payment = wxpay.micropay(FIELDS)
    assert drive(way, payment) == [EVERY] * 4
    assert payment.outcome == "paid"
    assert asked(gateway) == {PAY: 1, QUERY: 4}
    question = fields_of(gateway.requests[-1])
    assert {name: question[name] for name in ("appid", "sub_mch_id", "out_trade_no", "mch_id")} == {
        "appid": FIELDS["appid"],
        "sub_mch_id": "1230000109",
        "out_trade_no": NUMBER,
        "mch_id": MCHID,
    }
    assert not {"auth_code", "total_fee", "body"} & set(question)


@each_way
@pytest.mark.parametrize(
    ("no", "code"),
    [
        (refused("NOTENOUGH"), "NOTENOUGH"),
        (refused("AUTHCODEEXPIRE"), "AUTHCODEEXPIRE"),
        (Answer(200, b"<xml><return_code>FAIL</return_code></xml>", signed=False), "FAIL"),
    ],
    ids=lambda x: str(x)[:20],
)
def test_definite_refusal(
    gateway: Gateway, wxpay: WeChatPay, way: Way, no: Answer, code: str
) -> None:
    """What WeChat Pay refuses for good is raised at once, and nothing is reversed."""
    till(gateway, pay=no)
    payment = wxpay.micropay(FIELDS)
    with pytest.raises(APIError) as caught:
        drive(way, payment)
    assert (caught.value.code, payment.outcome, payment.error) == (code, "refused", caught.value)
    assert drive(way, payment) == []
    assert asked(gateway) == {PAY: 1}


@each_way
@pytest.mark.parametrize("code", ["ORDERPAID", "OUT_TRADE_NO_USED"])
def test_number_that_was_used_before(
    gateway: Gateway, wxpay: WeChatPay, way: Way, code: str
) -> None:
    """It may be another sale's, so it is not reversed; it may be this one's, so it is unknown."""
    till(gateway, pay=refused(code))
    payment = wxpay.micropay(FIELDS)
    with pytest.raises(APIError) as caught:
        drive(way, payment)
    assert (caught.value.code, payment.outcome, payment.error) == (code, "unknown", caught.value)
    assert drive(way, payment) == []
    assert asked(gateway) == {PAY: 1}


def test_refusal_that_nobody_has_documented(gateway: Gateway, wxpay: WeChatPay) -> None:
    """An unknown code is not proof that nothing was paid."""
    till(gateway, pay=refused("BRAND_NEW"), query=state("SUCCESS"))
    payment = wxpay.micropay(FIELDS)
    assert drive(SYNC, payment) == [EVERY]
    assert payment.outcome == "paid"


@each_way
def test_payment_that_was_never_sent(way: Way) -> None:
    """Where no connection was made nothing happened, and there is nothing to reverse."""
    with client_of("http://127.0.0.1:9/", secret=SECRET, retries=0) as wxpay:
        payment = wxpay.micropay(FIELDS)
        with pytest.raises(TransportError, match="never sent"):
            drive(way, payment)
    assert payment.outcome == "refused"


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (TYPING, state("USERPAYING")),
        (BROKEN, state("NOTPAY")),
        (LOST, NO_ORDER),
        (LOST, LOST),
        (NOT_THEIRS, BROKEN),
    ],
)
def test_not_paid_in_time(
    gateway: Gateway, wxpay: WeChatPay, way: Way, first: Answer, then: Answer
) -> None:
    """An order that is not known to be paid in time is reversed, also when nobody answers."""
    till(gateway, pay=first, query=then, reverse=REVERSED)
    payment = wxpay.micropay(FIELDS)
    waits = drive(way, payment)
    assert payment.outcome == "reversed"
    assert sum(waits) == WITHIN
    assert asked(gateway) == {PAY: 1, QUERY: WITHIN // EVERY, REVERSE: 1}
    assert fields_of(gateway.requests[-1])["out_trade_no"] == NUMBER


@each_way
def test_reversed_only_when_that_is_confirmed(gateway: Gateway, wxpay: WeChatPay, way: Way) -> None:
    """`recall=Y`, an error or no answer: the reversal is tried again until it is confirmed."""
    attempts = [AGAIN, LOST, refused("USERPAYING", recall="Y"), BROKEN, BAD_GATEWAY, REVERSED]
    till(gateway, pay=TYPING, query=state("USERPAYING"), reverse=attempts)
    payment = wxpay.micropay(FIELDS, every=10, within=20)
    assert drive(way, payment) == [10] * 7
    assert payment.outcome == "reversed"
    assert asked(gateway)[REVERSE] == 6


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (state("SUCCESS"), "unknown"),
        (state("USERPAYING"), "unknown"),
        (LOST, "unknown"),
        (state("REVOKED"), "reversed"),
        (state("CLOSED"), "reversed"),
        (state("REFUND"), "refunded"),
    ],
)
def test_reversal_that_is_never_confirmed(
    gateway: Gateway, wxpay: WeChatPay, way: Way, found: Answer, outcome: str
) -> None:
    """Then a last question may tell; else it is unknown, and never called a failure."""
    patience = [state("NOTPAY")] * 3
    till(gateway, pay=LOST, query=[*patience, found], reverse=LOST)
    payment = wxpay.micropay(FIELDS, within=15)
    drive(way, payment)
    assert payment.outcome == outcome
    assert isinstance(payment.error, TransportError)
    assert asked(gateway) == {PAY: 1, QUERY: 4, REVERSE: REVERSALS}


def test_reversal_that_is_not_wanted_again(gateway: Gateway, wxpay: WeChatPay) -> None:
    """A refusal with `recall=N` is not repeated; what became of the order is asked."""
    till(
        gateway,
        pay=TYPING,
        query=[state("NOTPAY")] * 3 + [state("USERPAYING")],
        reverse=refused("REVERSE_EXPIRE", recall="N"),
    )
    payment = wxpay.micropay(FIELDS, within=15)
    drive(SYNC, payment)
    assert payment.outcome == "unknown"
    assert isinstance(payment.error, APIError)
    assert asked(gateway)[REVERSE] == 1


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (state("REVOKED"), "reversed"),
        (state("CLOSED"), "reversed"),
        (state("REFUND"), "refunded"),
        (state("SUCCESS"), "paid"),
    ],
)
def test_states_that_are_final(
    gateway: Gateway, wxpay: WeChatPay, found: Answer, outcome: str
) -> None:
    """An order at its end needs neither more questions nor a reversal."""
    till(gateway, pay=LOST, query=found)
    payment = wxpay.micropay(FIELDS)
    assert drive(SYNC, payment) == [EVERY]
    assert payment.outcome == outcome


def test_payment_that_failed_at_the_bank(gateway: Gateway, wxpay: WeChatPay) -> None:
    """`PAYERROR` is reversed without more questions, but not before the order has settled."""
    till(gateway, pay=TYPING, query=state("PAYERROR"), reverse=REVERSED)
    payment = wxpay.micropay(FIELDS)
    waits = drive(SYNC, payment)
    assert waits == [EVERY, pytest.approx(SETTLING - EVERY)]
    assert payment.outcome == "reversed"


def test_answer_about_another_order(gateway: Gateway, wxpay: WeChatPay) -> None:
    """What is said of another number says nothing of this one."""
    other = answer(out_trade_no="1", trade_state="SUCCESS")
    till(gateway, pay=TYPING, query=other, reverse=REVERSED)
    payment = wxpay.micropay(FIELDS)
    drive(SYNC, payment)
    assert (payment.outcome, payment.order) == ("reversed", {})


@each_way
@pytest.mark.parametrize("found", ["USERPAYING", "SUCCESS"])
def test_cashier_cancels(gateway: Gateway, wxpay: WeChatPay, way: Way, found: str) -> None:
    """`cancel` has the order reversed, whether it has been paid meanwhile or not."""
    till(gateway, pay=TYPING, query=[state("USERPAYING"), state(found)], reverse=[LOST, REVERSED])
    payment = wxpay.micropay(FIELDS)
    waits = drive(way, payment, lambda count: payment.cancel() if count == 2 else None)
    assert payment.outcome == "reversed"
    assert waits == [EVERY, EVERY, pytest.approx(SETTLING - 2 * EVERY), EVERY]
    assert asked(gateway) == {PAY: 1, QUERY: 1, REVERSE: 2}


def test_cancelled_while_it_is_paid(gateway: Gateway, wxpay: WeChatPay) -> None:
    """A cancellation that comes during the last question still counts."""
    till(gateway, pay=TYPING, reverse=REVERSED)
    payment = wxpay.micropay(FIELDS)

    def cancel(_: Request) -> Answer:
        payment.cancel()
        return state("SUCCESS")

    gateway.routes[QUERY] = cancel
    drive(SYNC, payment)
    assert payment.outcome == "reversed"


def test_cancelled_before_it_began(gateway: Gateway, wxpay: WeChatPay) -> None:
    """Then nothing is sent at all."""
    payment = wxpay.micropay(FIELDS)
    payment.cancel()
    assert drive(SYNC, payment) == []
    assert (payment.outcome, gateway.requests) == ("refused", [])


def test_cancelled_too_late(gateway: Gateway, wxpay: WeChatPay) -> None:
    """What is paid stays paid."""
    till(gateway, pay=PAID)
    payment = wxpay.micropay(FIELDS)
    drive(SYNC, payment)
    payment.cancel()
    assert drive(SYNC, payment) == []
    assert payment.outcome == "paid"


@each_way
def test_loop_that_is_left(gateway: Gateway, wxpay: WeChatPay, way: Way) -> None:
    """Left in the middle the outcome is open; entered again it goes on, and pays no second time."""
    till(gateway, pay=LOST, query=[state("USERPAYING"), state("SUCCESS")])
    payment = wxpay.micropay(FIELDS)

    def leave(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(way, payment, leave)
    assert payment.outcome is None
    assert "not at its end" in repr(payment)
    drive(way, payment)
    assert payment.outcome == "paid"
    assert asked(gateway) == {PAY: 1, QUERY: 2}


@pytest.mark.parametrize("broken_off", ["POST", "query", "reverse"])
def test_call_that_is_broken_off(
    gateway: Gateway, wxpay: WeChatPay, monkeypatch: pytest.MonkeyPatch, broken_off: str
) -> None:
    """Interrupted in the midst of a call, that call counts as one without an answer."""
    till(gateway, pay=PAID, query=state("NOTPAY"), reverse=REVERSED)
    payment = wxpay.micropay(FIELDS, within=10)
    send, interrupted = payment._caller.send, [{"POST": PAY}.get(broken_off, broken_off)]

    def interrupt(method: str, path: str, arguments: dict[str, Any]) -> Any:
        reply = send(method, path, arguments)
        if interrupted and path.endswith(interrupted[0]):
            interrupted.clear()
            raise KeyboardInterrupt
        return reply

    monkeypatch.setattr(payment._caller, "send", interrupt)
    if broken_off != "POST":
        gateway.routes[PAY] = LOST
    with pytest.raises(KeyboardInterrupt):
        drive(SYNC, payment)
    drive(SYNC, payment)
    assert payment.outcome == "reversed"
    assert asked(gateway)[PAY] == 1
    assert asked(gateway)[REVERSE] == (2 if broken_off == "reverse" else 1)


@each_way
def test_resuming_after_a_crash(gateway: Gateway, wxpay: WeChatPay, way: Way) -> None:
    """Who had kept the number asks first, and never pays again."""
    till(gateway, query=[NO_ORDER, state("SUCCESS")])
    payment = wxpay.micropay({"out_trade_no": NUMBER}, resume=True)
    assert drive(way, payment) == [EVERY]
    assert payment.outcome == "paid"
    assert asked(gateway) == {QUERY: 2}


@each_way
def test_certificate_is_there_before_the_payment_is_sent(way: Way) -> None:
    """A reversal needs the merchant's certificate: without one nothing is even begun."""
    for merchant, words in ((None, "secapi/pay/reverse needs mutual TLS"), ("no.p12", "no.p12")):
        with client_of("https://127.0.0.1:9/", secret=SECRET, merchant=merchant) as wxpay:
            payment = wxpay.micropay(FIELDS)
            for _ in range(2):
                with pytest.raises(ConfigurationError, match=words):
                    drive(way, payment)
            assert payment.outcome is None


def test_own_http_client_has_its_own_certificate(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How the merchant's own client is set up for mutual TLS is not asked."""
    till(gateway, pay=PAID)
    url = gateway.url.removeprefix("http://")

    def send(request: httpx.Request) -> httpx.Response:
        target = str(request.url.copy_with(scheme="http"))
        return httpx.post(target, content=request.content, trust_env=False)

    with (
        httpx.Client(transport=httpx.MockTransport(send)) as own,
        client_of(f"https://{url}", secret=SECRET, http_client=own) as wxpay,
    ):
        payment = wxpay.micropay(FIELDS)
        drive(SYNC, payment)
    assert payment.outcome == "paid"


@each_way
def test_over_mutual_tls(tmp_path: Any, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paying and asking go without the certificate, the reversal shows it."""
    authority = Authority()
    certificate, key = authority.issue()
    context = authority.server_context(tmp_path, demand_client_certificate=True)
    context.verify_mode = ssl.CERT_OPTIONAL
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    with Gateway(tls=context) as gateway:
        till(gateway, pay=TYPING, query=state("NOTPAY"), reverse=REVERSED)
        merchant = (certificate, private_pem(key))
        with client_of(gateway, secret=SECRET, merchant=merchant) as wxpay:
            payment = wxpay.micropay(FIELDS, within=5)
            drive(way, payment)
    assert payment.outcome == "reversed"
    shown = {one.path: one.client_certificate is not None for one in gateway.requests}
    assert shown == {PAY: False, QUERY: False, REVERSE: True}


def v3(code: int = 200, **fields: Any) -> Answer:
    """Return a signed answer of APIv3."""
    return Answer(code, {"out_trade_no": NUMBER, "mchid": MCHID, **fields})


@each_way
def test_apiv3_paid_after_a_while(gateway: Gateway, wxpay: WeChatPay, way: Way) -> None:
    """The code payment of APIv3 is driven in the same way."""
    gateway.routes[PAY_V3] = Answer(200, {"trade_state": "USERPAYING"})
    gateway.routes[QUERY_V3] = in_turn([LOST, v3(trade_state="SUCCESS", transaction_id="42")])
    payment = wxpay.micropay(V3_FIELDS, V3)
    assert drive(way, payment) == [EVERY, EVERY]
    assert (payment.outcome, payment.order["transaction_id"]) == ("paid", "42")
    assert asked(gateway) == {PAY_V3: 1, QUERY_V3: 2}
    assert json.loads(gateway.requests[0].body) == V3_FIELDS
    assert parse_qs(urlsplit(gateway.requests[-1].target).query) == {"mchid": [MCHID]}


@each_way
@pytest.mark.parametrize(
    ("first", "done"),
    [
        (Answer(202, {"code": "USERPAYING", "message": "需要输入密码"}), v3()),
        (Answer(500, {"code": "SYSTEM_ERROR"}, signed=False), Answer(204, b"")),
        (Answer(400, {"code": "USERPAYING"}, signed=False), v3()),
        (Answer(200, b"[]"), v3()),
        (Answer(200, b"?"), v3()),
        (Answer(200, {"trade_state": ["SUCCESS"]}), v3()),
        (LOST, Answer(204, b"")),
    ],
    ids=lambda one: f"{one.status} {one.content.decode()[:12]}",
)
def test_apiv3_reversed(
    gateway: Gateway, wxpay: WeChatPay, way: Way, first: Answer, done: Answer
) -> None:
    """Not paid in time it is reversed; APIv3 has no `recall`, so that any success confirms it."""
    gateway.routes[PAY_V3] = first
    gateway.routes[QUERY_V3] = v3(trade_state="NOTPAY")
    gateway.routes[REVERSE_V3] = in_turn([LOST, done])
    payment = wxpay.micropay(V3_FIELDS, V3, within=15)
    drive(way, payment)
    assert payment.outcome == "reversed"
    assert asked(gateway) == {PAY_V3: 1, QUERY_V3: 3, REVERSE_V3: 2}
    sent = json.loads(gateway.requests[-1].body)
    assert sent == {"appid": V3_FIELDS["appid"], "mchid": MCHID}


@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_apiv3_refusal(gateway: Gateway, wxpay: WeChatPay, status: int) -> None:
    """A 4xx says that nothing was done."""
    gateway.routes[PAY_V3] = Answer(status, {"code": "TRADE_ERROR"}, signed=False)
    payment = wxpay.micropay(V3_FIELDS, V3)
    with pytest.raises(APIError):
        drive(SYNC, payment)
    assert (payment.outcome, asked(gateway)) == ("refused", {PAY_V3: 1})


def test_apiv3_of_a_service_provider(gateway: Gateway, wxpay: WeChatPay) -> None:
    """The shop's number goes along with the question and with the reversal."""
    base = "/v3/pay/partner/transactions"
    who = {"sp_mchid": MCHID, "sub_mchid": "1230000109"}
    gateway.routes[f"{base}/codepay"] = LOST
    gateway.routes[f"{base}/out-trade-no/{NUMBER}"] = v3(trade_state="NOTPAY")
    gateway.routes[f"{base}/out-trade-no/{NUMBER}/reverse"] = v3()
    fields = {**who, "sp_appid": "wx1", "out_trade_no": NUMBER, "description": "image"}
    payment = wxpay.micropay(fields, "v3/pay/partner/transactions/codepay", within=5)
    drive(SYNC, payment)
    assert payment.outcome == "reversed"
    question = parse_qs(urlsplit(gateway.requests[1].target).query)
    assert question == {name: [value] for name, value in who.items()}
    assert json.loads(gateway.requests[-1].body) == {**who, "sp_appid": "wx1"}


@pytest.mark.parametrize("path", WAYS)
def test_families_are_of_the_catalogue(path: str) -> None:
    """Every path is documented, with the fields that go along and the states that are known."""
    way = WAYS[path]
    pay = api.endpoint("post", way.pay)
    query = api.endpoint("post" if way.is_v2 else "get", way.query)
    reverse = api.endpoint("post", way.reverse)
    assert pay is not None
    assert query is not None
    assert reverse is not None
    states = next(one.enum for one in query.reply.fields if one.name == "trade_state")
    known = {"SUCCESS", "REFUND", "NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR"}
    assert known <= set(states) <= {*known, "ACCEPT"}
    asked_with = query.body.fields if way.is_v2 else query.query
    assert set(way.asked_with) <= {one.name for one in asked_with}
    assert set(way.reversed_with) <= {one.name for one in reverse.body.fields}
    assert reverse.options.mutual_tls is way.is_v2
    assert any(one.name == "recall" for one in reverse.reply.fields) is way.is_v2


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({}, "v2/pay/micropay", "out_trade_no"),
        ({"out_trade_no": ""}, "v2/pay/micropay", "out_trade_no"),
        (FIELDS, "v2/pay/unifiedorder", "path must be one of v2/pay/micropay, "),
    ],
)
def test_payment_that_cannot_be(
    wxpay: WeChatPay, fields: dict[str, Any], path: str, words: str
) -> None:
    """A payment that could not be asked for is refused before it is sent."""
    with pytest.raises(ValueError, match=words):
        wxpay.micropay(fields, path)


def test_questions_without_a_pause(wxpay: WeChatPay) -> None:
    """Who does not wait is limited by WeChat Pay, and would learn nothing."""
    with pytest.raises(ValueError, match="every must be seconds"):
        wxpay.micropay(FIELDS, every=0)


def test_payment_shows_no_secret(wxpay: WeChatPay) -> None:
    """Its `repr` has neither the number nor the customer's code."""
    assert repr(wxpay.micropay(FIELDS)) == "<MicroPay v2/pay/micropay not at its end>"


def test_slow_answers_count_as_waiting(
    gateway: Gateway, wxpay: WeChatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time that calls took is not waited for again: patience is by the clock."""
    now = 1000.0

    def slow(_: Request) -> Answer:
        nonlocal now
        now += 25
        return state("USERPAYING")

    monkeypatch.setattr(micropay, "time", SimpleNamespace(monotonic=lambda: now))
    till(gateway, pay=TYPING, reverse=REVERSED)
    gateway.routes[QUERY] = slow
    payment = wxpay.micropay(FIELDS)
    assert drive(SYNC, payment) == [EVERY, EVERY]
    assert payment.outcome == "reversed"


class Bank:
    """What is really the case: whether the customer has paid, and whether it went back."""

    def __init__(self, pays_at: int, faults: list[str]) -> None:
        self.pays_at = pays_at
        self.faults = faults
        self.exists = self.paid = self.reversed = False
        self.charges = self.calls = 0

    def respond(self, request: Request) -> Answer:
        """Do what is asked and answer, unless the connection breaks before or after."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost before":
            return LOST
        self.calls += 1
        if fault == "fails":
            return BROKEN
        done = {PAY: self.pay, QUERY: self.query, REVERSE: self.reverse}[request.path]()
        return {"lost after": LOST, "forged": NOT_THEIRS}.get(fault, done)

    def pay(self) -> Answer:
        """Take the code; the customer may have to type."""
        self.exists = True
        self.settle()
        return PAID if self.paid else TYPING

    def settle(self) -> None:
        """Let the customer pay, when it is time."""
        if self.exists and not self.reversed and not self.paid and self.calls >= self.pays_at:
            self.paid = True
            self.charges += 1

    def query(self) -> Answer:
        """Say how the order is."""
        self.settle()
        if not self.exists:
            return NO_ORDER
        return state("REVOKED" if self.reversed else "SUCCESS" if self.paid else "USERPAYING")

    def reverse(self) -> Answer:
        """Give back what was paid, and close the order."""
        self.settle()
        self.reversed = True
        return REVERSED


FAULTS = st.sampled_from(["", "lost before", "lost after", "fails", "forged"])


@pytest.mark.untraced
@settings(max_examples=runs(20))
@given(st.integers(1, 14), st.lists(FAULTS, max_size=25), st.integers(0, 25))
def test_money_is_where_it_is_said_to_be(pays_at: int, faults: list[str], gives_up: int) -> None:
    """Whenever the customer pays and whatever breaks: no double charge, and no payment lost."""
    bank = Bank(pays_at, list(faults))
    with Gateway() as gateway, client_of(gateway, secret=SECRET, retries=0) as wxpay:
        gateway.default = bank.respond
        payment = wxpay.micropay(FIELDS)
        drive(SYNC, payment, lambda count: payment.cancel() if count == gives_up else None)
        assert asked(gateway)[PAY] == 1
    assert bank.charges <= 1
    if payment.outcome == "paid":
        assert bank.paid
        assert not bank.reversed
    elif payment.outcome == "reversed":
        assert bank.reversed
    else:
        assert payment.outcome == "unknown"
        assert len(faults) > REVERSALS


@pytest.mark.parametrize("seconds", [0, -1, math.nan, "5", None])
def test_questions_have_time_between_them(wxpay: WeChatPay, seconds: Any) -> None:
    """What is not a number of seconds is named when the payment is prepared."""
    with pytest.raises(ValueError, match="every must be seconds, above zero"):
        wxpay.micropay(FIELDS, every=seconds)
    if seconds != 0:
        with pytest.raises(ValueError, match="within must be seconds, zero or more"):
            wxpay.micropay(FIELDS, within=seconds)


@pytest.mark.parametrize("path", [None, 5, [], "v2/x"])
def test_a_payment_s_path_is_one_of_them(wxpay: WeChatPay, path: Any) -> None:
    """Any other is refused with those that there are; so is what has no fields."""
    with pytest.raises(ValueError, match="path must be one of v2/pay/micropay"):
        wxpay.micropay(FIELDS, path)
    with pytest.raises(TypeError, match="fields must be a mapping, not list"):
        wxpay.micropay(cast("Any", []))
