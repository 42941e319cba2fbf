"""The pages that are made from the catalogue."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from docs.builder import words
from docs.builder.endpoint_page import _table, body_of, listing, name_of, text_of, title_of
from docs.builder.search import plain
from docs.builder.words import LANGUAGES, WORDS, Language
from wechatpay import api

ENDPOINTS = api.endpoints()
EITHER = pytest.mark.parametrize("language", LANGUAGES)
_EMPTY = {"wbr"}


class Balance(HTMLParser):
    """Asserts that every tag is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Compare a tag with the one that is open."""
        assert self.open.pop() == tag


def page(verb: str, path: str, language: Language = "en") -> str:
    """Return the inside of an endpoint's page."""
    endpoint = api.endpoint(verb, path)
    assert endpoint
    return body_of(endpoint, language)


@pytest.mark.untraced
@EITHER
def test_every_page_is_well_formed(language: Language) -> None:
    """An endpoint's page closes what it opens, and has a title and an answer."""
    for endpoint in ENDPOINTS[::20]:
        balance = Balance()
        html = body_of(endpoint, language)
        balance.feed(html)
        assert not balance.open
        assert html.count("<h1>") == 1
        assert f"{WORDS[language].answer}<a" in html
        assert plain(title_of(endpoint, language)) in plain(html)


def test_no_two_pages_have_one_name() -> None:
    """Names differ, whatever a file system thinks of case; none is a path upwards."""
    names = [name_of(one).lower() for one in ENDPOINTS]
    assert len(set(names)) == len(names)
    assert not any(part in ("", ".", "..") for name in names for part in name.split("/"))


@EITHER
def test_both_languages_have_the_same_tables(language: Language) -> None:
    """A page has a row for each field, in either language, and each official link."""
    for endpoint in ENDPOINTS[::40]:
        html = body_of(endpoint, language)
        other = body_of(endpoint, "zh" if language == "en" else "en")
        assert html.count("<tr>") == other.count("<tr>")
        for link in endpoint.docs:
            assert f'href="{link}"' in html


def test_a_page_says_what_is_special() -> None:
    """Encrypted fields, mutual TLS, hosts, unsigned answers and what became of it are said."""
    assert WORDS["en"].encrypted["wechatpay-public-key"] in page(
        "post", "v3/applyment4sub/applyment/"
    )
    assert WORDS["en"].mutual_tls in page("post", "v2/secapi/pay/refund")
    assert WORDS["en"].partners in page("post", "v3/refund/domestic/refunds")
    unsigned = next(one for one in ENDPOINTS if one.options.unsigned)
    assert WORDS["zh"].unsigned in body_of(unsigned, "zh")
    fixed = api.endpoint("get", "v3/certificates")
    assert fixed
    assert f"{WORDS['en'].only} <code>certificate</code>" in body_of(fixed, "en")
    hosted = next(one for one in ENDPOINTS if one.options.host_required)
    assert hosted.options.host.rstrip("/") in plain(body_of(hosted, "en"))
    old = next(one for one in ENDPOINTS if one.lifecycle and one.lifecycle[0].superseded_by)
    assert WORDS["en"].superseded_by in body_of(old, "en")
    assert old.lifecycle[0].superseded_by[0] in plain(body_of(old, "en"))


def test_a_page_says_what_may_be_repeated() -> None:
    """Refusals, the number that makes a repeat the same, calls that only ask, and choices."""
    transfer = api.endpoint("post", "v3/fund-app/mch-transfer/transfer-bills")
    query = api.endpoint("post", "v2/pay/orderquery")
    order = api.endpoint("post", "v3/pay/partner/transactions/jsapi")
    assert transfer
    assert query
    assert order
    for language in LANGUAGES:
        words_ = WORDS[language]
        told = body_of(transfer, language)
        assert "<code>NOT_ENOUGH</code>" in told
        assert words_.repeatable in told
        assert words_.same_call.format("<code>out_bill_no</code>") in told
        withdrawn = page("post", "v3/merchant/fund/withdraw", language)
        key = "<code>out_request_no</code>"
        assert words_.same_call_within.format(key, "6 days") in withdrawn
        assert words_.asks in body_of(query, language)
        assert words_.one_of.format("<code>sp_openid</code>, <code>sub_openid</code>") in body_of(
            order, language
        )


def test_every_field_has_a_row() -> None:
    """Fields that depend on a case, and what is JSON inside of a string, are in the table."""
    inner = (api.Field("inner", "string"),)
    varied = api.Field("outer", "object", variants=(("kind is <one>", inner),), max_length=8)
    html = _table([varied], WORDS["en"])
    assert "where kind is &lt;one&gt;" in html
    assert "outer.inner" in plain(html)
    assert "at most 8 characters" in html
    assert WORDS["en"].json_inside in page("post", "v3/merchant/media/upload")


@EITHER
def test_every_field_says_what_it_is(language: Language) -> None:
    """A field's row says what the field is, and an example where its values are not listed."""
    html = page("post", "v3/pay/transactions/native", language)
    order = api.endpoint("post", "v3/pay/transactions/native")
    assert order
    field = next(one for one in order.body.fields if one.name == "out_trade_no")
    assert field.meaning[language] in html
    assert f"{WORDS[language].example} <code>{field.example}</code>" in html


def test_an_endpoint_without_official_page() -> None:
    """Where no official page is known, there is no heading for one."""
    lone = next(one for one in ENDPOINTS if not one.docs)
    assert 'id="official"' not in body_of(lone, "en")


def test_an_address_for_a_browser_is_no_call() -> None:
    """A page that a browser is sent to shows no call."""
    html = page("get", "v2/papay/entrustweb")
    assert WORDS["en"].redirect in html
    assert 'id="call"' not in html


def test_an_address_is_what_is_sent() -> None:
    """`v2/` picks the dialect and is not sent; a trailing slash is."""
    assert "https://api.mch.weixin.qq.com/pay/micropay" in plain(page("post", "v2/pay/micropay"))
    html = plain(page("post", "v3/applyment4sub/applyment/"))
    assert "https://api.mch.weixin.qq.com/v3/applyment4sub/applyment/ " in html


def test_every_kind_of_note_is_worded() -> None:
    """Whatever the catalogue says of encryption or of an endpoint's life has its words."""
    for language in LANGUAGES:
        for endpoint in ENDPOINTS:
            assert {one.flag for one in endpoint.lifecycle} <= WORDS[language].lifecycle.keys()
    assert WORDS["en"].encrypted.keys() == WORDS["zh"].encrypted.keys()
    assert tuple(WORDS) == words.LANGUAGES


@EITHER
def test_the_list_has_every_endpoint(language: Language) -> None:
    """Every endpoint is in the list, below each of its products."""
    html = listing(ENDPOINTS, language)
    for endpoint in ENDPOINTS:
        times = html.count(f'href="{name_of(endpoint)}.html"')
        assert times == max(len(endpoint.tags), 1)


def test_a_page_is_found_by_its_fields() -> None:
    """Path, title, product and the names of nested fields find a page."""
    endpoint = api.endpoint("post", "v3/pay/transactions/jsapi")
    assert endpoint
    text = text_of(endpoint)
    for word in ("POST", "v3/pay/transactions/jsapi", endpoint.name, "基础支付", "openid"):
        assert word in text
