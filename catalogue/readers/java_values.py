"""What a sample in Java sets: its assignments, run as far as they make a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .braces import blanked

__all__ = ["Sealed", "assigned"]

_NEW = re.compile(r"(?:(\w+)\s+)?([\w.]+)\s*=\s*new\s+(\w+)(?:<[^>]*>)?\s*\(")
_SET = re.compile(r"([\w.]+)\s*=\s*(.+)", re.DOTALL)
_ADD = re.compile(r"([\w.]+)\.add\((.+)\)", re.DOTALL)
_SEALS = re.compile(r"\w+\.encrypt\(")
_NUMBER = re.compile(r"(-?[0-9][0-9_]*)[lL]?")
_TEXT = re.compile(r"\"((?:\\.|[^\"\\])*)\"")


class Sealed(NamedTuple):
    """A value that a sample encrypts.

    Attributes:
        text: What it encrypts.
    """

    text: str


def assigned(code: str, constant: Callable[[str], Any]) -> dict[str, dict[str, Any]]:
    """Return the objects that a piece of code makes, by their variables' names.

    Args:
        code: Statements, each with its semicolon.
        constant: Gives the value of a name such as ``Account.AVAILABLE``.
    """
    made: dict[str, Any] = {}
    for statement in _split(code):
        if match := _NEW.fullmatch(statement + ")") or _NEW.match(statement):
            value: Any = [] if match[3] in ("ArrayList", "LinkedList") else {}
            _put(made, match[2], value)
        elif match := _ADD.fullmatch(statement):
            target = _get(made, match[1])
            if isinstance(target, list):
                target.append(_value(match[2], made, constant))
        elif match := _SET.fullmatch(statement):
            _put(made, match[1], _value(match[2], made, constant))
    return {name: value for name, value in made.items() if isinstance(value, dict)}


def _split(code: str) -> list[str]:
    """Return the statements of a piece of code; braces only group them."""
    masked = blanked(code)
    statements: list[str] = []
    last = 0
    for at, char in enumerate(masked):
        if char in ";{}":
            words = code[last:at] if char == ";" else ""
            bare = _without_comments(words).strip()
            if bare:
                statements.append(bare)
            last = at + 1
    return statements


def _without_comments(text: str) -> str:
    masked = re.sub(r"\"(?:\\.|[^\"\\\n])*\"", lambda m: "\0" * len(m[0]), text)
    spans = [m.span() for m in re.finditer(r"/\*.*?\*/|//[^\n]*", masked, re.DOTALL)]
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def _put(made: dict[str, Any], path: str, value: Any) -> None:
    *above, name = path.split(".")
    target: Any = made
    for each in above:
        if not isinstance(target, dict):
            return
        target = target.setdefault(each, {})
    if isinstance(target, dict):
        target[name] = value


def _get(made: dict[str, Any], path: str) -> Any:
    target: Any = made
    for each in path.split("."):
        if not isinstance(target, dict):
            return None
        target = target.get(each)
    return target


def _value(source: str, made: dict[str, Any], constant: Callable[[str], Any]) -> Any:
    source = source.strip()
    if match := _SEALS.match(source):
        text = _TEXT.search(source)
        return Sealed(text[1] if text else "")
    if source in ("true", "false"):
        return source == "true"
    if match := _NUMBER.fullmatch(source):
        return int(match[1])
    if match := _TEXT.match(source):
        return match[1]
    found = _get(made, source)
    return found if found is not None else constant(source)
