"""What calls cost, counted in ways that do not depend on the machine."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from gateway import PUBLIC_KEY_ID, Gateway, private_pem, public_pem, rsa_key
from ways import client_of

PROGRAM = Path(__file__).with_name("costs.py")


def count(what: str, gateway: Gateway, folder: Path) -> dict[str, float]:
    """Count in a fresh interpreter, where nobody else is."""
    (folder / "key.pem").write_text(private_pem(rsa_key("merchant")))
    (folder / "public.pem").write_text(public_pem(rsa_key("platform")))
    command = [sys.executable, str(PROGRAM), what, PUBLIC_KEY_ID, gateway.url]
    done = subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def test_functions_per_call(gateway: Gateway, tmp_path: Path) -> None:
    """A call enters at most a tenth more Python functions than the same done with plain httpx."""
    found = count("calls", gateway, tmp_path)
    assert found["floor"] > 500
    assert found["ours"] <= 1.1 * found["floor"]


def test_memory_stays_level(gateway: Gateway, tmp_path: Path) -> None:
    """Ten thousand calls, no two for the same order, leave less than 100 KiB behind.

    Small objects take 64 bytes or so: that is one object in six calls.
    """
    assert count("memory", gateway, tmp_path)["growth"] < 1 / 6


def test_constructor_makes_no_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the roots takes 20 ms, which is for the first call to spend."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(httpx, "create_ssl_context", fail)
    monkeypatch.setattr(ssl, "SSLContext", fail)
    with client_of("https://127.0.0.1:9/", merchant=("a.pem", "b.pem")) as wxpay:
        assert str(wxpay["v3/x"]) == "v3/x"
