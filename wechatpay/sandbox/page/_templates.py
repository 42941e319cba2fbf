"""The templates of the frame and of every family, and all that each of them knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined

from .._parts import Action, Member, Menu, Tone
from . import _show

_FRAME = __package__ or ""
_START = Menu("customer", "/", "menu.start")
_WIRE = (("/page/requests", "menu.requests"), ("/page/notifications", "menu.notifications"))
_CONTROL = (
    ("/page/faults", "menu.faults"),
    ("/page/clock", "menu.clock"),
    ("/page/endpoints", "menu.endpoints"),
)
_TONES: Mapping[str, Mapping[str, Tone]] = {
    "delivery": {
        "under way": "waiting",
        "acknowledged": "good",
        "to be repeated": "waiting",
        "given up": "bad",
        "not sent": "over",
    },
    "attempt": {
        "acknowledged": "good",
        "refused": "bad",
        "timed out": "bad",
        "unreachable": "bad",
    },
    "level": {"simulated": "good", "shaped": "over"},
}
"""How the states of the frame's own things look."""


def segment(text: str) -> str:
    """Write a number so that it can stand in a path."""
    return quote(text, safe="")


_FILTERS: Mapping[str, Callable[..., str]] = {
    each.__name__: each
    for each in (
        *(_show.money, _show.moment, _show.body, _show.header, _show.qr),
        segment,
    )
}


def tones(families: tuple[Member, ...]) -> dict[str, Mapping[str, Tone]]:
    """Return how states look, by what they are of; `order.NOTPAY` and so on are the words."""
    found = dict(_TONES)
    for each in families:
        found |= each.parts.tones
    return found


class Templates:
    """The templates; whatever stands in one is escaped.

    Args:
        families: Whose templates there are, beside the frame's.
    """

    def __init__(self, families: tuple[Member, ...]) -> None:
        self._packages = {each.name: each.package for each in families}
        self._environment = Environment(
            loader=FunctionLoader(self._source),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(_FILTERS)
        actions = {action.name: action for each in families for action in each.actions}
        known: dict[str, Any] = {
            "states": tones(families),
            "menu": _menu(families),
            "form_of": partial(_form, actions),
        }
        self._environment.globals.update(known)
        self.style = (files(_FRAME) / "style.css").read_text("utf-8")

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Write a page.

        Args:
            template: Its template.
            values: What the template knows, beside the states and the menu.
        """
        return self._environment.get_template(template).render(values)

    def _source(self, template: str) -> str:
        family, slash, name = template.rpartition("/")
        package = self._packages[family] if slash else _FRAME
        return (files(package) / "templates" / name).read_text("utf-8")


def _menu(families: tuple[Member, ...]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What one can go to, in groups: the words for each, and where it is."""
    links = (_START, *(link for each in families for link in each.parts.menu))
    groups = {group: [each[1:] for each in links if each.group == group] for group in _GROUPS}
    own = {"wire": _WIRE, "control": _CONTROL}
    return tuple((f"menu.{name}", tuple(group)) for name, group in {**groups, **own}.items())


_GROUPS = ("customer", "money")


def _form(
    actions: Mapping[str, Action], name: str, given: Mapping[str, object]
) -> tuple[str, dict[str, object]]:
    """Return where the form of an action is sent, and what of the given does not go into that."""
    action = actions[name]
    path, rest = f"/page/{action.route.template}", dict(given)
    for each in action.route.placeholders:
        path = path.replace(f"{{{each}}}", segment(str(rest.pop(each))))
    return path, rest
