"""Whether an APIv2 answer says that WeChat Pay refused, and whether WeChat Pay signed it.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011985891
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from .. import xml
from .._call import OUTCOME_UNKNOWN, UNDECIDED, cleaned, quotable, sandbox_page
from ..crypto import digest
from ..errors import APIError, VerificationError

if TYPE_CHECKING:
    import httpx

    from .._call import Call

BLANK = b"\xef\xbb\xbf \t\r\n"
"""What may come before the first character of an answer: blanks, and a byte order mark."""

_MAY_BE_DONE = r"(?i)system|timeout|系统|超时|繁忙|稍后"
"""Words in the message of a `return_code` `FAIL` after which the call may have been carried out.

Such an answer has no error code to tell it by. Other messages, as of a wrong signature or a missing
field, come before anything is done.
"""
_FAIL = "FAIL"
_CODES = ("err_code", "error_code", "retcode")
_MESSAGES = ("err_code_des", "error_code_des", "result_msg", "return_msg", "retmsg")


def judge(call: Call, reply: httpx.Response, secret: str) -> bool:
    """Tell whether an answer was verified; `False` for the documented ones that cannot be.

    Args:
        call: What it answers.
        reply: The answer, its body read.
        secret: The APIv2 key.

    Raises:
        APIError: `return_code`, `result_code` or `retcode` says that WeChat Pay refused.
        VerificationError: It is not provably WeChat Pay's.
    """
    content = reply.content.lstrip(BLANK)
    if content.startswith(b"<"):
        verified = _is_verified(call, reply, secret)
        if call.rule.reply == "text":
            raise _distrusted(call, reply, "XML came in place of a file, and it is not a refusal")
        return verified
    if call.rule.reply == "text" and content:
        return False
    if call.rule.reply == "json":
        _check_json(call, reply)
        return False
    raise _distrusted(call, reply, f"the answer is {'not XML' if content else 'empty'}")


def _is_verified(call: Call, reply: httpx.Response, secret: str) -> bool:
    try:
        fields = xml.loads(reply.content, lists=call.rule.lists)
    except xml.XMLError as error:
        raise _distrusted(call, reply, str(error)) from None
    returned, result = fields.get("return_code"), fields.get("result_code", "SUCCESS")
    if returned == _FAIL:
        raise _refused(call, reply, _first(fields, _CODES) or _FAIL, _first(fields, _MESSAGES))
    retcode = fields.get("retcode")
    if returned is None and isinstance(retcode, str) and retcode not in ("", "0"):
        # A few endpoints refuse as `getaccesstoken` does, but in XML.
        raise _refused(call, reply, retcode, _first(fields, _MESSAGES))
    if returned != "SUCCESS":
        raise _distrusted(call, reply, "the answer has no return_code of APIv2")
    may_lack_sign = call.rule.unsigned or result == _FAIL
    if not (may_lack_sign and "sign" not in fields) and not digest.verify(fields, secret):
        raise _distrusted(call, reply, "the answer's sign is missing or wrong")
    if result != "SUCCESS":
        raise _refused(call, reply, _first(fields, _CODES), _first(fields, _MESSAGES))
    return "sign" in fields


def _check_json(call: Call, reply: httpx.Response) -> None:
    """Refuse JSON that is not a success: `getaccesstoken` has its own words for it."""
    try:
        body: object = json.loads(reply.content)
    except (ValueError, RecursionError):
        body = None
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    code = fields.get("retcode")
    if not isinstance(code, (int, str)) or isinstance(code, bool):
        raise _distrusted(call, reply, "the answer is neither XML nor JSON with a retcode")
    if str(code) != "0":
        raise _refused(call, reply, str(code), _first(fields, ("retmsg", *_MESSAGES)))


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first of these fields that is a text with something in it."""
    found = (fields.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), None)


def _distrusted(call: Call, reply: httpx.Response, why: str) -> VerificationError:
    unknown = not call.only_asks
    return VerificationError(
        f"{why}: not provably WeChat Pay's" + (f". {OUTCOME_UNKNOWN}" if unknown else ""),
        response=reply,
        outcome_unknown=unknown,
    )


def _refused(call: Call, reply: httpx.Response, code: str | None, message: str | None) -> APIError:
    code, message = cleaned(code), cleaned(message)
    decided = code is not None and code not in UNDECIDED and message not in UNDECIDED
    if code == _FAIL and re.search(_MAY_BE_DONE, message or ""):
        decided = False
    unknown = not call.only_asks and not decided
    said = f"{call.method} {call.shown_path}: {quotable(code or '(no code)')}"
    words = [said, quotable(message or ""), OUTCOME_UNKNOWN if unknown else "", sandbox_page(reply)]
    return APIError(
        ". ".join(filter(None, words)),
        status_code=reply.status_code,
        code=code,
        message=message,
        request_id=cleaned(reply.headers.get("Request-ID")),
        response=reply,
        outcome_unknown=unknown,
    )
