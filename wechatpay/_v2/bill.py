"""APIv2's bills: their digest, and how one goes into a file while a refusal does not."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

from .. import xml
from .._wire import Sink, Unpacked
from ..errors import TransportError, VerificationError
from .answer import BLANK

if TYPE_CHECKING:
    import httpx

    from .._wire import Target

_KINDS = (("sha", "sha1"), ("sha-1", "sha1"), ("sha-256", "sha256"), ("sha256", "sha256"))


class Digests:
    """What a body's `Digest` header promises of it, computed as the body comes.

    Whether it covers a file as it is sent or what is packed in it, no page says; either will do.
    """

    def __init__(self) -> None:
        self._hashes = {
            name: [hashlib.new(kind, usedforsecurity=False) for _ in "ab"] for name, kind in _KINDS
        }
        self._unpacked: Unpacked | None = Unpacked(unpack=True)

    def update(self, chunk: bytes) -> None:
        """Take the next piece of the body."""
        for sent, _ in self._hashes.values():
            sent.update(chunk)
        if self._unpacked is not None:
            try:
                for plain in self._unpacked.feed(chunk):
                    for _, packed in self._hashes.values():
                        packed.update(plain)
            except TransportError:
                self._unpacked = None

    def check(self, header: str | None) -> None:
        """Check that the body is what a `Digest` header promises; unknown digests are ignored.

        Raises:
            VerificationError: It is not.
        """
        if self._unpacked is not None:
            for _, packed in self._hashes.values():
                packed.update(self._unpacked.rest)
        for promise in (header or "").split(","):
            name, equals, value = promise.strip().partition("=")
            found = [one.digest() for one in self._hashes.get(name.lower(), [])]
            spelled = {b64encode(one).decode() for one in found} | {one.hex() for one in found}
            if equals and spelled and value not in spelled and value.lower() not in spelled:
                raise VerificationError(
                    f"the bill's {name.upper()[:8]} is not the one that its Digest header promises",
                    outcome_unknown=False,
                )


def check_digest(reply: httpx.Response) -> None:
    """Check that a bill in memory is what its `Digest` header promises.

    Raises:
        VerificationError: It is not.
    """
    digests = Digests()
    digests.update(reply.content)
    digests.check(reply.headers.get("Digest"))


class BillSink(Sink):
    """A sink for a bill, which is text or gzip; XML in its place is kept in memory.

    Attributes:
        is_bill: Whether what came is a bill, and went where it was to go.
        digests: What its `Digest` header has to agree with.
    """

    def __init__(self, target: Target) -> None:
        """Touch nothing yet."""
        super().__init__(target)
        self.is_bill = False
        self.digests = Digests()
        self._held = bytearray()

    def open(self) -> None:
        """Start from nothing, as any sink does."""
        super().open()
        self.is_bill = False
        self.digests = Digests()
        self._held.clear()

    def write(self, chunk: bytes) -> None:
        """Take the next piece; it is held until there is something to tell a bill by.

        Raises:
            OSError: The file cannot be written.
        """
        self.digests.update(chunk)
        if self.is_bill:
            super().write(chunk)
            return
        if len(self._held) <= xml.MAX_SIZE:  # longer XML is refused anyway
            self._held += chunk
        if bytes(self._held.lstrip(BLANK)[:1]) not in (b"", b"<"):
            self.is_bill = True
            super().write(bytes(self._held))
            self._held.clear()

    def with_body(self, reply: httpx.Response) -> httpx.Response:
        """Return a reply whose body went into this sink, with the body that was held."""
        return type(reply)(
            reply.status_code,
            headers=reply.headers,
            content=bytes(self._held),
            request=reply.request,
        )
