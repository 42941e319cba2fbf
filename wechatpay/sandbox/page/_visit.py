"""What comes from a person, and what goes back: pages are functions from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from .._sandbox import Sandbox
    from .._world import World

Item = TypeVar("Item")

_PAGE = 20
_LAST = 10**6


class Shown(NamedTuple):
    """A page to be shown.

    Attributes:
        template: Its template.
        values: What the template knows.
        status: The HTTP status.
    """

    template: str
    values: Mapping[str, Any]
    status: int = 200


class Moved(NamedTuple):
    """Where to go on, after something was done.

    Attributes:
        to: A path of the page's.
    """

    to: str


class Missing(Exception):
    """There is no such thing."""


class Mistake(Exception):
    """What was typed into a form cannot be; the message says why.

    Args:
        why: A key of the table of words, or words as they are.
    """


@dataclass(frozen=True)
class Visit:
    """One request of a person.

    Attributes:
        sandbox: What the page is about.
        path: The values of the path's placeholders.
        query: The parameters of the query.
        form: The fields of the form; empty unless it was sent.
    """

    sandbox: Sandbox
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def world(self) -> World:
        """What the sandbox remembers."""
        return self.sandbox.world

    def typed(self, name: str) -> str:
        """Return what was typed into a field, without the white space around it."""
        return self.form.get(name, "").strip()

    def number(self, name: str) -> float | None:
        """Return the number that was typed into a field; `None` if it was left empty.

        Raises:
            Mistake: It is none.
        """
        text = self.typed(name)
        try:
            return float(text) if text else None
        except ValueError:
            raise Mistake("mistake.number") from None

    def whole(self, name: str) -> int | None:
        """Return the whole number that was typed into a field; `None` if it was left empty.

        Raises:
            Mistake: It is none.
        """
        text = self.typed(name)
        try:
            return int(text) if text else None
        except ValueError:
            raise Mistake("mistake.whole") from None

    def leaf(self, latest: Callable[[int, int], list[Item]]) -> Leaf[Item]:
        """Return the leaf of a long list that the query's `page` names, the first by default.

        Args:
            latest: Returns so many items, after so many others.
        """
        text = self.query.get("page", "")
        at = min(int(text), _LAST) if text.isascii() and text.isdigit() and int(text) else 1
        found = latest(_PAGE + 1, (at - 1) * _PAGE)
        return Leaf(found[:_PAGE], at, more=len(found) > _PAGE)

    def leaf_of(self, items: list[Item]) -> Leaf[Item]:
        """Return a leaf of what is a list already."""
        return self.leaf(lambda limit, skip: items[skip : skip + limit])


@dataclass(frozen=True)
class Leaf(Generic[Item]):
    """A part of a long list.

    Attributes:
        items: What is on it.
        at: Which one it is, from 1.
        more: Whether another one follows.
    """

    items: list[Item]
    at: int
    more: bool


View = Callable[[Visit], "Shown | Moved"]


class Place(NamedTuple):
    """A page, or something that a form does.

    Attributes:
        method: `GET` for a page, `POST` for a form.
        path: The path, with its placeholders in braces.
        view: What shows or does it.
    """

    method: str
    path: str
    view: View
