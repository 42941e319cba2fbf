"""What an answer that is not 2xx says: whether anything was done, and what helps.

WeChat Pay does not sign these answers reliably, and its own SDKs do not verify them, so that TLS
alone says whose they are. Most of what is in them is for people. One thing is concluded from them:
a call that WeChat Pay refused was not carried out. It refuses with a 4xx and JSON that has a
`code`, as its pages say. Anything else leaves it open: another status, and a page or JSON of
something in between, such as a gateway that had passed the request on before it withheld the
answer.
"""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

from ..errors import APIError
from .hosts import at_wechat_pay

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from .call import Call
    from .hosts import Hosts

OUTCOME_UNKNOWN = (
    "Its outcome is unknown: query it by its number before you send it again, and never under a "
    "new number"
)
UNDECIDED = frozenset(
    {
        "BANKERROR",
        "BANK_ERROR",
        "BIZERR_NEED_RETRY",
        "PROCESSING",
        "SEND_FAILED",
        "SYSTEMERROR",
        "SYSTEM_ERROR",
        "USERPAYING",
    }
)
"""Error codes after which it may still have been carried out, or may yet be."""
_OFFICIAL_CODE = r"[A-Z][A-Z0-9_]*"
"""How WeChat Pay spells its codes: a number or a word of another kind is somebody else's."""
_CODE = r"[A-Za-z0-9_.-]{1,64}"
_REQUEST_ID = r"[A-Za-z0-9_.:-]{1,128}"
_FIELD = r"[A-Za-z0-9_./\[\]$-]{1,128}"
_PAGE_HEADER = "Sandbox-Page"
_PAGE = (
    r"https?://[A-Za-z0-9.:\[\]-]{1,255}(?:/[A-Za-z0-9._~-]{1,64}){0,4}/page/requests/[0-9]{1,12}"
)
"""Where a sandbox shows a request to people: nothing else is taken for such a link."""
_UNSEEN = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
"""What a terminal or a log takes for a command: controls, marks of direction, tags, line ends."""
_HALVES = "[\ud800-\udfff]"
_DEEPEST = 20
"""Levels of a refusal's detail that are kept."""
_NO_DATE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the standard library raises for a text that is not a date, or for an impossible year."""
_SECRETIVE = r"(?i)WECHATPAY2-|signature=|-----BEGIN"
_NOT_THERE = (404, 405)
_MAY_PASS = (403, 429)
_MAY_MEAN_THE_PATH = (None, "NOT_FOUND", "RESOURCE_NOT_EXISTS", "INVALID_REQUEST")
_NOTABLE_SKEW = 5.0
_LONGEST_MESSAGE = 300
_NO_CERTIFICATE = b"No required SSL certificate was sent"
"""What the page of WeChat Pay's nginx says to a call without the merchant's certificate."""


def refusal_of(call: Call, reply: httpx.Response, hosts: Hosts | None = None) -> APIError:
    """Return the error for an answer outside 2xx, be it WeChat Pay's JSON or a proxy's page.

    Args:
        call: What was asked.
        reply: The answer.
        hosts: Where it may have come from, for a signed call.
    """
    # These words are not signed, and may be anybody's: they are cleaned here, once, for all places
    # where they are shown.
    body = _fields(reply)
    code, message, detail = (body.get(name) for name in ("code", "message", "detail"))
    code = code if isinstance(code, str) and re.fullmatch(_CODE, code) else None
    message = message if isinstance(message, str) else None
    detail = cast("dict[str, Any]", detail) if isinstance(detail, dict) else None
    status = reply.status_code
    unknown = not call.only_asks and not _says_that_nothing_was_done(status, code)
    request_id = cleaned(reply.headers.get("Request-ID"))
    parts = [f"{call.method} {call.shown_path}: {status} {code or '(no code)'}"]
    if message:
        parts.append(quotable(message))
    elif code is None:
        parts.append(_shape(reply))
        if _NO_CERTIFICATE in reply.content:
            parts.append(
                "The merchant's certificate was not shown: pass merchant=(apiclient_cert.pem, "
                "apiclient_key.pem), or give it to your own http_client"
            )
    if detail:
        parts.append(_pointer(detail))
    if status in _NOT_THERE and code in _MAY_MEAN_THE_PATH:
        # Only such an answer needs the catalogue, so nothing else pays for loading it.
        from .._chain import meant

        parts.append(meant(call.method, call.path))
    if status in _MAY_PASS and code and not call.only_asks:
        from .._chain import again

        parts.append(again(call.method, call.path, code))
    if 300 <= status < 400:
        parts.append("Redirects are never followed: a signature must not travel on")
    if code == "SIGN_ERROR" or status == 401:
        parts.append(clock_advice(reply.headers))
        if hosts is not None:
            parts.append(hosts.advice(call))
    if unknown:
        parts.append(OUTCOME_UNKNOWN)
    parts.append(sandbox_page(reply))
    if request_id is not None and looks_like_request_id(request_id):
        from ..api import internal_code  # as above

        exactly = internal_code(request_id)
        if exactly is not None:
            parts.append(f"WeChat Pay's manuals on {exactly.number}: {exactly.meaning}")
        parts.append(f"[Request-ID {request_id}]")
    return APIError(
        ". ".join(filter(None, parts)).replace("?. ", "? "),
        status_code=status,
        code=code,
        message=message,
        detail=detail,
        request_id=request_id,
        response=reply,
        outcome_unknown=unknown,
    )


def _says_that_nothing_was_done(status: int, code: str | None) -> bool:
    """Tell whether an answer is WeChat Pay's refusal to carry a call out; see above."""
    if code is None or not 400 <= status < 500:
        return False
    return code not in UNDECIDED and re.fullmatch(_OFFICIAL_CODE, code) is not None


def sandbox_page(reply: httpx.Response) -> str:
    """Tell where a sandbox shows what was signed and answered; empty for an answer of others."""
    page = reply.headers.get(_PAGE_HEADER, "")
    if not re.fullmatch(_PAGE, page) or at_wechat_pay(reply):
        return ""
    return f"The sandbox shows it at {page}"


def looks_like_request_id(value: str | None) -> bool:
    """Tell whether a `Request-ID` may be shown: one that echoes a credential does not look so."""
    return value is not None and re.fullmatch(_REQUEST_ID, value) is not None


def clock_advice(headers: Mapping[str, str]) -> str:
    """Compare the local clock with an answer's `Date` header, in a sentence."""
    skew = clock_skew(headers)
    if skew is None:
        return "Check the private key, its serial, and this machine's clock"
    if abs(skew) < _NOTABLE_SKEW:
        return "The clocks agree; check that the private key and serial belong together"
    return f"The local clock is {skew_in_words(skew)} WeChat Pay's: set it right (NTP)"


def clock_skew(headers: Mapping[str, str]) -> float | None:
    """Return local time minus the time in the `Date` header, in seconds, if it has one."""
    try:
        return time.time() - parsedate_to_datetime(headers["Date"]).timestamp()
    except _NO_DATE:
        return None


def skew_in_words(skew: float) -> str:
    """Say a skew so that "the local clock is … WeChat Pay's" reads well."""
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'}"


def retry_after(reply: httpx.Response) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, given as a number or as a date."""
    value = reply.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except _NO_DATE:
        return None


def _fields(reply: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(reply.content)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", cleaned(body, _DEEPEST)) if isinstance(body, dict) else {}


def cleaned(value: Any, depth: int = 0) -> Any:
    """Return text without characters that would act on the terminal or log that shows it.

    Args:
        value: Text, or what JSON makes of an answer; what is neither is returned as it is.
        depth: Levels that it may have; what is deeper is left out.
    """
    if isinstance(value, str):
        return re.sub(_HALVES, "\ufffd", re.sub(_UNSEEN, " ", value))
    if not isinstance(value, (dict, list)):
        return value
    if not depth:
        return None
    if isinstance(value, list):
        return [cleaned(each, depth - 1) for each in cast("list[object]", value)]
    fields = cast("dict[str, Any]", value)
    return {cleaned(name): cleaned(each, depth - 1) for name, each in fields.items()}


def quotable(message: str) -> str:
    """Return WeChat Pay's own words as an error or a log may show them: not too many."""
    if re.search(_SECRETIVE, message):
        return "(its message is not shown: it looks as if it held a credential)"
    return str(cleaned(message[:_LONGEST_MESSAGE]))


def _shape(reply: httpx.Response) -> str:
    kind = cleaned(reply.headers.get("Content-Type", "no content type").partition(";")[0][:40])
    return f"Not WeChat Pay's JSON but {len(reply.content)} bytes of {kind}"


def _pointer(detail: Mapping[str, Any]) -> str:
    field, location = detail.get("field"), detail.get("location")
    shown = [x for x in (field, location) if isinstance(x, str) and re.fullmatch(_FIELD, x)]
    return f"Field: {' in '.join(shown)}" if shown else ""
