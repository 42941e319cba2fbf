"""What differs between the ways to pay by code: their endpoints, refusals and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Union, cast

from .. import xml
from ..errors import APIError, TransportError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

Answer = Union["httpx.Response", APIError, TransportError, VerificationError, None]
"""What a call brought; `None` if it was broken off, so that its outcome is not known."""

_REFUSALS = frozenset(
    {
        *("APPID_MCHID_NOT_MATCH", "APPID_NOT_EXIST", "AUTHCODEEXPIRE", "AUTH_CODE_ERROR"),
        *("AUTH_CODE_INVALID", "BUYER_MISMATCH", "FAIL", "INVALID_REQUEST", "LACK_PARAMS"),
        *("MCHID_NOT_EXIST", "NOAUTH", "NOTENOUGH", "NOTSUPORTCARD", "NOT_UTF8", "ORDERCLOSED"),
        *("ORDERREVERSED", "PARAM_ERROR", "POST_DATA_EMPTY", "REQUIRE_POST_METHOD", "SIGNERROR"),
        *("TRADE_ERROR", "XML_FORMAT_ERROR"),
    }
)
"""APIv2's codes after which, as documented, this request has not been and will not be paid.

`FAIL` is `return_code`'s.
"""
_USED = frozenset({"ORDERPAID", "ORDER_PAID", "OUT_TRADE_NO_USED"})
"""Codes about an earlier request under the same number, which may have been paid.

That may have been another sale, so it must be neither reversed nor taken for this one. It may also
have been this sale, sent again by something in between, so this one must not be called refused.
"""
_ORDER_V2 = ("appid", "sub_appid", "mch_id", "sub_mch_id", "out_trade_no", "sign_type")


class Ask(NamedTuple):
    """A call to make.

    Attributes:
        method: In capitals.
        path: The path's template.
        arguments: What the verb is called with.
    """

    method: str
    path: str
    arguments: dict[str, Any]


class WayToPay(NamedTuple):
    """The calls that belong to one way of paying.

    Attributes:
        pay: Where it is paid.
        query: Where an order is asked for.
        reverse: Where it is reversed.
        asked_with: The payment's fields that a query takes.
        reversed_with: The payment's fields that a reversal takes.
    """

    pay: str
    query: str
    reverse: str
    asked_with: tuple[str, ...] = _ORDER_V2
    reversed_with: tuple[str, ...] = _ORDER_V2

    @property
    def is_v2(self) -> bool:
        """Whether it is of APIv2, where a query is a POST and everything is XML."""
        return self.pay.startswith("v2/")

    def payment(self, fields: Mapping[str, Any]) -> Ask:
        """Return the call that pays."""
        return Ask("POST", self.pay, {"xml" if self.is_v2 else "json": dict(fields)})

    def question(self, fields: Mapping[str, Any]) -> Ask:
        """Return the call that asks for the order of a payment with these fields."""
        chosen = {name: fields[name] for name in self.asked_with if name in fields}
        if self.is_v2:
            return Ask("POST", self.query, {"xml": chosen})
        return Ask("GET", self.query, {"out_trade_no": fields["out_trade_no"], "params": chosen})

    def reversal(self, fields: Mapping[str, Any]) -> Ask:
        """Return the call that reverses it."""
        chosen = {name: fields[name] for name in self.reversed_with if name in fields}
        if self.is_v2:
            return Ask("POST", self.reverse, {"xml": chosen})
        return Ask("POST", self.reverse, {"out_trade_no": fields["out_trade_no"], "json": chosen})

    def fields(self, reply: httpx.Response) -> dict[str, Any]:
        """Return the fields of an answer that is not an error."""
        if self.is_v2:
            return xml.fields(reply)
        try:
            body = reply.json()
        except ValueError:
            body = None
        return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


_DEPOSIT = ("v2/deposit/orderquery", "v2/deposit/reverse")
_V3 = "v3/pay/transactions/out-trade-no/{out_trade_no}"
_V3_PARTNER = "v3/pay/partner/transactions/out-trade-no/{out_trade_no}"
WAYS = {
    way.pay: way
    for way in (
        WayToPay("v2/pay/micropay", "v2/pay/orderquery", "v2/secapi/pay/reverse"),
        WayToPay("v2/pay/facepay", "v2/pay/facepayquery", "v2/secapi/pay/facepayreverse"),
        WayToPay("v2/deposit/micropay", *_DEPOSIT),
        WayToPay("v2/deposit/facepay", *_DEPOSIT),
        WayToPay(
            "v3/pay/transactions/codepay", _V3, f"{_V3}/reverse", ("mchid",), ("appid", "mchid")
        ),
        WayToPay(
            "v3/pay/partner/transactions/codepay",
            _V3_PARTNER,
            f"{_V3_PARTNER}/reverse",
            ("sp_mchid", "sub_mchid"),
            ("sp_appid", "sp_mchid", "sub_appid", "sub_mchid"),
        ),
    )
}


def is_refusal(error: APIError | TransportError | VerificationError) -> bool:
    """Tell whether it is certain that a payment was not and will not be made."""
    if error.outcome_unknown or not isinstance(error, APIError):
        return not error.outcome_unknown
    return not is_used(error) and (error.code in _REFUSALS or error.status_code >= 400)


def is_used(error: APIError | TransportError | VerificationError) -> bool:
    """Tell whether a payment's number is that of an earlier request."""
    return isinstance(error, APIError) and error.code in _USED


def recall(answer: Answer) -> object:
    """Return whether APIv2 wants a reversal again: `Y`, `N`, or nothing if it does not say."""
    reply = answer.response if isinstance(answer, APIError) else answer
    if reply is None or isinstance(reply, Exception):
        return None
    try:
        return xml.loads(reply.content).get("recall")
    except xml.XMLError:
        return None
