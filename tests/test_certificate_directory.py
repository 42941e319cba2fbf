"""Certificates in a directory: kept by one process, used by the next, and never half a file."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest
from gateway import (
    APIV3_KEY,
    MCHID,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    certificate_identity,
    certificate_list,
    certificate_pem,
    merchant_pem,
    private_pem,
    public_pem,
    rsa_key,
)
from ways import client_of

from wechatpay import ConfigurationError, WeChatPay
from wechatpay._v3 import PlatformKey, Source, load_keys, store_keys
from wechatpay._v3.keyring import MAX_AGE

PATH = "/v3/certificates"
FIRST = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1)
SECOND = certificate_identity(0x6257F09EFDC096DE15EBE81A47057A7232F1B8E2)


@pytest.fixture
def platform(gateway: Gateway) -> Gateway:
    """A WeChat Pay that signs with the first of two certificates."""
    gateway.identity = FIRST
    gateway.routes[PATH] = certificate_list([FIRST, SECOND])
    return gateway


def merchant(gateway: Gateway, directory: Path, apiv3_key: str | None = APIV3_KEY) -> WeChatPay:
    """Return a client that keeps certificates in a directory."""
    return client_of(gateway, certs=directory, apiv3_key=apiv3_key)


def fetches(gateway: Gateway) -> int:
    """Count how often the certificates were asked for."""
    return [one.path for one in gateway.requests].count(PATH)


def held(serial: int = 5, *, days: int = 30) -> PlatformKey:
    """Return a certificate as if it had been downloaded."""
    key = rsa_key("platform")
    pem = certificate_pem(key, serial, days=days).encode()
    return PlatformKey(f"{serial:X}", key.public_key(), pem=pem)


def age(directory: Path, seconds: float) -> None:
    """Make the certificates in a directory as old as that."""
    for file in directory.glob("*.pem"):
        os.utime(file, (0, time.time() - seconds))


def test_next_client_fetches_nothing(platform: Gateway, tmp_path: Path) -> None:
    """What one client fetched is kept by serial number, and serves the next without a fetch."""
    directory = tmp_path / "new" / "certs"
    with merchant(platform, directory) as wxpay:
        wxpay["v3/x"].get()
    assert {one.name for one in directory.iterdir()} == {f"{FIRST.id}.pem", f"{SECOND.id}.pem"}
    assert (directory / f"{FIRST.id}.pem").read_text() == FIRST.certificate
    for apiv3_key in (APIV3_KEY, None):
        with merchant(platform, directory, apiv3_key) as wxpay:
            assert wxpay["v3/x"].get().extensions["wechatpay"].serial == FIRST.id
    assert fetches(platform) == 1


def test_old_files_are_renewed(platform: Gateway, tmp_path: Path) -> None:
    """Files written eleven hours ago are fetched anew, and the new ones count as fresh."""
    store_keys(tmp_path, [held(int(FIRST.id, 16))])
    age(tmp_path, MAX_AGE + 60)
    for _ in range(2):
        with merchant(platform, tmp_path) as wxpay:
            wxpay["v3/x"].get()
    assert fetches(platform) == 1


def test_old_files_serve_when_they_cannot_be_renewed(platform: Gateway, tmp_path: Path) -> None:
    """Neither a refusal nor a missing APIv3 key keeps a call from being made with old keys."""
    store_keys(tmp_path, [held(int(FIRST.id, 16))])
    age(tmp_path, MAX_AGE + 60)
    platform.routes[PATH] = Answer(404)
    for apiv3_key, asked in ((APIV3_KEY, 1), (None, 1)):
        with merchant(platform, tmp_path, apiv3_key) as wxpay:
            assert wxpay["v3/x"].get().status_code == 200
        assert fetches(platform) == asked


def test_directory_that_cannot_be_written_is_logged(
    platform: Gateway, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The keys are in memory all the same, so the call goes well."""
    (tmp_path / "file").touch()
    with merchant(platform, tmp_path / "file" / "certs") as wxpay:
        assert wxpay["v3/x"].get().status_code == 200
    assert any("platform certificates could not be kept" in one for one in caplog.messages)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failed_write_leaves_nothing_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    """A file appears whole or not at all: what was begun is taken away."""

    def fail(*_: object) -> None:
        raise error

    store_keys(tmp_path, [held()])
    before = (tmp_path / "5.pem").read_bytes()
    monkeypatch.setattr(Path, "replace", fail)
    if isinstance(error, OSError):
        store_keys(tmp_path, [held()])
        assert caplog.messages == [
            "platform certificates could not be kept: No space left on device"
        ]
    else:
        with pytest.raises(KeyboardInterrupt):
            store_keys(tmp_path, [held()])
    assert [one.name for one in tmp_path.iterdir()] == ["5.pem"]
    assert (tmp_path / "5.pem").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_who_may_read_a_certificate_is_the_umask_s_to_say(
    tmp_path: Path, umask: int, mode: int
) -> None:
    """A directory that processes of several users share has certificates that all may read."""
    kept = os.umask(umask)
    try:
        store_keys(tmp_path, [held()])
    finally:
        os.umask(kept)
    assert stat.S_IMODE((tmp_path / "5.pem").stat().st_mode) == mode


def test_a_link_in_the_directory_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Whoever may write to the directory has nothing else written to."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "5.pem").symlink_to(precious)
    store_keys(tmp_path, [held()])
    assert precious.read_text() == "precious"
    assert not (tmp_path / "5.pem").is_symlink()


def test_only_certificates_and_public_keys_are_read(tmp_path: Path) -> None:
    """Certificates by any name, public keys by their id; expired and other files are left alone."""
    store_keys(tmp_path, [held(0xA), held(0xB, days=-1)])
    (tmp_path / "wechatpay_anything.pem").write_text(certificate_pem(rsa_key("platform"), 0xC))
    (tmp_path / f"{PUBLIC_KEY_ID}.pem").write_text(public_pem(rsa_key("platform")))
    (tmp_path / "apiclient_key.pem").write_text(private_pem(rsa_key("merchant")))
    (tmp_path / "readme.txt").write_text("-----BEGIN CERTIFICATE-----")
    age(tmp_path, 100)
    keys, written = load_keys(tmp_path)
    assert {one.id for one in keys} == {"A", "C", PUBLIC_KEY_ID}
    assert written == (tmp_path / "A.pem").stat().st_mtime < time.time() - 99
    assert all(one.pem for one in keys if not one.is_public_key)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_no_files_no_keys(tmp_path: Path, name: str) -> None:
    """A directory that is empty, or not there yet, holds nothing."""
    assert load_keys(tmp_path / name) == ([], None)


def test_public_keys_alone_have_no_age(tmp_path: Path) -> None:
    """Only certificates are ever renewed."""
    (tmp_path / f"{PUBLIC_KEY_ID}.pem").write_text(public_pem(rsa_key("platform")))
    assert load_keys(tmp_path)[1] is None


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "a damaged"),
        (f"{PUBLIC_KEY_ID}.pem", "nothing", "is not PEM"),
        ("PUB_KEY_ID_.pem", "nothing", "an id of 11 characters"),
    ],
)
def test_damaged_file_is_refused(tmp_path: Path, name: str, text: str, words: str) -> None:
    """A file that should be a key and is none is named by the error."""
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        client_of("http://127.0.0.1:9/", certs=tmp_path, apiv3_key=APIV3_KEY)


def test_a_merchant_s_own_certificate_is_no_platform_certificate(tmp_path: Path) -> None:
    """A directory into which the merchant's download was unpacked too says so at once."""
    (tmp_path / "apiclient_cert.pem").write_text(merchant_pem(rsa_key("merchant"), 0xA, MCHID))
    with pytest.raises(ConfigurationError, match=f"merchant {MCHID}'s own certificate"):
        load_keys(tmp_path)


def test_directory_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """What is not a file though it is named like one cannot be read, and the error says so."""
    (tmp_path / "a.pem").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load_keys(tmp_path)


def test_source_shows_no_key(tmp_path: Path) -> None:
    """Where certificates come from is shown without the key that opens them."""
    assert repr(Source(APIV3_KEY.encode(), directory=tmp_path)) == "<Source v3/certificates>"
