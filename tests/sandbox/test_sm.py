"""A sandbox with 国密: SM2 signs and encrypts fields, SM4 seals, and RSA is refused."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.x509 import load_pem_x509_certificate
from gateway import private_pem, rsa_key

from wechatpay import APIError, Ciphertext, ConfigurationError, VerificationError, WeChatPay
from wechatpay.crypto import sm2, suite_of
from wechatpay.sandbox import Mode, Sandbox, StateError, settings
from wechatpay.sandbox._base import Keys, SMPrivateKey, sm

from .merchant import ORDER, TERMINATION

pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")

TERMINATE = "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"
modes = pytest.mark.parametrize("mode", ["public-key", "certificate", "switching"])


def lent(sandbox: Sandbox) -> dict[str, Any]:
    """Return what leads a client to a sandbox whose keys it has not got."""
    return {
        "base_url": sandbox.config["base_url"],
        "http_client": httpx.Client(transport=sandbox.transport, trust_env=False),
    }


@pytest.mark.untraced
@modes
@pytest.mark.parametrize("port", [None, 0])
def test_the_six_calls(port: int | None, mode: Mode) -> None:
    """Three spellings, blocking and awaited, are signed and verified with SM2."""
    given: Any = {"authorization_code": "1234323JKHDFE1243252", "json": TERMINATION}
    with Sandbox(port=port, mode=mode, sm=True) as sandbox, sandbox.client() as wxpay:
        root: Any = wxpay
        attributes = root.v3.payscore.partner.permissions.authorizationCode
        nodes = [attributes._authorization_code_.terminate, root.chain(TERMINATE), root[TERMINATE]]

        async def awaited() -> list[httpx.Response]:
            return [await node.post_async(**given) for node in nodes]

        answers = [*(node.post(**given) for node in nodes), *asyncio.run(awaited())]
        assert [one.status_code for one in answers] == [204] * 6
        assert all(one.extensions["wechatpay"].verified for one in answers)
        assert all(
            one.headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SM2-WITH-SM3" for one in answers
        )
        assert all(exchange.verified for exchange in sandbox.exchanges)


@modes
def test_a_notification_is_sealed_with_sm4(mode: Mode) -> None:
    """What a customer's payment tells is signed with SM2, and opens with SM4 alone."""
    with Sandbox(mode=mode, sm=True) as sandbox, sandbox.client() as wxpay:
        came: list[tuple[dict[str, str], bytes]] = []

        def shop(headers: Mapping[str, str], body: bytes) -> None:
            came.append((dict(headers), body))

        sandbox.mount(ORDER["notify_url"], shop)
        wxpay.v3.pay.transactions.native.post(json=ORDER)
        paid = sandbox.pay(str(ORDER["out_trade_no"]))
        sandbox.settle()
        ((headers, body),) = came
        assert json.loads(body)["resource"]["algorithm"] == "AEAD_SM4_GCM"
        assert headers["wechatpay-signature-type"] == "WECHATPAY2-SM2-WITH-SM3"
        assert wxpay.notification(headers, body).resource == paid


@modes
def test_encrypted_fields_go_there_and_back(mode: Mode) -> None:
    """What the client encrypts the sandbox reads, and what it answers the client reads."""
    said = {"echo_message": "open", "encrypted_echo_message": "张三"}
    with Sandbox(mode=mode, sm=True) as sandbox, sandbox.client() as wxpay:
        root: Any = wxpay
        answer = root["v3/security/echo"].post(json=said)
        assert "张三" not in sandbox.exchanges[-1].body.decode()
        assert answer.json()["encrypted_echo_message"] != "张三"
        assert wxpay.decrypt_fields(answer) == said


def test_bills_are_downloaded(tmp_path: Path) -> None:
    """A bill's answer is signed with SM2, and the file has the hash that it names."""
    with Sandbox(sm=True) as sandbox, sandbox.client() as wxpay:
        wxpay["v3/pay/transactions/native"].post(json=ORDER)
        day = sandbox.pay(ORDER["out_trade_no"])["success_time"][:10]
        sandbox.advance(2 * 86400)
        for kind in ("tradebill", "fundflowbill"):
            said = wxpay.chain(f"v3/bill/{kind}").get(params={"bill_date": day})
            assert said.extensions["wechatpay"].verified
            wxpay.download(said, tmp_path / kind)
        assert ORDER["out_trade_no"] in (tmp_path / "tradebill").read_text("utf-8")


def test_certificates_are_listed_by_their_kind() -> None:
    """A list of SM certificates is asked for by `algorithm_type`; without it there are none."""
    with Sandbox(mode="certificate", sm=True) as sandbox, sandbox.client() as wxpay:
        root: Any = wxpay
        node = root["v3/certificates"]
        for kind in ("SM2", "ALL"):
            (entry,) = node.get(params={"algorithm_type": kind}).json()["data"]
            assert entry["encrypt_certificate"]["algorithm"] == "AEAD_SM4_GCM"
        for query in ({}, {"algorithm_type": "RSA"}):
            with pytest.raises(APIError) as caught:
                node.get(params=query)
            assert caught.value.code == "RESOURCE_NOT_EXISTS"
        first = sandbox.world.keys.certificate.serial
        second = sandbox.rotate()
        assert first != second
        answer = node.get(params={"algorithm_type": "SM2"})
        assert answer.extensions["wechatpay"].serial == sandbox.world.keys.certificate.serial


def test_an_answer_signed_with_rsa_is_refused() -> None:
    """Whoever holds the RSA half of a merchant's keys is not an SM client's WeChat Pay."""
    for own in (Sandbox(sm=True), Sandbox()):
        with own:
            client = own.client()
            held = own.world.keys
            wrong: Any = rsa_key("stranger") if held.is_sm else SMPrivateKey.new()
            held.platform = {**held.platform, held.public_key_id: wrong}
            with pytest.raises(VerificationError, match="the signature is not"):
                client.v3.pay.transactions.native.post(json=ORDER)


def test_a_forged_answer_is_refused() -> None:
    """So is one that another SM2 key signed, or whose bytes were changed."""
    with Sandbox(sm=True) as sandbox, sandbox.client() as wxpay:
        for fault in ("wrong-signature", "unknown-key", "probe", "missing-header", "skewed-clock"):
            sandbox.fault("post", "v3/pay/transactions/native", fault, times=1)
            with pytest.raises(VerificationError):
                wxpay.v3.pay.transactions.native.post(json=ORDER)
        keys = sandbox.world.keys
        keys.platform = {**keys.platform, keys.public_key_id: SMPrivateKey.new()}
        with pytest.raises(VerificationError, match="the signature is not"):
            wxpay.v3.pay.transactions.native.post(json=ORDER)


@pytest.mark.parametrize("is_sm", [True, False], ids=["SM", "RSA"])
def test_a_request_of_the_other_kind_is_refused(*, is_sm: bool) -> None:
    """The sandbox takes no RSA signature of an SM merchant, and the other way round."""
    with Sandbox(sm=is_sm) as sandbox, Sandbox(sm=not is_sm) as other:
        config: dict[str, Any] = {
            **other.config,
            "serial": sandbox.config["serial"],
            **lent(sandbox),
        }
        config.pop("merchant", None)
        with WeChatPay(**config) as wxpay, pytest.raises(APIError) as caught:
            wxpay.v3.pay.transactions.native.post(json=ORDER)
        config["http_client"].close()
    assert (caught.value.status_code, caught.value.code) == (401, "SIGN_ERROR")
    assert "SM2-WITH-SM3" in str(caught.value.message) + str(caught.value.detail) or not is_sm


def test_a_wrong_signature_is_told_from_a_wrong_scheme() -> None:
    """Another SM2 key's signature does not fit, and what it covers cannot be told."""
    with Sandbox(sm=True) as sandbox:
        config: dict[str, Any] = {
            **sandbox.config,
            "private_key": sm2.SM2PrivateKey(b"\7" * 32),
            **lent(sandbox),
        }
        with WeChatPay(**config) as wxpay, pytest.raises(APIError):
            wxpay.v3.pay.transactions.native.post(json=ORDER)
        config["http_client"].close()
        diagnosis = sandbox.exchanges[-1].diagnosis
    assert diagnosis is not None
    assert "tells only whether it fits" in diagnosis.mistake


def test_the_files_are_those_of_sm() -> None:
    """The client reads key, public key and certificate, and the certificate signs itself."""
    keys = Keys.throwaway("1900000109", sm=True)
    own = sm2.load_private_key(keys.private_key_pem)
    theirs = sm2.load_public_key(keys.public_key_pem)
    certificate = sm2.load_public_key(keys.merchant_pem)
    assert (suite_of(own).name, suite_of(theirs).name) == ("SM2", "SM2")
    assert certificate == own.public_key()
    read = load_pem_x509_certificate(keys.merchant_pem.encode())
    assert f"{read.serial_number:040X}" == keys.merchant_serial
    message, signed = read.tbs_certificate_bytes, read.signature
    assert sm2.verify(message, base64.b64encode(signed).decode(), certificate)
    assert Keys.load(keys.dump()).private_key_pem == keys.private_key_pem
    assert SMPrivateKey.load(private_pem(rsa_key("merchant"))) is None


def test_a_state_keeps_its_kind(tmp_path: Path) -> None:
    """A state file with keys of one kind is not gone on with by a sandbox of the other."""
    state = tmp_path / "state"
    with Sandbox(state=state, sm=True) as sandbox:
        serial = sandbox.config["serial"]
    with Sandbox(state=state, sm=True) as sandbox:
        assert sandbox.config["serial"] == serial
    with pytest.raises(StateError, match="has SM keys: say sm=True, or name another file"):
        Sandbox(state=state)
    with pytest.raises(ValueError, match="serves no TLS"):
        Sandbox(port=0, tls=True, sm=True)


def test_settings_lead_another_process_there(tmp_path: Path) -> None:
    """The keys are in files, and no certificate is named that OpenSSL could not show."""
    with Sandbox(port=0, sm=True) as sandbox:
        variables = settings.write(sandbox, tmp_path / "keys")
        assert "WECHATPAY_MERCHANT_CERT" not in variables
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            with WeChatPay.from_env() as wxpay:
                wxpay.v3.pay.transactions.native.post(json=ORDER)


def test_apiv2_stays_as_it_is() -> None:
    """APIv2 knows RSA only: the key for transfers to banks is one of that."""
    with Sandbox(sm=True) as sandbox, sandbox.client() as wxpay:
        root: Any = wxpay
        answer = root["v2/risk/getpublickey"].post(xml={"mch_id": "1900000109"})
        assert "BEGIN RSA PUBLIC KEY" in answer.text


def test_without_its_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named when the sandbox is made."""
    sm._library.cache_clear()
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    with pytest.raises(ImportError, match=r"needs the extra .gm."):
        Sandbox(sm=True)
    sm._library.cache_clear()


def test_what_is_not_encrypted_for_it_does_not_open() -> None:
    """Another key's ciphertext, and what is not base64, is refused as with RSA."""
    with Sandbox(sm=True) as sandbox, sandbox.client() as wxpay:
        root: Any = wxpay
        stranger = SMPrivateKey.new().public_key()
        for text in (stranger.encrypt("张三"), "AAAA", "not base64!"):
            sealed = Ciphertext(text, sandbox.world.keys.public_key_id)
            with pytest.raises(APIError) as caught:
                root["v3/security/echo"].post(
                    json={"echo_message": "x", "encrypted_echo_message": sealed}
                )
            assert caught.value.code == "PARAM_ERROR"
    assert not stranger.verify(b"x", "not base64!")
    with pytest.raises(ConfigurationError):
        sandbox.client(private_key=private_pem(rsa_key("merchant")))
