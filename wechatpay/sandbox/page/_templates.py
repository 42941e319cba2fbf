"""The templates, and all that each of them knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import _show
from ._states import STATES

_HERE = Path(__file__).parent
_MENU = (
    ("menu.customer", (("/", "start"), ("/page/checkout", "checkout"))),
    (
        "menu.money",
        (
            ("/page/orders", "orders"),
            ("/page/refunds", "refunds"),
            ("/page/transfers", "transfers"),
            ("/page/shares", "shares"),
            ("/page/payscore", "payscore"),
            ("/page/complaints", "complaints"),
        ),
    ),
    ("menu.wire", (("/page/requests", "requests"), ("/page/notifications", "notifications"))),
    (
        "menu.control",
        (("/page/faults", "faults"), ("/page/clock", "clock"), ("/page/endpoints", "endpoints")),
    ),
)
"""What one can go to, in groups: the words for each, and where it is."""


def segment(text: str) -> str:
    """Write a number so that it can stand in a path."""
    return quote(text, safe="")


_FILTERS: Mapping[str, Callable[..., str]] = {
    each.__name__: each
    for each in (_show.money, _show.moment, _show.span, _show.body, _show.header, segment)
}


class Templates:
    """The templates; whatever stands in one is escaped."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(_FILTERS)
        known: dict[str, Any] = {"states": STATES, "menu": _MENU}
        self._environment.globals.update(known)
        self.style = (_HERE / "style.css").read_text("utf-8")

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Write a page.

        Args:
            template: Its template.
            values: What the template knows, beside the states and the menu.
        """
        return self._environment.get_template(template).render(values)
