"""A JSON body as bytes: what is left out, what a null is, and what JSON cannot say."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any, Final, cast

from .._chain import as_text

_PLAIN_NAME = r"[A-Za-z0-9_$-]{1,64}"


class _Null:
    """A null that is meant: `None` in a mapping is left out, this is sent."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "wechatpay.NULL"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "NULL"


NULL: Final[Any] = _Null()
"""What `json=` sends as a null, in a mapping or a list, where `None` is left out or refused."""


def serialise(body: Any) -> bytes:
    """Return the very bytes of a JSON body: compact, UTF-8, without what is `None` in a mapping.

    Raises:
        TypeError: A value that JSON does not know, such as a `Decimal`; half of a surrogate pair;
            a `None` in a list; a key that is not text. It names the field.
        ValueError: NaN or an infinity; a body that contains itself.
    """
    try:
        text = _encode(body)
        # Few bodies hold a None, so the others do not pay for looking through them.
        if "null" in text:
            text = _encode(_without_none(body, ()))
        return text.encode()
    except (TypeError, ValueError):
        # One that contains itself has no first field: the encoder's own words say so.
        with suppress(RecursionError):
            _name_culprit(body, ())
        raise


def _meant(value: object) -> None:
    if value is not NULL:
        raise TypeError(f"{type(value).__name__} is not something that JSON knows")


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_meant
).encode


def _without_none(tree: object, above: tuple[str, ...]) -> object:
    if isinstance(tree, dict):
        fields = cast("dict[object, object]", tree)
        if None in fields:
            raise TypeError(f"json: a key in {_place(above)} is None, not text")
        return {
            key: _without_none(value, (*above, _part(key)))
            for key, value in fields.items()
            if value is not None
        }
    if not isinstance(tree, (list, tuple)):
        return tree
    items = [*enumerate(cast("list[object]", tree))]
    for at, item in items:
        if item is None:
            raise TypeError(
                f"json: {_place((*above, str(at)))} is None, and a list has no gaps: leave it out, "
                "or pass wechatpay.NULL to send a null"
            )
    return [_without_none(item, (*above, str(at))) for at, item in items]


def _name_culprit(tree: object, above: tuple[str, ...]) -> None:
    """Raise an error that names the first field that JSON cannot say, if it is found."""
    if isinstance(tree, dict):
        for key, value in cast("dict[object, object]", tree).items():
            if not isinstance(key, str):
                raise TypeError(f"json: a key in {_place(above)} is a {_kind(key)}, not text")
            _check_text(key, above)
            _name_culprit(value, (*above, _part(key)))
    elif isinstance(tree, (list, tuple)):
        for at, item in enumerate(cast("list[object]", tree)):
            _name_culprit(item, (*above, str(at)))
    elif isinstance(tree, str):
        _check_text(tree, above)
    elif isinstance(tree, float):
        if not math.isfinite(tree):
            raise ValueError(f"json: {_place(above)} is {tree}, which JSON does not know")
    elif not isinstance(tree, int) and tree is not None and tree is not NULL:
        raise TypeError(
            f"json: {_place(above)} is a {_kind(tree)}, which JSON does not know: {_way_out(tree)}"
        )


def _check_text(text: str, above: tuple[str, ...]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError(f"json: {_place(above)} holds half of a surrogate pair: not text") from None


def _way_out(value: object) -> str:
    # Only a mistake needs them, so nobody else pays for importing them.
    from datetime import date, datetime, time
    from decimal import Decimal

    if isinstance(value, Decimal):
        return "amounts are whole numbers of fen, int(value * 100) of yuan; anything else is text"
    if isinstance(value, datetime):
        return 'pass text, value.isoformat(timespec="seconds") with an offset'
    if isinstance(value, (date, time)):
        return "pass text, value.isoformat()"
    return "pass text, a number, a bool, a list or a dict"


def _place(parts: tuple[str, ...]) -> str:
    return "/".join(parts) or "the body"


def _part(key: object) -> str:
    # A key may be somebody's name; a field's is not.
    name = as_text(key) if isinstance(key, str) else ""
    return name if re.fullmatch(_PLAIN_NAME, name) else "…"


def _kind(value: object) -> str:
    return type(value).__name__
