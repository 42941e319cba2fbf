"""Native payment: a QR code that the customer scans.

    python examples/native.py "A cup of tea" 100      # the price is in fen

prints the order's number and the QR code (with the extra `sandbox`, or segno; else the text that it
has to say), waits until the customer has paid, and closes the order if nobody does in time.
"""

import argparse
import contextlib
import os
import secrets
import time
from typing import Any

from wechatpay import APIError, WeChatPay

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
NOTIFY_URL = os.environ.get("SHOP_NOTIFY_URL", "https://shop.example/wechatpay/notify")


def order(wxpay: WeChatPay, description: str, total: int) -> tuple[str, str]:
    """Place an order, and return its number and what its QR code has to say."""
    out_trade_no = secrets.token_hex(16)
    response = wxpay.v3.pay.transactions.native.post(
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
    return out_trade_no, answer["code_url"]


def ask(wxpay: WeChatPay, out_trade_no: str) -> Any:
    """Ask what became of an order."""
    orders = wxpay.v3.pay.transactions.outTradeNo._out_trade_no_
    mchid = os.environ["WECHATPAY_MCHID"]
    return orders.get(out_trade_no=out_trade_no, params={"mchid": mchid}).json()


def wait(wxpay: WeChatPay, out_trade_no: str, patience: float, pause: float = 1) -> Any:
    """Wait until an order is paid; one that is not paid in time is closed, and told as such.

    A shop with a `notify_url` is told, and asks only where it was not.
    """
    deadline = time.monotonic() + patience
    while (found := ask(wxpay, out_trade_no))["trade_state"] == "NOTPAY":
        if time.monotonic() > deadline:
            try:
                wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.close.post(
                    out_trade_no=out_trade_no, json={"mchid": os.environ["WECHATPAY_MCHID"]}
                )
            except APIError as error:
                if error.code != "ORDERPAID":  # else it was paid in the last moment
                    raise
            return ask(wxpay, out_trade_no)
        time.sleep(pause)
    return found


def main() -> None:
    """Sell one thing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("description")
    parser.add_argument("total", type=int, help="in fen")
    parser.add_argument("--patience", type=float, default=300, help="seconds")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        out_trade_no, code_url = order(wxpay, options.description, options.total)
        print(out_trade_no)
        with contextlib.suppress(ImportError):
            import segno

            segno.make(code_url).terminal(compact=True)
        print(code_url, flush=True)
        found = wait(wxpay, out_trade_no, options.patience)
        print(found["trade_state"], found.get("transaction_id", ""))


if __name__ == "__main__":
    main()
