"""The endpoints of stamps, which WeChat Pay does not have: their fields stand here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechatpay.sandbox._endpoint import EndpointRoute, IncomingCall, Tree

from .cards import Cards

_CARD: Tree = {
    "places": {"type": "integer", "required": True, "minimum": 1},
    "notify_url": {"type": "string"},
}


def issue(call: IncomingCall) -> Mapping[str, Any]:
    """Issue a card."""
    return {"card_no": Cards(call.world).issue(call.body).card_no}


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a card is."""
    card = Cards(call.world).find(call.path["card_no"])
    return {"card_no": card.card_no, "stamps": card.stamps, "state": card.state}


ROUTES = (
    EndpointRoute("POST", "v3/stamps/cards", issue, body=_CARD),
    EndpointRoute("GET", "v3/stamps/cards/{card_no}", query),
)
