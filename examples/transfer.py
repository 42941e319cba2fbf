"""A transfer to a user's wallet, who confirms it. For many of them see `many_transfers.py`.

    python examples/transfer.py OUT_BILL_NO OPENID 2000 NAME      # the amount is in fen

prints the state and what the page or the mini program passes to `requestMerchantTransfer`. Run it
again with the same number to see what became of it: no number is ever paid twice.
"""

import argparse
import os
from typing import Any

from wechatpay import APIError, WeChatPay

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
NOTIFY_URL = os.environ.get("SHOP_NOTIFY_URL", "https://shop.example/wechatpay/notify")


def ask(wxpay: WeChatPay, out_bill_no: str) -> Any:
    """Ask for a transfer; `None` if WeChat Pay knows of none."""
    bills = wxpay.v3.fundApp.mchTransfer.transferBills.outBillNo._out_bill_no_
    try:
        return bills.get(out_bill_no=out_bill_no).json()
    except APIError as error:
        if error.status_code == 404:
            return None
        raise


def transfer(wxpay: WeChatPay, out_bill_no: str, openid: str, amount: int, name: str) -> Any:
    """Transfer an amount; the name, which has to be the account's, is encrypted by itself."""
    return wxpay.v3.fundApp.mchTransfer.transferBills.post(
        json={
            "appid": APPID,
            "out_bill_no": out_bill_no,
            "openid": openid,
            "user_name": name,
            "transfer_amount": amount,
            "transfer_remark": "报销",
            "transfer_scene_id": "1005",
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": "骑手"},
                {"info_type": "报酬说明", "info_content": "配送费"},
            ],
            "notify_url": NOTIFY_URL,
        }
    ).json()


def main() -> None:
    """Transfer once, or tell what became of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out_bill_no")
    parser.add_argument("openid")
    parser.add_argument("amount", type=int, help="in fen")
    parser.add_argument("name")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        bill = ask(wxpay, options.out_bill_no) or transfer(
            wxpay, options.out_bill_no, options.openid, options.amount, options.name
        )
    print(bill["transfer_bill_no"], bill["state"], bill.get("fail_reason", ""))
    if package := bill.get("package_info"):
        print(package)


if __name__ == "__main__":
    main()
