"""Files behind a `download_url`: the one that was promised, and no other."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import APIError
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._endpoint.downloads import made_up

_BILL = {"bill_date": "2026-01-01", "bill_type": "ALL"}


@pytest.mark.parametrize("packed", [{}, {"tar_type": "GZIP"}])
def test_what_is_promised_is_there(
    sandbox: Sandbox, packed: dict[str, str], tmp_path: Path
) -> None:
    """The client downloads what a `download_url` names, and its digest is the one that was told."""
    wxpay = sandbox.client()
    bill: dict[str, Any] = (
        wxpay.v3.payscore["merchant-bill"]
        .get(
            params={
                "service_id": "1",
                **_BILL,
                **packed,
                "encryption_algorithm": "AEAD_AES_256_GCM",
            }
        )
        .json()["download_bill_list"][0]
    )
    assert bill["download_url"].startswith("https://sandbox.invalid/v3/billdownload/file?token=")
    wxpay.download(bill["download_url"], tmp_path / "bill", sha1=bill["hash_value"])
    assert hashlib.sha1((tmp_path / "bill").read_bytes()).hexdigest() == bill["hash_value"]


def test_it_is_compressed_on_the_way(sandbox: Sandbox) -> None:
    """With `tartype=gzip` the same file comes compressed, unsigned either way."""
    wxpay = sandbox.client()
    bills = wxpay.v3.profitsharing.bills
    answer: dict[str, Any] = {**bills.get(params={"bill_date": "2026-01-01"}).json()}
    token = answer["download_url"].partition("token=")[2]
    file = wxpay.v3.billdownload.file
    plain = file.get(params={"token": token})
    packed = file.get(params={"token": token, "tartype": "GZIP"})
    assert gzip.decompress(packed.content) == plain.content
    assert not plain.extensions["wechatpay"].verified


@pytest.mark.parametrize("token", ["x", "0" * 64, "令牌"])
def test_a_token_of_ones_own_leads_nowhere(sandbox: Sandbox, token: str) -> None:
    """A token that no answer had is a 404."""
    with pytest.raises(APIError) as caught:
        sandbox.client().v3.billdownload.file.get(params={"token": token})
    assert caught.value.status_code == 404
    assert (caught.value.detail or {})["field"] == "token"


def test_another_digest(sandbox: Sandbox) -> None:
    """Where SHA-1 is not documented, the digest is one of those that are."""
    path = "fund-app/mch-transfer/partner/budget/1/electronic-receipts"
    answer = sandbox.client().v3[path].get().json()
    file = sandbox.client().v3.billdownload.file.get(
        params={"token": answer["download_url"].partition("token=")[2]}
    )
    assert answer["hash_type"] == "SHA256"
    assert hashlib.sha256(file.content).hexdigest() == answer["hash_value"]


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_a_picture_is_one(number: int) -> None:
    """What is binary is a PNG of one pixel, whose checksums are right."""
    content, content_type = made_up("binary", number)
    assert content_type == "application/octet-stream"
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    rest, kinds = content[8:], list[bytes]()
    while rest:
        size = int.from_bytes(rest[:4], "big")
        assert zlib.crc32(rest[4 : 8 + size]) == int.from_bytes(rest[8 + size : 12 + size], "big")
        kinds.append(rest[4:8])
        rest = rest[12 + size :]
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
