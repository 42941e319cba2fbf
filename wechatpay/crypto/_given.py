"""A key as it was given: what is text and what is a path, and what is in the text or the file.

Merchants have keys from downloads, environment variables, settings of other SDKs and hosting
panels, and each of these changes the text in its own way. What can be corrected without a guess is
corrected here; for anything else the error says what it looks like.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, encodebytes
from pathlib import Path
from typing import NamedTuple, cast

from .._files import local_path
from ..errors import ConfigurationError
from ._der import Kind, Shape, declared_length, parts_of, shape_of

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

_PRIVATE: tuple[Kind, ...] = ("private key", "PKCS#12 file", "encrypted private key")
_PUBLIC: tuple[Kind, ...] = ("public key", "certificate")
_DASH = "[-\u2010-\u2015\u2212\uff0d]"
_BLOCK = rf"(?si){_DASH}+ *BEGIN ([A-Z0-9# ]+){_DASH}+(.*?){_DASH}{{2,}} *END [A-Z0-9# ]+"
_BEGIN = rf"(?i){_DASH}+ *BEGIN [A-Z0-9# ]+{_DASH}"
_ENCRYPTED = "Proc-Type: 4,ENCRYPTED"
_LINE_END = r"\\+[rn]?|[\r\n]+"
"""Line ends, and the characters that stand for them once or more than once escaped."""
_NOTHING = r"\\+[rnt]?|[\s\u200b-\u200d\u2060\ufeff]+"
"""What is ignored between the characters of base64."""
_SURROUNDING = " \t\r\n\"'\ufeff"
_BASE64_OF_DER = r"M[A-P][A-Za-z0-9+/_-]{98,}={0,2}"
_BASE64_OF_SHORT = r"M[A-P][A-Za-z0-9+/_-]{60,97}={0,2}"
"""An SM2 key without its public key may be as short as that, but so may a folder's path."""
_URL_SAFE = str.maketrans("-_", "+/")
_BASE64_OF_PEM = r"LS0tLS1CRUdJTi[A-Za-z0-9+/]+={0,2}"
_TEXT = rb"[\t-\r -~]*"
_LONGEST = 1024 * 1024
_LOOKS_LIKE_A_FILE = r"(?i)\.(pem|key|crt|cer|der|p12|pfx|txt)$"
_OTHER_FILES = (
    (b"PK\x03\x04", "a zip archive: unpack it, and pass the file that is meant"),
    (b"\xfe\xed\xfe\xed", "a Java keystore: export the key from it as PEM"),
    (b"openssh-key-v1", "a key of OpenSSH's, which is not how WeChat Pay's tools write one"),
    (b"ssh-", "a key of OpenSSH's, which is not how WeChat Pay's tools write one"),
    (b"PuTTY-", "a key of PuTTY's, which is not how WeChat Pay's tools write one"),
    (b"<", "HTML or XML, not a key: was a page saved in place of the file?"),
    (b"{", "JSON, not a key"),
)
_OTHER_VALUES = (
    (r"", "empty"),
    (r"[0-9A-Fa-f]{40}", "as long as a certificate's serial number: was it meant for serial?"),
    (r"(?i)PUB_KEY_ID_\d+", "the id of WeChat Pay's public key, not the key itself"),
    (r"[!-.0-~]{32}", "as long as the APIv3 key: was it meant for apiv3_key?"),
    (r"[0-9A-Fa-f]{64,}", "hexadecimal: write the key as PEM or base64"),
)
"""What a text looks like that is neither a key nor a file's name, but was passed as one."""


class Item(NamedTuple):
    """One thing in what was given.

    Attributes:
        shape: What it is.
        data: The DER structure; a key under an old encryption is PEM text.
    """

    shape: Shape
    data: bytes


def path_of(source: object) -> Path | None:
    """Return the path that a key was given as; `None` if it is the key itself, or an object."""
    if isinstance(source, str) and _embedded(source) is None:
        return _path(source)
    return Path(cast("os.PathLike[str]", source)) if isinstance(source, os.PathLike) else None


def read(source: object, name: str) -> list[Item]:
    """Return what is in a key's text, bytes or file, in its order; it is never empty.

    Args:
        source: PEM or DER, or either in base64; or a path or a `file://` URL.
        name: What the errors call it.

    Raises:
        ConfigurationError: It cannot be read, or holds nothing whole that has to do with keys;
            the message tells what it looks like, and shows nothing of it.
    """
    if isinstance(source, str):
        data: bytes | str | None = _embedded(source)
        data = read_file(source, name) if data is None else data
    elif isinstance(source, (bytes, bytearray)):
        data = bytes(source)
    elif isinstance(source, os.PathLike):
        data = read_file(os.fspath(cast("os.PathLike[str]", source)), name)
    else:
        raise ConfigurationError(
            f"{name} must be PEM text, a path or a key object, not {type(source).__name__}"
        )
    return _items(data, name)


def as_pem(text: str | bytes) -> bytes:
    """Return the keys and certificates in a text as PEM that OpenSSL reads, whatever its form.

    A text that has none, or a damaged one, is returned as it is. A PKCS#12 file, which is not PEM,
    is returned decoded.
    """
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    try:
        items = _items(text, "it")
    except ConfigurationError:
        return data
    packed = next((one.data for one in items if one.shape.kind == "PKCS#12 file"), None)
    return packed or b"".join(_pem(one) for one in items)


def _pem(item: Item) -> bytes:
    if item.data.startswith(b"-"):
        return item.data
    label = item.shape.kind.upper()
    if item.shape.kind == "private key" and parts_of(parts_of(item.data)[0].content)[1].tag != 0x30:
        # The older forms have no algorithm at their head, and PEM's label tells it instead.
        label = f"{item.shape.name} {label}"
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (
        label.encode(), encodebytes(item.data), label.encode(),
    )  # fmt: skip


def private_item(source: object, name: str) -> Item:
    """Return what holds the merchant's private key in what was given: a key or a PKCS#12 file.

    Raises:
        ConfigurationError: As `read`; or there is none, or it is encrypted.
    """
    items = read(source, name)
    item = min(items, key=lambda one: _rank(one, _PRIVATE))
    if item.shape.kind == "encrypted private key":
        raise ConfigurationError(f"{name} is encrypted; pass it decrypted, or a key object")
    if item.shape.kind not in _PRIVATE:
        raise ConfigurationError(
            f"{name} holds a {item.shape.kind}; it must be the merchant's private key, "
            "apiclient_key.pem"
        )
    return item


def public_item(source: object, name: str) -> Item:
    """Return what holds WeChat Pay's public key in what was given: a key or a certificate.

    Raises:
        ConfigurationError: As `read`; or there is none, or a private key beside it.
    """
    items = read(source, name)
    wrong = next((one.shape.kind for one in items if one.shape.kind in _PRIVATE), None)
    item = next((one for one in items if one.shape.kind in _PUBLIC), None)
    if wrong is not None or item is None:
        what = "private key" if wrong is not None else items[0].shape.kind
        raise ConfigurationError(
            f"{name} holds a {what}; WeChat Pay's public key or platform certificate goes here"
        )
    return item


def damaged(item: Item, name: str) -> ConfigurationError:
    """Return the error for a structure that is built like a key but cannot be loaded as one."""
    return ConfigurationError(
        f"{name} is damaged: {len(item.data)} bytes that are built as a {item.shape.kind} and are "
        "not one; get the file again"
    )


def _rank(item: Item, kinds: tuple[Kind, ...]) -> int:
    return kinds.index(item.shape.kind) if item.shape.kind in kinds else len(kinds)


def read_file(place: str, name: str) -> bytes:
    """Return what a key's file holds; `place` is its path or `file://` URL.

    Raises:
        ConfigurationError: It cannot be read; what may be a secret is not quoted.
    """
    try:
        with _path(place).open("rb") as file:
            data = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        # A string that is not plainly a file's name may be a secret in the wrong place.
        bare = place.strip(_SURROUNDING)
        shown = (
            repr(bare)[1:-1]
            if re.search(_LOOKS_LIKE_A_FILE, bare) and "\n" not in bare
            else f"a string of {len(place)} characters"
        )
        raw = bare.encode(errors="replace")
        looks = next((what for sign, what in _OTHER_FILES if raw.startswith(sign)), None)
        looks = looks or next(
            (what for one, what in _OTHER_VALUES if re.fullmatch(one, bare)), None
        )
        if looks is not None:
            raise ConfigurationError(f"{name} is {looks}") from None
        why = error.strerror if isinstance(error, OSError) else "that cannot be a path"
        raise ConfigurationError(
            f"{name}: {shown} is neither PEM text nor a readable file ({why})"
        ) from None
    if len(data) > _LONGEST:
        raise ConfigurationError(f"{name}: the file is too long to be a key's")
    return data


def _path(place: str) -> Path:
    """The path as given, or without the blanks and quotes around it if no file has that name."""
    if _exists(place):
        return Path(place)
    bare = place.strip(_SURROUNDING)
    return Path(local_path(bare))


def _exists(place: str) -> bool:
    try:
        return Path(place).exists()
    except (OSError, ValueError):
        return False


def _embedded(text: str) -> str | None:
    """A text that is itself the key, in one of its forms; `None` if it can only be a path."""
    if re.search(_BEGIN, text):
        return text
    bare = re.sub(_NOTHING, "", text.strip(_SURROUNDING))
    return text if re.fullmatch(_BASE64_OF_PEM, bare) or _is_base64_of_der(bare) else None


def _is_base64_of_der(bare: str) -> bool:
    if re.fullmatch(_BASE64_OF_SHORT, bare):
        der = b64decode(_padded(bare.translate(_URL_SAFE)))
        return declared_length(der) == len(der) and shape_of(der) is not None
    return re.fullmatch(_BASE64_OF_DER, bare) is not None


def _items(data: bytes | str, name: str) -> list[Item]:
    if isinstance(data, bytes) and _is_der(data):
        return [_item(data, name)]
    text = _decoded(data) if isinstance(data, bytes) else data
    blocks: list[tuple[str, str]] = re.findall(_BLOCK, text)
    if not blocks and re.search(_BEGIN, text):
        raise ConfigurationError(
            f"{name} is cut short: its line '-----BEGIN …-----' has no line '-----END …-----'"
        )
    if blocks:
        found = [
            _of_block(label, body, name) for label, body in blocks if "PARAM" not in label.upper()
        ]
        if not found:
            raise _unknown(data, name)
        return found
    bare = re.sub(_NOTHING, "", text.strip(_SURROUNDING))
    if re.fullmatch(_BASE64_OF_PEM, bare):
        return _items(b64decode(_padded(bare)), name)
    if _is_base64_of_der(bare):
        return [_item(_unbase64(bare, name), name)]
    raise _unknown(data, name)


def _of_block(label: str, body: str, name: str) -> Item:
    pieces: list[str] = re.split(_LINE_END, body)
    lines = [line for piece in pieces if (line := piece.strip())]
    if _ENCRYPTED in lines:
        # The lines that say how are needed as they are, with an empty one behind them.
        last = max(number for number, line in enumerate(lines) if ":" in line)
        head, rest = "\n".join(lines[: last + 1]), "\n".join(lines[last + 1 :])
        label = label.strip()
        pem = f"-----BEGIN {label}-----\n{head}\n\n{rest}\n-----END {label}-----\n"
        return Item(Shape("encrypted private key"), pem.encode(errors="replace"))
    return _item(_unbase64(re.sub(_NOTHING, "", body), name), name)


def _item(der: bytes, name: str) -> Item:
    whole = declared_length(der)
    if whole is None:
        raise _unknown(der, name)
    if whole > len(der):
        raise ConfigurationError(
            f"{name} is cut short: {len(der)} bytes are there of {whole}; get the file again"
        )
    if der[whole:].strip():
        raise ConfigurationError(
            f"{name} is damaged: {len(der) - whole} bytes follow its {whole}; get the file again"
        )
    der = der[:whole]
    shape = shape_of(der)
    if shape is None:
        raise ConfigurationError(f"{name} holds no key: {whole} bytes that are something else")
    return Item(shape, der)


def _is_der(data: bytes) -> bool:
    """Tell a DER structure from a text that begins with `0`, which is the same byte."""
    return declared_length(data) is not None and not re.fullmatch(_TEXT, data)


def _unbase64(text: str, name: str) -> bytes:
    text = text.translate(_URL_SAFE)
    alien = set(re.findall(r"[^A-Za-z0-9+/]", text.rstrip("=")))
    if alien:
        raise ConfigurationError(
            f"{name} is damaged: between BEGIN and END are characters that base64 does not have "
            f"({len(alien)} kinds in {len(text)} characters); get the file again"
        )
    return b64decode(_padded(text))


def _padded(text: str) -> str:
    """Base64 that can be decoded: as much of it as is whole, if it is cut short."""
    whole = text.rstrip("=")
    return (whole[:-1] if len(whole) % 4 == 1 else whole) + "=="


def _decoded(data: bytes) -> str:
    """A file's text: Windows may have saved it in UTF-16, and notes in it may be in anything."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _unknown(data: bytes | str, name: str) -> ConfigurationError:
    """Say what it looks like, by how it begins."""
    raw = (data.encode(errors="replace") if isinstance(data, str) else data).strip()
    if not raw:
        return ConfigurationError(f"{name} is empty")
    looks = next((what for sign, what in _OTHER_FILES if raw.startswith(sign)), None)
    if looks is not None:
        return ConfigurationError(f"{name} is {looks}")
    return ConfigurationError(
        f"{name} is not PEM: no line '-----BEGIN …-----' in {len(raw)} bytes, which are not a key "
        "in base64 or DER either"
    )
