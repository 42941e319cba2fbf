"""A merchant of few words: signs and verifies with plain cryptography, and knows no client."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wechatpay.sandbox import Answer, Gateway, Sandbox

ORDER: Any = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "Image形象店-深圳腾大-QQ公仔",
    "out_trade_no": "1217752501201407033233368018",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "amount": {"total": 100, "currency": "CNY"},
}
TERMINATION = {"service_id": "500001", "sub_mchid": "1230000109", "reason": "撤销原因"}
TERMINATE = "/v3/payscore/partner/permissions/authorization-code/{}/terminate"
NATIVE = "/v3/pay/transactions/native"
BY_NUMBER = "/v3/pay/transactions/out-trade-no/{}"


class Merchant:
    """Signs requests and verifies replies."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.key = _private(config["private_key"])
        self.mchid: str = config["mchid"]
        self.serial: str = config["serial"]
        self.apiv3_key: bytes = config["apiv3_key"].encode()
        self.platform: dict[str, RSAPublicKey] = {}
        for key_id, pem in config.get("certs", {}).items():
            public = serialization.load_pem_public_key(pem.encode())
            assert isinstance(public, RSAPublicKey)
            self.platform[key_id] = public

    def sign(self, message: bytes) -> str:
        """Sign a message."""
        return base64.b64encode(
            self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        ).decode()

    def authorize(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        scheme: str = "WECHATPAY2-SHA256-RSA2048",
        **claims: str,
    ) -> str:
        """Make an `Authorization` value; claims take the place of the true ones."""
        timestamp = claims.get("timestamp", str(int(time.time())))
        nonce = claims.get("nonce_str", secrets.token_hex(16))
        message = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
        values = {
            "mchid": self.mchid,
            "nonce_str": nonce,
            "signature": self.sign(message),
            "timestamp": timestamp,
            "serial_no": self.serial,
            **claims,
        }
        return f"{scheme} " + ",".join(f'{name}="{value}"' for name, value in values.items())

    def headers(
        self, method: str, target: str, body: bytes = b"", **claims: str
    ) -> list[tuple[bytes, bytes]]:
        """Make the header lines of a request."""
        authorization = self.authorize(method, target, body, **claims)
        return [
            (b"Accept", b"application/json"),
            (b"User-Agent", b"tests"),
            (b"Authorization", authorization.encode()),
        ]

    def call(
        self,
        gateway: Gateway,
        method: str,
        target: str,
        payload: object = None,
        *,
        serial: str | None = None,
        **claims: str,
    ) -> Answer:
        """Send a request to a gateway."""
        body = payload if isinstance(payload, bytes) else b""
        if payload is not None and not isinstance(payload, bytes):
            body = json.dumps(payload, ensure_ascii=False).encode()
        headers = self.headers(method, target, body, **claims)
        if serial is not None:
            headers.append((b"wechatpay-serial", serial.encode()))
        return gateway.handle(method, target.encode(), headers, body)

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        """Verify a reply, and return the id of the key that signed it."""
        names = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial")
        timestamp, nonce, serial = (headers[name] for name in names)
        assert headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
        assert abs(int(timestamp) - time.time()) < 300
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = base64.b64decode(headers["Wechatpay-Signature"], validate=True)
        self.platform[serial].verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        return serial

    def trust(self, certificates: Mapping[str, Any]) -> None:
        """Open the answer of `v3/certificates`, and trust what is in it."""
        for each in certificates["data"]:
            sealed = each["encrypt_certificate"]
            assert sealed["algorithm"] == "AEAD_AES_256_GCM"
            pem = AESGCM(self.apiv3_key).decrypt(
                sealed["nonce"].encode(),
                base64.b64decode(sealed["ciphertext"], validate=True),
                sealed["associated_data"].encode(),
            )
            certificate = x509.load_pem_x509_certificate(pem)
            assert f"{certificate.serial_number:040X}" == each["serial_no"]
            public = certificate.public_key()
            assert isinstance(public, RSAPublicKey)
            self.platform[each["serial_no"]] = public


@lru_cache(maxsize=8)
def _private(pem: str) -> RSAPrivateKey:
    """Read a private key, once: checking it takes a moment."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@lru_cache(maxsize=1)
def merchant_of(sandbox: Sandbox) -> Merchant:
    """Return a sandbox's merchant; reading its key takes a moment."""
    return Merchant(sandbox.config)


def read(answer: Answer) -> dict[str, Any]:
    """Read the JSON object of a reply."""
    value: dict[str, Any] = json.loads(answer.body)
    return value
