"""The old transfers: batches of a merchant and of a partner's merchants, and their receipts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from . import words
from .batch import Batch
from .batches import Batches
from .receipts import Receipts, said_of
from .shown import only

_OWN, _PARTNER = "v3/transfer/batches", "v3/partner-transfer/batches"
_RECEIPT, _DETAIL_RECEIPT = "v3/transfer/bill-receipt", "v3/transfer-detail/electronic-receipts"
_LIMITS: Limits = {
    "out_batch_no": {"length": (5, 32), "pattern": "[0-9A-Za-z]+"},
    "total_amount": {"minimum": 1},
    "total_num": {"minimum": 1},
    "transfer_detail_list": {
        "required": True,
        "fields": {
            "out_detail_no": {"length": (5, 32), "pattern": "[0-9A-Za-z]+"},
            "transfer_amount": {"minimum": 1},
            "user_name": {"required": False},
        },
    },
}
_BATCH = (
    "batch_status",
    "batch_type",
    "batch_name",
    "batch_remark",
    "total_amount",
    "total_num",
    "out_batch_no",
    "batch_id",
    "create_time",
    "update_time",
    "success_amount",
    "success_num",
    "fail_amount",
    "fail_num",
)
_OF_OWN = ("mchid", "appid", "transfer_scene_id", *_BATCH)
_OF_PARTNER = (
    "sp_mchid",
    "sub_mchid",
    "sub_appid",
    "authorization_type",
    "sp_appid",
    "transfer_purpose",
    "transfer_scene",
    *_BATCH,
)
_DETAIL = (
    "out_detail_no",
    "detail_id",
    "detail_status",
    "transfer_amount",
    "transfer_remark",
    "fail_reason",
    "openid",
    "user_name",
)
_Find = Callable[[IncomingCall], Batch]


def ask(call: IncomingCall) -> Mapping[str, Any]:
    """Ask for a batch."""
    made = Batches(call.world).ask(call.body)
    said = {"out_batch_no": made.number, "batch_id": made.batch_id, "create_time": made.create_time}
    return said if "sub_mchid" in call.body else {**said, "batch_status": made.status}


def own_by_number(call: IncomingCall) -> Batch:
    """Find a batch by the merchant's number."""
    return Batches(call.world).find(call.world.keys.mchid, call.path["out_batch_no"])


def partners_by_number(call: IncomingCall) -> Batch:
    """Find a batch by the partner's number."""
    return Batches(call.world).named(call.path["out_batch_no"])


def by_id(call: IncomingCall) -> Batch:
    """Find a batch by WeChat Pay's number."""
    return Batches(call.world).find_by_id(call.path["batch_id"])


def querying(find: _Find) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Tell where a batch is that is found so."""

    def query(call: IncomingCall) -> Mapping[str, Any]:
        found = find(call)
        said = {**found.report(), **_whose(call, found)}
        details = _listed(call, found)
        if "sub_mchid" in found.asked:
            return {**only(said, *_OF_PARTNER), **details}
        return {"transfer_batch": only(said, *_OF_OWN), **details}

    return query


def querying_detail(find: _Find) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Tell where a part is of a batch that is found so."""

    def query(call: IncomingCall) -> Mapping[str, Any]:
        found = find(call)
        each = _part(found, call.path.get("detail_id"), call.path.get("out_detail_no"))
        said = {**only(each, *_DETAIL), "out_batch_no": found.number, "batch_id": found.batch_id}
        times = {"initiate_time": found.create_time, "update_time": found.create_time}
        appid = found.asked.get("appid") or found.asked.get("sub_appid", "")
        if "sub_mchid" in found.asked:
            name = {"username": each["user_name"]} if each.get("user_name") else {}
            said.pop("user_name", None)
            whose = {"sp_mchid": call.world.keys.mchid, **name}
        else:
            whose = {"mchid": call.world.keys.mchid}
        return {**whose, "appid": appid, **said, **times}

    return query


def apply_for_receipt(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for the receipt of a batch."""
    found = Batches(call.world).find(call.world.keys.mchid, call.body["out_batch_no"])
    made = Receipts(call.world).make(found.batch_id)
    return _receipt(call, {"out_batch_no": found.number}, found.batch_id, made, times=True)


def receipt(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the receipt of a batch is."""
    found = Batches(call.world).find(call.world.keys.mchid, call.path["out_batch_no"])
    made = Receipts(call.world).find(found.batch_id, found.number)
    return _receipt(call, {"out_batch_no": found.number}, found.batch_id, made, times=True)


def apply_for_detail(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for the receipt of a part."""
    asked = only(call.body, "accept_type", "out_batch_no", "out_detail_no")
    key = _detail_id(call, asked)
    return _receipt(call, asked, key, Receipts(call.world).make(key))


def detail_receipt(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the receipt of a part is."""
    asked = only(call.query, "accept_type", "out_batch_no", "out_detail_no")
    key = _detail_id(call, asked)
    made = Receipts(call.world).find(key, asked["out_detail_no"])
    return _receipt(call, asked, key, made)


def _detail_id(call: IncomingCall, asked: Mapping[str, str]) -> str:
    found = Batches(call.world).find(call.world.keys.mchid, asked.get("out_batch_no", ""))
    each = _part(found, None, asked["out_detail_no"])
    if each["detail_status"] != "SUCCESS":
        raise words.NO_RECEIPT_OF_IT(asked["out_detail_no"])
    detail_id: str = each["detail_id"]
    return detail_id


def _receipt(
    call: IncomingCall,
    asked: Mapping[str, Any],
    key: str,
    made: Mapping[str, Any],
    *,
    times: bool = False,
) -> Mapping[str, Any]:
    done = made["state"] == "FINISHED"
    status = {"signature_no": key, "signature_status": "FINISHED" if done else "ACCEPTED"}
    file = said_of(call, key, "SHA256") if done else {}
    when = only(made, "create_time", "update_time") if times else {}
    return {**asked, **status, **file, **when}


def _whose(call: IncomingCall, found: Batch) -> dict[str, str]:
    own = call.world.keys.mchid
    return {"mchid": own, "sp_mchid": own, "sub_mchid": found.mchid}


def _listed(call: IncomingCall, found: Batch) -> dict[str, Any]:
    """The parts, as far as they are asked for."""
    if call.query["need_query_detail"] != "true":
        return {}
    status = call.query.get("detail_status", "ALL")
    parts = [each for each in found.parts if status in ("ALL", each["detail_status"])]
    start, most = int(call.query.get("offset", 0)), int(call.query.get("limit", 20))
    shown = [
        only(each, "detail_id", "out_detail_no", "detail_status")
        for each in parts[start : start + most]
    ]
    return {"transfer_detail_list": shown} if shown else {}


def _part(found: Batch, detail_id: str | None, number: str | None) -> dict[str, Any]:
    for each in found.parts:
        if number == each["out_detail_no"] or detail_id == each["detail_id"]:
            return each
    raise words.NO_SUCH_TRANSFER(number or detail_id, at="out_detail_no" if number else "detail_id")


def _routes(base: str, by_number: _Find) -> tuple[EndpointRoute, ...]:
    number, id_ = f"{base}/out-batch-no/{{out_batch_no}}", f"{base}/batch-id/{{batch_id}}"
    by_out_detail_no = f"{number}/details/out-detail-no/{{out_detail_no}}"
    return (
        EndpointRoute("POST", base, ask, limits=_LIMITS),
        EndpointRoute("GET", number, querying(by_number)),
        EndpointRoute("GET", id_, querying(by_id)),
        EndpointRoute("GET", by_out_detail_no, querying_detail(by_number)),
        EndpointRoute("GET", f"{id_}/details/detail-id/{{detail_id}}", querying_detail(by_id)),
    )


ROUTES = (
    *_routes(_OWN, own_by_number),
    *_routes(_PARTNER, partners_by_number),
    EndpointRoute("POST", _RECEIPT, apply_for_receipt),
    EndpointRoute("GET", f"{_RECEIPT}/{{out_batch_no}}", receipt),
    EndpointRoute("POST", _DETAIL_RECEIPT, apply_for_detail),
    EndpointRoute("GET", _DETAIL_RECEIPT, detail_receipt),
)
