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
_ALGORITHM = re.compile(r"digest_al\w+")  # misspelt in one place of two


class Upload:
    """How an endpoint takes a file.

    Attributes:
        part: The name of the file's part of the form.
        meta: What `meta` says about the file.
    """

    def __init__(self, tree: Tree) -> None:
        self.part = next(name for name, spec in tree.items() if spec["type"] == "binary")
        self.meta: Tree = tree[META].get("fields", {})
        self._digest = next(filter(_DIGEST.fullmatch, self.meta))
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
        """Check the digest of the file.

        Raises:
            Refusal: 400 `PARAM_ERROR`.
        """
        sm3 = "SM3" in str(meta.get(self._algorithm, ""))
        digest = hashes.Hash(hashes.SM3() if sm3 else hashes.SHA256())
        digest.update(file)
        if str(meta[self._digest]).lower() != digest.finalize().hex():
            raise words.WRONG_DIGEST(meta[self._digest], at=f"/{self._digest}")


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
