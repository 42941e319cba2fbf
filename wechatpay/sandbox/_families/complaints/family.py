"""Complaints, as a family of the sandbox's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._parts import Card, Family, Menu, PageRoute, Parts, Shown, Visit, action
from ..payments import Order
from . import routes
from .complaints import Complaints
from .words import WORDS


def complaints(visit: Visit) -> Shown:
    """Show the complaints, newest first, with what was said."""
    kept = Complaints(visit.world)
    listed = visit.list_page(kept.latest)
    said = {each.complaint_id: kept.history(each.complaint_id) for each in listed.items}
    return Shown("complaints/complaints.html", {"listed": listed, "said_of": said})


def _of_order(visit: Visit, order: Order) -> Mapping[str, Any]:
    partner = "" if order.merchant == visit.world.keys.mchid else order.merchant
    return {"order": order, "sub_mchid": partner}


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    menu=(Menu("money", "/page/complaints", "menu.complaints"),),
    places=(PageRoute("GET", "/page/complaints", complaints),),
    cards=(Card("order", "complaints/of_order.html", _of_order),),
    tones={"complaint": {"PENDING": "bad", "PROCESSING": "waiting", "PROCESSED": "good"}},
)


class ComplaintFamily(Family, parts=_PARTS):
    """What a customer is angry about."""

    @action(
        "complaints/{out_trade_no}",
        answers="complaint_id",
        limits={"text": {"length": (1, 200)}},
    )
    def complain(
        self, out_trade_no: str, text: str, *, refund: bool = False, sub_mchid: str = ""
    ) -> str:
        """Let the customer complain about an order that was paid, or again about the same one.

        The merchant is notified at the address of `v3/merchant-service/complaint-notifications`.
        Where the sandbox is another process, `POST sandbox/complaints/{out_trade_no}` does, with
        `text`, and with `refund` and `sub_mchid` if need be.

        Args:
            out_trade_no: The merchant's number for the order.
            text: What the customer says.
            refund: Whether the customer wants the money back that the merchant kept.
            sub_mchid: The partner's merchant who was paid, if it was not the merchant.

        Returns:
            The `complaint_id`.

        Raises:
            Refusal: There is no such order, or it was never paid.
        """
        merchant = sub_mchid or self.world.keys.mchid
        made = Complaints(self.world).make(merchant, out_trade_no, text, refund=refund)
        return made.complaint_id
