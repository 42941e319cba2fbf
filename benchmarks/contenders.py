"""Who takes part: each gives, in a context, a function that makes one call and reads the answer."""

from __future__ import annotations

import json
import os
import ssl
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx
from floor import HASH, PADDING, Floor
from keys import KEY_ID, MCHID, SERIAL, Keys

from wechatpay import WeChatPay

NUMBER = "1217752501201407033233368018"
TARGET = {
    "query": f"/v3/pay/transactions/id/{NUMBER}?mchid={MCHID}",
    "order": "/v3/pay/transactions/native",
}
ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": MCHID,
    "description": "Image形象店-深圳腾大-QQ公仔",
    "out_trade_no": NUMBER,
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "amount": {"total": 100, "currency": "CNY"},
    "attach": "自定义数据",
    "scene_info": {"payer_client_ip": "14.23.150.211", "device_id": "013467007045764"},
}
EXPECTED = {"query": "transaction_id", "order": "code_url"}


@dataclass(frozen=True)
class Setup:
    """What a contender is told.

    Attributes:
        keys: Where the keys are.
        base: Where the server is.
        call: `query` or `order`.
        most: The size of the floor's pool; `None` is not a limit.
        transport: The client's.
    """

    keys: Keys
    base: str
    call: str
    most: int | None
    transport: str

    def pool(self) -> dict:
        """Return the floor's settings of its httpx client."""
        limits = httpx.Limits(
            max_connections=self.most, max_keepalive_connections=self.most, keepalive_expiry=60.0
        )
        return {"limits": limits, "timeout": 60.0}

    def request(self, floor: Floor) -> dict:
        """Return what the floor gives httpx for a call."""
        if self.call == "query":
            return floor.request("GET", self.base, TARGET["query"])
        return floor.request("POST", self.base, TARGET["order"], ORDER)

    def client(self) -> WeChatPay:
        """Return the client, configured as a merchant does it and no further."""
        certs = {KEY_ID: self.keys.platform_public}
        return WeChatPay(
            MCHID, SERIAL, self.keys.merchant, certs, base_url=self.base, transport=self.transport
        )


@contextmanager
def floor_sync(setup: Setup):
    """Plain httpx."""
    floor = Floor(setup.keys)
    with httpx.Client(**setup.pool()) as client:

        def call():
            response = floor.verified(client.request(**setup.request(floor)))
            return response.json()[EXPECTED[setup.call]]

        yield call


@asynccontextmanager
async def floor_async(setup: Setup):
    """Plain httpx, without blocking."""
    floor = Floor(setup.keys)
    async with httpx.AsyncClient(**setup.pool()) as client:

        async def call():
            response = floor.verified(await client.request(**setup.request(floor)))
            return response.json()[EXPECTED[setup.call]]

        yield call


@contextmanager
def ours_sync(setup: Setup):
    """`wechatpay`: the chain is written out for every call, as users do."""
    with setup.client() as wxpay:

        def query():
            response = wxpay.v3.pay.transactions.id._transaction_id_.get(
                transaction_id=NUMBER, params={"mchid": MCHID}
            )
            return response.json()["transaction_id"]

        def order():
            return wxpay.v3.pay.transactions.native.post(json=ORDER).json()["code_url"]

        yield {"query": query, "order": order}[setup.call]


@asynccontextmanager
async def ours_async(setup: Setup):
    """`wechatpay`, without blocking."""
    async with setup.client() as wxpay:

        async def query():
            response = await wxpay.v3.pay.transactions.id._transaction_id_.get_async(
                transaction_id=NUMBER, params={"mchid": MCHID}
            )
            return response.json()["transaction_id"]

        async def order():
            response = await wxpay.v3.pay.transactions.native.post_async(json=ORDER)
            return response.json()["code_url"]

        yield {"query": query, "order": order}[setup.call]


@contextmanager
def bare_pycurl(setup: Setup):
    """Plain pycurl."""
    import pycurl

    floor, handle = Floor(setup.keys), pycurl.Curl()
    lines: list[bytes] = []
    handle.setopt(pycurl.HEADERFUNCTION, lines.append)
    handle.setopt(pycurl.NOSIGNAL, 1)
    if "SSL_CERT_FILE" in os.environ:
        handle.setopt(pycurl.CAINFO, os.environ["SSL_CERT_FILE"])

    def call():
        request = setup.request(floor)
        handle.setopt(pycurl.URL, request["url"])
        handle.setopt(pycurl.HTTPHEADER, [f"{k}: {v}" for k, v in request["headers"].items()])
        if request["content"]:
            handle.setopt(pycurl.POSTFIELDS, request["content"])
        lines.clear()
        body = handle.perform_rb()
        pairs = [line.decode().partition(":")[::2] for line in lines[1:-1]]
        headers = {name.title(): value.strip() for name, value in pairs}
        floor.check(headers, body)
        return json.loads(body)[EXPECTED[setup.call]]

    yield call
    handle.close()


@asynccontextmanager
async def bare_aiohttp(setup: Setup):
    """Plain aiohttp."""
    import aiohttp
    from yarl import URL

    floor = Floor(setup.keys)
    connector = aiohttp.TCPConnector(limit=setup.most or 0, ssl=ssl.create_default_context())
    async with aiohttp.ClientSession(connector=connector) as session:

        async def call():
            request = setup.request(floor)
            async with session.request(
                request["method"],
                URL(request["url"], encoded=True),
                headers=request["headers"],
                data=request["content"],
            ) as reply:
                body = await reply.read()
            floor.check(reply.headers, body)
            return json.loads(body)[EXPECTED[setup.call]]

        yield call


@contextmanager
def rsa(setup: Setup):
    """One signature and one verification and nothing else: what no client can beat."""
    private = Floor(setup.keys).private
    public = private.public_key()
    message = b"m" * 200
    signature = private.sign(message, PADDING, HASH)

    def call():
        private.sign(message, PADDING, HASH)
        public.verify(signature, message, PADDING, HASH)

    yield call


SYNC = {"floor": floor_sync, "ours": ours_sync, "bare-pycurl": bare_pycurl, "rsa": rsa}
ASYNC = {"floor": floor_async, "ours": ours_async, "bare-aiohttp": bare_aiohttp}
