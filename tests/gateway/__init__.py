"""A WeChat Pay of the tests' own, on real sockets: what it answers, or how it fails, is scripted.

It imports nothing of `wechatpay`: a mistake in how the client signs, verifies or frames a message
cannot be repeated here.

    with Gateway() as gateway:
        gateway.script(Answer(404, {"code": "ORDER_NOT_EXIST"}), Answer(fault="reset"))
        ...  # two calls to gateway.url; any further one is answered by gateway.default
        assert gateway.requests[0].is_signed_by(rsa_key("merchant"))
"""

from .answers import Answer, Fault, Request, certificate_list
from .breaking import ANSWER, HEAD, Breaking
from .breaking import Fault as Break
from .keys import (
    APIV3_KEY,
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Authority,
    Identity,
    certificate_identity,
    certificate_pem,
    merchant_pem,
    private_pem,
    public_key_identity,
    public_pem,
    rsa_key,
)
from .server import Gateway, closed_port, silent_port
from .socks import socks

__all__ = [
    "ANSWER",
    "APIV3_KEY",
    "HEAD",
    "MCHID",
    "MERCHANT_SERIAL",
    "PUBLIC_KEY_ID",
    "Answer",
    "Authority",
    "Break",
    "Breaking",
    "Fault",
    "Gateway",
    "Identity",
    "Request",
    "certificate_identity",
    "certificate_list",
    "certificate_pem",
    "closed_port",
    "merchant_pem",
    "private_pem",
    "public_key_identity",
    "public_pem",
    "rsa_key",
    "silent_port",
    "socks",
]
