"""The calls on the endpoints' pages: each spelling leads to the endpoint, and is Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from docs.builder.spelling import code_of, paths
from wechatpay import WeChatPay, api

ENDPOINTS = api.endpoints()
CALLED = [one for one in ENDPOINTS if not one.options.browser_redirect]


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
    """Every block can be compiled, the asynchronous ones inside of a coroutine."""
    for endpoint in CALLED:
        code = code_of(endpoint)
        assert len(code.calls) == len(code.awaited) == 3
        compile("\n".join((code.body, *code.calls)), endpoint.path, "exec")
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compile("\n".join((code.body, *code.awaited)), endpoint.path, "exec", flags)


def test_every_call_has_what_is_required() -> None:
    """Each call passes every placeholder, required query field and required field of the body."""
    for endpoint in CALLED:
        code = code_of(endpoint)
        for call in (*code.calls, *code.awaited):
            written = f"{code.body}\n{call}"
            for field in endpoint.placeholders:
                assert f'{field.name}="…"' in call
            for field in endpoint.query:
                assert not field.required or f'"{field.name}": ' in call
            if endpoint.body.kind == "json":
                for field in endpoint.body.fields:
                    assert not field.required or f'"{field.name}": ' in written


def test_a_call_names_its_verb() -> None:
    """The verb is called, and its twin where it is awaited."""
    for endpoint in CALLED:
        code = code_of(endpoint)
        assert all(re.search(rf"\.{endpoint.verb}\(", one) for one in code.calls)
        assert all(re.search(rf"await .*\.{endpoint.verb}_async\(", one) for one in code.awaited)


def body_of(verb: str, path: str) -> object:
    """Return the body that an endpoint's page shows."""
    endpoint = api.endpoint(verb, path)
    assert endpoint
    return ast.literal_eval(code_of(endpoint).body.removeprefix("body = "))


def test_examples_have_the_right_types() -> None:
    """Numbers are numbers, objects are objects, and a fixed value is that value."""
    body = body_of("post", "v3/pay/transactions/native")
    assert isinstance(body, dict)
    assert body["amount"] == {"total": 1}
    seen = str([body_of(one.verb, one.path) for one in CALLED if one.body.kind == "json"])
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
    assert not code.body
    assert code.calls[0].endswith('.upload.post(media="file.jpg")')
