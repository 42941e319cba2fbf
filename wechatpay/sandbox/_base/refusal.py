"""WeChat Pay's no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """WeChat Pay's no, as it goes over the wire.

    Attributes:
        status: The HTTP status.
        code: WeChat Pay's error code, such as `PARAM_ERROR`.
        message: WeChat Pay's words.
        detail: What is wrong where: `field`, `value`, `issue`, `location`.
    """

    def __init__(
        self, status: int, code: str, message: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail: dict[str, Any] = dict(detail or {})

    @property
    def payload(self) -> dict[str, Any]:
        """The body of the reply."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return {**body, "detail": self.detail} if self.detail else body
