"""What a sample in Java sets: its assignments, run as far as they make a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from catalogue.plain import is_list, is_object

from .braces import blanked, closing

__all__ = ["Helper", "Sealed", "assigned", "helpers"]

_NEW = re.compile(r"(?:(\w+)\s+)?([\w.]+)\s*=\s*new\s+(\w+)(?:<[^>]*>)?\s*\(")
_SET = re.compile(r"([\w.]+)\s*=\s*(.+)", re.DOTALL)
_ADD = re.compile(r"([\w.]+)\.add\((.+)\)", re.DOTALL)
_SEALS = re.compile(r"\w+\.encrypt\(")
_NUMBER = re.compile(r"(-?[0-9][0-9_]*)[lL]?")
_TEXT = re.compile(r"\"((?:\\.|[^\"\\])*)\"")
_ESCAPE = re.compile(r"\\(.)")
_HELPER = re.compile(r"\bprivate\s+static\s+\w+\s+(\w+)\(([^)]*)\)\s*\{")
_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_RETURN = re.compile(r"return\s+(\w+)")


class Sealed(NamedTuple):
    """A value that a sample encrypts.

    Attributes:
        text: What it encrypts.
    """

    text: str


class Helper(NamedTuple):
    """A function of the sample's own.

    Attributes:
        parameters: Its parameters' names.
        code: What stands between its braces.
    """

    parameters: tuple[str, ...]
    code: str


def helpers(text: str) -> dict[str, Helper]:
    """Return the private functions of a sample, by name."""
    masked = blanked(text)
    return {
        match[1]: Helper(
            tuple(each.split()[-1] for each in match[2].split(",") if each.strip()),
            text[match.end() : closing(masked, match.end() - 1)],
        )
        for match in _HELPER.finditer(masked)
    }


def assigned(
    code: str,
    constant: Callable[[str], Any],
    own: Mapping[str, Helper] = MappingProxyType({}),
    given: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, dict[str, Any]]:
    """Return the objects that a piece of code makes, by their variables' names.

    Args:
        code: Statements, each with its semicolon.
        constant: Gives the value of a name such as ``Account.AVAILABLE``.
        own: The functions that it may call.
        given: Variables that are there before.
    """
    made: dict[str, Any] = dict(given)

    def value_of(source: str) -> Any:
        call = _CALL.fullmatch(source.strip())
        if call is None or call[1] not in own:
            return _value(source, made, constant)
        helper = own[call[1]]
        arguments = [_value(each, made, constant) for each in _listed(call[2])]
        inside = dict(zip(helper.parameters, arguments, strict=False))
        result = _RETURN.search(helper.code)
        return assigned(helper.code, constant, own, inside).get(result[1]) if result else None

    for statement in _split(code):
        if match := _NEW.fullmatch(statement + ")") or _NEW.match(statement):
            value: Any = [] if match[3] in ("ArrayList", "LinkedList") else {}
            _put(made, match[2], value)
        elif match := _ADD.fullmatch(statement):
            target = _get(made, match[1])
            if is_list(target):
                target.append(value_of(match[2]))
        elif match := _SET.fullmatch(statement):
            _put(made, match[1], value_of(match[2]))
    return {name: value for name, value in made.items() if is_object(value)}


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


def _listed(arguments: str) -> list[str]:
    """Return arguments one by one; a comma in a text parts nothing."""
    masked = blanked(arguments)
    ends = [*(at for at, char in enumerate(masked) if char == ","), len(masked)]
    starts = [0, *(end + 1 for end in ends)]
    return [arguments[start:end] for start, end in zip(starts, ends, strict=False)]


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
        if not is_object(target):
            return
        target = target.setdefault(each, {})
    if is_object(target):
        target[name] = value


def _get(made: dict[str, Any], path: str) -> Any:
    target: Any = made
    for each in path.split("."):
        if not is_object(target):
            return None
        target = target.get(each)
    return target


def _value(source: str, made: dict[str, Any], constant: Callable[[str], Any]) -> Any:
    source = source.strip()
    if match := _SEALS.match(source):
        text = _TEXT.search(source)
        return Sealed(_unescaped(text[1]) if text else "")
    if source in ("true", "false"):
        return source == "true"
    if match := _NUMBER.fullmatch(source):
        return int(match[1])
    if match := _TEXT.match(source):
        return _unescaped(match[1])
    found = _get(made, source)
    return found if found is not None else constant(source)


def _unescaped(text: str) -> str:
    """Return what a text between quotation marks stands for."""
    return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)
