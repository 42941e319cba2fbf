"""What an endpoint says, before anything is signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class EndpointReply:
    """What an endpoint says.

    Attributes:
        status: The HTTP status.
        body: The body's bytes.
        content_type: What the body is; empty if there is none.
        signed: Whether a signature goes with it; a few documented answers have none.
        digest_header: The header with the SHA-1 of the body, if the signature covers that instead.
        location: Where a browser is sent.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    signed: bool = True
    digest_header: str = ""
    location: str = ""

    @classmethod
    def of(
        cls, payload: Mapping[str, Any], status: int = 200, *, signed: bool = True
    ) -> EndpointReply:
        """Say something in JSON."""
        return cls(status, dump(payload), JSON, signed)


def dump(value: object) -> bytes:
    """Write JSON as WeChat Pay does: without spaces, Chinese as such."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
