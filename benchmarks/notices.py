"""A payment's notification, and the fewest lines of plain cryptography that read it."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from keys import APIV3_KEY, KEY_ID, MCHID, Keys

PADDING, HASH = PKCS1v15(), SHA256()
NONCE = "fdasflkja484"
PAYMENT = {
    "mchid": MCHID,
    "appid": "wxd678efh567hg6787",
    "out_trade_no": "1217752501201407033233368018",
    "transaction_id": "1217752501201407033233368018",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "CMC",
    "attach": "自定义数据",
    "success_time": "2018-06-08T10:34:56+08:00",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 100, "payer_total": 100, "currency": "CNY", "payer_currency": "CNY"},
    "scene_info": {"device_id": "013467"},
}


class Floor:
    """Verifies a notification and decrypts it, as the official pages put it, and does no more."""

    def __init__(self, keys: Keys) -> None:
        self._public = {KEY_ID: load_pem_public_key(keys.platform_public)}

    def read(self, headers: dict[str, str], body: bytes) -> dict:
        """Return what was encrypted, or raise if WeChat Pay did not sign it just now."""
        timestamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
        if abs(time.time() - int(timestamp)) > 300:
            raise ValueError("stale")
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = b64decode(headers["Wechatpay-Signature"])
        self._public[headers["Wechatpay-Serial"]].verify(signature, message, PADDING, HASH)
        sealed = json.loads(body)["resource"]
        plain = AESGCM(APIV3_KEY.encode()).decrypt(
            sealed["nonce"].encode(),
            b64decode(sealed["ciphertext"]),
            sealed["associated_data"].encode(),
        )
        return json.loads(plain)


def payment(keys: Keys) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body with which WeChat Pay tells of a payment."""
    plain = json.dumps(PAYMENT, ensure_ascii=False).encode()
    secret = AESGCM(APIV3_KEY.encode()).encrypt(NONCE.encode(), plain, b"transaction")
    envelope = {
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(secret).decode(),
            "associated_data": "transaction",
            "nonce": NONCE,
        },
    }
    body = json.dumps(envelope, ensure_ascii=False).encode()
    timestamp, nonce = str(int(time.time())), "593BEC0C930BF1AFEB40B4A08C8FB242"
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    key = load_pem_private_key(keys.platform, None)
    return {
        "Host": "shop.example",
        "User-Agent": "Mozilla/4.0",
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Request-ID": "08F7AB4E1D5F2C3A",
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": KEY_ID,
        "Wechatpay-Signature": b64encode(key.sign(message, PADDING, HASH)).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Timestamp": timestamp,
    }, body
