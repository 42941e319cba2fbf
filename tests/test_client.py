"""`WeChatPay`: the root of every chain, cheap to make, quiet about its keys."""

from __future__ import annotations

import asyncio
import copy
import pickle
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import costs
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from gateway import (
    APIV3_KEY,
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    private_pem,
    public_pem,
    rsa_key,
)

from wechatpay import Node, PathError, WeChatPay

Make = Callable[..., WeChatPay]
TERMINATE = "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"
CODE = "1234323JKHDFE1243252"


def test_six_ways_to_make_one_call(make_client: Make) -> None:
    """Three spellings, blocking and not, put the same signed request on the wire."""
    body: Any = {"service_id": "500001", "sub_mchid": "1230000109", "reason": "撤销原因"}
    with Gateway() as gateway, make_client(base_url=gateway.url) as wxpay:
        gateway.default = Answer(204, b"")
        permissions = wxpay.v3.payscore.partner.permissions
        for terminate in (
            permissions.authorizationCode._authorization_code_.terminate,
            wxpay.chain(TERMINATE),
            wxpay[TERMINATE.replace("{", "<").replace("}", ">")],
        ):
            assert str(terminate) == TERMINATE
            response = terminate.post(authorization_code=CODE, json=body)
            assert response.status_code == 204
            response = asyncio.run(terminate.post_async(authorization_code=CODE, json=body))
            assert response.status_code == 204
            assert response.extensions["wechatpay"] == {
                "verified": True,
                "serial": PUBLIC_KEY_ID,
                "request_id": response.headers["Request-ID"],
            }
    assert len(gateway.requests) == 6
    sent = {(one.method, one.target, one.body) for one in gateway.requests}
    target = "/" + TERMINATE.replace("{authorization_code}", CODE)
    text = '{"service_id":"500001","sub_mchid":"1230000109","reason":"撤销原因"}'
    assert sent == {("POST", target, text.encode())}
    assert all(one.is_signed_by(rsa_key("merchant")) for one in gateway.requests)


SPELLINGS: list[tuple[Callable[[Any], Node], str]] = [
    (lambda wxpay: wxpay.v3, "v3"),
    (lambda wxpay: wxpay.v2.pay.micropay, "v2/pay/micropay"),
    (lambda wxpay: wxpay.hk.v3.refunds, "hk/v3/refunds"),
    (lambda wxpay: wxpay.merchantService, "merchant-service"),
    (lambda wxpay: wxpay.global_, "global"),
    (lambda wxpay: wxpay._mchid_, "{mchid}"),
    (lambda wxpay: wxpay["/v3/<a>"], "v3/{a}"),
    (lambda wxpay: wxpay.chain("v3/{a}/"), "v3/{a}/"),
    (lambda wxpay: wxpay.get, "get"),
]


@pytest.mark.parametrize(("spell", "path"), SPELLINGS)
def test_a_client_is_where_chains_begin(
    wxpay: WeChatPay, spell: Callable[[WeChatPay], Node], path: str
) -> None:
    """Attributes and strings lead to nodes by the rules that hold further down, too."""
    node = spell(wxpay)
    assert type(node) is Node
    assert str(node) == path
    assert node == spell(wxpay)


@pytest.mark.parametrize("text", ["", "/", "https://x/v3", "v3?a", "v3/../x", "v3 "])
def test_a_client_refuses_what_is_no_path(wxpay: WeChatPay, text: str) -> None:
    """Brackets and `chain` take a path and nothing else."""
    for spell in (wxpay.chain, wxpay.__getitem__):
        with pytest.raises(PathError):
            spell(text)


@pytest.mark.parametrize(
    "name",
    [
        *("__wrapped__", "__len__", "__await__", "__fspath__", "__call__", "__rich_repr__"),
        *("_repr_html_", "_ipython_display_", "_as_parameter_", "_mime_", "_x"),
    ],
)
def test_probed_names_do_not_exist(wxpay: WeChatPay, name: str) -> None:
    """Tools that probe a client find nothing that it is not."""
    with pytest.raises(AttributeError):
        getattr(wxpay, name)


def test_a_client_is_no_container(wxpay: WeChatPay) -> None:
    """It has paths in brackets, but is neither iterated nor searched."""
    thing: Any = wxpay
    for misuse in (iter, list, len):
        with pytest.raises(TypeError):
            misuse(thing)
    with pytest.raises(TypeError):
        "v3" in thing  # noqa: B015  # pyright: ignore[reportUnusedExpression]
    with pytest.raises(TypeError, match="a path is text, not int"):
        thing[0]


def test_nodes_of_two_clients_differ(make_client: Make) -> None:
    """The same path leads somewhere else for another merchant."""
    mine, theirs = make_client(), make_client(mchid="1900000110")
    assert mine.v3.certificates != theirs.v3.certificates
    assert mine.v3.certificates == mine["v3/certificates"]


def test_a_half_built_client_does_not_recurse() -> None:
    """An object that `__init__` never saw raises AttributeError, whatever it is asked for."""
    for name in ("v3", "_engine", "_mchid"):
        with pytest.raises(AttributeError):
            getattr(WeChatPay.__new__(WeChatPay), name)


def test_a_client_is_not_copied(wxpay: WeChatPay) -> None:
    """Keys and connections do not travel: neither pickling nor copying makes a second client."""
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        refused: Callable[[Any], object] = duplicate
        with pytest.raises(TypeError, match="make a new one"):
            refused(wxpay)


def test_a_client_shows_no_key(make_client: Make) -> None:
    """Its `repr` is the merchant number and where it calls."""
    wxpay = make_client(apiv3_key=APIV3_KEY, secret="s" * 32)
    assert (
        repr(wxpay) == str(wxpay) == f"<WeChatPay mchid={MCHID} at http://127.0.0.1:9/ over httpx>"
    )


def test_dir_names_methods_and_dialects(wxpay: WeChatPay) -> None:
    """Completion begins with what a client can do and with `v2` and `v3`; it hides what is ours."""
    assert {"v2", "v3", "chain", "close", "aclose", "from_env"} <= set(dir(wxpay))
    assert not [name for name in dir(wxpay) if name[0] == "_" != name[1]]


def test_completion_in_brackets_begins_with_whole_paths(wxpay: WeChatPay) -> None:
    """IPython is offered every documented path."""
    completions: list[str] = wxpay._ipython_key_completions_()
    assert TERMINATE in completions
    assert "v2/pay/micropay" in completions


def forbidden(*arguments: object, **more: object) -> NoReturn:
    """Stand in for what must not be called."""
    raise AssertionError("the constructor reached for the network")


def test_nothing_is_fetched_by_the_constructor(
    monkeypatch: pytest.MonkeyPatch, make_client: Make
) -> None:
    """Neither a socket nor a TLS context nor a thread is made before the first call."""
    threads = {*threading.enumerate()}
    for module, name in ((ssl, "SSLContext"), (ssl, "create_default_context"), (socket, "socket")):
        monkeypatch.setattr(module, name, forbidden)
    make_client(
        certs=None,
        apiv3_key=APIV3_KEY,
        secret="s" * 32,
        merchant=("apiclient_cert.pem", "apiclient_key.pem"),
        base_url="https://api.mch.weixin.qq.com/",
    )
    assert {*threading.enumerate()} <= threads


def test_a_client_is_made_quickly(merchant_key: RSAPrivateKey) -> None:
    """A merchant's keys are read with few steps, each of them once."""
    private, public = private_pem(merchant_key), public_pem(rsa_key("platform"))
    make = partial(WeChatPay, MCHID, MERCHANT_SERIAL, private, {PUBLIC_KEY_ID: public})
    assert costs.functions_per_call(lambda: make().close()) < 1200


def test_a_closed_client_makes_no_calls(make_client: Make) -> None:
    """Closing is done once for all, by any of four ways, and may be repeated."""

    async def by_aclose(wxpay: WeChatPay) -> None:
        await wxpay.aclose()

    async def by_async_with(wxpay: WeChatPay) -> None:
        async with wxpay as same:
            assert same is wxpay

    def by_with(wxpay: WeChatPay) -> None:
        with wxpay as same:
            assert same is wxpay

    ways: list[Callable[[WeChatPay], None]] = [
        WeChatPay.close,
        by_with,
        lambda wxpay: asyncio.run(by_aclose(wxpay)),
        lambda wxpay: asyncio.run(by_async_with(wxpay)),
    ]
    for close in ways:
        wxpay = make_client()
        close(wxpay)
        wxpay.close()
        with pytest.raises(RuntimeError, match="is closed; make a new one"):
            wxpay.v3.certificates.get()
        with pytest.raises(RuntimeError, match="is closed; make a new one"):
            asyncio.run(wxpay.v3.certificates.get_async())
