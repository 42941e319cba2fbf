"""The fields of an answer or a notification, decrypted where they are encrypted."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import httpx

from .. import xml
from .._call import Verdict
from .._v2 import BLANK
from .._v3 import KeySigner, changed, notified_fields
from ..errors import DecryptionError

if TYPE_CHECKING:
    from .._call import EncryptedField
    from .._v3 import V3
    from ..notification import Notification

_MOST_ATTEMPTS = 64
"""How many texts of an answer are tried: each costs a millisecond, and an answer may be long."""


def decrypted(answer: httpx.Response | Notification, v3: V3) -> dict[str, Any]:
    """Return the fields of an answer or a notification, decrypted where they are encrypted.

    What the catalogue marks comes first, and has to open. A field that it does not know may be
    encrypted too: a text of exactly a ciphertext's size is tried, and stays if it does not open.

    Args:
        answer: What a call returned, or a notification.
        v3: What holds the key.

    Raises:
        DecryptionError: A marked field does not open.
        TypeError: The answer is not from a call.
        ValueError: It has no fields: it is a file, or empty.
    """
    tree, fields = _of(answer)

    def opened(field: EncryptedField, text: str) -> str:
        return v3.decrypt(text, field.padding) if text else text

    tree = changed(tree, fields, opened, strict=False)
    # A remote signer is only asked to decrypt marked fields: nobody can use it, by sending texts,
    # to try ciphertexts of their own.
    signer = v3.signer
    if isinstance(signer, KeySigner) and signer.ciphertext_size:
        tree = _Attempts(signer, signer.ciphertext_size).on(tree)
    return cast("dict[str, Any]", tree)


def _of(answer: httpx.Response | Notification) -> tuple[Any, list[EncryptedField]]:
    if isinstance(answer, httpx.Response):
        verdict = answer.extensions.get("wechatpay")
        if isinstance(verdict, Verdict):
            is_xml = answer.content.lstrip(BLANK).startswith(b"<")
            tree = xml.fields(answer) if is_xml else _json(answer.content)
            marked = (("response", "merchant"),)
            return tree, [one for one in verdict.rule.encrypted if (one.place, one.key) in marked]
    elif hasattr(answer, "resource"):
        return answer.resource, notified_fields(answer.event_type)
    raise TypeError("decrypt_fields takes what a call of this client returned, or a Notification")


def _json(content: bytes) -> dict[str, Any]:
    try:
        tree: object = json.loads(content)
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        raise ValueError(
            f"the answer, {len(content)} bytes, is not a JSON object: it has no fields"
        )
    return cast("dict[str, Any]", tree)


class _Attempts:
    """What is tried on texts that nothing marks, and how many times more."""

    def __init__(self, signer: KeySigner, size: int) -> None:
        self._signer = signer
        self._size = size
        self._length = (size + 2) // 3 * 4
        self._left = _MOST_ATTEMPTS

    def on(self, tree: object) -> object:
        """Return a copy of a tree with its texts tried, in their order."""
        if isinstance(tree, Mapping):
            fields = cast("Mapping[object, object]", tree)
            return {key: self.on(value) for key, value in fields.items()}
        if isinstance(tree, list):
            return [self.on(item) for item in cast("list[object]", tree)]
        return self._opened(tree) if isinstance(tree, str) else tree

    def _opened(self, text: str) -> str:
        if len(text) != self._length or not self._left:
            return text
        try:
            if len(b64decode(text, validate=True)) != self._size:
                return text
        except ValueError:
            return text
        self._left -= 1
        try:
            return self._signer.decrypt(text)
        except DecryptionError:
            return text
