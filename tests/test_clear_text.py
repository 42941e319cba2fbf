"""What sent in clear although its name is one of personal data: refused, or warned of."""

from __future__ import annotations

import json
import warnings
from enum import Enum
from typing import Any

import pytest
from gateway import Gateway
from ways import Way, client_of, each_way

from wechatpay import Ciphertext, ConfigurationError, WeChatPay
from wechatpay._v3 import sealed_table
from wechatpay._v3.clear_text import ALWAYS, SOMETIMES
from wechatpay.api import Field, endpoints

UNKNOWN = "v3/brand-new/product"
KNOWN = "v3/fund-app/mch-transfer/transfer-bills"
ORDER = "v3/pay/transactions/native"


class Name(str, Enum):
    """A name that is given as an enum's member."""

    PHONE = "mobile_phone"


@each_way
@pytest.mark.parametrize("path", [UNKNOWN, KNOWN], ids=["unknown path", "unknown field"])
def test_a_name_that_is_always_encrypted_is_not_sent_in_clear(
    gateway: Gateway, way: Way, path: str
) -> None:
    """It is refused before anything is sent, by its place and name and never by its value."""
    with client_of(gateway) as wxpay, pytest.raises(ConfigurationError) as caught:
        way.call(wxpay[path], "post", json={"owner": [{"id_card_number": "11010119900307"}]})
    words = str(caught.value)
    assert words.startswith(f"{path}: ")
    assert "owner/*/id_card_number was not sent" in words
    assert "wxpay.encrypt(" in words
    assert "encrypt=False" in words
    assert "11010119900307" not in words
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"real_name": "张三"}, "real_name"),
        ({"a": {"mobile_phone": 13800000000}}, "a/mobile_phone"),
        ({"mobile_phone": ["13800000000"]}, "mobile_phone/*"),
        ({"mobile_phone": {"number": "13800000000"}}, "mobile_phone/number"),
        ({"mobile_phone": {"a": [{"b": "x"}]}}, "mobile_phone/a/*/b"),
        ([[{"mobile_phone": "13800000000"}]], "*/*/mobile_phone"),
        ({"张三": {"mobile_phone": "13800000000"}}, "…/mobile_phone"),
        ({Name.PHONE: "13800000000"}, "mobile_phone"),
        ({"user_name": "x", "payee": {"user_name": "张三"}}, "payee/user_name"),
    ],
)
def test_every_shape_is_looked_through(wxpay: WeChatPay, body: Any, place: str) -> None:
    """Lists, what is below a name, numbers, and a second field of a marked one's name count."""
    with pytest.raises(ConfigurationError) as caught:
        wxpay[KNOWN].post(json=body)
    assert f": {place} was not sent" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {"real_name": None, "mobile_phone": "", "tel": True, "tags": ["x", 1]},
        {"real_name": Ciphertext("AAAA", "PUB_KEY_ID_1"), "user_names": "x", "a": "real_name"},
        {"text": '{"real_name":"not a field but text"}', "list": []},
    ],
    ids=["nothing in it", "encrypted", "other names"],
)
def test_what_hides_nobody_goes_out(gateway: Gateway, body: Any) -> None:
    """A ciphertext, an empty field and a name that only looks alike are sent."""
    with client_of(gateway) as wxpay, warnings.catch_warnings():
        warnings.simplefilter("error")
        wxpay[UNKNOWN].post(json=body)
    assert len(gateway.requests) == 1


@pytest.mark.parametrize(
    ("client", "call"), [({"encrypt": False}, {}), ({}, {"encrypt": False})], ids=["client", "call"]
)
def test_it_can_be_sent_in_clear(
    gateway: Gateway, client: dict[str, Any], call: dict[str, Any]
) -> None:
    """With `encrypt=False`, for a client or a call, nothing is refused and nothing is said."""
    body = {"real_name": "made elsewhere", "name": "made elsewhere"}
    with client_of(gateway, **client) as wxpay, warnings.catch_warnings():
        warnings.simplefilter("error")
        wxpay[UNKNOWN].post(json=body, **call)
    assert json.loads(gateway.requests[-1].body) == body


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        (UNKNOWN, {"person": {"name": "张三"}}, "person/name"),
        (ORDER, {"scene_info": {"name": "张三"}}, "scene_info/name"),
        (ORDER, {"buyer": {"phone_number": 1}}, "buyer/phone_number"),
    ],
)
def test_a_name_that_is_encrypted_at_times_is_warned_of(
    gateway: Gateway, path: str, body: Any, place: str
) -> None:
    """In a field that is not documented it is sent, and a warning names it, not its value."""
    with client_of(gateway) as wxpay, pytest.warns(UserWarning, match="sent in clear") as caught:
        wxpay[path].post(json=body)
    (one,) = caught
    assert f"{path}: {place} is sent in clear" in str(one.message)
    assert "张三" not in str(one.message)
    assert len(gateway.requests) == 1


def test_it_is_warned_of_once(gateway: Gateway) -> None:
    """By Python's own rules, the same words are shown once."""
    with client_of(gateway) as wxpay, warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.simplefilter("default")
        for _ in range(3):
            wxpay[UNKNOWN].post(json={"name": "张三", "list": [{"name": "李四"}]})
    assert len(caught) == 2


@pytest.mark.parametrize("path", [ORDER, f"{ORDER}/", "v3/merchants", "hk/v3/merchants"])
def test_what_is_documented_in_clear_is_not_warned_of(gateway: Gateway, path: str) -> None:
    """A documented field goes out without a word, with a slash or a host's prefix too."""
    body = {
        ORDER: {"scene_info": {"store_info": {"name": "腾讯大厦分店", "address": "广东省"}}}
    }.get(path.removesuffix("/"), {"name": "腾讯", "director": {"name": "李四", "number": "1"}})
    with client_of(gateway) as wxpay, warnings.catch_warnings():
        warnings.simplefilter("error")
        wxpay[path].post(json=body, base_url=gateway.url)
    assert json.loads(gateway.requests[-1].body) == body


def fields_of(tree: tuple[Field, ...]) -> list[Field]:
    """Return fields and all that are in them."""
    found = [*tree]
    for field in tree:
        for below in (field.fields, *(each for _, each in field.variants)):
            found += fields_of(below)
    return found


def test_the_names_are_those_of_the_catalogue() -> None:
    """A name is always encrypted if it is in every APIv3 request, else sometimes."""
    asked = [
        field
        for each in endpoints()
        if not each.path.startswith("v2/")
        for field in fields_of((*each.query, *each.body.fields))
    ]
    sealed = {field.name for field in asked if field.encrypted}
    clear = {field.name for field in asked if not field.encrypted}
    assert sealed == ALWAYS | SOMETIMES
    assert sealed & clear == SOMETIMES
    assert not ALWAYS & SOMETIMES
    assert {"id_card_number", "real_name"} <= ALWAYS
    assert "name" in SOMETIMES
    assert sealed_table.ALWAYS.split() == sorted(ALWAYS)
