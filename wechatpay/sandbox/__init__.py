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

It is not built on the client: what has to be signed is worked out here a second time, so that the
two cannot share a mistake.

What it simulates, so that an answer depends on what happened before; `coverage` tells which
endpoints these are:

- `Authorization` (form, merchant, certificate, clock, random string, signature), signed replies
  with a platform certificate or a public key, `GET v3/certificates`, and the echo that tests a
  merchant's keys;
- orders of direct merchants and of partners, single and combined, by every way to pay, with query,
  close, reversal and refunds, also ones that go wrong;
- profit sharing, with receivers, returns and what is left; transfers to users; permissions and
  service orders of pay score; complaints and their pictures;
- accounts with their balances, withdrawals and top-ups; coupons that are taken off payments;
  platforms with their merchants' applications, subsidies, advances and encrypted bills;
- trade and fund-flow bills of a day, which add up to what happened on it;
- applications of a partner's merchants (特约商户进件); merchants' own coupons (商家券); coupons for
  products (商品券);
- notifications of payments, refunds, transfers, pay score, complaints and echoes, repeated on
  WeChat Pay's schedule: to loopback addresses, to shops that are mounted, and to hosts that
  `allow_hosts` names; nobody else is ever called;
- of APIv2, payments and refunds with their bills and notifications: they are those of APIv3, in
  XML.

What it only shapes: every other documented endpoint, of APIv3 and of APIv2. The request is checked
against the catalogue, sensitive fields have to decrypt, and what comes back has every documented
field with a made-up value, or with the one that was given under that name. The same request gets
the same answer, on the same day; nothing comes of it, and nobody is notified.

What it leaves out: notices of shares to those who receive them, other currencies, limits of amount,
rate and risk, what a merchant has to apply for, and `paySign`, which nobody checks because no
WeChat is called. There is one merchant, and any sub-merchant that a partner names exists. WeChat
Pay's wording is as documented, or as merchants report it; where neither is known, it is the
sandbox's own. A mistake of the sandbox's is a 500 `SYSTEM_ERROR`, with a traceback in the log
`wechatpay.sandbox`.

What it decides by rules of its own, because there is no customer: a payment code that ends in 0
asks for the password, one that ends in 9 fails, every other pays at once; a refund ends as its
`reason` says if that is the word `ABNORMAL`, `CLOSED` or `PROCESSING`, and succeeds with any other;
what a service order was completed with is collected an hour later, and it always succeeds; what a
customer complained about stays done until the customer comes back; the fee is 0.6 %.
"""

from __future__ import annotations

from ._base import Keys, Mode, Refusal, StateError
from ._endpoint import Answer
from ._front import KINDS as FAULTS
from ._front import (
    Coverage,
    Diagnosis,
    Exchange,
    Fault,
    FaultRule,
    Gateway,
    coverage,
    explain_signature,
)
from ._front import Kind as FaultKind
from ._parts import Action
from ._sandbox import Sandbox, actions
from ._time import Attempt, Delivery, Event

__all__ = [
    "FAULTS",
    "Action",
    "Answer",
    "Attempt",
    "Coverage",
    "Delivery",
    "Diagnosis",
    "Event",
    "Exchange",
    "Fault",
    "FaultKind",
    "FaultRule",
    "Gateway",
    "Keys",
    "Mode",
    "Refusal",
    "Sandbox",
    "StateError",
    "actions",
    "coverage",
    "explain_signature",
]
