"""The story of a purchase: order, QR code, payment, notification, refund, and the bill."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wechatpay import bill

from .._terminal import say
from . import words
from ._steps import Step, run

if TYPE_CHECKING:
    import httpx

    from wechatpay import WeChatPay

    from .. import Sandbox
    from ._shop import Shop
    from ._transcript import Transcript

_ORDERS = "/v3/pay/transactions"
_BY_NUMBER = f"{_ORDERS}/out-trade-no/1217752501201407033233368018"
_REFUNDS = "/v3/refund/domestic/refunds"
_UNTIL_TEN = 34 * 3600  # seconds after which a day's bill is there, whenever in the day it is now

order: Any = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "Image形象店-深圳腾大-QQ公仔",
    "out_trade_no": "1217752501201407033233368018",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "amount": {"total": 100, "currency": "CNY"},
}
refund: Any = {
    "out_trade_no": "1217752501201407033233368018",
    "out_refund_no": "1217752501201407033233368018-1",
    "reason": "商品已售完",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "amount": {"refund": 30, "total": 100, "currency": "CNY"},
}


def place(wxpay: WeChatPay, order: Any) -> httpx.Response:
    """A native order."""
    return wxpay.v3.pay.transactions.native.post(json=order)


async def query(wxpay: WeChatPay) -> httpx.Response:
    """Where the order is."""
    return await wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.get_async(
        out_trade_no="1217752501201407033233368018", params={"mchid": "1900000109"}
    )


def give_back(wxpay: WeChatPay, refund: Any) -> httpx.Response:
    """A part of the money."""
    return wxpay.v3.refund.domestic.refunds.post(json=refund)


def query_refund(wxpay: WeChatPay) -> httpx.Response:
    """What became of it."""
    return wxpay.v3.refund.domestic.refunds._out_refund_no_.get(
        out_refund_no="1217752501201407033233368018-1"
    )


def ask_for_bill(wxpay: WeChatPay, day: str) -> httpx.Response:
    """Where the day's bill is."""
    return wxpay.v3.bill.tradebill.get(params={"bill_date": day, "tar_type": "GZIP"})


_PLACE = Step(place, "POST", f"{_ORDERS}/native", 200, r'\{"code_url":"weixin://wxpay/[^"]+"\}')
_GIVE_BACK = Step(give_back, "POST", _REFUNDS, 200, r'\{.*"status":"PROCESSING".*\}')
_QUERY_REFUND = Step(
    query_refund,
    "GET",
    f"{_REFUNDS}/1217752501201407033233368018-1",
    200,
    r'\{.*"status":"SUCCESS".*\}',
)
_BILL = r'\{.*"hash_value":"[0-9a-f]{40}".*\}'


def tell(sandbox: Sandbox, wxpay: WeChatPay, shop: Shop, transcript: Transcript) -> None:
    """Buy something, and tell it call by call."""
    bought, returned = ({**one, "notify_url": shop.url} for one in (order, refund))

    transcript.heading(words.ORDER)
    transcript.code(f"order = {json.dumps(bought, ensure_ascii=False, indent=4)}")
    placed = run(_PLACE, sandbox, transcript, wxpay, bought)
    if placed is None:
        return
    transcript.code(_drawn(placed.json()["code_url"]), depth=2)
    run(_asked("NOTPAY"), sandbox, transcript, wxpay)
    transcript.code(say(words.SCANNED), depth=1)
    sandbox.pay(bought["out_trade_no"])
    _told(sandbox, shop, transcript, "TRANSACTION.SUCCESS")
    run(_asked("SUCCESS"), sandbox, transcript, wxpay)

    transcript.heading(words.REFUND)
    transcript.code(f"refund = {json.dumps(returned, ensure_ascii=False, indent=4)}")
    run(_GIVE_BACK, sandbox, transcript, wxpay, returned)
    _told(sandbox, shop, transcript, "REFUND.SUCCESS")
    run(_QUERY_REFUND, sandbox, transcript, wxpay)

    transcript.heading(words.BILL)
    day = f"{sandbox.advance(0):%Y-%m-%d}"
    sandbox.advance(_UNTIL_TEN)
    target = f"/v3/bill/tradebill?bill_date={day}&tar_type=GZIP"
    run(Step(ask_for_bill, "GET", target, 200, _BILL), sandbox, transcript, wxpay, day)
    _reconcile(wxpay, day, transcript)


def _asked(state: str) -> Step:
    answer = rf'\{{.*"trade_state":"{state}".*\}}'
    return Step(query, "GET", f"{_BY_NUMBER}?mchid=1900000109", 200, answer)


def _drawn(code_url: str) -> str:
    """Draw a QR code; without the extra `sandbox`, return what it would say."""
    try:
        import segno
    except ImportError:
        return code_url
    drawn = io.StringIO()
    segno.make(code_url).terminal(drawn, compact=True)
    return drawn.getvalue()


def _told(sandbox: Sandbox, shop: Shop, transcript: Transcript, event_type: str) -> None:
    """Print what the shop was told, and compare it with what has happened."""
    delivery = sandbox.settle()[-1]
    opened = [(told.event_type, told.resource) for told in shop.told[-1:]]
    where = words.AT.filled(event=delivery.event.event_type, url=delivery.event.url)
    transcript.field(words.NOTIFIED, where)
    for _, resource in opened:
        transcript.field(words.OPENED, json.dumps(resource, ensure_ascii=False))
    transcript.check("the notification is acknowledged", delivery.state == "acknowledged")
    transcript.check(
        f"the shop is told of {event_type}", opened == [(event_type, delivery.event.resource)]
    )


def _reconcile(wxpay: WeChatPay, day: str, transcript: Transcript) -> None:
    """Download the bill, print it, and compare it with the story."""
    answer: Any = ask_for_bill(wxpay, day).json()
    file = io.BytesIO()
    wxpay.download(answer["download_url"], file, sha1=answer["hash_value"])
    trades = bill.trades(file.getvalue())
    for row in trades:
        moved = row.order_amount or -row.refund_amount
        told = words.ROW.filled(number=row.out_trade_no, moved=moved, fee=row.fee)
        transcript.field(row.trade_state, told)
    summary = trades.summary
    transcript.field(words.SUMMARY, ", ".join(f"{name} {value}" for name, value in summary.items()))
    sums = (summary.count, summary.order_amount, summary.refund_amount)
    transcript.check("the bill adds up", sums == (2, Decimal("1.00"), Decimal("0.30")))
