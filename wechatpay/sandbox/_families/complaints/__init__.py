"""Complaints of customers: what they are, how they are kept, and the pictures that go with them.

`complaint` is the domain: a value, and the transitions of it, without I/O. `complaints` keeps
complaints in a world's store with the history of each, and tells the merchant what happens.
"""

from __future__ import annotations

from .complaint import Complaint, ComplaintState
from .complaints import Complaints
from .family import ComplaintFamily
from .images import Images

__all__ = ["Complaint", "ComplaintFamily", "ComplaintState", "Complaints", "Images"]
