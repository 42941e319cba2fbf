"""Bills: what happened on a day, in Beijing, as WeChat Pay's files tell it the next morning.

`_trades` and `_flows` write the two kinds of files, without I/O; `_bills` knows what happened when,
and for whom.
"""

from __future__ import annotations

from .bills import Bills

__all__ = ["Bills"]
