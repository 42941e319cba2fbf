"""App payment: from an app of your own.

    python examples/app.py "A cup of tea" 100      # the price is in fen

places an order, and prints what the app passes to the SDK's `PayReq`. The app has to get it from
your server: it is signed with the merchant's key, which never leaves the server.
"""

import argparse
import json
import os
import secrets
from typing import Any

from wechatpay import WeChatPay

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
NOTIFY_URL = os.environ.get("SHOP_NOTIFY_URL", "https://shop.example/wechatpay/notify")


def order(wxpay: WeChatPay, description: str, total: int) -> tuple[str, dict[str, Any]]:
    """Place an order, and return its number and what starts the payment."""
    out_trade_no = secrets.token_hex(16)
    response = wxpay.v3.pay.transactions.app.post(
        json={
            "appid": APPID,
            "mchid": os.environ["WECHATPAY_MCHID"],
            "description": description,
            "out_trade_no": out_trade_no,
            "notify_url": NOTIFY_URL,
            "amount": {"total": total, "currency": "CNY"},
        }
    )
    answer: Any = response.json()
    return out_trade_no, {**wxpay.paysign.app(APPID, answer["prepay_id"])}


def main() -> None:
    """Sell one thing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("description")
    parser.add_argument("total", type=int, help="in fen")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        out_trade_no, request = order(wxpay, options.description, options.total)
        print(json.dumps({"out_trade_no": out_trade_no, "PayReq": request}, indent=2))


if __name__ == "__main__":
    main()
