"""Sensitive fields: a request's are decrypted, an answer's encrypted, with RSA or SM2.

Whose key it is stands in the catalogue: a merchant encrypts for WeChat Pay's, WeChat Pay for the
one in the merchant's certificate.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .._base import PrivateKey, PublicKey, SMPrivateKey, SMPublicKey
from . import fields, words
from .fields import Spec, Tree

PLATFORM = "wechatpay-public-key"
MERCHANT = "merchant-certificate"
BANK = "bank-transfer-rsa-public-key"

_Change = Callable[[str, Spec, str], str]
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303


def unseal(
    values: Mapping[str, Any],
    tree: Tree,
    key: PrivateKey | None,
    location: str,
    whose: str = PLATFORM,
) -> dict[str, Any]:
    """Decrypt what a merchant has encrypted, and check the limits of what comes out.

    Args:
        values: The parameters, of the right types.
        tree: What is documented of them.
        key: The platform key that the request names, if it names one.
        location: Where they stand: `body` or `query`.
        whose: The key's name in the catalogue.

    Raises:
        Refusal: 400 `PARAM_ERROR`: it is not encrypted for that key, or no key is named.
    """

    def plain(text: str, spec: Spec, pointer: str) -> str:
        if key is None:
            raise words.NO_PLATFORM_KEY("")
        above, _, name = pointer.rpartition("/")
        try:
            found = _decrypted(text, key, spec)
        except (binascii.Error, ValueError) as error:
            field = pointer if location == "body" else name
            raise words.NOT_DECRYPTED("", at=field, location=location) from error
        limits: dict[str, Any] = {**spec, "type": "string"}  # even if it was one of a list
        del limits["encrypted"]
        fields.check({name: found}, {name: cast("Spec", limits)}, location, f"{above}/")
        return found

    return _change(values, tree, whose, plain, "")


def seal(values: Mapping[str, Any], tree: Tree, key: PublicKey) -> dict[str, Any]:
    """Encrypt what only the merchant may read.

    Args:
        values: The fields of an answer, in plain text.
        tree: What is documented of them.
        key: The key in the merchant's certificate.
    """

    def sealed(text: str, spec: Spec, _: str) -> str:
        if isinstance(key, SMPublicKey):
            return key.encrypt(text)
        return base64.b64encode(key.encrypt(text.encode(), _padding(spec))).decode()

    return _change(values, tree, MERCHANT, sealed, "")


def _change(
    values: Mapping[str, Any], tree: Tree, whose: str, change: _Change, above: str
) -> dict[str, Any]:
    changed = dict(values)
    for name, spec in tree.items():
        if changed.get(name) is not None:
            changed[name] = _change_one(changed[name], spec, whose, change, f"{above}/{name}")
    return changed


def _change_one(value: Any, spec: Spec, whose: str, change: _Change, pointer: str) -> Any:
    if isinstance(value, list):
        items: list[Any] = cast("Any", value)
        return [
            _change_one(item, spec, whose, change, f"{pointer}/{index}")
            for index, item in enumerate(items)
        ]
    if spec.get("encrypted") == whose:
        return change(value, spec, pointer)
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return _change(held, spec.get("fields", {}), whose, change, pointer)
    return value


def _decrypted(text: str, key: PrivateKey, spec: Spec) -> str:
    if isinstance(key, SMPrivateKey):
        return key.decrypt(text)
    return key.decrypt(base64.b64decode(text, validate=True), _padding(spec)).decode()


def _padding(spec: Spec) -> padding.AsymmetricPadding:
    return padding.PKCS1v15() if spec.get("padding") == "pkcs1" else _OAEP
