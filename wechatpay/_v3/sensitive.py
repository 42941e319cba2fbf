"""Sensitive fields: encrypted in a copy of what is sent, decrypted in a copy of what came."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from .._call import NULL, EncryptedField
from ..errors import ConfigurationError

Change = Callable[[EncryptedField, str], str]


class Ciphertext(str):
    """A text that is encrypted already: it passes through a call untouched.

    Attributes:
        serial: The id of WeChat Pay's key that it was encrypted with.
    """

    __slots__ = ("serial",)
    serial: str

    def __new__(cls, text: str, serial: str) -> Ciphertext:
        """Mark `text` as encrypted with the key of that id."""
        made = super().__new__(cls, text)
        made.serial = serial
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Ciphertext, (str(self), self.serial)


def changed(
    tree: Any, fields: Iterable[EncryptedField], change: Change, *, strict: bool = True
) -> Any:
    """Return `tree` with `change` applied to the text of each field; the original stays as it is.

    Only what lies on the way to a field is copied. A field that is missing, `None` or `NULL` stays
    so. A list where one value is documented, or one value where a list is, makes no difference: a
    marked field is changed whatever its shape.

    Args:
        tree: A body, or an answer.
        fields: Where the fields are.
        change: What is to become of a field's text.
        strict: Whether a text is refused where a mapping with such fields should be, for it may
            hold them; in an answer it stays.

    Raises:
        ConfigurationError: A field, or what it is in, is something else than documented.
    """
    for field in fields:
        tree = _changed(tree, field.path.split("/"), field, change, strict)
    return tree


def _changed(
    tree: Any, path: list[str], field: EncryptedField, change: Change, strict: bool
) -> Any:
    if tree is None or tree is NULL:
        return tree
    if isinstance(tree, (list, tuple)):
        return [_changed(item, path, field, change, strict) for item in cast("list[Any]", tree)]
    while path and path[0] == "*":
        path = path[1:]
    if not path:
        if not isinstance(tree, str):
            raise ConfigurationError(f"{field.path} must be text, not {type(tree).__name__}")
        return change(field, tree)
    if not isinstance(tree, Mapping):
        if not strict or not isinstance(tree, str):
            return tree
        raise ConfigurationError(f"what {field.path} is in must be a mapping, not text")
    name, *rest = path
    copy = dict(cast("Mapping[str, Any]", tree))
    if name in copy:
        copy[name] = _changed(copy[name], rest, field, change, strict)
    return copy


def notified_fields(event_type: str) -> list[EncryptedField]:
    """Return what is encrypted for the merchant in the resource of a notification."""
    from . import sealed_table

    for row in sealed_table.NOTIFIED.splitlines():
        event, _, fields = row.partition(" ")
        if event == event_type:
            return [
                EncryptedField("response", path, "merchant", padding)
                for path, padding in json.loads(fields).items()
            ]
    return []


def serials(tree: Any) -> set[str]:
    """Return the ids of the keys that the ciphertexts anywhere in `tree` were made with."""
    if isinstance(tree, Ciphertext):
        return {tree.serial}
    if isinstance(tree, Mapping):
        tree = cast("Mapping[str, Any]", tree).values()
    elif not isinstance(tree, (list, tuple)):
        return set()
    return set[str]().union(*map(serials, cast("Iterable[Any]", tree)))
