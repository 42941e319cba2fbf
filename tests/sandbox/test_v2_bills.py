"""APIv2's bills: the answer is the file, or XML that says why there is none."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from wechatpay.sandbox import Sandbox

from .merchant import Merchant, read
from .old_dialect import fields_of
from .old_shop import APPID, NUMBER, Till, refused

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def till(sandbox: Sandbox) -> Till:
    """A till on the day after it sold for 1 yuan, and gave 40 fen of it back."""
    till = Till(sandbox)
    till.pay()
    till.refund()
    till.sandbox.advance(timedelta(days=2))
    return till


def _day(till: Till, form: str = "%Y%m%d") -> str:
    moment = till.sandbox.world.clock.moment() - timedelta(days=2)
    return moment.strftime(form)


def _failure(till: Till, **change: str) -> dict[str, str]:
    bill = {"appid": APPID, "bill_date": _day(till), "bill_type": "ALL", **change}
    return fields_of(till.call("/pay/downloadbill", **bill))


def test_trade_bill(till: Till) -> None:
    """A day's payments and refunds, each value back-quoted, with sums; compressed on demand."""
    bill = {"appid": APPID, "bill_date": _day(till), "bill_type": "ALL"}
    plain = till.call("/pay/downloadbill", **bill)
    assert plain.header("content-type") == "text/plain; charset=utf-8"
    heading, paid, refunded, _, sums = plain.body.decode("utf-8-sig").splitlines()
    assert heading.startswith("交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号")
    assert f",`{NUMBER}," in paid
    assert ("`1.00" in paid, "`0.40" in refunded) == (True, True)
    assert sums.split(",")[:3] == ["`2", "`1.00", "`0.40"]
    packed = till.call("/pay/downloadbill", tar_type="GZIP", **bill)
    assert gzip.decompress(packed.body) == plain.body
    only = till.call("/pay/downloadbill", **{**bill, "bill_type": "REFUND"})
    assert len(only.body.decode().splitlines()) == 4


def test_same_bill_as_the_other_api(till: Till, merchant: Merchant) -> None:
    """What APIv3 lets download is the same file."""
    target = f"/v3/bill/tradebill?bill_date={_day(till, '%Y-%m-%d')}"
    gateway = till.sandbox.gateway
    url = read(merchant.call(gateway, "GET", target))["download_url"]
    file = merchant.call(gateway, "GET", url.partition("sandbox.invalid")[2])
    bill = {"appid": APPID, "bill_date": _day(till)}
    assert till.call("/pay/downloadbill", **bill).body == file.body


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bill_type": "RECHARGE_REFUND"}, ("20002", "No Bill Exist")),
        ({"bill_date": "20240101"}, ("20001", "invalid bill_date")),
        ({"bill_date": "20240231"}, ("20001", "invalid bill_date")),
        ({"sub_mch_id": "1230000109"}, ("20002", "No Bill Exist")),
    ],
)
def test_no_bill(till: Till, change: dict[str, str], words: tuple[str, str]) -> None:
    """Where there is no bill, XML says so, with an `error_code`, unsigned."""
    code, message = words
    said = {"return_code": "FAIL", "return_msg": message, "error_code": code}
    assert _failure(till, **change) == said


@pytest.mark.words
def test_no_bill_yet(till: Till) -> None:
    """A day's bill is there at ten the next morning; before that it is being written."""
    today = till.sandbox.world.clock.moment().strftime("%Y%m%d")
    assert _failure(till, bill_date=today)["return_msg"] == "Bill Creating"
    till.sandbox.advance(timedelta(days=2))
    assert _failure(till, bill_date=today)["return_msg"] == "No Bill Exist"
    assert _failure(till, bill_date="2026-01-01")["return_msg"].startswith("参数错误：bill_date")


def test_fund_flow_bill(till: Till) -> None:
    """The same day as movements of money; of the other accounts there is none."""
    bill = {"appid": APPID, "bill_date": _day(till), "sign_type": "HMAC-SHA256"}
    flows = till.call("/pay/downloadfundflow", account_type="Basic", **bill)
    heading, *rows = flows.body.decode("utf-8-sig").splitlines()
    assert heading.startswith("记账时间,微信支付业务单号,资金流水单号")
    assert [row.split(",")[3] for row in rows[:-2]] == ["`交易", "`扣除交易手续费", "`退款"]
    none = fields_of(till.call("/pay/downloadfundflow", account_type="Fees", **bill))
    assert refused(none) == ("NO_STATEMENT_EXIST", "账单文件不存在")
