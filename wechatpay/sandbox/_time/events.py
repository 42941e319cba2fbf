"""What a merchant is to be notified of, and those who see to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .._base import Store

Form = Literal["v3", "MD5", "HMAC-SHA256", "req_info", "event"]
"""How a notification is written: as APIv3's; or as APIv2's, signed so, or encrypted so; `event` is
pay score's of old, which is both."""


@dataclass(frozen=True)
class Event:
    """What a merchant is to be notified of.

    Attributes:
        event_type: What has happened, such as `TRANSACTION.SUCCESS`.
        original_type: What the resource is, such as `transaction`.
        summary: The same for people.
        resource: What is going to be encrypted; under APIv2, the fields.
        url: Where the merchant wants to be notified.
        form: How it is written.
    """

    event_type: str
    original_type: str
    summary: str
    resource: Mapping[str, Any] = field(repr=False)
    url: str
    form: Form = "v3"


class Events:
    """Those who carry notifications to the merchant."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: list[Callable[[Event], object]] = []

    def listen(self, listener: Callable[[Event], object]) -> None:
        """Have every event from now on told to someone, within the transaction that it is part of.

        They must not dally, and write what they want to remember to the store.
        """
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        """Tell an event to all who listen; what they write is written with it, or not at all."""
        with self._store.transaction():
            for listener in self._listeners:
                listener(event)
