"""What a customer sees: an order to be paid, by a code to be scanned or by a sheet."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from .._base.refusal import Refusal
from .._families.payments import Order, Orders
from . import _show
from ._visit import Missing, Mistake, Moved, Place, Shown, View, Visit

_FEW = 10
_WAITING = ("NOTPAY", "USERPAYING")


def scanner(visit: Visit) -> Shown:
    """Show where a `code_url` can be pasted, and the orders that wait."""
    waiting = [each for each in Orders(visit.world).latest(_FEW) if each.trade_state in _WAITING]
    return Shown("scan.html", {"orders": waiting})


def scan(visit: Visit) -> Moved:
    """Go to the order of a `code_url`, an `h5_url`, a `prepay_id` or an order number."""
    text = visit.typed("code")
    if not text:
        raise Mistake("mistake.code")
    orders = Orders(visit.world)
    try:
        order = orders.scanned(text)
    except Refusal:
        order = orders.named(text)
    return Moved(_path(order.number))


def checkout(visit: Visit) -> Shown:
    """Show what a customer sees of an order."""
    order = _order(visit)
    parts = [order]
    if order.combine_out_trade_no:
        orders = Orders(visit.world)
        parts = orders.parts(orders.find_combined(order.combine_out_trade_no))
    code_url = order.handle.get("code_url")
    values = {
        "order": order,
        "parts": parts,
        "total": sum(part.total for part in parts),
        "waiting": order.trade_state in _WAITING,
        "over": visit.world.clock() >= order.expires,
        "handle": next(iter(order.handle.values()), ""),
        "qr": _show.qr(code_url) if code_url else "",
        "done": visit.query.get("done"),
    }
    return Shown("checkout.html", values)


def _doing(done: str, do: Callable[[Visit, str], object]) -> View:
    """Do something as the customer, and show the order again."""

    def view(visit: Visit) -> Moved:
        number = _order(visit).number
        do(visit, number)
        return Moved(f"{_path(number)}?done={done}")

    return view


def _path(number: str) -> str:
    return f"/page/checkout/{quote(number, safe='')}"


def _order(visit: Visit) -> Order:
    try:
        return Orders(visit.world).named(visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal


PLACES = (
    Place("GET", "/page/checkout", scanner),
    Place("POST", "/page/scan", scan),
    Place("GET", "/page/checkout/{number}", checkout),
    Place(
        "POST",
        "/page/checkout/{number}/pay",
        _doing("paid", lambda visit, number: visit.sandbox.pay(number)),
    ),
    Place(
        "POST",
        "/page/checkout/{number}/cancel",
        _doing("cancelled", lambda visit, number: visit.sandbox.fail(number)),
    ),
    Place(
        "POST",
        "/page/checkout/{number}/fail",
        _doing("failed", lambda visit, number: visit.sandbox.fail(number)),
    ),
)
