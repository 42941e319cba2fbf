"""What the page's forms do, over HTTP."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from patience import LONG

from wechatpay.sandbox import Sandbox

from . import shop as shops
from . import story
from .story import Shop

pytestmark = pytest.mark.usefixtures("at_once")


@dataclass(frozen=True)
class Person:
    """Somebody who uses the page of a sandbox, and the shop beside it."""

    sandbox: Sandbox
    client: httpx.Client
    shop: shops.Shop
    merchant: Shop

    def send(self, path: str, /, **form: object) -> httpx.Response:
        """Send a form."""
        return self.client.post(path, data={name: str(value) for name, value in form.items()})

    def done(self, path: str, /, **form: object) -> str:
        """Send a form, see that it was taken, and return the page it leads to."""
        answer = self.send(path, **form)
        assert answer.status_code == 303, answer.text
        seen = self.client.get(answer.headers["Location"])
        assert seen.status_code == 200
        return seen.text


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[Sandbox, shops.Shop, httpx.Client]]:
    """A sandbox with a port, a shop, and what a person looks with."""
    with (
        shops.shop() as shop,
        Sandbox(port=0) as sandbox,
        httpx.Client(base_url=sandbox.url, trust_env=False) as client,
    ):
        yield sandbox, shop, client


@pytest.fixture
def person(serving: tuple[Sandbox, shops.Shop, httpx.Client]) -> Person:
    """Somebody who uses it."""
    sandbox, shop, client = serving
    shop.script.clear()
    return Person(sandbox, client, shop, Shop(sandbox, shop.url))


def _state(person: Person, number: str) -> str:
    target = f"/v3/pay/transactions/out-trade-no/{number}?mchid=1900000109"
    state: str = person.merchant.call("GET", target)["trade_state"]
    return state


def test_pay(person: Person) -> None:
    """Who pays sees that it is paid, and the shop is told; to pay twice is refused."""
    person.merchant.order("form-pay-1")
    before = len(person.shop.received)
    seen = person.done("/page/sandbox/pay/form-pay-1", to="/page/checkout/form-pay-1")
    assert "Paid" in seen
    assert _state(person, "form-pay-1") == "SUCCESS"
    person.sandbox.settle()
    assert len(person.shop.received) == before + 1
    again = person.send("/page/sandbox/pay/form-pay-1")
    assert again.status_code == 400
    assert "ORDERPAID" in again.text or "ORDER_PAID" in again.text


@pytest.mark.words
@pytest.mark.parametrize(("what", "words"), [("cancelled", "gave up"), ("failed", "failed")])
def test_not_paid(person: Person, what: str, words: str) -> None:
    """A customer who gives up, or whose payment fails, sees it and may try again."""
    person.merchant.order(f"form-{what}")
    number = f"form-{what}"
    to = f"/page/checkout/{number}?done={what}"
    assert to in html.unescape(person.client.get(f"/page/checkout/{number}").text)
    assert words in person.done(f"/page/sandbox/fail/{number}", to=to)
    assert _state(person, f"form-{what}") == "NOTPAY"


def test_password(person: Person) -> None:
    """A customer asked for the password after a payment code may type it, or not."""
    person.merchant.charge("form-code-1", "130000000000000000")
    person.merchant.charge("form-code-2", "130000000000000010")
    person.done("/page/sandbox/pay/form-code-1")
    assert _state(person, "form-code-1") == "SUCCESS"
    seen = person.done("/page/sandbox/fail/form-code-2", to="/page/checkout/form-code-2")
    assert "Payment failed" in seen
    assert _state(person, "form-code-2") == "PAYERROR"


def test_pay_together(person: Person) -> None:
    """A combined order is paid as a whole, by its own number or by one of its orders'."""
    person.merchant.combine("form-combined")
    seen = person.done("/page/sandbox/pay/form-combined", to="/page/checkout/form-combined")
    assert "¥0.30" in seen
    target = "/v3/combine-transactions/out-trade-no/form-combined"
    parts = person.merchant.call("GET", target)["sub_orders"]
    assert [each["trade_state"] for each in parts] == ["SUCCESS", "SUCCESS"]


def test_scan(person: Person) -> None:
    """What a shop shows leads to the order: a code_url, a prepay_id, or the order's number."""
    code = person.merchant.order("form-scan-1")["code_url"]
    payer = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
    prepay = person.merchant.order("form-scan-2", "/v3/pay/transactions/jsapi", payer=payer)
    for text, number in (
        (f"  {code}\n", "form-scan-1"),
        (prepay["prepay_id"], "form-scan-2"),
        ("form-scan-2", "form-scan-2"),
    ):
        answer = person.send("/page/scan", code=text)
        assert answer.headers["Location"] == f"/page/checkout/{number}"
    assert person.send("/page/scan", code="weixin://wxpay/bizpayurl?pr=none").status_code == 400
    assert person.send("/page/scan", code="nobody").status_code == 404
    assert person.send("/page/scan", code=" ").status_code == 400
    assert person.send("/page/checkout/nobody/pay").status_code == 404


@pytest.mark.words
def test_an_order_expires(person: Person) -> None:
    """Once its time is over, a customer sees until when an order could be paid."""
    person.merchant.order("form-late-1")
    person.merchant.order("form-late-2", time_expire="2018-06-08T10:34:56+08:00")
    person.done("/page/clock", by=3, unit="minutes")
    seen = person.client.get("/page/checkout/form-late-2").text
    assert "Too late to pay" in seen
    assert "It could be paid until" in seen
    assert person.send("/page/sandbox/pay/form-late-2").status_code == 400
    person.done("/page/clock", by=7 * 24, unit="hours")
    seen = person.client.get("/page/checkout/form-late-1").text
    assert "Order closed" in seen
    assert "It could be paid until" in seen
    assert person.send("/page/sandbox/pay/form-late-1").status_code == 400


@pytest.mark.parametrize("status", ["SUCCESS", "CLOSED", "ABNORMAL"])
def test_end_a_refund(person: Person, status: str) -> None:
    """A refund that is under way ends as is chosen, and only once."""
    number = f"form-back-{status}"
    person.merchant.order(number)
    person.sandbox.pay(number)
    person.merchant.refund(number, "PROCESSING", number)
    end, seen = f"/page/sandbox/refunds/{number}", f"/page/refunds/1900000109/{number}"
    assert f"<code>{status}</code>" in person.done(f"{end}/end", status=status, to=seen)
    assert person.send(f"{end}/end", status=status).status_code == 400
    assert person.send(f"{end}/end", status="PROCESSING").status_code == 400
    assert person.send(f"{end}x/end", status=status).status_code == 404


def test_confirm_a_transfer(person: Person) -> None:
    """The user takes the money once."""
    person.merchant.transfer("formtransfer")
    path = "/page/sandbox/transfers/formtransfer/confirm"
    assert "Received" in person.done(path, to="/page/transfers/formtransfer")
    assert person.send(path).status_code == 400
    assert person.send("/page/sandbox/transfers/none/confirm").status_code == 404


def test_pay_score(person: Person) -> None:
    """The user confirms an order, pays another, and agrees to the service, and ends that."""
    person.merchant.serve()
    orders, permission = "/page/sandbox/service-orders", "/page/sandbox/permissions/form-agreed"
    to = "/page/payscore"
    person.done(f"{orders}/{story.SERVICES[0]}/confirm")
    assert "Done" in person.done(f"{orders}/{story.SERVICES[2]}/pay", to=to)
    assert f"{permission}/end" in person.done(f"{permission}/agree", to=to)
    assert f"{permission}/agree" in person.done(f"{permission}/end", to=to)
    assert person.send(f"{orders}/none/confirm").status_code == 404


@pytest.mark.parametrize("merchant", ["1900000109", "1230000109"])
def test_complain(person: Person, merchant: str) -> None:
    """A customer complains about an order, of the merchant's or of a partner's."""
    number, partner = f"form-angry-{merchant}", {}
    path = "/v3/pay/transactions/native"
    if merchant != "1900000109":
        path = "/v3/pay/partner/transactions/native"
        partner = {"sp_appid": "wx", "sp_mchid": "1900000109", "sub_mchid": merchant}
    person.merchant.order(number, path, **partner)
    person.sandbox.pay(number)
    path, whom = f"/page/sandbox/complaints/{number}", "1230000109" if partner else ""
    form = f'name="sub_mchid" value="{whom}"'
    assert form in person.client.get(f"/page/orders/{merchant}/{number}").text
    said = {"text": "杯子破了", "refund": "true", "sub_mchid": whom, "to": "/page/complaints"}
    seen = person.done(path, **said)
    assert "杯子破了" in seen
    assert "Wants back ¥1.00" in seen
    assert person.send(path, text="").status_code == 400
    assert person.send(path, text="x" * 201).status_code == 400
    assert person.send("/page/sandbox/complaints/none", text="x").status_code == 404


@pytest.mark.words
def test_send_again(person: Person) -> None:
    """A notification that was refused is sent again: one of them, or all that wait."""
    for number in ("form-told-1", "form-told-2"):
        person.shop.script[:] = [500]
        person.merchant.order(number)
        person.sandbox.pay(number)
        person.sandbox.settle()
    first, second = (each.id for each in person.sandbox.notifications[-2:])
    assert "Next attempt" in person.client.get(f"/page/notifications/{first}").text
    seen = person.done(f"/page/notifications/{first}/send")
    assert seen.count("Acknowledged") == 2
    assert "Refused" in seen
    person.done("/page/notifications/send")
    assert "Acknowledged" in person.client.get(f"/page/notifications/{second}").text
    assert person.send("/page/notifications/none/send").status_code == 404


def test_a_shop_may_ask_meanwhile(person: Person) -> None:
    """While the page waits for a shop, the shop can ask the sandbox: neither waits for ever."""
    asked: list[int] = []

    def shop(headers: object, body: bytes) -> int:
        answer = httpx.get(f"{person.sandbox.url}/v3/certificates", trust_env=False, timeout=LONG)
        asked.append(answer.status_code)
        return 204

    person.sandbox.mount("https://meanwhile.example/", shop)
    person.merchant.order("form-meanwhile", notify_url="https://meanwhile.example/notify")
    person.done("/page/sandbox/pay/form-meanwhile")
    number = person.sandbox.settle()[-1].id
    person.done(f"/page/notifications/{number}/send")
    assert asked == [401, 401]


def test_probes(person: Person) -> None:
    """A probe is sent at once; mixed in, they can be turned on, and off."""
    person.shop.script[:] = [401]
    assert "Refused" in person.done("/page/notifications/probe", url=person.shop.url)
    assert "25 %" in person.done("/page/notifications/probes", percent=25, seed=7)
    assert person.sandbox.probe_rate == 0.25
    person.done("/page/notifications/probes", percent="", seed="")
    assert person.sandbox.probe_rate == 0
    for form in ({"percent": 101}, {"percent": "nan"}, {"percent": "x"}, {"seed": "1.5"}):
        assert person.send("/page/notifications/probes", **form).status_code == 400
    for url in ("", "ftp://127.0.0.1/", "http://127.0.0.1/?a=b", "javascript:alert(1)"):
        assert person.send("/page/notifications/probe", url=url).status_code == 400


@pytest.mark.words
def test_faults(person: Person) -> None:
    """A fault is put into force as it was typed, is applied, and can be ended."""
    form = {"method": "get", "path": "v3/certificates", "kind": "delay"}
    form |= {"times": "1", "percent": "100", "seed": "7", "seconds": "0.01", "header": ""}
    seen = person.done("/page/faults", **form)
    assert "get v3/certificates delay times=1 seed=7 seconds=0.01" in seen
    fault = list(person.sandbox.faults)[-1]
    person.client.get("/v3/certificates")
    assert fault.struck == 1
    assert "Spent" in person.client.get("/page/faults").text
    later = person.sandbox.fault("*", "v3/**", "500")
    person.done(f"/page/faults/{later.number}/remove")
    person.done(f"/page/faults/{fault.number}/remove")
    assert person.send(f"/page/faults/{fault.number}/remove").status_code == 404
    person.done("/page/faults", method="*", path="v3/**", kind="missing-header", percent=50)
    assert "Nothing fails on demand" in person.done("/page/faults/clear")
    assert len(person.sandbox.faults) == 0


@pytest.mark.words
@pytest.mark.parametrize(
    "change",
    [
        {"path": "a b"},
        {"kind": "earthquake"},
        {"times": "0"},
        {"times": "x"},
        {"percent": "0"},
        {"percent": "inf"},
        {"seconds": "nan"},
        {"method": "?"},
        {"header": "X"},
    ],
)
def test_impossible_faults(person: Person, change: dict[str, str]) -> None:
    """A fault that cannot be is refused with a reason, and none is added."""
    form = {"method": "*", "path": "v3/**", "kind": "delay", **change}
    answer = person.send("/page/faults", **form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert not list(person.sandbox.faults)


@pytest.mark.words
def test_a_reason_in_chinese(person: Person) -> None:
    """Why a fault cannot be is said in the language of the page."""
    form = {"method": "*", "path": "a b", "kind": "delay"}
    answer = person.client.post("/page/faults", data=form, headers={"Accept-Language": "zh"})
    assert "路径模式形如" in answer.text


@pytest.mark.words
def test_clock(person: Person) -> None:
    """The clock moves ahead by what was chosen, and never by what cannot be."""
    before = person.sandbox.world.clock.ahead
    seen = person.done("/page/clock", by=1, unit="days")
    moved = person.sandbox.world.clock.ahead - before
    assert 86400 - LONG < moved < 86401  # by a day, but for the time that moving it took
    assert "ahead of the real time" in seen
    after = person.sandbox.world.clock.ahead
    for form in (
        {"by": "", "unit": "days"},
        {"by": 1, "unit": "years"},
        {"by": -1, "unit": "days"},
        {"by": 367, "unit": "days"},
        {"by": "nan", "unit": "days"},
        {"by": "inf", "unit": "days"},
        {},
    ):
        assert person.send("/page/clock", **form).status_code == 400
    assert person.sandbox.world.clock.ahead == after


def test_odd_forms(person: Person) -> None:
    """A form that is none is refused, or is an empty one; a verb that is none has no page."""
    fields = "&".join(f"a{n}=1" for n in range(100))
    assert person.client.post("/page/clock", content=fields).status_code == 400
    assert person.client.post("/page/clock", content=b"\xff\xfe=\x00").status_code == 400
    assert person.client.post("/page/transfers").status_code == 405
    assert person.client.put("/page/clock").status_code == 405
    assert person.client.head("/page/clock").status_code == 200


def test_reading_does_nothing(person: Person) -> None:
    """No form is answered to a mere look: what does something is a POST."""
    person.merchant.order("form-look-1")
    for path in ("/page/sandbox/pay/form-look-1", "/page/faults/clear", "/page/scan"):
        assert person.client.get(path).status_code == 405
    assert _state(person, "form-look-1") == "NOTPAY"


@pytest.mark.parametrize(
    "to",
    ["", "https://evil.example/", "//evil.example", "/\\evil.example", "/page\\x", "/v3/x", "page"],
)
def test_forms_lead_nowhere_else(person: Person, to: str) -> None:
    """Where a form goes on is a page of the sandbox's, whatever it says."""
    number = f"form-led-{abs(hash(to)) % 10**6}"
    person.merchant.order(number)
    assert person.send(f"/page/sandbox/fail/{number}", to=to).headers["Location"] == "/"


@pytest.mark.parametrize("way", ["native", "jsapi", "app", "h5"])
def test_an_order_is_placed(person: Person, way: str) -> None:
    """The form is the merchant's call: it leads to the checkout, and the shop knows the order."""
    number = f"form-made-{way}"
    form = {"yuan": "8.8", "out_trade_no": number, "description": "tea"}
    page = person.done("/page/orders", way=way, notify_url=person.shop.url, **form)
    assert "¥8.80" in page
    assert _state(person, number) == "NOTPAY"
    if way == "h5":
        order = person.sandbox.world.store.get("order", f"1900000109/{number}")
        assert order is not None
        url = order["handle"]["h5_url"]
        assert url.startswith(f"{person.sandbox.url}/page/h5?prepay_id=wx")
        seen = person.client.get(url, follow_redirects=True)
        assert seen.url.path == f"/page/checkout/{number}"
        other = person.client.get(f"{person.sandbox.url}/page/h5?prepay_id=wx1")
        assert 400 <= other.status_code < 500


@pytest.mark.parametrize(
    "change",
    [
        {"yuan": ""},
        {"yuan": "0"},
        {"yuan": "x"},
        {"way": "cash"},
        {"out_trade_no": "no spaces please"},
        {"notify_url": "nowhere"},
    ],
)
def test_an_order_that_cannot_be(person: Person, change: dict[str, str]) -> None:
    """What is typed wrongly is refused, as the merchant's call would be."""
    form = {"way": "native", "yuan": "1", "description": "tea", "notify_url": person.shop.url}
    assert person.send("/page/orders", **{**form, **change}).status_code == 400


def test_a_number_is_suggested(person: Person) -> None:
    """Left empty, it becomes a number that is not taken."""
    form = {"way": "native", "yuan": "1", "description": "tea", "notify_url": person.shop.url}
    answer = person.send("/page/orders", out_trade_no="", **form)
    assert answer.headers["Location"].startswith("/page/checkout/page-")


def test_an_order_is_refunded(person: Person) -> None:
    """In parts, by the form on its page, and no more than is left of it."""
    person.merchant.order("form-back-1")
    person.sandbox.pay("form-back-1")
    path = "/page/orders/1900000109/form-back-1"
    assert 'action="/page/refunds"' in person.client.get(path).text
    asked = {"merchant": "1900000109", "out_trade_no": "form-back-1"}
    page = person.done("/page/refunds", yuan="0.01", reason="PROCESSING", **asked)
    assert "PROCESSING" in page
    assert person.send("/page/refunds", yuan="1000000", **asked).status_code >= 400
    missing = person.send("/page/refunds", yuan="1", merchant="1900000109", out_trade_no="nothing")
    assert missing.status_code == 404


def test_an_order_that_is_not_paid_has_no_form(person: Person) -> None:
    """Nothing can be given back of it."""
    person.merchant.order("form-back-2")
    page = person.client.get("/page/orders/1900000109/form-back-2").text
    assert 'action="/page/refunds"' not in page


def test_an_order_of_a_sub_merchant_is_refunded(person: Person) -> None:
    """Its refund is made in its name, from the form with its number."""
    body = {
        "sp_appid": "wxd678efh567hg6787",
        "sp_mchid": "1900000109",
        "sub_mchid": "1230000109",
        "description": "tea",
        "out_trade_no": "form-back-3",
        "notify_url": person.shop.url,
        "amount": {"total": 2, "currency": "CNY"},
    }
    person.merchant.call("POST", "/v3/pay/partner/transactions/native", body)
    person.sandbox.pay("form-back-3")
    asked = {"merchant": "1230000109", "out_trade_no": "form-back-3"}
    person.done("/page/refunds", yuan="0.02", **asked)


def test_any_notification_is_sent(person: Person) -> None:
    """By its type, with what it says where that was typed; what cannot be is refused."""
    form = {"event_type": "REFUND.CLOSED", "notify_url": person.shop.url}
    page = person.done("/page/notifications/trigger", fields='{"out_trade_no": "any-1"}', **form)
    assert "REFUND.CLOSED" in page
    assert "any-1" in page
    for change in (
        {"event_type": "NO.SUCH"},
        {"notify_url": "nowhere"},
        {"fields": "["},
        {"fields": "[]"},
        {"fields": '{"nothing_like_it": 1}'},
    ):
        answer = person.send("/page/notifications/trigger", **{**form, **change})
        assert answer.status_code == 400, change


def test_an_order_paid_by_code_is_refunded(person: Person) -> None:
    """It has no notify_url, so nobody is told of its refund."""
    body = {
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000109",
        "description": "tea",
        "out_trade_no": "form-back-4",
        "amount": {"total": 2, "currency": "CNY"},
        "payer": {"auth_code": "130061098828009401"},
        "scene_info": {"store_info": {"id": "0001"}},
    }
    person.merchant.call("POST", "/v3/pay/transactions/codepay", body)
    asked = {"merchant": "1900000109", "out_trade_no": "form-back-4"}
    person.done("/page/refunds", yuan="0.02", **asked)
