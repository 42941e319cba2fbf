"""All documented endpoints, called with the client: what it sends is what the sandbox wants."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from soak import share

from wechatpay import APIError, Media, WeChatPay, WeChatPayError, api, xml
from wechatpay.api import Endpoint, Field
from wechatpay.sandbox import Sandbox, coverage

from .documented import FILE, OAEP, SECRET_TEXT, Ask, ask, lacking, name_of

_SIMULATED = {(each.verb, each.path) for each in coverage() if each.level == "simulated"}
_ADDED = ("sign", "nonce_str")


def _arguments(call: Ask) -> dict[str, Any]:
    """Return the client's arguments for a call."""
    endpoint = call.endpoint
    found: dict[str, Any] = dict(call.path)
    if query := {name: value for name, value in call.query.items() if name not in _ADDED}:
        found["params"] = query
    body = {name: value for name, value in call.body.items() if name not in _ADDED}
    if endpoint.body.kind == "multipart":
        name = "a.mp4" if "video" in call.endpoint.path else "a.jpg"
        found["media"] = Media(FILE, filename=name, meta=body if call.is_v3 else None)
    elif endpoint.body.kind == "json":
        found["json"] = body
    elif endpoint.body.kind == "xml":
        found["xml"] = {name: _text(value) for name, value in body.items()}
    return found


def _text(value: object) -> object:
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def _sealed(fields: tuple[Field, ...]) -> bool:
    return any(
        field.encrypted == "merchant-certificate" or _sealed(field.fields) for field in fields
    )


def _judge(wxpay: WeChatPay, endpoint: Endpoint, response: Any) -> list[str]:
    """List what is wrong with an answer."""
    verdict = response.extensions["wechatpay"]
    options, reply = endpoint.options, endpoint.reply
    found: list[str] = []
    if verdict.verified == options.unsigned:
        found.append(f"verified: {verdict.verified}")
    if reply.kind == "json" and not endpoint.path.startswith("v2/"):
        answer = wxpay.decrypt_fields(response)
        if (endpoint.verb, endpoint.path) not in _SIMULATED:
            found += lacking(reply.fields, answer)
            if _sealed(reply.fields) and answer == response.json():
                found.append("nothing was encrypted")
    return found


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all calls."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def bank(sandbox: Sandbox) -> RSAPublicKey:
    """The key for transfers to banks, as APIv2 gives it."""
    answer = sandbox.client().v2.risk.getpublickey.post(xml={"sign_type": "MD5"})
    key = serialization.load_pem_public_key(xml.fields(answer)["pub_key"].encode())
    assert isinstance(key, RSAPublicKey)
    return key


def _calls(bank: RSAPublicKey, *, everything: bool) -> Iterator[tuple[Endpoint, dict[str, Any]]]:
    for endpoint in api.endpoints() if everything else share(api.endpoints()):
        arguments = _arguments(ask(endpoint, everything=everything))
        for field in endpoint.body.fields:
            is_bank = field.encrypted == "bank-transfer-rsa-public-key"
            if is_bank and field.name in arguments["xml"]:
                sealed = bank.encrypt(SECRET_TEXT.encode(), OAEP)
                arguments["xml"][field.name] = base64.b64encode(sealed).decode()
        yield endpoint, arguments


def _refused(endpoint: Endpoint, error: WeChatPayError) -> list[str]:
    """List what is wrong with a refusal: an endpoint with a memory may not know what is meant."""
    simulated = (endpoint.verb, endpoint.path) in _SIMULATED
    known = simulated and isinstance(error, APIError) and error.status_code < 405
    return [] if known else [repr(error)]


def test_every_endpoint_answers_the_client(sandbox: Sandbox, bank: RSAPublicKey) -> None:
    """Every endpoint of both dialects: sent, answered, verified, decrypted; with all there is."""
    wrong: dict[str, list[str]] = {}
    wxpay = sandbox.client()
    for endpoint, arguments in _calls(bank, everything=True):
        try:
            response = getattr(wxpay.chain(endpoint.path), endpoint.verb)(**arguments)
        except WeChatPayError as error:
            found = _refused(endpoint, error)
        else:
            found = _judge(wxpay, endpoint, response)
        if found:
            wrong[name_of(endpoint)] = found
    assert wrong == {}


@pytest.mark.soak
def test_every_endpoint_answers_the_client_on_an_event_loop(
    sandbox: Sandbox, bank: RSAPublicKey
) -> None:
    """The same with `await`, and with what is required."""
    wrong: dict[str, list[str]] = {}
    wxpay = sandbox.client()

    async def call_all() -> None:
        for endpoint, arguments in _calls(bank, everything=False):
            node = wxpay.chain(endpoint.path)
            try:
                response = await getattr(node, f"{endpoint.verb}_async")(**arguments)
            except WeChatPayError as error:
                found = _refused(endpoint, error)
            else:
                found = _judge(wxpay, endpoint, response)
            if found:
                wrong[name_of(endpoint)] = found
        await wxpay.aclose()

    asyncio.run(call_all())
    assert wrong == {}
