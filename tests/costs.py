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
from collections.abc import Callable
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


async def functions_per_awaited_call(wxpay: WeChatPay) -> float:
    """As `functions_per_call`, of a query that is awaited, and all that its event loop does."""
    query: Any = wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}"]
    for _ in range(20):
        await query.get_async(out_trade_no="20261122")
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(100):
        await query.get_async(out_trade_no="20261122")
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats()) / 100


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
            query: Any = wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}"]
            floor = Floor(client, url, key, keys)
            found = {
                "ours": functions_per_call(lambda: query.get(out_trade_no="20261122")),
                "floor": functions_per_call(lambda: floor.call(path)),
                "awaited": asyncio.run(functions_per_awaited_call(wxpay)),
            }
        with WeChatPay(MCHID, SERIAL, key, keys, base_url=url, transport="pycurl") as wxpay:
            query = wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}"]
            found["pycurl"] = functions_per_call(lambda: query.get(out_trade_no="20261122"))
        with WeChatPay(MCHID, SERIAL, key, keys, base_url=url, transport="aiohttp") as wxpay:
            found["aiohttp"] = asyncio.run(functions_per_awaited_call(wxpay))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
