"""The calls on the endpoints' pages: each spelling leads to the endpoint, and is Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from docs.builder.spelling import code_of, paths
from wechatpay import WeChatPay, api
from wechatpay.api import Endpoint

ENDPOINTS = api.endpoints()


def called() -> Iterator[Endpoint]:
    """Those that a program calls."""
    return (one for one in ENDPOINTS if not one.options.browser_redirect)


@pytest.fixture(scope="module")
def bare() -> Iterator[WeChatPay]:
    """A client that can make nodes, and no calls."""
    with WeChatPay("1900000109", secret="0123456789abcdef0123456789abcdef") as wxpay:
        yield wxpay


def test_every_spelling_leads_to_the_endpoint(bare: WeChatPay) -> None:
    """Each of the three spellings of every path is a node of that very path."""
    for endpoint in ENDPOINTS:
        for spelled in paths(endpoint.path):
            assert str(eval(spelled, {"wxpay": bare})) == endpoint.path


def test_every_call_is_python() -> None:
    """Every block can be compiled, the asynchronous one inside of a coroutine."""
    for endpoint in called():
        code = code_of(endpoint)
        compile("\n".join((code.call, *code.strings)), endpoint.path, "exec")
        compile(code.awaited, endpoint.path, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        assert all(one in paths(endpoint.path) for one in code.strings)


def test_every_call_has_what_is_required() -> None:
    """Each call passes every placeholder, required query field and required field of the body."""
    for endpoint in called():
        code = code_of(endpoint)
        for call in (code.call, code.awaited):
            for field in endpoint.placeholders:
                assert re.search(rf"\b{field.name}=[\d\"]", call)
            for field in endpoint.query:
                assert not field.required or f'"{field.name}": ' in call
            if endpoint.body.kind == "json":
                for field in endpoint.body.fields:
                    assert not field.required or f'"{field.name}": ' in call


def test_one_of_several_is_there() -> None:
    """Where one of several fields is enough, the first of them is shown."""
    body = body_of("post", "v3/pay/partner/transactions/jsapi")
    assert set(body["payer"]) == {"sp_openid"}


def test_a_call_names_its_verb() -> None:
    """The verb is called, and its twin where it is awaited."""
    for endpoint in called():
        code = code_of(endpoint)
        assert re.search(rf"\.{endpoint.verb}\(", code.call)
        assert re.search(rf"await .*\.{endpoint.verb}_async\(", code.awaited)


def body_of(verb: str, path: str) -> Any:
    """Return the body that an endpoint's page shows."""
    endpoint = api.endpoint(verb, path)
    assert endpoint
    call = ast.parse(code_of(endpoint).call).body[0]
    assert isinstance(call, ast.Assign)
    assert isinstance(call.value, ast.Call)
    return next(
        ast.literal_eval(one.value) for one in call.value.keywords if one.arg in ("json", "xml")
    )


def test_examples_have_the_right_types() -> None:
    """Numbers are numbers, objects are objects, and a fixed value is that value."""
    body = body_of("post", "v3/pay/transactions/native")
    assert isinstance(body, dict)
    assert body["amount"] == {"total": 100}
    seen = str([body_of(one.verb, one.path) for one in called() if one.body.kind == "json"])
    assert "True" in seen


def test_what_the_client_adds_is_left_out() -> None:
    """An APIv2 call shows neither the merchant nor the signature."""
    body = body_of("post", "v2/pay/micropay")
    assert isinstance(body, dict)
    assert "auth_code" in body
    assert not body.keys() & {"mch_id", "nonce_str", "sign"}


def test_a_file_is_passed_as_media() -> None:
    """An upload shows a file instead of a body."""
    endpoint = api.endpoint("post", "v3/merchant/media/upload")
    assert endpoint
    code = code_of(endpoint)
    assert code.call.endswith('.upload.post(media="file.jpg")')
