"""A payment by the code on the customer's phone, driven until its outcome is certain.

The answer to such a payment is often "the customer is typing the password", and sometimes there is
none. Then the order has to be queried every few seconds. If it is not paid in time it has to be
reversed, until that is confirmed: otherwise a customer who was told "failed" may have paid.

    payment = wxpay.micropay(
        {
            "appid": "wx2421b1c4370ec43b",
            "body": "groceries",
            "out_trade_no": number,                   # keep it before you begin
            "total_fee": 888,                         # in fen
            "spbill_create_ip": "14.17.22.52",
            "auth_code": code,                        # what the scanner has read
        }
    )
    for seconds in payment:                           # async for, with asyncio.sleep
        time.sleep(seconds)                           # or draw, beep, payment.cancel()
    if payment.outcome == "paid":
        hand_over(payment.order["transaction_id"])

The caller does the waiting: the loop yields how many seconds to wait before its next call.

| `outcome` | what it means |
|---|---|
| `paid` | It was paid; `order` has the fields. |
| `reversed` | Nothing was paid, or it goes back; the order is over. Sell under a new number. |
| `refunded` | It had been paid and was refunded, in part or in whole; look at `order`. |
| `refused` | Nothing was paid: WeChat Pay refused or was never reached; the loop raised why. |
| `unknown` | Reversing was not confirmed; `error` says why. **It may be paid.** See below. |
| `None` | Not at its end, for instance because you left the loop. Enter it again. |

An unknown outcome is never called a failure, and the request to pay is sent once, whatever happens.
The merchant's certificate, which a reversal needs, is loaded before the payment is sent.

After `unknown`, and after a crash, `wxpay.micropay(fields, resume=True)` goes on: it sends no
payment, but begins with a query of the order. A number that was used before (`ORDERPAID`,
`OUT_TRADE_NO_USED`) is `unknown` too, and the loop raises that error; resume only if this very sale
used it, for an order that is not paid is reversed in the end.

APIv3's code payment has the same states and is driven in the same way, with `path=`:

| `path` | for |
|---|---|
| `v2/pay/micropay` | 付款码支付 |
| `v2/pay/facepay` | 刷脸支付 |
| `v2/deposit/micropay`, `v2/deposit/facepay` | deposits, 押金 |
| `v3/pay/transactions/codepay` | 付款码支付 of APIv3 |
| `v3/pay/partner/transactions/codepay` | the same for service providers |

Official pages: https://pay.weixin.qq.com/doc/v2/merchant/4011937125 (paying, and when to query),
https://pay.weixin.qq.com/doc/v2/merchant/4011937361 (reversing),
https://pay.weixin.qq.com/doc/v3/merchant/4012382150 (APIv3)
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from typing import Any, Literal, Protocol, cast

from .._chain import Sender
from ..errors import APIError, TransportError, VerificationError
from ._ways import WAYS, Answer, Ask, is_refusal, is_used, recall

__all__ = ["EVERY", "WITHIN", "MicroPay", "Outcome"]

Outcome = Literal["paid", "reversed", "refunded", "refused", "unknown"]
EVERY = 5.0
"""Seconds between two queries; WeChat Pay advises 5 after an error, 10 while USERPAYING."""
WITHIN = 45.0
"""Seconds after which an order that is not paid is reversed, as WeChat Pay advises."""
SETTLING = 15.0
"""Seconds after the payment before which it must not be reversed."""
REVERSALS = 10
"""How often a reversal is tried."""

_UNCERTAIN = (APIError, TransportError, VerificationError)
_ENDS: dict[object, Outcome] = {
    "SUCCESS": "paid",
    "REVOKED": "reversed",
    "CLOSED": "reversed",
    "REFUND": "refunded",
}
"""The states in which an order stays."""
_UNPAYABLE = "PAYERROR"


class Caller(Sender, Protocol):
    """What a payment needs of its client."""

    def check(
        self, method: str, template: str, arguments: dict[str, Any], *, awaited: bool
    ) -> None:
        """Check that a later call will not lack the merchant's certificate, should it need it."""
        ...


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, (int, float)) and seconds >= 0


class MicroPay:
    """One payment by code; see the module for how it is driven. `wxpay.micropay` makes it.

    The loop may be left and entered again, in another thread or event loop too, but not in two at
    once. A call that was broken off in the middle counts as one that got no answer.

    Attributes:
        outcome: What became of it, once that is certain.
        order: The fields that WeChat Pay last answered with about the order.
        error: Why the last call that failed did so.
    """

    def __init__(
        self,
        caller: Caller,
        fields: Mapping[str, Any],
        path: str = "v2/pay/micropay",
        *,
        resume: bool = False,
        every: float = EVERY,
        within: float = WITHIN,
    ) -> None:
        """Prepare a payment; nothing is sent before the loop is entered.

        Args:
            caller: What makes the client's calls.
            fields: The payment's own, as its page has them.
            path: One of those above.
            resume: Whether it was sent before: then the first call queries it.
            every: Seconds between two queries.
            within: Seconds after which an unpaid order is reversed.

        Raises:
            ValueError: There is no `out_trade_no`, the path is not one of those above, or `every`
                is zero.
        """
        if not _is_time(every) or not every:
            raise ValueError("every must be seconds, above zero")
        if not _is_time(within):
            raise ValueError("within must be seconds, zero or more")
        if not isinstance(cast("object", path), str) or path not in WAYS:
            raise ValueError(f"path must be one of {', '.join(WAYS)}")
        if not isinstance(cast("object", fields), Mapping):
            raise TypeError(f"fields must be a mapping, not {type(fields).__name__}")
        if not fields.get("out_trade_no"):
            raise ValueError("a payment must have its number, out_trade_no, before it is sent")
        self.outcome: Outcome | None = None
        self.order: dict[str, Any] = {}
        self.error: Exception | None = None
        self._caller = caller
        self._way = WAYS[path]
        self._fields = dict(fields)
        self._number = str(fields["out_trade_no"])
        self._resume = resume
        self._every = every
        self._within = within
        self._cancelled = False
        self._began: float | None = None
        self._waited = 0.0
        self._steps = self._run()

    def cancel(self) -> None:
        """Have the order reversed, whether it is paid by then or not.

        The loop goes on until that is confirmed. Once there is an `outcome` it is too late; a paid
        order can be refunded.
        """
        self._cancelled = True

    def step(self) -> float | None:
        """Make the calls that are due; return the seconds to wait before the next, or `None`.

        Raises:
            APIError: WeChat Pay refused the payment for good.
            TransportError: The payment was never sent.
            ConfigurationError: The payment, or the reversal that it may need, cannot be made.
        """
        if self._began is None:
            self._caller.check(*self._way.reversal(self._fields), awaited=False)
        step = self._move(None)
        while isinstance(step, Ask):
            answer: Answer
            try:
                answer = self._caller.send(*step)
            except _UNCERTAIN as error:
                answer = error
            step = self._move(answer)
        return step

    async def step_async(self) -> float | None:
        """As `step`, without blocking."""
        if self._began is None:
            self._caller.check(*self._way.reversal(self._fields), awaited=True)
        step = self._move(None)
        while isinstance(step, Ask):
            answer: Answer
            try:
                answer = await self._caller.send_async(*step)
            except _UNCERTAIN as error:
                answer = error
            step = self._move(answer)
        return step

    # Not async generators: one that is left half-way would have to be closed in its event loop.
    def __iter__(self) -> Iterator[float]:
        return self

    def __next__(self) -> float:
        seconds = self.step()
        if seconds is None:
            raise StopIteration
        return seconds

    def __aiter__(self) -> AsyncIterator[float]:
        return self

    async def __anext__(self) -> float:
        seconds = await self.step_async()
        if seconds is None:
            raise StopAsyncIteration
        return seconds

    def __repr__(self) -> str:
        return f"<MicroPay {self._way.pay} {self.outcome or 'not at its end'}>"

    def _move(self, answer: Answer) -> Ask | float | None:
        try:
            return self._steps.send(answer)
        except StopIteration:
            return None

    def _run(self) -> Generator[Ask | float, Answer, None]:
        """Yield the next call or the seconds to wait; a call's answer, or its error, is sent in."""
        self._began = time.monotonic()
        if self._cancelled and not self._resume:
            self.outcome = "refused"
            return
        state = yield from self._ask() if self._resume else self._pay()
        while self._is_open(state) and self._elapsed < self._within:
            yield from self._wait(self._every)
            if self._is_open(state):
                state = yield from self._ask()
        if state in _ENDS and not self._cancelled:
            self.outcome = _ENDS[state]
        else:
            yield from self._reverse()

    def _is_open(self, state: object) -> bool:
        return state not in _ENDS and state != _UNPAYABLE and not self._cancelled

    def _pay(self) -> Generator[Ask | float, Answer, object]:
        answer = yield self._way.payment(self._fields)
        if isinstance(answer, Exception) and (is_refusal(answer) or is_used(answer)):
            self.outcome, self.error = "unknown" if is_used(answer) else "refused", answer
            raise answer
        # APIv2 has no state here: a success is the payment's.
        return self._state(answer, "SUCCESS" if self._way.is_v2 else None)

    def _ask(self) -> Generator[Ask | float, Answer, object]:
        answer = yield self._way.question(self._fields)
        return self._state(answer, None)

    def _reverse(self) -> Generator[Ask | float, Answer, None]:
        yield from self._wait(SETTLING - self._elapsed)
        for attempt in range(REVERSALS):
            yield from self._wait(self._every if attempt else 0)
            answer = yield self._way.reversal(self._fields)
            again = recall(answer)
            if answer is not None and not isinstance(answer, Exception) and again != "Y":
                self.outcome = "reversed"
                return
            self._note(answer)
            if again == "N":
                break
        state = yield from self._ask()
        # That it is paid decides nothing now: a reversal may still be under way.
        self.outcome = "unknown" if state == "SUCCESS" else _ENDS.get(state, "unknown")

    def _wait(self, seconds: float) -> Generator[float, Answer, None]:
        if seconds > 0:
            yield seconds
            self._waited += seconds

    @property
    def _elapsed(self) -> float:
        """Seconds since the payment was sent: by the clock, or by what was waited if that is more.

        The loop has to end in a test, too, in which the clock stands still.
        """
        return max(self._waited, time.monotonic() - (self._began or 0.0))

    def _state(self, answer: Answer, default: object) -> object:
        """Return the order's state, or nothing if that is not known."""
        if answer is None or isinstance(answer, Exception):
            self._note(answer)
            return None
        fields = self._way.fields(answer)
        if fields.get("out_trade_no", self._number) != self._number:
            return None
        self.order = fields
        state = fields.get("trade_state", default)
        return state if isinstance(state, str) else None

    def _note(self, answer: Answer) -> None:
        if isinstance(answer, Exception):
            self.error = answer
