"""Profit sharing: a part of a payment goes to someone else, the rest is set free.

    python examples/profit_sharing.py TRANSACTION_ID OPENID NAME 30      # the share is in fen

The order has to have been placed with `"settle_info": {"profit_sharing": true}`: its money is held
for up to 30 days until it is shared or set free. Names are encrypted by themselves.
"""

import argparse
import os
import time
from typing import Any

from wechatpay import WeChatPay

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")


def share(
    wxpay: WeChatPay, transaction_id: str, openid: str, name: str, amount: int
) -> tuple[str, Any]:
    """Give a member of the staff a share. The same once more changes nothing: numbers are kept."""
    receiver: Any = {"type": "PERSONAL_OPENID", "account": openid, "name": name}
    known: Any = {"appid": APPID, **receiver, "relation_type": "STAFF"}
    wxpay.v3.profitsharing.receivers.add.post(json=known)
    out_order_no = f"share-{transaction_id}"
    share: Any = {**receiver, "amount": amount, "description": "提成"}
    response = wxpay.v3.profitsharing.orders.post(
        json={
            "appid": APPID,
            "transaction_id": transaction_id,
            "out_order_no": out_order_no,
            "receivers": [share],
            "unfreeze_unsplit": False,
        }
    )
    return out_order_no, response.json()


def wait(
    wxpay: WeChatPay, transaction_id: str, out_order_no: str, patience: float, pause: float = 1
) -> Any:
    """Wait until a share has arrived, or was refused: each receiver has a `result` of its own."""
    deadline = time.monotonic() + patience
    orders = wxpay.v3.profitsharing.orders._out_order_no_
    while True:
        found: Any = orders.get(
            out_order_no=out_order_no, params={"transaction_id": transaction_id}
        ).json()
        if found["state"] == "FINISHED" or time.monotonic() > deadline:
            return found
        time.sleep(pause)


def unfreeze(wxpay: WeChatPay, transaction_id: str) -> Any:
    """Set free what is left of a payment."""
    body: Any = {
        "transaction_id": transaction_id,
        "out_order_no": f"rest-{transaction_id}",
        "description": "解冻全部剩余资金",
    }
    return wxpay.v3.profitsharing.orders.unfreeze.post(json=body).json()


def main() -> None:
    """Share one payment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("transaction_id")
    parser.add_argument("openid")
    parser.add_argument("name")
    parser.add_argument("amount", type=int, help="in fen")
    parser.add_argument("--patience", type=float, default=60, help="seconds")
    options = parser.parse_args()
    paid: str = options.transaction_id
    with WeChatPay.from_env() as wxpay:
        number, _ = share(wxpay, paid, options.openid, options.name, options.amount)
        for receiver in wait(wxpay, paid, number, options.patience)["receivers"]:
            print(receiver["account"], receiver["amount"], receiver["result"])
        print("rest", unfreeze(wxpay, paid)["state"])


if __name__ == "__main__":
    main()
