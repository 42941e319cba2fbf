"""Accounts: what a merchant has on each, how money comes from a bank, and how it goes to one.

`Ledger` is what other families move money with; every balance is the sum of what was moved.
"""

from __future__ import annotations

from .days import working_day_after
from .family import AccountFamily
from .ledger import Balance, Ledger

__all__ = ["AccountFamily", "Balance", "Ledger", "working_day_after"]
