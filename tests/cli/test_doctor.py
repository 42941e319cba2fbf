"""`wechatpay doctor`: each line what it found, and what to do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from gateway import (
    MERCHANT_SERIAL,
    Answer,
    Gateway,
    Request,
    certificate_identity,
    certificate_list,
    certificate_pem,
    public_key_identity,
    public_pem,
    rsa_key,
)

from wechatpay.crypto import rsa

from .conftest import Result, Run

NONE = Answer(404, {"code": "RESOURCE_NOT_EXISTS", "message": "none"}, signed=False)
SERIAL = int(MERCHANT_SERIAL, 16)


def echo(request: Request) -> Answer:
    """Say everything back, as WeChat Pay does."""
    asked = json.loads(request.body)
    opened = rsa.decrypt(asked["encrypted_echo_message"], rsa_key("platform"))
    sealed = rsa.encrypt(opened, rsa_key("merchant").public_key())
    return Answer(body={**asked, "encrypted_echo_message": sealed})


@pytest.fixture
def healthy(gateway: Gateway) -> Gateway:
    """A WeChat Pay of a merchant in public-key mode."""
    gateway.routes["/v3/certificates"] = NONE
    gateway.routes["/v3/security/echo"] = echo
    return gateway


def lines(result: Result) -> dict[str, tuple[str, str]]:
    """What was found, by what was looked at."""
    rows = [line.split("\t") for line in result.out.splitlines()]
    return {name: (state, words) for state, name, words in rows}


def test_all_is_well(healthy: Gateway, env: Path, run: Run) -> None:
    """Every line passes, and so does the whole."""
    Path("apiclient_cert.pem").write_text(certificate_pem(rsa_key("merchant"), SERIAL, days=365))

    def none(_: Request) -> Answer:
        date = {"Date": formatdate(usegmt=True)}
        return Answer(404, {"code": "RESOURCE_NOT_EXISTS"}, date, signed=False)

    healthy.routes["/v3/certificates"] = none
    result = run("doctor", "-e", env)
    assert result.code == 0, result.out
    found = lines(result)
    assert {state for state, _ in found.values()} == {"ok"}
    assert len(found) == 14
    assert found["transport"][1].startswith("httpx ")
    assert found["mode"][1] == "public key"
    assert "valid for 364 days" in found["certificate"][1]
    assert found["clock"][1] == "agrees with WeChat Pay's"
    assert result.err == "Nothing is wrong.\n"
    assert "0123456789abcdef" not in result.out


def test_on_a_terminal_lines_are_folded(
    healthy: Gateway, env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And states are colored, unless NO_COLOR."""
    monkeypatch.setenv("COLUMNS", "60")
    colored = run("doctor", "-e", env, terminal=True).out
    assert "\x1b[32m" in colored
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("doctor", "-e", env).out
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 60
    assert len(plain.splitlines()) > 14


def certificate(days: int = 365, serial: int = SERIAL, key: str = "merchant") -> str:
    """A merchant's certificate."""
    return certificate_pem(rsa_key(key), serial, days=days)


@pytest.mark.parametrize(
    ("pem", "state", "words"),
    [
        (certificate(serial=0xAB), "FAIL", "serial number is AB: set WECHATPAY_SERIAL"),
        (certificate(key="other"), "FAIL", "is not this private key's"),
        (certificate(days=-3), "FAIL", "expired 3 days ago"),
        (certificate(days=5), "ok", "expires in 4 days"),
        (public_pem(rsa_key("merchant")), "FAIL", "this is a public key, not a certificate"),
        ("nonsense", "FAIL", "is not PEM"),
    ],
    ids=["serial", "key", "expired", "soon", "public", "nonsense"],
)
def test_the_certificate_and_the_key_match(
    pem: str, state: str, words: str, healthy: Gateway, env: Path, run: Run
) -> None:
    """And belong to the serial number; the certificate is found beside the key."""
    Path("apiclient_cert.pem").write_text(pem)
    result = run("doctor", "-e", env)
    found = lines(result)["certificate"]
    assert found[0] == state
    assert words in found[1]
    assert result.code == (3 if state == "FAIL" else 0)
    Path("apiclient_cert.pem").rename("elsewhere.pem")
    named = run("doctor", "-e", env, "--merchant-cert", "elsewhere.pem")
    assert lines(named)["certificate"] == found


@pytest.mark.parametrize(
    ("changes", "name", "state", "words"),
    [
        ({"MCHID": "?"}, "merchant", "FAIL", "mchid must be"),
        ({"PRIVATE_KEY": "nowhere.pem"}, "private key", "FAIL", "nowhere.pem"),
        ({"SERIAL": "zz"}, "serial number", "FAIL", "not a serial number"),
        ({"APIV3_KEY": "short"}, "APIv3 key", "FAIL", "32 bytes, not 5"),
        ({"APIV3_KEY": None}, "APIv3 key", "skip", "notifications"),
        ({"SECRET": None}, "APIv2 key", "skip", "only APIv2"),
        ({"SECRET": "short"}, "APIv2 key", "FAIL", "not 5"),
        ({"PUBLIC_KEY_ID": None}, "WeChat Pay's key", "FAIL", "go together"),
        (
            {"PUBLIC_KEY_ID": None, "PUBLIC_KEY": None, "APIV3_KEY": None},
            "WeChat Pay's key",
            "FAIL",
            "none: set WECHATPAY_PUBLIC_KEY_ID",
        ),
    ],
)
def test_what_is_wrong_here_is_found_here(
    changes: dict[str, Any],
    name: str,
    state: str,
    words: str,
    healthy: Gateway,
    make_env: Callable[..., Path],
    run: Run,
) -> None:
    """With what to do about it, and every other line all the same."""
    result = run("doctor", "-e", make_env(**changes))
    found = lines(result)
    assert found[name][0] == state
    assert words in found[name][1]
    assert result.code == (3 if state == "FAIL" else 0)
    assert len(found) >= 8


def test_others_may_not_read_the_files(healthy: Gateway, env: Path, run: Run) -> None:
    """It says which, and how to fix it."""
    env.chmod(0o644)
    assert lines(run("doctor", "-e", env))["file modes"] == (
        "FAIL",
        f"others can read what is secret: chmod 600 {env}",
    )


def test_keys_as_text_have_no_file_modes(
    healthy: Gateway, env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment there is no file at all."""
    from wechatpay.cli import _envfile

    for name, value in _envfile.read(env).items():
        monkeypatch.setenv(f"WECHATPAY_{name}", value)
    monkeypatch.setenv("WECHATPAY_PRIVATE_KEY", Path("apiclient_key.pem").read_text())
    found = lines(run("doctor"))
    assert "file modes" not in found
    assert found["certificate"][0] == "skip"


def test_without_settings_it_says_how_to_begin(run: Run) -> None:
    """With no settings at all nothing is sent, and the way to some is told."""
    result = run("doctor")
    assert result.code != 0
    assert lines(result)["server"][0] == "skip"
    assert "no settings: `wechatpay init`" in result.err


def test_a_brand_is_not_asked_about(env: Path, make_env: Callable[..., Path], run: Run) -> None:
    """It has no certificates to ask for."""
    brand = make_env(MCHID=None, SECRET=None, BRAND_ID="7")
    found = lines(run("doctor", "-e", brand))
    assert found["merchant"] == ("ok", "brand 7")
    assert found["server"][0] == "skip"


@pytest.mark.parametrize("has_public_key", [True, False])
def test_certificate_mode_is_found_out(
    has_public_key: bool, gateway: Gateway, make_env: Callable[..., Path], run: Run
) -> None:
    """And that a switch is under way, where there is a public key besides."""
    platform = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1)
    gateway.identity = platform
    signer = public_key_identity() if has_public_key else platform  # which the request names
    gateway.routes["/v3/certificates"] = certificate_list([platform], signer=signer)
    gateway.routes["/v3/security/echo"] = echo
    changes = {} if has_public_key else {"PUBLIC_KEY": None, "PUBLIC_KEY_ID": None}
    found = lines(run("doctor", "-e", make_env(**changes)))
    assert found["mode"][0] == found["signatures"][0] == found["echo"][0] == "ok"
    assert ("both" in found["mode"][1]) == has_public_key
    ring = found["WeChat Pay's key"][1]
    assert ring.startswith("PUB_KEY_ID_" if has_public_key else "certificates are downloaded")
    kept = lines(run("doctor", "-e", make_env(**changes, CERTS_DIR="kept")))
    assert ("kept" in kept["WeChat Pay's key"][1]) == (not has_public_key)


def test_a_public_key_is_needed(healthy: Gateway, make_env: Callable[..., Path], run: Run) -> None:
    """Where WeChat Pay has no certificates to download."""
    env = make_env(PUBLIC_KEY=None, PUBLIC_KEY_ID=None)
    result = run("doctor", "-e", env)
    found = lines(result)
    assert found["mode"][0] == "FAIL"
    assert "set WECHATPAY_PUBLIC_KEY_ID" in found["mode"][1]
    assert found["clock"] == ("skip", "the server sent no Date header")
    assert result.code == 3
    healthy.routes["/v3/certificates"] = certificate_list([])
    assert run("doctor", "-e", env).code == 3
    assert lines(run("doctor", "-e", make_env()))["mode"] == ("ok", "public key")


def test_a_clock_that_is_wrong_is_told(healthy: Gateway, env: Path, run: Run) -> None:
    """By the server's time, or by the time of its signature."""
    date = formatdate(time.time() + 100, usegmt=True)
    late = Answer(401, {"code": "SIGN_ERROR"}, {"Date": date}, signed=False)
    healthy.routes["/v3/certificates"] = late
    result = run("doctor", "-e", env)
    found = lines(result)
    assert found["clock"][0] == found["signatures"][0] == "FAIL"
    assert "s behind WeChat Pay's: synchronize it (NTP)" in found["clock"][1]
    assert "echo" not in found
    assert result.code == 3
    healthy.routes["/v3/certificates"] = Answer(skew=-1000)
    found = lines(run("doctor", "-e", env))
    assert " s ahead of" in found["clock"][1]


def test_an_unreachable_server(make_env: Callable[..., Path], run: Run) -> None:
    """Nothing more is asked."""
    result = run("doctor", "-e", make_env(BASE_URL="http://127.0.0.1:9/"))
    assert lines(result)["server"][0] == "FAIL"
    assert result.code == 4


@pytest.mark.parametrize(
    ("answer", "state", "words", "code"),
    [
        (Answer(403, {"code": "NO_AUTH"}, signed=False), "skip", "NO_AUTH", 0),
        (Answer(404, b"", signed=False), "skip", "(404)", 0),
        (Answer(400, {"code": "PARAM_ERROR"}, signed=False), "FAIL", "PARAM_ERROR", 1),
        (Answer(signed=False), "FAIL", "not signed by WeChat Pay", 6),
        (Answer(body={"encrypted_echo_message": "AAAA"}), "FAIL", "does not open", 5),
        (Answer(body={"echo_message": "other"}), "FAIL", "not what was sent", 5),
    ],
)
def test_what_the_echo_comes_to(
    answer: Answer, state: str, words: str, code: int, healthy: Gateway, env: Path, run: Run
) -> None:
    """Not being allowed is not a failure; anything else that is not the message is."""
    healthy.routes["/v3/security/echo"] = answer
    result = run("doctor", "-e", env)
    found = lines(result)["echo"]
    assert (found[0], words in found[1]) == (state, True), found
    assert result.code == code
