"""Which services a merchant may use, and what it has arranged about them.

The documentation's samples are the merchant's, and so is whatever has as many digits as a real one;
any other has to be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..._world import World
from . import words

_KIND, _LATE = "pay-score service", "pay-score late cancellation"
_OWN = re.compile("500001|88888888000011|[0-9]{20,32}")


class Services:
    """The services, by their numbers.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._store = world.store

    def allow(self, service_id: str) -> None:
        """Let the merchant use one more."""
        self._store.put(_KIND, service_id, {"service_id": service_id})

    def refuse_unless_allowed(self, parameters: Mapping[str, Any]) -> None:
        """Check that the merchant may use the one that a call's parameters name.

        Raises:
            Refusal: 403 `NO_AUTH`: it may not.
        """
        number: str = parameters["service_id"]
        if not _OWN.fullmatch(number) and self._store.get(_KIND, number) is None:
            raise words.NO_SERVICE(number)

    @property
    def late_cancellation(self) -> bool:
        """Whether an order may be cancelled after it was completed."""
        late: bool = (self._store.get(_LATE, "") or {"allow": False})["allow"]
        return late

    def arrange(self, *, late_cancellation: bool) -> None:
        """Say whether an order may be cancelled after it was completed."""
        self._store.put(_LATE, "", {"allow": late_cancellation})
