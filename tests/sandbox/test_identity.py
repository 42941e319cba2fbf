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


_WHERE: dict[str, tuple[dict[str, Any], str]] = {
    "fund-app/mch-transfer/transfer-bills": (
        {
            "out_bill_no": "bill1",
            "transfer_scene_id": "1000",
            "transfer_amount": 10,
            "transfer_remark": "有礼",
            "transfer_scene_report_infos": [
                {"info_type": "活动名称", "info_content": "有礼"},
                {"info_type": "奖励说明", "info_content": "注册"},
            ],
        },
        "openid",
    ),
    "fund-app/mch-transfer/user-confirm-authorization": (
        {
            "out_authorization_no": "agreed1",
            "transfer_scene_id": "1000",
            "user_display_name": "张三",
            "authorization_notify_url": "https://www.weixin.qq.com/agreed",
        },
        "openid",
    ),
    "transfer/batches": (
        {
            "out_batch_no": "batch1",
            "batch_name": "佣金",
            "batch_remark": "佣金",
            "total_amount": 10,
            "total_num": 1,
            "transfer_detail_list": [
                {"out_detail_no": "part1", "transfer_amount": 10, "transfer_remark": "佣金"}
            ],
        },
        "transfer_detail_list/0/openid",
    ),
    "profitsharing/receivers/add": (
        {"type": "PERSONAL_OPENID", "relation_type": "USER"},
        "account",
    ),
    "payscore/serviceorder": (
        {
            "service_id": "500001",
            "out_order_no": "service1",
            "service_introduction": "某某酒店",
            "time_range": {"start_time": "OnAccept"},
            "risk_fund": {"name": "DEPOSIT", "amount": 10_000},
            "notify_url": "https://www.weixin.qq.com/agreed",
            "need_user_confirm": False,
        },
        "openid",
    ),
    "payscore/permissions": (
        {
            "service_id": "500001",
            "authorization_code": "code1",
            "notify_url": "https://www.weixin.qq.com/agreed",
        },
        "",
    ),
}
"""What else names an appid, or one and its user: what it takes besides, and where the user is."""


@pytest.mark.parametrize("path", _WHERE)
def test_elsewhere_as_well(shop: Sandbox, path: str) -> None:
    """Whatever names an appid, or an openid with it, is refused for another's: `PARAM_ERROR`."""
    shop.allow_old_transfers()
    asked, user = _WHERE[path]

    def ask(appid: str, openid: str) -> dict[str, Any]:
        *above, name = user.split("/")
        body = {**asked, "appid": appid}
        if above:
            body[above[0]] = [{**asked[above[0]][0], name: openid}]
        elif name:
            body[name] = openid
        return read(Merchant(shop.config).call(shop.gateway, "POST", f"/v3/{path}", body))

    said = ask("banana", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    assert (said["code"], said["detail"]["field"]) == ("PARAM_ERROR", "/appid")
    if user:
        said = ask("wxd678efh567hg6787", "banana")
        assert (said["code"], said["message"]) == ("PARAM_ERROR", "appid和openid不匹配")
        assert said["detail"]["field"] == f"/{user}"


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
