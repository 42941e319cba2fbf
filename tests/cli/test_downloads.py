"""`wechatpay bill`, `download` and `certs`: files that are checked before they are there."""

from __future__ import annotations

import csv
import gzip
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from gateway import (
    Answer,
    Gateway,
    Request,
    certificate_identity,
    certificate_list,
    public_key_identity,
    rsa_key,
)

from wechatpay.bill._columns import CHINA
from wechatpay.cli.commands import certs as certs_module
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox.settings import exports, write

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
    asked, applied = gateway.requests[:2]
    assert asked.target == "/sandbox/status"  # only a sandbox knows another date
    assert applied.target == (
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


def test_a_bill_by_the_date_of_the_sandbox(run: Run) -> None:
    """Its clock may have been moved: what is today here is over there."""
    with Sandbox(port=0) as sandbox:
        file = Path("moved.env")
        file.write_text(exports(write(sandbox, Path("moved").absolute())))
        now = datetime.now(CHINA)
        today = now.date()
        noon = now.replace(hour=12) + timedelta(days=1)  # before ten, bills are being made
        sandbox.advance((noon - now).total_seconds())
        for day in (str(today), "yesterday"):
            result = run("bill", day, "-e", file)
            assert (result.code, "NO_STATEMENT_EXIST" in result.err) == (1, True)
            asked = sandbox.exchanges[-1].target
            assert f"bill_date={today}" in asked or day != "yesterday"
        result = run("bill", str(today + timedelta(days=1)), "-e", file)
        assert (result.code, str(today + timedelta(days=1)) in result.err) == (2, True)


def test_nothing_is_asked_of_wechat_pay_itself(gateway: Gateway, env: Path, run: Run) -> None:
    """There it is the day that it is in China."""
    real = env.read_text().replace(gateway.url, "https://api.mch.weixin.qq.com/")
    env.write_text(real)
    result = run("bill", "2999-01-01", "-e", env)
    assert (result.code, "there is no bill for today" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["20261120"], "DATE is a day"),
        (["2026-11-31"], "DATE is a day"),
        (["2999-01-01"], "there is no bill for today"),
        (["2026-11-20", "--csv", "--json"], "choose one of"),
        (["2026-11-20", "-k", "fund-flow", "--sub-mchid", "1"], "is another API"),
        (["2026-11-20", "-k", "ecommerce-fund-flow", "--sub-mchid", "1"], "is another API"),
        (["2026-11-20", "-k", "sub-fund-flow"], "needs --sub-mchid"),
    ],
)
def test_a_wrong_request_for_a_bill(
    arguments: list[str], message: str, gateway: Gateway, env: Path, run: Run
) -> None:
    """It is refused before anything is sent, but for the question what day it is at a sandbox."""
    result = run("bill", *arguments, "-e", env)
    sent = [each.target for each in gateway.requests if each.target != "/sandbox/status"]
    assert (result.code, sent) == (2, [])
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


def encrypted(gateway: Gateway, *parts: str) -> dict[str, Any]:
    """Have an encrypted bill to download, in parts; return the answer that tells of it."""
    key, nonce = b"k" * 32, "a8607ef79034c49c"
    packed = [gzip.compress(one.encode()) for one in parts]
    bodies = [AESGCM(key).encrypt(nonce.encode(), one, b"") for one in packed]
    padding = OAEP(MGF1(SHA1()), SHA1(), None)
    sealed = b64encode(rsa_key("merchant").public_key().encrypt(key, padding)).decode()
    listed = [
        {
            "bill_sequence": number,
            "download_url": f"{gateway.url}v3/billdownload/file?token={number}",
            "encrypt_key": sealed,
            "nonce": nonce,
            "hash_type": "SHA1",
            "hash_value": sha1(one.encode()).hexdigest(),
        }
        for number, one in enumerate(parts, 1)
    ]
    answer = {"download_bill_count": len(parts), "download_bill_list": listed}
    for path in ("bill/sub-merchant-fundflowbill", "ecommerce/bill/fundflowbill"):
        gateway.routes[f"/v3/{path}"] = Answer(body=answer)

    def give(request: Request) -> Answer:
        return Answer(200, bodies[int(request.target[-1]) - 1], signed=False)

    gateway.routes["/v3/billdownload/file"] = give
    return answer


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (
            ["--kind", "sub-fund-flow", "--sub-mchid", "1900000109", "--account", "fees"],
            "/v3/bill/sub-merchant-fundflowbill?bill_date=2026-11-20&tar_type=GZIP"
            "&sub_mchid=1900000109&algorithm=AEAD_AES_256_GCM&account_type=FEES",
        ),
        (
            ["--kind", "ecommerce-fund-flow"],
            "/v3/ecommerce/bill/fundflowbill?bill_date=2026-11-20&tar_type=GZIP"
            "&algorithm=AEAD_AES_256_GCM&account_type=ALL",
        ),
    ],
)
def test_an_encrypted_bill_is_opened(
    arguments: list[str], target: str, gateway: Gateway, env: Path, run: Run
) -> None:
    """And its parts are one file, or rows as of any other bill."""
    encrypted(gateway, BILL[:99], BILL[99:])
    result = run("bill", "2026-11-20", *arguments, "-e", env, "-o", "bill.csv")
    assert result == (0, "", "Written: bill.csv\n")
    assert Path("bill.csv").read_text() == BILL
    assert gateway.requests[0].target == target
    assert run("bill", "2026-11-20", *arguments, "-e", env, "--summary").out == (
        "总交易单数\t2\n订单总金额\t9.88\n"
    )


def test_an_answer_is_downloaded_from_standard_input(gateway: Gateway, env: Path, run: Run) -> None:
    """What `wechatpay request` wrote goes into `wechatpay download`, encrypted or not."""
    answer = encrypted(gateway, BILL).copy()
    for given in (answer, answer["download_bill_list"][0]):
        result = run("download", "-", "-e", env, "-o", "-", stdin=json.dumps(given).encode())
        assert (result.code, result.out) == (0, BILL), result.err
    given = {"download_url": answer["download_bill_list"][0]["download_url"]}
    result = run("download", "-", "-e", env, "-o", "raw", stdin=json.dumps(given).encode())
    assert result.code == 0
    assert len(Path("raw").read_bytes()) == len(gzip.compress(BILL.encode())) + 16
    for stdin in (b"no json", b"{}", b"[1]"):
        result = run("download", "-", "-e", env, "-o", "-", stdin=stdin)
        assert (result.code, result.out) == (2, "")
    assert "no file name" in run("download", "-", "-e", env, stdin=b"{}").err


def test_a_part_that_cannot_be_checked_is_not_taken(gateway: Gateway, env: Path, run: Run) -> None:
    """Each part of an encrypted bill has its hash."""
    encrypted(gateway, BILL)["download_bill_list"][0].pop("hash_value")
    result = run("bill", "2026-11-20", "--kind", "ecommerce-fund-flow", "-e", env)
    assert (result.code, "so it cannot be checked" in result.err) == (5, True)


@pytest.mark.parametrize("name", ["file", "apiclient_key.pem"])
def test_nothing_is_replaced_without_being_told(
    name: str, gateway: Gateway, env: Path, run: Run
) -> None:
    """The URL's own name may be that of a file which is there; with --output it is meant."""
    gateway.routes[f"/v3/x/{name}"] = Answer(body=b"new", signed=False)
    Path(name).write_text("before")
    url = f"{gateway.url}v3/x/{name}"
    result = run("download", url, "-e", env) if name == "file" else run("download", url)
    assert (result.code, "it is there already" in result.err) == (7, True)
    assert Path(name).read_text() == "before"
    if name == "file":
        serve(gateway)
        url = f"{gateway.url}v3/billdownload/file?token=x"
        assert run("download", url, "-e", env, "-o", name).code == 0
        assert Path(name).read_text() == BILL


@pytest.mark.parametrize("name", [".bashrc", "a b", "-o", "x" * 101, "", "..", "a%2Fb", "签\x01"])
def test_a_name_that_is_none_is_asked_for(name: str, run: Run) -> None:
    """A URL does not choose a hidden file, or one with signs in its name."""
    result = run("download", "--", f"https://127.0.0.1:9/{name}")
    assert (result.code, "no file name" in result.err) == (2, True)
    assert "no file name" in run("download", "https://[::1/x").err


FORMULAS = {
    "=1+1": "'=1+1",
    "+1": "+1",
    "-1": "-1",
    "-1.5": "-1.5",
    "+1+cmd|' /C calc'!A0": "'+1+cmd|' /C calc'!A0",
    "-1-1": "'-1-1",
    "@SUM(1)": "'@SUM(1)",
    "\t=1": "'\t=1",
    " =1": "' =1",
    "＝1": "'＝1",
    "a=b": "a=b",
    "": "",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_customer_s_text_is_no_formula(text: str, gateway: Gateway, env: Path, run: Run) -> None:
    """A spreadsheet runs nothing of what a customer wrote; numbers stay numbers."""
    serve(gateway, f"备注,=列,订单金额\n`{text},`x,`-8.88\n总交易单数,订单总金额\n`1,`-8.88\n")
    assert run("bill", "2026-11-20", "-e", env, "--csv", "-o", "out.csv").code == 0
    head, row = csv.reader(Path("out.csv").read_text().splitlines())
    assert head == ["备注", "'=列", "订单金额"]
    assert row == [FORMULAS[text], "x", "-8.88"]


def test_rows_are_written_beside_and_follow_no_link(gateway: Gateway, env: Path, run: Run) -> None:
    """A guessed file name, or a link in its place, is never written to."""
    serve(gateway)
    Path("precious").write_text("precious")
    for name in (".out.csv.part", "out.csv"):
        Path(name).symlink_to("precious")
    assert run("bill", "2026-11-20", "-e", env, "--csv", "-o", "out.csv").code == 0
    assert Path("precious").read_text() == "precious"
    assert not Path("out.csv").is_symlink()
    assert Path("out.csv").read_text().startswith("交易时间")
    Path(".out.csv.part").unlink()
    assert not list(Path().glob(".*part"))


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
