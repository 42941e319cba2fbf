"""What the frameworks' tests share."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from patience import LONG

from wechatpay import Notification, WeChatPay
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._front.seal import Sealer
from wechatpay.sandbox._front.writing import FORMS
from wechatpay.sandbox._time import Event

from .servers import Work

RESOURCE = {"out_trade_no": "1217752501201407033233368018", "payer": {"openid": "oUpF8uMuAJO"}}

PAYMENT = {"mch_id": "1900000109", "out_trade_no": "1409811653", "total_fee": "100"}


@dataclass
class Shop:
    """A shop that is open.

    Attributes:
        url: Its `notify_url`.
        work: What it does.
        sandbox: The WeChat Pay that it knows.
        wxpay: Its client.
    """

    url: str
    work: Work
    sandbox: Sandbox
    wxpay: WeChatPay

    def post(
        self,
        number: str = "EV-2018022511223320873",
        *,
        skew: int = 0,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send it a notification, right but for what is changed."""
        right, body = forged(self.sandbox, number, self.url, skew)
        right |= headers or {}
        with httpx.Client(trust_env=False, timeout=LONG) as client:
            return client.post(self.url, headers=right, content=content or body)

    def post_v2(self, number: str = "4200001", **changes: str) -> httpx.Response:
        """Send it an APIv2 notification, right but for what is changed after it was signed."""
        event = Event("", "", "", {**PAYMENT, "transaction_id": number}, self.url)
        body = FORMS["MD5"].body(self.sandbox.world, "", event)
        for name, value in changes.items():
            body = body.replace(PAYMENT[name].encode(), value.encode())
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.post(self.url, headers={"Content-Type": "text/xml"}, content=body)


def forged(sandbox: Sandbox, number: str, url: str, skew: int) -> tuple[dict[str, str], bytes]:
    """Make a notification as the sandbox does, with a number and a time of one's own."""
    event = Event("TRANSACTION.SUCCESS", "transaction", "支付成功", RESOURCE, url)
    world, clock = sandbox.world, time.time
    body, keys = FORMS["v3"].body(world, number, event), world.keys
    stamp, _ = Sealer(keys, clock).stamp(body, clock() + skew, keys.signer)
    return {"Content-Type": "application/json", "Request-ID": "REQUEST-0", **stamp}, body


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox in process."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def wxpay(sandbox: Sandbox) -> Iterator[WeChatPay]:
    """Its client."""
    with sandbox.client() as client:
        yield client


Opener = Callable[..., Shop]


@pytest.fixture
def open_shop(sandbox: Sandbox, wxpay: WeChatPay) -> Iterator[Opener]:
    """Opens a shop of a framework, and closes it after the test."""
    with contextlib.ExitStack() as stack:

        def open_one(
            app: Callable[[Work, Any, Any], Any],
            do: Callable[[Notification], int | None] = lambda _: None,
            *,
            client: Any = None,
            guard: Any = None,
            **more: Any,
        ) -> Shop:
            work = Work(do, [])
            url = stack.enter_context(app(work, client or wxpay, guard, **more))
            return Shop(f"{url}/{sandbox.config['mchid']}", work, sandbox, wxpay)

        yield open_one
