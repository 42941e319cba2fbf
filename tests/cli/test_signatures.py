"""`sign`, `verify`, `encrypt`, `decrypt` and `notify`: cryptography by itself."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from gateway import (
    APIV3_KEY,
    MCHID,
    PUBLIC_KEY_ID,
    Gateway,
    Request,
    certificate_identity,
    certificate_list,
    public_key_identity,
    public_pem,
    rsa_key,
)
from gateway.answers import signature_headers

from wechatpay import xml
from wechatpay.crypto import aes, digest, rsa

from .conftest import SECRET, Run

OLD = "1554208460"
NONCE = "fdasflkja484"


def notice(**changes: Any) -> bytes:
    """The body of a notification."""
    sealed = aes.encrypt('{"out_trade_no":"A1"}', APIV3_KEY, NONCE, "transaction")
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": sealed,
        "nonce": NONCE,
        "associated_data": "transaction",
    }
    envelope = {
        "id": "EV-1",
        "create_time": "2026-11-21T10:00:00+08:00",
        "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource",
        "summary": "支付成功",
        "resource": resource,
    }
    return json.dumps({**envelope, **changes}).encode()


def save(body: bytes, as_json: bool = False) -> tuple[str, str]:
    """Keep a message and its headers in files, as somebody would to look at it later."""
    headers = signature_headers(public_key_identity(), body, OLD)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    text = json.dumps(headers) if as_json else "HTTP/1.1 200 OK\r\n" + "\r\n".join(lines)
    Path("headers.txt").write_text(text + "\r\n\r\nthe body\r\n" * (not as_json))
    Path("body.json").write_bytes(body)
    return "headers.txt", "body.json"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_saved_notification_is_looked_at_again(as_json: bool, env: Path, run: Run) -> None:
    """With --any-age an old signature is verified all the same; without it, it is too old."""
    headers, body = save(notice(), as_json)
    for command in (("notify", "verify"), ("notify", "decrypt"), ("verify",)):
        call = (*command, body, "--headers", headers, "-e", env)
        wrong = 1 if command == ("verify",) else 5
        old = run(*call)
        assert (old.code, "the signature's time is off" in old.err) == (wrong, True)
        fine = run(*call, "--any-age")
        assert fine.code == 0, fine.err
        if command == ("notify", "decrypt"):
            assert fine.out == '{"out_trade_no":"A1"}\n'
        elif command == ("verify",):
            assert fine.out == f"Signed by WeChat Pay with {PUBLIC_KEY_ID}.\n"
        else:
            assert json.loads(fine.out)["summary"] == "支付成功"
            assert PUBLIC_KEY_ID in fine.err
        Path(body).write_bytes(notice(summary="forged"))
        assert run(*call, "--any-age").code == wrong
        Path(body).write_bytes(notice())


def test_verifying_takes_the_public_key_and_its_id_alone(tmp_path: Path, run: Run) -> None:
    """No merchant number, no private key, no APIv3 key: 0 for a right message, else 1."""
    key = tmp_path / "pub_key.pem"
    key.write_text(public_pem(rsa_key("platform")))
    headers, body = save(notice())
    call = ("verify", body, "--headers", headers, "--public-key-id", PUBLIC_KEY_ID)
    right = run(*call, "--public-key", str(key), "--any-age")
    assert right == (0, f"Signed by WeChat Pay with {PUBLIC_KEY_ID}.\n", "")
    assert run(*call, "--public-key", str(key)).code == 1
    Path(body).write_bytes(notice(summary="forged"))
    forged = run(*call, "--public-key", str(key), "--any-age")
    assert (forged.code, "the signature is not" in forged.err) == (1, True)
    assert run(*call, "--any-age").code == 3
    nothing = run("verify", body, "--headers", headers)
    assert (nothing.code, "WECHATPAY_PUBLIC_KEY" in nothing.err) == (3, True)


def test_a_key_that_is_not_held_is_not_downloaded_by_a_public_key_merchant(
    env: Path, run: Run
) -> None:
    """The message is wrong, then: there are no certificates to be had."""
    headers, body = save(notice())
    other = run("verify", body, "--headers", headers, "-H", "Wechatpay-Serial: ABCD", "-e", env)
    assert other.code == 1
    call = ("verify", body, "--headers", headers, "-H", "Wechatpay-Serial: ABCD", "--any-age")
    unknown = run(*call, "-e", env)
    assert (unknown.code, "not among the keys held" in unknown.err) == (1, True)


def test_certificates_are_downloaded_to_verify(
    gateway: Gateway, make_env: Callable[..., Path], run: Run
) -> None:
    """In certificate mode, as any call does."""
    platform = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1)
    gateway.routes["/v3/certificates"] = certificate_list([platform])
    env = make_env(PUBLIC_KEY=None, PUBLIC_KEY_ID=None)
    now = str(int(time.time()))
    headers = signature_headers(platform, notice(), now)
    options = [piece for name in headers for piece in ("-H", f"{name}: {headers[name]}")]
    result = run("verify", "-e", env, *options, stdin=notice())
    assert result.out == f"Signed by WeChat Pay with {platform.id}.\n", result.err


def test_headers_as_options_win(env: Path, run: Run) -> None:
    """Over those of the file; a header that is none is told."""
    headers, body = save(notice())
    call = ("verify", body, "-e", env, "--any-age")
    result = run(*call, "--headers", headers, "-H", "Wechatpay-Signature: AAAA")
    assert result.code == 1
    assert "no header Wechatpay-Timestamp" in run(*call).err
    Path(headers).write_text("nonsense")
    assert "a header is 'Name: value'" in run(*call, "--headers", headers).err
    Path(headers).write_text('{"a": 1}')
    assert "a header is 'Name: value'" in run(*call, "--headers", headers).err
    Path(headers).write_text("{")
    assert "is not JSON" in run(*call, "--headers", headers).err


def test_opening_without_verifying_is_asked_for(env: Path, run: Run) -> None:
    """And said again on standard error."""
    call = ("notify", "decrypt", "-e", env)
    assert run(*call, stdin=notice()).code == 5
    result = run(*call, "--unverified", stdin=notice())
    assert result == (
        0,
        '{"out_trade_no":"A1"}\n',
        "Opened without its signature being checked.\n",
    )
    for wrong in (b"no json", b"[]", notice(resource={"ciphertext": 1}), notice(resource="x")):
        assert run(*call, "--unverified", stdin=wrong).code == 5


def test_what_is_rightly_signed_but_no_notification(env: Path, run: Run) -> None:
    """An envelope that is none."""
    headers, body = save(b"[]")
    result = run("notify", "verify", body, "--headers", headers, "--any-age", "-e", env)
    assert (result.code, "this is not a notification" in result.err) == (5, True)


def test_apiv2_notifications(env: Path, make_env: Callable[..., Path], run: Run) -> None:
    """They carry their signature themselves, and a refund's is encrypted without one."""
    fields = {"return_code": "SUCCESS", "out_trade_no": "A1", "mch_id": MCHID}
    fields["sign"] = digest.sign(fields, SECRET)
    signed = xml.dumps(fields)
    assert json.loads(run("notify", "verify", "-e", env, stdin=signed).out) == fields
    assert run("verify", "-e", env, stdin=signed).code == 0
    forged = signed.replace(b"A1", b"A2")
    result = run("verify", "-e", env, stdin=forged)
    assert (result.code, "sign is missing or wrong" in result.err) == (1, True)
    hidden = "<root><refund_id>1</refund_id><out_refund_no>2</out_refund_no>"
    hidden = aes.ecb_encrypt(f"{hidden}<refund_status>SUCCESS</refund_status></root>", SECRET)
    refund = xml.dumps({"return_code": "SUCCESS", "mch_id": MCHID, "req_info": hidden})
    call = ("notify", "decrypt", "-e", env)
    result = run(*call, stdin=refund)
    assert json.loads(result.out)["refund_id"] == "1"
    assert "ask for the refund by its number" in result.err
    assert run("notify", "verify", "-e", env, stdin=refund).code == 5
    assert json.loads(run(*call, stdin=signed).out)["out_trade_no"] == "A1"
    assert run("verify", "-e", make_env(SECRET=None), stdin=signed).code == 3


def test_bytes_are_signed(env: Path, run: Run, merchant_key: RSAPrivateKey) -> None:
    """As they are, whatever they are."""
    signature = base64.b64decode(run("sign", "-e", env, stdin=b"a\n\xff").out)
    merchant_key.public_key().verify(signature, b"a\n\xff", PKCS1v15(), SHA256())


@pytest.mark.parametrize("target", ["/v3/x?a=1", "v3/x?a=1"])
def test_a_request_is_signed(target: str, env: Path, run: Run, merchant_key: RSAPrivateKey) -> None:
    """The header is the one that WeChat Pay accepts for it."""
    for verb, body in (("post", b'{"a":1}'), ("get", b"")):
        result = run("sign", "--verb", verb, "--target", target, "-e", env, stdin=b'{"a":1}')
        headers = {"authorization": result.out.strip()}
        asked = Request(verb.upper(), "/v3/x?a=1", headers, body, 1)
        assert asked.is_signed_by(merchant_key)
    brand = run("sign", "--verb", "get", "--target", target, "-e", env, "--brand-id", "7")
    assert brand.out.startswith('WECHATPAY-BRAND-SHA256-RSA2048 brand_id="7"')


def test_what_starts_a_payment_is_signed(env: Path, run: Run) -> None:
    """For a page, a mini program or an app."""
    call = ("sign", "--prepay-id", "wx1", "--appid", "wx2", "-e", env)
    assert json.loads(run(*call).out)["package"] == "prepay_id=wx1"
    assert json.loads(run(*call, "--for", "app").out)["prepayid"] == "wx1"


def test_apiv2_fields_are_signed(env: Path, run: Run) -> None:
    """With the digest that they name."""
    for kind in ("MD5", "HMAC-SHA256"):
        fields: dict[str, object] = {"a": "1", "sign_type": kind}
        result = run("sign", "--v2", "-e", env, stdin=xml.dumps(fields))
        assert result.out.strip() == digest.sign(fields, SECRET, kind)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--verb", "get"], "--verb --target go together"),
        (["--appid", "x"], "--prepay-id --appid go together"),
        (["--v2", "--verb", "get", "--target", "x"], "choose one of"),
    ],
)
def test_options_of_sign_that_do_not_fit(arguments: list[str], message: str, run: Run) -> None:
    """They are refused."""
    result = run("sign", *arguments)
    assert (result.code, message in result.err) == (2, True)


def test_a_field_is_encrypted(env: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only WeChat Pay opens it; the key's id goes beside it; one line end is not part of it."""
    result = run("encrypt", "-e", env, stdin="张三\r\n".encode())
    assert result.err == f"Wechatpay-Serial: {PUBLIC_KEY_ID}\n"
    assert rsa.decrypt(result.out.strip(), rsa_key("platform")) == "张三"
    found = json.loads(run("encrypt", "-e", env, "--json", stdin=b"x\n\n").out)
    assert found["serial"] == PUBLIC_KEY_ID
    assert rsa.decrypt(found["ciphertext"], rsa_key("platform")) == "x\n"
    long = run("encrypt", "-e", env, stdin=b"x" * 215)
    assert (long.code, "too long to encrypt" in long.err) == (2, True)
    monkeypatch.setattr("wechatpay.cli._inputs.is_terminal", bool)
    monkeypatch.setattr("getpass.getpass", lambda *_: "typed")  # pyright: ignore
    typed = run("encrypt", "-e", env)
    assert rsa.decrypt(typed.out.strip(), rsa_key("platform")) == "typed"


def test_nothing_is_encrypted_without_a_key(
    gateway: Gateway, make_env: Callable[..., Path], run: Run
) -> None:
    """It says which is missing."""
    env = make_env(PUBLIC_KEY=None, PUBLIC_KEY_ID=None, APIV3_KEY=None)
    result = run("encrypt", "-e", env, stdin=b"x")
    assert (result.code, "needs WeChat Pay's key" in result.err) == (3, True)


def test_a_field_is_decrypted(env: Path, run: Run, merchant_key: RSAPrivateKey) -> None:
    """With the merchant's key, or with the APIv3 key where a nonce stands beside it."""
    sealed = rsa.encrypt("张三", merchant_key.public_key())
    assert run("decrypt", "-e", env, stdin=f"{sealed}\n".encode()).out == "张三\n"
    assert run("decrypt", "-e", env, stdin=b"AAAA").code == 5
    sealed = aes.encrypt("x", APIV3_KEY, NONCE, "certificate")
    call = ("decrypt", "-e", env, "--nonce", NONCE)
    assert run(*call, "--associated-data", "certificate", stdin=sealed.encode()).out == "x\n"
    assert run(*call, stdin=sealed.encode()).code == 5
