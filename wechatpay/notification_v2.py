"""What WeChat Pay sends to an APIv2 `notify_url`: verified, decrypted, then answered.

`notified_v2` of `wechatpay.contrib.fastapi`, `.django`, `.flask` and `.quart` makes a view of a
function that takes the fields. It answers in XML, and has the framework roll back what the function
wrote before it failed. In other frameworks, pass the raw body:

    try:
        fields = wxpay.notification_v2(body)
        deal_with(fields)
        reply = SUCCESS
    except Exception as error:
        reply = reply_to(error)  # and roll back what was written: it comes again
    return response(reply.body, status=reply.status, headers=reply.headers)

There are three kinds, told apart by what is in them:

- **Signed** (payments, contracts, vehicles, risks): the fields as they came. A notification whose
  `result_code` is `FAIL` is genuine too, so look at that and at `trade_state`.
- **Signed and encrypted** (`CHECK.*`, `TRANSACTION.*`): the fields inside `event_ciphertext` are
  put among the others in place of what they were encrypted in.
- **Encrypted and not signed** (refunds): the fields inside `req_info`, and of those outside only
  the documented ones. That encryption does not authenticate (AES-ECB): most changes are noticed,
  not all. **Query the refund by its number before you act on it.**

The merchant number in it must be the client's own. That of a service provider's client is the
provider's: the shop is `sub_mch_id`. The same notification comes again until it is answered with
`SUCCESS`, and no time in it tells how old it is: process each `transaction_id`, `refund_id`,
`contract_id` or `event_id` once (see `wechatpay.replay`).

Official pages: https://pay.weixin.qq.com/doc/v2/merchant/4011935221 (payments),
https://pay.weixin.qq.com/doc/v2/merchant/4011935223 (refunds)
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, cast

from . import xml
from ._failures import tell
from ._v2 import MERCHANT_FIELDS
from .crypto import aes, digest
from .errors import (
    APIError,
    ConfigurationError,
    DecryptionError,
    MalformedNotification,
    TransportError,
    VerificationError,
)
from .notification import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SUCCESS", "Reply", "failure", "identity", "read", "reply_to"]

_ALGORITHM = "AEAD_AES_256_GCM"
_DIGESTS = ("sign_type", "algorithm")
"""Where a message says how it is signed."""
_ENVELOPE = ("event_algorithm", "event_nonce", "event_associated_data", "event_ciphertext")
_OUTSIDE = frozenset(
    ("return_code", "return_msg", "appid", "mch_id", "sub_appid", "sub_mch_id", "nonce_str")
)
"""What a refund's notification says outside its encryption; anybody could have written it."""
_OF_A_REFUND = ("refund_id", "out_refund_no", "refund_status")
_IDENTITY = (
    ("event_id",),
    ("refund_id", "refund_status"),
    ("transaction_id", "result_code", "trade_state"),
    ("contract_id", "change_type"),
)
"""The number that a notification is about, and what it says has become of that."""
_EACH_TIME = ("sign", "nonce_str")
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def _reply(code: str, message: str) -> Reply:
    body = xml.dumps({"return_code": code, "return_msg": message})
    return Reply(200, {"Content-Type": "text/xml; charset=utf-8"}, body)


SUCCESS = _reply("SUCCESS", "OK")
"""The notification was processed: WeChat Pay does not send it again."""


def failure(message: str) -> Reply:
    """Return the reply after which WeChat Pay sends the notification again.

    Args:
        message: Why, in your own words. It leaves your system, so it must not be an error's text.

    Raises:
        TypeError: The message is not text, such as an exception.
    """
    if not isinstance(cast("object", message), str):
        raise TypeError(f"message must be text of your own, not {type(message).__name__}")
    return _reply("FAIL", message)


def reply_to(error: Exception, about: str = "a notification") -> Reply:
    """Return the reply for an error of `read`, or of the work that came after it, and log it.

    As `wechatpay.notification.reply_to`, in XML. Its status says the same as its text, for what
    looks at the status alone, such as a framework that commits or rolls back a request.
    """
    tell(about, error)
    if isinstance(error, VerificationError) and error.response is None:
        return failure("signature not verified")._replace(status=401)
    if isinstance(error, MalformedNotification):
        return failure("signed, but not understood")._replace(status=500)
    if isinstance(error, (TransportError, APIError, VerificationError)):
        return failure("try again later")._replace(status=503)
    return failure("not processed")._replace(status=500)


def identity(fields: Mapping[str, Any]) -> str:
    """Return what is the same whenever a notification is sent again.

    It is for a `wechatpay.replay` guard. APIv2 gives a notification no number of its own, so it is
    the number of what it is about, and what has become of that; where it has none of those, a
    digest of its fields.

    Args:
        fields: What `read` has returned.
    """
    for number, *states in _IDENTITY:
        if fields.get(number):
            found = (str(fields[name]) for name in states if fields.get(name))
            return "-".join((str(fields[number]), *found))
    left = sorted((name, str(fields[name])) for name in fields if name not in _EACH_TIME)
    return f"sha256-{hashlib.sha256(repr(left).encode()).hexdigest()}"


def read(
    body: bytes, mchid: str, secret: str | None, apiv3_key: str | bytes | None
) -> dict[str, Any]:
    """Verify a notification and open what is encrypted in it.

    Args:
        body: The raw bytes of the request.
        mchid: The merchant number that it must be for.
        secret: The APIv2 key.
        apiv3_key: The APIv3 key, which only `CHECK.*` and `TRANSACTION.*` need.

    Returns:
        The fields, all of them text; see above for what becomes of encrypted ones.

    Raises:
        TypeError: The body is not bytes; the message says where frameworks have them.
        ConfigurationError: The key that it needs was not given.
        VerificationError: It is not provably WeChat Pay's, or for another merchant.
        DecryptionError: What is encrypted in it does not open.
        MalformedNotification: It is correctly signed, and there is nothing in it to act on.
    """
    if not isinstance(cast("object", body), (bytes, bytearray, memoryview)):
        raise TypeError(
            f"body must be the request's raw bytes, not {type(body).__name__}: they are "
            "`await request.body()` in FastAPI and Starlette, `request.body` in Django, "
            "`request.get_data()` in Flask"
        )
    if secret is None:
        raise ConfigurationError("an APIv2 notification needs the APIv2 key: pass secret")
    try:
        fields = xml.loads(bytes(body))
    except xml.XMLError as error:
        is_json = bytes(body).lstrip().startswith(b"{")
        hint = ". It is JSON, as APIv3 sends it: wxpay.notification(headers, body) reads that"
        raise VerificationError(
            f"not an APIv2 notification: {error}{hint if is_json else ''}", outcome_unknown=False
        ) from None
    _check_merchant(fields, mchid)
    if "sign" in fields:
        _verify(fields, secret)
    else:
        fields = _unsigned(fields)
    if "event_ciphertext" in fields:
        fields = _merged(fields, _ENVELOPE, _opened_event(fields, apiv3_key))
        _check_merchant(fields, mchid)
    if "req_info" in fields:
        opened = aes.ecb_decrypt(_text(fields, "req_info"), secret)
        fields = _merged(fields, ("req_info",), _refund(opened))
    return fields


def _verify(fields: Mapping[str, Any], secret: str) -> None:
    is_md5 = digest.kind_of(str(fields["sign"])) != "HMAC-SHA256"
    if is_md5 and any(fields.get(name, "MD5") != "MD5" for name in _DIGESTS):
        raise VerificationError(
            "the notification's sign is not of the kind that it names", outcome_unknown=False
        )
    if not digest.verify(fields, secret):
        raise VerificationError(
            "the notification's sign is not the APIv2 key's over its fields: it was changed on "
            "the way, is not WeChat Pay's, or secret is not the merchant's current APIv2 key",
            outcome_unknown=False,
        )


def _unsigned(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a message without a signature that can be trusted: few."""
    if fields.get("return_code") != "SUCCESS" or "req_info" not in fields:
        raise VerificationError(
            "the notification has no sign; only a refund's, which has a req_info, may lack it",
            outcome_unknown=False,
        )
    if not any(name in fields for name in MERCHANT_FIELDS):
        raise VerificationError(
            "the notification has neither a sign nor a merchant number", outcome_unknown=False
        )
    outside = {k: v for k, v in fields.items() if k in _OUTSIDE and isinstance(v, str)}
    return {**outside, "req_info": fields["req_info"]}


def _check_merchant(fields: Mapping[str, Any], mchid: str) -> None:
    for name in MERCHANT_FIELDS:
        if fields.get(name, mchid) != mchid:
            raise VerificationError(
                f"the notification is for another merchant: its {name} is not {mchid}",
                outcome_unknown=False,
            )


def _opened_event(fields: Mapping[str, Any], apiv3_key: str | bytes | None) -> dict[str, Any]:
    if apiv3_key is None:
        raise ConfigurationError(
            "this notification's event_ciphertext opens with the APIv3 key: pass apiv3_key"
        )
    if fields.get("event_algorithm") not in (None, "", _ALGORITHM):
        raise DecryptionError(f"the notification's event is not encrypted with {_ALGORITHM}")
    ciphertext, nonce = _text(fields, "event_ciphertext"), _text(fields, "event_nonce")
    associated: Any = fields.get("event_associated_data")
    aad = associated if isinstance(associated, str) else None
    plaintext = aes.decrypt(ciphertext, apiv3_key, nonce, aad)
    try:
        return xml.loads(plaintext)
    except xml.XMLError:
        # The parser's error is not shown: it tells of the plaintext.
        raise MalformedNotification("the notification's event opens, but is not XML") from None


def _refund(plaintext: str) -> dict[str, Any]:
    # A block that was changed decrypts to random bytes, which are hardly ever text.
    if re.search(_CONTROL, plaintext):
        raise DecryptionError("what was encrypted in the notification is not text")
    try:
        refund = xml.loads(plaintext)
    except xml.XMLError:
        raise DecryptionError("what was encrypted in the notification is not XML") from None
    if not all(isinstance(refund.get(name), str) for name in _OF_A_REFUND):
        raise DecryptionError(
            f"what was encrypted in the notification lacks {' or '.join(_OF_A_REFUND)}"
        )
    return refund


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        if "sign" in fields:
            raise MalformedNotification(
                f"correctly signed, but not understood: its {name} is missing or malformed"
            )
        raise VerificationError(
            f"not an APIv2 notification: its {name} is missing or malformed", outcome_unknown=False
        )
    return value


def _merged(
    fields: Mapping[str, Any], envelope: tuple[str, ...], inner: Mapping[str, Any]
) -> dict[str, Any]:
    return {**{k: v for k, v in fields.items() if k not in envelope}, **inner}
