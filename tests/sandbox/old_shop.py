"""A merchant of the old kind with a till: APIv2's payments in few words."""

from __future__ import annotations

from typing import Any

from wechatpay.sandbox import Sandbox

from .old_dialect import OldMerchant, fields_of, sign

NUMBER = "1217752501201407033233368018"
APPID = "wxd678efh567hg6787"
NOTIFY_URL = "https://www.weixin.qq.com/wxpay/pay.php"
ORDER: Any = {
    "appid": APPID,
    "body": "Image形象店-深圳腾大-QQ公仔",
    "out_trade_no": NUMBER,
    "total_fee": 100,
    "spbill_create_ip": "14.17.22.52",
    "notify_url": NOTIFY_URL,
    "trade_type": "NATIVE",
}
CODE: Any = {
    "appid": APPID,
    "body": "image",
    "out_trade_no": NUMBER,
    "total_fee": 100,
    "spbill_create_ip": "14.17.22.52",
    "auth_code": "130061098828009401",
}
REFUND: Any = {
    "appid": APPID,
    "out_trade_no": NUMBER,
    "out_refund_no": "1217752501201407033233368018-1",
    "total_fee": 100,
    "refund_fee": 40,
}


class Till(OldMerchant):
    """Asks, and sees that every answer is signed as the question was."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.sandbox = sandbox

    def ask(self, path: str, **fields: Any) -> dict[str, str]:
        """Send a message, and return the answer's fields without what all answers have."""
        answer = fields_of(self.call(path, **fields))
        if answer["return_code"] == "SUCCESS":
            signature = answer.pop("sign")
            assert signature == sign(answer, self.secret, fields.get("sign_type", "MD5"))
            assert answer.pop("nonce_str")
        return answer

    def place(self, **change: Any) -> dict[str, str]:
        """Place an order."""
        return self.ask("/pay/unifiedorder", **{**ORDER, **change})

    def pay(self, **change: Any) -> None:
        """Place an order, and have it paid."""
        self.place(**change)
        self.sandbox.pay(str(change.get("out_trade_no", NUMBER)))

    def charge(self, last: int, **change: Any) -> dict[str, str]:
        """Have a code paid that ends with a digit."""
        code = f"13006109882800940{last}"
        return self.ask("/pay/micropay", **{**CODE, "auth_code": code, **change})

    def query(self, **change: Any) -> dict[str, str]:
        """Ask for an order."""
        return self.ask("/pay/orderquery", **{"appid": APPID, "out_trade_no": NUMBER, **change})

    def close(self, **change: Any) -> dict[str, str]:
        """Close an order."""
        return self.ask("/pay/closeorder", **{"appid": APPID, "out_trade_no": NUMBER, **change})

    def reverse(self, **change: Any) -> dict[str, str]:
        """Reverse an order."""
        fields = {"appid": APPID, "out_trade_no": NUMBER, **change}
        return self.ask("/secapi/pay/reverse", **fields)

    def refund(self, **change: Any) -> dict[str, str]:
        """Ask for a refund."""
        return self.ask("/secapi/pay/refund", **{**REFUND, **change})

    def refunds(self, **named: Any) -> dict[str, str]:
        """Ask what became of refunds."""
        return self.ask("/pay/refundquery", **({"appid": APPID} | named))


def refused(answer: dict[str, str]) -> tuple[str, str]:
    """Return the code and the words of an answer that says no."""
    assert (answer["return_code"], answer["result_code"]) == ("SUCCESS", "FAIL")
    return answer["err_code"], answer["err_code_des"]


def failed(answer: dict[str, str]) -> str:
    """Return the words of an answer that takes the message for none."""
    assert answer.keys() == {"return_code", "return_msg"}
    assert answer["return_code"] == "FAIL"
    return answer["return_msg"]
