"""The numbers that WeChat Pay gives to what merchants ask for, in their usual shapes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from ..._parts import PAGE
from ..._world import World
from .order import TradeType

_CASHIER = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb"


def transaction_id(world: World) -> str:
    """Return WeChat Pay's number for an order that is being paid, 28 digits."""
    return world.number("42", "transaction", 10, noise=8)


def handle(world: World, trade_type: TradeType) -> Mapping[str, str]:
    """Return what the customer's side needs to pay, by the name of the answer's field."""
    if trade_type == "MICROPAY":
        return {}  # the customer has shown the code already
    if trade_type == "NATIVE":
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={secrets.token_urlsafe(7)}"}
    prepay_id = f"wx{world.clock.moment():%d%H%M%S}{secrets.token_hex(13)}"
    if trade_type == "MWEB":
        package = secrets.randbelow(10**10)
        # Where there is a page, the browser that it is meant for finds a checkout there.
        page = next((each() for each in PAGE.of(world)), "")
        cashier = f"{page}/page/h5" if page else _CASHIER
        return {"h5_url": f"{cashier}?prepay_id={prepay_id}&package={package}"}
    return {"prepay_id": prepay_id}
