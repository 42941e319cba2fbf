"""Customers' complaints: where to tell the merchant, what was said, what the merchant answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..._base import BEIJING
from ..._endpoint import EndpointReply, EndpointRoute, IncomingCall, Limits
from . import words
from .complaints import Complaints
from .images import Images

_BASE = "v3/merchant-service"
_URL = f"{_BASE}/complaint-notifications"
_COMPLAINTS = f"{_BASE}/complaints-v2"
_ONE = f"{_COMPLAINTS}/{{complaint_id}}"
_IMAGES = f"{_BASE}/images"
_SPAN = timedelta(days=30)

# Beyond what WeChat Pay takes: a shop under development is on loopback.
_LOOPBACK = r"http://(127\.0\.0\.1|localhost|\[::1\])[:/].*"
_ADDRESS: Limits = {"url": {"length": (1, 255), "pattern": f"https://.+|{_LOOPBACK}"}}
_PAGE: Limits = {"limit": {"minimum": 1}, "offset": {"minimum": 0}}
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LIST: Limits = {**_PAGE, "begin_date": {"pattern": _DAY}, "end_date": {"pattern": _DAY}}
_ANSWER: Limits = {
    "complainted_mchid": {"length": (1, 64)},
    "response_content": {"length": (1, 200)},
}
_VERDICT: Limits = {
    "launch_refund_day": {"minimum": 0},
    "reject_reason": {"length": (1, 200)},
    "remark": {"length": (1, 200)},
}
_PICTURE: Limits = {"filename": {"length": (1, 128), "pattern": r"(?i:.+\.(jpe?g|bmp|png))"}}


def create_url(call: IncomingCall) -> Mapping[str, Any]:
    """Set where the merchant wants to be notified."""
    Complaints(call.world).set_url(call.body["url"], new=True)
    return query_url(call)


def query_url(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the merchant wants to be notified."""
    url = Complaints(call.world).url
    if url is None:
        raise words.NO_URL()
    return {"mchid": call.world.keys.mchid, "url": url}


def update_url(call: IncomingCall) -> Mapping[str, Any]:
    """Change where the merchant wants to be notified."""
    Complaints(call.world).set_url(call.body["url"], new=False)
    return query_url(call)


def delete_url(call: IncomingCall) -> None:
    """Forget where the merchant wants to be notified."""
    Complaints(call.world).delete_url()


def query_all(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of the complaints of some days."""
    begin, end = _day(call, "begin_date"), _day(call, "end_date")
    if not begin <= end <= begin + _SPAN:
        raise words.TOO_MANY_DAYS(call.query["end_date"])
    complaints = Complaints(call.world)
    until = (end + timedelta(days=1)).timestamp()
    merchant = call.query.get("complainted_mchid", "")
    found = complaints.between(begin.timestamp(), until, merchant)
    return _page(call, [complaints.report(each) for each in found], limit=10, most=50)


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of one complaint."""
    complaints = Complaints(call.world)
    return complaints.report(complaints.find(call.path["complaint_id"]))


def history(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what was said and done about a complaint."""
    logs = Complaints(call.world).history(call.path["complaint_id"])
    for log in logs:
        log["image_list"] = [f"{call.url}/{_IMAGES}/{each}" for each in log["image_list"]]
    return _page(call, logs, limit=100, most=300)


def respond(call: IncomingCall) -> None:
    """Answer a complaint."""
    images: list[str] = call.body.get("response_images", [])
    Images(call.world).check("/response_images", images)
    mchid, text = call.body["complainted_mchid"], call.body["response_content"]
    Complaints(call.world).respond(call.path["complaint_id"], mchid, text, images)


def complete(call: IncomingCall) -> None:
    """Say that a complaint is done."""
    mchid = call.body["complainted_mchid"]
    Complaints(call.world).complete(call.path["complaint_id"], mchid)


def decide(call: IncomingCall) -> None:
    """Grant or refuse the refund that a customer wants."""
    number, action = call.path["complaint_id"], call.body["action"]
    other = {"APPROVE": "REJECT", "REJECT": "APPROVE"}[action]
    for name in _OF_ACTIONS[other]:
        if name in call.body:
            raise words.OTHER_ACTION("", at=f"/{name}", name=name, action=other)
    complaints = Complaints(call.world)
    if action == "APPROVE":
        complaints.approve(number, call.body.get("remark", ""))
        return
    images: list[str] = call.body.get("reject_media_list", [])
    Images(call.world).check("/reject_media_list", images)
    complaints.reject(number, call.body.get("reject_reason", ""), images)


_OF_ACTIONS = {
    "APPROVE": ("launch_refund_day",),
    "REJECT": ("reject_reason", "reject_media_list"),
}
"""The parameters that go with one action only."""


def upload(call: IncomingCall) -> Mapping[str, Any]:
    """Keep a picture for an answer."""
    return {"media_id": Images(call.world).add(call.body["filename"], call.file)}


def download(call: IncomingCall) -> EndpointReply:
    """Give a picture."""
    content, kind = Images(call.world).find(call.path["media_id"])
    return EndpointReply(200, content, kind, signed=False)


def _day(call: IncomingCall, name: str) -> datetime:
    text = call.query[name]
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise words.NO_SUCH_DAY(text, at=name) from error


def _page(
    call: IncomingCall, found: list[dict[str, Any]], *, limit: int, most: int
) -> dict[str, Any]:
    """Return a page of what was found, `limit` at once if the call does not say."""
    limit, offset = int(call.query.get("limit", limit)), int(call.query.get("offset", 0))
    if limit > most:
        raise words.WRONG_PAGE(call.query["limit"], at="limit", name="limit", most=most)
    page = found[offset : offset + limit]
    return {"data": page, "limit": limit, "offset": offset, "total_count": len(found)}


ROUTES = (
    EndpointRoute("POST", _URL, create_url, limits=_ADDRESS),
    EndpointRoute("GET", _URL, query_url),
    EndpointRoute("PUT", _URL, update_url, limits=_ADDRESS),
    EndpointRoute("DELETE", _URL, delete_url),
    EndpointRoute("GET", _COMPLAINTS, query_all, query_limits=_LIST),
    EndpointRoute("GET", _ONE, query),
    EndpointRoute("GET", f"{_ONE}/negotiation-historys", history, query_limits=_PAGE),
    EndpointRoute("POST", f"{_ONE}/response", respond, limits=_ANSWER),
    EndpointRoute("POST", f"{_ONE}/complete", complete),
    EndpointRoute("POST", f"{_ONE}/update-refund-progress", decide, limits=_VERDICT),
    EndpointRoute("POST", f"{_IMAGES}/upload", upload, limits=_PICTURE),
    EndpointRoute("GET", f"{_IMAGES}/{{media_id}}", download),
)
