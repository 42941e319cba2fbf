"""APIv2 messages, signed and read without the library, and clients that need nothing else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

from gateway import Answer, Gateway, Request
from ways import client_of

from wechatpay import Node, WeChatPay

SECRET = "192006250b4c09247ec02edce69f6a2d"
NOWHERE = "http://127.0.0.1:9/"


def at(wxpay: WeChatPay, path: str) -> Node:
    """Return a node that type checkers know nothing of: these tests send what they like."""
    return wxpay.chain(path)


def sign(fields: Mapping[str, str], kind: str = "MD5") -> str:
    """Sign fields as APIv2's page says, without the library."""
    pairs = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if k != "sign" and fields[k])
    message = f"{pairs}&key={SECRET}".encode()
    if kind == "MD5":
        return hashlib.md5(message).hexdigest().upper()
    return hmac.new(SECRET.encode(), message, "sha256").hexdigest().upper()


def answer(kind: str = "MD5", *, signed: bool = True, **fields: str) -> Answer:
    """Return an answer whose fields are signed."""
    fields = {"return_code": "SUCCESS", **fields}
    if signed:
        fields["sign"] = sign(fields, kind)
    inner = "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items())
    return Answer(200, f"<xml>{inner}</xml>".encode(), signed=False)


def fields_of(request: Request) -> dict[str, str]:
    """Return the fields that were sent: in the body, or else in the query."""
    if not request.body:
        return fields_of_url(request.target)
    return {one.tag: one.text or "" for one in ElementTree.fromstring(request.body)}


def fields_of_url(url: str) -> dict[str, str]:
    """Return the fields of a URL's query."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def old(gateway: Gateway | str, **more: Any) -> WeChatPay:
    """Return a client that has nothing but the APIv2 key."""
    bare = {"serial": None, "private_key": None, "certs": None, "secret": SECRET}
    return client_of(gateway, **{**bare, **more})
