"""What comes in and what goes out, byte for byte, and what of it a signature covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

Headers = Iterable[tuple[bytes, bytes]]
"""Header lines as they came over the wire: names in any case, repeats allowed."""


@dataclass(frozen=True)
class Request:
    """One request as it was received.

    Attributes:
        method: The verb, as sent.
        target: Path and query, as sent: percent-encoding and all.
        headers: The header lines.
        body: The body's bytes.
    """

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def path(self) -> bytes:
        """The target before its query."""
        return self.target.partition(b"?")[0]

    @property
    def query(self) -> str:
        """The target after its first `?`."""
        return self.target.partition(b"?")[2].decode("latin-1")

    @cached_property
    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for raw_name, raw_value in self.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return fields

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string; repeats are joined as RFC 9110 says."""
        return self._fields.get(name.lower(), "")

    def signed(self, timestamp: str, nonce: str) -> bytes:
        """Return the message that the merchant's signature has to cover."""
        lines = (self.method.encode(), self.target, timestamp.encode(), nonce.encode(), self.body)
        return b"".join(line + b"\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply, ready to be sent.

    Attributes:
        status: The HTTP status.
        headers: The header lines.
        body: The body's bytes; empty with status 204.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @staticmethod
    def signed(timestamp: str, nonce: str, body: bytes) -> bytes:
        """Return the message that WeChat Pay's signature covers."""
        return b"".join(line + b"\n" for line in (timestamp.encode(), nonce.encode(), body))
