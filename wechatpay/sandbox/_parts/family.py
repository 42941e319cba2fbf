"""A family: all that the sandbox knows of some endpoints, in one folder, registered by one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from .._base import Text, Words
from .._endpoint import EndpointRoute
from .._world import World
from .actions import Action, actions_of
from .pages import Card, Menu, PageRoute, Tone
from .rows import FLOWS, TRADES, Flow, TradeRow


def _nothing(_: World) -> None:
    """Register nothing."""


@dataclass(frozen=True)
class Parts:
    """What a family brings, beside the actions that it declares.

    Attributes:
        routes: Its endpoints.
        words: What its templates and buttons say, by name; a button says `do.` and the action's
            name.
        attend: Called once for each world: it registers the functions of the family's
            appointments, and adds functions to other families' hooks.
        trades: Its rows in trade bills, of a world, from a moment to before another, in seconds
            since 1970.
        flows: Its rows in fund-flow bills, likewise.
        menu: Its links in the page's menu.
        places: Its pages, and what forms do that are not an action's.
        cards: What it adds to pages of others.
        tones: How the states of its things look, by what they are of.
    """

    routes: tuple[EndpointRoute, ...] = ()
    words: Words = field(default_factory=dict[str, Text])
    attend: Callable[[World], object] = _nothing
    trades: Callable[[World, float, float], Iterable[TradeRow]] | None = None
    flows: Callable[[World, float, float], Iterable[Flow]] | None = None
    menu: tuple[Menu, ...] = ()
    places: tuple[PageRoute, ...] = ()
    cards: tuple[Card, ...] = ()
    tones: Mapping[str, Mapping[str, Tone]] = field(default_factory=dict[str, Mapping[str, Tone]])


class Family:
    """What can be done in a family: its methods are what a customer does, marked by `action`.

    A subclass says what the family brings, and `Sandbox` is a subclass of all of them:

        class TransferFamily(Family, parts=Parts(routes=ROUTES)): ...

    A sandbox has the families that are its bases: to add another one, derive from both.

        class ShopSandbox(Sandbox, StampFamily): ...

    Attributes:
        world: What the sandbox remembers.
    """

    world: World

    def __init_subclass__(cls, *, parts: Parts | None = None) -> None:
        """Note what the family brings; a class without parts is not a family of its own."""
        super().__init_subclass__()
        if parts is not None:
            _PARTS[cls] = parts


_PARTS: WeakKeyDictionary[type[Family], Parts] = WeakKeyDictionary()


class Member(NamedTuple):
    """One family of a sandbox.

    Attributes:
        package: Its folder, as a package: its `templates` are there, and each is named after the
            folder, such as `transfers/transfer.html`.
        parts: What it brings.
        actions: What a customer does in it.
    """

    package: str
    parts: Parts
    actions: tuple[Action, ...]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.package.rpartition(".")[2]

    @property
    def routes(self) -> tuple[EndpointRoute, ...]:
        """All that it can be asked for, by the merchant and for the customer."""
        return (*self.parts.routes, *(each.route for each in self.actions))

    def attend(self, world: World) -> None:
        """Set the families up in a world."""
        self.parts.attend(world)
        if trades := self.parts.trades:
            TRADES.add(world, lambda start, end: trades(world, start, end))
        if flows := self.parts.flows:
            FLOWS.add(world, lambda start, end: flows(world, start, end))


_MEMBERS: WeakKeyDictionary[type[Family], tuple[Member, ...]] = WeakKeyDictionary()


def members(cls: type[Family]) -> tuple[Member, ...]:
    """Return the families that a class has among its bases, in their order.

    Raises:
        TypeError: Two of them have the same endpoint, action or word.
    """
    if cls not in _MEMBERS:
        _MEMBERS[cls] = _members(cls)
    return _MEMBERS[cls]


def _members(cls: type[Family]) -> tuple[Member, ...]:
    found = [each for each in cls.__mro__ if each in _PARTS]
    made = tuple(Member(_package(each), _PARTS[each], actions_of(each)) for each in found)
    names = [name for each in made for name in _names(each)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TypeError(f"two families have the same {', '.join(twice)}")
    return made


def _package(family: type[Family]) -> str:
    return sys.modules[family.__module__].__package__ or family.__module__


def _names(member: Member) -> Iterable[str]:
    yield f"folder {member.name}"
    yield from (f"{each.method} {each.template}" for each in member.routes)
    yield from (f"{each.name}()" for each in member.actions)
    yield from (f'word "{each}"' for each in member.parts.words)
