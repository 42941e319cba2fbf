"""What is not documented: fields that no page has are refused, or told of, and so are nulls.

Merchants report the refusal on orders, refunds, transfers and queries (2025-07), with pointers in
`detail`: https://developers.weixin.qq.com/community/pay; the internal code is one of the official
manual's twenty (270924358).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from wechatpay.api import Endpoint
from wechatpay.sandbox import Answer, Sandbox

from .documented import V3, Caller, ask
from .merchant import NATIVE, ORDER, Merchant, read
from .old_shop import Till, failed

_REFUND: dict[str, Any] = {
    "out_trade_no": ORDER["out_trade_no"],
    "out_refund_no": "refund-1",
    "amount": {"refund": 1, "total": 100, "currency": "CNY"},
}
_COMBINED = ("post", "v3/combine-transactions/jsapi")
_UNVOUCHED = "/v3/pay/transactions/codepay"


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """A sandbox for all of these: nothing of it is remembered that matters."""
    with Sandbox() as sandbox:
        yield sandbox


def _post(shop: Sandbox, target: str, payload: object) -> Answer:
    return Merchant(shop.config).call(shop.gateway, "POST", target, payload)


@pytest.mark.parametrize(
    ("target", "change", "pointers"),
    [
        (NATIVE, {"payer": {"openid": "o"}}, ["/body/payer/openid"]),
        (NATIVE, {"time_expires": "x", "foo": 1}, ["/body/time_expires", "/body/foo"]),
        (NATIVE, {"sp_mchid": "1900000109"}, ["/body/sp_mchid"]),
        (NATIVE, {"sub_mchid": "1230000109"}, ["/body/sub_mchid"]),
        (NATIVE, {"amount": {"total": 1, "fee": 1}}, ["/body/amount/fee"]),
        (
            NATIVE,
            {"detail": {"goods_detail": [{"merchant_goods_id": "1", "foo": "1"}]}},
            ["/body/detail/goods_detail/0/foo"],
        ),
        (NATIVE, {"attach": None}, ["/body/attach"]),
        (NATIVE, {"scene_info": {"payer_client_ip": "::1", "device_id": None}}, None),
        ("/v3/refund/domestic/refunds", {**_REFUND, "foo": 1}, ["/body/foo"]),
        ("/v3/refund/domestic/refunds", {**_REFUND, "notify_url": None}, ["/body/notify_url"]),
    ],
)
def test_it_is_refused_with_pointers(
    shop: Sandbox, target: str, change: dict[str, Any], pointers: list[str] | None
) -> None:
    """An undocumented field, however deep, and a null are a 400 that points at each of them."""
    answer = _post(shop, target, {**ORDER, **change} if target == NATIVE else change)
    said = read(answer)
    assert (answer.status, said["code"]) == (400, "PARAM_ERROR")
    assert said["message"] == "请求中含有未在API文档中定义的参数"
    pointers = pointers or ["/body/scene_info/device_id"]
    assert said["detail"] == {"location": None, "value": pointers}
    assert answer.header("Request-ID").endswith("-270924358")


def test_where_nothing_official_says_so_it_is_told(
    shop: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no official source has the list of fields, one more is taken; log and page tell it."""
    asked = {name: ORDER[name] for name in ("appid", "mchid", "description", "amount")}
    asked |= {"out_trade_no": "unvouched-1", "payer": {"auth_code": "130061098828009406"}}
    asked |= {"scene_info": {"store_info": {"id": "1"}}, "atach": "misspelt"}
    with caplog.at_level(logging.WARNING, "wechatpay.sandbox"):
        assert _post(shop, _UNVOUCHED, asked).status == 200
    (warning,) = shop.exchanges[-1].warnings
    assert warning.en.startswith("/body/atach: not documented")
    assert warning.en.endswith("; did you mean attach?")
    assert warning.en in caplog.text
    assert "misspelt" not in caplog.text


def _doubtful() -> Iterator[tuple[Endpoint, str]]:
    """Yield calls with a field that one unofficial index alone calls required."""
    for endpoint in V3:
        for field in endpoint.body.fields if endpoint.body.kind == "json" else ():
            if field.required and field.grade == "one":
                yield endpoint, field.name
                break


def test_what_one_index_alone_requires_is_told_of(shop: Sandbox) -> None:
    """Its absence is taken, and what was asked for on a doubtful word is told; a text is enough."""
    caller = Caller(shop)
    for endpoint, name in islice(_doubtful(), 0, None, 25):
        whole = ask(endpoint)
        for call in (whole, replace(whole, body={**whole.body, name: ""})):
            caller.send(call)
            told = [each.en for each in shop.exchanges[-1].warnings]
            expected = call is not whole
            assert any(f"/body/{name}" in each for each in told) is expected, endpoint


def test_what_service_providers_have_to_give_is_told_of(shop: Sandbox) -> None:
    """Who gives what only they give is told of the rest; a direct merchant is not."""
    caller = Caller(shop)
    (endpoint,) = [each for each in V3 if (each.verb, each.path) == _COMBINED]
    whole = ask(endpoint)
    (order,) = whole.body["sub_orders"]
    for extra, told in (({}, False), ({"sub_appid": "wxd678efh567hg6787"}, True)):
        body = {**whole.body, "sub_orders": [{**order, **extra}]}
        caller.send(replace(whole, body=body))
        said = [each.en for each in shop.exchanges[-1].warnings]
        assert any("/body/sub_orders/0/sub_mchid: missing" in each for each in said) is told


def test_in_a_query_it_is_told(shop: Sandbox) -> None:
    """In a query nothing is known to be refused: what is not documented there is only told of."""
    target = "/v3/pay/transactions/out-trade-no/nobodys-1?mchid=1900000109&foo=1"
    answer = Merchant(shop.config).call(shop.gateway, "GET", target)
    assert answer.status == 404
    (warning,) = shop.exchanges[-1].warnings
    assert warning.en.startswith("/query/foo: not documented")


def test_in_xml_it_is_refused(shop: Sandbox) -> None:
    """APIv2's messages have no undocumented field either, whatever is signed with them."""
    said = failed(Till(shop).place(time_expires="20990101000000"))
    assert said == "请求中含有未在API文档中定义的参数（time_expires）"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": ""}, "/description"),
        ({"appid": ""}, "/appid"),
        ({"scene_info": {"payer_client_ip": "banana"}}, "/scene_info/payer_client_ip"),
        (
            {"scene_info": {"payer_client_ip": "14.23.150.211", "device_ip": "1"}},
            "/scene_info/device_ip",
        ),
    ],
)
def test_empty_and_malformed(shop: Sandbox, change: dict[str, Any], field: str) -> None:
    """A text that has to be there says something, and what is an IP address is one."""
    answer = _post(shop, NATIVE, {**ORDER, "out_trade_no": "malformed-1", **change})
    assert (answer.status, read(answer)["detail"]["field"]) == (400, field)
