"""APIv2's fund-flow bills and what their `Digest` header promises; errors in other words."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from gateway import Answer, Gateway
from ways import Way, client_of, each_way

from wechatpay import APIError, VerificationError
from wechatpay._v2.bill import Digests, check_digest
from wechatpay.media import Media

BILL = "记账时间,微信支付业务单号\r\n`2026-01-02 10:00:00,`1\r\n".encode() * 1000
PACKED = gzip.compress(BILL)
PATH: str = "v2/pay/downloadfundflow"
SECRET = "exposed_your_key_here_have_risks"


def of(kind: str, data: bytes, spelled: str = "base64") -> str:
    """Return a digest as a header has it."""
    found = hashlib.new(kind, data).digest()
    return base64.b64encode(found).decode() if spelled == "base64" else found.hex()


RIGHT = {
    "base64": f"SHA={of('sha1', PACKED)}",
    "hexadecimal": f"SHA={of('sha1', PACKED, 'hex')}",
    "capitals": f"sha={of('sha1', PACKED, 'hex').upper()}",
    "of what is packed": f"SHA={of('sha1', BILL)}",
    "another algorithm": f"SHA-256={of('sha256', PACKED)}",
    "two": f"UNIXsum=30637, SHA={of('sha1', PACKED)} , SHA-256={of('sha256', BILL, 'hex')}",
    "one that is not known": "id-sha-512=AAAA",
    "empty": "",
    "no promise": "SHA",
}
WRONG = {
    "another": f"SHA={of('sha1', b'x')}",
    "one of two": f"SHA={of('sha1', PACKED)},SHA-256={of('sha256', b'x')}",
    "none": "SHA=",
}


@each_way
@pytest.mark.parametrize("sink", [True, False], ids=["file", "memory"])
def test_a_bill_is_what_its_digest_promises(
    gateway: Gateway, way: Way, sink: bool, tmp_path: Path
) -> None:
    """A header that agrees lets the bill pass; one that does not leaves nothing of it."""
    path = tmp_path / "bill"
    more: dict[str, Any] = {"sink": path} if sink else {}
    with client_of(gateway, secret=SECRET) as wxpay:
        for header in (RIGHT["base64"], None):
            gateway.default = Answer(200, PACKED, {"Digest": header}, signed=False)
            reply = way.call(wxpay[PATH], "post", xml={}, security=False, **more)
            assert (path.read_bytes() if sink else reply.content) == PACKED
            path.unlink(missing_ok=True)
        gateway.default = Answer(200, PACKED, {"Digest": WRONG["another"]}, signed=False)
        with pytest.raises(VerificationError, match="SHA is not the one that its Digest") as caught:
            way.call(wxpay[PATH], "post", xml={}, security=False, **more)
    assert caught.value.outcome_unknown is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("header", RIGHT.values(), ids=list(RIGHT))
@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_a_digest_may_be_spelled_in_several_ways(header: str, size: int) -> None:
    """In base64 or hexadecimal, of the file or of what is packed in it, in pieces of any size."""
    digests = Digests()
    for at in range(0, len(PACKED), size):
        digests.update(PACKED[at : at + size])
    digests.check(header)


@pytest.mark.parametrize("header", WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("body", [PACKED, BILL, b"", b"x", b"\x1f\x8bno"])
def test_a_digest_that_does_not_agree_is_refused(header: str, body: bytes) -> None:
    """Each of several has to agree."""
    digests = Digests()
    digests.update(body)
    if header != WRONG["another"] or body != b"x":
        with pytest.raises(VerificationError, match="Digest header promises"):
            digests.check(header)


def test_a_short_body_has_a_digest_too() -> None:
    """A single byte could be the beginning of gzip, and is none."""
    for pieces in ([b"x"], [b"\x1f\x8bno", b"gzip"]):
        digests = Digests()
        for piece in pieces:
            digests.update(piece)
        digests.check(f"SHA={of('sha1', b''.join(pieces))}")


def test_nothing_is_promised_without_a_header() -> None:
    """Most bills come without one."""
    import httpx

    check_digest(httpx.Response(200, content=BILL))


REFUSALS = [
    ("<return_code>FAIL</return_code><retmsg>no right</retmsg>", "FAIL", "no right"),
    ("<return_code>FAIL</return_code><retcode>-3</retcode><retmsg>no</retmsg>", "-3", "no"),
    ("<retcode>1002</retcode><retmsg>参数错误</retmsg>", "1002", "参数错误"),
    ("<retcode>1002</retcode><return_msg>other</return_msg>", "1002", "other"),
]


@each_way
@pytest.mark.parametrize(("fields", "code", "message"), REFUSALS)
def test_errors_show_retmsg(
    gateway: Gateway, way: Way, fields: str, code: str, message: str
) -> None:
    """Whatever an endpoint calls its words, they stand in the error."""
    gateway.default = Answer(200, f"<xml>{fields}</xml>".encode(), signed=False)
    with client_of(gateway, secret=SECRET) as wxpay, pytest.raises(APIError) as caught:
        way.call(wxpay["v2/pay/other"], "post", xml={"a": "1"})
    assert (caught.value.code, caught.value.message) == (code, message)
    assert message in str(caught.value)


@pytest.mark.parametrize("fields", ["<retcode>0</retcode>", "<retcode></retcode>", "<a>1</a>"])
def test_what_says_neither_yes_nor_no_is_not_believed(gateway: Gateway, fields: str) -> None:
    """A retcode of nought is not a refusal, and proves nothing."""
    gateway.default = Answer(200, f"<xml>{fields}</xml>".encode(), signed=False)
    with (
        client_of(gateway, secret=SECRET) as wxpay,
        pytest.raises(VerificationError, match="no return_code of APIv2"),
    ):
        wxpay["v2/pay/other"].post(xml={"a": "1"})


def test_a_file_to_upload_may_be_a_url(gateway: Gateway, tmp_path: Path) -> None:
    """`file://` as keys have it: the file's own name goes along."""
    path = tmp_path / "照 片.png"
    path.write_bytes(b"\x89PNG")
    assert Media(path.as_uri()).filename == path.name
    assert Media(f"file://localhost{path.as_uri().removeprefix('file://')}").filename == path.name
    assert Media(io.BytesIO(b"x")).filename == "file"
    with client_of(gateway) as wxpay:
        wxpay["v3/merchant/media/upload"].post(media=path.as_uri())
    assert path.name.encode() in gateway.requests[0].body
    assert b"\x89PNG" in gateway.requests[0].body
