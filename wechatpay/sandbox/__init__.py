"""A WeChat Pay of your own: it checks every signature, signs every answer, and moves no money.

    from wechatpay.sandbox import Sandbox

    with Sandbox() as sandbox:  # in process
        wxpay = sandbox.client()
        wxpay.v3.pay.transactions.native.post(json={…})
        sandbox.pay("out-trade-no")

    with Sandbox(port=0) as sandbox:  # over loopback, with the extra `sandbox`
        sandbox.url, sandbox.config

It is not built upon the client: what has to be signed is worked out here a second time, so that the
two cannot share a mistake.

What it simulates: `Authorization` (form, merchant, certificate, clock, random string, signature),
signed replies with a platform certificate or a public key, `GET v3/certificates`, native orders
with query, close and refunds, notifications to loopback addresses, and the end of a pay-score
authorization. Every other path is a 404.
"""

from __future__ import annotations

from ._gateway import Exchange, Gateway
from ._keys import Keys, Mode
from ._messages import Answer
from ._notify import Attempt, Delivery
from ._refusal import Refusal
from ._sandbox import Sandbox

__all__ = [
    "Answer",
    "Attempt",
    "Delivery",
    "Exchange",
    "Gateway",
    "Keys",
    "Mode",
    "Refusal",
    "Sandbox",
]
