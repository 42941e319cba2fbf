"""APIv2 messages, made and read with the standard library."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from wechatpay.sandbox import Answer, Sandbox

NONCE = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"


def sign(fields: Mapping[str, Any], secret: str, kind: str = "MD5") -> str:
    """Sign fields as the documentation says."""
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name] != "")
    message = f"{text}&key={secret}".encode()
    if kind == "HMAC-SHA256":
        return hmac.new(secret.encode(), message, "sha256").hexdigest().upper()
    return hashlib.md5(message).hexdigest().upper()


def xml_of(fields: Mapping[str, Any]) -> bytes:
    """Write a message."""
    text = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    return f"<xml>{text}</xml>".encode()


def fields_of(answer: Answer) -> dict[str, str]:
    """Read a message of one level."""
    return {each.tag: each.text or "" for each in ElementTree.fromstring(answer.body)}


class OldMerchant:
    """Signs and sends APIv2 messages."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.gateway = sandbox.gateway
        self.secret: str = sandbox.config["secret"]
        self.mchid: str = sandbox.config["mchid"]

    def signed(self, fields: Mapping[str, Any], kind: str = "MD5") -> dict[str, Any]:
        """Add the signature."""
        return {**fields, "sign": sign(fields, self.secret, kind)}

    def post(self, path: str, body: bytes) -> Answer:
        """Send a body."""
        return self.gateway.handle("POST", path.encode(), [(b"Host", b"sandbox.invalid")], body)

    def call(self, path: str, **fields: Any) -> Answer:
        """Sign fields and send them."""
        fields = {"mch_id": self.mchid, "nonce_str": NONCE, **fields}
        return self.post(path, xml_of(self.signed(fields, fields.get("sign_type", "MD5"))))

    def get(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """Send a query."""
        return self.gateway.handle("GET", f"{path}?{urlencode(fields)}".encode(), [])
