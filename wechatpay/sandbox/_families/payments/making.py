"""An order made on the page, as the merchant: by the same routes that the merchant would call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ..._endpoint import IncomingCall, fields
from ..._parts import Mistake, Visit
from ..._world import World
from . import routes
from .order import CUSTOMER

_PATH = "v3/pay/transactions/"
_APPID = "wxd678efh567hg6787"
_EXTRAS: Mapping[str, Mapping[str, Any]] = {
    "native": {},
    "jsapi": {"payer": {"openid": CUSTOMER}},
    "app": {},
    "h5": {"scene_info": {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}},
}
WAYS = tuple(_EXTRAS)
"""How it is to be paid, the usual way first."""


def suggested(world: World) -> str:
    """Return an order number that nobody has used."""
    return f"page-{world.clock.moment():%m%d%H%M%S}-{secrets.token_hex(2)}"


def fen(visit: Visit, name: str) -> int:
    """Return an amount that was typed in yuan, in fen.

    Raises:
        Mistake: It is not an amount.
    """
    yuan = visit.number(name)
    if yuan is None or not 0 < yuan < 10**8:
        raise Mistake("mistake.amount")
    return round(yuan * 100)


def make(visit: Visit) -> str:
    """Place the order of a form, and return its number.

    Raises:
        Mistake: What was typed cannot be.
        Refusal: As the merchant's call.
    """
    way, number = visit.typed("way"), visit.typed("out_trade_no") or suggested(visit.world)
    if way not in _EXTRAS:
        raise Mistake("mistake.way")
    body: dict[str, Any] = {
        "appid": _APPID,
        "mchid": visit.world.keys.mchid,
        "description": visit.typed("description"),
        "out_trade_no": number,
        "notify_url": visit.typed("notify_url"),
        "amount": {"total": fen(visit, "yuan"), "currency": "CNY"},
        **_EXTRAS[way],
    }
    route = next(each for each in routes.ROUTES if each.template == _PATH + way)
    fields.check(body, route.body_tree or {}, "body")
    route.handler(IncomingCall(visit.world, {}, {}, body))
    return number
