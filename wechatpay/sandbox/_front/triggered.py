"""Notifications of what never happened: any of the catalogue's, in its documented shape.

Their values are made up, except those that are given. Where the documentation merges what direct
merchants, partners and combined orders are told, it is one of them: the direct merchant's, unless
the given fields are another's.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from .._endpoint import Spec, Tree, find, made_up, sensitive, tree_of
from .._time import Event, Form
from .._world import World

if TYPE_CHECKING:
    from wechatpay import api

_OLD = "v2/"
_PAID = "TRANSACTION.SUCCESS"
_QUERIES = (
    ("combine_", "v3/combine-transactions/out-trade-no/{combine_out_trade_no}"),
    ("sp_", "v3/pay/partner/transactions/id/{transaction_id}"),
    ("sub_", "v3/pay/partner/transactions/id/{transaction_id}"),
    ("", "v3/pay/transactions/id/{transaction_id}"),
)
"""What is told of a payment is what a query answers: whose, by how the given names begin."""
_OF_A_PARTNER = ("sp_", "sub_")
_ENVELOPE = (
    "sign",
    "sign_type",
    "algorithm",
    "nonce_str",
    "req_info",
    "event_ciphertext",
    "return_code",
    "result_code",
)
_FORMS: Mapping[str, Form] = {"body.req_info": "req_info", "body.event_ciphertext": "event"}


def event(world: World, event_type: str, fields: Mapping[str, Any], url: str) -> Event:
    """Make up a notification.

    Args:
        world: Whose merchant it is for.
        event_type: What has happened, by its official type; of an APIv2 notification, the
            catalogue's name, after a `v2/` where APIv3 has the same.
        fields: What it says, by name; objects are completed.
        url: Where the merchant wants to be notified.

    Raises:
        ValueError: There is no such notification, or it has no such field; the message tells near
            ones.
    """
    documented = _documented(event_type)
    tree = _tree(documented, event_type, fields)
    if strange := [name for name in fields if name not in tree]:
        raise ValueError(_not_there(f"field of {event_type}", strange[0], tree))
    said = made_up(_settled(tree, event_type), fields, world, world.keys.mchid + event_type)
    said = _merged(said, fields)
    said = sensitive.seal(said, tree, world.keys.merchant.public_key())
    if documented.version == "v2":
        form = _FORMS.get(documented.encrypted_field, "MD5")
        return Event(event_type, "", documented.name, _old(documented, said, form), url, form)
    kinds = documented.original_types or (event_type.partition(".")[0].lower(),)
    return Event(event_type, kinds[0], documented.name, said, url)


def _documented(event_type: str) -> api.Event:
    from wechatpay import api

    old = event_type.startswith(_OLD)
    found = [
        each
        for each in sorted(api.notifications(), key=lambda each: each.version, reverse=True)
        if event_type.removeprefix(_OLD) in (each.event_type, *each.event_types)
        and (not old or each.version == "v2")
    ]
    if not found:
        known = {
            name for each in api.notifications() for name in (each.event_type, *each.event_types)
        }
        raise ValueError(_not_there("notification", event_type, known))
    return found[0]


def _not_there(what: str, name: str, known: Iterable[str]) -> str:
    names = {each.upper(): each for each in known}
    near = difflib.get_close_matches(name.upper(), names, n=3, cutoff=0.4)
    meant = ", ".join(names[each] for each in near) or "none"
    return f"there is no {what} named {name}; near ones are {meant}"


def _tree(documented: api.Event, event_type: str, fields: Mapping[str, Any]) -> Tree:
    """Return what is documented of what it tells, to one kind of merchant."""
    tree: Tree = tree_of(documented.resource)
    if documented.version == "v3" and event_type == _PAID:
        whose = (path for start, path in _QUERIES if not start or _any_begins(fields, start))
        query = find("GET", next(whose))
        return query.reply if query else tree
    if "mchid" in tree and "sp_mchid" in tree:
        left_out = ("mchid", "appid") if _any_begins(fields, _OF_A_PARTNER) else _OF_A_PARTNER
        kept = (name for name in tree if name in fields or not name.startswith(left_out))
        return {name: tree[name] for name in kept}
    return tree


def _any_begins(fields: Mapping[str, Any], start: str | tuple[str, ...]) -> bool:
    return any(name.startswith(start) for name in fields)


def _settled(tree: Tree, event_type: str) -> Tree:
    """Let a state be the one that the type says, such as `SUCCESS`."""
    wanted = event_type.rpartition(".")[2]

    def narrowed(spec: Spec) -> Spec:
        if wanted in spec.get("enum", ()):
            return {**spec, "enum": (wanted,)}
        if inner := spec.get("fields"):
            return {**spec, "fields": {name: narrowed(each) for name, each in inner.items()}}
        return spec

    return {name: narrowed(spec) for name, spec in tree.items()}


def _merged(said: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(said)
    for name, value in fields.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = _merged(cast("dict[str, Any]", before), cast("dict[str, Any]", value))
        merged[name] = value
    return merged


def _old(documented: api.Event, said: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """Return the fields of an APIv2 message: what is encrypted is an object of its own."""
    body = {each.name for each in documented.body}
    known = {name: value for name, value in said.items() if name not in _ENVELOPE}
    if form == "MD5":
        return known
    inner = "req_info" if form == "req_info" else "event"
    outside = {name: value for name, value in known.items() if name in body}
    return {**outside, inner: dict(_inside(known, body))}


def _inside(known: Mapping[str, Any], body: set[str]) -> Iterator[tuple[str, Any]]:
    yield from ((name, value) for name, value in known.items() if name not in body)
