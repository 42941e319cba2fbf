"""What parameters of orders have to be like, placed one by one or together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..._endpoint import Limit
from . import words
from .order import TradeType

NOTIFY_URL: Limit = {"length": (1, 255), "pattern": r"https?://[^\s/?#]+(/[^\s?#]*)?"}
_RFC3339 = (
    r"([0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
TIME_EXPIRE: Limit = {"pattern": _RFC3339}
NUMBER: Limit = {"length": (6, 32), "pattern": r"[0-9A-Za-z_|*-]+"}

WAYS: Mapping[str, TradeType] = {"jsapi": "JSAPI", "app": "APP", "h5": "MWEB", "native": "NATIVE"}
"""How an order is to be paid, by the last segment of the path where it is placed."""


def expires(body: Mapping[str, Any]) -> float | None:
    """Read until when an order can be paid, in seconds since 1970.

    Raises:
        Refusal: 400 `PARAM_ERROR`: there is no such time.
    """
    found = re.fullmatch(_RFC3339, text) if (text := body.get("time_expire")) else None
    if not found:
        return None
    moment, offset = found.groups()
    try:
        return datetime.fromisoformat(moment + offset.replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise words.NO_SUCH_TIME(text) from error
