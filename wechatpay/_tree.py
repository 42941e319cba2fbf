"""Values found by a verb and a path, for the catalogue and for the table of differences."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class PathTree(Generic[T]):
    """Values by verb and path, where a path may have placeholders and literals win over them."""

    __slots__ = ("_literals", "_placeholder", "_values")

    def __init__(self) -> None:
        self._literals: dict[str, PathTree[T]] = {}
        self._placeholder: PathTree[T] | None = None
        self._values: dict[str, T] = {}

    def add(self, verb: str, path: str, value: T) -> None:
        """Enter a value; the first of two that nothing tells apart stays.

        Args:
            verb: In upper case.
            path: A segment ``*`` matches any one that is not empty, be it ``{id}`` or ``42``.
            value: What `find` is to return.
        """
        tree = self
        for segment in path.split("/"):
            if segment == "*":
                tree._placeholder = tree._placeholder or PathTree()
                tree = tree._placeholder
            else:
                tree = tree._literals.setdefault(segment, PathTree())
        tree._values.setdefault(verb, value)

    def find(
        self, verb: str, segments: list[str], start: int = 0, *, near: bool = False
    ) -> T | None:
        """Return the value for these segments from ``start`` on, or `None`.

        Args:
            verb: In the case in which it was added.
            segments: Those of the whole path.
            start: How many of them have led here.
            near: Whether a path is also found that has one slash at its end more or less.
        """
        if start == len(segments):
            found = self._values.get(verb)
            if found is None and near and "" in self._literals:
                found = self._literals[""]._values.get(verb)
            return found
        literal = self._literals.get(segments[start])
        if literal is not None:
            found = literal.find(verb, segments, start + 1, near=near)
            if found is not None:
                return found
        if self._placeholder is not None and segments[start]:
            return self._placeholder.find(verb, segments, start + 1, near=near)
        # Only the last segment may be empty: what is left is a slash that is documented without.
        return self._values.get(verb) if near and not segments[start] else None
