"""What an APIv2 call returns: who signed it, what it says, and where a bill goes."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from gateway import MERCHANT_SERIAL, Answer, Gateway, rsa_key
from hypothesis import assume, given
from hypothesis import strategies as st
from old_messages import SECRET, answer, at, old, sign
from ways import Way, each_way

from wechatpay import APIError, TransportError, VerificationError, xml
from wechatpay._call import Call
from wechatpay._v2 import answer as the_judge
from wechatpay._v2.bill import BillSink
from wechatpay.xml import MAX_SIZE

BILL = "\ufeff交易时间,公众账号ID\r\n`2026-11-21,`wx1\r\n".encode()
REFUSED = answer(signed=False, return_code="FAIL", return_msg="No Bill Exist", error_code="20002")
PAY = "v2/pay/micropay"
BILLS = "v2/pay/downloadbill"


def plain(body: bytes, **more: Any) -> Answer:
    """Return an answer of these very bytes."""
    return Answer(200, body, signed=False, **more)


def made(**fields: str) -> bytes:
    """Return an answer's body, signed."""
    return answer("MD5", signed=True, **fields).content


def judge(body: bytes, path: str = PAY, verb: str = "POST") -> bool:
    """Judge an answer without a socket."""
    return the_judge.judge(Call.asked(verb, path, {}), httpx.Response(200, content=body), SECRET)


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_the_signature_covers_whatever_came(kind: str) -> None:
    """Fields that nobody documented take part, and the length of `sign` tells its kind."""
    good = answer(kind, result_code="SUCCESS", brand_new_field="1", empty="").content
    assert judge(good)
    with pytest.raises(VerificationError, match="missing or wrong"):
        judge(good.replace(b"<brand_new_field><![CDATA[1]]></brand_new_field>", b""))


SIGNED = answer(
    "HMAC-SHA256", result_code="SUCCESS", transaction_id="4200", total_fee="100", attach="<&>"
).content


@given(
    st.integers(0, len(SIGNED)),
    st.integers(0, 12),
    st.binary(max_size=6) | st.sampled_from([b"<a>1</a>", b"<total_fee>1</total_fee>", b"<!---->"]),
)
def test_a_changed_message_is_never_accepted(start: int, length: int, piece: bytes) -> None:
    """Whatever bytes are put in place of others, an answer that means something else is refused."""
    changed = SIGNED[:start] + piece + SIGNED[start + length :]
    try:
        assert judge(changed)
    except (APIError, VerificationError):
        return
    fields = {name: value for name, value in xml.loads(changed).items() if value}
    assert fields == xml.loads(SIGNED)


names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)


@given(st.dictionaries(names, st.text(max_size=9)), st.data())
def test_a_signature_fits_no_other_fields(fields: dict[str, str], data: st.DataObject) -> None:
    """A signature that was made for one set of fields verifies no other."""
    fields = {name: xml.text(value, name) for name, value in fields.items()}
    fields |= {"return_code": "SUCCESS", "result_code": "SUCCESS"}
    fields.pop("sign", None)
    name = data.draw(st.sampled_from(sorted(fields)))
    other = {**fields, name: xml.text(data.draw(st.text(max_size=9)), name)}
    assume(other[name] != fields[name])
    assert judge(xml.dumps({**fields, "sign": sign(fields)}))
    with pytest.raises((APIError, VerificationError)):
        judge(xml.dumps({**other, "sign": sign(fields)}))


@pytest.mark.parametrize(
    ("body", "code", "message", "unknown"),
    [
        (made(return_code="FAIL", return_msg="签名错误"), "FAIL", "签名错误", False),
        (b"<xml><return_code>FAIL</return_code></xml>", "FAIL", None, False),
        (REFUSED.content, "20002", "No Bill Exist", False),
        (made(return_code="FAIL", return_msg="SYSTEMERROR"), "FAIL", "SYSTEMERROR", True),
        (made(result_code="FAIL", err_code="NOAUTH", err_code_des="无权"), "NOAUTH", "无权", False),
        (made(result_code="FAIL", err_code="PROCESSING"), "PROCESSING", None, True),
        (made(result_code="FAIL", err_code="SEND_FAILED"), "SEND_FAILED", None, True),
        (made(result_code="FAIL", error_code="X", error_code_des="y"), "X", "y", False),
        (made(return_code="FAIL", return_msg="系统繁忙"), "FAIL", "系统繁忙", True),
        (made(return_code="FAIL", return_msg="System error"), "FAIL", "System error", True),
        (made(result_code="FAIL", err_code="X", err_code_des="系统"), "X", "系统", False),
        (made(result_code="FAIL"), None, None, True),
        (made(result_code="PENDING", result_msg="z"), None, "z", True),
    ],
)
def test_a_refusal_says_what_was_refused(
    body: bytes, code: str | None, message: str | None, *, unknown: bool
) -> None:
    """The code and words come under several names; some codes, or none, leave the outcome open."""
    with pytest.raises(APIError) as caught:
        judge(body)
    error = caught.value
    assert (error.code, error.message, error.outcome_unknown) == (code, message, unknown)
    assert error.response is not None
    with pytest.raises(APIError) as caught:
        judge(body, verb="GET")
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>502</body></html>",
        b"<xml/>",
        b"<xml><return_code>OK</return_code></xml>",
        b"<xml><return_code><a>FAIL</a></return_code></xml>",
        b"<xml><result_code>FAIL</result_code></xml>",
        made(result_code="FAIL", err_code="X").replace(b"[X]", b"[Y]"),
        answer(signed=False, result_code="PENDING").content,
        made(result_code="SUCCESS").replace(b"<result_code>", b"<result_code><a/>"),
        b"<xml>" + b" " * MAX_SIZE + b"</xml>",
        b"<xml>" * 10_000,
        b"<xml>\xff</xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>',
    ],
    ids=range(13),
)
def test_what_is_no_message_of_theirs_leaves_the_outcome_open(body: bytes) -> None:
    """A proxy's page, a forged refusal or hostile XML never says that a payment failed."""
    for path in (PAY, "v2/mmpaymkttransfers/promotion/transfers"):
        if path != PAY and b"PENDING" in body:
            continue
        with pytest.raises(VerificationError, match="query it") as caught:
            judge(body, path)
        assert caught.value.outcome_unknown


def test_a_refusals_words_hold_no_credential() -> None:
    """A message that quotes a signature back is not quoted on."""
    with pytest.raises(APIError) as caught:
        judge(made(return_code="FAIL", return_msg="WECHATPAY2-SHA256 " + "x" * 9))
    assert "WECHATPAY2" not in str(caught.value)


def test_a_refusal_is_told_in_one_line(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """Line breaks in a code or in words begin no line of their own, in an error or in a log."""
    words = "no\x85 way\n2026 INFO all is well"
    gateway.default = answer(result_code="FAIL", err_code="A\nB\u2028C", err_code_des=words)
    with caplog.at_level("INFO"), old(gateway) as wxpay, pytest.raises(APIError) as caught:
        at(wxpay, PAY).post(xml={})
    assert len(str(caught.value).splitlines()) == 1
    assert [len(message.splitlines()) for message in caplog.messages] == [1]


def test_a_huge_answer_costs_no_more_than_itself() -> None:
    """An answer of 100 MB is refused for its length, and no second copy of it is made."""
    body = b"<xml>" + b"<a>1</a>" * (100_000_000 // 8) + b"</xml>"
    reply, call = httpx.Response(200, content=body), Call.asked("POST", PAY, {})
    tracemalloc.start()
    try:
        with pytest.raises(VerificationError, match="longer than"):
            the_judge.judge(call, reply, SECRET)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(body) // 50


# Answers in another form


@pytest.mark.parametrize(
    "body", [{"retcode": 0, "access_token": "t"}, {"retcode": "0"}], ids=["number", "text"]
)
def test_json_is_read_where_it_is_documented(gateway: Gateway, body: dict[str, Any]) -> None:
    """`getaccesstoken` answers in JSON, unsigned."""
    gateway.default = Answer(200, body, signed=False)
    with old(gateway) as wxpay:
        reply = at(wxpay, "v2/appauth/getaccesstoken").get(params={"code": "c"})
    assert reply.json() == body
    assert not reply.extensions["wechatpay"].verified


def test_json_says_no_in_its_own_words() -> None:
    """A `retcode` other than 0 is the error's code."""
    with pytest.raises(APIError, match="invalid code") as caught:
        judge(b'{"retcode":-1,"retmsg":"invalid code"}', "v2/appauth/getaccesstoken", "GET")
    assert (caught.value.code, caught.value.message) == ("-1", "invalid code")


@pytest.mark.parametrize("body", [b"{}", b"[]", b"{", b'{"retcode":true}', b"[" * 100_000, b""])
def test_json_that_says_nothing_is_refused(body: bytes) -> None:
    """JSON without a `retcode`, or none at all, is not provably an answer."""
    with pytest.raises(VerificationError):
        judge(body, "v2/appauth/getaccesstoken", "GET")


def test_a_result_may_be_left_out() -> None:
    """Some answers have a `return_code` alone; what they say is signed all the same."""
    fields = {"return_code": "SUCCESS", "nonce_str": "n"}
    assert judge(xml.dumps({**fields, "sign": sign(fields)}))


@pytest.mark.parametrize("retcode", ["0", ""])
def test_xml_without_a_return_code_is_no_answer(retcode: str) -> None:
    """Where a `retcode` says that all is well, a `return_code` is missing all the same."""
    with pytest.raises(VerificationError, match="has no return_code"):
        judge(f"<root><retcode>{retcode}</retcode></root>".encode())


def test_json_elsewhere_is_refused() -> None:
    """Where XML is documented, nothing else will do."""
    with pytest.raises(VerificationError, match="not XML"):
        judge(b'{"retcode":0}')


@pytest.mark.parametrize("bill", [BILL, gzip.compress(BILL)], ids=["text", "gzip"])
def test_a_bill_is_as_it_came(gateway: Gateway, bill: bytes) -> None:
    """A bill is text, or gzip where that was asked for, and no signature covers it."""
    gateway.default = plain(bill)
    with old(gateway) as wxpay:
        reply = at(wxpay, BILLS).post(xml={"bill_date": "20261121"})
    assert reply.content == bill
    assert not reply.extensions["wechatpay"].verified


@each_way
@pytest.mark.parametrize("bill", [BILL * 9999, gzip.compress(BILL)], ids=["text", "gzip"])
def test_a_bill_goes_into_a_file(gateway: Gateway, way: Way, bill: bytes, tmp_path: Path) -> None:
    """With `sink=` a bill is in the file as it came, and not in memory."""
    gateway.default = plain(bill)
    file = io.BytesIO()
    with old(gateway) as wxpay:
        for sink in (tmp_path / "bill", file):
            reply = way.call(at(wxpay, BILLS), "post", xml={}, sink=sink)
            assert (reply.status_code, reply.content) == (200, b"")
            assert not reply.extensions["wechatpay"].verified
    assert (tmp_path / "bill").read_bytes() == file.getvalue() == bill


@each_way
def test_a_refusal_stays_out_of_the_file(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """XML in place of a bill is the error that it is, and leaves nothing behind."""
    file = io.BytesIO()
    with old(gateway) as wxpay:
        for reply in (REFUSED, plain(b"\xef\xbb\xbf \r\n" + REFUSED.content)):
            gateway.default = reply
            for sink in (tmp_path / "bill", file):
                with pytest.raises(APIError, match="No Bill Exist") as caught:
                    way.call(at(wxpay, BILLS), "post", xml={}, sink=sink)
                assert caught.value.response is not None
                assert caught.value.response.content == reply.content
    assert file.getvalue() == b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (plain(b""), VerificationError),
        (plain(b" " * (MAX_SIZE + 100_000)), VerificationError),
        (plain(b"<xml>" + b"<a/>" * (MAX_SIZE // 2)), VerificationError),
        (plain(BILL, fault="truncate"), TransportError),
        (answer(signed=False, result_code="SUCCESS"), VerificationError),
        (Answer(500, b"", signed=False), APIError),
    ],
    ids=["empty", "blank", "endless", "truncated", "success", "500"],
)
def test_what_is_no_bill_leaves_no_file(
    gateway: Gateway, tmp_path: Path, reply: Answer, error: type[Exception]
) -> None:
    """An empty, endless or broken answer is an error, and there is no file."""
    gateway.default = reply
    with old(gateway) as wxpay, pytest.raises(error):
        at(wxpay, BILLS).post(xml={}, sink=tmp_path / "bill")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_bill_takes_little_memory() -> None:
    """Of endless XML in place of a bill only so much is held as would be read."""
    sink, chunk = BillSink(io.BytesIO()), b"<" * 100_000
    for _ in range(3 * MAX_SIZE // len(chunk)):
        sink.write(chunk)
    held = sink.with_body(httpx.Response(200, request=httpx.Request("POST", "http://x"))).content
    assert MAX_SIZE < len(held) <= MAX_SIZE + len(chunk)


def test_each_try_is_looked_at_anew() -> None:
    """That an earlier try brought half a bill makes no bill of what comes next."""
    file = io.BytesIO()
    sink = BillSink(file)
    for piece in (BILL, REFUSED.content):
        sink.open()
        sink.write(piece)
    assert not sink.is_bill
    assert file.getvalue() == b""


def test_any_other_answer_goes_into_a_file_once_verified(gateway: Gateway, tmp_path: Path) -> None:
    """`sink=` takes XML too, after its signature was checked and not before."""
    good = answer(result_code="SUCCESS", trade_state="SUCCESS")
    gateway.script(good, plain(good.content.replace(b"trade", b"traed")))
    with old(gateway) as wxpay:
        at(wxpay, "v2/pay/orderquery").post(xml={}, sink=tmp_path / "good")
        with pytest.raises(VerificationError):
            at(wxpay, "v2/pay/orderquery").post(xml={}, sink=tmp_path / "bad")
    assert [one.name for one in tmp_path.iterdir()] == ["good"]
    assert (tmp_path / "good").read_bytes() == good.content


# What is read of an answer


def item(name: str, openid: str) -> str:
    """Return one item of a list."""
    return f"<{name}><openid>{openid}</openid></{name}>"


@pytest.mark.parametrize("count", [1, 2])
def test_documented_lists_are_lists(gateway: Gateway, count: int) -> None:
    """`hbinfo` and `mchinfo` are lists, of one too and at the top too; numbered fields stay."""
    head = "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code>"
    hb = "".join(item("hbinfo", f"o{number}") for number in range(count))
    mch = "".join(item("mchinfo", f"o{number}") for number in range(count))
    gateway.script(
        plain(f"{head}<hblist>{hb}</hblist></xml>".encode()),
        plain(f"{head}{mch}</xml>".encode()),
        answer(result_code="SUCCESS", coupon_count="1", coupon_id_0="c"),
    )
    with old(gateway) as wxpay:
        packets = at(wxpay, "v2/mmpaymkttransfers/gethbinfo").post(xml={}, security=False)
        merchants = at(wxpay, "v2/secapi/mch/submchmanage").post(
            xml={}, params={"action": "query"}, security=False
        )
        order = at(wxpay, "v2/pay/orderquery").post(xml={})
    expected = [{"openid": f"o{number}"} for number in range(count)]
    assert xml.fields(packets)["hblist"] == {"hbinfo": expected}
    assert xml.fields(merchants)["mchinfo"] == expected
    assert xml.fields(order)["coupon_id_0"] == "c"


def test_any_response_can_be_read() -> None:
    """A response that did not come of a call is read without lists; a bill is not XML."""
    assert xml.fields(httpx.Response(200, content=b"<xml><a>1</a></xml>")) == {"a": "1"}
    with pytest.raises(xml.XMLError):
        xml.fields(httpx.Response(200, content=BILL))


def test_encrypted_fields_of_an_answer_open(gateway: Gateway) -> None:
    """What is encrypted for the merchant's certificate, with the old padding, is decrypted."""
    merchant = rsa_key("merchant")
    sealed = b64encode(merchant.public_key().encrypt("张三".encode(), PKCS1v15())).decode()
    gateway.default = answer(result_code="SUCCESS", encrypted_real_name=sealed, cre_type="1")
    with old(gateway, serial=MERCHANT_SERIAL, private_key=merchant) as wxpay:
        reply = at(wxpay, "v2/secsvc/getrealnameinfo").post(xml={"openid": "o"})
        fields = wxpay.decrypt_fields(reply)
        gateway.default = plain(b"\xef\xbb\xbf" + gateway.default.content)
        marked = at(wxpay, "v2/secsvc/getrealnameinfo").post(xml={"openid": "o"})
        assert wxpay.decrypt_fields(marked) == fields
    assert (fields["encrypted_real_name"], fields["cre_type"]) == ("张三", "1")
    assert xml.fields(reply)["encrypted_real_name"] == sealed
