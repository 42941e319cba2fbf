"""The echo: a merchant's test of signing, verifying, encrypting, decrypting and being notified.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4014551946
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Tree, sensitive
from ..._time import Event
from . import words

# Named differently than in the answer, and not documented for whom it is encrypted.
_TOLD: Tree = {"encrypt_echo_message": {"type": "string", "encrypted": sensitive.MERCHANT}}


def echo(call: IncomingCall) -> Mapping[str, Any]:
    """Say the same; what was encrypted for WeChat Pay is encrypted for the merchant."""
    plain, secret = call.body["echo_message"], call.body.get("encrypted_echo_message")
    if url := call.body.get("notify_url"):
        told = {"echo_message": plain}
        if secret is not None:
            told["encrypt_echo_message"] = secret
        told = sensitive.seal(told, _TOLD, call.world.keys.merchant.public_key())
        call.world.tell(Event("SECURITY_ECHO.SUCCESS", "security", words.ECHOED.zh, told, url))
    said = {"echo_message": plain}
    return said if secret is None else {**said, "encrypted_echo_message": secret}


ROUTES = (EndpointRoute("POST", "v3/security/echo", echo),)
