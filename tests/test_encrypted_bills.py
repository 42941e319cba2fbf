"""Encrypted bills: verified, opened, unpacked and checked, and only then there."""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA1
from gateway import Answer, Gateway, Request, private_pem, public_pem, rsa_key
from hypothesis import given
from hypothesis import strategies as st
from ways import Way, client_of, each_way

from wechatpay import (
    ConfigurationError,
    DecryptionError,
    PathError,
    TransportError,
    VerificationError,
    WeChatPay,
    bill,
)
from wechatpay._v3 import encrypted_file
from wechatpay._v3.downloadable import FilePart, parts_of

FLOWS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,"
    "资金变更提交申请人,备注,业务凭证号\r\n"
    + "`2026-01-02 10:00:00,`1,`2,`交易,`交易,`收入,`0.02,`0.24,`system,`,`3\r\n" * 3000
    + "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`3000.0,`3000,`60.00,`0,`0\r\n"
).encode()
KEY, NONCE = os.urandom(32), "a8607ef79034c49c"
URL = "v3/billdownload/file?token="
PADDING = OAEP(MGF1(SHA1()), SHA1(), None)


def seal(plain: bytes, key: bytes = KEY) -> bytes:
    """Encrypt as WeChat Pay does, by the length of the key."""
    if len(key) == 32:
        return AESGCM(key).encrypt(NONCE.encode(), plain, b"")
    encryptor = Cipher(SM4(key), GCM(NONCE.encode())).encryptor()
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def entry(gateway: Gateway, number: int, plain: bytes, **more: Any) -> dict[str, Any]:
    """Return an entry of `download_bill_list`."""
    key = more.pop("key", KEY)
    sealed_key = rsa_key("merchant").public_key().encrypt(key, PADDING)
    return {
        "bill_sequence": number,
        "download_url": f"{gateway.url}{URL}{number}",
        "encrypt_key": base64.b64encode(sealed_key).decode(),
        "nonce": NONCE,
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(plain).hexdigest(),
        **more,
    }


def serve(gateway: Gateway, *bodies: bytes) -> None:
    """Have the gateway give these files out by their numbers."""

    def give(request: Request) -> Answer:
        return Answer(200, bodies[int(request.target.rpartition("=")[2]) - 1], signed=False)

    gateway.routes["/v3/billdownload/file"] = give


def fetch(way: Way, wxpay: WeChatPay, what: Any, to: Any, **more: Any) -> httpx.Response:
    """Download in one of the ways."""
    if not way.is_async:
        return wxpay.download(what, to, **more)

    async def main() -> httpx.Response:
        return await wxpay.download_async(what, to, **more)

    return way.run(main)


def names_in(folder: Path) -> list[str]:
    """Return what is in a folder, hidden files too."""
    return sorted(one.name for one in folder.iterdir())


@each_way
@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("key", [KEY, KEY[:16]], ids=["AES", "SM4"])
def test_an_entry_is_opened_and_unpacked(
    gateway: Gateway, way: Way, packed: bool, key: bytes, tmp_path: Path
) -> None:
    """The bill itself is what arrives, and reads as any other."""
    serve(gateway, seal(gzip.compress(FLOWS) if packed else FLOWS, key))
    path = tmp_path / "bill.csv"
    with client_of(gateway) as wxpay:
        reply = fetch(way, wxpay, entry(gateway, 1, FLOWS, key=key), path)
    assert path.read_bytes() == FLOWS
    assert reply.extensions["wechatpay"].verified is False
    assert names_in(tmp_path) == ["bill.csv"]
    flows = bill.fund_flows(path)
    assert len(list(flows)) == flows.summary.count == 3000


@each_way
@pytest.mark.parametrize("form", ["mapping", "response"])
def test_parts_become_one_bill(gateway: Gateway, way: Way, form: str, tmp_path: Path) -> None:
    """In the order of their numbers, whatever the list's."""
    parts = [FLOWS[:1000], FLOWS[1000:5000], FLOWS[5000:]]
    serve(gateway, *(seal(gzip.compress(one)) for one in parts))
    listed = [entry(gateway, number, one) for number, one in enumerate(parts, 1)]
    answer: Any = {"download_bill_count": 3, "download_bill_list": [listed[i] for i in (2, 0, 1)]}
    if form == "response":
        answer = httpx.Response(200, json=answer)
    seen: list[int] = []

    def tell(received: int, total: int | None) -> None:
        seen.append(received)

    with client_of(gateway) as wxpay:
        fetch(way, wxpay, answer, tmp_path / "bill", progress=tell)
    assert (tmp_path / "bill").read_bytes() == FLOWS
    assert names_in(tmp_path) == ["bill"]
    assert [one.target[-1] for one in gateway.requests] == ["1", "2", "3"]
    assert seen


@each_way
def test_a_plain_answer_is_checked_by_its_hash(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """An answer with `download_url` and `hash_value` may be passed as it is."""
    serve(gateway, gzip.compress(FLOWS), FLOWS + b"more", FLOWS[:9], FLOWS[9:])
    digest = hashlib.sha1(FLOWS).hexdigest().upper()
    answers = [
        {"download_url": f"{gateway.url}{URL}{n}", "hash_type": "SHA1", "hash_value": digest}
        for n in (1, 2)
    ]
    with client_of(gateway) as wxpay:
        fetch(way, wxpay, answers[0], tmp_path / "bill")
        assert (tmp_path / "bill").read_bytes() == FLOWS
        with pytest.raises(VerificationError, match="SHA-1"):
            fetch(way, wxpay, answers[1], tmp_path / "other")
        urls = {n: f"{gateway.url}{URL}{n + 2}" for n in (2, 1)}
        listed = [{"bill_sequence": n, "download_url": url} for n, url in urls.items()]
        fetch(way, wxpay, {"download_bill_list": listed}, tmp_path / "parts")
    assert (tmp_path / "parts").read_bytes() == FLOWS
    assert names_in(tmp_path) == ["bill", "parts"]


SEALED = seal(gzip.compress(FLOWS))
FLIPPED = bytes([SEALED[0] ^ 1]) + SEALED[1:]
WRONG: dict[str, tuple[bytes, dict[str, Any], type[Exception], str]] = {
    "changed": (FLIPPED, {}, DecryptionError, "the bill does not open"),
    "cut short": (SEALED[:-1], {}, DecryptionError, "the bill does not open"),
    "too short": (b"x" * 15, {}, DecryptionError, "too short"),
    "another nonce": (SEALED, {"nonce": "b" * 16}, DecryptionError, "does not open"),
    "a nonce that is none": (SEALED, {"nonce": "b\ud800"}, DecryptionError, "12 bytes, or 16"),
    "a short nonce": (SEALED, {"nonce": "b", "key": KEY[:16]}, DecryptionError, "not 1"),
    "another key": (SEALED, {"key": b"k" * 32}, DecryptionError, "does not open"),
    "a key of 31 bytes": (SEALED, {"key": b"k" * 31}, DecryptionError, "32 bytes, not 31"),
    "another hash": (SEALED, {"hash_value": "0" * 40}, VerificationError, "hash_value"),
    "half of a gzip": (seal(gzip.compress(FLOWS)[:99]), {}, TransportError, "ends too early"),
    "a bad gzip": (seal(b"\x1f\x8bno"), {}, TransportError, "damaged"),
}


@pytest.mark.parametrize(("body", "more", "kind", "words"), WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("to_file", [True, False], ids=["path", "file"])
def test_nothing_is_there_of_what_is_not_right(
    gateway: Gateway,
    body: bytes,
    more: dict[str, Any],
    kind: type[Exception],
    words: str,
    to_file: bool,
    tmp_path: Path,
) -> None:
    """Neither under the path nor beside it nor in a file object; what was there before stays."""
    serve(gateway, body)
    path, file = tmp_path / "bill", io.BytesIO(b"")
    path.write_bytes(b"before")
    with client_of(gateway) as wxpay, pytest.raises(kind, match=words) as caught:
        wxpay.download(entry(gateway, 1, FLOWS, **more), path if to_file else file)
    assert not getattr(caught.value, "outcome_unknown", False)
    assert (path.read_bytes(), file.getvalue()) == (b"before", b"")
    assert names_in(tmp_path) == ["bill"]


def test_a_file_object_gets_the_bill_at_the_end(gateway: Gateway) -> None:
    """And only what was found right."""
    serve(gateway, seal(gzip.compress(FLOWS)))
    file = io.BytesIO()
    with client_of(gateway) as wxpay:
        wxpay.download(entry(gateway, 1, FLOWS, hash_value=None), file)
    assert file.getvalue() == FLOWS


def test_a_broken_download_is_tried_again(gateway: Gateway, tmp_path: Path) -> None:
    """The sealed bytes begin anew, and are opened once they are whole."""
    answers = [Answer(200, SEALED, signed=False, fault=fault) for fault in ("truncate", None)]
    gateway.routes["/v3/billdownload/file"] = lambda request: answers.pop(0)
    with client_of(gateway) as wxpay:
        wxpay.download(entry(gateway, 1, FLOWS), tmp_path / "bill")
    assert (tmp_path / "bill").read_bytes() == FLOWS


@pytest.mark.parametrize("text", ["AAAA", "no base64!"])
def test_a_key_for_another_certificate_is_found_before_a_call(
    gateway: Gateway, text: str, tmp_path: Path
) -> None:
    """Nothing is fetched that cannot be opened."""
    with client_of(gateway) as wxpay, pytest.raises(DecryptionError, match="another certificate"):
        wxpay.download({**entry(gateway, 1, FLOWS), "encrypt_key": text}, tmp_path / "bill")
    assert gateway.requests == []


class Remote:
    """A signer whose key is elsewhere."""

    serial = "AB12"

    def sign(self, message: bytes) -> str:
        """Sign."""
        from wechatpay.crypto import rsa

        return rsa.sign(message, rsa_key("merchant"))


class Opener(Remote):
    """One that decrypts too."""

    def decrypt(self, ciphertext: str, padding: str = "oaep") -> str:
        """Give text back, which is all that it was made for."""
        return rsa_key("merchant").decrypt(base64.b64decode(ciphertext), PADDING).decode()


def test_a_signer_elsewhere_may_open_keys(gateway: Gateway, tmp_path: Path) -> None:
    """If it decrypts, it opens those that are text; if it does not, the error says so."""
    key = b"0123456789abcdef0123456789abcdef"
    serve(gateway, seal(FLOWS, key))
    asked = entry(gateway, 1, FLOWS, key=key)
    with client_of(gateway, serial=None, private_key=Opener()) as wxpay:
        wxpay.download(asked, tmp_path / "bill")
    assert (tmp_path / "bill").read_bytes() == FLOWS
    with (
        client_of(gateway, serial=None, private_key=Remote()) as wxpay,
        pytest.raises(ConfigurationError, match="decrypting needs"),
    ):
        wxpay.download(asked, tmp_path / "other")


def test_memory_does_not_grow_with_the_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty megabytes packed into few go through little memory, and the loop gets its turn."""
    plain = b"`2026-01-02 10:00:00,`1\r\n" * 1_600_000
    body = seal(gzip.compress(plain, 1))
    part = FilePart("", hashlib.sha1(plain).hexdigest(), "x", NONCE)
    monkeypatch.setattr(encrypted_file, "_TURN", encrypted_file._CHUNK)
    with (tmp_path / "sealed").open("w+b") as file, (tmp_path / "bill").open("w+b") as into:
        file.write(body)
        tracemalloc.start()
        turns = list(encrypted_file.open_into(file, KEY, part, into))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < len(plain) / 2
    assert len(turns) >= 2 * (len(body) // encrypted_file._CHUNK)
    assert (tmp_path / "bill").stat().st_size == len(plain)


PROGRAM = """
import resource, signal, sys
from wechatpay import WeChatPay
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
with WeChatPay("1900000109", serial="AB12", private_key="key.pem",
               certs={"PUB_KEY_ID_1": "theirs.pem"},
               base_url=sys.argv[1]) as wxpay:
    try:
        wxpay.download(eval(sys.argv[3]), "bill.csv")
    except OSError as error:
        print(error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits and signals are POSIX's")
@pytest.mark.parametrize("limit", [1_000, 20_000], ids=["sealed", "opened"])
def test_a_full_disk_leaves_nothing(gateway: Gateway, limit: int, tmp_path: Path) -> None:
    """Whichever of the two files does not fit."""
    serve(gateway, seal(gzip.compress(FLOWS + os.urandom(5_000))))
    (tmp_path / "key.pem").write_text(private_pem(rsa_key("merchant")))
    (tmp_path / "theirs.pem").write_text(public_pem(rsa_key("platform")))
    asked = repr(entry(gateway, 1, FLOWS))
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, gateway.url, str(limit), asked],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.stderr, done.stdout) == ("", f"{errno.EFBIG}\n")
    assert names_in(tmp_path) == ["key.pem", "theirs.pem"]


E: dict[str, Any] = {"download_url": "https://api.mch.weixin.qq.com/x", "bill_sequence": 1}
NOT_DOWNLOADABLE: list[tuple[Any, str]] = [
    (None, "download takes a download_url, .* not NoneType"),
    (b"https://api.mch.weixin.qq.com/", "not bytes"),
    (7, "not int"),
    ([E], "not list"),
    (httpx.Response(200, text="no json"), "not NoneType"),
    (httpx.Response(200, json=[1]), "not list"),
    ({}, "download_url is not a text there"),
    ({"download_url": 7}, "download_url is not a text there"),
    ({**E, "hash_value": 7}, "hash_value is not a text there"),
    ({**E, "hash_value": "abc"}, "hash_value is not a SHA-1"),
    ({**E, "hash_type": "SM3", "hash_value": "0" * 64}, "hash_value is not a SHA-1"),
    ({**E, "encrypt_key": "x"}, "an encrypt_key and a nonce"),
    ({**E, "nonce": "x"}, "an encrypt_key and a nonce"),
    ({"download_bill_list": []}, "has no entries"),
    ({"download_bill_list": "x"}, "has no entries"),
    ({"download_bill_list": [1]}, "has no entries"),
    ({"download_bill_list": [E, E]}, "is not 1 to 2"),
    ({"download_bill_list": [{**E, "bill_sequence": 2}]}, "is not 1 to 1"),
    ({"download_bill_list": [{**E, "bill_sequence": "1"}]}, "is not 1 to 1"),
    ({"download_bill_list": [E, {**E, "bill_sequence": 3}]}, "a part missing"),
]


@pytest.mark.parametrize(("given", "words"), NOT_DOWNLOADABLE)
def test_what_is_nothing_to_download(given: Any, words: str) -> None:
    """It is a PathError, before anything is sent or written."""
    with client_of("http://127.0.0.1:9/") as wxpay, pytest.raises(PathError, match=words):
        wxpay.download(given, "nowhere/bill")


NO_URLS = [
    *("", " ", "bill.csv", "/v3/bill", "//host/x", "https://", "https:///x", "https:host/x"),
    *("ftp://host/x", "file:///etc/passwd", "http://api.mch.weixin.qq.com/x", "https://u:p@host/x"),
    *("https://[::1/x", "https://[x]/", "https://host:port/x", "https://host:99999/x"),
    *(
        "https://host:0/x",
        "https://ho st/x",
        "https://host/x y",
        "https://host/\n",
        "https://h\x00/",
    ),
    *(
        "https://host\\x/",
        "https://host/\ud800",
        "https://ho\u2028st/",
        "javascript:1",
        "https://?x",
    ),
    *("https://host/../x", "https://.../x", "https://\u3002/x", "https://a..b/x", "https://-/x"),
    *("https://%/x", "https://ho%20st/x", "https://a.-b/x", "https://" + "a" * 64 + ".com/x"),
]


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_is_a_path_error(url: str, tmp_path: Path) -> None:
    """Whatever is wrong with it; and nothing is sent or written."""
    with client_of("http://127.0.0.1:9/", retries=0) as wxpay, pytest.raises(PathError):
        wxpay.download(url, tmp_path / "bill")
    assert names_in(tmp_path) == []


@given(st.text() | st.text().map("https://".__add__) | st.text().map("https://h/".__add__))
def test_any_text_is_a_url_or_a_path_error(url: str) -> None:
    """No other error leaves."""
    from wechatpay._v3.download import call_of

    with suppress(PathError):
        assert call_of(url).method == "GET"


def test_a_part_shows_no_token() -> None:
    """A download_url is as good as the file."""
    (part,) = parts_of({**E, "download_url": "https://host/x?token=SECRET"})
    assert repr(part) == "<FilePart of host>"
