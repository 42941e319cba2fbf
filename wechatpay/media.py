"""Uploads: a file, and the `meta` about it that is all a signature covers.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012760432
"""

from __future__ import annotations

import io
import mimetypes
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ._call import Upload, serialise
from .crypto import digest
from .xml import text

if TYPE_CHECKING:
    from typing import TypeAlias

    File: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"


USUAL = Upload()
"""How an endpoint that the catalogue does not know is taken to want a file."""


class Media:
    """A file to upload.

    Attributes:
        file: A path, a `file://` URL, bytes, or a binary file object, which is read from where it
            stands.
        filename: The name that WeChat Pay is told; by default the file's own, else `file`.
        meta: Fields for `meta`; under APIv2, of the form itself. What the endpoint wants besides,
            such as the digest and the file's name, is added unless it is here.
    """

    __slots__ = ("file", "filename", "meta")

    def __init__(
        self,
        file: File,
        *,
        filename: str | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        self.file: File = file
        self.filename: str = filename or _name_of(file)
        self.meta: dict[str, Any] = dict(meta or {})

    def __repr__(self) -> str:
        return f"<Media {self.filename}>"


def of(media: Media | File) -> Media:
    """Return what was passed as `media=` as a `Media`."""
    return media if isinstance(media, Media) else Media(media)


class Form(NamedTuple):
    """A multipart body.

    Attributes:
        content: The whole body.
        content_type: Its `Content-Type`, with the boundary.
        meta: The bytes of its `meta` part, which the signature covers; none under APIv2.
    """

    content: bytes
    content_type: str
    meta: bytes


def form(media: Media, upload: Upload, change: Callable[[dict[str, Any]], Any]) -> Form:
    """Return the body of an upload, holding the file once.

    Args:
        media: The file.
        upload: How the endpoint takes one.
        change: What is done to `meta` before it is written, such as encrypting a field.

    Raises:
        OSError: The file cannot be read.
    """
    with ExitStack() as stack:
        source = _opened(media.file, stack)
        start = source.tell()
        meta = {upload.digest: _digest(source, upload), **media.meta}
        if upload.filename:
            meta.setdefault(upload.filename, media.filename)
        if upload.algorithm:
            meta.setdefault(*upload.algorithm)
        signed = serialise(change(meta))
        source.seek(start)
        return _form(media, upload, source, {"meta": signed}, signed, "application/json")


def flat_form(
    media: Media, upload: Upload, change: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Form:
    """Return the body of an APIv2 upload: each field is a part of its own, and `meta` is none.

    Args:
        media: The file; its `meta` are more fields.
        upload: How the endpoint takes one.
        change: Returns the fields with the signature among them.

    Raises:
        OSError: The file cannot be read.
        TypeError: A field that `wechatpay.xml.text` does not take.
    """
    with ExitStack() as stack:
        source = _opened(media.file, stack)
        start = source.tell()
        fields = change({upload.digest: digest.md5(source), **media.meta})
        source.seek(start)
        texts = {name: text(value, name).encode() for name, value in fields.items()}
        return _form(media, upload, source, texts, b"", "text/plain; charset=utf-8")


def _form(
    media: Media,
    upload: Upload,
    source: IO[bytes],
    parts: Mapping[str, bytes],
    meta: bytes,
    kind: str,
) -> Form:
    boundary = secrets.token_hex(16)
    body = io.BytesIO()
    for name, value in parts.items():
        body.write(_head(boundary, _quoted(name), kind) + value + b"\r\n")
    kind = mimetypes.guess_type(media.filename)[0] or "application/octet-stream"
    name = f'{upload.part}"; filename="{_quoted(media.filename)}'
    body.write(_head(boundary, name, kind))
    shutil.copyfileobj(source, body)
    body.write(f"\r\n--{boundary}--\r\n".encode())
    return Form(body.getvalue(), f"multipart/form-data; boundary={boundary}", meta)


def _head(boundary: str, name: str, kind: str) -> bytes:
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    ).encode()


def _quoted(filename: str) -> str:
    return filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _opened(file: File, stack: ExitStack) -> IO[bytes]:
    """Return the file as something that can be read twice."""
    if isinstance(file, (str, os.PathLike)):
        return stack.enter_context(_path(file).open("rb"))
    if isinstance(file, (bytes, bytearray)):
        return io.BytesIO(file)
    return file if file.seekable() else io.BytesIO(file.read())


def _path(file: str | os.PathLike[str]) -> Path:
    """A path, which may be given as a `file://` URL, as keys may."""
    place = os.fspath(file)
    is_url = place.startswith("file://")
    return Path(url2pathname(urlsplit(place).path) if is_url else place)


def _digest(source: IO[bytes], upload: Upload) -> str:
    sm3 = upload.algorithm is not None and "SM3" in upload.algorithm[1]
    return digest.sm3(source) if sm3 else digest.sha256(source)


def _name_of(file: File) -> str:
    named = file if isinstance(file, (str, os.PathLike)) else getattr(file, "name", None)
    return _path(cast("str", named)).name if isinstance(named, (str, os.PathLike)) else "file"
