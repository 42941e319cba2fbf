"""With which of WeChat Pay's keys a merchant has to do: the public key, certificates, or both."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ways import ASYNCIO, SYNC, Way

from wechatpay import UnknownPlatformKey
from wechatpay.sandbox import Mode, Sandbox

from .merchant import NATIVE, ORDER, TERMINATE, TERMINATION, Merchant, read

_SAMPLE = TERMINATE.format("1234323JKHDFE1243252")
_CERTIFICATES = "/v3/certificates"


def _ask(sandbox: Sandbox, named: str | None = None) -> tuple[int, str]:
    """Ask with `Wechatpay-Serial`; return the status, and the id of the key that answered."""
    merchant = Merchant(sandbox.config)
    answer = merchant.call(sandbox.gateway, "POST", _SAMPLE, TERMINATION, serial=named)
    return answer.status, answer.header("wechatpay-serial")


def test_public_key_mode() -> None:
    """A merchant with the public key alone has no certificates, and cannot name one."""
    sandbox = Sandbox(mode="public-key")
    keys = sandbox.world.keys
    public = keys.public_key_id
    assert _ask(sandbox) == _ask(sandbox, public) == _ask(sandbox, public.lower()) == (204, public)
    assert _ask(sandbox, keys.certificate.serial) == (400, public)
    answer = Merchant(sandbox.config).call(sandbox.gateway, "GET", _CERTIFICATES)
    assert (answer.status, read(answer)["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_certificate_mode() -> None:
    """A merchant with certificates alone cannot name the public key."""
    sandbox = Sandbox(mode="certificate")
    serial = sandbox.world.keys.certificate.serial
    assert _ask(sandbox) == _ask(sandbox, serial) == _ask(sandbox, serial.lower()) == (204, serial)
    assert _ask(sandbox, sandbox.world.keys.public_key_id) == (400, serial)
    assert "certs" not in sandbox.config


def test_switching() -> None:
    """During the switch, the merchant steers by `Wechatpay-Serial` which key answers."""
    sandbox = Sandbox(mode="switching")
    keys = sandbox.world.keys
    serial, public = keys.certificate.serial, keys.public_key_id
    assert _ask(sandbox) == _ask(sandbox, serial) == (204, serial)
    assert _ask(sandbox, public) == (204, public)
    assert list(sandbox.config["certs"]) == [public]


def test_switch_while_in_use() -> None:
    """The mode may be changed under way, as by the merchant in the console."""
    sandbox = Sandbox(mode="certificate")
    keys = sandbox.world.keys
    signers: list[str] = []
    modes: list[Mode] = ["certificate", "switching", "public-key"]
    for mode in modes:
        sandbox.mode = mode
        assert sandbox.mode == mode
        assert mode in repr(sandbox)
        signers.append(_ask(sandbox)[1])
    assert signers == [keys.certificate.serial, keys.certificate.serial, keys.public_key_id]


def test_notifications_come_with_either_key() -> None:
    """During the switch, notifications are signed with the one key and the other."""
    sandbox = Sandbox(mode="switching")
    seen: list[str] = []
    sandbox.mount("https://shop.example/", lambda headers, _: seen.append(
        headers["Wechatpay-Serial"]))  # fmt: skip
    for _ in range(4):
        sandbox.probe("https://shop.example/notify")
    keys = sandbox.world.keys
    assert seen == [keys.certificate.serial, keys.public_key_id] * 2


def test_rotation() -> None:
    """After a rotation the new certificate signs; the old one is listed for a day, then gone."""
    sandbox = Sandbox(mode="certificate")
    merchant = Merchant(sandbox.config)
    old = sandbox.world.keys.certificate.serial
    new = sandbox.rotate()

    def listed() -> list[dict[str, Any]]:
        answer = merchant.call(sandbox.gateway, "GET", _CERTIFICATES)
        merchant.trust(read(answer))
        merchant.verify(dict(answer.headers), answer.body)
        found: list[dict[str, Any]] = read(answer)["data"]
        return found

    both = listed()
    assert [one["serial_no"] for one in both] == [old, new]
    begins = [datetime.fromisoformat(one["effective_time"]) for one in both]
    assert begins[0] < begins[1]
    assert _ask(sandbox) == _ask(sandbox, new) == (204, new)
    assert _ask(sandbox, old) == (204, old)
    sandbox.advance(timedelta(hours=23, minutes=59))
    assert len(listed()) == 2
    sandbox.advance(timedelta(minutes=2))
    assert [one["serial_no"] for one in listed()] == [new]
    assert _ask(sandbox, old) == (400, new)


def test_rotation_outlives_a_restart(tmp_path: Path) -> None:
    """The certificates, old and new, are in the state file."""
    with Sandbox(mode="certificate", state=tmp_path / "state") as sandbox:
        old = sandbox.world.keys.certificate.serial
        new = sandbox.rotate()
    with Sandbox(mode="certificate", state=tmp_path / "state") as sandbox:
        assert _ask(sandbox) == (204, new)
        assert _ask(sandbox, old) == (204, old)


@pytest.mark.untraced
@pytest.mark.parametrize("way", [SYNC, ASYNCIO], ids=lambda way: way.name)
@pytest.mark.parametrize("mode", ["certificate", "switching", "public-key"])
def test_client_follows_a_rotation(mode: Mode, way: Way) -> None:
    """A client that is at work when certificates rotate goes on, whatever it was told at first."""
    with Sandbox(mode=mode) as sandbox, sandbox.client() as wxpay:
        native = wxpay.v3.pay.transactions.native
        signers: list[str] = []
        for _ in range(3):
            answer = way.call(native, "post", json=ORDER)
            signers.append(answer.extensions["wechatpay"].serial)
            sandbox.rotate()
    assert len(set(signers)) == (3 if mode == "certificate" else 1)


def test_client_follows_the_switch() -> None:
    """A client of the certificate kind is answered all along, until certificates are no more."""
    with Sandbox(mode="certificate") as sandbox, sandbox.client() as wxpay:
        native = wxpay.v3.pay.transactions.native
        native.post(json=ORDER)
        sandbox.mode = "switching"
        native.post(json=ORDER)
        sandbox.mode = "public-key"
        with pytest.raises(UnknownPlatformKey) as caught:
            native.post(json=ORDER)
        assert caught.value.outcome_unknown
        with sandbox.client() as switched:
            assert switched.v3.pay.transactions.native.post(json=ORDER).status_code == 200


def test_rotation_under_way_in_public_key_mode() -> None:
    """Who knows the public key alone does not believe a certificate; nothing is lost."""
    with Sandbox(mode="public-key") as sandbox, sandbox.client() as wxpay:
        sandbox.fault("post", "v3/**", "rotation", times=1)
        with pytest.raises(UnknownPlatformKey) as caught:
            wxpay.v3.pay.transactions.native.post(json=ORDER)
        assert caught.value.outcome_unknown
        assert wxpay.v3.pay.transactions.native.post(json=ORDER).status_code == 200
    assert [one.target for one in sandbox.exchanges] == [NATIVE, _CERTIFICATES, NATIVE]
