"""Payments by code in every world of a small model: what is reported is what is the case.

No example is chosen: each way in which WeChat Pay, the network, the customer and the cashier can
behave within two questions and two reversals is gone through.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from wechatpay import APIError, TransportError, VerificationError, micropay
from wechatpay._call import Call
from wechatpay._v2.answer import judge
from wechatpay.micropay import SETTLING, MicroPay

SECRET = "192006250b4c09247ec02edce69f6a2d"
NUMBER = "1415757673"
FIELDS = {"appid": "wx1", "out_trade_no": NUMBER, "auth_code": "120061098828009406"}
PAY, QUERY, REVERSE = "v2/pay/micropay", "v2/pay/orderquery", "v2/secapi/pay/reverse"
CALLS = {path: Call.asked("POST", path, {"xml": {}}) for path in (PAY, QUERY, REVERSE)}


class Choices:
    """One way through a tree of choices; `next_one` goes on to another until all were taken."""

    def __init__(self) -> None:
        self._taken: list[list[int]] = []
        self._at = 0

    def of(self, number: int) -> int:
        """Return which of so many is chosen this time."""
        if self._at == len(self._taken):
            self._taken.append([0, number])
        self._at += 1
        return self._taken[self._at - 1][0]

    def next_one(self) -> bool:
        """Go on to a way not yet taken, if there is one."""
        self._at = 0
        while self._taken and self._taken[-1][0] + 1 == self._taken[-1][1]:
            self._taken.pop()
        if self._taken:
            self._taken[-1][0] += 1
        return bool(self._taken)


def xml_of(**fields: str) -> bytes:
    """Return a signed message of APIv2."""
    fields = {"return_code": "SUCCESS", "result_code": "SUCCESS", **fields}
    pairs = "&".join(f"{k}={fields[k]}" for k in sorted(fields))
    fields["sign"] = hashlib.md5(f"{pairs}&key={SECRET}".encode()).hexdigest().upper()
    return f"<xml>{''.join(f'<{k}>{v}</{k}>' for k, v in fields.items())}</xml>".encode()


def refused(code: str, **more: str) -> bytes:
    """Return a signed message that says no."""
    return xml_of(result_code="FAIL", err_code=code, **more)


@cache
def judged(path: str, body: bytes) -> httpx.Response | APIError | VerificationError:
    """Return an answer as the client judges it."""
    reply = httpx.Response(200, content=body)
    try:
        judge(CALLS[path], reply, SECRET)
    except (APIError, VerificationError) as error:
        return error
    return reply


NOTHING: bytes | None = None
PAID = xml_of(out_trade_no=NUMBER)
STATES = {name: xml_of(out_trade_no=NUMBER, trade_state=name) for name in (
    *("SUCCESS", "USERPAYING", "PAYERROR", "REVOKED"),
)}  # fmt: skip
BROKEN, NO_ORDER, TYPING = map(refused, ("SYSTEMERROR", "ORDERNOTEXIST", "USERPAYING"))
USED, EMPTY_PURSE = map(refused, ("ORDERPAID", "NOTENOUGH"))
BUSY = "<xml><return_code>FAIL</return_code><return_msg>系统繁忙</return_msg></xml>".encode()
NO_CODE = xml_of(result_code="FAIL")
REVERSED, AGAIN, TOO_LATE = xml_of(recall="N"), xml_of(recall="Y"), refused("X", recall="N")
LATEST = SETTLING - 1
"""When a payment that was sent is carried out at the latest."""


class World:
    """What is the case, and a client's engine that calls into it."""

    def __init__(self, choices: Choices, clock: SimpleNamespace) -> None:
        self.choices = choices
        self.clock = clock
        self.state: str | None = None
        self.arrives: float | None = None
        self.charges = self.payments = self.reversals = 0

    def get(self) -> World:
        """Be the engine, too."""
        return self

    def check(self, *_: object, awaited: bool) -> None:
        """There is a certificate."""

    def send(self, method: str, path: str, arguments: dict[str, Any]) -> httpx.Response:
        """Make a call, which may break before or after it was carried out."""
        assert method == "POST"
        self.pass_time(0)
        body = {PAY: self.pay, QUERY: self.query, REVERSE: self.reverse}[path]()
        if body is NOTHING:
            raise TransportError("lost", outcome_unknown=True)
        found = judged(path, body)
        if isinstance(found, httpx.Response):
            return found
        raise found.with_traceback(None)

    def pay(self) -> bytes | None:
        """Take the code: at once, later, or never; the customer may have to type."""
        self.payments += 1
        how = self.choices.of(8)
        if how == 0:
            return EMPTY_PURSE
        if how == 1:  # sent again by something in between, and only the second answer came back
            self.charge()
            return USED
        if how in (2, 3):
            self.arrives = self.clock.now + (LATEST if how == 2 else float("inf"))
            return NOTHING
        if how in (4, 5):
            self.charge()
            return PAID if how == 4 else self.lost()
        self.state = "USERPAYING"
        return TYPING if how == 6 else self.lost()

    def lost(self) -> bytes | None:
        """Return what comes when the answer does not."""
        return (NOTHING, BROKEN, BUSY, NO_CODE)[self.choices.of(4)]

    def charge(self) -> None:
        """Take the money."""
        self.state = "SUCCESS"
        self.charges += 1

    def pass_time(self, seconds: float) -> None:
        """Let what is under way arrive, and the customer make up their mind."""
        self.clock.now += seconds
        if self.arrives is not None and self.clock.now >= self.arrives:
            self.arrives = None
            if self.state is None:
                self.state = "USERPAYING"
        if self.state == "USERPAYING":
            mind = self.choices.of(3)
            if mind == 1:
                self.charge()
            elif mind == 2:
                self.state = "PAYERROR"

    def query(self) -> bytes | None:
        """Say how the order is."""
        if self.choices.of(2):
            return NOTHING
        return NO_ORDER if self.state is None else STATES[self.state]

    def reverse(self) -> bytes | None:
        """Close the order and give the money back, or not."""
        self.reversals += 1
        how = self.choices.of(5)
        if how < 2:
            self.state = None if self.state is None else "REVOKED"
            return REVERSED if how == 0 else NOTHING
        return (AGAIN, TOO_LATE, NOTHING)[how - 2]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Time that passes when it is told to."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(micropay, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(micropay, "REVERSALS", 2)
    return clock


def worlds(clock: SimpleNamespace) -> Iterator[World]:
    """Yield a new world for every way in which things can go."""
    choices = Choices()
    going = True
    while going:
        clock.now = 0.0
        yield World(choices, clock)
        going = choices.next_one()


def live(world: World, payment: MicroPay, cancels: Callable[[int], bool]) -> None:
    """Drive a payment to its end, and the world beyond it."""
    try:
        for number, seconds in enumerate(payment):
            world.pass_time(seconds)
            if cancels(number):
                payment.cancel()
    except (APIError, TransportError, VerificationError):
        pass
    world.pass_time(LATEST)  # what is still under way arrives


@pytest.mark.untraced
@pytest.mark.parametrize("cancelled_at", [None, 1])
def test_what_is_reported_is_the_case(clock: SimpleNamespace, cancelled_at: int | None) -> None:
    """Never is a payment that stands called refused or reversed, and never are there two."""
    seen: Counter[str | None] = Counter()
    for world in worlds(clock):
        payment = MicroPay(cast("Any", world), FIELDS, within=6)
        live(world, payment, lambda number: number == cancelled_at)
        assert world.payments == 1
        assert world.charges <= 1
        if payment.outcome in ("refused", "reversed"):
            assert world.state not in ("SUCCESS", "USERPAYING")
        elif payment.outcome == "paid":
            assert (world.state, world.reversals) == ("SUCCESS", 0)
        seen[payment.outcome] += 1
    assert {*seen} == {"paid", "reversed", "refused", "unknown"}
    assert sum(seen.values()) > 2000


@pytest.mark.untraced
@pytest.mark.parametrize("cancelled", [False, True])
def test_what_is_reported_after_a_crash(clock: SimpleNamespace, *, cancelled: bool) -> None:
    """Whatever had become of the payment by then, going on sends no other and reports the case."""
    seen: Counter[str | None] = Counter()
    for world in worlds(clock):
        world.state = (None, *STATES)[world.choices.of(1 + len(STATES))]
        if world.state is None:
            world.arrives = LATEST
        payment = MicroPay(cast("Any", world), FIELDS, resume=True, within=5)
        if cancelled:
            payment.cancel()
        live(world, payment, lambda _: False)
        assert world.payments == 0
        assert payment.outcome != "reversed" or world.state not in ("SUCCESS", "USERPAYING")
        assert payment.outcome != "paid" or (world.state, world.reversals) == ("SUCCESS", 0)
        seen[payment.outcome] += 1
    assert {*seen} == {"reversed", "unknown"} | (set() if cancelled else {"paid"})
