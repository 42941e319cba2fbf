"""The page about the command line is run: each command against a sandbox, in the page's order."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from wechatpay import cli
from wechatpay.cli._exits import Exit
from wechatpay.crypto import aes, rsa
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox.settings import exports, write

from .markdown import code, text
from .test_commands import typed

ORDER = "1217752501201407033233368018"
REFUND = {
    "out_trade_no": ORDER,
    "out_refund_no": "1217752501201407033233368019",
    "amount": {"refund": 1, "total": 1, "currency": "CNY"},
}
QUERY = f"<xml><appid>wxd678efh567hg6787</appid><out_trade_no>{ORDER}</out_trade_no></xml>"
ELSEWHERE = (
    "listen",
    "sandbox",
    "demo",
    "--help",
    "--version",
    "completion",
    "qq.com",
    ".wechatpay.cn",
)
"""What serves until it is stopped, shows something and ends, or leads to WeChat Pay itself."""
ANSWERS: Mapping[str, Exit] = {
    # the page's sub-merchant is the sandbox's own merchant, who is not below itself
    "bill 2026-11-21 --kind sub-fund-flow": Exit.REFUSED,
    # the page names another key than the sandbox has
    "verify body.json --headers headers.txt --any-age --public-key": Exit.REFUSED,
    "download -": Exit.USAGE,  # what comes on the standard input here is not an answer
    "bill": Exit.REFUSED,  # nothing was paid on those days
    "certs": Exit.REFUSED,  # the sandbox's merchant has a public key
    "request get v3/certificates": Exit.REFUSED,  # so here too
    "request get v3/applyment4sub": Exit.REFUSED,  # nobody has applied
}


@pytest.fixture
def merchant_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with all the files that the page names, and the settings in the environment."""
    monkeypatch.chdir(tmp_path)
    with Sandbox(port=0) as sandbox:
        settings = tmp_path / "settings"
        settings.mkdir(mode=0o700)
        variables = write(sandbox, settings)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "wechatpay.env").write_text(exports(variables), "utf-8")
        (tmp_path / "wechatpay.env").chmod(0o600)
        for name in ("apiclient_key.pem", "pub_key.pem"):
            (tmp_path / name).write_bytes((settings / name).read_bytes())
        save_files(sandbox, tmp_path)
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        yield tmp_path


def save_files(sandbox: Sandbox, folder: Path) -> None:
    """Write what a merchant would have: bodies, pictures, ciphertexts and a notification."""
    apiv3_key = sandbox.config["apiv3_key"]
    key = rsa.load_private_key(sandbox.config["private_key"]).public_key()
    sealed = aes.encrypt(b'{"a":1}', apiv3_key.encode(), b"fdasflkja484", b"transaction")
    for name, content in {
        "apiv3.key": apiv3_key,
        "refund.json": json.dumps(REFUND),
        "query.xml": QUERY,
        "name.txt": "张三",
        "shop.jpg": "a picture",
        "ciphertext.txt": rsa.encrypt("张三", key),
        "resource.txt": sealed,
    }.items():
        (folder / name).write_text(content, "utf-8")
    kept: list[tuple[Mapping[str, str], bytes]] = []
    sandbox.mount("https://shop.example/", lambda headers, body: kept.append((headers, body)))
    sandbox.probe("https://shop.example/")
    with sandbox.client() as wxpay:
        wxpay.v3.pay.transactions.native.post(
            json={
                "appid": "wxd678efh567hg6787",
                "mchid": "1900000109",
                "description": "QQ公仔",
                "out_trade_no": "saved-0001",
                "notify_url": "https://shop.example/",
                "amount": {"total": 1, "currency": "CNY"},
            }
        )
    sandbox.pay("saved-0001")
    sandbox.settle()
    headers, body = kept[-1]
    (folder / "body.json").write_bytes(body)
    (folder / "headers.txt").write_text(
        "".join(f"{name}: {value}\n" for name, value in headers.items()), "utf-8"
    )


def test_what_is_shown_can_be_done(
    merchant_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command ends as it should there: well, or refused for a reason that is known."""
    ran = 0
    for script in code(text("en", "command-line"), "sh"):
        for arguments in typed(script):
            line = shlex.join(arguments)
            if any(one in line for one in ELSEWHERE):
                continue
            if arguments[0] == "init":
                (merchant_folder / "wechatpay.env").unlink(missing_ok=True)
            wanted = next(
                (code for start, code in ANSWERS.items() if line.startswith(start)), Exit.OK
            )
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a message")))
            assert (cli.main(arguments), line) == (wanted, line), capsys.readouterr()
            ran += 1
    assert ran > 20
