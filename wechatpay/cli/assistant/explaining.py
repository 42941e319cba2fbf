"""What the tools say of an error, and of a signature that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from ...api import Endpoint

__all__ = ["error_explained", "signature_explained"]

_CODES: Mapping[str, str] = {
    "PARAM_ERROR": "A parameter is missing or wrong: `detail` names it. Nothing was done.",
    "INVALID_REQUEST": "The request does not fit what is there: the same number with other values, "
    "or something that is over. Query first.",
    "SIGN_ERROR": "The signature does not cover what arrived: wrong key or serial number, or the "
    "body or URL was changed after it was signed. Ask explain_signature.",
    "NO_AUTH": "The merchant was not granted this product or AppID. Code cannot fix it.",
    "APPID_MCHID_NOT_MATCH": "appid and mchid are not bound to each other: merchant platform.",
    "MCH_NOT_EXISTS": "There is no such merchant number.",
    "ORDER_NOT_EXIST": "There is no such order, or it is another merchant's.",
    "ORDER_CLOSED": "The order is closed: take a new number.",
    "ORDERPAID": "The order is paid already: query it, and place no other order.",
    "OUT_TRADE_NO_USED": "This number was used with other values: a repetition has to be the same.",
    "NOT_ENOUGH": "There is not enough money on the account. Top it up; then the same call again.",
    "FREQUENCY_LIMITED": "Too many calls: wait, then the same call again.",
    "RATELIMIT_EXCEEDED": "Too many calls: wait, then the same call again.",
    "SYSTEM_ERROR": "WeChat Pay had an internal error. The outcome is unknown: query by your own "
    "number, then the same call with the same number.",
    "SYSTEMERROR": "WeChat Pay had an internal error. The outcome is unknown: query by your own "
    "number.",
    "BANK_ERROR": "The bank had an error. Query before anything else.",
    "USERPAYING": "The user is typing the password: ask again in some seconds.",
    "RESOURCE_NOT_EXISTS": "Nothing has that number.",
    "USER_ACCOUNT_ABNORMAL": "The user's account cannot take or pay money.",
}
_UNKNOWN_CODE = "No general meaning of this code is known: read its message."


def error_explained(code: str, endpoint: Endpoint | None) -> dict[str, Any]:
    """Return what is known of a refusal's code, at an endpoint if that is known."""
    told: dict[str, Any] = {"code": code, "meaning": _CODES.get(code, _UNKNOWN_CODE)}
    if endpoint is None:
        return told
    here = next((one for one in endpoint.errors if one.code == code), None)
    told["documented_here"] = here is not None
    if here is not None:
        told["status"] = here.status
        told["the_same_call_may_be_repeated"] = here.repeatable
    if endpoint.idempotency_key:
        told["keep_the_same"] = endpoint.idempotency_key
    told["official"] = list(endpoint.docs)
    return told


def signature_explained(
    key: RSAPublicKey, verb: str, url: str, authorization: str, body: str
) -> dict[str, Any]:
    """Return what a request's signature covers, and whether that is what arrived."""
    from ...sandbox import explain_signature

    found = explain_signature(key, verb.upper(), url, authorization, body.encode())
    told: dict[str, Any] = {"found": found.text.en, "中文": found.text.zh}
    if found.line:
        told["differs_from"] = f"line {found.line}, character {found.column} of what is signed"
    return told
