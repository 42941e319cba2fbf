"""A WeChat Pay that answers fast: `python server.py FOLDER [--latency SECONDS]`.

It signs each of its answers anew every few seconds and sends the same bytes in between, so that
it is not what a benchmark measures. The first request on each connection has its signature
verified: a contender that does not sign, or signs something else, gets 401.

It prints its two ports (plain, TLS) as one JSON line, and then, for every line it reads, how many
connections and requests there have been.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import secrets
import ssl
import sys
import time
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from keys import KEY_ID, Keys

SIGN_EVERY = 3.0
ORDER = {"code_url": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}
TRANSACTION = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "out_trade_no": "1217752501201407033233368018",
    "transaction_id": "1217752501201407033233368018",
    "trade_type": "NATIVE",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "CMC",
    "attach": "自定义数据",
    "success_time": "2026-06-08T10:34:56+08:00",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 100, "payer_total": 100, "currency": "CNY", "payer_currency": "CNY"},
}
PARAMETER = re.compile(rb'(\w+)="([^"]*)"')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Gateway:
    """What is answered, and whether a request was signed."""

    def __init__(self, keys: Keys, latency: float) -> None:
        self.latency = latency
        self.connections = self.requests = 0
        self._private = load_pem_private_key(keys.platform, None)
        self._merchant = load_pem_public_key(keys.merchant_public)
        self._answers: dict[bytes, bytes] = {}

    def renew(self) -> None:
        """Sign every answer, now and again."""
        self._answers = {
            b"GET": self._answer("200 OK", TRANSACTION),
            b"POST": self._answer("200 OK", ORDER),
            b"": self._answer("401 Unauthorized", {"code": "SIGN_ERROR"}),
        }
        asyncio.get_running_loop().call_later(SIGN_EVERY, self.renew)

    def _answer(self, status: str, fields: object) -> bytes:
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = base64.b64encode(self._private.sign(message, PKCS1v15(), SHA256())).decode()
        head = [
            f"HTTP/1.1 {status}",
            "Server: nginx",
            "Content-Type: application/json; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: keep-alive",
            "Keep-Alive: timeout=8",
            "Cache-Control: no-cache, must-revalidate",
            "Request-ID: 08F78BB5A20610BA0318BC9C9D3F20EE90AB05-0",
            f"Wechatpay-Nonce: {nonce}",
            f"Wechatpay-Signature: {signature}",
            f"Wechatpay-Timestamp: {timestamp}",
            f"Wechatpay-Serial: {KEY_ID}",
            "Wechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048",
        ]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    def answer(self, head: bytes, body: bytes, *, check: bool) -> bytes:
        """Return the bytes that answer a request."""
        self.requests += 1
        method = head[: head.index(b" ")]
        return self._answers[method if not check or self._is_signed(head, body) else b""]

    def _is_signed(self, head: bytes, body: bytes) -> bool:
        method, target, _ = head.split(b"\r\n", 1)[0].split(b" ")
        given = dict(PARAMETER.findall(head))
        try:
            stamp = given[b"timestamp"], given[b"nonce_str"]
            message = b"".join(part + b"\n" for part in (method, target, *stamp, body))
            signature = base64.b64decode(given[b"signature"])
            self._merchant.verify(signature, message, PKCS1v15(), SHA256())
        except (KeyError, InvalidSignature):
            return False
        return True


class Connection(asyncio.Protocol):
    """HTTP/1.1 as far as the contenders speak it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.received = b""
        self.is_new = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.gateway.connections += 1

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self.received, 0, end)
            start, stop = end + 4, end + 4 + (int(length[1]) if length else 0)
            if len(self.received) < stop:
                return
            head, body = self.received[:end], self.received[start:stop]
            self.received = self.received[stop:]
            self.send(self.gateway.answer(head, body, check=self.is_new))
            self.is_new = False

    def send(self, answer: bytes) -> None:
        if self.gateway.latency:
            loop = asyncio.get_running_loop()
            loop.call_later(self.gateway.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


async def serve(keys: Keys, latency: float) -> None:
    """Serve until the end of the standard input."""
    gateway, loop, over = Gateway(keys, latency), asyncio.get_running_loop(), asyncio.Event()
    gateway.renew()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys.tls_certificate, keys.tls_key)
    servers = [
        await loop.create_server(
            lambda: Connection(gateway), "127.0.0.1", 0, ssl=secure, backlog=1024
        )
        for secure in (None, context)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]

    def tell() -> None:
        if sys.stdin.readline():
            print(json.dumps([gateway.connections, gateway.requests]), flush=True)
        else:
            over.set()

    loop.add_reader(sys.stdin, tell)
    print(json.dumps(ports), flush=True)
    await over.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--latency", type=float, default=0.0)
    options = parser.parse_args()
    asyncio.run(serve(Keys(options.folder), options.latency))
