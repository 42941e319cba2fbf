"""What a family is made of: a customer's actions, its part of the page, and its rows in bills.

What it is asked for are the routes of `_endpoint`; what it may use are the services of a `World`.
"""

from __future__ import annotations

from .actions import SELF, Action, action
from .family import Family, Member, Parts, members
from .pages import (
    PAGE,
    About,
    Card,
    Happening,
    ListPage,
    Menu,
    Missing,
    Mistake,
    PageRoute,
    Redirect,
    Shown,
    Tone,
    View,
    Visit,
)
from .rows import FLOWS, OPENING, RATE, TRADES, Flow, TradeRow, fee_in_fen

__all__ = [
    "FLOWS",
    "OPENING",
    "PAGE",
    "RATE",
    "SELF",
    "TRADES",
    "About",
    "Action",
    "Card",
    "Family",
    "Flow",
    "Happening",
    "ListPage",
    "Member",
    "Menu",
    "Missing",
    "Mistake",
    "PageRoute",
    "Parts",
    "Redirect",
    "Shown",
    "Tone",
    "TradeRow",
    "View",
    "Visit",
    "action",
    "fee_in_fen",
    "members",
]
