"""Everything that can go wrong, as one tree.

    WeChatPayError
    ├── ConfigurationError(ValueError)   a key, serial or id that cannot be right, and which one
    ├── PathError(ValueError)            a path or its placeholders
    ├── VerificationError                an answer that cannot be trusted
    │   ├── UnknownPlatformKey           signed with a key that is not held
    │   ├── ClockSkew                    signed more than five minutes from the local clock
    │   └── SignatureProbe               WeChat Pay's deliberate wrong signature
    ├── DecryptionError                  a ciphertext that does not open
    ├── TransportError                   no answer, or half of one
    └── APIError                         an answer that says no

No error shows a key, a header or a body in its message or ``repr``; all of them survive ``pickle``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

__all__ = [
    "APIError",
    "ClockSkew",
    "ConfigurationError",
    "DecryptionError",
    "PathError",
    "SignatureProbe",
    "TransportError",
    "UnknownPlatformKey",
    "VerificationError",
    "WeChatPayError",
]


class WeChatPayError(Exception):
    """The root of the tree; its only positional argument is the message.

    Everything else an error knows is a keyword argument of the same name as the attribute, which
    is what lets one `__reduce__` serve the whole tree.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # A response holds its request, and that holds the Authorization header: neither is pickled.
        state = {name: value for name, value in vars(self).items() if name != "response"}
        return _rebuild, (type(self), self.args, state)


def _rebuild(
    kind: type[WeChatPayError], args: tuple[Any, ...], state: dict[str, Any]
) -> WeChatPayError:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error


class ConfigurationError(WeChatPayError, ValueError):
    """A key, serial number or id that cannot be right; the message says which and what to do."""


class PathError(WeChatPayError, ValueError):
    """A path that is not one, or placeholders that do not fit it. Nothing was signed or sent.

    Attributes:
        template: The path as it was written.
        missing: Placeholders without a (usable) value.
        unexpected: Arguments that are neither a placeholder nor an option.
    """

    def __init__(
        self,
        message: str,
        *,
        template: str = "",
        missing: Iterable[str] = (),
        unexpected: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.template = template
        self.missing: tuple[str, ...] = tuple(missing)
        self.unexpected: tuple[str, ...] = tuple(unexpected)


class VerificationError(WeChatPayError):
    """An answer or a notification whose signature does not prove that WeChat Pay sent it.

    Attributes:
        serial: The key id that the sender named, if any.
        response: The answer, not to be trusted; `None` for notifications and after unpickling.
        outcome_unknown: The request may have been carried out all the same: query before you
            send it again.
    """

    response: httpx.Response | None = None

    def __init__(
        self,
        message: str,
        *,
        serial: str | None = None,
        response: httpx.Response | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.serial = serial
        self.response = response
        self.outcome_unknown = outcome_unknown


class UnknownPlatformKey(VerificationError):
    """Signed with a key that this client does not hold; the message names both sides' ids."""


class ClockSkew(VerificationError):
    """Signed at a time more than 300 seconds from the local clock.

    Attributes:
        skew: Local time minus the sender's, in seconds: positive when the local clock is ahead.
    """

    def __init__(self, message: str, *, skew: float = 0.0, **more: Any) -> None:
        super().__init__(message, **more)
        self.skew = skew


class SignatureProbe(VerificationError):
    """WeChat Pay's deliberate wrong signature (`WECHATPAY/SIGNTEST/…`), to see that you verify.

    Refuse it as any other wrong signature; the right one follows by itself.
    """


class DecryptionError(WeChatPayError):
    """A ciphertext that does not open with the key at hand."""


class TransportError(WeChatPayError):
    """No answer came, or only half of one. The network library's error is the `__cause__`.

    Attributes:
        outcome_unknown: The request may have reached WeChat Pay and been carried out: query
            before you send it again. `False` when it was never sent, or only asked a question.
    """

    def __init__(self, message: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(message)
        self.outcome_unknown = outcome_unknown


class APIError(WeChatPayError):
    """WeChat Pay answered, and the answer is no.

    Attributes:
        status_code: The HTTP status.
        code: WeChat Pay's error code, such as ``PARAM_ERROR``; `None` if the answer had none.
        message: WeChat Pay's own words, or `None`.
        detail: What it adds to them, such as the field at fault.
        request_id: What WeChat Pay's support asks for.
        response: The whole answer; `None` after unpickling.
        outcome_unknown: The request may have been carried out all the same, or may yet be (after a
            5xx, or codes such as ``USERPAYING``, on anything but a query): query it first.
    """

    response: httpx.Response | None = None

    def __init__(
        self,
        text: str,
        *,
        status_code: int = 0,
        code: str | None = None,
        message: str | None = None,
        detail: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        response: httpx.Response | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(text)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.detail = detail
        self.request_id = request_id
        self.response = response
        self.outcome_unknown = outcome_unknown
