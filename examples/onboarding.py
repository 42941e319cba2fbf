"""A service provider takes on a merchant: pictures, an application, and waiting.

    python examples/onboarding.py BUSINESS_CODE license.jpg front.jpg back.jpg < person.json

`person.json` says whose shop it is: name, id_number, mobile_phone, email, account_number. All of
that is personal, and encrypted by itself before it leaves this process; nothing is kept or logged.
Run it again with the same BUSINESS_CODE and no pictures to see how the application gets on.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from wechatpay import APIError, WeChatPay


def upload(wxpay: WeChatPay, file: str) -> str:
    """Upload a picture, and return the number under which the application names it."""
    answer: Any = wxpay.v3.merchant.media.upload.post(media=file).json()
    return answer["media_id"]


def apply(
    wxpay: WeChatPay, business_code: str, person: Mapping[str, str], pictures: list[str]
) -> Any:
    """Apply for a small shop. The same BUSINESS_CODE once more changes the application."""
    license_copy, front, back = (upload(wxpay, file) for file in pictures)
    contact: Any = {
        "contact_type": "LEGAL",
        "contact_name": person["name"],
        "mobile_phone": person["mobile_phone"],
        "contact_email": person["email"],
    }
    subject: Any = {
        "subject_type": "SUBJECT_TYPE_INDIVIDUAL",
        "business_license_info": {
            "license_copy": license_copy,
            "license_number": "123456789012345678",
            "merchant_name": "李四网络有限公司",
            "legal_person": person["name"],
        },
        "identity_info": {
            "id_doc_type": "IDENTIFICATION_TYPE_IDCARD",
            "id_card_info": {
                "id_card_copy": front,
                "id_card_national": back,
                "id_card_name": person["name"],
                "id_card_number": person["id_number"],
                "card_period_begin": "2026-06-06",
                "card_period_end": "2036-06-06",
            },
            "owner": True,
        },
    }
    business: Any = {
        "merchant_shortname": "张三餐饮店",
        "service_phone": "0758xxxxx",
        "sales_info": {
            "sales_scenes_type": ["SALES_SCENES_MP"],
            "mp_info": {"mp_appid": "wxd678efh567hg6787"},
        },
    }
    account: Any = {
        "bank_account_type": "BANK_ACCOUNT_TYPE_PERSONAL",
        "account_name": person["name"],
        "account_bank": "工商银行",
        "bank_address_code": "110000",
        "account_number": person["account_number"],
    }
    body: Any = {
        "business_code": business_code,
        "contact_info": contact,
        "subject_info": subject,
        "business_info": business,
        "settlement_info": {"settlement_id": "719", "qualification_type": "餐饮"},
        "bank_account_info": account,
    }
    return wxpay["v3/applyment4sub/applyment/"].post(json=body).json()


def ask(wxpay: WeChatPay, business_code: str) -> Any:
    """Ask how an application gets on; `None` if there is none."""
    applications = wxpay["v3/applyment4sub/applyment/business_code/{business_code}"]
    try:
        return applications.get(business_code=business_code).json()
    except APIError as error:
        if error.status_code == 404:
            return None
        raise


def main() -> None:
    """Apply, and tell how it gets on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("business_code")
    parser.add_argument("pictures", nargs="*", help="of the licence and both sides of the card")
    options = parser.parse_args()
    with WeChatPay.from_env() as wxpay:
        if options.pictures:
            applied = apply(wxpay, options.business_code, json.load(sys.stdin), options.pictures)
            print(applied["applyment_id"])
        found: Any = ask(wxpay, options.business_code) or {"applyment_state": "unknown"}
    print(found["applyment_state"], found.get("applyment_state_msg", ""))
    for item in found.get("audit_detail", []):
        print(item["field"], item["reject_reason"])
    print(found.get("sign_url", ""))


if __name__ == "__main__":
    main()
