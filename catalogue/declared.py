"""Classes as a source declares them, and the trees that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .models import Item, Tree

__all__ = ["Class", "Classes", "Member"]

_DEPTH = 9


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a class.

    Attributes:
        name: Its name on the wire.
        code: Its name in the code.
        type: Its type in the code, without what says that it is a list.
        listed: Whether it is a list.
        facts: What else is said of it, by the names of `Item`'s attributes.
        outside: Whether it is not part of the body.
        says: Where it stands.
    """

    name: str
    code: str
    type: str
    listed: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outside: bool = False
    says: str = ""


@dataclass(slots=True)
class Class:
    """A class, a structure or an enumeration.

    Attributes:
        name: With those that it stands in, joined by dots.
        package: What its name is unique within.
        members: Its fields.
        values: Its values, if it is an enumeration.
        base: The class it inherits from.
        imports: Full names by short ones.
    """

    name: str
    package: str
    members: list[Member] = field(default_factory=list[Member])
    values: tuple[str, ...] = ()
    base: str = ""
    imports: Mapping[str, str] = field(default_factory=dict[str, str])


class Classes:
    """All classes of a source, found by the names that stand in its code.

    Args:
        scalars: The catalogue's types of the code's own.
    """

    def __init__(self, scalars: Mapping[str, str]) -> None:
        self._scalars = scalars
        self._known: dict[str, Class] = {}
        self._short: dict[str, list[Class]] = {}

    def add(self, found: Class) -> None:
        """Enter a class."""
        self._known.setdefault(f"{found.package}.{found.name}", found)
        self._short.setdefault(found.name.rpartition(".")[2], []).append(found)

    def find(self, name: str, near: Class | None) -> Class | None:
        """Return the class of a name that stands in another class."""
        if name in self._known:
            return self._known[name]
        if near is not None:
            parts = near.name.split(".")
            for length in range(len(parts), -1, -1):
                path = ".".join((near.package, *parts[:length], name))
                if path in self._known:
                    return self._known[path]
            head, _, rest = name.partition(".")
            if head in near.imports:
                full = near.imports[head] + (f".{rest}" if rest else "")
                if full in self._known:
                    return self._known[full]
            base = self.find(near.base, None) if near.base else None
            found = self.find(name, base) if base is not None and base is not near else None
            if found is not None:
                return found
        candidates = self._short.get(name.rpartition(".")[2], [])
        wanted = [each for each in candidates if each.name.endswith(name)]
        return wanted[0] if len(wanted) == 1 else None

    def members(self, found: Class) -> dict[str, tuple[Member, Class]]:
        """Return the members of a class and its bases by name, each with the class it is of."""
        members: dict[str, tuple[Member, Class]] = {}
        seen: set[int] = set()
        here: Class | None = found
        while here is not None and id(here) not in seen:
            seen.add(id(here))
            for member in here.members:
                members.setdefault(member.name, (member, here))
            here = self.find(here.base, here) if here.base else None
        return members

    def tree(
        self, found: Class, depth: int = 0, within: tuple[int, ...] = (), **how: bool
    ) -> dict[str, Item]:
        """Return the tree of a class, but for members that are ``outside``."""
        return {
            name: self.item(member, owner, depth, (*within, id(found)))
            for name, (member, owner) in self.members(found).items()
            if not member.outside or how.get("outside")
        }

    def item(
        self,
        member: Member,
        owner: Class,
        depth: int = 0,
        within: tuple[int, ...] = (),
    ) -> Item:
        """Return what a member says."""
        facts: dict[str, Any] = dict(member.facts)
        fields: Tree = {}
        kind = self._scalars.get(member.type)
        if kind is None:
            inner = self.find(member.type, owner)
            kind = "object"
            if inner is not None and inner.values:
                kind = "string"
                facts = {"values": inner.values, "closed": True, **facts}
            elif inner is not None and id(inner) not in within and depth < _DEPTH:
                fields = self.tree(inner, depth + 1, within)
        facts.setdefault("type", f"array<{kind}>" if member.listed else kind)
        return Item(**facts, fields=fields, says=member.says)
