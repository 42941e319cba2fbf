"""Every error that the library raises, as one tree.

    WeChatPayError
    ├── ConfigurationError(ValueError)   a key, serial or id that cannot be right, and which one
    ├── PathError(ValueError)            a path or its placeholders
    ├── VerificationError                an answer that cannot be trusted
    │   ├── UnknownPlatformKey           signed with a key that is not held
    │   ├── ClockSkew                    signed more than five minutes from the local clock
    │   └── SignatureProbe               WeChat Pay's deliberate wrong signature
    ├── DecryptionError                  a ciphertext that does not open
    ├── TransportError                   no answer, or half of one
    ├── APIError                         a refusal, or another answer that is not a success
    └── MalformedNotification            correctly signed, but not understood

No message or ``repr`` holds a key, an `Authorization` header or a body; of an answer that says no,
WeChat Pay's own message and its `Request-ID` are quoted. All errors travel whole: by ``pickle``,
and so between processes, by ``copy``, and as JSON where a queue rebuilds an error from its `args`,
as Celery does. Only the response stays behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

__all__ = [
    "APIError",
    "ClockSkew",
    "ConfigurationError",
    "DecryptionError",
    "MalformedNotification",
    "PathError",
    "SignatureProbe",
    "TransportError",
    "UnknownPlatformKey",
    "VerificationError",
    "WeChatPayError",
]


_ARGS: Any = vars(BaseException)["args"]
_DEPTH = 20
"""How deep an attribute may be nested that is written down as JSON."""
_LEFT_BEHIND = "response"
"""A response holds its request, and that the `Authorization` header: neither is ever pickled."""


class WeChatPayError(Exception):
    """The root of the tree; its message is its text.

    Everything else an error knows is an attribute, and a keyword argument of the same name. An
    attribute that a rebuilt error lost has the value that means "unknown".

    Args:
        message: What happened.
        known: Attributes by name, as the second of `args` has them.
    """

    def __init__(self, message: str = "", known: object = None, /, **attributes: Any) -> None:
        super().__init__(message)
        vars(self).update(attributes)
        # A queue that could not write the attributes down may hand over anything in their place.
        if isinstance(known, Mapping):
            told = cast("Mapping[str, Any]", known)
            vars(self).update((name, told[name]) for name in told if told[name] is not None)

    def _carried(self) -> tuple[Any, ...]:
        """Return the message, and what else is known, as JSON has it."""
        own: tuple[Any, ...] = _ARGS.__get__(self)
        known = {name: value for name, value in self._known().items() if _is_plain(value, _DEPTH)}
        return (*own, _Known(known)) if known else own

    def _carry(self, args: tuple[Any, ...]) -> None:
        *own, last = args or ("",)
        if own and isinstance(last, Mapping):
            vars(self).update(cast("Mapping[str, Any]", last))
        else:
            own.append(last)
        _ARGS.__set__(self, tuple(own))

    if not TYPE_CHECKING:
        # Celery's default serializer sends `args` and nothing more, and calls the class with them.
        # What `str` and `repr` show are the interpreter's own, which hold the message alone.
        args = property(_carried, _carry)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), _ARGS.__get__(self), self._known())

    def _known(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != _LEFT_BEHIND}


class _Known(dict[str, Any]):
    """Attributes to pickle; they may hold what a refusal was about, so only names are shown."""

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


def _is_plain(value: object, depth: int) -> bool:
    """Tell whether JSON has such a value: an attribute that it has not must not cost the others."""
    if value is None or isinstance(value, (str, int, float)):
        return True
    if isinstance(value, dict) and depth:
        fields = cast("dict[object, object]", value)
        return all(
            isinstance(key, str) and _is_plain(each, depth - 1) for key, each in fields.items()
        )
    if isinstance(value, (list, tuple)) and depth:
        values = cast("list[object] | tuple[object, ...]", value)
        return all(_is_plain(each, depth - 1) for each in values)
    return False


def _rebuild(
    kind: type[WeChatPayError], args: tuple[Any, ...], state: dict[str, Any]
) -> WeChatPayError:
    error = kind.__new__(kind, *args)
    _ARGS.__set__(error, args)
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

    template: str = ""
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()

    def __init__(
        self,
        message: str,
        known: object = None,
        /,
        *,
        template: str = "",
        missing: Iterable[str] = (),
        unexpected: Iterable[str] = (),
    ) -> None:
        super().__init__(message, known, template=template, missing=missing, unexpected=unexpected)
        self.missing, self.unexpected = tuple(self.missing), tuple(self.unexpected)


class VerificationError(WeChatPayError):
    """An answer or a notification whose signature does not prove that WeChat Pay sent it.

    Attributes:
        serial: The key id that the sender named, if any.
        response: The answer, not to be trusted; `None` for notifications and after unpickling.
        outcome_unknown: The request may have been carried out all the same: query before you
            send it again. `False` for a notification, and for what only asked a question.
    """

    serial: str | None = None
    response: httpx.Response | None = None
    outcome_unknown: bool = True

    def __init__(
        self,
        message: str,
        known: object = None,
        /,
        *,
        serial: str | None = None,
        response: httpx.Response | None = None,
        outcome_unknown: bool = True,
    ) -> None:
        super().__init__(
            message,
            known,
            serial=serial,
            response=response,
            outcome_unknown=outcome_unknown,
        )


class UnknownPlatformKey(VerificationError):
    """Signed with a key that this client does not hold; the message names both sides' ids."""


class ClockSkew(VerificationError):
    """Signed at a time more than 300 seconds from the local clock.

    Attributes:
        skew: Local time minus the sender's, in seconds: positive when the local clock is ahead.
            Zero, which it cannot be, where it is not known.
    """

    skew: float = 0.0

    def __init__(
        self, message: str, known: object = None, /, *, skew: float = 0.0, **more: Any
    ) -> None:
        super().__init__(message, known, **more)
        vars(self).setdefault("skew", skew)


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
        reason: What failed: `resolve` (the name), `connect`, `tls`, `proxy`, `timeout` (at
            whatever step), `closed` (by the other side) or `protocol` (what came is not HTTP, or
            more than is taken). `None` if it is not known.
    """

    outcome_unknown: bool = True
    reason: str | None = None

    def __init__(
        self,
        message: str,
        known: object = None,
        /,
        *,
        outcome_unknown: bool = True,
        reason: str | None = None,
    ) -> None:
        super().__init__(message, known, outcome_unknown=outcome_unknown, reason=reason)


class APIError(WeChatPayError):
    """WeChat Pay refused, or something between here and there answered in its place.

    Attributes:
        status_code: The HTTP status.
        code: WeChat Pay's error code, such as ``PARAM_ERROR``; `None` if the answer had none.
        message: WeChat Pay's own words, or `None`.
        detail: What it adds to them, such as the field at fault.
        request_id: What WeChat Pay's support asks for.
        response: The whole answer; `None` after unpickling.
        outcome_unknown: The request may have been carried out all the same, or may yet be: query
            before you send it again. `False` for what only asked a question, and after a 4xx in
            WeChat Pay's own form, JSON with a `code` (other than ``USERPAYING`` and the like). That
            answer is not signed: TLS alone says that it is WeChat Pay's.
    """

    status_code: int = 0
    code: str | None = None
    message: str | None = None
    detail: Mapping[str, Any] | None = None
    request_id: str | None = None
    response: httpx.Response | None = None
    outcome_unknown: bool = True

    def __init__(
        self,
        text: str,
        known: object = None,
        /,
        *,
        status_code: int = 0,
        code: str | None = None,
        message: str | None = None,
        detail: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        response: httpx.Response | None = None,
        outcome_unknown: bool = True,
    ) -> None:
        super().__init__(
            text,
            known,
            status_code=status_code,
            code=code,
            message=message,
            detail=detail,
            request_id=request_id,
            response=response,
            outcome_unknown=outcome_unknown,
        )


class MalformedNotification(WeChatPayError):
    """A notification that WeChat Pay provably sent, and that this library does not understand.

    WeChat Pay sends it again, up to 15 times a day, which is time to look at what it is.

    Attributes:
        serial: The id of the key that signed; `None` under APIv2.
    """

    serial: str | None = None

    def __init__(self, message: str, known: object = None, /, *, serial: str | None = None) -> None:
        super().__init__(message, known, serial=serial)
