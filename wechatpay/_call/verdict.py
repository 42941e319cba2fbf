"""What an answer carries with it about its own verification."""

from __future__ import annotations

from typing import Any, cast

from .rules import ORDINARY, Rule


class Verdict(dict[str, Any]):
    """What `response.extensions["wechatpay"]` holds: a mapping whose keys are attributes too.

    Attributes:
        verified: The answer's signature was checked. `False` for the documented unsigned ones.
        serial: The id of the key that signed.
        request_id: What WeChat Pay's support asks for.
        rule: How the endpoint differs from others; not one of the mapping's keys.
    """

    __slots__ = ("rule",)

    def __init__(
        self, *, verified: bool, serial: str | None, request_id: str | None, rule: Rule = ORDINARY
    ) -> None:
        super().__init__(verified=verified, serial=serial, request_id=request_id)
        self.rule = rule

    @property
    def verified(self) -> bool:
        """Whether the answer's signature was checked."""
        return bool(self["verified"])

    @property
    def serial(self) -> str | None:
        """The id of the key that signed."""
        return cast("str | None", self["serial"])

    @property
    def request_id(self) -> str | None:
        """What WeChat Pay's support asks for."""
        return cast("str | None", self["request_id"])
