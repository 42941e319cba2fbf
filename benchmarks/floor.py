"""The floor: the fewest lines of plain httpx and cryptography that sign, send and verify.

Nobody who builds on the two can be faster without doing something else than they do by themselves.
"""

from __future__ import annotations

import json
import secrets
import time
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from keys import KEY_ID, MCHID, SERIAL, Keys

PADDING, HASH = PKCS1v15(), SHA256()


class Floor:
    """Signs requests and verifies answers."""

    def __init__(self, keys: Keys) -> None:
        self.private = load_pem_private_key(keys.merchant, None)
        self.public = {KEY_ID: load_pem_public_key(keys.platform_public)}

    def request(self, method: str, base: str, target: str, body: object = None) -> dict:
        """Return the arguments of `httpx.Client.request`."""
        content = b""
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return {
            "method": method,
            "url": base + target,
            "headers": {
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Wechatpay-Serial": KEY_ID,
                "Authorization": self.authorization(method, target, content),
            },
            "content": content or None,
        }

    def authorization(self, method: str, target: str, content: bytes) -> str:
        """Return the header that signs a request."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        message = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + content + b"\n"
        signature = b64encode(self.private.sign(message, PADDING, HASH)).decode()
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{MCHID}",nonce_str="{nonce}",'
            f'signature="{signature}",timestamp="{timestamp}",serial_no="{SERIAL}"'
        )

    def verified(self, response):
        """Return the answer, or raise if WeChat Pay did not sign it in the last five minutes."""
        response.raise_for_status()
        self.check(response.headers, response.content)
        return response

    def check(self, headers, body: bytes) -> None:
        """Raise if WeChat Pay did not sign an answer in the last five minutes."""
        timestamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
        if abs(time.time() - int(timestamp)) > 300:
            raise ValueError("stale")
        key = self.public[headers["Wechatpay-Serial"]]
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        key.verify(b64decode(headers["Wechatpay-Signature"]), message, PADDING, HASH)
