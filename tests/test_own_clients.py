"""A client of the caller's own is never gone round: neither by a kind of call nor by mutual TLS."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from gateway import PUBLIC_KEY_ID, Gateway, private_pem, public_pem, rsa_key
from ways import ASYNCIO, TRIO, Way, client_of

from wechatpay import ConfigurationError, WeChatPay

CALLS: dict[str, Callable[[WeChatPay], Any]] = {
    "call": lambda wxpay: wxpay["v3/x"].get(),
    "download": lambda wxpay: wxpay.download("https://api.mch.weixin.qq.com/x", "nowhere/bill"),
    "APIv2": lambda wxpay: wxpay["v2/pay/other"].post(xml={}),
}
ASYNC_CALLS: dict[str, Callable[[WeChatPay], Any]] = {
    "call": lambda wxpay: wxpay["v3/x"].get_async(),
    "download": lambda wxpay: wxpay.download_async("https://h/x", "nowhere/bill"),
    "APIv2": lambda wxpay: wxpay["v2/pay/other"].post_async(xml={}),
}


@pytest.mark.parametrize("call", ASYNC_CALLS.values(), ids=list(ASYNC_CALLS))
@pytest.mark.parametrize("way", [ASYNCIO, TRIO], ids=lambda way: way.name)
def test_asynchronous_calls_do_not_go_round_a_blocking_client(
    gateway: Gateway, call: Callable[[WeChatPay], Any], way: Way
) -> None:
    """The first one says what to pass, and nothing is sent by other connections."""
    with (
        httpx.Client() as own,
        client_of(gateway, http_client=own, secret="x" * 32) as wxpay,
        pytest.raises(ConfigurationError, match=r"http_client alone.*Pass async_http_client="),
    ):
        way.run(lambda: call(wxpay))
    assert gateway.requests == []


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_blocking_calls_do_not_go_round_an_asynchronous_client(
    gateway: Gateway, call: Callable[[WeChatPay], Any]
) -> None:
    """Nor the other way round."""
    own = httpx.AsyncClient()
    with (
        client_of(gateway, async_http_client=own, secret="x" * 32) as wxpay,
        pytest.raises(ConfigurationError, match=r"async_http_client alone.*Pass http_client="),
    ):
        call(wxpay)
    anyio.run(own.aclose)
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("http_client", httpx.AsyncClient(), "of the type AsyncClient"),
        ("async_http_client", httpx.Client(), "of the type Client"),
        ("http_client", httpx.Client, "the class Client"),
        ("http_client", "http://127.0.0.1:3128", "of the type str"),
    ],
)
def test_what_is_no_client_is_said_at_once(name: str, given: object, why: str) -> None:
    """One of the other kind, a class, or something else: no call has to find out."""
    kind = "Client" if name == "http_client" else "AsyncClient"
    wanted = rf"^{name} must be an httpx\.{kind}\(\), or one of httpx2, and is {why}$"
    with pytest.raises(ConfigurationError, match=wanted):
        client_of("http://127.0.0.1:9/", **{name: given})


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda one: one.__name__)
def test_one_that_would_replace_the_signature(library: ModuleType) -> None:
    """A login of its own takes the header that the signature needs, and may send a call twice."""
    for login in (("name", "password"), library.DigestAuth("name", "password")):
        with (
            library.Client(auth=login) as own,
            pytest.raises(ConfigurationError, match="http_client has auth=, which would replace"),
        ):
            client_of("http://127.0.0.1:9/", http_client=own)
    own = library.AsyncClient(auth=("name", "password"))
    with pytest.raises(ConfigurationError, match="async_http_client has auth="):
        client_of("http://127.0.0.1:9/", async_http_client=own)
    anyio.run(own.aclose)


def test_both_kinds_go_by_clients_of_the_callers_own(gateway: Gateway) -> None:
    """With one of each, each kind of call goes by its own."""
    seen: list[str] = []

    def note(request: httpx.Request) -> None:
        seen.append("blocking")

    async def note_async(request: httpx.Request) -> None:
        seen.append("asynchronous")

    async def main() -> None:
        async with httpx.AsyncClient(event_hooks={"request": [note_async]}) as other:
            with client_of(gateway, http_client=own, async_http_client=other) as wxpay:
                wxpay["v3/x"].get()
                await wxpay["v3/x"].get_async()

    with httpx.Client(event_hooks={"request": [note]}) as own:
        anyio.run(main)
    assert seen == ["blocking", "asynchronous"]


@pytest.mark.parametrize("name", ["http_client", "async_http_client"])
def test_a_certificate_that_would_never_be_shown_is_refused(name: str) -> None:
    """Whose connections are the caller's own gives the certificate to them."""
    own: Any = httpx.Client() if name == "http_client" else httpx.AsyncClient()
    with pytest.raises(ConfigurationError, match="give the certificate to your http_client"):
        WeChatPay(
            "1900000109",
            certs={PUBLIC_KEY_ID: public_pem(rsa_key("platform"))},
            merchant=("apiclient_cert.pem", private_pem(rsa_key("merchant"))),
            **{name: own},
        )
    if isinstance(own, httpx.Client):
        own.close()
    else:
        anyio.run(own.aclose)
