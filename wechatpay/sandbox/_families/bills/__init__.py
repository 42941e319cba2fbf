"""Bills: what happened on a day, in Beijing, as WeChat Pay's files tell it the next morning.

`trades` and `flows` write the two kinds of files, without I/O; `bills` asks every family what
happened when, and for whom.
"""

from __future__ import annotations

from .bills import Bills
from .family import BillFamily
from .words import NO_BILL

__all__ = ["NO_BILL", "BillFamily", "Bills"]
