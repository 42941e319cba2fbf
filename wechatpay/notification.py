"""What WeChat Pay sends to `notify_url`: verified, then decrypted, then answered.

    notification = wxpay.notification(request.headers, raw_body)
    if notification.event_type == "TRANSACTION.SUCCESS":
        fulfil(notification.resource["out_trade_no"])

**Several merchants, one service.** The envelope does not say which merchant it is for: that number
is inside `resource`, which only that merchant's APIv3 key opens. So put the number into the path of
the `notify_url` that each order is made with (a query is not allowed there), and look the client up
by it:

    wxpay = clients[mchid]                  # the number in …/wechatpay/notify/{mchid}
    notification = wxpay.notification(headers, body)

A notification for another merchant does not pass there: the APIv3 key authenticates what it opens.
Where all merchants share one URL, try their clients in turn: `UnknownPlatformKey` and
`DecryptionError` mean that it may be for another of them, any other error that it is for none.

**Forged, or not understood.** `VerificationError` means that WeChat Pay did not provably send it:
somebody else may have. `MalformedNotification` means that WeChat Pay did, and that there is nothing
in it to act on. Whatever else it should say beside its resource may be missing or malformed.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012071382
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Union, cast

from ._failures import tell
from ._v3 import WINDOW, check_headers, verify
from .errors import (
    APIError,
    DecryptionError,
    MalformedNotification,
    TransportError,
    VerificationError,
)

if TYPE_CHECKING:
    from ._v3 import Keyring
    from .api.types.notifications import Resources
    from .crypto import Suite

__all__ = [
    "SUCCESS",
    "Headers",
    "Notification",
    "Reply",
    "admit",
    "answer",
    "failure",
    "read",
    "reply_to",
]

Headers = Union[Mapping[str, Any], Mapping[bytes, Any], Iterable[tuple[Any, Any]]]
"""Names to values in any case, or pairs of them: text or bytes, WSGI's names or HTTP's."""

_MISNAMED = {("profitsharing", "TRANSACTION.SUCCESS"): "PROFITSHARING.SUCCESS"}
"""Events by `original_type` and `event_type` where those name two different ones."""
_JSON: Mapping[str, str] = {"Content-Type": "application/json"}
_TEXT = frozenset({str})
_REQUEST_ID = "Request-ID"
_FRACTION = r"\.[0-9]+"
_BLANK = " \t\r\n"
_FIELDS = ("id", "create_time", "event_type", "resource_type", "summary", "resource")
_SIGNED = frozenset(f"Wechatpay-{name}" for name in ("Timestamp", "Nonce", "Serial", "Signature"))
_NAMES = (_REQUEST_ID, *_SIGNED)
_KNOWN: dict[str | bytes, str] = {
    spelling: name
    for name in _NAMES
    for http in [name.lower()]
    for spelling in (http, http.encode(), "http_" + http.replace("-", "_"))
}
_official = _KNOWN.get
_decoder = json.JSONDecoder()


@dataclass(frozen=True)
class Notification:
    """One notification that WeChat Pay provably sent. Its `repr` shows nothing that was decrypted.

    Attributes:
        id: The same whenever this notification is sent again: what a `wechatpay.replay` guard
            remembers. If it has none, this is a digest of what was encrypted.
        create_time: When it was made, with an offset; `None` if it does not say, or says it without
            an offset, as the documentation of ``VIOLATION.PUNISH`` does.
        event_type: What has happened, such as ``TRANSACTION.SUCCESS``.
        resource_type: ``encrypt-resource``, or `None`.
        summary: The same for people, in Chinese, or `None`.
        original_type: What `resource` is, such as ``transaction``. Profit sharing says so here
            alone: its `event_type` is a payment's.
        resource: What was encrypted.
        raw: The bytes that the signature covers.
        serial: The id of the key that signed.
        request_id: What WeChat Pay's support asks for.
    """

    id: str
    create_time: datetime | None
    event_type: str
    resource_type: str | None
    summary: str | None
    original_type: str | None
    resource: dict[str, Any] = field(repr=False, hash=False)
    raw: bytes = field(repr=False)
    serial: str
    request_id: str | None

    @property
    def by_event(self) -> Resources:
        """`resource` under its event, by which type checkers know what is in it.

            if notification.event_type == "TRANSACTION.SUCCESS":
                paid = notification.by_event["TRANSACTION.SUCCESS"]

        Under the name of any other event there is nothing, so that one is a `KeyError`. Profit
        sharing that comes as a payment's event is ``PROFITSHARING.SUCCESS`` here, not a payment.
        """
        event = (self.original_type or "", self.event_type)
        return cast("Resources", {_MISNAMED.get(event, self.event_type): self.resource})


class Reply(NamedTuple):
    """What to answer, for any framework.

    Attributes:
        status: The HTTP status.
        headers: The headers to set.
        body: The body's bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


SUCCESS = Reply(204, {}, b"")
"""The notification was processed: WeChat Pay does not send it again."""


def answer(fields: Mapping[str, Any]) -> Reply:
    """Return the reply to a notification that is a question, such as a car park's.

    ``PARKING_FEE.QUERY_TRANS_INFO`` and ``ENTRUST.TERMINATE_RETENTION`` wait for one, three seconds
    at most. Those of ``CROSS_BORDER_PAY`` want an `Authorization` header on it besides, which is
    not made here: what it signs is not documented openly.

    Args:
        fields: What is asked for, by the official names. Its `code` is ``SUCCESS`` unless it says
            otherwise.

    Raises:
        TypeError: JSON has no such value.
        ValueError: A number is an infinity or NaN.

    See https://pay.weixin.qq.com/doc/v3/partner/4024070065
    """
    whole = {"code": "SUCCESS", **fields}
    body = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Reply(200, _JSON, body)


def failure(message: str, status: int = 500) -> Reply:
    """Return the reply after which WeChat Pay sends the notification again, up to 15 times a day.

    Args:
        message: Why, in your own words. It leaves your system, so it must not be an error's text.
        status: 4xx or 5xx.

    Raises:
        TypeError: The message is not text, such as an exception.
        ValueError: The status would say that all is well.
    """
    if not isinstance(cast("object", message), str):
        raise TypeError(f"message must be text of your own, not {type(message).__name__}")
    if not 400 <= status <= 599:
        raise ValueError(
            "status must be from 400 to 599: any other would stop WeChat Pay's retries"
        )
    body = json.dumps({"code": "FAIL", "message": message}).encode()
    return Reply(status, _JSON, body)


def reply_to(error: Exception, about: str = "a notification") -> Reply:
    """Return the reply for an error of `read`, or of the work that came after it, and log it.

    Whatever the error was, WeChat Pay sends the notification again. A probe (`SignatureProbe`) is
    answered like any wrong signature, for that is what it tests. The error's text is not in the
    reply.

    The logger `wechatpay.contrib` says what went wrong: the error's type and where it was raised,
    and its text if it is one of this library's own. If logging is not configured, that goes to
    stderr.

    Args:
        error: What was raised.
        about: What it was raised by, for the log, such as the notification's id.
    """
    tell(about, error)
    if isinstance(error, VerificationError) and error.response is None:
        return failure("signature not verified", 401)
    if isinstance(error, MalformedNotification):
        return failure("signed, but not understood")
    if isinstance(error, DecryptionError):
        return failure("resource not decrypted")
    if isinstance(error, (TransportError, APIError, VerificationError)):
        return failure("try again later", 503)
    return failure("not processed")


def admit(headers: Headers, ring: Keyring) -> None:
    """Refuse a notification by its headers, before its body is read; see `read`."""
    known = _known(headers)
    if _SIGNED.isdisjoint(known):
        raise _of_the_other_version(b"")
    check_headers(known, ring)


def read(
    headers: Headers, body: bytes, ring: Keyring, apiv3_key: bytes, window: float = WINDOW
) -> Notification:
    """Verify a notification, and only then open it.

    Args:
        headers: The request's headers as the framework has them: a mapping in any case, a list of
            pairs (ASGI), or a WSGI environ (Django's `request.META`).
        body: The raw bytes of the request.
        ring: The keys that are held.
        apiv3_key: The merchant's APIv3 key.
        window: Seconds that the signature's time may differ from the local clock, for reading a
            notification that was saved.

    Raises:
        TypeError: The body is not bytes; the message says where the framework has them.
        VerificationError: It is not provably WeChat Pay's; one of its subclasses where more is
            known, see `wechatpay.errors`.
        DecryptionError: The APIv3 key does not open it.
        MalformedNotification: It is WeChat Pay's, and there is nothing in it to act on.
    """
    given: Any = body
    if not isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError(
            f"body must be the request's raw bytes, not {type(body).__name__}: the signature "
            "covers those very bytes, and JSON that was parsed and written again never verifies. "
            "They are `await request.body()` in FastAPI and Starlette, `request.body` in Django "
            "(not REST framework's request.data), `request.get_data()` in Flask"
        )
    raw = bytes(body)
    known = _known(headers)
    if _SIGNED.isdisjoint(known):
        raise _of_the_other_version(raw)
    key = verify(known, raw, ring, window)
    serial = key.id
    envelope = _object(raw)
    if envelope is None:
        raise MalformedNotification("correctly signed, but not a JSON object", serial=serial)
    # Compared by class, for `isinstance` is slower, and JSON makes no subclasses of these.
    fields: Iterable[Any] = map(envelope.get, _FIELDS)
    number, time, event_type, resource_type, summary, resource = fields
    if resource.__class__ is not dict:
        raise _malformed("resource", serial)
    if event_type.__class__ is not str or not event_type:
        raise _malformed("event_type", serial)
    plaintext = _opened(resource, serial, apiv3_key, key.suite)
    opened = _object(plaintext)
    if opened is None:
        raise MalformedNotification(
            "correctly signed, and its resource opens, but is not a JSON object", serial=serial
        )
    notification = object.__new__(Notification)
    # A frozen dataclass sets its attributes one by one, which takes three times as long.
    original_type = resource.get("original_type")
    attributes: dict[str, Any] = {
        "id": number if number and number.__class__ is str else _id(number, plaintext),
        "create_time": _time(time) if time.__class__ is str else None,
        "event_type": event_type,
        "resource_type": resource_type if resource_type.__class__ is str else None,
        "summary": summary if summary.__class__ is str else None,
        "original_type": original_type if original_type.__class__ is str else None,
        "resource": opened,
        "raw": raw,
        "serial": serial,
        "request_id": known.get(_REQUEST_ID),
    }
    object.__setattr__(notification, "__dict__", attributes)
    return notification


def _of_the_other_version(raw: bytes) -> VerificationError:
    """The error for a request with none of the headers, such as an APIv2 notification."""
    is_xml = raw.lstrip().startswith(b"<")
    return VerificationError(
        "not signed as APIv3 signs, with headers. "
        + ("It is XML, as APIv2 sends it" if is_xml else "If it is XML, it is APIv2's")
        + ": wxpay.notification_v2(body) reads that",
        outcome_unknown=False,
    )


def _opened(resource: Mapping[str, Any], serial: str, apiv3_key: bytes, suite: Suite) -> str:
    if resource.get("algorithm") not in (None, suite.aead):
        raise DecryptionError(f"the resource is not encrypted with {suite.aead}")
    ciphertext, nonce, associated = map(resource.get, ("ciphertext", "nonce", "associated_data"))
    if ciphertext.__class__ is not str or not ciphertext:
        raise _malformed("ciphertext", serial)
    if nonce.__class__ is not str or not nonce:
        raise _malformed("nonce", serial)
    return suite.open(
        ciphertext, apiv3_key, nonce, associated if associated.__class__ is str else None
    )


def _known(headers: Headers) -> dict[str, str]:
    """The headers that matter, by their official names."""
    # Flask's headers have items() without being a mapping in every version; ASGI's are a list.
    source: Any = headers
    pairs = source.items() if hasattr(source, "items") else source
    try:
        found = [
            (official, value) for name, value in pairs if (official := _official(name.lower()))
        ]
    except (TypeError, ValueError, AttributeError):
        raise TypeError(
            "headers must be the request's: a mapping, or pairs of a name and a value, not "
            f"{type(source).__name__}"
        ) from None
    known = dict(found)
    if len(known) == len(found) and _TEXT.issuperset(map(type, known.values())):
        return known
    return _reconciled(found)


def _reconciled(found: list[tuple[str, Any]]) -> dict[str, str]:
    """The same of headers that are bytes or lists, or came twice."""
    known: dict[str, str] = {}
    spread = [
        (official, one)
        for official, value in found
        for one in (cast("list[Any]", value) if isinstance(value, (list, tuple)) else [value])
    ]
    for official, value in spread:
        if isinstance(value, bytes):
            text = value.decode("latin-1")
        elif isinstance(value, str):
            text = value
        else:
            raise TypeError(f"header {official} must be text or bytes, not {type(value).__name__}")
        if known.setdefault(official, text) != text and official != _REQUEST_ID:
            raise VerificationError(
                f"two headers {official} that differ: which one is signed?", outcome_unknown=False
            )
    return known


def _object(data: str | bytes) -> dict[str, Any] | None:
    """The JSON object that some data is, or nothing."""
    try:
        text = (data.decode() if isinstance(data, bytes) else data).strip(_BLANK)
        value, end = _decoder.raw_decode(text)  # a third faster than json.loads
    except (ValueError, RecursionError):
        return None
    return value if value.__class__ is dict and end == len(text) else None


def _id(given: object, plaintext: str) -> str:
    """Return an id in place of one that is missing or not text; it is the same each time."""
    if given.__class__ is int:
        return str(given)
    return f"sha256-{hashlib.sha256(plaintext.encode()).hexdigest()}"


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        # Python 3.10 reads neither a `Z` nor most fractions of a second.
        try:
            moment = datetime.fromisoformat(re.sub(_FRACTION, "", text).replace("Z", "+00:00"))
        except ValueError:
            return None
    return moment if moment.tzinfo is not None else None


def _malformed(name: str, serial: str) -> MalformedNotification:
    return MalformedNotification(
        f"correctly signed, but not understood: its {name} is missing or malformed", serial=serial
    )
