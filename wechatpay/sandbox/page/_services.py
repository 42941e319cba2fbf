"""Pay score and complaints: what users agreed to, what they owe, and what they are angry about."""

from __future__ import annotations

from typing import Any

from .._base.refusal import Refusal
from .._families.complaints import Complaints
from .._families.payments import Orders
from .._families.payscore import Permissions, ServiceOrders
from ._visit import Missing, Mistake, Moved, Place, Shown, Visit

_PATH = "/page/payscore"
_LONGEST = 200


def payscore(visit: Visit) -> Shown:
    """Show the service orders and the latest permissions, newest first."""
    leaf = visit.leaf(ServiceOrders(visit.world).latest)
    permissions = Permissions(visit.world).latest()
    return Shown("payscore.html", {"leaf": leaf, "permissions": permissions})


def confirm(visit: Visit) -> Moved:
    """Let the user confirm a service order."""
    visit.sandbox.confirm_service_order(visit.path["number"])
    return Moved(_PATH)


def pay(visit: Visit) -> Moved:
    """Let the user pay a service order."""
    visit.sandbox.pay_service_order(visit.path["number"])
    return Moved(_PATH)


def agree(visit: Visit) -> Moved:
    """Let the user agree to the merchant's service."""
    visit.sandbox.authorize(visit.path["code"])
    return Moved(_PATH)


def end(visit: Visit) -> Moved:
    """Let the user end what was agreed to."""
    visit.sandbox.end_authorization(visit.path["code"])
    return Moved(_PATH)


def complaints(visit: Visit) -> Shown:
    """Show the complaints, newest first, with what was said."""
    kept = Complaints(visit.world)
    leaf = visit.leaf(kept.latest)
    said: dict[str, Any] = {
        each.complaint_id: kept.history(each.complaint_id) for each in leaf.items
    }
    return Shown("complaints.html", {"leaf": leaf, "said_of": said})


def complain(visit: Visit) -> Moved:
    """Let the customer complain about an order."""
    merchant, number = visit.path["merchant"], visit.path["number"]
    try:
        Orders(visit.world).find(merchant, number)
    except Refusal as refusal:
        raise Missing from refusal
    text = visit.typed("text")
    if not 0 < len(text) <= _LONGEST:
        raise Mistake("mistake.text")
    partner = "" if merchant == visit.world.keys.mchid else merchant
    refund = bool(visit.typed("refund"))
    visit.sandbox.complain(number, text, refund=refund, sub_mchid=partner)
    return Moved("/page/complaints")


PLACES = (
    Place("GET", _PATH, payscore),
    Place("POST", "/page/payscore/orders/{number}/confirm", confirm),
    Place("POST", "/page/payscore/orders/{number}/pay", pay),
    Place("POST", "/page/payscore/permissions/{code}/agree", agree),
    Place("POST", "/page/payscore/permissions/{code}/end", end),
    Place("GET", "/page/complaints", complaints),
    Place("POST", "/page/orders/{merchant}/{number}/complain", complain),
)
