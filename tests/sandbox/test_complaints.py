"""Complaints of customers: told to the merchant, answered by the merchant, ended."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from wechatpay.sandbox import Answer, Refusal, Sandbox
from wechatpay.sandbox._families.complaints import Complaints

from .merchant import NATIVE, ORDER, Merchant, read
from .shop import shop as open_shop

pytestmark = pytest.mark.usefixtures("at_once")

_BASE = "/v3/merchant-service"
_URL = f"{_BASE}/complaint-notifications"
_LIST = f"{_BASE}/complaints-v2"
_IMAGES = f"{_BASE}/images"
_NUMBER = str(ORDER["out_trade_no"])
_MCHID = {"complainted_mchid": "1900000109"}
_HTTPS = "https://www.weixin.qq.com/notify"
_PICTURE = b"\x89PNG\r\n\x1a\n\x00"
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)


class Desk:
    """A merchant who was paid, and sees to complaints."""

    def __init__(self, sandbox: Sandbox, merchant: Merchant) -> None:
        self.sandbox, self.merchant = sandbox, merchant
        self.number = ""
        self.send("POST", NATIVE, {**ORDER, "notify_url": _HTTPS})
        sandbox.pay(_NUMBER)

    def send(self, method: str, path: str, payload: object = None) -> Answer:
        """Send something."""
        return self.merchant.call(self.sandbox.gateway, method, path, payload)

    def complain(self, text: str = "反馈一个重复扣费的问题", **how: Any) -> str:
        """Let the customer complain."""
        self.number = self.sandbox.complain(_NUMBER, text, **how)
        return self.number

    def find(self) -> dict[str, Any]:
        """Query the complaint."""
        return read(self.send("GET", f"{_LIST}/{self.number}"))

    def act(self, name: str, **body: object) -> Answer:
        """Do something about the complaint."""
        return self.send("POST", f"{_LIST}/{self.number}/{name}", body)

    def respond(self, **change: object) -> Answer:
        """Answer it."""
        return self.act("response", **{**_MCHID, "response_content": "已与用户沟通解决", **change})

    def complete(self) -> Answer:
        """Say that it is done."""
        return self.act("complete", **_MCHID)

    def history(self, query: str = "") -> list[dict[str, Any]]:
        """Tell what was said and done."""
        found = read(self.send("GET", f"{_LIST}/{self.number}/negotiation-historys{query}"))
        logs: list[dict[str, Any]] = found["data"]
        return logs

    def listed(self, **change: object) -> Answer:
        """List the complaints of today."""
        today = f"{self.sandbox.world.clock.moment():%Y-%m-%d}"
        query = {"begin_date": today, "end_date": today, **change}
        return self.send("GET", f"{_LIST}?{urlencode(query)}")

    def refund(self, fen: int, number: str = "refund-1", reason: str = "退款") -> Answer:
        """Refund a part of the order."""
        amount = {"refund": fen, "total": 100, "currency": "CNY"}
        body = {"out_trade_no": _NUMBER, "out_refund_no": number, "reason": reason}
        return self.send("POST", "/v3/refund/domestic/refunds", {**body, "amount": amount})

    def upload(self, content: bytes = _PICTURE, filename: str = "file_test.png") -> Answer:
        """Upload a picture."""
        digest = hashlib.sha256(content).hexdigest()
        meta = json.dumps({"filename": filename, "sha256": digest}).encode()
        disposition = b'Content-Disposition: form-data; name="%s"%s\r\n'
        parts = [
            (disposition % (b"meta", b""), b"application/json", meta),
            (disposition % (b"file", b'; filename="a.png"'), b"image/png", content),
        ]
        body = b"".join(b"--boundary\r\n%bContent-Type: %b\r\n\r\n%b\r\n" % part for part in parts)
        headers = self.merchant.headers("POST", f"{_IMAGES}/upload", meta)
        headers.append((b"Content-Type", b"multipart/form-data; boundary=boundary"))
        target = f"{_IMAGES}/upload".encode()
        return self.sandbox.gateway.handle("POST", target, headers, body + b"--boundary--\r\n")


@pytest.fixture
def desk(sandbox: Sandbox, merchant: Merchant) -> Desk:
    """A merchant who was paid."""
    return Desk(sandbox, merchant)


def _refused(answer: Answer, code: str, issue: str = "", status: int = 400) -> None:
    said = read(answer)
    assert (answer.status, said["code"]) == (status, code)
    assert said["detail"]["issue"] == issue or not issue


def _actions(desk: Desk) -> list[tuple[str, str]]:
    events = [told.event for told in desk.sandbox.notifications]
    return [
        (each.event_type, each.resource["action_type"])
        for each in events
        if each.original_type == "complaint"
    ]


def test_complaint_is_answered_and_done(desk: Desk) -> None:
    """A complaint is `PENDING`, `PROCESSING` and `PROCESSED`, and the history tells of each."""
    desk.complain()
    found = desk.find()
    assert (found["complaint_state"], found["incoming_user_response"]) == ("PENDING", True)
    assert (found["complainted_mchid"], found["user_complaint_times"]) == ("1900000109", 1)
    assert found["complaint_detail"] == "反馈一个重复扣费的问题"
    (bought,) = found["complaint_order_info"]
    assert (bought["out_trade_no"], bought["amount"]) == (_NUMBER, 100)
    assert (found["problem_type"], found["complaint_full_refunded"]) == ("OTHERS", False)
    assert "service_order_info" not in found
    assert desk.respond().status == desk.respond().status == 204
    assert desk.find()["complaint_state"] == "PROCESSING"
    assert desk.find()["incoming_user_response"] is False
    assert desk.complete().status == 204
    done = desk.find()
    changed = {name for name in found if done[name] != found[name]}
    assert changed == {"complaint_state", "incoming_user_response", "payer_phone"}
    assert done["complaint_state"] == "PROCESSED"
    types = [log["operate_type"] for log in desk.history()]
    assert types == [
        "USER_CREATE_COMPLAINT",
        "MERCHANT_RESPONSE",
        "MERCHANT_RESPONSE",
        "MERCHANT_CONFIRM_COMPLETE",
    ]
    assert desk.history("?limit=1&offset=1")[0]["operate_details"] == "已与用户沟通解决"
    assert len({log["log_id"] for log in desk.history()}) == 4


def test_phone_number_is_for_the_merchant_alone(desk: Desk) -> None:
    """The customer's number is encrypted for the merchant, in the list and in the detail."""
    desk.complain()
    for found in (desk.find(), read(desk.listed())["data"][0]):
        sealed = base64.b64decode(found["payer_phone"])
        assert desk.merchant.key.decrypt(sealed, _OAEP) == b"13800138000"


def test_done_is_done(desk: Desk) -> None:
    """What is done can be neither answered nor ended again, until the customer comes back."""
    desk.complain()
    assert desk.complete().status == 204
    _refused(desk.complete(), "INVALID_REQUEST", "it is PROCESSED")
    _refused(desk.respond(), "INVALID_REQUEST", "it is PROCESSED")
    number = desk.number
    assert desk.complain("还没有解决") == number
    found = desk.find()
    assert (found["complaint_state"], found["user_complaint_times"]) == ("PENDING", 2)
    assert found["complaint_detail"] == "还没有解决"
    desk.respond()
    desk.complain("还没有解决")
    found = desk.find()
    assert (found["complaint_state"], found["incoming_user_response"]) == ("PROCESSING", True)


def test_merchant_is_notified(desk: Desk) -> None:
    """What happens is told to the address that was set, by the documented names."""
    desk.complain()
    assert _actions(desk) == []
    assert read(desk.send("POST", _URL, {"url": _HTTPS})) == {"mchid": "1900000109", "url": _HTTPS}
    desk.complain("还没有解决", refund=True)
    desk.respond()
    desk.act("update-refund-progress", action="REJECT")
    assert _actions(desk) == [
        ("COMPLAINT.STATE_CHANGE", "CONTINUE_COMPLAINT"),
        ("COMPLAINT.STATE_CHANGE", "MERCHANT_RESPONSE"),
        ("COMPLAINT.STATE_CHANGE", "MERCHANT_REJECT_REFUND"),
    ]
    told = desk.sandbox.settle()[-1]
    assert told.event.resource["complaint_id"] == desk.number
    assert told.event.url == _HTTPS


def test_shop_on_loopback_hears_of_a_complaint(desk: Desk) -> None:
    """An address on loopback is really called; the first complaint is `COMPLAINT.CREATE`."""
    with open_shop() as opened, desk.sandbox:
        assert desk.send("POST", _URL, {"url": opened.url}).status == 200
        desk.complain()
        desk.sandbox.settle()
        (received,) = opened.received
    told = json.loads(received.body)
    assert told["event_type"] == "COMPLAINT.CREATE"
    assert told["resource"]["original_type"] == "complaint"


def test_address_is_set_changed_and_forgotten(desk: Desk) -> None:
    """An address is set once, changed when there is one, and forgotten."""
    other = {"url": f"{_HTTPS}/2"}
    for method, body in (("GET", None), ("PUT", other), ("DELETE", None)):
        _refused(desk.send(method, _URL, body), "RESOURCE_NOT_EXISTS", "no address was set")
    assert desk.send("POST", _URL, {"url": _HTTPS}).status == 200
    _refused(desk.send("POST", _URL, other), "INVALID_REQUEST", "an address is set")
    assert read(desk.send("GET", _URL))["url"] == _HTTPS
    assert read(desk.send("PUT", _URL, other)) == {"mchid": "1900000109", **other}
    assert desk.send("DELETE", _URL).status == 204
    assert desk.send("GET", _URL).status == 400


@pytest.mark.parametrize("url", ["http://shop.example/notify", "ftp://127.0.0.1/", "https://"])
def test_address_has_to_be_https(desk: Desk, url: str) -> None:
    """Only HTTPS is taken, and HTTP on loopback."""
    _refused(desk.send("POST", _URL, {"url": url}), "PARAM_ERROR")


def test_granted_refund_ends_a_complaint(desk: Desk) -> None:
    """When all that the customer wants has arrived, a refund that was granted ends it."""
    desk.refund(30)
    desk.send("POST", _URL, {"url": _HTTPS})
    desk.complain(refund=True)
    found = desk.find()
    assert (found["problem_type"], found["apply_refund_amount"]) == ("REFUND", 70)
    days = {"launch_refund_day": 0, "remark": "尽快退款"}
    assert desk.act("update-refund-progress", action="APPROVE", **days).status == 204
    assert desk.find()["complaint_state"] == "PROCESSING"
    desk.refund(20, "refund-2")
    assert desk.find()["complaint_state"] == "PROCESSING"
    desk.refund(50, "refund-3", "PROCESSING")
    assert desk.find()["complaint_state"] == "PROCESSING"
    desk.sandbox.end_refund("refund-3")
    done = desk.find()
    assert (done["complaint_state"], done["complaint_full_refunded"]) == ("PROCESSED", True)
    assert _actions(desk)[1:] == [
        ("COMPLAINT.STATE_CHANGE", "MERCHANT_APPROVE_REFUND"),
        ("COMPLAINT.STATE_CHANGE", "REFUND_SUCCESS"),
    ]
    assert desk.history()[-1]["operator"] == "微信支付"


def test_refused_refund_ends_a_complaint(desk: Desk) -> None:
    """A refund that the merchant refuses ends it; the merchant decides once."""
    media_id = read(desk.upload())["media_id"]
    desk.complain(refund=True)
    reason = {"reject_reason": "拒绝退款", "reject_media_list": [media_id]}
    assert desk.act("update-refund-progress", action="REJECT", **reason).status == 204
    assert desk.find()["complaint_state"] == "PROCESSED"
    log = desk.history()[-1]
    assert (log["operate_type"], log["operate_details"]) == ("MERCHANT_REFUSE_RERUND", "拒绝退款")
    again = desk.act("update-refund-progress", action="APPROVE")
    _refused(again, "INVALID_REQUEST", "no refund to decide on")


def test_refund_has_to_be_wanted(desk: Desk) -> None:
    """Where the customer wants no refund, there is none to decide on."""
    desk.complain()
    answer = desk.act("update-refund-progress", action="APPROVE")
    _refused(answer, "INVALID_REQUEST", "no refund to decide on")
    desk.complain(refund=True)
    answer = desk.act("update-refund-progress", action="REJECT", launch_refund_day=3)
    _refused(answer, "PARAM_ERROR", "only with APPROVE")
    answer = desk.act("update-refund-progress", action="APPROVE", reject_reason="x")
    _refused(answer, "PARAM_ERROR", "only with REJECT")
    desk.complete()
    answer = desk.act("update-refund-progress", action="APPROVE")
    _refused(answer, "INVALID_REQUEST", "it is PROCESSED")


def test_pictures_go_with_answers(desk: Desk) -> None:
    """A picture is uploaded, named in an answer, and downloaded by the address in the history."""
    media_id = read(desk.upload())["media_id"]
    desk.complain()
    assert desk.respond(response_images=[media_id]).status == 204
    (url,) = desk.history()[-1]["image_list"]
    assert url.endswith(f"{_IMAGES}/{media_id}")
    found = desk.send("GET", f"{_IMAGES}/{media_id}")
    assert (found.status, found.body) == (200, _PICTURE)
    assert found.header("content-type") == "image/png"
    assert not found.header("wechatpay-signature")
    assert desk.send("GET", f"{_IMAGES}/{media_id}2").status == 404


def test_pictures_have_limits(desk: Desk) -> None:
    """Pictures are uploaded first, four at most, of the documented kinds and size."""
    desk.complain()
    media_id = read(desk.upload())["media_id"]
    _refused(desk.respond(response_images=[media_id, "x"]), "PARAM_ERROR", "no such image")
    _refused(desk.respond(response_images=[media_id] * 5), "PARAM_ERROR", "more than 4")
    _refused(desk.upload(filename="file_test.gif"), "PARAM_ERROR")
    _refused(desk.upload(b"x" * (2 * 1024 * 1024 + 1)), "PARAM_ERROR", "more than 2097152 bytes")


def test_list_of_complaints(desk: Desk) -> None:
    """Complaints are listed by day and merchant, in pages."""
    desk.complain()
    partner = {name: ORDER[name] for name in ("description", "notify_url", "amount")}
    partner |= {"sp_appid": "wx1", "sp_mchid": "1900000109", "sub_mchid": "2"}
    partner |= {"out_trade_no": "partner-1"}
    desk.send("POST", "/v3/pay/partner/transactions/native", partner)
    desk.sandbox.pay("partner-1")
    second = desk.sandbox.complain("partner-1", "投诉", sub_mchid="2")
    found = read(desk.listed())
    assert [each["complaint_id"] for each in found["data"]] == [desk.number, second]
    assert (found["limit"], found["offset"], found["total_count"]) == (10, 0, 2)
    page = read(desk.listed(limit=1, offset=1))
    assert ([page["data"][0]["complaint_id"]], page["total_count"]) == ([second], 2)
    (one,) = read(desk.listed(complainted_mchid="2"))["data"]
    assert one["complaint_id"] == second
    desk.sandbox.advance(86400)
    assert read(desk.listed())["data"] == []
    assert [each.complaint_id for each in Complaints(desk.sandbox.world).latest(1)] == [second]


@pytest.mark.parametrize(
    "change",
    [
        {"limit": 51},
        {"limit": 0},
        {"offset": -1},
        {"begin_date": "2026-02-30"},
        {"begin_date": "20260101"},
        {"begin_date": "2020-01-01"},
        {"end_date": "2020-01-01"},
        {"end_date": ""},
    ],
)
def test_list_has_limits(desk: Desk, change: dict[str, object]) -> None:
    """Days that do not exist, or are more than 30 apart, and other pages are refused."""
    _refused(desk.listed(**change), "PARAM_ERROR")


def test_complaint_has_to_be_there(desk: Desk) -> None:
    """An unknown number is a 404, and another merchant is refused."""
    desk.number = "unknown"
    answers = [desk.complete(), desk.respond(), desk.send("GET", f"{_LIST}/unknown")]
    answers.append(desk.send("GET", f"{_LIST}/unknown/negotiation-historys"))
    for answer in answers:
        _refused(answer, "RESOURCE_NOT_EXISTS", "no such complaint", 404)
    desk.complain()
    issue = "not the merchant who is complained about"
    _refused(desk.respond(complainted_mchid="2"), "PARAM_ERROR", issue)
    assert len(desk.history()) == 1


def test_only_what_was_paid_is_complained_about(desk: Desk) -> None:
    """An order that is unknown or was not paid is nothing to complain about."""
    desk.send("POST", NATIVE, {**ORDER, "out_trade_no": "unpaid"})
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        desk.sandbox.complain("unpaid", "投诉")
    with pytest.raises(Refusal, match="ORDER_NOT_EXIST"):
        desk.sandbox.complain("unknown", "投诉")


def test_another_process_plays_the_customer(desk: Desk) -> None:
    """An endpoint of the sandbox's own complains."""
    body = {"text": "投诉", "refund": True}
    answer = read(desk.send("POST", f"/sandbox/complaints/{_NUMBER}", body))
    desk.number = answer["complaint_id"]
    assert desk.find()["problem_type"] == "REFUND"


def test_client_answers_a_complaint() -> None:
    """The client reads the customer's number, and answers."""
    with Sandbox() as sandbox, sandbox.client() as wxpay:
        wxpay.v3.pay.transactions.native.post(json=ORDER)
        sandbox.pay(_NUMBER)
        number = sandbox.complain(_NUMBER, "投诉")
        complaint = wxpay[f"v3/merchant-service/complaints-v2/{number}"]
        assert wxpay.decrypt_fields(complaint.get())["payer_phone"] == "13800138000"
        body = {**_MCHID, "response_content": "已处理"}
        assert complaint.response.post(json=body).status_code == 204
        assert complaint.get().json()["complaint_state"] == "PROCESSING"
