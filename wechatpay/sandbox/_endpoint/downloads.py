"""Files that a `download_url` leads to: made up, but with the digest that was told of them.

A family that has files of its own to give, such as bills, hands out tokens of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import struct
import zlib
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes

from .._base import Keys
from . import words

PATH = "v3/billdownload/file"
TEXT, PACKED = "text/plain; charset=utf-8", "application/x-gzip"
_DIGESTS = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256(), "SM3": hashes.SM3()}  # noqa: S303


def token(number: int, keys: Keys) -> str:
    """Return the token of a file that is made up from a number; nobody else can make one."""
    name = f"{number:032x}"
    return name + _mac(name, keys)


def said_of(
    token: str,
    origin: str,
    *,
    content: bytes | None = None,
    hash_type: str = "SHA1",
    packed: bool = False,
) -> dict[str, str]:
    """Return what an answer says of a file.

    Args:
        token: The file's token.
        origin: Where the sandbox is.
        content: The file; by default one that is made up.
        hash_type: How the digest is computed: `SHA1`, `SHA256` or `SM3`. It is always that of the
            file as it is uncompressed.
        packed: Whether it comes compressed.
    """
    query = {"token": token, "tartype": "gzip"} if packed else {"token": token}
    digest = hashes.Hash(_DIGESTS[hash_type])
    digest.update(_rows(token) if content is None else content)
    return {
        "download_url": f"{origin}/{PATH}?{urlencode(query)}",
        "hash_type": hash_type,
        "hash_value": digest.finalize().hex(),
    }


def content(token: str, keys: Keys) -> bytes:
    """Return the file of a token.

    Raises:
        Refusal: 404: no `download_url` has this token.
    """
    name, mac = token[:32], token[32:]
    if not hmac.compare_digest(mac.encode(), _mac(name, keys).encode()):
        raise words.NO_SUCH_FILE(token)
    return _rows(token)


def made_up(kind: str, number: int, *, packed: bool = False) -> tuple[bytes, str]:
    """Return a file for an answer that is one, and its type: rows of text, or a picture."""
    if kind != "csv":
        return _picture(number), "application/octet-stream"
    rows = _rows(f"{number:032x}")
    return (pack(rows), PACKED) if packed else (rows, TEXT)


def pack(content: bytes) -> bytes:
    """Compress a file, always to the same bytes."""
    return gzip.compress(content, mtime=0)


def _mac(name: str, keys: Keys) -> str:
    return hmac.new(keys.apiv3_key.encode(), name.encode(), hashlib.sha256).hexdigest()[:32]


def _rows(name: str) -> bytes:
    return f"沙箱文件,说明\r\n`{name},`此文件由沙箱生成，不含真实数据\r\n".encode()


def _picture(number: int) -> bytes:
    """A PNG of one grey pixel."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes((0, number % 256)))),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
