"""What a merchant gives away: transfers to users, and shares of payments."""

from __future__ import annotations

from urllib.parse import quote

from .._base.refusal import Refusal
from .._families.sharing.sharing import Sharing
from .._families.transfers.transfers import Transfer, Transfers
from .._time.clock import seconds
from ._states import STATES
from ._touched import Happening, history
from ._visit import Missing, Moved, Place, Shown, Visit


def transfers(visit: Visit) -> Shown:
    """Show the transfers, newest first."""
    return Shown("transfers.html", {"leaf": visit.leaf(Transfers(visit.world).latest)})


def transfer(visit: Visit) -> Shown:
    """Show a transfer and its history."""
    found = _transfer(visit)
    numbers = (found.out_bill_no, found.transfer_bill_no)
    tone = STATES["transfer"][found.state]
    own = [
        Happening(seconds(found.create_time) or 0.0, "history.transfer", tone="waiting"),
        Happening(seconds(found.update_time) or 0.0, f"transfer.{found.state}", tone=tone),
    ]
    values = {"transfer": found, "happened": history(visit.sandbox, numbers, own)}
    return Shown("transfer.html", values)


def confirm(visit: Visit) -> Moved:
    """Let the user take the money."""
    number = _transfer(visit).out_bill_no
    visit.sandbox.confirm_transfer(number)
    return Moved(f"/page/transfers/{quote(number, safe='')}")


def shares(visit: Visit) -> Shown:
    """Show the shares, newest first, with what was given back of them."""
    sharing = Sharing(visit.world)
    leaf = visit.leaf(sharing.latest)
    returns = {share.number: sharing.returns(share) for share in leaf.items}
    return Shown("shares.html", {"leaf": leaf, "returns": returns})


def _transfer(visit: Visit) -> Transfer:
    try:
        return Transfers(visit.world).find(visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal


PLACES = (
    Place("GET", "/page/transfers", transfers),
    Place("GET", "/page/transfers/{number}", transfer),
    Place("POST", "/page/transfers/{number}/confirm", confirm),
    Place("GET", "/page/shares", shares),
)
