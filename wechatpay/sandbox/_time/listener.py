"""Hands notifications to another process, which takes them to a shop that only it can reach."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

_PATIENCE = 5.0
"""Seconds that the other process, and the shop behind it, have to answer: WeChat Pay's limit."""
_GONE = 15.0
"""Seconds after its last request, after which the other process is taken to have left."""


@dataclass(frozen=True)
class HeldNotification:
    """One notification that waits for an answer.

    Attributes:
        number: Which one, counted from 1.
        url: Where it was to go.
        headers: Its headers.
        body: Its body.
    """

    number: int
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def dump(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        body = base64.b64encode(self.body).decode()
        return {"number": self.number, "url": self.url, "headers": self.headers, "body": body}


class Listener(httpx.BaseTransport):
    """A shop behind another process, which takes notifications and reports the shop's answers.

    Args:
        clock: Tells seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._asked: float | None = None
        self._taking = 0
        self._left = 0
        self._added = 0
        self._waiting: list[HeldNotification] = []
        self._answers: dict[int, httpx.Response | None] = {}

    @property
    def active(self) -> bool:
        """Whether a process is there: one that asks now, or asked a moment ago."""
        with self._changed:
            asked = self._asked
            return self._taking > 0 or (asked is not None and self._clock() - asked < _GONE)

    def take(self, seconds: float) -> list[HeldNotification]:
        """Return what has come, once something has.

        Args:
            seconds: How long to wait for it.
        """
        with self._changed:
            left = self._left
            self._taking += 1
            try:
                self._changed.wait_for(lambda: self._waiting or self._left != left, seconds)
                taken, self._waiting = self._waiting, []
            finally:
                self._taking -= 1
            # A call that `leave` ended must not count as a process that is there.
            self._asked = self._clock() if self._left == left else None
            return taken

    def leave(self) -> None:
        """End listening: calls that wait return, and notifications go their usual way again."""
        with self._changed:
            self._asked = None
            self._left += 1
            self._changed.notify_all()

    def answer(self, number: int, status: int, body: bytes = b"") -> None:
        """Report what the shop answered.

        Raises:
            LookupError: No notification of this number waits for an answer.
        """
        with self._changed:
            if number not in self._answers:
                raise LookupError("no notification of this number waits for an answer")
            self._answers[number] = httpx.Response(status, stream=httpx.ByteStream(body))
            self._changed.notify_all()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Hand on a notification, and wait for the answer."""
        with self._changed:
            self._added += 1
            number = self._added
            headers, url = dict(request.headers), str(request.url)
            self._waiting.append(HeldNotification(number, url, headers, request.content))
            self._answers[number] = None
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._answers[number] is not None, _PATIENCE)
            # Taken away in either case: an answer that comes later finds nothing to answer, and a
            # notification that nobody fetched is not handed out after its time.
            answer = self._answers.pop(number)
            self._waiting = [each for each in self._waiting if each.number != number]
        if answer is None:
            raise httpx.ReadTimeout("nobody has said what the shop answered", request=request)
        return answer
