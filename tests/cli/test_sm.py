"""The command line of a merchant with 国密: the same commands, with SM2 keys in the settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway import public_pem, rsa_key

from wechatpay.crypto import sm2
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox.settings import exports, write

from .conftest import Run

pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")

MODES = ["public-key", "certificate"]


@pytest.fixture(scope="module", params=MODES)
def served(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with SM keys, over loopback."""
    with Sandbox(port=0, mode=request.param, sm=True) as sandbox:
        yield sandbox


@pytest.fixture
def settings(served: Sandbox, tmp_path: Path) -> Callable[..., Path]:
    """Writes the settings that lead to it, with changes."""

    def make(**changes: str | None) -> Path:
        named = {f"WECHATPAY_{name}": value for name, value in changes.items()}
        variables = {**write(served, tmp_path), **named}
        file = tmp_path / "sm.env"
        file.write_text(exports({name: value for name, value in variables.items() if value}))
        file.chmod(0o600)
        return file

    return make


def test_doctor_finds_all_well(settings: Callable[..., Path], run: Run) -> None:
    """Keys, the signature of a call and the encrypted echo are SM2's."""
    result = run("doctor", "-e", settings())
    rows = [line.split("\t") for line in result.out.splitlines()]
    found = {name: (state, words) for state, name, words in rows}
    assert {state for state, _ in found.values()} <= {"ok", "skip"}, found
    assert (found["signatures"][0], found["echo"][0]) == ("ok", "ok")
    assert found["private key"] == ("ok", "SM2 256")


def test_doctor_names_keys_of_two_kinds(settings: Callable[..., Path], run: Run) -> None:
    """A merchant's key and WeChat Pay's are both of one kind."""
    key = public_pem(rsa_key("platform"))
    file = settings(PUBLIC_KEY=key, PUBLIC_KEY_ID="PUB_KEY_ID_0114232134912410000000000000")
    result = run("doctor", "-e", file)
    assert "keys of two kinds: private_key SM2, certs" in result.out


def test_what_is_signed_verifies(
    settings: Callable[..., Path], served: Sandbox, run: Run, tmp_path: Path
) -> None:
    """`sign` signs bytes with SM2, and a request in SM2's scheme."""
    (tmp_path / "message").write_bytes(b"message")
    result = run("sign", tmp_path / "message", "-e", settings())
    own = sm2.load_private_key(served.config["private_key"]).public_key()
    assert sm2.verify(b"message", result.out.strip(), own)
    result = run("sign", "--verb", "get", "--target", "/v3/x", "-e", settings())
    assert result.out.startswith("WECHATPAY2-SM2-WITH-SM3 mchid=")


def test_a_notification_is_verified_and_opened(
    settings: Callable[..., Path], served: Sandbox, run: Run, tmp_path: Path
) -> None:
    """`verify`, `notify` and `decrypt` take SM2 and SM4 by what the keys and the message are."""
    told: list[tuple[dict[str, str], bytes]] = []
    served.mount(
        "https://shop.example/sm", lambda headers, body: told.append((dict(headers), body))
    )
    with served.client() as wxpay:
        root: Any = wxpay
        body = {"echo_message": "open", "notify_url": "https://shop.example/sm"}
        root["v3/security/echo"].post(json=body)
    served.settle()
    headers, raw = told[-1]
    (tmp_path / "body").write_bytes(raw)
    (tmp_path / "headers").write_text(
        "".join(f"{name}: {value}\n" for name, value in headers.items())
    )
    saved = ["--headers", tmp_path / "headers", tmp_path / "body", "-e", settings()]
    assert run("verify", *saved).code == 0
    for more in ([], ["--unverified"]):
        result = run("notify", "decrypt", *saved, *more)
        assert json.loads(result.out)["echo_message"] == "open", result
    resource = json.loads(raw)["resource"]
    (tmp_path / "sealed").write_text(resource["ciphertext"])
    given = ["--nonce", resource["nonce"], "--associated-data", resource["associated_data"]]
    result = run("decrypt", tmp_path / "sealed", *given, "-e", settings())
    assert json.loads(result.out)["echo_message"] == "open"
