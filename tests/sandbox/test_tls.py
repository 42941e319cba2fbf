"""The sandbox by TLS, with certificates of its own, and who shows one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from ways import Way, each_way

from wechatpay import TransportError, WeChatPay
from wechatpay.sandbox import FaultKind, Sandbox
from wechatpay.sandbox._front import Authority

from .merchant import NATIVE, ORDER, Merchant


@pytest.fixture
def serving() -> Sandbox:
    """A sandbox that is about to serve by TLS."""
    return Sandbox(port=0, tls=True)


@pytest.mark.untraced
@each_way
def test_settings_and_the_environment_are_enough(
    serving: Sandbox, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client made from `config` trusts the sandbox once `SSL_CERT_FILE` names its `ca`."""
    with serving as sandbox:
        assert sandbox.url.startswith("https://127.0.0.1:")
        monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.ca))
        with WeChatPay(**sandbox.config) as wxpay:
            native = wxpay.v3.pay.transactions.native
            assert way.call(native, "post", json=ORDER).status_code == 200
            assert way.call(native, "post", json=ORDER, security=True).status_code == 200
    plain, mutual = sandbox.exchanges
    assert plain.certificate == ""
    assert mutual.certificate == sandbox.world.keys.merchant_serial


def test_client_trusts_it(serving: Sandbox) -> None:
    """The client that a sandbox hands out is ready, sync and async, and closed in the end."""
    with serving as sandbox:
        wxpay = sandbox.client()
        native = wxpay.v3.pay.transactions.native
        assert native.post(json=ORDER).status_code == 200
        for _ in range(2):
            assert asyncio.run(native.post_async(json=ORDER)).status_code == 200
    serials = {exchange.certificate for exchange in sandbox.exchanges}
    assert serials == {sandbox.world.keys.merchant_serial}


def test_strangers_do_not_trust_it(serving: Sandbox) -> None:
    """Who does not know the authority refuses the handshake, and sends nothing."""
    with serving as sandbox, WeChatPay(**sandbox.config, retries=0) as wxpay:
        with pytest.raises(TransportError) as caught:
            wxpay.v3.pay.transactions.native.post(json=ORDER)
        assert not caught.value.outcome_unknown
    assert sandbox.exchanges == []


def test_certificate_of_another_authority(serving: Sandbox) -> None:
    """A client may show no certificate, or one of this authority's: another one does not pass."""
    with serving as sandbox:
        other = Authority(Sandbox().world.keys, "127.0.0.1")
        context = other.client_context()
        context.load_verify_locations(sandbox.ca)
        with (
            httpx.Client(verify=context, trust_env=False) as client,
            pytest.raises((httpx.ReadError, httpx.ConnectError, httpx.RemoteProtocolError)),
        ):
            client.get(f"{sandbox.url}/nowhere")
        other.close()
        bare = ssl.create_default_context(cafile=str(sandbox.ca))
        with httpx.Client(verify=bare, trust_env=False) as client:
            assert client.get(f"{sandbox.url}/nowhere").status_code == 404


def test_faults_by_tls(serving: Sandbox) -> None:
    """A connection is reset, cut short or hung up under TLS as well."""
    with serving as sandbox:
        merchant = Merchant(sandbox.config)
        context = ssl.create_default_context(cafile=str(sandbox.ca))
        kinds: tuple[FaultKind, ...] = ("reset-after", "truncated", "refused")
        for kind in kinds:
            sandbox.fault("*", "**", kind, times=1)
            headers = {"Authorization": merchant.authorize("GET", NATIVE)}
            with httpx.Client(verify=context, trust_env=False) as client:
                # Some versions of OpenSSL call a reset connection the end of it.
                with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                    client.get(sandbox.url + NATIVE, headers=headers)
                assert client.get(sandbox.url + NATIVE, headers=headers).status_code == 405


def test_files_are_gone_in_the_end(serving: Sandbox) -> None:
    """The authority's file is there while TLS is served, and only its owner can read its keys."""
    with pytest.raises(RuntimeError, match="TLS is not served"):
        _ = serving.ca
    with serving as sandbox:
        assert "-----BEGIN CERTIFICATE-----" in sandbox.ca.read_text()
        folder = sandbox.ca.parent
        private = [each for each in folder.iterdir() if "PRIVATE" in each.read_text()]
        assert {each.stat().st_mode & 0o777 for each in private} == {0o600}
        assert len(private) == 2
    assert not folder.exists()


def test_taken_port_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot start leaves no file behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        Sandbox(port=taken.getsockname()[1], tls=True).start()
    assert list(tmp_path.iterdir()) == []


def test_names(serving: Sandbox) -> None:
    """A certificate is for the host that is served at, be it a name or an address."""
    keys = serving.world.keys
    for host in ("localhost", "::1"):
        authority = Authority(keys, host)
        assert authority.context.verify_mode is ssl.CERT_OPTIONAL
        authority.close()
