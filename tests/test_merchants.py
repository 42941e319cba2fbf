"""Many merchants in one process: what they share, what they do not, and whose a notification is."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from gateway import (
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_identity,
    certificate_list,
    rsa_key,
)
from ways import Way, client_of, each_way

from wechatpay import Notification, TransportError, WeChatPay
from wechatpay.crypto import rsa
from wechatpay.notification import Reply

MANY = 30
PAGE = Path(__file__).parents[1] / "docs" / "merchants.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=5)


def number(at: int) -> str:
    """Return the number of a merchant."""
    return f"19000{at:05d}"


def merchants(gateway: Gateway, **more: Any) -> list[WeChatPay]:
    """Return the clients of many merchants, of whom two each have the same key."""
    return [
        client_of(gateway, mchid=number(at), private_key=rsa_key(f"merchant {at % 2}"), **more)
        for at in range(MANY)
    ]


def assert_each_for_itself(gateway: Gateway) -> None:
    """Check that every merchant asked once, by its own number and key."""
    asked = {one.claims["mchid"]: one for one in gateway.requests}
    assert set(asked) == {number(at) for at in range(MANY)}
    for at in range(MANY):
        assert asked[number(at)].is_signed_by(rsa_key(f"merchant {at % 2}"))
        assert not asked[number(at)].is_signed_by(rsa_key(f"merchant {1 - at % 2}"))


# Connections


def test_one_pool_serves_many_merchants(gateway: Gateway) -> None:
    """Clients that are given one `httpx.Client` use its connection, each in its own name."""
    with httpx.Client(limits=LIMITS) as own:
        clients = merchants(gateway, http_client=own)
        for wxpay in clients:
            wxpay["v3/x"].get()
        assert gateway.connections == 1
        assert_each_for_itself(gateway)
        for wxpay in clients[1:]:
            wxpay.close()
        assert clients[0]["v3/x"].get().status_code == 200
        assert gateway.connections == 1


def test_without_one_each_has_its_own(gateway: Gateway) -> None:
    """Nothing is shared that was not passed in: so many clients, so many connections."""
    clients = merchants(gateway)
    for wxpay in clients:
        wxpay["v3/x"].get()
    assert gateway.connections == MANY
    assert_each_for_itself(gateway)
    for wxpay in clients:
        wxpay.close()
    assert gateway.wait_until(lambda there: there.open == 0)


def test_one_asynchronous_pool_serves_many_merchants(gateway: Gateway) -> None:
    """Calls of all merchants at once keep to the limit of the client that they share."""

    async def main() -> None:
        async with httpx.AsyncClient(limits=LIMITS) as own:
            clients = merchants(gateway, async_http_client=own)
            await asyncio.gather(*(wxpay["v3/x"].get_async() for wxpay in clients))
            assert 1 <= gateway.connections <= 4
            for wxpay in clients:
                await wxpay.aclose()
            assert not own.is_closed

    asyncio.run(main())
    assert_each_for_itself(gateway)


@each_way
def test_a_shared_connection_that_died_costs_nothing(gateway: Gateway, way: Way) -> None:
    """After WeChat Pay closed what lay idle the next merchant's call opens another connection."""
    blocking = httpx.Client(limits=LIMITS)

    async def main() -> None:
        async with httpx.AsyncClient(limits=LIMITS) as own:
            first, second, *_ = merchants(gateway, async_http_client=own)
            await first["v3/x"].get_async()
            gateway.drop()
            await second["v3/x"].post_async(json={})

    if way.is_async:
        way.run(main)
    else:
        with blocking:
            first, second, *_ = merchants(gateway, http_client=blocking)
            first["v3/x"].get()
            gateway.drop()
            second["v3/x"].post(json={})
    assert [one.method for one in gateway.requests] == ["GET", "POST"]
    assert gateway.connections == 2


def test_a_shared_connection_is_not_kept_for_long(gateway: Gateway) -> None:
    """What lay idle longer than `keepalive_expiry` is not used again, by whomever."""
    limits = httpx.Limits(keepalive_expiry=0.02)
    with httpx.Client(limits=limits) as own:
        first, second, *_ = merchants(gateway, http_client=own)
        first["v3/x"].get()
        time.sleep(0.05)
        second["v3/x"].get()
    assert gateway.connections == 2


def test_an_order_lost_on_a_shared_connection_is_not_repeated(gateway: Gateway) -> None:
    """One merchant's lost order is unknown, and the next merchant's call goes through."""
    gateway.script(Answer(fault="reset"), Answer())
    with httpx.Client(limits=LIMITS) as own:
        first, second, *_ = merchants(gateway, http_client=own)
        with pytest.raises(TransportError) as caught:
            first["v3/x"].post(json={})
        assert caught.value.outcome_unknown
        assert second["v3/x"].post(json={}).status_code == 200
    assert [one.claims["mchid"] for one in gateway.requests] == [number(0), number(1)]


def test_no_cookie_goes_from_one_merchant_to_the_next(gateway: Gateway) -> None:
    """The documented policy keeps none, although a shared client would."""
    gateway.default = Answer(headers={"Set-Cookie": "session=first; Path=/"})
    for strict in (False, True):
        with httpx.Client(limits=LIMITS) as own:
            if strict:
                own.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            first, second, *_ = merchants(gateway, http_client=own)
            first["v3/x"].get()
            second["v3/x"].get()
        assert ("cookie" in gateway.requests[-1].headers) is not strict


def test_one_merchants_certificates_are_not_anothers(certificate: Identity) -> None:
    """What one client downloaded the other does not have: it asks for itself, in its own name."""
    with Gateway(certificate) as gateway, httpx.Client(limits=LIMITS) as own:
        gateway.routes["/v3/certificates"] = certificate_list([certificate])
        shared: dict[str, Any] = {"http_client": own, "certs": None}
        clients = merchants(gateway, apiv3_key="0123456789abcdef0123456789abcdef", **shared)[:2]
        for wxpay in clients:
            assert wxpay["v3/x"].get().extensions["wechatpay"].serial == certificate.id
    asked = [one.claims["mchid"] for one in gateway.requests if one.path == "/v3/certificates"]
    assert asked == [number(0), number(1)]


# Notifications: the recipes of the documentation, as they stand there

KEYS = {number(at): f"{at}".rjust(32, "k") for at in range(4)}
CERTIFICATE = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "second platform")
OF_FIRST = Identity(PUBLIC_KEY_ID, rsa_key("platform"))
OF_SECOND = Identity("PUB_KEY_ID_0000000000000000000000000002", rsa_key("platform 2"))


def sent_to(mchid: str, who: Identity, *, key: str | None = None) -> tuple[dict[str, str], bytes]:
    """Return a merchant's notification: sealed with its key, and signed."""
    nonce = "nonce0000001"
    sealed = AESGCM((key or KEYS[mchid]).encode()).encrypt(
        nonce.encode(), json.dumps({"mchid": mchid}).encode(), b""
    )
    fields = dict.fromkeys(("id", "event_type", "resource_type", "summary"), "x")
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "nonce": nonce,
    }
    created = "2026-01-01T00:00:00+08:00"
    body = json.dumps({**fields, "create_time": created, "resource": resource}).encode()
    now = str(int(time.time()))
    signature = rsa.sign(f"{now}\n{nonce}\n".encode() + body + b"\n", who.key)
    return {
        "Wechatpay-Timestamp": now,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": who.id,
        "Wechatpay-Signature": signature,
    }, body


@pytest.fixture
def recipes(make_client: Callable[..., WeChatPay]) -> dict[str, Any]:
    """The page's functions, for two merchants with public keys and two with one certificate."""
    code = [one for one in _BLOCK.findall(PAGE.read_text("utf-8")) if "def on_" in one]
    assert len(code) == 2
    held = (OF_FIRST, OF_SECOND, CERTIFICATE, CERTIFICATE)
    clients = {
        mchid: make_client(mchid=mchid, apiv3_key=KEYS[mchid], certs={who.id: who.key.public_key()})
        for mchid, who in zip(KEYS, held, strict=True)
    }
    clients["1900000109"] = make_client(apiv3_key="x" * 32)
    names: dict[str, Any] = {"clients": clients, "handled": []}
    for block in code:
        exec(compile(block, PAGE, "exec", dont_inherit=True), names)

    def handle(mchid: str, notification: Notification) -> None:
        names["handled"].append((mchid, notification.resource["mchid"]))

    names["handle"] = handle
    return names


SIGNERS = dict(zip(KEYS, (OF_FIRST, OF_SECOND, CERTIFICATE, CERTIFICATE), strict=True))


@pytest.mark.parametrize("mchid", KEYS)
def test_a_path_each_leads_to_the_merchant(recipes: dict[str, Any], mchid: str) -> None:
    """On its own path a notification is taken; on any other it is refused and nobody's."""
    headers, body = sent_to(mchid, SIGNERS[mchid])
    for other in KEYS:
        reply: Reply = recipes["on_own_path"](other, headers, body)
        assert (reply.status == 204) is (other == mchid)
    assert recipes["handled"] == [(mchid, mchid)]


@pytest.mark.parametrize("mchid", KEYS)
def test_one_path_for_all_finds_the_merchant(recipes: dict[str, Any], mchid: str) -> None:
    """Asked in turn, exactly the merchant whose notification it is takes it."""
    assert recipes["on_one_path"](*sent_to(mchid, SIGNERS[mchid])).status == 204
    assert recipes["handled"] == [(mchid, mchid)]


FORGER = Identity(PUBLIC_KEY_ID, rsa_key("somebody"))
STRANGER = Identity("PUB_KEY_ID_0000000000000000000000000009", rsa_key("platform"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: sent_to(number(0), FORGER),
        lambda: sent_to(number(0), STRANGER),
        lambda: sent_to(number(2), CERTIFICATE, key="z" * 32),
        lambda: (dict[str, str](), b"{}"),
    ],
    ids=["forged", "unknown key", "unknown merchant", "unsigned"],
)
def test_nobody_takes_what_is_nobodys(
    recipes: dict[str, Any], make: Callable[[], tuple[dict[str, str], bytes]]
) -> None:
    """A forgery, or a notification for an unknown merchant, gets a 401 and is not handled."""
    assert recipes["on_one_path"](*make()).status == 401
    assert recipes["handled"] == []


def test_a_merchants_trouble_is_not_anothers(recipes: dict[str, Any]) -> None:
    """An error while a notification is worked on is answered, and no other merchant is asked."""

    def fail(mchid: str, notification: object) -> None:
        recipes["handled"].append(mchid)
        raise ZeroDivisionError

    recipes["handle"] = fail
    assert recipes["on_one_path"](*sent_to(number(1), OF_SECOND)).status == 500
    assert recipes["handled"] == [number(1)]
