"""What comes from a person, and what goes back: pages are functions from one to the other.

A family's part of the page is plain values and templates; the room `page` is the frame around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from .._base import Text
from .._world import Hook, World

Item = TypeVar("Item")
Tone = Literal["good", "waiting", "bad", "over"]
"""How a state looks: all is well, it waits, something went wrong, or it is over."""

PAGE: Hook[Callable[[], str]] = Hook()
"""Where the page is, without a slash at its end; empty as long as there is none."""
_PAGE = 20
_DIGITS = 6


class Menu(NamedTuple):
    """A link in the page's menu.

    Attributes:
        group: `customer` or `money`.
        path: Where it leads, such as `/page/orders`; what lies below it belongs to it.
        words: What it says, by name.
    """

    group: Literal["customer", "money"]
    path: str
    words: str


class Happening(NamedTuple):
    """Something that happened, or is going to.

    Attributes:
        at: When, in seconds since 1970 by the sandbox's clock.
        what: What it says, by name.
        text: What else there is to say.
        tone: Whether it was well.
        link: Where there is more; empty if there is not.
    """

    at: float
    what: str
    text: str = ""
    tone: str = ""
    link: str = ""


@dataclass(frozen=True)
class About:
    """What a page is about: its history is shown, and others add their cards to it.

    Attributes:
        kind: What it is, such as `order`.
        thing: The very one.
        numbers: The numbers by which requests and notifications know it; empty ones do not count.
        happened: What is known of it by itself.
    """

    kind: str
    thing: Any
    numbers: tuple[str, ...]
    happened: tuple[Happening, ...] = ()


class Shown(NamedTuple):
    """A page to be shown.

    Attributes:
        template: Its template.
        values: What the template knows.
        status: The HTTP status.
        about: What it is about, if that has a history.
    """

    template: str
    values: Mapping[str, Any]
    status: int = 200
    about: About | None = None


class Redirect(NamedTuple):
    """Where to go on, after something was done.

    Attributes:
        to: A path of the page's.
    """

    to: str


class Missing(Exception):
    """There is no such thing."""


class Mistake(Exception):
    """What was typed into a form cannot be.

    Attributes:
        why: The name of the words that say why, or the words themselves.
    """

    def __init__(self, why: str | Text) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Visit:
    """One request of a person.

    Attributes:
        world: What the sandbox remembers.
        path: The values of the path's placeholders.
        query: The parameters of the query.
        form: The fields of the form; empty unless it was sent.
    """

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict[str, str])

    def typed(self, name: str) -> str:
        """Return what was typed into a field, without the white space around it."""
        return self.form.get(name, "").strip()

    def number(self, name: str) -> float | None:
        """Return the number that was typed into a field; `None` if it was left empty.

        Raises:
            Mistake: It is not one.
        """
        text = self.typed(name)
        try:
            return float(text) if text else None
        except ValueError:
            raise Mistake("mistake.number") from None

    def whole(self, name: str) -> int | None:
        """Return the whole number that was typed into a field; `None` if it was left empty.

        Raises:
            Mistake: It is not one.
        """
        text = self.typed(name)
        try:
            return int(text) if text else None
        except ValueError:
            raise Mistake("mistake.whole") from None

    def list_page(self, latest: Callable[[int, int], list[Item]]) -> ListPage[Item]:
        """Return the page of a long list that the query's `page` names, the first by default.

        Args:
            latest: Returns so many items, after so many others.
        """
        text = self.query.get("page", "")
        # No page has a number of more digits, and `int` refuses one of thousands.
        is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
        at = max(int(text), 1) if is_number else 1
        found = latest(_PAGE + 1, (at - 1) * _PAGE)
        return ListPage(found[:_PAGE], at, more=len(found) > _PAGE)

    def list_page_of(self, items: list[Item]) -> ListPage[Item]:
        """Return a page of what is a list already."""
        return self.list_page(lambda limit, skip: items[skip : skip + limit])


@dataclass(frozen=True)
class ListPage(Generic[Item]):
    """A part of a long list.

    Attributes:
        items: What is on it.
        at: Which one it is, from 1.
        more: Whether another one follows.
    """

    items: list[Item]
    at: int
    more: bool


View = Callable[[Visit], Shown | Redirect]


class PageRoute(NamedTuple):
    """A page, or something that a form does.

    Attributes:
        method: `GET` for a page, `POST` for a form.
        path: The path, with its placeholders in braces.
        view: What shows or does it.
    """

    method: str
    path: str
    view: View


def _nothing(_: Visit, __: Any) -> tuple[Happening, ...]:
    return ()


class Card(NamedTuple):
    """What a family adds to a page of others.

    Attributes:
        on: What that page is about, such as `order`; `start` for the first page.
        template: Its template.
        values: What the template knows, as `card`: of the visit, and the thing.
        happened: What it knows of the thing's history.
    """

    on: str
    template: str
    values: Callable[[Visit, Any], Mapping[str, Any]]
    happened: Callable[[Visit, Any], Iterable[Happening]] = _nothing
