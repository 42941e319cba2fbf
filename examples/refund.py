"""Refunds: in parts, and never twice.

    python examples/refund.py OUT_TRADE_NO OUT_REFUND_NO REFUND TOTAL      # both amounts in fen

asks for a refund and waits for what becomes of it. Run it again with the same numbers, after a lost
connection or a crash, and it is the same refund: WeChat Pay goes by `out_refund_no`.
"""

import argparse
import time
from typing import Any

from wechatpay import APIError, TransportError, VerificationError, WeChatPay


def refund(wxpay: WeChatPay, out_trade_no: str, out_refund_no: str, amount: int, total: int) -> Any:
    """Ask for a refund; after an answer that never came, once more with the same number."""
    body: Any = {
        "out_trade_no": out_trade_no,
        "out_refund_no": out_refund_no,
        "amount": {"refund": amount, "total": total, "currency": "CNY"},
    }
    refunds = wxpay.v3.refund.domestic.refunds
    try:
        return refunds.post(json=body).json()
    except (APIError, TransportError, VerificationError) as error:
        if not error.outcome_unknown:
            raise
    return refunds.post(json=body).json()


def wait(wxpay: WeChatPay, out_refund_no: str, patience: float, pause: float = 1) -> Any:
    """Wait while a refund is being processed; it may take days to reach a bank card."""
    deadline = time.monotonic() + patience
    refunds = wxpay.v3.refund.domestic.refunds._out_refund_no_
    while True:
        found: Any = refunds.get(out_refund_no=out_refund_no).json()
        if found["status"] != "PROCESSING" or time.monotonic() > deadline:
            return found
        time.sleep(pause)


def main() -> None:
    """Refund one order, or a part of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out_trade_no")
    parser.add_argument("out_refund_no")
    parser.add_argument("refund", type=int, help="in fen")
    parser.add_argument("total", type=int, help="what the order cost, in fen")
    parser.add_argument("--patience", type=float, default=60, help="seconds")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        refund(wxpay, options.out_trade_no, options.out_refund_no, options.refund, options.total)
        found = wait(wxpay, options.out_refund_no, options.patience)
    print(found["refund_id"], found["status"], found["user_received_account"])


if __name__ == "__main__":
    main()
