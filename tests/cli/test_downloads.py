"""`wechatpay bill`, `download` and `certs`: files that are checked before they are there."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from gateway import Answer, Gateway, certificate_identity, certificate_list, public_key_identity

from wechatpay.bill._columns import CHINA
from wechatpay.cli.commands import certs as certs_module

from .conftest import Run

BILL = """\
交易时间,公众账号ID,商户号,商户订单号,交易状态,订单金额
`2026-11-20 10:00:00,`wx1,`1900000109,`A1,`SUCCESS,`8.88
`2026-11-20 11:00:00,`wx1,`1900000109,`A2,`SUCCESS,`1.00
总交易单数,订单总金额
`2,`9.88
"""
REFUNDS = """\
商户订单号,退款申请时间,退款成功时间
`A1,`2026-11-20 10:00:00,`
总交易单数,订单总金额
`1,`9.88
"""


def serve(gateway: Gateway, content: str = BILL, **more: Any) -> None:
    """Have a bill to download."""
    raw = content.encode()
    url = f"{gateway.url}v3/billdownload/file?token=x"
    found = {"hash_type": "SHA1", "hash_value": sha1(raw).hexdigest(), "download_url": url, **more}
    gateway.routes["/v3/bill/tradebill"] = Answer(body=found)
    gateway.routes["/v3/bill/fundflowbill"] = Answer(body=found)
    gateway.routes["/v3/billdownload/file"] = Answer(body=gzip.compress(raw), signed=False)


def test_a_bill_is_kept_as_it_is(gateway: Gateway, env: Path, run: Run) -> None:
    """Under a name that says what it is; on a terminal with what it comes to."""
    serve(gateway)
    result = run("bill", "2026-11-20", "-e", env)
    assert result == (0, "", "Written: bill-trade-2026-11-20.csv\n")
    assert Path("bill-trade-2026-11-20.csv").read_text() == BILL
    asked = gateway.requests[0].target
    assert asked == "/v3/bill/tradebill?bill_date=2026-11-20&tar_type=GZIP&bill_type=ALL"
    result = run("bill", "2026-11-20", "-e", env, "-o", "x.csv", terminal=True)
    assert "总交易单数  2\n订单总金额  9.88\n" in result.err


def test_a_bill_as_csv_and_as_json(gateway: Gateway, env: Path, run: Run) -> None:
    """Rows without WeChat Pay's back-quotes, times and amounts as text."""
    serve(gateway, REFUNDS)
    call = ("bill", "yesterday", "-e", env, "--kind", "refund", "--sub-mchid", "12")
    assert run(*call, "--csv").out == (
        "商户订单号,退款申请时间,退款成功时间\nA1,2026-11-20 10:00:00+08:00,\n"
    )
    yesterday = (datetime.now(CHINA) - timedelta(days=1)).date()
    assert gateway.requests[0].target == (
        f"/v3/bill/tradebill?bill_date={yesterday}&tar_type=GZIP&sub_mchid=12&bill_type=REFUND"
    )
    result = run(*call, "--json", "-o", "rows.jsonl")
    assert result.err == "Written: rows.jsonl\n"
    assert json.loads(Path("rows.jsonl").read_text()) == {
        "商户订单号": "A1",
        "退款申请时间": "2026-11-20 10:00:00+08:00",
        "退款成功时间": None,
    }


def test_what_a_bill_comes_to(gateway: Gateway, env: Path, run: Run) -> None:
    """Only its totals, of any kind of bill."""
    serve(gateway)
    call = ("bill", "2026-11-20", "-e", env, "--kind", "fund-flow", "--account", "fees")
    assert run(*call, "--summary").out == "总交易单数\t2\n订单总金额\t9.88\n"
    assert "account_type=FEES" in gateway.requests[0].target


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["20261120"], "DATE is a day"),
        (["2026-11-31"], "DATE is a day"),
        (["2999-01-01"], "there is no bill for today"),
        (["2026-11-20", "--csv", "--json"], "exclude each other"),
        (["2026-11-20", "-k", "fund-flow", "--sub-mchid", "1"], "is another API"),
    ],
)
def test_a_wrong_request_for_a_bill(
    arguments: list[str], message: str, gateway: Gateway, env: Path, run: Run
) -> None:
    """It is refused before anything is sent."""
    result = run("bill", *arguments, "-e", env)
    assert (result.code, gateway.requests) == (2, [])
    assert message in result.err


def test_a_bill_that_cannot_be_trusted_is_not_taken(gateway: Gateway, env: Path, run: Run) -> None:
    """Without a hash, with a wrong one, or cut short, nothing is left behind."""
    serve(gateway, hash_type="MD5")
    assert run("bill", "2026-11-20", "-e", env).code == 5
    serve(gateway, hash_value="0" * 40)
    result = run("bill", "2026-11-20", "-e", env)
    assert (result.code, "SHA-1" in result.err) == (5, True)
    serve(gateway, BILL.partition("总交易单数")[0])
    result = run("bill", "2026-11-20", "-e", env, "--csv", "-o", "out.csv")
    assert (result.code, "the bill ends early" in result.err) == (7, True)
    names = {path.name for path in Path().iterdir()}
    assert names == {"wechatpay.env", "apiclient_key.pem", "pub_key.pem"}


def test_a_download_with_a_progress_bar(gateway: Gateway, env: Path, run: Run) -> None:
    """To a path, by the URL's own name, or to standard output when it is whole."""
    serve(gateway)
    url = f"{gateway.url}v3/billdownload/file?token=x"
    result = run("download", url, "-e", env, terminal=True)
    assert result.code == 0
    assert result.err.endswith("Written: file\n")
    assert Path("file").read_text() == BILL
    hashed = sha1(BILL.encode()).hexdigest()
    assert run("download", url, "-e", env, "-o", "-", "--sha1", hashed).out == BILL
    wrong = run("download", url, "-e", env, "-o", "-", "--sha1", "0" * 40)
    assert (wrong.code, wrong.out) == (5, "")
    assert "no file name" in run("download", gateway.url, "-e", env).err


SERIAL = 0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1


def test_certificates_are_kept_where_they_are_read(
    gateway: Gateway,
    make_env: Callable[..., Path],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client with the directory as its `certs` verifies with them, and downloads none."""
    platform = certificate_identity(SERIAL)
    gateway.identity = platform
    gateway.routes["/v3/certificates"] = certificate_list([platform])
    env = make_env(PUBLIC_KEY=None, PUBLIC_KEY_ID=None)
    result = run("certs", "kept", "-e", env)
    assert result.code == 0, result.err
    serial, since, file = result.out.strip().split("\t")
    assert serial == platform.id
    assert datetime.fromisoformat(since).year == 2019
    assert Path(file).read_text() == platform.certificate
    asked = len(gateway.requests)
    assert run("request", "get", "v3/x", "-e", env, "--certs-dir", "kept").code == 0
    assert len(gateway.requests) == asked + 1
    monkeypatch.setenv("COLUMNS", "120")
    result = run("certs", "kept", "-e", env, terminal=True)
    assert result.out.splitlines()[0].split()[:2] == ["serial", "number"]
    assert "export WECHATPAY_CERTS_DIR=" in result.err


def test_certificates_that_cannot_be_kept(
    gateway: Gateway,
    make_env: Callable[..., Path],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is an error, not a line in a log; and without the APIv3 key there is nothing to ask."""
    platform = certificate_identity(SERIAL)
    gateway.identity = platform
    gateway.routes["/v3/certificates"] = certificate_list([platform])
    env = make_env(PUBLIC_KEY=None, PUBLIC_KEY_ID=None)
    monkeypatch.setattr("wechatpay._v3.certificates.store_keys", print)
    result = run("certs", "kept", "-e", env)
    assert (result.code, "1 certificates could not be written" in result.err) == (7, True)
    gateway.routes["/v3/certificates"] = certificate_list([])
    result = run("certs", "kept", "-e", make_env())
    assert result.code == 5  # signed by a certificate that is not held
    gateway.routes["/v3/certificates"] = certificate_list([], signer=public_key_identity())
    result = run("certs", "kept", "-e", make_env())
    assert (result.code, "has no certificates for this merchant" in result.err) == (3, True)
    env = make_env(APIV3_KEY=None)
    result = run("certs", "kept", "-e", env)
    assert (result.code, "set WECHATPAY_APIV3_KEY" in result.err) == (3, True)


def test_a_certificate_of_the_future_says_so() -> None:
    """WeChat Pay shows them days before they are used."""
    soon = datetime.now(timezone.utc) + timedelta(days=3)
    assert certs_module.since(soon.timestamp()).startswith("from ")
