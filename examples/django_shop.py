"""A small shop on Django: order, QR code, notification, refund.

No merchant account is needed to try it. In one shell, a WeChat Pay of your own:

    pip install "wechatpay-openapi[django,sandbox]"
    python -m wechatpay.sandbox

It prints `export WECHATPAY_…` lines. Paste them into a second shell, and open the shop there:

    python examples/django_shop.py

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
import sys
from typing import Any

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from wechatpay import Notification, WeChatPay
from wechatpay.contrib.django import notified
from wechatpay.replay import MemoryGuard

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
PORT = int(os.environ.get("SHOP_PORT", "8000"))
URL = os.environ.get("SHOP_URL", f"http://127.0.0.1:{PORT}")
PRICE = 100  # in fen, a hundredth of a yuan

wxpay = WeChatPay.from_env()
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
)
orders: dict[str, dict[str, Any]] = {}  # a real shop has models


@csrf_exempt  # for curl's sake: a real shop has a form, with a token
@require_POST
def order(_: HttpRequest) -> JsonResponse:
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
    return JsonResponse(orders[number])


@require_GET
def show(_: HttpRequest, number: str) -> JsonResponse:
    """Show where an order is."""
    if number not in orders:
        raise Http404
    return JsonResponse(orders[number])


@csrf_exempt
@require_POST
def refund(_: HttpRequest, number: str) -> JsonResponse:
    """Give the money back."""
    if number not in orders:
        raise Http404
    if orders[number]["state"] not in ("paid", "refunding"):
        return JsonResponse({"error": "only what is paid can be refunded"}, status=409)
    orders[number]["state"] = "refunding"  # beforehand: the notification may outrun the answer
    wxpay.v3.refund.domestic.refunds.post(
        json={
            "out_trade_no": number,
            "out_refund_no": f"{number}-refund",  # the same again is the same refund
            "notify_url": f"{URL}/wechatpay/notify",
            "amount": {"refund": PRICE, "total": PRICE, "currency": "CNY"},
        }
    )
    return JsonResponse(orders[number])


@notified(wxpay, guard=MemoryGuard())
def notify(_: HttpRequest, notification: Notification) -> None:
    """Take note of what WeChat Pay says; if this fails, WeChat Pay says it again."""
    resource = notification.resource
    sold = orders[resource["out_trade_no"]]
    if resource["amount"]["total"] != PRICE:
        raise ValueError("not the price")
    if notification.event_type == "TRANSACTION.SUCCESS" and sold["state"] == "waiting":
        sold["state"] = "paid"
    elif notification.event_type == "REFUND.SUCCESS":
        sold["state"] = "refunded"


urlpatterns = [
    path("orders", order),
    path("orders/<number>", show),
    path("orders/<number>/refund", refund),
    path("wechatpay/notify", notify),
]

if __name__ == "__main__":
    # One process: these orders are in its memory.
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{PORT}"])
