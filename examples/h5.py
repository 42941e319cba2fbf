"""H5 payment: from a browser outside WeChat, on a phone.

    python examples/h5.py 198.51.100.7 "A cup of tea" 100      # the price is in fen

prints the URL that the customer's browser is sent to: it opens WeChat, and comes back to your page,
which asks you whether it was paid (as `examples/native.py` does), since nobody else can tell.
"""

import argparse
import os
import secrets
from typing import Any
from urllib.parse import quote

from wechatpay import WeChatPay

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
NOTIFY_URL = os.environ.get("SHOP_NOTIFY_URL", "https://shop.example/wechatpay/notify")
RETURN_URL = os.environ.get("SHOP_RETURN_URL", "https://shop.example/paid")


def order(wxpay: WeChatPay, payer_client_ip: str, description: str, total: int) -> tuple[str, str]:
    """Place an order, and return its number and where to send the browser within 5 minutes.

    `payer_client_ip` is the customer's: WeChat Pay compares it with the browser's that comes.
    """
    out_trade_no = secrets.token_hex(16)
    response = wxpay.v3.pay.transactions.h5.post(
        json={
            "appid": APPID,
            "mchid": os.environ["WECHATPAY_MCHID"],
            "description": description,
            "out_trade_no": out_trade_no,
            "notify_url": NOTIFY_URL,
            "amount": {"total": total, "currency": "CNY"},
            "scene_info": {"payer_client_ip": payer_client_ip, "h5_info": {"type": "Wap"}},
        }
    )
    answer: Any = response.json()
    back = quote(f"{RETURN_URL}?out_trade_no={out_trade_no}", safe="")
    return out_trade_no, f"{answer['h5_url']}&redirect_url={back}"


def main() -> None:
    """Sell one thing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("payer_client_ip")
    parser.add_argument("description")
    parser.add_argument("total", type=int, help="in fen")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        print(*order(wxpay, options.payer_client_ip, options.description, options.total), sep="\n")


if __name__ == "__main__":
    main()
