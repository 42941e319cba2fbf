"""The verbs that a path ends with."""

from __future__ import annotations

METHODS = ("get", "post", "put", "patch", "delete")
