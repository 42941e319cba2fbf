"""One notification on its way: what it tells, what was tried, and when it is tried again.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012791861.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from .events import Event

_MINUTE, _HOUR = 60, 3600
SCHEDULE = (
    *(15, 15, 30, 3 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE, 30 * _MINUTE, 30 * _MINUTE),
    *(30 * _MINUTE, 60 * _MINUTE, 3 * _HOUR, 3 * _HOUR, 3 * _HOUR, 6 * _HOUR, 6 * _HOUR),
)
"""Seconds after which WeChat Pay tries again, each time; then it gives up."""

AttemptOutcome = Literal["acknowledged", "refused", "timed out", "unreachable"]
State = Literal["under way", "acknowledged", "to be repeated", "given up", "not sent"]


@dataclass(frozen=True)
class Attempt:
    """One request to the merchant.

    Attributes:
        at: When, in seconds since 1970 by the sandbox's clock.
        request_id: Its `Request-ID`.
        outcome: What came of it. Only 200 and 204 within five seconds acknowledge, or `SUCCESS` in
            XML under APIv2.
        status: The HTTP status, if there was one.
        seconds: How long the merchant took.
        reply: How the merchant's reply begins.
        probe: Whether its signature was a wrong one on purpose.
    """

    at: float
    request_id: str
    outcome: AttemptOutcome
    status: int | None
    seconds: float
    reply: str = field(default="", repr=False)
    probe: bool = False


@dataclass(frozen=True)
class Delivery:
    """One notification, and what was done to deliver it until now.

    Attributes:
        id: The notification's id, the same in every attempt.
        number: Which one, counted from 1.
        event: What it tells, and where it is to go.
        body: The request's body.
        reachable: Whether it is sent at all: to this machine, or to a shop in this process.
        attempts: The requests that have ended, oldest first.
        probe: Whether it is only a probe, whose signature is wrong on purpose.
        appointment: The number under which its next attempt stands on the agenda; or empty.
        headers: Headers that go with the body, signed when they were asked for; see `trigger`.
    """

    id: str
    number: int
    event: Event
    body: bytes = field(repr=False)
    reachable: bool = True
    attempts: tuple[Attempt, ...] = ()
    probe: bool = False
    appointment: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Delivery:
        """Make one of what `dump` made of it."""
        made: dict[str, Any] = {
            **document,
            "event": Event(**document["event"]),
            "body": document["body"].encode(),
            "attempts": tuple(Attempt(**each) for each in document["attempts"]),
        }
        return cls(**made)

    def dump(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {**asdict(self), "body": self.body.decode()}

    @property
    def state(self) -> State:
        """Where it is."""
        if not self.reachable:
            return "not sent"
        if not self.attempts:
            return "under way"
        if self.acknowledged:
            return "acknowledged"
        return "given up" if self.due_in is None else "to be repeated"

    @property
    def acknowledged(self) -> bool:
        """Whether the merchant took it; taking a probe acknowledges nothing real."""
        return any(
            each.outcome == "acknowledged" and each.probe == self.probe for each in self.attempts
        )

    @property
    def due_in(self) -> int | None:
        """Seconds after the last attempt until WeChat Pay tries again; `None` if it does not."""
        tries = len(self.attempts)
        done = not tries or self.probe or self.acknowledged
        return None if done or tries > len(SCHEDULE) else SCHEDULE[tries - 1]

    @property
    def open(self) -> bool:
        """Whether there is an attempt to come."""
        return self.state in ("under way", "to be repeated")

    def tried(self, attempt: Attempt) -> Delivery:
        """Return it with one more attempt."""
        return replace(self, attempts=(*self.attempts, attempt), appointment="")
