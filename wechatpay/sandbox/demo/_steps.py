"""One call of the demo: made, printed, and compared with what has to come of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wechatpay import WeChatPayError

from . import words
from ._transcript import Transcript, source

if TYPE_CHECKING:
    import httpx

    from .. import Sandbox

    Called = httpx.Response | Coroutine[object, object, httpx.Response]


@dataclass(frozen=True)
class Step:
    """One call, and what has to come of it.

    Attributes:
        call: What is called, with the client or a node of it.
        method: The verb that has to arrive.
        target: The path and query that have to arrive.
        status: The status that has to come back.
        answer: The body that has to come back, as a regular expression.
    """

    call: Callable[..., Called]
    method: str
    target: str
    status: int
    answer: str = ""


def run(
    step: Step, sandbox: Sandbox, transcript: Transcript, *given: object
) -> httpx.Response | None:
    """Make one call, and print what became of it on both sides.

    Returns:
        The answer; `None` if there is none.
    """
    before = len(sandbox.exchanges)
    transcript.code(f"response = {source(step.call)}", depth=1)
    try:
        called = step.call(*given)
        response = asyncio.run(called) if isinstance(called, Coroutine) else called
    except WeChatPayError as error:
        transcript.check(f"{type(error).__name__}: {error}", False)
        return None
    *others, exchange = sandbox.exchanges[before:]
    seen = response.extensions["wechatpay"]
    transcript.field(words.PATH, exchange.target)
    transcript.field(words.SIGNED, *_lines(exchange.message))
    transcript.field(words.JUDGED, words.RIGHT if exchange.verified else exchange.verdict)
    transcript.field(words.ANSWER, f"{response.status_code} {response.reason_phrase}")
    if response.content:
        transcript.field("", response.text)
    with_key = words.WITH.filled(serial=seen["serial"])
    transcript.field(words.VERIFIED, *_lines(exchange.reply_message), with_key)
    arrived = (exchange.method, exchange.target)
    for what, right in (
        ("a single request arrives", not others),
        (f"it is a {step.method} of {step.target}", arrived == (step.method, step.target)),
        ("the sandbox finds its signature right", exchange.verified),
        ("what was signed is what was sent", exchange.message == _message(response.request)),
        ("the client finds the answer's signature right", seen["verified"] is True),
        ("the key is the one that signed", seen["serial"] == exchange.signer),
        ("the answer is to this request", seen["request_id"] == exchange.request_id),
        (f"the status is {step.status}", response.status_code == exchange.status == step.status),
        ("the body is as documented", bool(re.fullmatch(step.answer, response.text))),
    ):
        transcript.check(what, right)
    return response


def _message(request: httpx.Request) -> bytes:
    """Work out what had to be signed, from the request as httpx sent it."""
    claims = dict(re.findall(r'(\w+)="([^"]*)"', request.headers["authorization"]))
    head = (request.method.encode(), request.url.raw_path)
    stamp = (claims["timestamp"].encode(), claims["nonce_str"].encode())
    return b"".join(line + b"\n" for line in (*head, *stamp, request.content))


def _lines(message: bytes) -> list[str]:
    return [f"{line}\\n" for line in message.decode().split("\n")[:-1]]
