"""What fields mean: those of the families that most merchants use are all explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay import WeChatPay, api
from wechatpay.api._glossary import Glossary, Meaning, fits, glossary

COVERED = (
    *("v2/pay/", "v2/secapi/pay/", "v3/apply4sub/", "v3/apply4subject/", "v3/applyment4sub/"),
    *("v3/bill/", "v3/billdownload/", "v3/brand/partner/", "v3/combine-transactions/"),
    *("v3/ecommerce/applyments/", "v3/fund-app/"),
    *("v3/marketing/busifavor/", "v3/marketing/favor/", "v3/marketing/partner/product-coupon"),
    *("v3/merchant-service/", "v3/pay/", "v3/payscore/", "v3/profitsharing/", "v3/refund/"),
    "v3/transfer",
)
"""Payment, refund, combined, transfer, sharing, pay score, coupon, bill, complaint, onboarding."""
NOTIFIED = (
    *("APPLYMENT_STATE.", "COMPLAINT.", "COUPON.", "MCHTRANSFER.", "PAYSCORE.", "PRODUCT_COUPON"),
    *("PROFITSHARING.", "REFUND.", "TRANSACTION.", "refund-processed", "transaction-success"),
    "combined-transactions-success",
)
_WORD = re.compile(r"[a-z]+")
_EMPTY = {"the", "a", "an", "of", "this", "that", "its", "is", "it", "your", "own", "for", "in"}


def walk(fields: tuple[api.Field, ...]) -> Iterator[api.Field]:
    """Yield fields, and those within them."""
    for field in fields:
        yield field
        yield from walk(field.fields)
        for _, variant in field.variants:
            yield from walk(variant)


def covered() -> Iterator[tuple[str, api.Field]]:
    """Yield every field of the families, with where it is."""
    for each in api.endpoints():
        if each.path.startswith(COVERED):
            for fields in (each.placeholders, each.query, each.headers):
                yield from ((f"{each.verb} {each.path}", one) for one in walk(fields))
            for fields in (each.body.fields, each.reply.fields):
                yield from ((f"{each.verb} {each.path}", one) for one in walk(fields))
    for event in api.notifications():
        if event.event_type.startswith(NOTIFIED):
            trees = (event.resource, event.body, *(tree for _, tree in event.variants))
            for tree in trees:
                yield from ((event.event_type, one) for one in walk(tree))


def repeats(name: str, meaning: str) -> bool:
    """Tell whether a meaning says nothing that the name does not say itself."""
    said = {one.rstrip("s") for one in _WORD.findall(meaning.lower())} - _EMPTY
    return said <= {one.rstrip("s") for one in _WORD.findall(name.lower())}


def test_every_field_of_the_families_is_explained() -> None:
    """No field of these families is without a meaning, in Chinese and in English."""
    without = {(where, one.name) for where, one in covered() if set(one.meaning) != {"zh", "en"}}
    assert not without


def test_no_meaning_repeats_the_name() -> None:
    """A meaning says more than the name does in words, and is of its language."""
    for _, one in covered():
        assert not repeats(one.name, one.meaning["en"]), one.name
        assert re.search("[\u4e00-\u9fff]", one.meaning["zh"]), one.name
        assert one.meaning["zh"] != one.meaning["en"]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [("out_trade_no", "Your own out trade no"), ("goods_name", "The name of the goods")],
)
def test_a_meaning_that_repeats_the_name_is_found(name: str, meaning: str) -> None:
    """The check above finds one that is the name in words."""
    assert repeats(name, meaning)


def test_every_value_has_an_example_that_fits() -> None:
    """What is not an object has an example of its type, values, length and pattern, or values."""
    without: set[tuple[str, str]] = set()
    for where, one in covered():
        kind = one.type.removeprefix("array<").removesuffix(">")
        if kind in ("object", "binary") or one.fields or one.enum or one.const is not None:
            continue
        if not one.example or not fits(one.example, one._asdict()):
            without.add((where, one.name))
    # Of this name the documentation says how it ends, not what it is.
    assert {name for _, name in without} <= {"filename"}


def everywhere() -> Iterator[tuple[str, api.Field]]:
    """Yield every field of every endpoint and notification that has a meaning."""
    for each in api.endpoints():
        for tree in (each.placeholders, each.query, each.body.fields, each.reply.fields):
            yield from ((f"{each.verb} {each.path}", one) for one in walk(tree) if one.words)
    for event in api.notifications():
        for tree in (event.resource, event.body, *(tree for _, tree in event.variants)):
            yield from ((event.event_type, one) for one in walk(tree) if one.words)


_VALUE = re.compile(r"(?<![\w-])(?!ISO|URL|RFC|JSON|CSV)[A-Z][A-Z0-9_-]{2,}(?!\w)", re.ASCII)
_FOR_YOU, _FOR_YOUR_KEY = "encrypted for you", "encrypted for your private key"


@pytest.mark.untraced
def test_what_a_meaning_claims_is_what_the_catalogue_says() -> None:
    """Values, units, lengths and what is encrypted are the field's own, in every family."""
    for where, one in everywhere():
        zh, en = one.meaning["zh"], one.meaning["en"]
        if one.enum:
            assert {*_VALUE.findall(f"{zh} {en}")} <= {*map(str, one.enum)}, (where, one.name)
        for unit, said in (("fen", "分"), ("yuan", "元")):
            if re.search(rf"\bin {unit}\b", en):
                assert one.unit in (None, unit), (where, one.name)
                assert said in zh, (where, one.name)
        assert ("自动加密" in zh) == (en.endswith(_FOR_YOU)), (where, one.name)
        if en.endswith(_FOR_YOU):
            assert (one.encrypted, where[:8] != "post v2/") == ("wechatpay-public-key", True)
        if one.encrypted == "merchant-certificate":
            assert en.endswith(_FOR_YOUR_KEY), (where, one.name)
        digits = {int(one) for one in re.findall(r"(\d+) 位", zh)}
        assert not digits or len(one.example or "") in {0, *digits}, (where, one.name)


@pytest.mark.parametrize(
    ("field", "zh", "en"),
    [
        ({}, "状态：PAID 已付", "How far it is: PAID or not"),
        ({"enum": ("PAID", "OPEN")}, "状态：PAID 已付", "How far it is: PAID or not"),
        ({"enum": ("DONE",)}, "状态", "How far it is"),
        ({"encrypted": "wechatpay-public-key"}, "；自动加密", "encrypted for you"),
        ({"encrypted": "apiv3-key"}, "已付", "or not"),
    ],
)
def test_a_meaning_says_no_more_than_is_true_of_the_field(
    field: dict[str, Any], zh: str, en: str
) -> None:
    """Values that it does not have are left out, and who encrypts it is added."""
    found = Meaning("状态：PAID 已付", "How far it is: PAID or not").of(field)
    assert found[0].endswith(zh)
    assert found[1].endswith(en)
    by_hand = Meaning("价格，单位分", "Price, in fen").of(
        {"unit": "yuan", "encrypted": "wechatpay-public-key"}, by_hand=True
    )
    assert by_hand == ("价格，单位元；须先加密", "Price, in yuan; to be encrypted first")
    assert Meaning("状态：PAID", "State").of({"enum": ("DONE",)}) == ("状态", "State")
    assert Meaning("已付 PAID", "It is PAID").of({"enum": ("DONE",)})[1] == "It is PAID"


def test_money_says_its_unit() -> None:
    """A sum of money that is a whole number says in both languages that it is in fen."""
    for where, one in covered():
        if one.name == "apply_total":  # how many may be handed out
            continue
        if one.type == "integer" and re.search(r"(amount|_fee|price|total)$", one.name):
            assert "分" in one.meaning["zh"], (where, one.name)
            assert "fen" in one.meaning["en"], (where, one.name)


def test_most_names_of_all_families_are_explained() -> None:
    """Beyond those families the commonest names are explained: three of four fields have one."""
    fields = [
        one
        for each in api.endpoints()
        for tree in (each.placeholders, each.query, each.body.fields, each.reply.fields)
        for one in walk(tree)
    ]
    assert sum(bool(one.meaning) for one in fields) > 0.75 * len(fields)


def meaning_of(verb: str, path: str, *names: str) -> str:
    """Return what a field of a body or an answer means in English."""
    endpoint = api.endpoint(verb, path)
    assert endpoint
    fields = (*endpoint.body.fields, *endpoint.reply.fields)
    found: api.Field | None = None
    for name in names:
        found = next(one for one in fields if one.name == name)
        fields = found.fields
    assert found
    return found.meaning["en"]


def test_one_name_means_different_things() -> None:
    """The object around a field and the endpoint decide what its name means."""
    order = "v3/pay/transactions/native"
    assert "bill" in meaning_of("post", order, "description")
    assert "sharing" in meaning_of("post", "v3/profitsharing/orders", "out_order_no")
    assert "service order" in meaning_of("post", "v3/payscore/serviceorder", "out_order_no")
    assert "store" in meaning_of("post", order, "scene_info", "store_info", "name")
    assert "per hour" in meaning_of(
        "post", "v3/payscore/serviceorder", "post_payments", "description"
    )


def test_the_narrowest_key_holds() -> None:
    """An object's name within an endpoint, then the object's, the endpoint's, and the bare name."""
    words = Glossary(
        f"{key}\t{key}\t{key}" for key in ("a.x", "v3/#x", "v3/b/#a.x", "v3/b/#x", "x")
    )
    for place, parent, key in (
        ("v3/b/c", "a", "v3/b/#a.x"),
        ("v3/c", "a", "a.x"),
        ("v3/b/c", "", "v3/b/#x"),
        ("v3/c", "", "v3/#x"),
        ("v2/c", "b", "x"),
    ):
        found = words.at(place).of(parent, "x")
        assert found
        assert found.en == key
    assert words.at("v3/b").of("a", "y") is None


@pytest.mark.parametrize("lines", [["b\t1\t2", "a\t1\t2"], ["a\t1"], ["a\t1\t2\t3\t4"]])
def test_a_wrong_line_is_refused(lines: list[str]) -> None:
    """Lines that are not sorted, or have too few or too many columns, are refused."""
    with pytest.raises(api.CatalogueError, match=r"glossary\.tsv, line"):
        Glossary(lines)


@pytest.mark.parametrize(
    ("example", "field", "whether"),
    [
        ("12", {"type": "integer"}, True),
        ("1.5", {"type": "integer"}, False),
        ("1.5", {"type": "number"}, True),
        ("true", {"type": "boolean"}, True),
        ("yes", {"type": "boolean"}, False),
        ("A", {"enum": ("A", "B")}, True),
        ("C", {"enum": ("A", "B")}, False),
        ("abc", {"max_length": 2}, False),
        ("a", {"min_length": 2}, False),
        (" a", {}, False),
        ("a1", {"pattern": "[a-z]+"}, False),
        ("x", {"type": "array<string>"}, True),
        ("x", {"type": "object"}, False),
    ],
)
def test_what_fits(example: str, field: dict[str, object], whether: bool) -> None:
    """An example fits a field if WeChat Pay would take it there, by what is documented."""
    assert fits(example, field) is whether


def test_the_glossary_is_read_once() -> None:
    """Whoever asks gets the same one."""
    assert glossary() is glossary()


def test_help_tells_of_that_endpoint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`help(node)` names the endpoint, its fields and their meanings, its answer and errors."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with WeChatPay("1900000109", secret="0123456789abcdef0123456789abcdef") as wxpay:
        help(wxpay.v3.pay.transactions.native)
        printed = capsys.readouterr().out
        for part in ("Native下单", "out_trade_no*", "商户订单号", "code_url", "OUT_TRADE_NO_USED"):
            assert part in printed
        assert "https://pay.weixin.qq.com/doc/" in printed
        assert "__copy__" not in printed
        monkeypatch.setenv("LC_ALL", "C")
        verb = wxpay.v3.refund.domestic.refunds.post.__doc__ or ""
        assert "Your own number of the refund" in verb
        awaited = wxpay.v3.refund.domestic.refunds.post_async
        assert awaited.__doc__ == verb
        several = wxpay.v2.__doc__ or ""
        assert several.endswith("…")
        nowhere: Any = wxpay.chain("v3/nowhere")
        assert "Nothing is documented" in (nowhere.__doc__ or "")
        assert "immutable value" in (type(nowhere).__doc__ or "")
        assert "keyword arguments" in (type(nowhere.post).__doc__ or "")


def test_help_names_refusals_where_some_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call without documented refusals has no line of them, and one with some has."""
    monkeypatch.setenv("LC_ALL", "C")
    quiet = next(one for one in api.endpoints() if not one.errors)
    with WeChatPay("1900000109") as wxpay:
        node: Any = wxpay.chain(quiet.path)
        said = getattr(node, quiet.verb).__doc__
        assert quiet.name in said
        assert "Refusals" not in said
        assert "Refusals: " in (wxpay.v3.pay.transactions.native.post.__doc__ or "")
