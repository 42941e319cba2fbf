"""The fields of an answer, in whichever form it came, with the sensitive ones opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import xml
from .._call import Verdict
from .._v2 import BLANK
from .._v3 import changed

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from .._call import EncryptedField
    from ..crypto.rsa import Padding


def decrypted(response: httpx.Response, decrypt: Callable[[str, Padding], str]) -> dict[str, Any]:
    """Return an answer's JSON, or XML, with the fields decrypted that the catalogue marks.

    Args:
        response: What a call returned.
        decrypt: Opens a field that was encrypted for the merchant.

    Raises:
        DecryptionError: A field does not open.
        TypeError: The answer is not from a call.
    """
    verdict = response.extensions.get("wechatpay")
    if not isinstance(verdict, Verdict):
        raise TypeError("decrypt_fields takes what a call of this client returned")
    fields = [
        one for one in verdict.rule.encrypted if (one.place, one.key) == ("response", "merchant")
    ]

    def opened(field: EncryptedField, text: str) -> str:
        return decrypt(text, field.padding)

    is_xml = response.content.lstrip(BLANK).startswith(b"<")
    tree = xml.fields(response) if is_xml else response.json()
    answer: dict[str, Any] = changed(tree, fields, opened, strict=False)
    return answer
