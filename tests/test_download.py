"""Answers written to files: whole or absent, and only what was promised."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from gateway import Answer, Gateway, rsa_key
from hypothesis import given
from hypothesis import strategies as st
from ways import AIOHTTP, ASYNCIO, SYNC, TRIO, Way, client_of, each_way

from wechatpay import APIError, PathError, TransportError, VerificationError, WeChatPay
from wechatpay._wire import Sink, Unpacked

BILL = "交易时间,公众账号ID\r\n`2026-01-01 00:00:00,`wx1\r\n".encode() * 5000
PACKED = gzip.compress(BILL)
SHA1 = hashlib.sha1(BILL).hexdigest()
FILE: str = "v3/billdownload/file"
CERTIFICATES: str = "v3/certificates"
STATEMENTS: str = "v3/global/statements"
OLD_BILL: str = "v2/pay/downloadbill"
PATH = "v3/billdownload/file?token=a%2Fb&tartype=gzip"


@pytest.fixture
def other() -> Iterator[Gateway]:
    """A host that is not WeChat Pay's API."""
    with Gateway() as gateway:
        yield gateway


def names_in(folder: Path) -> list[str]:
    """Return what is in a folder, hidden files too."""
    return sorted(one.name for one in folder.iterdir())


def fetch(way: Way, wxpay: WeChatPay, url: str, to: Any, **more: Any) -> httpx.Response:
    """Download in one of the four ways."""
    if not way.is_async:
        return wxpay.download(url, to, **more)

    async def main() -> httpx.Response:
        return await wxpay.download_async(url, to, **more)

    return way.run(main)


def file(body: bytes, **more: Any) -> Answer:
    """Return an unsigned answer that is a file."""
    return Answer(200, body, signed=False, **more)


@each_way
def test_a_bill_is_fetched_unpacked_and_checked(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """The request is signed, gzip is unpacked, the digest is of what was unpacked."""
    gateway.default = file(PACKED)
    seen: list[tuple[int, int | None]] = []

    def tell(done: int, total: int | None) -> None:
        seen.append((done, total))

    with client_of(gateway) as wxpay:
        to = tmp_path / "bill.csv"
        reply = fetch(
            way,
            wxpay,
            gateway.url + PATH,
            to,
            sha1=SHA1.upper(),
            progress=tell,
        )
    assert to.read_bytes() == BILL
    assert names_in(tmp_path) == ["bill.csv"]
    assert gateway.requests[-1].target == f"/{PATH}"
    assert gateway.requests[-1].is_signed_by(rsa_key("merchant"))
    assert seen[-1] == (len(PACKED), len(PACKED))
    assert reply.content == b""
    assert reply.extensions["wechatpay"].verified is False


@each_way
def test_another_host_sees_no_signature(
    gateway: Gateway, other: Gateway, way: Way, tmp_path: Path
) -> None:
    """A `download_url` elsewhere is fetched without `Authorization`."""
    other.default = file(BILL)
    with client_of(gateway) as wxpay:
        reply = fetch(way, wxpay, f"{other.url}invoice/{{1}}.pdf?x=1", tmp_path / "invoice")
    (request,) = other.requests
    assert request.target == "/invoice/%7B1%7D.pdf?x=1"
    assert "authorization" not in request.headers
    assert reply.extensions["wechatpay"].verified is False
    assert gateway.requests == []
    assert (tmp_path / "invoice").read_bytes() == BILL


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_download_url_is_of_no_dialect(
    gateway: Gateway, other: Gateway, tmp_path: Path, *, elsewhere: bool
) -> None:
    """That its path begins like APIv2's means nothing: it is asked for as it stands."""
    host = other if elsewhere else gateway
    host.default = file(BILL)
    with client_of(gateway) as wxpay:
        wxpay.download(f"{host.url}v2/papay/entrustweb", tmp_path / "bill")
    assert [one.target for one in host.requests] == ["/v2/papay/entrustweb"]


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut leaves no name with less behind it."""
    path = tmp_path / "bill"
    synced: list[tuple[int, bool]] = []

    def sync(number: int) -> None:
        synced.append((os.fstat(number).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", sync)
    sink = Sink(path)
    sink.open()
    sink.write(BILL)
    sink.finish()
    assert synced == [(len(BILL), False)]
    assert path.read_bytes() == BILL


@pytest.mark.parametrize("way", [SYNC, ASYNCIO, AIOHTTP, TRIO], ids=lambda way: way.name)
def test_a_broken_download_is_tried_again_from_its_beginning(
    gateway: Gateway, way: Way, tmp_path: Path
) -> None:
    """Half a file is thrown away, and the next try is the whole one."""
    gateway.script(file(BILL, fault="truncate"), file(BILL))
    with client_of(gateway) as wxpay:
        fetch(way, wxpay, gateway.url + PATH, tmp_path / "bill", sha1=SHA1)
    assert (tmp_path / "bill").read_bytes() == BILL
    assert names_in(tmp_path) == ["bill"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (file(BILL, fault="truncate"), TransportError),
        (file(PACKED[:-20]), TransportError),
        (file(b"\x1f\x8b" + b"no gzip at all"), TransportError),
        (file(BILL + b"more"), VerificationError),
        (Answer(404, {"code": "NOT_FOUND"}), APIError),
    ],
    ids=["truncated", "short gzip", "bad gzip", "wrong digest", "refused"],
)
@pytest.mark.parametrize("foreign", [False, True], ids=["api", "elsewhere"])
def test_nothing_is_left_of_what_went_wrong(
    gateway: Gateway,
    other: Gateway,
    answer: Answer,
    kind: type[Exception],
    tmp_path: Path,
    *,
    foreign: bool,
) -> None:
    """A failed download leaves the file that was there before, and no other."""
    host = other if foreign else gateway
    host.default = answer
    to = tmp_path / "bill"
    to.write_bytes(b"yesterday's")
    with client_of(gateway, retries=1) as wxpay, pytest.raises(kind):
        wxpay.download(host.url + PATH, to, sha1=SHA1)
    assert to.read_bytes() == b"yesterday's"
    assert names_in(tmp_path) == ["bill"]


@each_way
def test_a_missing_directory_is_found_before_anything_is_sent(
    gateway: Gateway, way: Way, tmp_path: Path
) -> None:
    """A path that cannot be written is the system's own error, and costs no request."""
    with client_of(gateway) as wxpay, pytest.raises(FileNotFoundError):
        fetch(way, wxpay, gateway.url + PATH, tmp_path / "nowhere" / "bill")
    assert gateway.requests == []


@pytest.mark.parametrize("way", [SYNC, ASYNCIO, AIOHTTP], ids=lambda way: way.name)
def test_a_full_disk_is_not_blamed_on_the_network(gateway: Gateway, way: Way) -> None:
    """What the file system says while writing goes through, after one request."""
    gateway.default = file(BILL)

    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise OSError(28, "No space left on device")

    with client_of(gateway) as wxpay, pytest.raises(OSError, match="No space left"):
        fetch(way, wxpay, gateway.url + PATH, Full())
    assert len(gateway.requests) == 1


def test_an_interrupted_download_leaves_nothing(gateway: Gateway, tmp_path: Path) -> None:
    """What interrupts a download goes through, and the half file goes away."""
    gateway.default = file(BILL)

    def interrupt(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with client_of(gateway) as wxpay, pytest.raises(KeyboardInterrupt):
        wxpay.download(gateway.url + PATH, tmp_path / "bill", progress=interrupt)
    assert names_in(tmp_path) == []


def test_a_file_object_is_written_from_where_it_stands(gateway: Gateway) -> None:
    """A second try goes back to where the file object stood, and no further."""
    gateway.script(file(BILL, fault="truncate"), file(BILL))
    to = io.BytesIO()
    to.write(b"kept")
    with client_of(gateway) as wxpay:
        wxpay.download(gateway.url + PATH, to)
    assert to.getvalue() == b"kept" + BILL


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "http://pay.wechatpay.cn/x", "nothing", "https://u:p@host/x", "https:///x"]
)
def test_what_is_no_download_url_is_refused(wxpay: WeChatPay, url: str, tmp_path: Path) -> None:
    """Another scheme, no host, credentials, or the open net without TLS: nothing is sent."""
    with pytest.raises(PathError):
        wxpay.download(url, tmp_path / "x")


@each_way
def test_sink_takes_an_unsigned_body_as_it_comes(
    gateway: Gateway, way: Way, tmp_path: Path
) -> None:
    """`sink=` streams a documented unsigned answer to a path, raw."""
    gateway.default = file(PACKED)
    with client_of(gateway) as wxpay:
        node = wxpay[FILE]
        reply = way.call(node, params={"token": "x"}, sink=tmp_path / "bill.gz")
    assert (tmp_path / "bill.gz").read_bytes() == PACKED
    assert (reply.status_code, reply.content) == (200, b"")


def test_sink_takes_what_a_users_client_receives(gateway: Gateway, tmp_path: Path) -> None:
    """A client of the user's own streams as well."""
    gateway.script(file(BILL), Answer(404, {"code": "NOT_FOUND"}))
    with httpx.Client() as own, client_of(gateway, http_client=own) as wxpay:
        wxpay[FILE].get(params={"token": "x"}, sink=tmp_path / "bill")
        with pytest.raises(APIError, match="NOT_FOUND"):
            wxpay[FILE].get(params={"token": "x"}, sink=tmp_path / "none")
    assert names_in(tmp_path) == ["bill"]


@pytest.mark.parametrize("way", [ASYNCIO, TRIO], ids=lambda way: way.name)
def test_sink_takes_what_a_users_async_client_receives(
    gateway: Gateway, way: Way, tmp_path: Path
) -> None:
    """So does an asynchronous one, on any loop."""
    gateway.script(file(BILL), Answer(404, {"code": "NOT_FOUND"}))

    async def main() -> None:
        async with httpx.AsyncClient() as own:
            wxpay = client_of(gateway, async_http_client=own)
            node = wxpay[FILE]
            await node.get_async(params={"token": "x"}, sink=tmp_path / "bill")
            with pytest.raises(APIError, match="NOT_FOUND"):
                await node.get_async(params={"token": "x"}, sink=tmp_path / "none")

    way.run(main)
    assert (tmp_path / "bill").read_bytes() == BILL
    assert names_in(tmp_path) == ["bill"]


@each_way
def test_sink_gets_a_signed_body_once_it_is_verified(
    gateway: Gateway, way: Way, tmp_path: Path
) -> None:
    """A body that the signature covers is verified first: a tampered one reaches no file."""
    gateway.script(Answer(200, b'{"a":1}'), Answer(200, b'{"a":2}', covers=b'{"a":1}'))
    with client_of(gateway) as wxpay:
        reply = way.call(wxpay[CERTIFICATES], sink=tmp_path / "good")
        with pytest.raises(VerificationError):
            way.call(wxpay[CERTIFICATES], sink=tmp_path / "bad")
    assert reply.json() == {"a": 1}
    assert names_in(tmp_path) == ["good"]


@pytest.mark.parametrize("good", [True, False], ids=["right", "wrong"])
def test_a_statement_is_checked_by_its_signed_digest(
    gateway: Gateway, tmp_path: Path, *, good: bool
) -> None:
    """The digest that the signature covers is compared with the file that was streamed."""
    digest = hashlib.sha1(BILL if good else b"").hexdigest()
    gateway.default = Answer(
        200,
        BILL,
        headers={"Wechatpay-Statement-Sha1": digest},
        covers=b'{"sha1":"%b"}' % digest.encode(),
    )
    with client_of(gateway) as wxpay:
        if good:
            assert wxpay[STATEMENTS].get(sink=tmp_path / "s").extensions["wechatpay"].verified
        else:
            with pytest.raises(VerificationError, match="SHA-1"):
                wxpay[STATEMENTS].get(sink=tmp_path / "s")
    assert names_in(tmp_path) == (["s"] if good else [])


@pytest.mark.parametrize("way", [SYNC, ASYNCIO, AIOHTTP, TRIO], ids=lambda way: way.name)
def test_a_compressed_transfer_is_decoded(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """`Content-Encoding` is the transfer's, so the file is what it stands for."""
    gateway.default = file(PACKED, headers={"Content-Encoding": "gzip"})
    with client_of(gateway) as wxpay:
        node = wxpay[FILE]
        way.call(
            node, params={"token": "x"}, headers={"Accept-Encoding": "gzip"}, sink=tmp_path / "b"
        )
    assert (tmp_path / "b").read_bytes() == BILL


def test_a_file_of_many_gzips_is_one_file() -> None:
    """Gzip files may stand one behind the other, cut anywhere."""
    unpacked = Unpacked(unpack=True)
    packed = gzip.compress(b"one") + gzip.compress(b"two")
    pieces = [plain for one in packed for plain in unpacked.feed(bytes([one]))]
    assert b"".join(pieces) == b"onetwo"
    assert unpacked.end() == b""


@given(st.binary(max_size=300), st.integers(1, 7))
def test_any_body_comes_out_as_it_is(body: bytes, size: int) -> None:
    """What is not gzip is written unchanged however it is cut, and gzip as what was packed."""
    for packed, plain in ((body, body), (gzip.compress(body), body)):
        if packed is body and body.startswith(b"\x1f\x8b"):
            continue
        to = io.BytesIO()
        sink = Sink(to, unpack=True)
        sink.open()
        sink.expect("no number")
        for start in range(0, len(packed), size):
            sink.write(packed[start : start + size])
        sink.finish(hashlib.sha1(plain).hexdigest())
        assert to.getvalue() == plain


def test_a_pipe_is_written_to_once(make_client: Callable[..., WeChatPay]) -> None:
    """A file object that cannot seek takes one try; a second is refused by it."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation("seek")

    pipe = Pipe()
    sink = Sink(pipe)
    sink.open()
    sink.write(b"half")
    with pytest.raises(io.UnsupportedOperation):
        sink.open()


def test_a_file_goes_to_a_path_or_a_file(wxpay: WeChatPay) -> None:
    """Anything else is named before anything is sent."""
    url = "http://127.0.0.1:9/v3/billdownload/file?token=1"
    with pytest.raises(TypeError, match="is a path or a binary file object, not int"):
        wxpay.download(url, cast("Any", 5))
    with pytest.raises(TypeError, match="is a path or a binary file object, not object"):
        cast("Any", wxpay)["v3/billdownload/file"].get(sink=object())

    class Awaited:
        async def write(self, data: bytes) -> None:
            """Never run: nobody awaits it."""

    parts = [{"download_url": url, "bill_sequence": number} for number in (1, 2)]
    for source in (url, {"download_bill_list": parts}):
        for file in (io.StringIO(), Awaited()):
            with pytest.raises(TypeError, match=f"binary file object, not {type(file).__name__}"):
                wxpay.download(source, cast("Any", file))


@pytest.mark.parametrize("sha1", ["", "zz", "0" * 39, 5, b"0" * 40])
def test_a_hash_is_one(wxpay: WeChatPay, sha1: Any, tmp_path: Path) -> None:
    """What cannot be the hash of any file is refused before anything is sent."""
    url = "http://127.0.0.1:9/v3/billdownload/file?token=1"
    with pytest.raises(PathError, match="sha1 is not a SHA-1, which has 40 hexadecimal digits"):
        wxpay.download(url, tmp_path / "bill.csv", sha1=sha1)


@pytest.mark.parametrize("number", [[], {}, None, "1", 1.0, 2])
def test_a_part_s_number_is_one(wxpay: WeChatPay, number: Any, tmp_path: Path) -> None:
    """A part that is not numbered as the others are is not guessed at."""
    entry = {"download_url": "http://127.0.0.1:9/v3/billdownload/file", "bill_sequence": number}
    with pytest.raises(PathError, match="a part missing"):
        wxpay.download({"download_bill_list": [entry]}, tmp_path / "bill.csv")
