"""Calls that cannot be one: each says what was meant, and nothing is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway import Answer, Gateway
from ways import client_of

from wechatpay import APIError, PathError, WeChatPay
from wechatpay._chain.elsewhere import WECHATPY
from wechatpay._chain.slips import OF_THE_CLIENT, called
from wechatpay.api import endpoint

ORDER = {"appid": "wxd678efh567hg6787"}


def test_a_verb_takes_nothing_without_a_name(wxpay: Any, gateway: Gateway) -> None:
    """PHP's way of passing an array, and a bare number, are told from how it is done here."""
    native = wxpay.v3.pay.transactions.native
    for post in (native.post, native.post_async):
        with pytest.raises(TypeError, match=r"positional arguments: \.post\(json=\{…\}\), not"):
            post({"json": ORDER})
        with pytest.raises(TypeError, match=r"\.post\(json=\{…\}\), not \.post\(\{…\}\)"):
            post(ORDER)
        for value in ("4200001234", None):
            with pytest.raises(TypeError, match="each has a name, as json="):
                post(value)
    query = wxpay.v3.pay.transactions.id._transaction_id_
    with pytest.raises(TypeError, match=r"positional arguments: \.get\(transaction_id=…\)"):
        query.get("4200001234")
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("data", r"did you mean json= for APIv3 or xml= for APIv2\?"),
        ("form", r"did you mean xml= for APIv2\?"),
        ("form_params", r"did you mean xml= for APIv2\?"),
        ("files", r"did you mean media=\?"),
        ("verify", r"the client verifies every answer"),
        ("jsn", r"did you mean json\?"),
        ("jsonData", r"did you mean json\?"),
        ("baseUrl", r"did you mean base_url\?"),
        ("outTradeNo", r"did you mean out_trade_no\?"),
    ],
)
def test_an_option_of_another_library(wxpay: Any, name: str, meant: str) -> None:
    """What there is not is named, with what takes its place."""
    node = wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}/close"]
    with pytest.raises(PathError, match=rf"does not know {name} \({meant}\)"):
        node.post(**{"out_trade_no": "1", name: ORDER})
    with pytest.raises(PathError, match=r"does not know zzzz(;|$)"):
        node.post(out_trade_no="1", zzzz=1)


@pytest.mark.parametrize(
    ("verb", "path", "given", "meant"),
    [
        (
            "post",
            "v3/pay/transactions/native",
            "appid mchid",
            r"appid, mchid \(.* in json=\{…\}\)",
        ),
        ("get", "v3/pay/transactions/id/42", "mchid", r"mchid \(it belongs in params=\{…\}\)"),
        ("post", "v2/pay/orderquery", "out_trade_no", r"\(it belongs in xml=\{…\}\)"),
        ("post", "v3/merchant-service/images/upload", "meta", r"\(did you mean media=\?\)"),
        ("get", "v3/pay/transactions/id/transaction_id", "transaction_id", r"\._transaction_id_\)"),
    ],
)
def test_a_field_that_is_given_as_an_argument(
    wxpay: Any, gateway: Gateway, verb: str, path: str, given: str, meant: str
) -> None:
    """What is documented of the path says where the value belongs."""
    with pytest.raises(PathError, match=rf"does not know .*{meant}"):
        getattr(wxpay[path], verb)(**dict.fromkeys(given.split(), "1"))
    assert gateway.requests == []


@pytest.mark.parametrize("body", [json.dumps(ORDER), json.dumps(ORDER).encode()])
def test_json_takes_no_text(wxpay: Any, gateway: Gateway, body: object) -> None:
    """What was dumped already would go out as one JSON text."""
    with pytest.raises(TypeError, match=r"the mapping itself, not json\.dumps of it"):
        wxpay.v3.pay.transactions.native.post(json=body)
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (
            "v3.pay.transactions.native",
            r"ends with a verb: wxpay\.v3\.pay\.transactions\.native\.post\(",
        ),
        ("v3.certificates", r"it ends with a verb: wxpay\.v3\.certificates\.get\(\)"),
        ("v3.merchantService.complaintNotifications", r"a verb: .*\.post\(.* or .*\.put\("),
        ("v3.pay.transactions.native.POST", r"the verb is written \.post\(…\)"),
        ("v3.pay.transactions.native.Post", r"the verb is written \.post\(…\)"),
        ("v3.pay.transactions.native.post_Async", r"the verb is written \.post_async\(…\)"),
        ("v3.pay.transactions.native.postAsync", r"the verb is written \.post_async\(…\)"),
        ("v3.pay.transactions.native.send", r"it ends with a verb: .*\.native\.post\(json=\{…\}\)"),
        ("orders.create", r"a path begins with v3 or v2"),
        ("order.create", r"wechatpy's; here it is wxpay\.v2\.pay\.unifiedorder\.post\(xml="),
        ("parse_payment_result", r"here it is wxpay\.notification_v2\(body\)"),
        ("redpack.send_group", r"here it is wxpay\.v2\.mmpaymkttransfers\.sendgroupredpack\.post"),
        ("v3.brandNew.product", r"it ends with a verb: get, post, put, patch, delete"),
        ("notifcation", r"no notifcation\(\); did you mean wxpay\.notification\?"),
        ("on_notify", r"did you mean wxpay\.notification\(headers, body\)\?"),
        ("jsapi", r"did you mean wxpay\.v3\.pay\.transactions\.jsapi\.post\(json=\{…\}\)\?"),
        ("uploadImages", r"no uploadImages\(\)"),
        ("decrypt_field", r"did you mean wxpay\.decrypt_fields\?"),
        ("nothing_like_it", r"it begins with v3 or v2 and ends with a verb"),
    ],
)
def test_a_path_is_not_called(wxpay: Any, gateway: Gateway, path: str, meant: str) -> None:
    """Calling a node that is not a verb says how it is called, or what else was meant."""
    node = wxpay
    for name in path.split("."):
        node = getattr(node, name)
    assert callable(node)
    with pytest.raises(TypeError, match=meant):
        node(json=ORDER)
    with pytest.raises(TypeError, match=meant):
        node({}, b"")
    assert gateway.requests == []


@pytest.mark.parametrize("name", ["pay", "query", "close", "callback", "mch_transfer_bills_async"])
def test_a_method_of_wechatpayv3_names_its_successor(gateway: Gateway, name: str) -> None:
    """It says which path it is here; an order that is closed does not close the client."""
    with client_of(gateway) as wxpay:
        client: Any = wxpay
        with pytest.raises(
            TypeError,
            match=rf"{name.removesuffix('_async')}\(…\) is wechatpayv3's; here it is wxpay\.",
        ):
            getattr(client, name)(out_trade_no="1")
        client.v3.certificates.get()


def test_every_method_of_wechatpy_has_a_successor() -> None:
    """What is said to take a method's place is documented, or the client's own."""
    for line in WECHATPY.splitlines():
        name, _, after = line.partition(" ")
        assert f"{name.replace('/', '.')}(…) is wechatpy's; here it is wxpay." in called(name)
        assert after.startswith("wxpay.") or endpoint("post", after)


def test_what_is_said_of_a_client_is_true() -> None:
    """Each name that is offered for a misspelt one is the client's."""
    assert all(hasattr(WeChatPay, name) for name in OF_THE_CLIENT)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("privateKey", r"did you mean private_key\?"),
        ("apiV3Key", r"did you mean apiv3_key\?"),
        ("cert_serial_no", r"did you mean serial\?"),
        ("mchId", r"did you mean mchid\?"),
        ("merchantId", r"did you mean mchid\?"),
        ("notify_url", r"did you mean notify_url, a field of each order\?"),
        ("public_key_id", r"did you mean certs=\{.*\}\?"),
        ("logger", "it logs as `wechatpay`"),
    ],
)
def test_an_argument_of_another_library(name: str, meant: str) -> None:
    """A client names what takes the place of what it does not take, never the value."""
    arguments: Any = {"mchid": "1900000109", name: "SECRET"}
    with pytest.raises(TypeError, match=rf"takes no {name}; {meant}$") as caught:
        WeChatPay(**arguments)
    assert "SECRET" not in str(caught.value)
    unknown: Any = {"zzzz": 1}
    with pytest.raises(TypeError, match=r"takes no zzzz$"):
        WeChatPay(**unknown)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (
            "v3.pay.transactions.out_trade_no._out_trade_no_.close",
            "v3/pay/transactions/out-trade-no/{out_trade_no}/close",
        ),
        ("pay.transactions.native", "v3/pay/transactions/native"),
        ("pay.transactions.outTradeNo._x_.close", "v3/pay/transactions/out-trade-no/"),
        ("v3.merchant_service.complaint_notifications", "v3/merchant-service/"),
    ],
)
def test_the_404_names_a_path_that_is_spelled_otherwise(
    gateway: Gateway, path: str, meant: str
) -> None:
    """Snake case in place of kebab case, and a `v3/` that was forgotten, are found again."""
    gateway.default = Answer(404, {"code": "NOT_FOUND", "message": "no"})
    with client_of(gateway) as wxpay:
        node: Any = wxpay
        for name in path.split("."):
            node = getattr(node, name)
        values = {name: "1217752501201" for name in ("out_trade_no", "x") if f"_{name}_" in path}
        with pytest.raises(APIError, match=f"did you mean {meant}"):
            node.post(**values)


def test_fields_of_apiv2_under_a_path_without_its_v2(wxpay: Any) -> None:
    """`xml=` says that `v2/` is missing, or that the path takes `json=`."""
    with pytest.raises(TypeError, match=r"did you mean v2/pay/unifiedorder\?"):
        wxpay.pay.unifiedorder.post(xml={})
    with pytest.raises(TypeError, match="v3/certificates takes json="):
        wxpay.v3.certificates.post(xml={})
