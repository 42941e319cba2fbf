"""Accounts on the page: what there is, and what goes to the bank and comes from it."""

from __future__ import annotations

from collections.abc import Mapping

from ..._parts import Menu, PageRoute, Shown, Tone, Visit
from .ledger import ACCOUNTS, Ledger
from .recharges import Recharges
from .reservation import Reservations
from .withdrawals import Withdrawals

TONES: Mapping[str, Mapping[str, Tone]] = {
    "withdrawal": {
        "INIT": "bad",
        "CREATE_SUCCESS": "waiting",
        "SUCCESS": "good",
        "FAIL": "bad",
        "REFUND": "bad",
        "CLOSE": "over",
    },
    "reservation": {
        "CREATED": "waiting",
        "PROCESSING": "waiting",
        "FINISHED": "good",
        "ABNORMAL": "bad",
    },
    "recharge": {"RECHARGING": "waiting", "SUCCESS": "good", "CLOSED": "over"},
}
NAMES = {
    "BASIC": "account.BASIC",
    "OPERATION": "account.OPERATION",
    "FEES": "account.FEES",
    "DEPOSIT": "account.DEPOSIT",
}
"""What each account is called, by name."""


def accounts(visit: Visit) -> Shown:
    """Show every account on which there is something else than at the beginning."""
    world, ledger = visit.world, Ledger(visit.world)
    own = [(world.keys.mchid, each) for each in ACCOUNTS[:3]]
    others = [each for each in ledger.used() if each not in own]
    rows = [(*each, ledger.balance(*each)) for each in (*own, *others)]
    values = {
        "rows": rows,
        "names": NAMES,
        "listed": visit.list_page(Withdrawals(world).latest),
        "reservations": Reservations(world).latest(),
        "recharges": Recharges(world).latest(),
    }
    return Shown("accounts/accounts.html", values)


MENU = (Menu("money", "/page/accounts", "menu.accounts"),)
PLACES = (PageRoute("GET", "/page/accounts", accounts),)
