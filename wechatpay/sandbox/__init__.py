"""A WeChat Pay of your own: it checks every signature, signs every answer, and moves no money.

    from wechatpay.sandbox import Sandbox

    with Sandbox() as sandbox:  # in process
        wxpay = sandbox.client()
        wxpay.v3.pay.transactions.native.post(json={…})
        sandbox.pay("out-trade-no")

    with Sandbox(port=0) as sandbox:  # over loopback, with the extra `sandbox`
        sandbox.url, sandbox.config

What goes wrong in life goes wrong here on demand; `FAULTS` tells in which ways:

    sandbox.fault("post", "v3/pay/transactions/**", "reset-after", times=1)

It is not built upon the client: what has to be signed is worked out here a second time, so that the
two cannot share a mistake.

What it simulates: `Authorization` (form, merchant, certificate, clock, random string, signature),
signed replies with a platform certificate or a public key, `GET v3/certificates`, orders of direct
merchants and of partners, single and combined, by every way to pay, with query, close, reversal and
refunds, also ones that go wrong, notifications to loopback addresses, and the end of a pay-score
authorization. Every other documented endpoint, of APIv3 and of APIv2, is shaped: the request is
checked against the catalogue, sensitive fields have to decrypt, and what comes back has every
documented field with a made-up value, or with the one that was given under that name. The same
request gets the same answer, on the same day. `coverage` tells which endpoint is which.

What it decides by rules of its own, for the customer is not there: a payment code that ends in 0
asks for the password, one that ends in 9 fails, every other pays at once; an order without
`time_expire` can be paid for two hours; a refund ends as its `reason` says if that is the word
`ABNORMAL`, `CLOSED` or `PROCESSING`, and is a success otherwise.
"""

from __future__ import annotations

from ._delivery import Attempt, Delivery
from ._diagnosis import Diagnosis
from ._endpoints import Coverage, coverage
from ._faults import KINDS as FAULTS
from ._faults import Fault, FaultRule
from ._gateway import Gateway
from ._keys import Keys, Mode
from ._messages import Answer
from ._record import Exchange
from ._refusal import Refusal
from ._sandbox import Sandbox
from ._store import StateError

__all__ = [
    "FAULTS",
    "Answer",
    "Attempt",
    "Coverage",
    "Delivery",
    "Diagnosis",
    "Exchange",
    "Fault",
    "FaultRule",
    "Gateway",
    "Keys",
    "Mode",
    "Refusal",
    "Sandbox",
    "StateError",
    "coverage",
]
