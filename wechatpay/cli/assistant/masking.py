"""What is hidden from an assistant: sealed fields, openids, names, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from ...api import Field

__all__ = ["masked"]

_MASK = "***"
_ALWAYS = frozenset(
    {
        *("name", "real_name", "user_name", "account_name", "account_number", "bank_account"),
        *("user_received_account", "recv_account", "refund_recv_accout", "unionid", "openid"),
        *("payer_phone", "phone", "mobile", "mobile_phone", "email", "address", "account"),
        *("id_card_number", "user_id_card", "plate_number", "legal_person", "operator"),
        *("payer_client_ip", "client_ip", "device_ip", "spbill_create_ip", "user_display_name"),
        *("complaint_detail", "operate_details", "operate_user", "user_truename", "user_creid"),
        "用户标识",
    }
)
"""Names that tell who somebody is, sealed or not; the last is a column of bills."""
_ENDS = ("openid", "_name", "_phone", "_email", "unionid")
_NO_PERSON = frozenset(
    {
        *("goods_name", "bank_name", "stock_name", "coupon_name", "batch_name", "plan_name"),
        *("app_name", "store_name", "merchant_name", "activity_name", "product_name"),
    }
)
"""Names of things that end as those of people do."""


def masked(value: Any) -> Any:
    """Return what came from WeChat Pay, with a mask in place of whatever tells who somebody is."""
    if isinstance(value, Mapping):
        return {
            key: _MASK if _tells(str(key)) and _is_text(each) else masked(each)
            for key, each in cast("Mapping[str, Any]", value).items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(each) for each in cast("list[Any]", value)]
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _tells(name: str) -> bool:
    return name not in _NO_PERSON and (name.endswith(_ENDS) or name in _ALWAYS | _sealed())


@cache
def _sealed() -> frozenset[str]:
    """Return every name that is sealed, or documented as sensitive, anywhere."""
    from ...api import endpoints, notifications

    trees = [
        tree
        for each in endpoints()
        for tree in (each.placeholders, each.query, each.body.fields, each.reply.fields)
    ]
    trees += [event.resource for event in notifications()]
    return frozenset(field.name for tree in trees for field in _walk(tree) if _is_personal(field))


def _is_personal(field: Field) -> bool:
    # Some seal what is public elsewhere, such as an order's number: only text is of a person.
    return bool(field.encrypted or field.sensitive)


def _walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _walk(field.fields)
        for _, variant in field.variants:
            yield from _walk(variant)
