"""Each example, run as its first lines say, against a sandbox on loopback."""

from __future__ import annotations

import base64
import io
import json
import os
import runpy
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from patience import until

from wechatpay import APIError
from wechatpay.sandbox import Sandbox, settings

_EXAMPLES = Path(__file__).parents[2] / "examples"
_OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

Run = Callable[..., str]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox on loopback."""
    with Sandbox(port=0) as served:
        yield served


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """What leads an example to it."""
    return {**os.environ, **settings.write(sandbox, tmp_path), "PYTHONUTF8": "1"}


@pytest.fixture
def run(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs an example in this process, as the program it is, and returns what it prints."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.path", [str(_EXAMPLES), *sys.path])  # its neighbours are found there

    def run(name: str, *arguments: str, given: str = "", status: int = 0) -> str:
        program = str(_EXAMPLES / f"{name}.py")
        monkeypatch.setattr("sys.argv", [program, *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        capsys.readouterr()
        ended: object = None
        try:
            runpy.run_path(program, run_name="__main__")
        except SystemExit as stopped:
            ended = stopped.code
        except APIError:
            ended = 1
        said = capsys.readouterr()
        assert (1 if isinstance(ended, str) else ended or 0) == status, said.err
        return said.out

    return run


def _paid(sandbox: Sandbox, number: str, cents: int, **more: Any) -> dict[str, Any]:
    """Sell something, and return its transaction."""
    order: Any = {
        "appid": "wxd678efh567hg6787",
        "mchid": sandbox.config["mchid"],
        "description": "A cup of tea",
        "out_trade_no": number,
        "notify_url": "https://shop.example/notify",
        "amount": {"total": cents, "currency": "CNY"},
        **more,
    }
    with sandbox.client() as wxpay:
        wxpay.v3.pay.transactions.native.post(json=order)
    return sandbox.pay(number)


def _signed(sandbox: Sandbox, signature: str, *lines: str) -> None:
    """Verify what starts a payment, as WeChat does."""
    key = serialization.load_pem_private_key(sandbox.config["private_key"].encode(), None)
    assert isinstance(key, RSAPrivateKey)
    message = "".join(f"{line}\n" for line in lines).encode()
    raw = base64.b64decode(signature, validate=True)
    key.public_key().verify(raw, message, padding.PKCS1v15(), hashes.SHA256())


def test_native(sandbox: Sandbox, environment: dict[str, str]) -> None:
    """The order is waited for until the customer pays."""
    command = [sys.executable, str(_EXAMPLES / "native.py"), "A cup of tea", "100"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        number = process.stdout.readline().strip()
        until(lambda: sandbox.exchanges)
        paid = sandbox.pay(number)
        said = process.stdout.read()
    assert process.returncode == 0
    assert "weixin://wxpay/bizpayurl?pr=" in said
    assert said.endswith(f"SUCCESS {paid['transaction_id']}\n")


def test_native_that_nobody_pays(run: Run) -> None:
    """An order that nobody pays in time is closed."""
    assert run("native", "A cup of tea", "100", "--patience", "0").endswith("CLOSED \n")


def test_jsapi(sandbox: Sandbox, run: Run) -> None:
    """What starts the payment is signed, for a page and for a mini program, and can be paid."""
    said = json.loads(run("jsapi", _OPENID, "A cup of tea", "100"))
    for name in ("getBrandWCPayRequest", "wx.requestPayment"):
        start = said[name]
        fields = (start["timeStamp"], start["nonceStr"], start["package"])
        _signed(sandbox, start["paySign"], "wxd678efh567hg6787", *fields)
    assert sandbox.pay(said["out_trade_no"])["trade_type"] == "JSAPI"


def test_app(sandbox: Sandbox, run: Run) -> None:
    """What starts the payment is signed, and can be paid."""
    said = json.loads(run("app", "A cup of tea", "100"))
    start = said["PayReq"]
    fields = (start["appid"], start["timestamp"], start["noncestr"], start["prepayid"])
    _signed(sandbox, start["sign"], *fields)
    assert sandbox.pay(said["out_trade_no"])["trade_type"] == "APP"


def test_h5(sandbox: Sandbox, run: Run) -> None:
    """The URL leads to the cashier, and back to the shop's page with the order's number."""
    number, url = run("h5", "198.51.100.7", "A cup of tea", "100").split()
    query = parse_qs(urlsplit(url).query)
    assert query["redirect_url"] == [f"https://shop.example/paid?out_trade_no={number}"]
    assert query["prepay_id"][0].startswith("wx")
    assert sandbox.pay(number)["trade_type"] == "MWEB"


def test_refund(sandbox: Sandbox, run: Run) -> None:
    """A refund whose first answer is lost is one refund all the same."""
    _paid(sandbox, "order-00001", 100)
    sandbox.fault("post", "v3/refund/domestic/refunds", "reset-after", times=1)
    first = run("refund", "order-00001", "refund-1", "30", "100")
    assert " SUCCESS " in first
    assert run("refund", "order-00001", "refund-1", "30", "100") == first
    run("refund", "order-00001", "refund-2", "71", "100", status=1)


def test_profit_sharing(sandbox: Sandbox, run: Run) -> None:
    """The share arrives, and what is left is the merchant's."""
    paid = _paid(sandbox, "order-00001", 100, settle_info={"profit_sharing": True})
    sandbox.advance(60)  # it can be shared a minute later
    said = run("profit_sharing", paid["transaction_id"], _OPENID, "张三", "30")
    assert said == f"{_OPENID} 30 SUCCESS\nrest PROCESSING\n"
    again = run("profit_sharing", paid["transaction_id"], _OPENID, "张三", "30")
    assert again == f"{_OPENID} 30 SUCCESS\nrest FINISHED\n"


def test_transfer(sandbox: Sandbox, run: Run) -> None:
    """A transfer waits for the user; run again, the example tells what became of it."""
    first = run("transfer", "bill1", _OPENID, "2000", "张三")
    number, state, package = first.split()
    assert state == "WAIT_USER_CONFIRM"
    assert package
    sandbox.confirm_transfer("bill1")
    assert run("transfer", "bill1", _OPENID, "2000", "张三").split() == [number, "SUCCESS"]


def test_onboarding(run: Run, tmp_path: Path) -> None:
    """Pictures are uploaded, personal data goes out encrypted, and the application is asked for."""
    pictures = [tmp_path / f"{name}.jpg" for name in ("license", "front", "back")]
    for picture in pictures:
        picture.write_bytes(b"a picture of " + picture.name.encode())
    person = {
        "name": "张三",
        "id_number": "11010119900307999X",
        "mobile_phone": "13800000000",
        "email": "zhangsan@shop.example",
        "account_number": "6212260200000000000",
    }
    said = run("onboarding", "APPLY-1", *map(str, pictures), given=json.dumps(person))
    assert said.splitlines()[0].isdigit()
    assert "APPLYMENT_STATE_" in said
    assert "APPLYMENT_STATE_" in run("onboarding", "APPLY-1")


def _today(sandbox: Sandbox) -> str:
    return f"{sandbox.advance(0):%Y-%m-%d}"


def test_bills_to_sqlite(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    """A day is a table the next morning; to load it twice changes nothing."""
    _paid(sandbox, "order-00001", 100)
    _paid(sandbox, "order-00002", 250)
    run("refund", "order-00001", "refund-1", "30", "100")
    day, database = _today(sandbox), str(tmp_path / "shop.db")
    run("bills_to_sqlite", day, database, status=1)  # not yet
    sandbox.advance(34 * 3600)
    assert run("bills_to_sqlite", day, database) == run("bills_to_sqlite", day, database) == "3\n"
    with closing(sqlite3.connect(database)) as table:
        rows = table.execute(
            "SELECT out_trade_no, trade_state, order_amount, refund_amount FROM trade"
            " ORDER BY out_trade_no, trade_state"
        ).fetchall()
    assert rows == [
        ("order-00001", "REFUND", 0, 30),
        ("order-00001", "SUCCESS", 100, 0),
        ("order-00002", "SUCCESS", 250, 0),
    ]


def test_reconcile(sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
    """What the shop and the bill do not agree on is told, line by line; else there is silence."""
    _paid(sandbox, "order-00001", 100)
    _paid(sandbox, "order-00002", 250)
    run("refund", "order-00001", "refund-1", "30", "100")
    day, database = _today(sandbox), str(tmp_path / "shop.db")
    sandbox.advance(34 * 3600)
    with closing(sqlite3.connect(database)) as table, table:
        columns = "out_trade_no TEXT, day TEXT, total INTEGER, refunded INTEGER, state TEXT"
        table.execute(f"CREATE TABLE orders ({columns})")
        table.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
            [("order-00001", day, 100, 30, "paid"), ("order-00002", day, 250, 0, "paid")],
        )
    assert run("reconcile", day, database) == "3 rows, 0 differences\n"
    with closing(sqlite3.connect(database)) as table, table:
        table.execute("UPDATE orders SET refunded = 0, total = 99 WHERE total = 100")
        table.execute("UPDATE orders SET state = 'waiting' WHERE total = 250")
        table.execute("INSERT INTO orders VALUES ('order-00003', ?, 5, 0, 'paid')", (day,))
    assert run("reconcile", day, database, status=1).splitlines() == [
        "3 rows, 4 differences",
        "order-00001\tpaid\tshop 99\tbill 100",
        "order-00002\tpaid\tshop 0\tbill 250",
        "order-00003\tpaid\tshop 5\tbill 0",
        "order-00001\trefunded\tshop 0\tbill 30",
    ]
