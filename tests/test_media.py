"""Uploads: a form whose `meta` is signed and whose file is whole."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import tracemalloc
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from gateway import Gateway, Request, rsa_key
from hypothesis import given
from hypothesis import strategies as st
from ways import Way, client_of, each_way

from wechatpay import Media, WeChatPay
from wechatpay._call import ORDINARY, UploadRule, rule_of
from wechatpay.media import USUAL, flat_form, form

IMAGE = b"\xff\xd8\xff\xe0 not quite a picture \r\n--"


class Part(NamedTuple):
    """One part of a form as a server sees it."""

    name: str
    filename: str | None
    kind: str
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """Take a form apart with the standard library's parser."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    found: list[Part] = []
    for one in message.iter_parts():
        disposition = one["Content-Disposition"].params
        content: Any = one.get_payload(decode=True)
        found.append(
            Part(disposition["name"], disposition.get("filename"), one.get_content_type(), content)
        )
    return found


def signed_meta(request: Request) -> dict[str, Any]:
    """Return `meta` once its signature is known to cover exactly its bytes."""
    meta = next(
        one for one in parts_of(request.headers["content-type"], request.body) if one.name == "meta"
    )
    lone = Request("POST", request.target, request.headers, meta.content, 1)
    assert lone.is_signed_by(rsa_key("merchant"))
    return dict(json.loads(meta.content))


@each_way
def test_an_image_is_uploaded_with_its_digest(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """`meta` has the file's name and SHA-256 and is all that is signed; the file is whole."""
    path = tmp_path / "营业执照.jpg"
    path.write_bytes(IMAGE)
    with client_of(gateway) as wxpay:
        way.call(wxpay.v3.merchant.media.upload, "post", media=path)
    request = gateway.requests[-1]
    digest = hashlib.sha256(IMAGE).hexdigest()
    assert signed_meta(request) == {"filename": "营业执照.jpg", "sha256": digest}
    _, file = parts_of(request.headers["content-type"], request.body)
    assert (file.name, file.kind, file.content) == ("file", "image/jpeg", IMAGE)
    assert 'name="file"; filename="营业执照.jpg"'.encode() in request.body
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("file", "filename"),
    [
        (IMAGE, "file.jpg"),
        (bytearray(IMAGE), "file.jpg"),
        (io.BytesIO(IMAGE), "file.jpg"),
        (Media(IMAGE, filename="a.png"), "a.png"),
    ],
    ids=["bytes", "bytearray", "file object", "Media"],
)
def test_a_file_comes_in_many_forms(gateway: Gateway, file: Any, filename: str) -> None:
    """Bytes, file objects and `Media` upload the same file."""
    with client_of(gateway) as wxpay:
        wxpay.v3.merchant.media.upload.post(media=file)
    request = gateway.requests[-1]
    assert signed_meta(request)["filename"] == filename
    assert parts_of(request.headers["content-type"], request.body)[1].content == IMAGE


def test_a_pipe_that_cannot_be_read_twice_is_uploaded() -> None:
    """A file object without seeking is held in memory instead."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    made = form(Media(Pipe(IMAGE)), USUAL, lambda meta: meta)
    assert parts_of(made.content_type, made.content)[1].content == IMAGE


def test_a_file_object_is_read_from_where_it_stands() -> None:
    """What was read of a file before does not go out."""
    file = io.BytesIO(b"skip" + IMAGE)
    file.seek(4)
    made = form(Media(file), USUAL, lambda meta: meta)
    assert json.loads(made.meta)["sha256"] == hashlib.sha256(IMAGE).hexdigest()
    assert parts_of(made.content_type, made.content)[1].content == IMAGE


@pytest.mark.parametrize(
    ("path", "part", "names"),
    [
        ("v3/ecommerce/account/cancel-applications/media", "file", {"file_digest", "file_name"}),
        ("v3/global/merchant-storage/file/upload", "file", {"digest", "filename"}),
        (
            "v3/mch-manage/submission-files/sub-mchid/{sub_mchid}/upload",
            "submission_file",
            {"file_digest", "file_name"},
        ),
        (
            "v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file",
            "file",
            {"digest", "digest_alogrithm"},
        ),
        ("v3/a/path/that/nobody/documented", "file", {"sha256", "filename"}),
    ],
)
def test_names_follow_the_catalogue(path: str, part: str, names: set[str]) -> None:
    """Each endpoint gets the part name and the fields of `meta` that it documents."""
    made = form(Media(IMAGE), rule_of("post", path).upload or USUAL, lambda meta: meta)
    assert set(json.loads(made.meta)) == names
    assert parts_of(made.content_type, made.content)[1].name == part


def test_sm3_is_computed_where_it_is_documented() -> None:
    """An endpoint that wants SM3 gets it, and is told so in its own spelling."""
    path = "v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file"
    made = form(Media(IMAGE), rule_of("post", path).upload or USUAL, lambda meta: meta)
    digest = Hash(SM3())
    digest.update(IMAGE)
    assert json.loads(made.meta) == {
        "digest": digest.finalize().hex(),
        "digest_alogrithm": "SM3",
    }


def test_what_the_caller_says_in_meta_wins() -> None:
    """Fields of `Media.meta` are kept, and take the place of computed ones."""
    media = Media(IMAGE, meta={"sha256": "mine", "bank_type": "CMB"})
    made = form(media, USUAL, lambda meta: meta)
    assert json.loads(made.meta) == {"sha256": "mine", "bank_type": "CMB", "filename": "file.jpg"}


def test_a_sensitive_field_of_meta_is_encrypted(gateway: Gateway) -> None:
    """A marked field in `meta` goes out encrypted, under the key that is named."""
    phone = {"merchant_contact_information": {"consultation_phone_number": "13800000000"}}
    with client_of(gateway) as wxpay:
        node = wxpay["v3/marketing/shopping-receipt/shoppingreceipts"]
        node.post(media=Media(IMAGE, meta=phone))
    sent = signed_meta(gateway.requests[-1])["merchant_contact_information"]
    assert len(sent["consultation_phone_number"]) == 344
    assert "wechatpay-serial" in gateway.requests[-1].headers


def test_a_video_is_held_in_memory_once(tmp_path: Path) -> None:
    """Five megabytes of video take little more than that, from a path."""
    size = 5 << 20
    path = tmp_path / "video.mp4"
    path.write_bytes(bytes(size))
    tracemalloc.start()
    try:
        made = form(Media(path), USUAL, lambda meta: meta)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(made.content) > size
    assert peak < 1.5 * size


@given(st.text(), st.binary(min_size=1, max_size=200))
def test_any_name_and_any_file_make_a_whole_form(filename: str, content: bytes) -> None:
    """No file name breaks out of its header, and no content out of its part."""
    if not filename.isprintable():
        filename = filename.encode("unicode_escape").decode()
    made = form(Media(content, filename=filename), UploadRule(), lambda meta: meta)
    boundary = made.content_type.partition("boundary=")[2].encode()
    assert made.content.count(b"--" + boundary) == 3
    assert (
        made.content.split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n--%b--\r\n" % boundary) == content
    )


def test_a_missing_file_is_the_systems_own_error(wxpay: WeChatPay, tmp_path: Path) -> None:
    """A path that leads nowhere is a `FileNotFoundError`, before anything is sent."""
    with pytest.raises(FileNotFoundError):
        wxpay.v3.merchant.media.upload.post(media=tmp_path / "nothing.jpg")


def test_repr_names_the_file_only() -> None:
    """`repr(Media)` holds the name and no content."""
    assert repr(Media(b"secret", filename="a.png")) == "<Media a.png>"
    assert ORDINARY.upload is None


_JSON = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _JSON, max_size=5))
def test_any_meta_is_signed_as_it_is_sent(meta: dict[str, Any]) -> None:
    """Whatever fields `meta` is given, they come out of the part that is signed, and no others."""
    made = form(Media(b"content", filename="a.png", meta=meta), USUAL, lambda fields: fields)
    first, second = parts_of(made.content_type, made.content)
    assert first.content == made.meta
    digest = hashlib.sha256(b"content").hexdigest()
    assert json.loads(made.meta) == {"sha256": digest, "filename": "a.png", **meta}
    assert second.content == b"content"


@pytest.mark.parametrize(
    "piece", ['"; name="b', "\r\nContent-Type: text/html\r\n\r\nx", "\r", "\n"]
)
def test_a_name_adds_nothing_to_a_form(piece: str) -> None:
    """Neither the file's name nor a field's can end its quotes or its line."""
    media = Media(b"content", filename=f"a{piece}.png", meta={f"field{piece}": "1"})
    for made in (
        form(media, USUAL, lambda fields: fields),
        flat_form(media, USUAL, lambda fields: fields),
    ):
        boundary = made.content_type.partition("boundary=")[2].encode()
        for part in made.content.split(b"--" + boundary)[1:-1]:
            head = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")[0]
            assert [line.partition(b":")[0] for line in head.splitlines()] == [
                *(b"Content-Disposition", b"Content-Type")
            ]
            assert head.count(b'"') == (4 if b"filename=" in head else 2)


# What frameworks hand over

PNG = b"\x89PNG\r\n\x1a\n picture"
RULE = UploadRule(names=r"(?i)[.](jpe?g|bmp|png)$")
LOCATION = ("v3/merchant/media/upload", "v3/merchant/media/video_upload")


def sent(file: Any, rule: UploadRule = USUAL, **more: Any) -> tuple[str, str, bytes]:
    """Return the names that `meta` and the part of the form have, and the content."""
    made = form(Media(file, **more), rule, lambda meta: meta)
    meta, part = parts_of(made.content_type, made.content)
    name = json.loads(meta.content)["filename"]
    assert json.loads(meta.content)["sha256"] == hashlib.sha256(part.content).hexdigest()
    return name, str(part.filename), part.content


def starlette_upload(name: str) -> Any:
    """Return what FastAPI gives a function for an upload."""
    from starlette.datastructures import UploadFile

    return UploadFile(io.BytesIO(IMAGE), filename=name)


def django_upload(name: str) -> Any:
    """Return what Django gives a view for a small upload."""
    _configured()
    files: Any = import_module("django.core.files.uploadedfile")
    return files.SimpleUploadedFile(name, IMAGE)


def django_large_upload(name: str) -> Any:
    """Return what Django gives a view for a large one, which is in a temporary file."""
    _configured()
    files: Any = import_module("django.core.files.uploadedfile")
    upload = files.TemporaryUploadedFile(name, "image/jpeg", len(IMAGE), None)
    upload.write(IMAGE)
    upload.seek(0)
    return upload


def _configured() -> None:
    settings: Any = import_module("django.conf").settings
    if not settings.configured:
        settings.configure()


def flask_upload(name: str) -> Any:
    """Return what Flask gives a view: its `name` is that of the form's field."""
    from werkzeug.datastructures import FileStorage

    return FileStorage(io.BytesIO(IMAGE), filename=name, name="picture")


UPLOADS: list[Callable[[str], Any]] = [
    starlette_upload,
    django_upload,
    django_large_upload,
    flask_upload,
]


@pytest.mark.parametrize("upload", UPLOADS, ids=lambda each: each.__name__)
def test_upload_of_a_framework(upload: Callable[[str], Any]) -> None:
    """What a framework hands over is sent whole, under the name that the customer gave it."""
    given = upload("licence.JPG")
    assert sent(given, RULE) == ("licence.JPG", "licence.JPG", IMAGE)
    if upload is not starlette_upload:  # closing that has to be awaited
        given.close()


@pytest.mark.parametrize("name", ["C:\\fakepath\\a.jpg", "../../etc/a.jpg", "/tmp/a.jpg"])
def test_upload_with_a_path_for_a_name(name: str) -> None:
    """Of a path that a browser has sent, of whatever system, the name is the last part."""
    for upload in (starlette_upload, flask_upload):
        assert sent(upload(name))[0] == "a.jpg"


class Spooled310:
    """A temporary file as Python 3.10 has it, which cannot say whether it can be rewound."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)
        self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell

    name = None


class Pipe(io.RawIOBase):
    """A file that cannot be rewound."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        return self._file.read(size)

    def readable(self) -> bool:
        """It can."""
        return True


def test_files_of_any_kind() -> None:
    """A temporary file, one that cannot be rewound, and bytes of any kind are read to the end."""
    for file in (
        Spooled310(IMAGE),
        Pipe(IMAGE),
        bytearray(IMAGE),
        memoryview(IMAGE),
        io.BytesIO(IMAGE),
    ):
        assert sent(file)[2] == IMAGE
    with tempfile.SpooledTemporaryFile() as spooled:
        spooled.write(IMAGE)
        spooled.seek(0)
        assert sent(spooled) == ("file.jpg", "file.jpg", IMAGE)
    with tempfile.NamedTemporaryFile(suffix=".png") as named:
        named.write(IMAGE)
        named.seek(0)
        assert sent(named)[0] == Path(named.name).name


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (IMAGE, "file.jpg"),
        (PNG, "file.png"),
        (b"BM\x00\x00", "file.bmp"),
        (b"GIF89a", "file.gif"),
        (b"%PDF-1.7", "file.pdf"),
        (b"\x00\x00\x00\x18ftypmp42", "file.mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "file.mov"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "file.avi"),
        (b"something else", "file"),
    ],
)
def test_name_of_what_has_none(content: bytes, name: str) -> None:
    """A file without a name is called by what it is; one that was named keeps its name."""
    assert sent(io.BytesIO(content))[:2] == (name, name)
    assert sent(content)[0] == name
    assert sent(content, filename="scan")[0] == "scan"


@pytest.mark.parametrize("name", ["scan", "scan.txt", "scan.jpg.exe", ".jpg.", "jpg"])
def test_name_that_the_endpoint_does_not_take(name: str) -> None:
    """A name that WeChat Pay would refuse is refused before anything is sent, with the remedy."""
    with pytest.raises(ValueError, match=r"pass Media\(file, filename=…\)"):
        sent(IMAGE, RULE, filename=name)
    for fine in ("a.jpg", "a.JPEG", "a.b.Png", "照片.bmp"):
        assert sent(IMAGE, RULE, filename=fine)[0] == fine


@pytest.mark.parametrize("path", LOCATION)
def test_documented_names(path: str) -> None:
    """The endpoints for pictures and for videos each take their own."""
    rule = rule_of("post", path).upload
    assert rule is not None
    wrong = "film.mp4" if path.endswith("media/upload") else "picture.png"
    with pytest.raises(ValueError, match="takes names that match"):
        sent(IMAGE, rule, filename=wrong)


@pytest.mark.parametrize("file", [io.StringIO("text"), io.StringIO("")])
def test_file_that_is_open_for_text(file: Any) -> None:
    """Text is not bytes; the error says how to open the file."""
    with pytest.raises(TypeError, match='open it with "rb"'):
        sent(file)


def test_path_that_is_open_for_text(tmp_path: Path) -> None:
    """The same for a file on disk."""
    (tmp_path / "a.jpg").write_text("text")
    with (tmp_path / "a.jpg").open() as file, pytest.raises(TypeError, match="open for text"):
        sent(file)


@pytest.mark.parametrize("file", [b"", bytearray(), io.BytesIO(), Pipe(b"")])
def test_empty_file(file: Any) -> None:
    """A file without content is refused; so is one that was read to its end."""
    with pytest.raises(
        ValueError, match=r"is empty, or was read to its end before: then seek\(0\)"
    ):
        sent(file)
    read = io.BytesIO(IMAGE)
    read.read()
    with pytest.raises(ValueError, match="is empty"):
        sent(read)
    read.close()
    with pytest.raises(ValueError, match="a file that was closed"):
        sent(read)


def test_file_that_has_to_be_awaited() -> None:
    """What only an event loop can read is refused, with the remedy."""

    class Awaited:
        async def read(self) -> bytes:
            return IMAGE

    with pytest.raises(TypeError, match=r"a Awaited, whose read\(\) has to be awaited"):
        Media(Awaited())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@each_way
@pytest.mark.parametrize("file", [b"", io.StringIO("x")], ids=["empty", "text"])
def test_nothing_is_sent_of_a_wrong_file(gateway: Gateway, way: Way, file: Any) -> None:
    """Such a file is found before anything goes out."""
    with client_of(gateway) as wxpay, pytest.raises((TypeError, ValueError)):
        way.call(wxpay["v3/merchant/media/upload"], "post", media=file)
    assert gateway.requests == []


def test_what_is_no_file_at_all() -> None:
    """It is named when it is given, and so are a name and fields that are none."""
    with pytest.raises(TypeError, match="media is a path, bytes, a binary file object or a Media"):
        Media(cast("Any", 5))
    with pytest.raises(TypeError, match="filename must be text, not int"):
        Media(b"x", filename=cast("Any", 5))
    with pytest.raises(TypeError, match="meta must be a mapping, not str"):
        Media(b"x", meta=cast("Any", "0"))


def test_an_error_spells_out_what_a_customer_put_into_a_name(wxpay: WeChatPay) -> None:
    """A name from a browser does not steer the terminal that shows it."""
    with pytest.raises(ValueError, match=r"media '\\x1b\]0;owned' is empty"):
        wxpay["v3/merchant/media/upload"].post(media=Media(b"", filename="\x1b]0;owned"))
