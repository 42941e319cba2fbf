"""Prints as JSON how many of two calls Sentry saw of each transport that the table names.

It is a program of its own, for Sentry never lets go of a process.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import sentry_sdk
from gateway import Gateway
from sentry_sdk.integrations.aiohttp import AioHttpIntegration
from sentry_sdk.integrations.httpx import HttpxIntegration
from sentry_sdk.integrations.httpx2 import Httpx2Integration
from tools_table import TRANSPORTS, arguments_of, is_awaited
from ways import client_of


def spans(gateway: Gateway, transport: str) -> int:
    """Make two calls, one of each kind if the transport makes both; return how many it saw."""
    ended: list[Any] = []
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:9/1",
        traces_sample_rate=1.0,
        auto_enabling_integrations=False,
        integrations=[AioHttpIntegration(), HttpxIntegration(), Httpx2Integration()],
        before_send_transaction=lambda event, _: ended.append(event),
    )
    with (
        sentry_sdk.start_transaction(name="shop"),
        client_of(gateway, **arguments_of(transport)) as wxpay,
    ):
        for awaited in is_awaited(transport):
            if awaited:
                asyncio.run(wxpay["v3/x"].get_async())
            else:
                wxpay["v3/x"].get()
    return sum(len(event["spans"]) for event in ended)


if __name__ == "__main__":
    with Gateway() as server:
        sys.stdout.write(json.dumps({one: spans(server, one) for one in TRANSPORTS}))
