"""WeChat Pay's no: what it is on the wire, and the ways of saying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .text import Text

_INTERNAL: Mapping[str, int] = {
    "PARAM_ERROR": 268435461,
    "SIGN_ERROR": 268443699,
    "FREQUENCY_LIMITED": 268447840,
    "ORDER_NOT_EXIST": 268512771,
    "ORDER_CLOSED": 268447914,
    "ORDERPAID": 268498689,
    "OUT_TRADE_NO_USED": 268498688,
    "APPID_MCHID_NOT_MATCH": 268445527,
}
"""WeChat Pay's own numbers for codes that have one meaning; the official manuals list twenty."""


class Refusal(Exception):
    """WeChat Pay's no, as it goes over the wire.

    Attributes:
        status: The HTTP status.
        code: WeChat Pay's error code, such as `PARAM_ERROR`.
        message: WeChat Pay's words.
        detail: What is wrong where: `field`, `value`, `issue`, `location`.
        no: Which no it is; `None` for one that was made by hand.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: Mapping[str, Any] | None = None,
        no: No | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail: dict[str, Any] = dict(detail or {})
        self.no = no

    @property
    def internal(self) -> int:
        """WeChat Pay's own number for it, 0 if there is none or it is not known."""
        return (self.no and self.no.internal) or _INTERNAL.get(self.code, 0)

    @property
    def payload(self) -> dict[str, Any]:
        """The body of the reply."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return {**body, "detail": self.detail} if self.detail else body


@dataclass(frozen=True)
class Old:
    """How APIv2 says something, where it differs from APIv3.

    Attributes:
        code: The `err_code`.
        text: The words; APIv3's by default.
    """

    code: str
    text: Text | None = None


@dataclass(frozen=True, eq=False)
class No:
    """One way of saying no, as it stands in a `words.py`; call it for the `Refusal` to be raised.

    It is compared by identity, not by its words: two with the same words are not equal.

    Attributes:
        status: The HTTP status.
        code: WeChat Pay's error code.
        text: In Chinese the `message`, in English the `issue` of the detail.
        at: Which parameter it is about: of a body, as a pointer such as `/out_trade_no`; empty for
            a no without details.
        location: Where the parameter stands: `body`, `url`, `query`, `header` or `authorization`.
        old: How APIv2 says it, if not with the same code and words.
        internal: WeChat Pay's own number for it, with which the `Request-ID` ends; 0 where only the
            code tells it, or nothing.
    """

    status: int
    code: str
    text: Text
    at: str = ""
    location: str = "body"
    old: Old | None = None
    internal: int = 0

    def __call__(
        self, value: object = None, *, at: str = "", location: str = "", **values: object
    ) -> Refusal:
        """Say no.

        Args:
            value: The parameter's value; `None` if it is not shown.
            at: The parameter, if it is not always the same.
            location: Where it stands, if that is not always the same.
            values: What goes into the words.
        """
        at, text = at or self.at, self.text.filled(**values)
        if not at:
            return Refusal(self.status, self.code, text.zh, no=self)
        shown = {} if value is None else {"value": value}
        detail = {"field": at, **shown, "issue": text.en, "location": location or self.location}
        return Refusal(self.status, self.code, text.zh, detail, self)


class OldRefusal(Refusal):
    """WeChat Pay's no under APIv2, where every answer has the status 200.

    Attributes:
        fields: What else the answer has.
        failed: Whether the message itself is wrong, so that the answer is a `return_msg`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        *,
        failed: bool = False,
        no: No | None = None,
    ) -> None:
        super().__init__(200, code, message, {"issue": f"{code}: {message}"}, no)
        self.fields: dict[str, str] = dict(fields or {})
        self.failed = failed

    @classmethod
    def of(cls, refusal: Refusal) -> OldRefusal:
        """Say in APIv2's words what was refused; what is in them already is left alone."""
        if isinstance(refusal, OldRefusal):
            return refusal
        old = refusal.no.old if refusal.no else None
        if old is None:
            return cls(refusal.code, refusal.message, no=refusal.no)
        return cls(old.code, old.text.zh if old.text else refusal.message, no=refusal.no)


@dataclass(frozen=True, eq=False)
class OldNo:
    """One way of saying no that only APIv2 has; call it for the `OldRefusal` to be raised.

    Attributes:
        code: The `err_code`, or what the documentation calls a `return_msg`.
        text: In Chinese the words of the answer.
        failed: Whether the message itself is wrong.
        fields: What else the answer has.
    """

    code: str
    text: Text
    failed: bool = False
    fields: Mapping[str, str] = field(default_factory=dict[str, str])

    def __call__(self, **values: object) -> OldRefusal:
        """Say no, with values in the words."""
        words = self.text.filled(**values).zh
        return OldRefusal(self.code, words, self.fields, failed=self.failed)
