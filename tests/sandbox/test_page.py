"""The page of the sandbox: what it shows, in both languages, over HTTP."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from wechatpay import api
from wechatpay.sandbox import FAULTS, Sandbox

from . import shop as shops
from . import story, story_money
from .story import Shop

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture(scope="module")
def told() -> Iterator[Shop]:
    """A sandbox with a port, in which a lot has happened."""
    with shops.shop() as shop, Sandbox(port=0) as sandbox:
        yield story.tell(sandbox, shop.url)


@pytest.fixture(scope="module")
def browser(told: Shop) -> Iterator[httpx.Client]:
    """What a person looks with."""
    with httpx.Client(base_url=told.sandbox.url, trust_env=False) as client:
        yield client


_SIMPLE = (
    "/",
    "/page",
    "/page/checkout",
    "/page/orders",
    "/page/refunds",
    "/page/transfers",
    "/page/shares",
    "/page/accounts",
    "/page/vouchers",
    "/page/applyments",
    "/page/applications",
    "/page/product-coupons",
    "/page/coupons",
    "/page/payscore",
    "/page/complaints",
    "/page/requests",
    "/page/notifications",
    "/page/faults",
    "/page/clock",
    "/page/endpoints",
)
_ORDERS = (
    story.PAID,
    story.WAITING,
    story.ASKED,
    story.CLOSED,
    story.HOSTILE,
    story.JSAPI,
    story.COMBINED,
    story.PARTNER,
    story.TAKEN,
    story.OLD,
)
_DETAILS = (
    *(f"/page/checkout/{number}" for number in _ORDERS),
    *(f"/page/orders/1900000109/{each}" for each in (story.PAID, story.HOSTILE, story.OLD)),
    f"/page/orders/1900000109/{story_money.COUPON_ORDER}",
    f"/page/orders/1230000109/{story.PARTNER}",
    f"/page/orders/1900000109/{story.COMBINED}-10",
    f"/page/refunds/1900000109/{story.REFUND}",
    f"/page/refunds/1900000109/{story.LATE_REFUND}",
    f"/page/transfers/{story.TRANSFER}",
)


class _Page(HTMLParser):
    """Looks whether a page is well made: tags end, ids are single, what is filled in has a name."""

    _VOID = ("meta", "link", "input", "br", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.fields: list[str] = []
        self.links: list[str] = []
        self.headings = 0
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert tag not in ("script", "style", "iframe", "object")
        assert not any(name.startswith("on") or name == "style" for name in given)
        if tag not in self._VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label" and "for" in given:
            self.labels.append(given["for"])
        if tag == "select" or (tag == "input" and given.get("type") not in ("hidden", "checkbox")):
            self.fields.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        self.headings += tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        while self.open.pop() != tag:
            assert self.open


def _everything(told: Shop) -> Iterator[str]:
    yield from _SIMPLE
    yield from _DETAILS
    yield from (f"/page/requests/{each.number}" for each in told.sandbox.exchanges)
    yield from (f"/page/notifications/{each.id}" for each in told.sandbox.notifications)


@pytest.mark.parametrize(("accepted", "tag"), [("zh-CN,en;q=0.5", "zh-CN"), ("en-GB", "en")])
def test_every_page_is_shown(told: Shop, browser: httpx.Client, accepted: str, tag: str) -> None:
    """Every page is shown in both languages, well made, named and without anything that runs."""
    for path in _everything(told):
        seen = browser.get(path, headers={"Accept-Language": accepted})
        assert seen.status_code == 200, path
        assert f'<html lang="{tag}">' in seen.text
        page = _Page(seen.text)
        assert page.headings == 1, path
        assert len(page.ids) == len(set(page.ids)), path
        assert set(page.fields) <= set(page.labels), path
        assert "alert(1)</script>" not in seen.text
        assert "<img" not in seen.text


@pytest.mark.untraced
def test_every_link_leads_somewhere(told: Shop, browser: httpx.Client) -> None:
    """Whatever is linked to is there, and nothing is anywhere else."""
    seen: set[str] = set()
    for path in _everything(told):
        seen |= set(_Page(browser.get(path).text).links)
    assert all(link.startswith(("/", "#")) for link in seen)
    for link in sorted({link for link in seen if "lang=" not in link and link[0] == "/"}):
        assert browser.get(link).status_code == 200, link


def test_nothing_is_loaded_from_elsewhere(told: Shop, browser: httpx.Client) -> None:
    """A page needs its style sheet and nothing else, and a policy says so to the browser."""
    for path in ("/", "/page/orders", "/page/nowhere", "/page/style.css"):
        seen = browser.get(path)
        policy = seen.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        assert seen.headers["Cache-Control"] == "no-store"
        loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', seen.text)
        assert all(each.startswith(("/page/style.css", "data:image/svg")) for each in loaded)
    style = browser.get("/page/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert not re.search(r"url\(|@import", style.text)


def test_what_is_hostile_is_text(told: Shop, browser: httpx.Client) -> None:
    """A description, an openid or a complaint that is HTML is shown as what it says."""
    order = browser.get(f"/page/orders/1900000109/{story.HOSTILE}").text
    assert story.EVIL in html.unescape(order)
    assert "{{ 7 * 7 }}" in order
    jsapi = browser.get(f"/page/orders/1900000109/{story.JSAPI}").text
    assert "<b>x</b>" not in jsapi
    assert story.EVIL in html.unescape(browser.get("/page/complaints").text)
    for query in ("q=<script>", "level=<b>", "refresh=<b>", "page=<b>", "lang=<b>", "done=<b>"):
        seen = browser.get(f"/page/endpoints?{query}")
        assert seen.status_code == 200
        assert set(re.findall("<b>.*", seen.text)) <= set(re.findall("<b>[A-Z]+</b> .*", seen.text))
        assert "<script>" not in seen.text


def test_start(told: Shop, browser: httpx.Client) -> None:
    """The first page tells how to reach the sandbox, without its private key."""
    seen = html.unescape(browser.get("/").text)
    assert f"export WECHATPAY_BASE_URL={told.sandbox.url}" in seen
    assert "export WECHATPAY_PRIVATE_KEY=/" in seen
    assert "PRIVATE KEY--" not in seen
    assert "WeChatPay.from_env()" in seen


@pytest.mark.parametrize("mode", ["certificate", "public-key"])
def test_settings_follow_the_mode(told: Shop, browser: httpx.Client, mode: str) -> None:
    """The settings name a public key if there is one; asked for again they are the same."""
    told.sandbox.mode = "certificate" if mode == "certificate" else "public-key"
    seen = [browser.get("/").text for _ in range(2)]
    told.sandbox.mode = "public-key"
    exports = [re.findall("export .*", each) for each in seen]
    assert exports[0] == exports[1]
    assert any("PUBLIC_KEY" in line for line in exports[0]) == (mode == "public-key")


def test_the_language_is_remembered(browser: httpx.Client, told: Shop) -> None:
    """The switch leads to the same page in the other language, and is remembered by a cookie."""
    with httpx.Client(base_url=told.sandbox.url, trust_env=False) as client:
        seen = client.get("/page/endpoints?q=refund&page=2")
        switch = html.unescape(re.findall(r'class="switch" href="([^"]*)"', seen.text)[0])
        assert switch == "/page/endpoints?q=refund&page=2&lang=zh"
        chinese = client.get(switch)
        assert 'lang="zh-CN"' in chinese.text
        assert "HttpOnly" in chinese.headers["Set-Cookie"]
        assert "SameSite=strict" in chinese.headers["Set-Cookie"]
        assert '<html lang="zh-CN">' in client.get("/page/orders").text
        assert '<html lang="en">' in client.get("/page/orders?lang=en").text


def test_checkout_shows_a_code(browser: httpx.Client, told: Shop) -> None:
    """A native order that waits is a QR code, drawn within the page; any other order is none."""
    seen = browser.get(f"/page/checkout/{story.WAITING}").text
    assert 'class="qr"' in seen
    assert "weixin://wxpay/bizpayurl?pr=" in seen
    assert 'class="qr"' not in browser.get(f"/page/checkout/{story.JSAPI}").text
    assert 'class="qr"' not in browser.get(f"/page/checkout/{story.PAID}").text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (story.PAID, "Refunded"),
        (story.PARTNER, "Paid"),
        (story.CLOSED, "Order closed"),
        (story.TAKEN, "Payment failed"),
        (story.ASKED, "Payment code"),
        (story.COMBINED, "¥0.30"),
    ],
)
def test_checkout_shows_where_an_order_is(browser: httpx.Client, number: str, words: str) -> None:
    """A customer sees whether an order waits, is paid, failed or over, and what all of it costs."""
    assert words in browser.get(f"/page/checkout/{number}").text


@pytest.mark.words
def test_a_wrong_signature_is_shown_where_it_differs(told: Shop, browser: httpx.Client) -> None:
    """The two messages stand side by side, what differs is marked, and the place is named."""
    wrong = [each for each in told.sandbox.exchanges if each.diagnosis]
    seen = browser.get(f"/page/requests/{wrong[0].number}").text
    assert "the query was left out" in seen
    column = len(f"/v3/pay/transactions/out-trade-no/{story.PAID}") + 1
    assert f"line 2, column {column}" in seen
    assert "<mark>?mchid=1900000109</mark>" in seen
    assert "<mark>∅</mark>" in seen
    chinese = browser.get(f"/page/requests/{wrong[1].number}", headers={"Accept-Language": "zh"})
    assert "请求体的 JSON 被重新序列化了" in chinese.text
    assert r"\u5f62" in chinese.text


@pytest.mark.untraced
def test_no_signature_is_shown(told: Shop, browser: httpx.Client) -> None:
    """A request's page shows its headers, but neither side's signature."""
    for each in told.sandbox.exchanges:
        seen = html.unescape(browser.get(f"/page/requests/{each.number}").text)
        for name, value in (*each.headers, *each.reply_headers):
            if name.lower() == "wechatpay-signature":
                assert value not in seen
            if name.lower() == "authorization":
                assert value not in seen
                assert 'signature="…"' in seen


def test_requests_that_went_wrong(told: Shop, browser: httpx.Client) -> None:
    """On request, only what went wrong is listed."""
    seen = browser.get("/page/requests?wrong=1").text
    right = next(each for each in told.sandbox.exchanges if each.verified and not each.code)
    wrong = next(each for each in told.sandbox.exchanges if each.diagnosis)
    assert f'"/page/requests/{wrong.number}"' in seen
    assert f'"/page/requests/{right.number}"' not in seen


@pytest.mark.words
def test_an_order_has_a_history(browser: httpx.Client, told: Shop) -> None:
    """The requests, notifications and refunds of an order are told in order, and no other's."""
    seen = html.unescape(browser.get(f"/page/orders/1900000109/{story.PAID}").text)
    seen = seen.partition("<h2>History</h2>")[2]
    steps = [
        "POST /v3/pay/transactions/native → 200",
        "Paid",
        "Refund asked for",
        "TRANSACTION.SUCCESS → 204",
    ]
    places = [seen.find(each) for each in steps]
    assert -1 not in places
    assert places[0] == min(places)
    assert "REFUND.SUCCESS" in seen
    assert "transfer-bills" not in seen


def test_a_long_list_has_pages(told: Shop, browser: httpx.Client) -> None:
    """A list of more than 20 has another page, and the pages lead to each other."""
    first = browser.get("/page/endpoints?q=refund").text
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    last = browser.get("/page/endpoints?q=refund&page=2").text
    assert 'rel="prev"' in last
    assert "q=refund&amp;page=1" in last
    for odd in ("0", "-1", "x", "²", "9" * 5000):
        assert browser.get(f"/page/orders?page={odd}").status_code == 200


@pytest.mark.words
def test_endpoints_are_found(browser: httpx.Client) -> None:
    """Of the documented endpoints it is told which are simulated; all words have to be there."""
    whole = browser.get("/page/endpoints").text
    assert f"{len(api.endpoints()):,} documented endpoints" in whole
    found = browser.get("/page/endpoints", params={"q": "post TRANSACTIONS/native partner"}).text
    assert "1 found" in found
    assert "v3/pay/partner/transactions/native" in found
    shaped = browser.get("/page/endpoints?q=transactions/native&level=shaped").text
    assert "v3/pay/transactions/native<" not in shaped
    assert "No endpoint has all these words" in browser.get("/page/endpoints?q=zzzzz").text


def test_faults_are_explained(browser: httpx.Client) -> None:
    """Every kind of fault can be chosen, with words."""
    seen = html.unescape(browser.get("/page/faults", headers={"Accept-Language": "en"}).text)
    words = {kind: effect.words.replace("`", "") for kind, effect in FAULTS.items()}
    assert all(f"{kind}: {what}" in seen for kind, what in words.items())


def test_refreshing_is_a_choice(browser: httpx.Client) -> None:
    """A page does not refresh itself unless that is asked for, and says how to stop it."""
    assert "http-equiv" not in browser.get("/page/requests").text
    seen = browser.get("/page/requests?refresh=1&wrong=1").text
    assert '<meta http-equiv="refresh" content="5">' in seen
    assert "Stop refreshing" in seen


@pytest.mark.words
@pytest.mark.parametrize(
    "path",
    [
        "/page/nowhere",
        "/page/orders/1900000109/nothing",
        "/page/orders/",
        "/page/refunds/1900000109/nothing",
        "/page/transfers/nothing",
        "/page/requests/0",
        "/page/notifications/nothing",
        "/page/checkout/nothing",
        "/page/checkout/%2e%2e%2f",
    ],
)
def test_what_is_not_there_is_said_so(browser: httpx.Client, path: str) -> None:
    """What is not there is a page as well."""
    seen = browser.get(path)
    assert seen.status_code == 404
    assert "There is no such page" in seen.text
    assert "Content-Security-Policy" in seen.headers


@pytest.mark.words
def test_an_empty_sandbox_has_pages() -> None:
    """Where nothing has happened yet, every list says so."""
    with Sandbox(port=0) as sandbox, httpx.Client(trust_env=False) as client:
        for path in _SIMPLE:
            for language in ("en", "zh"):
                assert client.get(f"{sandbox.url}{path}?lang={language}").status_code == 200
        assert "There are no orders yet" in client.get(f"{sandbox.url}/page/orders?lang=en").text


def test_the_endpoints_are_where_they_were(told: Shop, browser: httpx.Client) -> None:
    """What is not the page's is WeChat Pay's still, though it begins alike."""
    for path in ("/pages", "/pagex/orders", "/v3/page"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert answer.json()["code"]


@pytest.mark.words
def test_how_far_the_clock_is_ahead() -> None:
    """It is said in words, in its two greatest units."""
    with Sandbox(port=0) as sandbox, httpx.Client(base_url=sandbox.url, trust_env=False) as client:
        assert "+" not in client.get("/page/faults").text.partition("<main")[0].split("<body>")[1]
        for by, english, chinese in (
            (61, "+1 minute 1 second", "+1 分钟 1 秒"),
            (86400 - 61, "+1 day", "+1 天"),
            (7205, "+1 day 2 hours", "+1 天 2 小时"),
            (2 * 86400 - 7205, "+3 days", "+3 天"),
        ):
            sandbox.advance(by)
            for language, words in (("en", english), ("zh", chinese)):
                seen = client.get("/page/faults", headers={"Accept-Language": language})
                assert f">{words}</span>" in seen.text


def test_empty_pages_say_how_to_fill_them() -> None:
    """Each names a call, or leads to where something can be had."""
    money = "orders refunds transfers shares payscore complaints accounts"
    more = "vouchers coupons product-coupons applyments applications"
    wire = "requests notifications checkout clock"
    with Sandbox(port=0) as sandbox, httpx.Client(base_url=sandbox.url, trust_env=False) as client:
        for path in f"{money} {more} {wire}".split():
            assert 'class="how"' in client.get(f"/page/{path}").text, path
