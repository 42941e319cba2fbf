"""Counts what calls cost, as a program of its own: `costs.py calls|memory KEY_ID URL`.

In the folder it is run in, `key.pem` is the merchant's key and `public.pem` WeChat Pay's. It
prints JSON.
"""

from __future__ import annotations

import asyncio
import base64
import cProfile
import gc
import itertools
import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from wechatpay import WeChatPay

MCHID, SERIAL = "1900000109", "AB12"
PADDING, DIGEST = PKCS1v15(), SHA256()


class Floor:
    """The least that signs a query with plain httpx, sends it, and verifies the answer."""

    def __init__(
        self, client: httpx.Client, url: str, key: RSAPrivateKey, keys: dict[str, RSAPublicKey]
    ) -> None:
        self._client = client
        self._url = url
        self._key = key
        self._keys = keys

    def call(self, path: str) -> None:
        """Make a call."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        message = f"GET\n/{path}\n{timestamp}\n{nonce}\n\n".encode()
        signature = base64.b64encode(self._key.sign(message, PADDING, DIGEST)).decode()
        reply = self._client.get(
            self._url + path,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": "floor/1",
                "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{MCHID}",nonce_str="{nonce}",'
                f'signature="{signature}",timestamp="{timestamp}",serial_no="{SERIAL}"',
            },
        )
        self.check(reply.headers, reply.content)

    def check(self, headers: httpx.Headers, body: bytes) -> None:
        """Verify an answer."""
        timestamp, nonce = headers["wechatpay-timestamp"], headers["wechatpay-nonce"]
        if abs(time.time() - int(timestamp)) > 300:
            raise ValueError("stale")
        self._keys[headers["wechatpay-serial"]].verify(
            base64.b64decode(headers["wechatpay-signature"]),
            f"{timestamp}\n{nonce}\n".encode() + body + b"\n",
            PADDING,
            DIGEST,
        )


def functions_of(call: Callable[[], object]) -> int:
    """Return how many functions, Python's own included, are entered by a call."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        call()
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


def functions_per_call(call: Callable[[], object]) -> float:
    """Return how many functions Python enters for one call."""
    for _ in range(20):
        call()

    def often() -> None:
        for _ in range(100):
            call()

    return functions_of(often) / 100


async def functions_per_awaited_call(call: Callable[[], Awaitable[object]]) -> float:
    """As `functions_per_call`, of a call that is awaited, and all that its event loop does."""
    for _ in range(20):
        await call()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(100):
        await call()
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats()) / 100


ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": MCHID,
    "description": "A cup of tea",
    "out_trade_no": "20261122",
    "notify_url": "https://example.com/notify",
    "amount": {"total": 100, "currency": "CNY"},
}


def calls_of(wxpay: WeChatPay, mark: str = "") -> dict[str, Callable[[], Any]]:
    """Return a query, an order with a body, and a short body behind a long path."""
    node: Any = wxpay
    query = node["v3/pay/transactions/out-trade-no/{out_trade_no}"]
    permission = node[
        "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"
    ]
    get, order = (
        getattr(query, f"get{mark}"),
        getattr(node.v3.pay.transactions.native, f"post{mark}"),
    )
    end = getattr(permission, f"post{mark}")
    return {
        "query": lambda: get(out_trade_no="20261122"),
        "order": lambda: order(json=ORDER),
        "terminate": lambda: end(authorization_code="1234", json={"reason": "x"}),
    }


async def awaited(wxpay: WeChatPay, name: str) -> dict[str, float]:
    """Count each call, awaited."""
    calls = calls_of(wxpay, "_async")
    return {f"{what}, {name}": await functions_per_awaited_call(calls[what]) for what in calls}


def growth(wxpay: WeChatPay) -> float:
    """Return how many blocks of memory a call leaves behind, once caches and free lists are full.

    Python's small objects are a block each, so an object forgotten by each call would make one.
    """
    query: Any = wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}"]
    numbers = itertools.count(10**9)
    blocks: list[int] = []
    for times in (900, 200, 200, 200):
        for number in itertools.islice(numbers, times):
            query.get(out_trade_no=number)
            wxpay[f"v3/marketing/favor/users/{number}/coupons"].get()
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    return min(after - before for before, after in itertools.pairwise(blocks)) / 400


class Unsigned:
    """A signer that takes no time: what it costs to sign is cryptography's, and is level."""

    serial = SERIAL

    def sign(self, message: bytes) -> str:
        """Sign nothing."""
        return f"{len(message)}"


def main(what: str, key_id: str, url: str) -> None:
    """Count and print."""
    key = cast("RSAPrivateKey", load_pem_private_key(Path("key.pem").read_bytes(), None))
    public = cast("RSAPublicKey", load_pem_public_key(Path("public.pem").read_bytes()))
    keys = {key_id: public}
    if what == "memory":
        with WeChatPay(MCHID, None, Unsigned(), keys, base_url=url) as wxpay:
            found = {"growth": growth(wxpay)}
    else:
        with WeChatPay(MCHID, SERIAL, key, keys, base_url=url) as wxpay, httpx.Client() as client:
            path = "v3/pay/transactions/out-trade-no/20261122"
            floor = Floor(client, url, key, keys)
            found = {"floor": functions_per_call(lambda: floor.call(path))}
            found |= {name: functions_per_call(call) for name, call in calls_of(wxpay).items()}
            found |= asyncio.run(awaited(wxpay, "awaited"))
        with WeChatPay(MCHID, SERIAL, key, keys, base_url=url, transport="pycurl") as wxpay:
            calls = calls_of(wxpay)
            found |= {f"{name}, pycurl": functions_per_call(calls[name]) for name in calls}
        with WeChatPay(MCHID, SERIAL, key, keys, base_url=url, transport="aiohttp") as wxpay:
            found |= asyncio.run(awaited(wxpay, "aiohttp"))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
