"""The pictures that merchants upload for their answers to complaints."""

from __future__ import annotations

import base64
import mimetypes
import secrets
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..._world import World
from . import words

MOST = 4
"""How many pictures go with one answer."""
_SIZE = 2 * 1024 * 1024  # bytes, as documented
_KIND = "complaint image"


class Images:
    """The pictures, by the numbers that they were given.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._store = world.store

    def add(self, filename: str, content: bytes) -> str:
        """Keep a picture, and return its number.

        Raises:
            Refusal: It is too large.
        """
        if len(content) > _SIZE:
            raise words.IMAGE_TOO_LARGE("", most=_SIZE)
        suffix = PurePosixPath(filename).suffix.lower()
        media_id = f"{secrets.token_hex(16).upper()}{suffix}"
        text = base64.b64encode(content).decode()
        self._store.put(_KIND, media_id, {"content": text, "type": _type(suffix)})
        return media_id

    def find(self, media_id: str) -> tuple[bytes, str]:
        """Return a picture and its type.

        Raises:
            Refusal: There is none.
        """
        found = self._store.get(_KIND, media_id)
        if found is None:
            raise words.NO_SUCH_IMAGE(media_id)
        return base64.b64decode(found["content"]), found["type"]

    def check(self, field: str, media_ids: Sequence[str]) -> None:
        """Check that pictures were uploaded, and are not too many.

        Args:
            field: Where the numbers stand, as a pointer.
            media_ids: The numbers.

        Raises:
            Refusal: One was not, or they are.
        """
        if len(media_ids) > MOST:
            raise words.TOO_MANY_IMAGES("", at=field, most=MOST)
        for index, media_id in enumerate(media_ids):
            if self._store.get(_KIND, media_id) is None:
                raise words.NOT_UPLOADED(media_id, at=f"{field}/{index}")


def _type(suffix: str) -> str:
    return mimetypes.types_map.get(suffix, "application/octet-stream")
