"""One call in six spellings, and the life of an order, over HTTP: `make demo`.

It starts a sandbox on loopback and makes real calls. For each it prints what was called (the very
source that runs), the path it became, the message that was signed, how both sides judged the
other's signature, and the answer. It exits non-zero if anything is not as it should be.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from wechatpay import WeChatPay, WeChatPayError

from . import Sandbox
from ._transcript import Transcript, source

if TYPE_CHECKING:
    import httpx


body = {"service_id": "500001", "sub_mchid": "1230000109", "reason": "撤销原因"}
order: Any = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "Image形象店-深圳腾大-QQ公仔",
    "out_trade_no": "1217752501201407033233368018",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "amount": {"total": 100, "currency": "CNY"},
}

_TERMINATE = "/v3/payscore/partner/permissions/authorization-code/1234323JKHDFE1243252/terminate"
_ORDERS = "/v3/pay/transactions"
_BY_NUMBER = f"{_ORDERS}/out-trade-no/1217752501201407033233368018"


def by_attributes(wxpay: WeChatPay) -> Any:
    """The path as a chain of attributes."""
    return wxpay.v3.payscore.partner.permissions.authorizationCode._authorization_code_.terminate


def by_chain(wxpay: WeChatPay) -> Any:
    """The path as a string."""
    return wxpay.chain(
        "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"
    )


def by_key(wxpay: WeChatPay) -> Any:
    """The path as a key."""
    return wxpay[
        "v3/payscore/partner/permissions/authorization-code/<authorization_code>/terminate"
    ]


def post(terminate: Any) -> Any:
    """The call itself."""
    return terminate.post(authorization_code="1234323JKHDFE1243252", json=body)


async def post_async(terminate: Any) -> Any:
    """The same, for an event loop."""
    return await terminate.post_async(authorization_code="1234323JKHDFE1243252", json=body)


def place(wxpay: WeChatPay) -> httpx.Response:
    """A native order."""
    return wxpay.v3.pay.transactions.native.post(json=order)


async def query(wxpay: WeChatPay) -> httpx.Response:
    """Where the order is."""
    return await wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.get_async(
        out_trade_no="1217752501201407033233368018", params={"mchid": "1900000109"}
    )


def close(wxpay: WeChatPay) -> httpx.Response:
    """The end of the order."""
    return wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}/close"].post(
        out_trade_no="1217752501201407033233368018", json={"mchid": "1900000109"}
    )


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

    call: Callable[[Any], httpx.Response | Coroutine[Any, Any, httpx.Response]]
    method: str
    target: str
    status: int
    answer: str = ""


TERMINATIONS = tuple(Step(call, "POST", _TERMINATE, 204) for call in (post, post_async))
ORDER = (
    Step(place, "POST", f"{_ORDERS}/native", 200, r'\{"code_url":"weixin://wxpay/[^"]+"\}'),
    Step(query, "GET", f"{_BY_NUMBER}?mchid=1900000109", 200, r'\{.*"trade_state":"NOTPAY".*\}'),
    Step(close, "POST", f"{_BY_NUMBER}/close", 204),
)


def main(out: TextIO = sys.stdout) -> int:
    """Run the demo, and return its exit status."""
    transcript = Transcript(out)
    with Sandbox(port=0) as sandbox, WeChatPay(**sandbox.config) as wxpay:
        transcript.field("sandbox", sandbox.url, depth=0)
        transcript.field("merchant", sandbox.config["mchid"], depth=0)
        transcript.blank()
        transcript.field("signed", "what the client signed, as the sandbox received it", depth=0)
        transcript.field("judged", "what the sandbox thinks of that signature", depth=0)
        transcript.field("verified", "what the sandbox signed, as the client verified it", depth=0)
        transcript.heading("A user's authorization ends: three spellings, sync and async")
        transcript.code(f"body = {json.dumps(body, ensure_ascii=False)}")
        for spelling in (by_attributes, by_chain, by_key):
            transcript.code(f"terminate = {source(spelling)}")
            for step in TERMINATIONS:
                run(step, spelling(wxpay), sandbox, transcript)
        same = by_attributes(wxpay) == by_chain(wxpay) == by_key(wxpay)
        transcript.check("three spellings, one path", same)
        transcript.heading("An order: placed, asked for, closed")
        transcript.code(f"order = {json.dumps(order, ensure_ascii=False, indent=4)}")
        for step in ORDER:
            run(step, wxpay, sandbox, transcript)
    return transcript.summary()


def run(step: Step, argument: object, sandbox: Sandbox, transcript: Transcript) -> None:
    """Make one call, and print what became of it on both sides."""
    before = len(sandbox.exchanges)
    transcript.code(f"response = {source(step.call)}", depth=1)
    try:
        called = step.call(argument)
        response = asyncio.run(called) if isinstance(called, Coroutine) else called
    except WeChatPayError as error:
        transcript.check(f"{type(error).__name__}: {error}", False)
        return
    *others, exchange = sandbox.exchanges[before:]
    seen = response.extensions["wechatpay"]
    transcript.field("path", exchange.target)
    transcript.field("signed", *_lines(exchange.message))
    transcript.field("judged", exchange.verdict)
    transcript.field("answer", f"{response.status_code} {response.reason_phrase}")
    if response.content:
        transcript.field("", response.text)
    transcript.field("verified", *_lines(exchange.reply_message), f"with {seen['serial']}")
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


def _message(request: httpx.Request) -> bytes:
    """Work out what had to be signed, from the request as httpx sent it."""
    claims = dict(re.findall(r'(\w+)="([^"]*)"', request.headers["authorization"]))
    head = (request.method.encode(), request.url.raw_path)
    stamp = (claims["timestamp"].encode(), claims["nonce_str"].encode())
    return b"".join(line + b"\n" for line in (*head, *stamp, request.content))


def _lines(message: bytes) -> list[str]:
    return [f"{line}\\n" for line in message.decode().split("\n")[:-1]]


if __name__ == "__main__":
    sys.exit(main())
