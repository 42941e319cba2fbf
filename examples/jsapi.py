"""JSAPI payment: inside WeChat, in a web page or a mini program.

    python examples/jsapi.py OPENID "A cup of tea" 100      # the price is in fen

places an order for one user, and prints what the page passes to `WeixinJSBridge.invoke`, or a mini
program to `wx.requestPayment`. Both have to get it from your server: it is signed.
"""

import argparse
import json
import os
import secrets
from typing import Any

from wechatpay import WeChatPay

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
NOTIFY_URL = os.environ.get("SHOP_NOTIFY_URL", "https://shop.example/wechatpay/notify")


def order(wxpay: WeChatPay, openid: str, description: str, total: int) -> tuple[str, str]:
    """Place an order, and return its number and its `prepay_id`, which is good for two hours."""
    out_trade_no = secrets.token_hex(16)
    response = wxpay.v3.pay.transactions.jsapi.post(
        json={
            "appid": APPID,
            "mchid": os.environ["WECHATPAY_MCHID"],
            "description": description,
            "out_trade_no": out_trade_no,
            "notify_url": NOTIFY_URL,
            "amount": {"total": total, "currency": "CNY"},
            "payer": {"openid": openid},
        }
    )
    answer: Any = response.json()
    return out_trade_no, answer["prepay_id"]


def start(wxpay: WeChatPay, prepay_id: str) -> dict[str, Any]:
    """Sign what starts the payment, for a page and for a mini program."""
    return {
        "getBrandWCPayRequest": wxpay.paysign.jsapi(APPID, prepay_id),
        "wx.requestPayment": wxpay.paysign.miniprogram(APPID, prepay_id),
    }


def main() -> None:
    """Sell one thing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("openid")
    parser.add_argument("description")
    parser.add_argument("total", type=int, help="in fen")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        number, prepay_id = order(wxpay, options.openid, options.description, options.total)
        print(json.dumps({"out_trade_no": number, **start(wxpay, prepay_id)}, indent=2))


if __name__ == "__main__":
    main()
