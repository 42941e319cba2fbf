"""What an answer outside 2xx is turned into: an error that says what to do, and no secret."""

from __future__ import annotations

import json
import pickle
import time
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from gateway import Answer, Gateway
from hypothesis import given
from hypothesis import strategies as st
from ways import Way, client_of, each_way

from wechatpay import APIError
from wechatpay._call import Call, clock_skew, refusal_of, skew_in_words
from wechatpay._call.refusal import retry_after

PATH = "v3/pay/transactions/out-trade-no/{out_trade_no}"


def refused(status: int, body: object = b"", method: str = "GET", **headers: str) -> APIError:
    """Return the error for an answer; `body` is bytes, or what is dumped as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    call = Call.asked(method, PATH, {"out_trade_no": "20261122"})
    return refusal_of(call, httpx.Response(status, content=content, headers=sent))


@pytest.mark.parametrize(
    ("path", "code", "advice"),
    [
        (
            "v3/fund-app/mch-transfer/transfer-bills",
            "NOT_ENOUGH",
            "When its cause is gone, the same call may be repeated, with the same out_bill_no",
        ),
        ("v3/fund-app/mch-transfer/transfer-bills", "NO_AUTH", ""),
        ("v3/no/such/path", "NOT_ENOUGH", ""),
    ],
)
def test_what_may_be_repeated_is_said(path: str, code: str, advice: str) -> None:
    """A refusal that the documentation lets one repeat says so, and by which number."""
    answer = httpx.Response(403, json={"code": code, "message": "余额不足"})
    said = str(refusal_of(Call.asked("POST", path, {"json": {}}), answer))
    assert ("may be repeated" in said) is bool(advice)
    assert advice in said


def at(ahead: float) -> str:
    """Return the `Date` header of a clock that is `ahead` of the local one."""
    return formatdate(time.time() + ahead, usegmt=True)


def test_everything_is_told() -> None:
    """Verb, template, status, code, WeChat Pay's words, the field at fault and the request's id."""
    detail = {"field": "/amount/total", "location": "body", "value": "secret", "issue": "secret"}
    body = {"code": "PARAM_ERROR", "message": "参数错误", "detail": detail, "more": 1}
    error = refused(400, body, "POST", Request_ID="08F7AB-268443699")
    assert (error.status_code, error.code, error.message) == (400, "PARAM_ERROR", "参数错误")
    assert error.detail == detail
    assert error.request_id == "08F7AB-268443699"
    assert error.response is not None
    assert str(error) == (
        f"POST {PATH}: 400 PARAM_ERROR. 参数错误. Field: /amount/total in body. "
        "WeChat Pay's manuals on 268443699: the signature is wrong. [Request-ID 08F7AB-268443699]"
    )


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"", "0 bytes of no content type"),
        (b"<html><h1>502 Bad Gateway</h1></html>", "37 bytes of no content type"),
        (b"[1, 2]", "6 bytes"),
        (b'"PARAM_ERROR"', "13 bytes"),
        (b"null", "4 bytes"),
        (b'{"code":', "8 bytes"),
        (b"\xff\xfe", "2 bytes"),
        (b"[" * 100_000, "100000 bytes"),
        ({"code": 7, "message": ["x"], "detail": "y"}, "44 bytes"),
        ({"code": "A B", "message": ""}, "30 bytes"),
    ],
)
def test_what_is_not_wechat_pays_json_is_measured(body: object, shape: str) -> None:
    """A proxy's page, an empty body, other JSON: the error tells their size and shows nothing."""
    error = refused(502, body)
    assert f": 502 (no code). Not WeChat Pay's JSON but {shape}" in str(error)
    assert error.code is None
    assert error.detail is None


def test_nginx_s_page_for_a_certificate_that_is_missing_names_the_argument() -> None:
    """It is WeChat Pay's answer to a call that needs mutual TLS; no other page gets the advice."""
    page = b"<html><title>400 No required SSL certificate was sent</title></html>"
    assert "pass merchant=(apiclient_cert.pem, apiclient_key.pem)" in str(refused(400, page))
    assert "merchant=" not in str(refused(400, b"<html><title>400 Bad Request</title></html>"))


def test_content_type_is_told_without_its_parameters() -> None:
    """The kind of a page helps to find out whose it is."""
    error = refused(502, b"<html>", Content_Type="text/html; charset=utf-8")
    assert "6 bytes of text/html." in f"{error}."


@pytest.mark.parametrize(
    ("method", "status", "unknown"),
    [
        ("GET", 500, False),
        ("GET", 302, False),
        ("GET", 403, False),
        ("POST", 400, False),
        ("POST", 429, False),
        ("POST", 499, False),
        ("POST", 500, True),
        ("PUT", 503, True),
        ("PATCH", 302, True),
        ("DELETE", 304, True),
        ("POST", 600, True),
    ],
)
def test_only_4xx_says_that_nothing_was_done(method: str, status: int, unknown: bool) -> None:
    """After a redirect or a 5xx a change may have been carried out, and the error says to query."""
    error = refused(status, {"code": "PARAM_ERROR"}, method)
    assert error.outcome_unknown is unknown
    assert ("query it by its number" in str(error)) is unknown
    assert ("Redirects are never followed" in str(error)) is (300 <= status < 400)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, b"<html><h1>403 Forbidden</h1></html>"),
        (404, b"<html><center>nginx</center></html>"),
        (407, b""),
        (413, b"<html>Request Entity Too Large</html>"),
        (429, b"Too Many Requests"),
        (400, {"message": "Forbidden"}),
        (400, {"code": 400, "message": "bad"}),
        (400, {"code": "40001", "message": "bad"}),
        (400, {"code": "bad_request"}),
        (400, {"code": "A B"}),
        (400, [{"code": "PARAM_ERROR"}]),
    ],
)
def test_a_4xx_of_somebody_else_leaves_a_change_open(status: int, body: object) -> None:
    """Something in between, and not WeChat Pay, says no: it may have passed the request on."""
    error = refused(status, body, "POST")
    assert error.outcome_unknown
    assert "query it by its number" in str(error)
    assert not refused(status, body, "GET").outcome_unknown


@pytest.mark.parametrize(("method", "unknown"), [("POST", True), ("GET", False)])
def test_some_codes_leave_it_open_whatever_the_status(method: str, *, unknown: bool) -> None:
    """While the customer types the password nothing is refused, though the answer be a 4xx."""
    error = refused(400, {"code": "USERPAYING"}, method)
    assert error.outcome_unknown is unknown
    assert ("query it by its number" in str(error)) is unknown


@pytest.mark.parametrize(
    ("status", "code", "date", "advice"),
    [
        (401, "SIGN_ERROR", -3600, "The local clock is 3600 s ahead of WeChat Pay's"),
        (401, "SIGN_ERROR", 3600, "The local clock is 3600 s behind WeChat Pay's"),
        (403, "SIGN_ERROR", -600, "The local clock is 600 s ahead of"),
        (401, "OTHER", 0, "The clocks agree; check that the private key and serial belong"),
        (401, "SIGN_ERROR", "", "Check the private key, its serial, and this machine's clock"),
        (401, "SIGN_ERROR", "yesterday", "Check the private key, its serial"),
    ],
)
@pytest.mark.usefixtures("still")
def test_wrong_signature_makes_it_look_at_the_clock(
    status: int, code: str, date: int | str, advice: str
) -> None:
    """The answer's `Date` tells whether the local clock is to blame, and by how much it is off."""
    sent = date if isinstance(date, str) else at(date)
    assert advice in str(refused(status, {"code": code}, Date=sent))


def test_other_refusals_leave_the_clock_alone() -> None:
    """A wrong parameter has nothing to do with the time."""
    assert "clock" not in str(refused(400, {"code": "PARAM_ERROR"}, Date=at(-3600)))


@pytest.mark.parametrize("date", ["", "yesterday", "Wed, 99 Nov 2026 00:00:00 GMT"])
def test_no_date_is_no_skew(date: str) -> None:
    """A `Date` that is none says nothing of the clock."""
    assert clock_skew({"Date": date}) is None
    assert clock_skew({}) is None


def test_skew_reads_well() -> None:
    """A skew is told in whole seconds, and in words."""
    assert skew_in_words(5.4) == "5 s ahead of"
    assert skew_in_words(-5.4) == "5 s behind"


@pytest.mark.parametrize(
    "message",
    [
        'sign_message: WECHATPAY2-SHA256-RSA2048 mchid="1"',
        'nonce_str="1",signature="QUJD"',
        "-----BEGIN PRIVATE KEY-----",
        "wechatpay2-sha256",
    ],
)
def test_message_that_may_hold_a_credential_is_not_shown(message: str) -> None:
    """What looks like a signature or a key stays out of the text, though not out of `.message`."""
    error = refused(401, {"code": "SIGN_ERROR", "message": message})
    assert message not in str(error)
    assert "its message is not shown" in str(error)
    assert error.message == message


@pytest.mark.parametrize("value", ['nonce_str="1",signature="QUJD"', "QUJD=", "A" * 129, ""])
def test_request_id_that_is_none_is_not_shown(value: str) -> None:
    """What cannot be a request's id stays out of the text, though not out of `.request_id`."""
    error = refused(400, {"code": "X"}, Request_ID=value)
    assert "Request-ID" not in str(error)
    assert error.request_id == value


def test_long_message_is_cut() -> None:
    """WeChat Pay's words take 300 characters at most."""
    error = refused(400, {"code": "X", "message": "长" * 5000})
    assert "长" * 300 in str(error)
    assert "长" * 301 not in str(error)


@pytest.mark.parametrize(
    ("detail", "pointer"),
    [
        ({"field": "payer.openid"}, "Field: payer.openid"),
        ({"location": "query"}, "Field: query"),
        ({"field": "/amount/total", "location": "body"}, "Field: /amount/total in body"),
        ({"field": "身份证 440524188001010014", "location": "body"}, "Field: body"),
        ({"field": 7, "location": None}, None),
        ({"value": "x"}, None),
    ],
)
def test_field_at_fault_is_named(detail: dict[str, Any], pointer: str | None) -> None:
    """Only what can be a field's name is shown; values are not."""
    text = str(refused(400, {"code": "X", "message": "m", "detail": detail}))
    assert text.endswith(pointer or "m")


def test_refusal_survives_pickling() -> None:
    """All but the answer itself comes back."""
    error = refused(400, {"code": "X", "message": "m", "detail": {"a": 1}}, Request_ID="R")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is APIError
    assert back.response is None
    kept = {**vars(error)}
    del kept["response"]
    assert vars(back) == kept
    assert str(back) == str(error)


@given(st.integers(300, 599), st.binary() | st.text().map(str.encode), st.text())
def test_any_answer_can_be_told(status: int, body: bytes, field: str) -> None:
    """No body and no field makes telling it fail."""
    assert refused(status, body, "POST").status_code == status
    detail = {"field": field, "location": field}
    assert refused(status, {"code": field, "message": field, "detail": detail}).response


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("12", 12), ("0", 0), ("", None), ("-1", None), ("1e3", None), ("soon", None)],
)
def test_retry_after_is_read(value: str, seconds: float | None) -> None:
    """`Retry-After` is whole seconds or a date; the past is now."""
    assert retry_after(httpx.Response(429, headers={"Retry-After": value})) == seconds
    past = httpx.Response(429, headers={"Retry-After": at(-60)})
    assert retry_after(past) == 0


PAGES = {
    "html 502": Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}, False),
    "empty 500": Answer(500, b"", {"Content-Type": None}, signed=False),
    "text 403": Answer(403, b"Forbidden", {"Content-Type": "text/plain"}, signed=False),
    "list 400": Answer(400, [1], signed=False),
    "number 404": Answer(404, 7, signed=False),
}


@each_way
@pytest.mark.parametrize("page", PAGES)
def test_any_refusal_is_an_api_error(gateway: Gateway, way: Way, page: str) -> None:
    """Over a real socket too, whatever stands between: typed, with its status and its bytes."""
    gateway.default = PAGES[page]
    with client_of(gateway) as wxpay, pytest.raises(APIError) as caught:
        way.call(wxpay.v3.pay.transactions.native, "post", json={"a": 1})
    assert caught.value.status_code == PAGES[page].status
    assert caught.value.response is not None
    assert caught.value.response.content == PAGES[page].content
    assert caught.value.request_id == "08F7AB4E1D5F2C3A-268435456"
    assert len(gateway.requests) == 1


STRANGE_DATES = [
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2026 99999999999:00:00 GMT",
    "Mon, 01 Jan 0001 00:00:00 -0000",
    "Mon, 01 Jan 0000 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    "Mon, 99999999999999999999 Jan 2026 00:00:00 GMT",
    "Mon, 01 Jan -2026 00:00:00 GMT",
    "Mon, 01 Jan 2026 00:00:00 " + "9" * 5000,
    "9" * 5000,
    "-1",
    "1e400",
    "\x00",
    " ",
    "",
    ",",
]


@pytest.mark.parametrize("value", STRANGE_DATES, ids=lambda value: value[:40])
def test_no_date_raises(value: str) -> None:
    """Of whatever year a header is, it is a number of seconds or nothing."""
    answer = httpx.Response(503, headers=[(b"Retry-After", value.encode())])
    assert (retry_after(answer) or 0.0) >= 0
    assert isinstance(clock_skew({"Date": value}), (float, type(None)))
    assert "401 SIGN_ERROR" in str(refused(401, {"code": "SIGN_ERROR"}, Date=value))


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, -?\d+ [A-Z][a-z]{2} \d+ [\d:]+ [-+A-Z\d]+"))
def test_any_header_is_a_date_or_none(value: str) -> None:
    """Nothing but a number comes of a header, however it was made up."""
    assert isinstance(clock_skew({"Date": value}), (float, type(None)))


@each_way
@pytest.mark.parametrize("header", ["Retry-After", "Date"])
def test_no_header_raises_out_of_a_call(gateway: Gateway, way: Way, header: str) -> None:
    """A call ends in the documented error, whatever year a header is of."""
    status = 503 if header == "Retry-After" else 401
    gateway.default = Answer(
        status, {"code": "SIGN_ERROR"}, {header: STRANGE_DATES[0]}, signed=False
    )
    with client_of(gateway, retries=0) as wxpay, pytest.raises(APIError) as caught:
        way.call(wxpay["v3/x"])
    assert caught.value.status_code == status


HARMFUL = {
    "escape": "\x1b]0;owned\x07",
    "C1": "\x9b31m",
    "delete": "\x7f",
    "lines": "a\r\nb\u2028c\u2029d\x85e",
    "direction": "\u202e\u2066\u2069\u200f\u061c",
    "unseen": "\u200b\ufeff\u2060\xad",
    "tags": "\U000e0041\U000e007f",
    "half": "bad \ud800 value",
    "halves": "\udfff\ud83d",
}


@pytest.mark.parametrize("harm", HARMFUL)
@pytest.mark.parametrize("status", [400, 502])
def test_text_cannot_hurt(harm: str, status: int) -> None:
    """What an answer says that nobody signed can be printed, and does nothing where it is."""
    text = HARMFUL[harm]
    body = {
        "code": "PARAM_ERROR",
        "message": f"参数 {text}",
        "detail": {text: text, "field": text, "deep": [{"value": text}, 1, None, True]},
    }
    error = refused(status, json.dumps(body).encode())
    page = refused(status, b"<html>")
    assert error.message is not None
    for shown in (str(error), error.message, str(page), *texts(error.detail)):
        assert shown.isprintable() or shown == " "
        shown.encode()
    assert error.message.startswith("参数 ")


def texts(value: Any) -> list[str]:
    """Return every text in what JSON has made."""
    written = json.dumps(value)
    found: list[str] = []
    json.loads(
        written,
        parse_constant=str,
        object_pairs_hook=lambda pairs: found.extend(
            each for pair in pairs for each in pair if isinstance(each, str)
        ),
    )
    return found


def test_headers_cannot_hurt() -> None:
    """The same for the headers that an error quotes or keeps."""
    harm = "\x1b]0;owned\x07\x9b".encode()
    headers = [(b"Content-Type", harm), (b"Request-ID", harm)]
    call = Call.asked("GET", PATH, {"out_trade_no": "1"})
    error = refusal_of(call, httpx.Response(502, headers=headers))
    assert "bytes of  ]0" in str(error)
    for shown in (str(error), error.request_id or ""):
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "\x07" not in shown


def test_detail_is_bounded() -> None:
    """A detail that is nested without end is cut, and the error travels all the same."""
    deep: Any = "end"
    for _ in range(200):
        deep = {"a": [deep]}
    error = refused(400, {"code": "PARAM_ERROR", "detail": deep})
    assert "end" not in json.dumps(error.detail)
    again = pickle.loads(pickle.dumps(error))
    assert again.detail == error.detail


SHOWN = "http://127.0.0.1:8080/page/requests/12"


@pytest.mark.parametrize(
    ("base_url", "page", "shown"),
    [
        ("http://127.0.0.1:8080", SHOWN, True),
        ("https://sandbox.internal/a/", "https://[::1]:1/a/b/page/requests/1", True),
        ("http://127.0.0.1:8080", SHOWN + "\x1b[31m", False),
        ("http://127.0.0.1:8080", SHOWN + "?Authorization=x", False),
        ("http://127.0.0.1:8080", "javascript:alert(1)/page/requests/1", False),
        ("http://127.0.0.1:8080", "http://x@127.0.0.1/page/requests/1", False),
        ("https://api.mch.weixin.qq.com", SHOWN, False),
    ],
)
def test_a_sandbox_tells_where_it_shows_the_request(base_url: str, page: str, shown: bool) -> None:
    """If it is such a link and nothing else, and never for an answer of WeChat Pay's own hosts."""
    request = httpx.Request("GET", f"{base_url}/v3/x")
    headers = [(b"Sandbox-Page", page.encode())]
    reply = httpx.Response(403, headers=headers, json={"code": "NO_AUTH"}, request=request)
    told = str(refusal_of(Call.asked("GET", "v3/x", {}), reply))
    assert (f"The sandbox shows it at {page}" in told) is shown
    assert ("page/requests" in told) is shown
