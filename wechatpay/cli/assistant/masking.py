"""What is hidden from an assistant: everything that identifies a person.

What the catalogue says of a field at its place decides; else its name; else what its value looks
like. Text in a field that nobody documented is hidden unless it cannot be about a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from ...api import Field

__all__ = ["NUMBERS", "cleaned", "masked"]

_Fields: TypeAlias = "Mapping[str, Field] | None"
"""What is documented of an object, by name; `None` where nothing is, and only names tell."""
_MASK = "***"
_ALWAYS = frozenset(
    {
        *("name", "user_name", "username", "account", "bank_account", "unionid", "openid"),
        *("phone", "mobile", "telephone", "email", "address", "contact", "nickname", "operator"),
        *("recv_account", "user_received_account", "refund_recv_accout", "legal_person"),
        *("id_card_number", "user_id_card", "plate_number", "payer_phone", "user_qq", "user_id"),
        *("payer_client_ip", "client_ip", "device_ip", "spbill_create_ip", "user_truename"),
        *("complaint_detail", "operate_details", "operate_user", "user_creid", "true_name_md5"),
        *("address_detail", "address_complements", "contact_information_value", "out_user_id"),
        *("plate_number_info", "car_number", "authenticate_number", "membership_number", "qq"),
        *("complaint_detail_trans", "problem_description", "user_apply_message", "comment"),
        *("payee", "reviewer", "drawer", "receiver", "occupation", "photo_data"),
        "用户标识",
    }
)
"""Names of fields that identify a person, encrypted or not; the last is a column of bills."""
_ENDS = (
    *("openid", "_name", "_phone", "_email", "unionid", "_account", "_account_no", "_mobile"),
    *("_account_number", "_license", "_address", "_id_no", "_card_no", "phone_number"),
    *("_id_number", "_name_list"),
)
_NO_PERSON = frozenset(
    {
        *("goods_name", "bank_name", "stock_name", "coupon_name", "batch_name", "plan_name"),
        *("app_name", "store_name", "merchant_name", "activity_name", "product_name"),
        *("plan_detail_name", "act_name", "param_name", "field_name", "insurance_name"),
        *("miniprogram_username", "mini_program_username", "parking_name", "brand_name"),
    }
)
"""Names of things that end as those of people do."""
NUMBERS = ("_no", "_id", "_code", "serial", "mchid", "appid", "号", "ID")
"""How the names of what has a number end: an order's may look like a telephone's."""
_LIKE_A_PERSON = re.compile(
    r"(?<![\w-])o[\w-]{27}(?![\w-])"  # an openid
    r"|(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"  # a mobile phone
    r"|(?<!\d)\d{6}(?:19|20)\d{9}[\dXx](?!\d)"  # an identity card
    r"|(?<!\d)[3-6]\d{15,18}(?!\d)"  # a bank card
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
    re.ASCII,
)
_LIKE_NOBODY = re.compile(
    r"[A-Z][A-Z0-9_]*|\d{1,6}|(?:true|false)|\d{4}-\d\d-\d\d(?:[T ][\d:.+Z-]+)?", re.ASCII
)
"""A value of a list, a small number, a date: what is shown of a field that nobody documented."""


def masked(value: Any, fields: Iterable[Field] | None = None) -> Any:
    """Return what came from WeChat Pay, with a mask in place of what identifies a person.

    Args:
        value: What came, as Python values.
        fields: What is documented of it; `None` where nothing is.
    """
    return _masked(value, None if fields is None else _by_name(fields))


def cleaned(text: str) -> str:
    """Return a text with a mask in place of what looks like a person's number or address."""
    return _LIKE_A_PERSON.sub(_MASK, text)


def _masked(value: Any, fields: _Fields) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _member(str(key), each, fields)
            for key, each in cast("Mapping[str, Any]", value).items()
        }
    if isinstance(value, (list, tuple)):
        return [_masked(each, fields) for each in cast("list[Any]", value)]
    return cleaned(value) if isinstance(value, str) else value


def _member(name: str, value: Any, fields: _Fields) -> Any:
    field = _documented(name, fields)
    if value is None or isinstance(value, bool):
        return value
    if _tells(name, field):
        return _hidden(value)
    inside = _inside(value)
    if inside is not None:
        shown = _masked(inside, _below(field))
        return json.dumps(shown, ensure_ascii=False) if isinstance(value, str) else shown
    if fields is not None and field is None:
        return value if _LIKE_NOBODY.fullmatch(str(value)) else _MASK
    if isinstance(value, str) and not name.endswith(NUMBERS):
        return cleaned(value)
    return value


def _tells(name: str, field: Field | None) -> bool:
    """Tell whether a field identifies a person, by its documentation or its name."""
    if field is not None and (field.encrypted or field.sensitive):
        return True
    if field is not None and field.enum:
        return False
    name = re.sub(r"(?:_\d+)+$", "", name)
    named = name.endswith(_ENDS) or name in _ALWAYS | _sealed()
    return named and name not in _NO_PERSON


def _hidden(value: Any) -> Any:
    """Return a mask for each text and number in a value: an object may have a person's name."""
    if isinstance(value, Mapping):
        return {key: _hidden(each) for key, each in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(each) for each in cast("list[Any]", value)]
    return value if value is None or isinstance(value, bool) else _MASK


def _inside(value: Any) -> Any:
    """Return what has members: an object, a list, or either as JSON in a string."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return cast("Any", value) if isinstance(value, (Mapping, list, tuple)) else None


def _below(field: Field | None) -> _Fields:
    """Return what is documented below a field; of some objects nothing is."""
    if field is None:
        return None
    below = _by_name((*field.fields, *(one for _, tree in field.variants for one in tree)))
    return below or None


def _by_name(fields: Iterable[Field]) -> Mapping[str, Field]:
    return {field.name: field for field in fields}


def _documented(name: str, fields: _Fields) -> Field | None:
    """Return a field by its name, or by that with ``$n`` and ``$m`` in place of numbers."""
    if not fields:
        return None
    numbered = re.sub(r"\d+", "$m", re.sub(r"\d+", "$n", name, count=1), count=1)
    return fields.get(name) or fields.get(numbered)


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
    return frozenset(
        field.name for tree in trees for field in _walk(tree) if field.encrypted or field.sensitive
    )


def _walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _walk(field.fields)
        for _, variant in field.variants:
            yield from _walk(variant)
