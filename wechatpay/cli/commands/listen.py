"""`wechatpay listen --forward-to URL`: a sandbox's notifications, brought to any local port."""

from __future__ import annotations

import base64
import json
import time
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from ...errors import APIError
from .. import _output
from .._sandbox import ask, of_sandbox
from .._settings import Settings, configured
from ..words import text

_WAIT = 10.0
_LIMIT = 5.0
"""Seconds that the sandbox, as WeChat Pay, gives a merchant."""
_SHOWN = 2000
_HELD = "sandbox/notifications/held"
_OF_THE_CONNECTION = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
)
_UNREACHABLE = 502
_NOT_WAITED_FOR = 404


@configured
def listen(
    settings: Settings,
    forward_to: Annotated[
        str, typer.Option("--forward-to", "-f", metavar="URL", help="listen.forward_to")
    ],
    count: Annotated[
        int | None, typer.Option("--count", min=1, metavar="NUMBER", help="listen.count")
    ] = None,
) -> None:
    """Bring the sandbox's notifications to a shop, until Ctrl-C."""
    from httpx import Client

    try:
        target = urlsplit(forward_to)
        is_url = target.scheme in ("http", "https") and bool(target.hostname)
    except ValueError:
        is_url = False
    if not is_url:
        raise typer.BadParameter(text("listen.no_url"))
    chosen = of_sandbox(settings)
    brought = 0
    with (
        chosen.client(timeout=_WAIT + _LIMIT) as client,
        Client(timeout=_LIMIT, trust_env=False) as shop,
    ):
        ask(client, "GET", _HELD, params={"seconds": 0})
        _output.say(text("listen.ready", url=forward_to))
        try:
            while count is None or brought < count:
                held = ask(client, "GET", _HELD, params={"seconds": _WAIT})
                for notification in held["notifications"]:
                    _bring(client, shop, forward_to, notification)
                    brought += 1
        finally:
            # So that the sandbox sends notifications by itself again at once, not in 15 seconds.
            ask(client, "GET", _HELD, params={"seconds": -1})


def _bring(client: Any, shop: Any, target: str, notification: dict[str, Any]) -> None:
    """Bring one notification, print what came of it, and report it to the sandbox."""
    from httpx import HTTPError

    body = base64.b64decode(notification["body"])
    headers = {
        name: value
        for name, value in notification["headers"].items()
        if name.lower() not in _OF_THE_CONNECTION
    }
    started, status, said = time.monotonic(), _UNREACHABLE, b""
    try:
        response = shop.post(target, content=body, headers=headers)
        status, said = response.status_code, response.content[:_SHOWN]
        outcome = str(status)
    except HTTPError as error:
        outcome = text("listen.unreachable", why=type(error).__name__)
    taken = f"{(time.monotonic() - started) * 1000:.0f} ms"
    colors = {2: typer.colors.GREEN}
    shown = outcome
    if _output.is_colored():
        shown = typer.style(outcome, fg=colors.get(status // 100, typer.colors.RED))
    moment = time.strftime("%H:%M:%S")
    _output.put(f"{moment}  {_event(body)}  {notification['url']} → {target}  {shown}  {taken}")
    answer = {"status": status, "body": said.decode("utf-8", "replace")}
    number = notification["number"]
    try:
        ask(client, "POST", f"{_HELD}/{{number}}/answer", number=number, json=answer)
    except APIError as error:
        if error.status_code != _NOT_WAITED_FOR:
            raise
        # The shop took so long that the sandbox has given this attempt up, as WeChat Pay does.
        _output.say(text("listen.too_late", limit=f"{_LIMIT:.0f}"))


def _event(body: bytes) -> str:
    """The event's type; of APIv2, whose messages have none, what they are written in."""
    try:
        return str(json.loads(body)["event_type"])
    except (ValueError, LookupError, TypeError):
        return "APIv2"
