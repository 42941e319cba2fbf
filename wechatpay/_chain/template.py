"""URI templates: RFC 6570, all four levels, and nothing of WeChat Pay's.

`parse` compiles a template once and keeps it; `Template.expand` fills it in. A value is text, a
whole number, a list of them or a mapping of them; `None`, an empty list and an empty mapping are
"undefined" in the RFC's sense and leave no trace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Union
from urllib.parse import quote

from ..errors import PathError

Scalar = Union[str, int]
Value = Union[Scalar, Sequence[Scalar], Mapping[str, Scalar], None]

_RESERVED = ":/?#[]@!$&'()*+,;="
_PIECE = r"\{([^{}]*)\}|([^{}]+)|([{}])"
_VARIABLE = (
    r"((?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*)"
    r"(?:(\*)|:([1-9][0-9]{0,3}))?"
)
_NOT_LITERAL = r"[\x00-\x20\x7f\"<>\\^`|]|%(?![0-9A-Fa-f]{2})"
_TRIPLET = r"(%[0-9A-Fa-f]{2})"


class Operator(NamedTuple):
    """A row of the table in the RFC's appendix A.

    Attributes:
        first: What stands before the first value.
        separator: What stands between values.
        if_empty: What follows a name that has an empty value; `None` if values have no names.
        reserved: Whether reserved characters stay as they are.
    """

    first: str
    separator: str
    if_empty: str | None
    reserved: bool


OPERATORS = {
    "": Operator("", ",", None, False),
    "+": Operator("", ",", None, True),
    "#": Operator("#", ",", None, True),
    ".": Operator(".", ".", None, False),
    "/": Operator("/", "/", None, False),
    ";": Operator(";", ";", "", False),
    "?": Operator("?", "&", "=", False),
    "&": Operator("&", "&", "=", False),
}


class Variable(NamedTuple):
    """One name of an expression, with its modifier: `*`, or the length of a prefix (0: whole)."""

    name: str
    explode: bool
    prefix: int


class Expression(NamedTuple):
    """What is between two braces."""

    operator: str
    variables: tuple[Variable, ...]


class Template(NamedTuple):
    """A compiled template.

    Attributes:
        source: The template as written.
        parts: Literals, already percent-encoded, and expressions, in order.
        names: The placeholders' names, each once, in order.
        plain: Every expression is a bare `{name}`.
    """

    source: str
    parts: tuple[str | Expression, ...]
    names: tuple[str, ...]
    plain: bool

    def expand(self, values: Mapping[str, Value]) -> str:
        """Return the URI reference that `values` make of this template."""
        return "".join(
            [part if isinstance(part, str) else _expand(part, values) for part in self.parts]
        )


@lru_cache(maxsize=512)
def parse(source: str) -> Template:
    """Compile a template, keeping the last few hundred.

    Raises:
        PathError: A brace without its partner, a character that no URI may hold, a bare `%`, an
            invalid name, or an operator that the RFC reserves.
    """
    parts: list[str | Expression] = []
    for match in re.finditer(_PIECE, source):
        expression, literal, brace = match.groups()
        if brace:
            raise PathError(
                f"unbalanced {brace!r} at position {match.start()} of a template", template=source
            )
        parts.append(_expression(expression, source) if literal is None else _literal(literal))
    expressions = [part for part in parts if isinstance(part, Expression)]
    variables = [variable for one in expressions for variable in one.variables]
    plain = all(one.operator == "" and len(one.variables) == 1 for one in expressions) and not any(
        one.explode or one.prefix for one in variables
    )
    return Template(source, tuple(parts), tuple(dict.fromkeys(v.name for v in variables)), plain)


def _literal(text: str) -> str:
    wrong = re.search(_NOT_LITERAL, text)
    if wrong:
        raise PathError(
            f"{wrong[0]!r} is not allowed in a path; percent-encode it, or let a placeholder do so",
            template=text,
        )
    return encode(text, reserved=True)


def _expression(text: str, source: str) -> Expression:
    operator = text[0] if text and text[0] in OPERATORS else ""
    variables: list[Variable] = []
    for part in text[len(operator) :].split(","):
        match = re.fullmatch(_VARIABLE, part)
        if not match:
            raise PathError(f"{{{text}}} is not a placeholder", template=source)
        variables.append(Variable(match[1], bool(match[2]), int(match[3] or 0)))
    return Expression(operator, tuple(variables))


def as_text(value: Scalar) -> str:
    """Return a value as text: of an enum's member, what it stands for and not its name."""
    return str.__str__(value) if isinstance(value, str) else int.__repr__(value)


def encode(text: str, *, reserved: bool = False) -> str:
    """Percent-encode `text` as UTF-8; `reserved` keeps reserved characters and `%XX` triplets.

    Raises:
        PathError: Half of a surrogate pair, which UTF-8 cannot say.
    """
    try:
        if not reserved:
            return quote(text, safe="")
        pieces = re.split(_TRIPLET, text)
        return "".join(
            [piece if at % 2 else quote(piece, safe=_RESERVED) for at, piece in enumerate(pieces)]
        )
    except UnicodeEncodeError:
        raise PathError("a path or value holds half of a surrogate pair: not text") from None


def _expand(expression: Expression, values: Mapping[str, Value]) -> str:
    operator = OPERATORS[expression.operator]
    found = [
        text
        for variable in expression.variables
        if (text := _variable(operator, variable, values.get(variable.name))) is not None
    ]
    return operator.first + operator.separator.join(found) if found else ""


def _variable(operator: Operator, variable: Variable, value: Value) -> str | None:
    if value is None or (not isinstance(value, (str, int)) and not value):
        return None
    if isinstance(value, (str, int)):
        text = as_text(value)[: variable.prefix or None]
        return _named(operator, variable.name, encode(text, reserved=operator.reserved))
    if variable.prefix:
        raise PathError(f"{{{variable.name}:{variable.prefix}}} takes text, not a list or mapping")
    if variable.explode:
        return _exploded(operator, variable.name, value)
    flat = (
        [part for pair in value.items() for part in pair] if isinstance(value, Mapping) else value
    )
    text = ",".join([encode(as_text(part), reserved=operator.reserved) for part in flat])
    return _named(operator, variable.name, text)


def _exploded(operator: Operator, name: str, value: Sequence[Scalar] | Mapping[str, Scalar]) -> str:
    mapping = isinstance(value, Mapping)
    pairs = value.items() if isinstance(value, Mapping) else ((name, part) for part in value)
    texts: list[str] = []
    for key, part in pairs:
        text = encode(as_text(part), reserved=operator.reserved)
        label = encode(key, reserved=operator.reserved) if mapping else key
        if operator.if_empty is not None:
            texts.append(_named(operator, label, text))
        else:
            texts.append(f"{label}={text}" if mapping else text)
    return operator.separator.join(texts)


def _named(operator: Operator, name: str, text: str) -> str:
    if operator.if_empty is None:
        return text
    return f"{name}={text}" if text else name + operator.if_empty
