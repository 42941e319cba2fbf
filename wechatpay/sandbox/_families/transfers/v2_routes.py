"""APIv2's transfers (企业付款到零钱), for merchants who still have the old transfers.

Who has them is the same as with batches: everybody else is refused with `NO_AUTH`. The money is
there at once. Nothing of `re_user_name` is compared with the user's name, which is not known here.

Official page: https://pay.weixin.qq.com/wiki/doc/api/tools/mch_pay.php?chapter=14_2; who has them:
https://pay.weixin.qq.com/doc/v3/merchant/4015273741 (2025-09-04)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..accounts import Ledger
from ..payments import identity
from . import words
from .batches import Batches

_BASE = "v2/mmpaymkttransfers"
_KIND, _ACCOUNT = "APIv2 transfer", "OPERATION"
_LIMITS: Limits = {
    "partner_trade_no": {"length": (1, 32), "pattern": "[0-9A-Za-z]+"},
    "check_name": {"enum": ("NO_CHECK", "FORCE_CHECK")},
    "amount": {"minimum": 1},
}


def ask(call: IncomingCall) -> Mapping[str, Any]:
    """Ask for a transfer; with the same number again, it is the same one."""
    world, asked = call.world, dict(call.body)
    Batches(world).refuse_unless_allowed()
    with world.store.transaction():
        known = world.store.get(_KIND, asked["partner_trade_no"])
        if known is None:
            known = _made(call, asked)
        elif known["asked"] != asked:
            raise words.ANOTHER_TRANSFER()
    names = ("mch_appid", "mchid", "device_info", "partner_trade_no")
    said = {name: asked[name] for name in names if name in asked}
    return {**said, "payment_no": known["payment_no"], "payment_time": known["time"]}


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of a transfer."""
    known = call.world.store.get(_KIND, call.body["partner_trade_no"])
    if known is None:
        raise words.NO_SUCH_TRANSFER(call.body["partner_trade_no"])
    asked = known["asked"]
    name = {"transfer_name": asked["re_user_name"]} if "re_user_name" in asked else {}
    return {
        "partner_trade_no": asked["partner_trade_no"],
        "appid": asked["mch_appid"],
        "mch_id": asked["mchid"],
        "detail_id": known["payment_no"],
        "status": "SUCCESS",
        "openid": asked["openid"],
        **name,
        "payment_amount": int(asked["amount"]),
        "transfer_time": known["time"],
        "payment_time": known["time"],
        "desc": asked["desc"],
    }


def _made(call: IncomingCall, asked: Mapping[str, str]) -> dict[str, Any]:
    """Move the money of a new transfer.

    Raises:
        Refusal: A name is missing, appid or openid are another's, or there is not enough.
    """
    world, fen = call.world, int(asked["amount"])
    if asked["check_name"] == "FORCE_CHECK" and "re_user_name" not in asked:
        raise words.NAME_TO_CHECK()
    identity.check_elsewhere(world, {"appid": asked["mch_appid"], "openid": asked["openid"]})
    ledger, own = Ledger(world), world.keys.mchid
    if not ledger.has(own, _ACCOUNT, fen):
        raise words.NOT_ENOUGH("")
    payment_no = world.number("1000", _KIND, 14)
    numbers = payment_no, asked["partner_trade_no"]
    ledger.book("企业付款到零钱", -fen, numbers, account=_ACCOUNT)
    time = f"{world.clock.moment():%Y-%m-%d %H:%M:%S}"
    made = {"asked": asked, "payment_no": payment_no, "time": time}
    world.store.put(_KIND, asked["partner_trade_no"], made)
    return made


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/promotion/transfers", ask, limits=_LIMITS),
    EndpointRoute("POST", f"{_BASE}/gettransferinfo", query),
)
