"""Uploads: a form with a file and its `meta`, taken apart byte by byte."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Refusal
from wechatpay.sandbox._base import No
from wechatpay.sandbox._endpoint import Request, words
from wechatpay.sandbox._endpoint.documented import find
from wechatpay.sandbox._endpoint.uploads import UploadForm, form

_TYPE = 'multipart/form-data; boundary="a b"'
_FILE = b"\r\n--a\r\n\x00\r\n"


def _request(body: bytes, content_type: str = _TYPE) -> Request:
    return Request("POST", b"/", ((b"Content-Type", content_type.encode()),), body)


def _part(name: str, content: bytes, head: str = "Content-Type: x/y\r\n") -> bytes:
    disposition = f'{head}content-disposition: form-data; name="{name}"; filename="f"\r\n\r\n'
    return b"--a b\r\n" + disposition.encode() + content + b"\r\n"


def _upload(path: str) -> UploadForm:
    document = find("POST", path)
    assert document
    return UploadForm(document.body)


def test_a_form_is_taken_apart() -> None:
    """Each part is found under its name, whatever bytes are in it."""
    body = _part("meta", b"{}") + _part("file", _FILE) + b"--a b--"
    assert form(_request(body)) == {"meta": b"{}", "file": _FILE}


@given(st.dictionaries(st.from_regex("[a-z]+", fullmatch=True), st.binary()))
def test_any_form_comes_back(parts: dict[str, bytes]) -> None:
    """Any parts that do not hold the boundary come back as they went in."""
    body = b"".join(_part(name, content) for name, content in parts.items()) + b"--a b--\r\n"
    assert form(_request(body)) == parts


@given(st.binary())
def test_any_body_is_read_or_refused(body: bytes) -> None:
    """No bytes lead to another exception than a refusal."""
    with contextlib.suppress(Refusal):
        form(_request(body))


@given(st.text(st.characters(max_codepoint=255)))
def test_any_content_type_is_read_or_refused(content_type: str) -> None:
    """No content type leads to another exception than a refusal."""
    with contextlib.suppress(Refusal):
        form(_request(_part("meta", b"") + b"--a b--", content_type))


@pytest.mark.words
@pytest.mark.parametrize(
    ("body", "content_type", "issue"),
    [
        (b"--a b--", "application/json", "Content-Type must be"),
        (b"--a b--", "multipart/form-data", "with a boundary"),
        (b"", _TYPE, "begin and end"),
        (b"x\r\n--a b--", _TYPE, "begin and end"),
        (_part("meta", b"{}"), _TYPE, "begin and end"),
        (b"--a b\r\nX: y\r\n\r\n\r\n--a b--", _TYPE, "without a name"),
        (b"--a b\r\nContent-Disposition: form-data\r\n\r\n\r\n--a b--", _TYPE, "without a name"),
        (b"--a b\r\nContent-Disposition: form-data; name=x\r\n--a b--", _TYPE, "without a name"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, content_type: str, issue: str) -> None:
    """A body that is not a form is a 400 that says why."""
    with pytest.raises(Refusal) as caught:
        form(_request(body, content_type))
    assert caught.value.code == "PARAM_ERROR"
    assert issue in caught.value.detail["issue"]


@pytest.mark.words
@pytest.mark.parametrize("name", ["meta", "due_diligence_file"])
def test_a_missing_part_is_named(name: str) -> None:
    """The file's part has the name that is documented; `meta` has to be there as well."""
    upload = _upload("v3/mch-operation-manage/enhanced-due-diligence/{due_diligence_id}/upload")
    parts = {"meta": b"{}", "due_diligence_file": b"", "file": b""}
    del parts[name]
    body = b"".join(_part(each, content) for each, content in parts.items()) + b"--a b--"
    with pytest.raises(Refusal) as caught:
        upload.parts(_request(body))
    assert caught.value.detail["issue"] == f"no part named {name}"


def test_the_digest_has_to_be_the_files() -> None:
    """A digest in either case of letters passes; another one is a 400."""
    upload = _upload("v3/merchant/media/upload")
    digest = hashlib.sha256(_FILE).hexdigest()
    upload.check({"sha256": digest.upper()}, _FILE)
    with pytest.raises(Refusal) as caught:
        upload.check({"sha256": digest}, b"another")
    assert caught.value.detail["field"] == "/sha256"


def test_sm3_is_a_digest_too() -> None:
    """Where `meta` says SM3, the digest is that."""
    upload = _upload("v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file")
    sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # of "abc"
    upload.check({"digest_alogrithm": "SM3", "digest": sm3}, b"abc")
    with pytest.raises(Refusal):
        upload.check({"digest_alogrithm": "SM3", "digest": sm3}, b"abd")


_MEDIA = "v3/merchant/media/upload"


@pytest.mark.parametrize(
    ("name", "file", "no"),
    [
        ("a.gif", b"x", words.WRONG_SUFFIX),
        ("picture", b"x", words.WRONG_SUFFIX),
        (f"{'a' * 125}.jpg", b"x", words.NAME_TOO_LONG),
        ("a.png", b"", words.EMPTY_FILE),
        ("a.bmp", b"x" * (2 * 2**20 + 1), words.FILE_TOO_LARGE),
    ],
)
def test_what_is_not_taken(name: str, file: bytes, no: No) -> None:
    """A picture has a name of its kind, of 128 characters at most, and 2 MB at most.

    Page partner/4012467222; that nothing is not a picture is inferred.
    """
    document = find("POST", _MEDIA)
    assert document
    upload = UploadForm(document.body, _MEDIA)
    meta = {"filename": name, "sha256": hashlib.sha256(file).hexdigest()}
    with pytest.raises(Refusal) as caught:
        upload.check(meta, file)
    assert (caught.value.no, caught.value.status) == (no, 400)
    upload.check({"filename": "A.JPG", "sha256": hashlib.sha256(b"x").hexdigest()}, b"x")
    other = UploadForm(document.body, "v3/another/upload")
    other.check({"filename": "a.gif", "sha256": hashlib.sha256(b"x").hexdigest()}, b"x")
