"""What becomes of a notification, in any framework: read, handled once, answered, logged.

The one coroutine here serves blocking frameworks too: where nothing has to be waited for, it runs
through in one go.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, Union, cast

from .. import WeChatPay, notification, notification_v2
from .._awaiting import resolved
from .._failures import logger, tell
from ..notification import Notification, Reply
from ..replay import AsyncGuard, Guard, once_async

__all__ = [
    "BODY",
    "V2",
    "V3",
    "AnyGuard",
    "Client",
    "NotificationKind",
    "Steps",
    "TooLarge",
    "check_length",
    "client_of",
    "run",
]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_Message = TypeVar("_Message")

AnyGuard = Union[Guard, AsyncGuard]
"""What remembers which notifications were handled."""
Client = Union[WeChatPay, Callable[[_Request], Union[WeChatPay, Awaitable[WeChatPay]]]]
"""The client, or a function that finds the one that a request is for."""

LIMIT = 5.0
"""Seconds that WeChat Pay waits for the answer; then it sends the notification again."""
BODY = 1 << 20
"""Bytes of a body that are read at most by default; a notification has some thousands."""
_ACKNOWLEDGED = (200, 204)
_LONGEST_NUMBER = 18


class TooLarge(Exception):
    """A body that is longer than a notification may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"its body is longer than {limit} bytes")


class _DeclinedError(Exception):
    """A handler's own response has WeChat Pay send the notification again."""


@dataclass(frozen=True)
class NotificationKind(Generic[_Message]):
    """A kind of notification, and how it is told apart, named and answered.

    Attributes:
        id: What is the same whenever the notification is sent again.
        named: How the log names it.
        success: The reply when it was processed.
        declined: Whether a reply has WeChat Pay send it again, although its status does not.
        reply_to: The reply to an error, which it logs.
        failure: The reply with a text and a status.
    """

    id: Callable[[_Message], str]
    named: Callable[[_Message], str]
    success: Reply
    declined: Callable[[Reply], bool]
    reply_to: Callable[[Exception, str], Reply]
    failure: Callable[[str, int], Reply]


def _number(told: Notification) -> str:
    return told.id


def _named(told: Notification) -> str:
    return f"notification {told.id} ({told.event_type})"


def _never(_: Reply) -> bool:
    return False


def _named_v2(fields: dict[str, Any]) -> str:
    return f"notification {notification_v2.identity(fields)}"


def _declined_v2(reply: Reply) -> bool:
    return reply.body != notification_v2.SUCCESS.body


def _failure_v2(message: str, status: int) -> Reply:
    return notification_v2.failure(message)._replace(status=status)


V3 = NotificationKind(
    id=_number,
    named=_named,
    success=notification.SUCCESS,
    declined=_never,
    reply_to=notification.reply_to,
    failure=notification.failure,
)
V2 = NotificationKind(
    id=notification_v2.identity,
    named=_named_v2,
    success=notification_v2.SUCCESS,
    declined=_declined_v2,
    reply_to=notification_v2.reply_to,
    failure=_failure_v2,
)


def _nothing() -> None:
    """Do nothing."""


async def client_of(wxpay: Client[_Request], request: _Request) -> WeChatPay:
    """Return the client that a request is for.

    Raises:
        TypeError: The function that finds it has found something else.
    """
    if isinstance(wxpay, WeChatPay):
        return wxpay
    found: Any = await resolved(wxpay(request))
    if not hasattr(found, "notification"):
        raise TypeError(
            f"the function given to notified() found a {type(found).__name__}, not a WeChatPay"
        )
    return cast("WeChatPay", found)


@dataclass(frozen=True)
class Steps(Generic[_Message, _Response]):
    """How one request of WeChat Pay's is answered, in one framework.

    Attributes:
        kind: The kind of notification.
        method: The request's verb.
        read: Verifies and decrypts the request.
        handle: The shop's work; its result may have to be awaited.
        respond: Makes the framework's response of a `Reply`, or of whatever else a handler may
            return there.
        fail: Answers with a `Reply` after the work was begun and something was raised.
        own: The framework's own exceptions, which are responses.
        undo: Rolls back what the work has written, where the framework would not.
    """

    kind: NotificationKind[_Message]
    method: str | None
    read: Callable[[], _Message | Awaitable[_Message]]
    handle: Callable[[_Message], Any]
    respond: Callable[[Any], _Response | Awaitable[_Response]]
    fail: Callable[[Reply], _Response | Awaitable[_Response]]
    own: tuple[type[Exception], ...]
    undo: Callable[[], None] = _nothing

    async def serve(self, guard: AnyGuard | None) -> _Response:
        """Answer the request.

        Args:
            guard: Remembers which notifications were handled.
        """
        if self.method != "POST":
            return await self._respond(Reply(405, {"Allow": "POST"}, b""))
        started = time.monotonic()
        about = "a notification"
        try:
            try:
                message = await resolved(self.read())
            except self.own:
                raise  # such as a 404 for a merchant that this service does not know
            except TooLarge as error:
                logger.warning("%s refused: %s", about, error)
                return await self._respond(self.kind.failure("body too large", 413))
            except Exception as error:  # noqa: BLE001 - whatever it is, WeChat Pay has to be told
                return await self._respond(self.kind.reply_to(error, about))
            about = self.kind.named(message)
            return await self._handled(message, guard, about)
        finally:
            if (seconds := time.monotonic() - started) > LIMIT:
                logger.warning("%s took %.1f s; WeChat Pay waits %.0f s", about, seconds, LIMIT)

    async def _handled(self, message: _Message, guard: AnyGuard | None, about: str) -> _Response:
        try:
            return await self._once(message, guard)
        except _DeclinedError as declined:
            self.undo()
            (response,) = declined.args
            return cast("_Response", response)
        except self.own as error:
            if _status(error) not in _ACKNOWLEDGED:
                tell(about, error)
                self.undo()
                raise
            return await self._failed(error, about)
        except Exception as error:  # noqa: BLE001 - as above
            return await self._failed(error, about)

    async def _failed(self, error: Exception, about: str) -> _Response:
        reply = self.kind.reply_to(error, about)
        self.undo()
        return cast("_Response", await resolved(self.fail(reply)))

    async def _respond(self, reply: Any) -> _Response:
        return cast("_Response", await resolved(self.respond(reply)))

    async def _once(self, message: _Message, guard: AnyGuard | None) -> _Response:
        if guard is None:
            return await self._answer(await resolved(self.handle(message)))
        async with once_async(guard, self.kind.id(message)) as first:
            if first:
                # A declining response is raised, so that the guard does not mark it as done.
                return await self._answer(await resolved(self.handle(message)))
        return await self._respond(self.kind.success)

    async def _answer(self, result: Any) -> _Response:
        reply = self.kind.success if result is None else result
        response = await self._respond(reply)
        declined = isinstance(reply, Reply) and self.kind.declined(reply)
        if declined or _status(response) not in _ACKNOWLEDGED:
            raise _DeclinedError(response)
        return response


def check_length(length: int | str | None, limit: int) -> None:
    """Check that a body is not too long by its `Content-Length`, before any of it is read.

    Raises:
        TooLarge: It is.
    """
    digits = str(length)
    if digits.isdecimal() and (len(digits) > _LONGEST_NUMBER or int(digits) > limit):
        raise TooLarge(limit)


def run(steps: Coroutine[Any, Any, _Response]) -> _Response:
    """Run `Steps.serve` where nothing can be awaited.

    Raises:
        TypeError: Something has to be.
    """
    try:
        steps.send(None)
    except StopIteration as end:
        return cast("_Response", end.value)
    steps.close()
    raise TypeError(
        "in a view that is not async, the guard and the function that finds the client must not be "
        "async either"
    )


def _status(response: object) -> int:
    """The status of a response, or of an exception that is one; 200 for what is only its body."""
    if isinstance(response, Exception):  # in Werkzeug it may have a whole response with it
        return _status(whole) if (whole := getattr(response, "response", None)) else _code(response)
    return _code(response)


def _code(response: object) -> int:
    for name in ("status_code", "code"):
        status = getattr(response, name, None)
        if isinstance(status, int):
            return status
    return 200 if not isinstance(response, Exception) else 500
