"""What is allowed in a WeChat Pay path, and how a chain spells it.

An attribute is a segment by the table in `segment`; a string is a template, taken literally, by the
rules in `literal`; `fill` puts the values of a call into a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

from ..errors import PathError
from .ending import OPTIONAL_PLACEHOLDER
from .template import Template, Value, as_text, encode, parse

_NAME = r"[A-Za-z0-9][A-Za-z0-9_]*"
_PLACEHOLDER = r"_([A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)_"
_PROBED = r"_repr_|_ipython_|_as_parameter_$|_mime_$|_display_$"
_UPPER = r"(?<!^)([A-Z])"
_ANGLE = r"<([A-Za-z0-9_.]+)>"
_EXPRESSION = r"\{[^{}]*\}"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_FORBIDDEN = r"[?#\\\s\x00-\x1f\x7f-\x9f]"
_DOT = r"(?:\.|%2[eE]){1,2}"
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
_NO_VALUE = ("", ".", "..")
_ONE_VALUE = ("", "+")  # `{id}` is one segment, and a list in its place a mistake
_OWN_SEPARATOR = ("{/", "{?", "{&", "{;", "{.")


@lru_cache(maxsize=2048)
def segment(name: str) -> str:
    """Return the path segment that an attribute's name stands for.

    `_transaction_id_` is the placeholder `{transaction_id}`; one trailing underscore is dropped
    (`global_`); camelCase becomes kebab-case (`merchantService`); anything else is itself.

    Raises:
        AttributeError: A name that tools ask every object for, or that is not a segment.
    """
    if name.startswith("_"):
        placeholder = re.fullmatch(_PLACEHOLDER, name)
        if placeholder and not re.match(_PROBED, name):
            return f"{{{placeholder[1]}}}"
        raise AttributeError(
            f"{name!r} is not part of a path; a placeholder is written _like_this_"
        )
    if not re.fullmatch(_NAME, name):
        raise AttributeError(f"{name!r} is not part of a path; write it as a string: node[…]")
    bare = name[:-1] if name.endswith("_") else name
    return re.sub(_UPPER, r"-\1", bare).lower() if any(map(str.isupper, bare)) else bare


def literal(given: object) -> str:
    """Return a path given as a string as a URI template: `<name>` for `{name}`, no leading slash.

    Raises:
        PathError: A scheme, a query, a fragment, `.` or `..`, an empty inner segment, a backslash,
            white space or a control character: anything that is not a path and nothing else.
        TypeError: It is not text.
    """
    if not isinstance(given, str):
        raise TypeError(f"a path is text, not {type(given).__name__}")
    text = as_text(given)
    template = re.sub(_ANGLE, r"{\1}", text[1:] if text.startswith("/") else text)
    bare = re.sub(_EXPRESSION, "x", template)
    wrong = re.search(_FORBIDDEN, bare)
    if wrong:
        raise PathError(
            f"{wrong[0]!r} is not allowed in a path; a query goes into params=", template=text
        )
    if "://" in bare or re.match(_SCHEME, bare):
        raise PathError("a path has no scheme and no host; those go into base_url=", template=text)
    _check_segments(bare, text)
    if any(part[1:2] == "#" for part in re.findall(_EXPRESSION, template)):
        raise PathError("a fragment ({#…}) is never sent", template=text)
    parse(template)
    return template


def _check_segments(path: str, template: str) -> None:
    segments = path.split("/")
    if not path or "" in segments[:-1]:
        raise PathError("a path must not be empty, nor have an empty segment", template=template)
    if any(re.fullmatch(_DOT, one) for one in segments):
        raise PathError("a path must not have the segments '.' and '..'", template=template)


@lru_cache(maxsize=128)
def join(base: str, addition: str) -> str:
    """Put two parts of a template together with one slash between them."""
    if not base or base.endswith("/") or addition.startswith(_OWN_SEPARATOR):
        return base + addition
    return f"{base}/{addition}"


def fill(source: str, arguments: dict[str, Any], options: AbstractSet[str]) -> str:
    """Fill the template `source`, taking the values of its placeholders out of `arguments`.

    Args:
        source: A template made by `segment`, `literal` and `join`.
        arguments: A call's keyword arguments; what is left in it afterwards are options.
        options: The names that may be left.

    Raises:
        PathError: A placeholder without a value, a value that cannot be one, or an argument that
            is neither a placeholder nor an option.
    """
    template = parse(source)
    if not source:
        raise PathError("this call has no path: name one, such as wxpay.v3.certificates.get()")
    values: dict[str, Value] = {}
    missing: list[str] = []
    for name in template.names:
        if name in arguments:
            values[name] = arguments.pop(name)
        elif name == OPTIONAL_PLACEHOLDER:
            values[name] = ""
        else:
            missing.append(name)
    if missing or not arguments.keys() <= options:
        raise _mismatch(
            template, missing, [one for one in arguments if one not in options], options
        )
    if template.plain and OPTIONAL_PLACEHOLDER not in template.names:
        return "".join(
            [
                part if isinstance(part, str) else _text(part.variables[0].name, values, source)
                for part in template.parts
            ]
        )
    return _fill_any(template, values)


def _text(name: str, values: Mapping[str, Value], source: str) -> str:
    """The one-string case of an expansion, which is nearly every call's."""
    given = values[name]
    value = given if type(given) is str and given not in _NO_VALUE else _scalar(name, given, source)
    return value if _UNRESERVED.fullmatch(value) else encode(value)


def _scalar(name: str, value: object, source: str) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        what = f"must be text or a whole number, not {type(value).__name__}"
    elif value == "" and name != OPTIONAL_PLACEHOLDER:
        what = "is empty, which would reach another endpoint"
    elif value in (".", ".."):
        what = "must not be '.' or '..', which would reach another endpoint"
    else:
        return as_text(value)
    raise PathError(f"{name} {what}", template=source, missing=(name,))


def _fill_any(template: Template, values: Mapping[str, Value]) -> str:
    alone = {
        variable.name
        for part in template.parts
        if not isinstance(part, str)
        for variable in part.variables
        if part.operator in _ONE_VALUE and not variable.explode
    }
    for name, value in values.items():
        for member in [value] if name in alone else _members(value):
            _scalar(name, member, template.source)
    path, _, query = template.expand(values).partition("?")
    if "#" in path + query:
        raise PathError("a fragment is never sent", template=template.source)
    _check_segments(path, template.source)
    return f"{path}?{query}" if query else path


def _members(value: Value) -> list[object]:
    """What a placeholder's value is made of; an empty list counts as an empty value."""
    if isinstance(value, Mapping):
        return list(value.values()) or [""]
    return list(value) or [""] if isinstance(value, (list, tuple)) else [value]


def _mismatch(
    template: Template, missing: list[str], unexpected: list[str], options: Iterable[str]
) -> PathError:
    # Only a mistake needs them, so nobody else pays for importing them.
    from .arguments import option
    from .hints import place

    known = [*template.names, *options]
    words = [f"needs a value for {', '.join(missing)}"] if missing else []
    meant: dict[str, list[str]] = {}
    for name in unexpected:
        meant.setdefault(place(template.source, name) or option(name, known), []).append(name)
    for hint, names in meant.items():
        words.append(f"does not know {', '.join(names)}" + (f" ({hint})" if hint else ""))
    expected = f"; its placeholders are {', '.join(template.names)}" if template.names else ""
    return PathError(
        f"{template.source} {' and '.join(words)}{expected}",
        template=template.source,
        missing=missing,
        unexpected=unexpected,
    )
