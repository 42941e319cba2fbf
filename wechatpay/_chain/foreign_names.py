"""What was meant by an import from this package of a name that it does not have.

It is loaded only after such an import.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["imported"]

_CLIENT = "from wechatpay import WeChatPay"
_HABITS = {
    # wechatpayv3
    "AsyncWeChatPay": f"{_CLIENT}: one client does both, and awaited verbs end in _async",
    "WeChatPayType": "the product is in the path, as wxpay.v3.pay.transactions.native",
    # wechatpy
    "WeChatPayException": "from wechatpay import WeChatPayError",
    # the PHP SDK
    "AesGcm": "wxpay.notification(headers, body) decrypts, and wechatpay.crypto.aes by itself",
    "Builder": f"{_CLIENT}, and WeChatPay(…) in place of Builder::factory([…])",
    "Formatter": "wxpay.paysign makes what starts a payment on the customer's side",
    "MediaUtil": "a file is uploaded by post(media=…)",
    "Rsa": "keys are paths or PEM text, and wechatpay.crypto.rsa has the rest",
    "Transformer": "from wechatpay import xml",
    # modules of this package
    "MicroPay": "from wechatpay.micropay import MicroPay",
    "PaySign": "from wechatpay.paysign import PaySign",
    "Sandbox": "from wechatpay.sandbox import Sandbox",
}


def imported(name: str, known: Iterable[str]) -> str:
    """Return what takes the place of a name; empty if nothing is known to.

    Args:
        name: What was imported.
        known: What can be.
    """
    if name in _HABITS:
        return _HABITS[name]
    same = [one for one in known if one.lower() == name.lower()]
    return f"from wechatpay import {same[0]}" if same else ""
