"""Uploads: a form with a file, and the JSON about it that is all a signature covers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message
from typing import Any

from cryptography.hazmat.primitives import hashes

from . import words
from .fields import Tree
from .messages import Request

META = "meta"
_DIGEST = re.compile(r"sha256|(file_)?digest")
_NAME = re.compile(r"file_?name")
_LONGEST_NAME = 128
_PICTURE, _VIDEO = 2 * 2**20, 5 * 2**20
_LIMITS: Mapping[str, tuple[str, int]] = {
    "v3/merchant/media/video_upload": ("avi|wmv|mpeg|mp4|mov|mkv|flv|f4v|m4v|rmvb", _VIDEO),
    "v3/merchant/media/upload": ("jpe?g|bmp|png|pdf", _PICTURE),
    "v3/marketing/favor/media/image-upload": ("jpe?g|bmp|png", _PICTURE),
    "v3/global/merchant-service/images/upload": ("jpe?g|bmp|png", _PICTURE),
}
"""How names end, and how many bytes there are at most, where the pages say so, such as
partner/4012467222; what a family simulates has limits of its own."""
_ALGORITHM = re.compile(r"digest_al\w+")  # misspelt in one place of two


class UploadForm:
    """How an endpoint takes a file.

    Attributes:
        part: The name of the file's part of the form.
        meta: What `meta` says about the file.
    """

    def __init__(self, tree: Tree, path: str = "") -> None:
        self._limits = _LIMITS.get(path)
        self.part = next(name for name, spec in tree.items() if spec["type"] == "binary")
        self.meta: Tree = tree[META].get("fields", {})
        self._digest = next(filter(_DIGEST.fullmatch, self.meta))
        self._name = next(filter(_NAME.fullmatch, self.meta), "")
        self._algorithm = next(filter(_ALGORITHM.fullmatch, self.meta), "")

    def parts(self, request: Request) -> dict[str, bytes]:
        """Take the form apart: the file and `meta` are there, whatever they hold.

        Raises:
            Refusal: 400 `PARAM_ERROR`.
        """
        found = form(request)
        for name in (META, self.part):
            if name not in found:
                raise words.NO_PART("", name=name)
        return found

    def check(self, meta: Mapping[str, Any], file: bytes) -> None:
        """Check the digest of the file, its name and its size.

        That nothing is not a file is inferred.

        Raises:
            Refusal: 400 `PARAM_ERROR`.
        """
        sm3 = "SM3" in str(meta.get(self._algorithm, ""))
        digest = hashes.Hash(hashes.SM3() if sm3 else hashes.SHA256())
        digest.update(file)
        if str(meta[self._digest]).lower() != digest.finalize().hex():
            raise words.WRONG_DIGEST(meta[self._digest], at=f"/{self._digest}")
        name = str(meta.get(self._name, ""))
        if len(name) > _LONGEST_NAME:
            raise words.NAME_TOO_LONG(at=f"/{self._name}", most=_LONGEST_NAME)
        if not file:
            raise words.EMPTY_FILE(at=f"/{self.part}")
        if self._limits is None:
            return
        suffixes, most = self._limits
        if not re.search(rf"\.({suffixes})$", name, re.IGNORECASE):
            raise words.WRONG_SUFFIX(
                name, at=f"/{self._name}", suffixes=suffixes.replace("|", ", ")
            )
        if len(file) > most:
            raise words.FILE_TOO_LARGE(at=f"/{self.part}", most=most >> 20)


def form(request: Request) -> dict[str, bytes]:
    """Take a `multipart/form-data` body apart; of a name that is there twice, the last counts.

    Raises:
        Refusal: 400 `PARAM_ERROR`.
    """
    kind, boundary = _parameter(request.header("content-type"), "boundary")
    if kind != "multipart/form-data" or not boundary:
        raise words.NOT_A_FORM("")
    delimiter = b"\r\n--" + boundary.encode("utf-8", "replace")
    opening, *pieces = (b"\r\n" + request.body).split(delimiter)
    if opening or not pieces or not pieces[-1].startswith(b"--"):
        raise words.NO_BOUNDARY("")
    found: dict[str, bytes] = {}
    for piece in pieces[:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        name = _name(head)
        if not blank or name is None:
            raise words.NO_NAME("")
        found[name] = content
    return found


def _name(head: bytes) -> str | None:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return _parameter(value, "name")[1] or None
    return None


def _parameter(header: str, name: str) -> tuple[str, str]:
    """Return a header's value and one of its parameters."""
    message = Message()
    message["Content-Type"] = " ".join(header.split())
    kind = header.partition(";")[0].strip().lower()
    return kind, str(message.get_param(name, "", unquote=True) or "")
