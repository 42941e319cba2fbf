"""Fund-flow bills of a platform's merchants, which come encrypted.

What the address gives are raw bytes: AES-256-GCM or SM4-GCM without associated data, with the tag
at the end. The key is encrypted for the merchant's certificate; the digest is of the bill itself.

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4014314390 and
https://pay.weixin.qq.com/doc/v3/merchant/4013394586
"""

from __future__ import annotations

import secrets
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ..._endpoint import IncomingCall, downloads
from ..bills import Bills


def answer(call: IncomingCall, content: bytes) -> dict[str, Any]:
    """Return what an answer says of a bill, and keep it encrypted for the caller."""
    token = Bills(call.world)
    packed = downloads.pack(content) if call.query.get("tar_type") == "GZIP" else content
    sm4 = call.query["algorithm"] == "SM4_GCM"
    key, nonce = secrets.token_hex(8 if sm4 else 16), secrets.token_hex(8)
    algorithm = algorithms.SM4(key.encode()) if sm4 else algorithms.AES(key.encode())
    sealing = Cipher(algorithm, modes.GCM(nonce.encode())).encryptor()
    sealed = sealing.update(packed) + sealing.finalize() + sealing.tag
    said = downloads.said_of(token.offer(sealed), call.url, content=content)
    part = {"bill_sequence": 1, **said, "encrypt_key": key, "nonce": nonce}
    return {"download_bill_count": 1, "download_bill_list": [part]}
