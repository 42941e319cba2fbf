"""`wechatpay doctor` names each wrong key in one line, before a call would."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from gateway import (
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    certificate_pem,
    merchant_pem,
    private_pem,
    public_pem,
    rsa_key,
)

from .conftest import Result, Run

OWN, THEIRS = private_pem(rsa_key("merchant")), public_pem(rsa_key("platform"))
OWN_PUBLIC = public_pem(rsa_key("merchant"))
SERIAL = int(MERCHANT_SERIAL, 16)
BARE_ID = "0114232134912410000000000000"
APICLIENT = merchant_pem(rsa_key("merchant"), SERIAL, MCHID)


def packed(password: str = MCHID) -> bytes:
    """What `apiclient_cert.p12` holds."""
    key = rsa_key("merchant")
    certificate = x509.load_pem_x509_certificate(certificate_pem(key, SERIAL).encode())
    encryption = BestAvailableEncryption(password.encode())
    return serialize_key_and_certificates(b"x", key, certificate, None, encryption)


Examined = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def lines(gateway: Gateway, make_env: Callable[..., Path], run: Run) -> Examined:
    """Runs the doctor over settings that differ, and returns its lines by what was looked at."""
    gateway.routes["/v3/certificates"] = Answer(404, {"code": "RESOURCE_NOT_EXISTS"}, signed=False)
    gateway.routes["/v3/security/echo"] = Answer(403, {"code": "NO_AUTH"}, signed=False)

    def examined(**changes: str | None) -> dict[str, tuple[str, str]]:
        result: Result = run("doctor", "-e", make_env(**changes))
        rows = [line.split("\t") for line in result.out.splitlines()]
        assert all(len(row) == 3 for row in rows)
        assert not any(line and line in result.out + result.err for line in OWN.splitlines()[1:-1])
        return {name: (state, words) for state, name, words in rows}

    return examined


WRONG: dict[str, tuple[dict[str, str | None], str, str]] = {
    "own public key": ({"PUBLIC_KEY": OWN_PUBLIC}, "WeChat Pay's key", "the merchant's own public"),
    "own certificate": ({"PUBLIC_KEY": APICLIENT}, "WeChat Pay's key", f"merchant {MCHID}'s own"),
    "an older own certificate": (
        {"PUBLIC_KEY": merchant_pem(rsa_key("older"), 0xABC, MCHID)},
        "WeChat Pay's key",
        f"merchant {MCHID}'s own",
    ),
    "own private key": ({"PUBLIC_KEY": OWN}, "WeChat Pay's key", "holds a private key"),
    "an id without its beginning": (
        {"PUBLIC_KEY_ID": BARE_ID},
        "WeChat Pay's key",
        f"write PUB_KEY_ID_{BARE_ID}",
    ),
    "an id with a blank": (
        {"PUBLIC_KEY_ID": f"{PUBLIC_KEY_ID} x"},
        "WeChat Pay's key",
        "white space in it",
    ),
    "their key for ours": ({"PRIVATE_KEY": THEIRS}, "private key", "holds a public key"),
    "a certificate for our key": ({"PRIVATE_KEY": APICLIENT}, "private key", "holds a certificate"),
    "a key that is cut short": ({"PRIVATE_KEY": OWN[:900]}, "private key", "cut short"),
    "base64 that is cut short": (
        {"PRIVATE_KEY": "".join(OWN.splitlines()[1:-1])[:900]},
        "private key",
        "cut short",
    ),
    "a file that is not there": ({"PRIVATE_KEY": "nowhere.pem"}, "private key", "No such file"),
    "the id as the serial number": (
        {"SERIAL": PUBLIC_KEY_ID},
        "serial number",
        "belongs in certs",
    ),
    "the serial number in decimal": (
        {"SERIAL": str(SERIAL)},
        "serial number",
        f"WeChat Pay has it as {SERIAL:X}",
    ),
    "an APIv3 key in quotes": (
        {"APIV3_KEY": "'0123456789abcdef0123456789abcdef'"},
        "APIv3 key",
        "quotation marks",
    ),
    "the APIv3 key for our key": (
        {"PRIVATE_KEY": "0123456789abcdef0123456789abcdef"},
        "private key",
        "meant for apiv3_key",
    ),
    "the serial number for our key": (
        {"PRIVATE_KEY": MERCHANT_SERIAL},
        "private key",
        "meant for serial",
    ),
    "the id for their key": (
        {"PUBLIC_KEY": PUBLIC_KEY_ID},
        "WeChat Pay's key",
        "not the key itself",
    ),
    "an APIv3 key that is short": ({"APIV3_KEY": "x" * 31}, "APIv3 key", "32 bytes, not 31"),
}


@pytest.mark.parametrize(("changes", "name", "words"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_key_is_one_line(
    changes: dict[str, str | None],
    name: str,
    words: str,
    lines: Examined,
) -> None:
    """It is told by what it is, and nothing was sent."""
    state, said = lines(**changes)[name]
    assert (state, words in said) == ("FAIL", True), said


RIGHT: dict[str, dict[str, str]] = {
    "base64": {"PRIVATE_KEY": "".join(OWN.splitlines()[1:-1])},
    "base64 of theirs": {"PUBLIC_KEY": "".join(THEIRS.splitlines()[1:-1])},
    "base64 of the file": {"PRIVATE_KEY": base64.b64encode(OWN.encode()).decode()},
    "escaped twice": {"PRIVATE_KEY": OWN.replace("\n", "\\\\r\\\\n")},
    "another label": {"PRIVATE_KEY": OWN.replace("PRIVATE KEY", "RSA PRIVATE KEY")},
    "a blank behind the path": {"PRIVATE_KEY": "apiclient_key.pem "},
    "a line end behind the APIv3 key": {"APIV3_KEY": "0123456789abcdef0123456789abcdef\n"},
    "a line end behind the numbers": {"MCHID": f"{MCHID}\n", "SERIAL": f"{MERCHANT_SERIAL}\n"},
    "a PKCS#12 file": {"PRIVATE_KEY": "apiclient_cert.p12"},
    "a serial number as OpenSSL writes it": {
        "SERIAL": "serial=" + ":".join(re.findall("..", f"{SERIAL:040X}")),
    },
    "base64 for URLs": {
        "PRIVATE_KEY": "".join(OWN.splitlines()[1:-1]).translate(str.maketrans("+/", "-_")),
    },
    "an id in lower case": {"PUBLIC_KEY_ID": PUBLIC_KEY_ID.lower()},
}


@pytest.mark.untraced
@pytest.mark.parametrize("changes", RIGHT.values(), ids=list(RIGHT))
def test_what_others_accept_passes(
    changes: dict[str, str], lines: Examined, tmp_path: Path
) -> None:
    """The doctor accepts what the client accepts, and the call that it makes works."""
    path = tmp_path / "apiclient_cert.p12"
    path.write_bytes(packed())
    path.chmod(0o600)
    found = lines(**changes)
    assert {state for state, _ in found.values()} <= {"ok", "skip"}, found
    assert found["signatures"][0] == "ok"


def test_the_certificate_may_be_a_pkcs12_file(lines: Examined, tmp_path: Path) -> None:
    """Its serial number and key are compared as those of any other."""
    path = tmp_path / "apiclient_cert.p12"
    path.write_bytes(packed())
    assert lines(MERCHANT_CERT=str(path))["certificate"][0] == "ok"
    path.write_bytes(packed("changed"))
    state, said = lines(MERCHANT_CERT=str(path))["certificate"]
    assert (state, "merchant number does not open" in said) == ("FAIL", True)
    path.write_text(
        "-----BEGIN CERTIFICATE-----\n" + APICLIENT.splitlines()[1] + "\n-----END CERTIFICATE-----"
    )
    assert "cut short" in lines(MERCHANT_CERT=str(path))["certificate"][1]
    der = x509.load_pem_x509_certificate(APICLIENT.encode()).public_bytes(Encoding.DER)
    at = der.index(b"\x17\x0d")  # the time from which it is valid
    path.write_bytes(der[:at] + b"\x17\x0dnotatimeatallZ"[:15] + der[at + 15 :])
    assert "damaged" in lines(MERCHANT_CERT=str(path))["certificate"][1]


@pytest.mark.parametrize(
    ("answer", "accepted", "mode"),
    [
        (Answer(403, {"code": "RULE_LIMIT", "message": "超限"}, signed=False), "ok", "skip"),
        (Answer(403, b"<html>blocked</html>", signed=False), "FAIL", None),
        (Answer(500, {"code": "SYSTEM_ERROR"}, signed=False), "FAIL", None),
        (Answer(404, {"code": "RESOURCE_NOT_EXISTS"}, signed=False), "ok", "FAIL"),
    ],
    ids=["limit", "filter", "5xx", "documented"],
)
def test_what_an_answer_does_not_say_is_not_concluded(
    answer: Answer, accepted: str, mode: str | None, gateway: Gateway, lines: Examined
) -> None:
    """Only what is documented means that the merchant has a public key; a filter accepts nobody."""
    gateway.routes["/v3/certificates"] = answer
    found = lines(PUBLIC_KEY=None, PUBLIC_KEY_ID=None)
    assert found["signatures"][0] == accepted
    assert found.get("mode", (None,))[0] == mode
    if accepted == "FAIL":
        assert str(answer.status) in found["signatures"][1]


def test_a_transport_that_is_not_installed_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transport that nobody knows fails in one line, before any call."""
    monkeypatch.setenv("WECHATPAY_TRANSPORT", "pigeon")
    lines = [line for line in run("doctor").out.splitlines() if "transport" in line]
    assert len(lines) == 1
    assert "pigeon" in lines[0]
