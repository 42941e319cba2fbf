"""What comes in and what goes out, byte for byte, and what of it a signature covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Fate = Literal["whole", "refused", "reset", "truncated"]
"""What becomes of an answer on its way: the fronts see to it."""

Lines = tuple[bytes, bytes, bytes, bytes, bytes]
"""What a merchant signs: verb, target, timestamp, random string and body, without newlines."""

Headers = Iterable[tuple[bytes, bytes]]
"""Header lines as they came over the wire: names in any case, repeats allowed."""


def joined(lines: Iterable[bytes]) -> bytes:
    """Return lines as they are signed: with a newline after each of them."""
    return b"".join(line + b"\n" for line in lines)


@dataclass(frozen=True)
class Request:
    """One request as it was received.

    Attributes:
        method: The verb, as sent.
        target: Path and query, as sent: percent-encoding and all.
        headers: The header lines.
        body: The body's bytes.
        certificate: The serial number of the certificate that the client showed for mutual TLS,
            empty for none; `None` where nobody could show one.
        secure: Whether it came by TLS, or by a front where that makes no difference.
    """

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    certificate: str | None = None
    secure: bool = True

    @property
    def origin(self) -> str:
        """Where the merchant found the sandbox: scheme and host."""
        return f"{'https' if self.secure else 'http'}://{self.header('host') or 'sandbox.invalid'}"

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

    def lines(self, timestamp: str, nonce: str, covered: bytes) -> Lines:
        """Return the lines that the merchant's signature has to cover.

        Args:
            timestamp: The `timestamp` of `Authorization`.
            nonce: Its `nonce_str`.
            covered: What of the body is covered.
        """
        return self.method.encode(), self.target, timestamp.encode(), nonce.encode(), covered


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply, ready to be sent.

    Attributes:
        status: The HTTP status; 0 if there is no answer, because the request never came through.
        headers: The header lines.
        body: The body's bytes; empty with status 204.
        fate: What becomes of it on its way, for a front to carry out.
        delay: Seconds for which a front holds it back.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fate: Fate = "whole"
    delay: float = 0.0

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @staticmethod
    def signed(timestamp: str, nonce: str, body: bytes) -> bytes:
        """Return the message that WeChat Pay's signature covers."""
        return joined((timestamp.encode(), nonce.encode(), body))
