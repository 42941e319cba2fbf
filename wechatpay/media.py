"""Uploads: a file, and the `meta` about it that is all a signature covers.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012760432
"""

from __future__ import annotations

import inspect
import io
import mimetypes
import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from ._call import UploadRule, serialise
from ._files import local_path, path_to
from .crypto import digest
from .xml import text

if TYPE_CHECKING:
    from typing import TypeAlias

    File: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"


__all__ = ["Media"]

USUAL = UploadRule()
"""How a file is uploaded to an endpoint that the catalogue does not know."""
_NAMELESS = "file"
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (rb"\xff\xd8\xff", ".jpg"),
    (rb"\x89PNG\r\n\x1a\n", ".png"),
    (rb"BM", ".bmp"),
    (rb"GIF8", ".gif"),
    (rb"%PDF-", ".pdf"),
    (rb"....ftypqt", ".mov"),
    (rb"....ftyp", ".mp4"),
    (rb"RIFF....AVI ", ".avi"),
)
"""How files of some kinds begin, and the ending of a file that was given no name."""
_LONGEST_BEGINNING = 12


class Media:
    """A file to upload.

    Attributes:
        file: A path, a `file://` URL, bytes, or a binary file object, which is read from where it
            stands; also what Starlette, Django and Flask make of an upload.
        filename: The name that WeChat Pay is told; by default the file's own, else `file` and the
            ending of what its content is.
        meta: Fields for `meta`; under APIv2, of the form itself. What the endpoint wants besides,
            such as the digest and the file's name, is added unless it is here.
    """

    __slots__ = ("_is_named", "file", "filename", "meta")

    def __init__(
        self,
        file: File,
        *,
        filename: str | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(cast("object", filename), (str, type(None))):
            raise TypeError(f"filename must be text, not {type(filename).__name__}")
        if not isinstance(cast("object", meta), (Mapping, type(None))):
            raise TypeError(f"meta must be a mapping, not {type(meta).__name__}")
        name = filename or _name_of(file)
        self.file: File = _blocking(file)
        self.filename: str = name or _NAMELESS
        self._is_named = bool(filename) or "." in self.filename
        self.meta: dict[str, Any] = dict(meta or {})

    def __repr__(self) -> str:
        return f"<Media {self.filename}>"

    def name_for(self, beginning: bytes) -> str:
        """Return the name to send a file under that begins so."""
        if self._is_named:
            return self.filename
        found = (end for start, end in _BEGINNINGS if re.match(start, beginning, re.DOTALL))
        return self.filename + next(found, "")


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


def form(media: Media, upload: UploadRule, change: Callable[[dict[str, Any]], Any]) -> Form:
    """Return the body of an upload, holding the file once.

    Args:
        media: The file.
        upload: How the endpoint takes one.
        change: What is done to `meta` before it is written, such as encrypting a field.

    Raises:
        OSError: The file cannot be read.
        TypeError: It is open for text, or has to be awaited.
        ValueError: It is empty, or its name is not as the endpoint wants it.
    """
    with ExitStack() as stack:
        source = _opened(media.file, stack)
        start, name = source.tell(), _name(media, source, upload)
        meta = {upload.digest: _digest(source, upload), **media.meta}
        if upload.filename:
            meta.setdefault(upload.filename, name)
        if upload.algorithm:
            meta.setdefault(*upload.algorithm)
        signed = serialise(change(meta))
        source.seek(start)
        return _form(name, upload, source, {"meta": signed}, signed, "application/json")


def flat_form(
    media: Media, upload: UploadRule, change: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Form:
    """Return the body of an APIv2 upload: each field is a part of its own; there is no `meta`.

    Args:
        media: The file; its `meta` are more fields.
        upload: How the endpoint takes one.
        change: Returns the fields with the signature among them.

    Raises:
        OSError: The file cannot be read.
        TypeError: A field that `wechatpay.xml.text` does not take, or a file as for `form`.
        ValueError: As for `form`.
    """
    with ExitStack() as stack:
        source = _opened(media.file, stack)
        start, name = source.tell(), _name(media, source, upload)
        fields = change({upload.digest: digest.md5(source), **media.meta})
        source.seek(start)
        texts = {name: text(value, name).encode() for name, value in fields.items()}
        return _form(name, upload, source, texts, b"", "text/plain; charset=utf-8")


def _form(
    filename: str,
    upload: UploadRule,
    source: IO[bytes],
    parts: Mapping[str, bytes],
    meta: bytes,
    kind: str,
) -> Form:
    boundary = secrets.token_hex(16)
    body = io.BytesIO()
    for name, value in parts.items():
        body.write(_head(boundary, _quoted(name), kind) + value + b"\r\n")
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    name = f'{upload.part}"; filename="{_quoted(filename)}'
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
    if isinstance(file, (bytes, bytearray, memoryview)):
        return io.BytesIO(file)
    if getattr(file, "closed", False):
        raise ValueError("media is a file that was closed: open it again, or pass its bytes")
    if isinstance(cast("object", file.read(0)), str):
        raise TypeError(
            'media is open for text, and WeChat Pay takes bytes: open it with "rb", or encode it'
        )
    # A SpooledTemporaryFile of Python 3.10 can be rewound without saying so.
    seekable: Any = getattr(file, "seekable", None)
    can_rewind = seekable() if callable(seekable) else hasattr(file, "seek")
    return file if can_rewind else io.BytesIO(file.read())


def _path(file: str | os.PathLike[str]) -> Path:
    """A path, which may be given as a `file://` URL, as keys may."""
    return path_to(local_path(os.fspath(file)))


def _blocking(file: File) -> File:
    """Return what can be read without awaiting it: of Starlette's `UploadFile`, its file.

    Raises:
        TypeError: It is something else.
    """
    read: Any = getattr(file, "read", None)
    if not isinstance(file, (str, bytes, bytearray, memoryview, os.PathLike)) and not callable(
        read
    ):
        raise TypeError(
            f"media is a path, bytes, a binary file object or a Media, not {type(file).__name__}"
            ": a name is given as Media(file, filename=…)"
        )
    if not inspect.iscoroutinefunction(read):
        return file
    inner: Any = getattr(file, "file", None)
    if not hasattr(inner, "read"):
        raise TypeError(
            f"media is a {type(file).__name__}, whose read() has to be awaited: pass what it "
            "returns, and filename="
        )
    return cast("IO[bytes]", inner)


def _name(media: Media, source: IO[bytes], upload: UploadRule) -> str:
    """Return the name to send a file under; where the file is read from does not change."""
    start = source.tell()
    beginning = source.read(_LONGEST_BEGINNING)
    source.seek(start)
    if not beginning:
        raise ValueError(
            f"media {media.filename!r} is empty, or was read to its end before: then seek(0) first"
        )
    name = media.name_for(beginning)
    if upload.names is not None and not re.search(upload.names, name):
        raise ValueError(
            f"media is called {name!r}, and this endpoint takes names that match {upload.names}: "
            "pass Media(file, filename=…)"
        )
    return name


def _digest(source: IO[bytes], upload: UploadRule) -> str:
    sm3 = upload.algorithm is not None and "SM3" in upload.algorithm[1]
    return digest.sm3(source) if sm3 else digest.sha256(source)


def _name_of(file: File) -> str:
    """Return the name that a file has, or nothing.

    An upload from a browser has it as `filename`; its `name` is that of the form's field. A browser
    may send a whole path, even one of another operating system.
    """
    if isinstance(file, (str, os.PathLike)):
        return _path(file).name
    for attribute in ("filename", "name"):
        named: Any = getattr(file, attribute, None)
        if isinstance(named, (str, os.PathLike)) and named:
            return re.split(r"[/\\]", str(cast("str", named)))[-1]
    return ""
