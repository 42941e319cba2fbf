"""Digests in hexadecimal, and the APIv2 signature that is made of them.

What is signed must be what is sent, so values become text in one place: `wechatpay.xml.text`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from ..errors import ConfigurationError
from ..xml import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

__all__ = [
    "Readable",
    "SignType",
    "hmac_sha256",
    "md5",
    "sha1",
    "sha256",
    "sign",
    "sm3",
    "verify",
    "workwx_sign",
]

SignType = Literal["MD5", "HMAC-SHA256"]

_CHUNK = 256 * 1024
_LENGTHS: dict[int, SignType] = {32: "MD5", 64: "HMAC-SHA256"}
_WORKWX_RED_PACKET = frozenset(
    ("act_name", "mch_billno", "mch_id", "nonce_str", "re_openid", "total_amount", "wxappid")
)
_WORKWX_PAYMENT = frozenset(
    ("amount", "appid", "desc", "mch_id", "nonce_str", "openid", "partner_trade_no", "ww_msg_type")
)


class Readable(Protocol):
    """A file open for reading in binary mode, or anything that reads like one."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""
        ...


class _Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...


_H = TypeVar("_H", bound=_Hasher)


def md5(data: str | bytes | Readable) -> str:
    """Return the MD5 of a text (as UTF-8), of bytes, or of the rest of a file, in lower case."""
    return _fed(hashlib.md5(usedforsecurity=False), data).hexdigest()


def sha1(data: str | bytes | Readable) -> str:
    """Return the SHA-1, as bills carry it; see `md5` for what it takes."""
    return _fed(hashlib.sha1(usedforsecurity=False), data).hexdigest()


def sha256(data: str | bytes | Readable) -> str:
    """Return the SHA-256, as uploads carry it; see `md5` for what it takes."""
    return _fed(hashlib.sha256(), data).hexdigest()


def sm3(data: str | bytes | Readable) -> str:
    """Return the SM3, as some uploads carry it; see `md5` for what it takes.

    Raises:
        cryptography.exceptions.UnsupportedAlgorithm: This build of OpenSSL does not have it.
    """
    from cryptography.hazmat.primitives import hashes

    return _fed(hashes.Hash(hashes.SM3()), data).finalize().hex()


def hmac_sha256(data: str | bytes | Readable, key: str | bytes) -> str:
    """Return the HMAC-SHA256 under `key` (a text is taken as UTF-8); see `md5` for the rest."""
    return _fed(hmac.new(to_bytes(key), digestmod=hashlib.sha256), data).hexdigest()


def sign(fields: Mapping[str, object], key: str, sign_type: SignType = "MD5") -> str:
    """Return the value of an APIv2 message's ``sign``, in upper case.

    Empty values, `None` and ``sign`` itself take no part.

    Args:
        fields: The message: names to texts, numbers and booleans.
        key: The APIv2 key, 32 characters set in the merchant platform.
        sign_type: The digest. A message that is not signed with MD5 has to say so in a field
            ``sign_type`` of its own.

    Raises:
        ConfigurationError: The key is empty.
        TypeError: A value that `wechatpay.xml.text` does not take, such as a list.
        ValueError: Another `sign_type`.

    See https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
    """
    if sign_type not in _LENGTHS.values():
        raise ValueError("sign_type must be MD5 or HMAC-SHA256")
    return _signature(_texts(fields), key, sign_type)


def verify(fields: Mapping[str, object], key: str) -> bool:
    """Tell whether a received message's ``sign`` was made with this APIv2 key.

    Every field takes part, known or not. A ``sign`` of 64 characters is an HMAC-SHA256, one of 32
    an MD5; without one, or with a field that is not a single value, this is `False`.

    Args:
        fields: The message as `wechatpay.xml.loads` returned it.
        key: The APIv2 key.

    Raises:
        ConfigurationError: The key is empty, and anyone could have signed with it.
    """
    given = fields.get("sign")
    kind = kind_of(given) if isinstance(given, str) and given.isascii() else None
    if not isinstance(given, str) or kind is None:
        return False
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        if isinstance(value, str):
            # As it is: `text` removes characters, and a message to which some were added would
            # pass.
            pairs.append((name, value))
        elif value is not None:
            try:
                pairs.append((name, text(value, name)))
            except (TypeError, ValueError):
                return False
    return hmac.compare_digest(_signature(pairs, key, kind), given)


def kind_of(sign: str) -> SignType | None:
    """Return what kind of signature a ``sign`` is, by its length; `None` if it is neither."""
    return _LENGTHS.get(len(sign))


def workwx_sign(fields: Mapping[str, object], secret: str) -> str:
    """Return ``workwx_sign`` for a red packet or a payment by WeChat Work (WeCom), in upper case.

    It covers a documented few of the fields, and is itself covered by ``sign``: make it first.

    Args:
        fields: The message: a red packet if it has ``mch_billno``, a payment if it has
            ``partner_trade_no``.
        secret: The secret of the WeChat Work app that pays.

    Raises:
        ConfigurationError: The secret is empty.
        TypeError: A value that `wechatpay.xml.text` does not take.
        ValueError: The message is neither.

    See https://developer.work.weixin.qq.com/document/path/90281
    """
    if "mch_billno" in fields:
        names = _WORKWX_RED_PACKET
    elif "partner_trade_no" in fields:
        names = _WORKWX_PAYMENT
    else:
        raise ValueError("workwx_sign needs a mch_billno or a partner_trade_no")
    chosen = {name: value for name, value in fields.items() if name in names}
    return _signature(_texts(chosen), secret, "MD5", label="secret")


def _texts(fields: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    return ((name, text(value, name)) for name, value in fields.items() if value is not None)


def _signature(
    pairs: Iterable[tuple[str, str]], key: str, sign_type: SignType, *, label: str = "key"
) -> str:
    if not key:
        raise ConfigurationError(f"the {label} of an APIv2 signature is empty")
    ordered = list(pairs)
    try:
        ordered.sort()
    except TypeError:
        raise TypeError("the names of fields must all be text") from None
    signed = [f"{name}={value}" for name, value in ordered if value and name != "sign"]
    message = "&".join([*signed, f"{label}={key}"])
    return (md5(message) if sign_type == "MD5" else hmac_sha256(message, key)).upper()


def _fed(hasher: _H, data: str | bytes | Readable) -> _H:
    if isinstance(data, (str, bytes)):
        hasher.update(to_bytes(data))
    else:
        while chunk := data.read(_CHUNK):
            hasher.update(chunk)
    return hasher


def to_bytes(data: str | bytes) -> bytes:
    """Return a text in UTF-8; half of a surrogate pair is encoded too and raises nothing."""
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
