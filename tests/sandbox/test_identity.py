"""Who may be named together: a merchant and its appids, an appid and its users' openids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay.sandbox import Answer, Sandbox

from .merchant import ORDER, Merchant, read
from .old_shop import Till, refused

_JSAPI = "/v3/pay/transactions/jsapi"
_OPENID = "oUpF8uMuAJO_foreign"


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """A sandbox for all of these."""
    with Sandbox() as sandbox:
        yield sandbox


def _place(shop: Sandbox, number: str, target: str = _JSAPI, **change: Any) -> Answer:
    payload = {**ORDER, "out_trade_no": number, **change}
    return Merchant(shop.config).call(shop.gateway, "POST", target, payload)


def test_another_merchants_appid(shop: Sandbox) -> None:
    """What is not an appid is none of the merchant's: page 4012791856, `APPID_MCHID_NOT_MATCH`."""
    answer = _place(shop, "appid-1", appid="banana", payer={"openid": _OPENID})
    assert (answer.status, read(answer)["code"]) == (400, "APPID_MCHID_NOT_MATCH")
    assert answer.header("Request-ID").endswith("-268445527")
    said = Till(shop).place(appid="banana", out_trade_no="appid-2")
    assert refused(said)[0] == "APPID_MCHID_NOT_MATCH"


@pytest.mark.parametrize("openid", ["banana", 'o"><b>'])
def test_no_openid(shop: Sandbox, openid: str) -> None:
    """What is not an openid does not match: `PARAM_ERROR` live, where a page has a 500."""
    answer = _place(shop, "openid-1", payer={"openid": openid})
    said = read(answer)
    assert (answer.status, said["code"]) == (400, "PARAM_ERROR")
    assert (said["message"], said["detail"]["field"]) == (
        "appid和openid不匹配",
        "/payer/openid",
    )


def test_openid_of_another_appid(shop: Sandbox) -> None:
    """An openid belongs to the appid that it was first seen with; the samples' own to any."""
    assert _place(shop, "openid-2", payer={"openid": _OPENID}).status == 200
    other = {"appid": "wx8888888888888888"}
    answer = _place(shop, "openid-3", payer={"openid": _OPENID}, **other)
    assert (answer.status, read(answer)["message"]) == (400, "appid和openid不匹配")
    sample = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
    assert _place(shop, "openid-4", payer=sample).status == 200
    assert _place(shop, "openid-5", payer=sample, **other).status == 200


def test_no_openid_at_all(shop: Sandbox) -> None:
    """An empty openid is refused by its length."""
    answer = _place(shop, "openid-6", payer={"openid": ""})
    assert (answer.status, read(answer)["code"]) == (400, "PARAM_ERROR")
    assert read(answer)["detail"]["field"] == "/payer/openid"


@pytest.mark.parametrize(
    ("scene", "field"),
    [
        (None, "/scene_info"),
        ({"payer_client_ip": "14.23.150.211"}, "/scene_info/h5_info"),
        ({"payer_client_ip": "14.23.150.211", "h5_info": {}}, "/scene_info/h5_info/type"),
        (
            {"payer_client_ip": "1.1.1.1", "h5_info": {"type": "Wap"}, "store_info": {}},
            "/scene_info/store_info/id",
        ),
    ],
)
def test_h5_says_where_it_is(shop: Sandbox, scene: dict[str, Any] | None, field: str) -> None:
    """H5 needs `h5_info`, and who names a store names its number: m/4012791834, Go, Java."""
    change = {} if scene is None else {"scene_info": scene}
    answer = _place(shop, "h5-order", "/v3/pay/transactions/h5", **change)
    assert (answer.status, read(answer)["detail"]["field"]) == (400, field)
