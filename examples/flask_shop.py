"""A small shop on Flask: order, QR code, notification, refund.

No merchant account is needed to try it. In one shell, a WeChat Pay of your own:

    pip install "wechatpay-openapi[flask,sandbox]"
    python -m wechatpay.sandbox

It prints `export WECHATPAY_…` lines. Paste them into a second shell, and open the shop there:

    python examples/flask_shop.py

In a third one, with the same lines, buy something, and be the customer who scans the QR code:

    curl -X POST http://127.0.0.1:8000/orders
    python -c "from wechatpay import WeChatPay as W; W.from_env()['sandbox/pay/NUMBER'].post()"
    curl http://127.0.0.1:8000/orders/NUMBER
    curl -X POST http://127.0.0.1:8000/orders/NUMBER/refund

With the settings of a real merchant, and `SHOP_URL` the public https:// address of the shop, the
same shop takes real money.
"""

import os
import secrets
from typing import Any

from flask import Flask, abort

from wechatpay import Notification, WeChatPay
from wechatpay.contrib.flask import notified
from wechatpay.replay import MemoryGuard

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
PORT = int(os.environ.get("SHOP_PORT", "8000"))
URL = os.environ.get("SHOP_URL", f"http://127.0.0.1:{PORT}")
PRICE = 100  # in fen, a hundredth of a yuan

wxpay = WeChatPay.from_env()
app = Flask("A small shop")
orders: dict[str, dict[str, Any]] = {}  # a real shop has a database


@app.post("/orders")
def order() -> dict[str, Any]:
    """Sell a cup of tea; the customer pays by scanning a QR code of what `code_url` says."""
    number = secrets.token_hex(16)
    response = wxpay.v3.pay.transactions.native.post(
        json={
            "appid": APPID,
            "mchid": os.environ["WECHATPAY_MCHID"],
            "description": "A cup of tea",
            "out_trade_no": number,
            "notify_url": f"{URL}/wechatpay/notify",
            "amount": {"total": PRICE, "currency": "CNY"},
        }
    )
    orders[number] = {"state": "waiting", "number": number, **response.json()}
    return orders[number]


@app.get("/orders/<number>")
def show(number: str) -> dict[str, Any]:
    """Show where an order is."""
    if number not in orders:
        abort(404)
    return orders[number]


@app.post("/orders/<number>/refund")
def refund(number: str) -> dict[str, Any]:
    """Give the money back."""
    if show(number)["state"] not in ("paid", "refunding"):
        abort(409, "only what is paid can be refunded")
    orders[number]["state"] = "refunding"  # beforehand: the notification may outrun the answer
    wxpay.v3.refund.domestic.refunds.post(
        json={
            "out_trade_no": number,
            "out_refund_no": f"{number}-refund",  # the same again is the same refund
            "notify_url": f"{URL}/wechatpay/notify",
            "amount": {"refund": PRICE, "total": PRICE, "currency": "CNY"},
        }
    )
    return orders[number]


@app.post("/wechatpay/notify")
@notified(wxpay, guard=MemoryGuard())
def notify(notification: Notification) -> None:
    """Take note of what WeChat Pay says; if this fails, WeChat Pay says it again."""
    resource = notification.resource
    sold = orders[resource["out_trade_no"]]
    if resource["amount"]["total"] != PRICE:
        raise ValueError("not the price")
    if notification.event_type == "TRANSACTION.SUCCESS" and sold["state"] == "waiting":
        sold["state"] = "paid"
    elif notification.event_type == "REFUND.SUCCESS":
        sold["state"] = "refunded"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=PORT)
