"""Notifications on demand: any of the catalogue, in its documented shape, as the shop reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay import WeChatPay, api, notification
from wechatpay.sandbox import Delivery, Sandbox

from .documented import lacking
from .shop import shop as shops

_V3 = sorted(
    {name for each in api.notifications() if each.version == "v3" for name in each.event_types}
)
_V2 = sorted(each.event_type for each in api.notifications() if each.version == "v2")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for all of these."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def wxpay(sandbox: Sandbox) -> WeChatPay:
    """Its client."""
    return sandbox.client()


def _read(wxpay: WeChatPay, delivery: Delivery) -> Any:
    return wxpay.notification(delivery.headers, delivery.body).resource


@pytest.mark.parametrize("event_type", _V3)
def test_every_notification(sandbox: Sandbox, wxpay: WeChatPay, event_type: str) -> None:
    """Each can be had, is signed and encrypted as WeChat Pay's, and has its documented fields."""
    delivery = sandbox.trigger(event_type)
    read = wxpay.notification(delivery.headers, delivery.body)
    assert read.event_type == event_type
    documented = next(
        each
        for each in api.notifications()
        if event_type in each.event_types and each.version == "v3"
    )
    given = tuple(each for each in documented.resource if each.name in read.resource)
    assert given or not documented.resource
    assert lacking(given, read.resource) == []
    assert delivery.state == "not sent"


@pytest.mark.parametrize("name", _V2)
def test_every_old_notification(sandbox: Sandbox, wxpay: WeChatPay, name: str) -> None:
    """APIv2's are in XML, signed, and opened as the client opens them."""
    delivery = sandbox.trigger(f"v2/{name}")
    read = wxpay.notification_v2(delivery.body)
    assert len(read) > 3


def test_what_it_says(sandbox: Sandbox, wxpay: WeChatPay) -> None:
    """What is given comes in the place of what is made up, and objects are completed."""
    paid = _read(
        wxpay,
        sandbox.trigger("TRANSACTION.SUCCESS", out_trade_no="my-order", amount={"total": 7}),
    )
    assert (paid["out_trade_no"], paid["amount"]["total"]) == ("my-order", 7)
    assert (paid["trade_state"], paid["mchid"]) == ("SUCCESS", "1900000109")
    assert "currency" in paid["amount"]
    assert not any(name.startswith(("sp_", "sub_", "combine_")) for name in paid)
    partner = _read(wxpay, sandbox.trigger("TRANSACTION.SUCCESS", sub_mchid="1230000109"))
    assert partner["sp_mchid"] == "1900000109"
    combined = _read(wxpay, sandbox.trigger("TRANSACTION.SUCCESS", combine_out_trade_no="together"))
    assert combined["sub_orders"]
    closed = _read(wxpay, sandbox.trigger("REFUND.ABNORMAL", out_refund_no="1"))
    assert closed["refund_status"] == "ABNORMAL"
    assert "sub_mchid" not in closed


def test_where_it_goes() -> None:
    """It goes where it is told to, or else where the last one went, or to what is mounted."""
    with Sandbox() as sandbox, shops() as shop:
        took: list[bytes] = []

        def take(_: Any, body: bytes) -> notification.Reply:
            took.append(body)
            return notification.SUCCESS

        with Sandbox() as alone:
            assert alone.trigger("REFUND.SUCCESS").state == "not sent"
        sandbox.mount("https://shop.example/", take)
        assert sandbox.trigger("REFUND.SUCCESS").state == "acknowledged"
        assert sandbox.trigger("REFUND.SUCCESS", notify_url=shop.url).state == "acknowledged"
        assert sandbox.trigger("REFUND.SUCCESS").state == "acknowledged"
        assert (len(took), len(shop.received)) == (1, 2)


@pytest.mark.words
@pytest.mark.parametrize(
    ("event_type", "fields", "message"),
    [
        ("TRANSACTION.SUCESS", {}, "near ones are TRANSACTION.SUCCESS"),
        ("refund.success", {}, "near ones are REFUND.SUCCESS"),
        ("REFUND.SUCCESS", {"out_refund": "1"}, "near ones are out_refund_no"),
        ("", {}, "near ones are none"),
    ],
)
def test_what_there_is_not(
    sandbox: Sandbox, event_type: str, fields: dict[str, str], message: str
) -> None:
    """A type or a field that is not there is a mistake that names near ones."""
    with pytest.raises(ValueError, match=message):
        sandbox.trigger(event_type, **fields)


def test_by_request(sandbox: Sandbox, wxpay: WeChatPay) -> None:
    """Where the sandbox is another process, a signed call refuses, and another triggers."""
    answer = wxpay["sandbox/refusals"].post(
        json={"verb": "get", "path": "v3/pay/**", "code": "NO_AUTH", "times": 1}
    )
    assert answer.json()["rule"] == "get v3/pay/** refusal times=1 code=NO_AUTH"
    sandbox.faults.clear()
    asked = {"event_type": "REFUND.SUCCESS", "fields": {"out_refund_no": "by-request"}}
    assert wxpay["sandbox/trigger"].post(json=asked).json()["event_type"] == "REFUND.SUCCESS"
    assert sandbox.notifications[-1].event.resource["out_refund_no"] == "by-request"
