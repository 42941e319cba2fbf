"""What the command line's tests share: a way to run it, and settings that lead somewhere."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from gateway import (
    APIV3_KEY,
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Gateway,
    private_pem,
    public_pem,
    rsa_key,
)

from wechatpay import cli
from wechatpay.cli import _output
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox.settings import exports, write

SECRET = "exposed_your_key_here_have_risks"


class Result(NamedTuple):
    """What a run came to."""

    code: int
    out: str
    err: str


def yes(stream: object = None) -> bool:
    """Take anything for a terminal."""
    del stream
    return True


class Run(Protocol):
    """Runs the command line inside of this process."""

    def __call__(self, *arguments: object, stdin: bytes = b"", terminal: bool = False) -> Result:
        """Run it with these arguments."""
        ...


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the developer's own, English, and a folder to write into."""
    for name in os.environ:
        if name.startswith(("WECHATPAY_", "LC_")) or name in ("LANG", "NO_COLOR", "TERM"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, in this process, for every branch of it."""

    def run(*arguments: object, stdin: bytes = b"", terminal: bool = False) -> Result:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        if terminal:
            monkeypatch.setattr(_output, "is_terminal", yes)
        capsys.readouterr()
        code = cli.main([str(each) for each in arguments])
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    return run


def settings_of(gateway: Gateway, folder: Path, **more: str | None) -> Path:
    """Write the settings file of a gateway's merchant; `None` leaves a variable out."""
    keys = {"apiclient_key.pem": private_pem(rsa_key("merchant"))}
    keys["pub_key.pem"] = public_pem(rsa_key("platform"))
    for name, pem in keys.items():
        path = folder / name
        path.write_text(pem)
        path.chmod(0o600)
    variables: dict[str, str | None] = {
        "MCHID": MCHID,
        "SERIAL": MERCHANT_SERIAL,
        "PRIVATE_KEY": str(folder / "apiclient_key.pem"),
        "PUBLIC_KEY_ID": PUBLIC_KEY_ID,
        "PUBLIC_KEY": str(folder / "pub_key.pem"),
        "APIV3_KEY": APIV3_KEY,
        "SECRET": SECRET,
        "BASE_URL": gateway.url,
        **more,
    }
    file = folder / "wechatpay.env"
    named = {f"WECHATPAY_{name}": value for name, value in variables.items() if value is not None}
    file.write_text(exports(named))
    file.chmod(0o600)
    return file


@pytest.fixture
def env(gateway: Gateway, tmp_path: Path) -> Path:
    """The settings file of the gateway's merchant, in public-key mode."""
    return settings_of(gateway, tmp_path)


@pytest.fixture
def make_env(gateway: Gateway, tmp_path: Path) -> Callable[..., Path]:
    """Writes a settings file that differs from the usual one."""

    def make(**more: str | None) -> Path:
        return settings_of(gateway, tmp_path, **more)

    return make


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox over loopback, for all tests."""
    with Sandbox(port=0) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def sandbox_env(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file that leads to it."""
    folder = tmp_path_factory.mktemp("sandbox")
    file = folder / "sandbox.env"
    file.write_text(exports(write(sandbox, folder)))
    file.chmod(0o600)
    return file
