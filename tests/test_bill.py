"""Bills: every row as it stands in the file, all of them or an error, in constant memory."""

from __future__ import annotations

import copy
import gc
import gzip
import io
import pickle
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import runs

from wechatpay import WeChatPayError, bill
from wechatpay.bill import Bill, BillError, FundFlow, Refund, Row, Source, Summary, Trade

CHINA = timezone(timedelta(hours=8))
TRADE_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,"
    "费率,订单金额,申请退款金额,费率备注"
)
SUMMARY_COLUMNS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
PAYMENT = (
    "`2021-01-28 16:59:46,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000926202101281412639609,"
    "`S20210128165824499930,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`SUCCESS,`OTHERS,`CNY,`12.30,"
    '`0.50,`0,`0,`0.00,`0.00,`,`,`for testing,`{"n":1},`0.07380,`0.60%,`12.80,`0.00,`'
)
REFUND = (
    "`2021-01-28 17:00:00,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000926202101281412639609,"
    "`S20210128165824499930,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,"
    "`0.00,`50302709992024070991956632208,`R1,`12.30,`0.00,`ORIGINAL,`PROCESSING,`for testing,`,"
    "`-0.07380,`0.60%,`0.00,`12.80,`"
)
TRADES = f"""\
{TRADE_COLUMNS}
{PAYMENT}
{REFUND}
{SUMMARY_COLUMNS}
`2,`12.30,`12.30,`0.00,`0.00000,`12.80,`12.80
"""
REFUND_COLUMNS = TRADE_COLUMNS.replace("微信退款单号", "退款申请时间,退款成功时间,微信退款单号")
REFUNDS = f"""\
{REFUND_COLUMNS}
{REFUND.replace("`50302", "`2021-01-28 17:00:00,`2021-01-28 17:00:09,`50302")}
{REFUND.replace("`50302", "`2021-01-28 17:00:00,`,`50302")}
{SUMMARY_COLUMNS}
`2,`0.00,`24.60,`0.00,`-0.14760,`0.00,`25.60
"""
FUND_FLOWS = """\
记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),\
资金变更提交申请人,备注,业务凭证号
`2021-02-01 13:54:01,`50300806962021020105978994968,`4200000920202101197964319284,\
`退款,`退款,`支出,`0.01,`0.22,`1601959334API,`退款总金额0.01元;含手续费0.00元,`S2021020113535638
`2021-02-01 14:00:45,`50300907032021020105978998710,`4200000846202101197461830397,\
`交易,`交易,`收入,`0.02,`0.24,`system,`,`S2021020114004455
资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
`2,`1,`0.02,`1,`0.01
"""
OLD = """\
交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,\
退款状态,商品名称,商户数据包,手续费,费率
`2014-11-10 16:33:45,`wx2421b1c4370ec43b,`10000100,`0,`1000,`1001690740201411100005734289,\
`1415640626,`085e9858e3ba5186aafcbaed1,`MICROPAY,`SUCCESS,`CFT,`CNY,`0.01,`0.0,`0,`0,`0,`0,`,`,\
`被扫支付测试,`订单额外描述,`0,`0.60%
总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额
`1,`0.01,`0.0,`0.0,`0
"""
EMPTY = f"{TRADE_COLUMNS}\n{SUMMARY_COLUMNS}\n`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00\n"


def read(source: Source | str) -> list[Row]:
    """Read a bill, given as its text or as any source of it, to its end."""
    is_text = isinstance(source, str) and "\n" in source
    opened = bill.rows(str(source).encode() if is_text else source)
    found = list(opened)
    assert opened.summary.count == len(found)
    return found


# What a row is


def test_trade_is_a_mapping_with_attributes() -> None:
    """A payment's row has the official columns, and attributes of the right types besides."""
    trades = bill.trades(TRADES.encode())
    payment, refund = list(trades)
    assert type(payment) is Trade
    assert list(payment) == list(trades.columns) == TRADE_COLUMNS.split(",")
    assert payment["交易时间"] == payment.time == datetime(2021, 1, 28, 16, 59, 46, tzinfo=CHINA)
    assert payment.time.utcoffset() == timedelta(hours=8)
    assert payment["订单金额"] == payment.order_amount == Decimal("12.80")
    assert (payment.settlement_amount, payment.coupon_amount) == (Decimal("12.30"), Decimal("0.50"))
    assert str(payment.fee) == "0.07380"
    assert payment.transaction_id == "4200000926202101281412639609"
    assert (payment.out_trade_no, payment.refund_id) == ("S20210128165824499930", "0")
    assert (payment.trade_state, payment.rate, payment.device_info) == ("SUCCESS", "0.60%", "")
    assert payment.attach == '{"n":1}'
    assert (refund.trade_state, refund.refund_state) == ("REFUND", "PROCESSING")
    assert (refund.refund_amount, refund.fee) == (Decimal("12.30"), Decimal("-0.07380"))
    assert refund.out_refund_no == "R1"


def test_summary_stands_apart() -> None:
    """The last two lines are not rows: they are the summary, typed as rows are."""
    trades = bill.trades(TRADES.encode())
    assert len(list(trades)) == trades.summary.count == 2
    assert type(trades.summary) is Summary
    assert list(trades.summary) == SUMMARY_COLUMNS.split(",")
    assert trades.summary["订单总金额"] == trades.summary.order_amount == Decimal("12.80")
    assert trades.summary.applied_refund_amount == Decimal("12.80")
    assert trades.summary["总交易单数"] == 2


def test_refund_bill_tells_its_times() -> None:
    """A refund bill's rows tell when each was asked for and done, where it is."""
    done, pending = list(bill.refunds(REFUNDS.encode()))
    assert type(done) is Refund
    assert done.applied_time == datetime(2021, 1, 28, 17, tzinfo=CHINA)
    assert done.success_time == datetime(2021, 1, 28, 17, 0, 9, tzinfo=CHINA)
    assert pending["退款成功时间"] is pending.success_time is None
    assert done.refund_id == "50302709992024070991956632208"
    assert [row.applied_refund_amount for row in bill.trades(REFUNDS.encode())] == [
        Decimal("12.80")
    ] * 2


def test_fund_flow_bill_is_typed() -> None:
    """A fund-flow bill's rows and summary are typed, though its columns have other names."""
    flows = bill.fund_flows(FUND_FLOWS.encode())
    out, back = list(flows)
    assert type(out) is FundFlow
    assert out.time == datetime(2021, 2, 1, 13, 54, 1, tzinfo=CHINA)
    assert (out.direction, out.amount, out.balance) == ("支出", Decimal("0.01"), Decimal("0.22"))
    assert (out.note, out.voucher_no) == (
        "退款总金额0.01元;含手续费0.00元",
        "S2021020113535638",
    )
    assert (back.flow_id, back.note) == ("4200000846202101197461830397", "")
    summary = flows.summary
    assert (summary.count, summary.income_count, summary.expense_count) == (2, 1, 1)
    assert (summary.income, summary.expense) == (Decimal("0.02"), Decimal("0.01"))


def test_old_names_are_known() -> None:
    """A bill with the columns of earlier years has the same attributes."""
    trades = bill.trades(OLD.encode())
    (payment,) = trades
    assert payment.order_amount == Decimal("0.01")
    assert (payment.sub_mchid, payment.coupon_amount) == ("0", Decimal("0.0"))
    assert trades.summary.order_amount == Decimal("0.01")
    with pytest.raises(AttributeError, match="no column 应结订单金额"):
        _ = payment.settlement_amount
    assert not hasattr(payment, "applied_refund_amount")


@pytest.mark.parametrize("text", [TRADES, REFUNDS, FUND_FLOWS, OLD])
def test_every_column_has_its_attribute(text: str) -> None:
    """Each column of each bill is read by one attribute, and no attribute invents anything."""
    opened = bill.rows(text.encode())
    for row in (*list(opened)[:1], opened.summary):
        names = [name for name in dir(type(row)) if name[0] != "_" and name not in dir(dict)]
        read_by = [getattr(row, name) for name in names if hasattr(row, name)]
        assert len(read_by) == len(row)
        assert all(any(value is own for own in row.values()) for value in read_by)


def test_empty_amount_is_none_in_the_mapping_alone() -> None:
    """Where an amount is empty the mapping has `None`, and the attribute says what is missing."""
    (row,) = read(OLD.replace("`CNY,`0.01", "`CNY,`"))
    assert row["总金额"] is None
    assert isinstance(row, Trade)
    with pytest.raises(BillError, match="总金额 is empty in this row"):
        _ = row.order_amount


def test_columns_that_are_not_known_are_kept() -> None:
    """A column that comes new stands in the mapping, as text."""
    (row,) = read(OLD.replace("费率\n", "费率,新金额\n").replace("`0.60%", "`0.60%,`1,5`元"))
    assert row["新金额"] == "1,5`元"
    assert isinstance(row, Trade)
    assert row.rate == "0.60%"


def test_bill_of_an_unknown_kind_gives_plain_rows() -> None:
    """A bill whose columns are none of the known has mappings, typed by name, and a count."""
    opened = bill.rows("单号,分账金额\n`1,`0.01\n总笔数,总额\n`1,`0.01\n".encode())
    assert opened.kind is Row
    assert list(opened) == [{"单号": "1", "分账金额": Decimal("0.01")}]
    assert opened.summary == {"总笔数": 1, "总额": Decimal("0.01")}
    assert opened.summary.count == 1


SHARING = """\
分账时间,微信订单号,订单金额,分账接收方,分账金额,处理状态
`2026-01-02 10:00:00,`4208450740201411110007820472,`45.00,`1900000109,`0.47,`成功
`2026-01-02 10:00:01,`4208450740201411110007820473,`45.00,`1900000110,`,`失败
总条数,总金额
`2.0,`0.47
"""


def test_amounts_and_times_are_told_by_what_a_column_is() -> None:
    """A bill that nothing here knows by name has amounts and times as the known ones have."""
    sharing = bill.rows(SHARING.encode())
    first, second = list(sharing)
    assert first["分账时间"] == datetime(2026, 1, 2, 10, tzinfo=CHINA)
    assert (first["订单金额"], first["分账金额"]) == (Decimal("45.00"), Decimal("0.47"))
    assert (first["微信订单号"], first["处理状态"]) == ("4208450740201411110007820472", "成功")
    assert second["分账金额"] is None
    assert sharing.summary == {"总条数": 2, "总金额": Decimal("0.47")}


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("结算净额", "1.5", Decimal("1.5")),
        ("可用余额（元）", "-1.5", Decimal("-1.5")),
        ("充值(元)", "2", Decimal(2)),
        ("金额(分)", "2", "2"),
        ("金额类型", "2", "2"),
        ("费率", "0.60%", "0.60%"),
        ("入账时间", "2026-01-02 10:00:00", datetime(2026, 1, 2, 10, tzinfo=CHINA)),
        ("入账时间", "20260102", "20260102"),
        ("预付金额", "无", "无"),
        ("核销笔数", "3", 3),
        ("核销笔数", "三", "三"),
        ("单号", "3", "3"),
    ],
)
def test_a_name_is_no_promise(column: str, text: str, value: object) -> None:
    """What does not read as its column's name says stays text."""
    (row,) = read(f"编号,{column}\n`1,`{text}\n总数,x\n`1,`\n")
    assert row[column] == value


@pytest.mark.parametrize("count", ["2", "2.0", "2.00"])
@pytest.mark.parametrize("quoted", ["`", ""])
def test_a_count_may_be_written_as_a_decimal(count: str, quoted: str) -> None:
    """The official page's sample counts `45.0`; it is a whole number all the same."""
    flows = bill.fund_flows(
        FUND_FLOWS.replace("`2,`1,`0.02,`1,", f"{quoted}{count},`1.0,`0.02,`1.0,").encode()
    )
    assert len(list(flows)) == flows.summary.count == 2
    assert (flows.summary.income_count, flows.summary.expense_count) == (1, 1)


def test_parentheses_may_be_of_either_width() -> None:
    """A fund-flow bill has the ones or the others: attributes and names reach the same."""
    wide = FUND_FLOWS.replace("(元)", "（元）")
    flows = bill.fund_flows(wide.encode())
    assert flows.kind is FundFlow
    assert "收支金额（元）" in flows.columns
    for row in (next(flows), next(bill.fund_flows(FUND_FLOWS.encode()))):
        assert (row.amount, row.balance) == (Decimal("0.01"), Decimal("0.22"))
        assert row["收支金额(元)"] == row["收支金额（元）"] == Decimal("0.01")
        with pytest.raises(KeyError, match="收支金额"):
            row["收支金额"]


def bare(text: str) -> str:
    """Take the back-quotes out, as merchants do who archive bills."""
    return text.replace("`", "")


@pytest.mark.parametrize("text", [TRADES, REFUNDS, FUND_FLOWS, OLD, EMPTY, SHARING])
def test_an_archived_bill_may_lack_its_back_quotes(text: str) -> None:
    """Its last two lines are the summary; all the rest reads the same."""
    with_them, without = bill.rows(text.encode()), bill.rows(bare(text).encode())
    assert list(without) == list(with_them)
    assert (without.kind, without.summary) == (with_them.kind, with_them.summary)


@given(st.data())
def test_any_back_quote_may_be_missing_from_a_row(data: st.DataObject) -> None:
    """Profit-sharing bills of 2024 lack some of them, as WeChat Pay says."""
    head, *rows, names, total = SHARING.splitlines()
    left = [
        "".join(
            one for one in row if one != "`" or data.draw(st.booleans(), label="whether it stays")
        )
        for row in rows
    ]
    assert read("\n".join([head, *left, names, total, ""])) == read(SHARING)


def test_a_spreadsheet_quotes_what_has_commas() -> None:
    """A row that was saved by one is divided as it divides."""
    text = bare(OLD).replace("被扫支付测试", '"茶, 两杯"')
    (row,) = read(text)
    assert row["商品名称"] == "茶, 两杯"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (",0.07380,", ",", 2, "neither a row nor a summary"),
        ("2021-01-28 17:00:00", "2021-01-28", 3, "交易时间 is malformed"),
        ("2,12.30,12.30", "3,12.30,12.30", 5, "2 rows, but the summary counts 3"),
        ("2,12.30,12.30", "x,12.30,12.30", 5, "the summary is malformed"),
        (f"{SUMMARY_COLUMNS}\n2,12.30,12.30,0.00,0.00000,12.80,12.80\n", "", 2, "nor a summary"),
        ("2,12.30,12.30,0.00,0.00000,12.80,12.80\n", "", 4, "has no summary"),
        ("12.80,12.80\n", "12.80,12.80\n总计\n", 6, "goes on after its summary"),
    ],
)
def test_an_archived_bill_is_checked_as_any(old: str, new: str, line: int, words: str) -> None:
    """Without back-quotes too it is all there, or an error."""
    assert old in bare(TRADES)
    with pytest.raises(BillError, match=words) as caught:
        read(bare(TRADES).replace(old, new))
    assert caught.value.line == line


def test_fields_may_have_commas_and_quotes() -> None:
    """A comma divides fields only before a back-quote; what a merchant wrote stays as it is."""
    for text in ("a,b", ",", "`", "a`b", '"a","b"', "a\\ b", "a\\nb", "{}", "行1\u2028行2\x0b\x1c"):
        (row,) = read(OLD.replace("被扫支付测试", text))
        assert row["商品名称"] == text


def test_bill_without_rows_is_whole() -> None:
    """A day without trades has a bill of a summary alone."""
    assert read(EMPTY) == []


def test_rows_are_values() -> None:
    """Rows are mappings: equal, copied, pickled; their attributes are not assigned."""
    for row in read(TRADES):
        assert copy.copy(row) == pickle.loads(pickle.dumps(row)) == row == dict(row)
        assert type(pickle.loads(pickle.dumps(row))) is Trade
        with pytest.raises(AttributeError):
            row.extra = 1  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert type(Trade.time).__name__ == "Column"


def test_values_are_kept_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of amounts and times is bounded, which changes none of them."""
    expected = read(TRADES)
    monkeypatch.setattr("wechatpay.bill._columns._MOST_VALUES", 1)
    assert read(TRADES) == expected


# Where it comes from


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Cut data into pieces."""
    return (data[at : at + size] for at in range(0, len(data), size))


SOURCES: dict[str, Callable[[bytes, Path], Any]] = {
    "bytes": lambda data, path: data,
    "bytearray": lambda data, path: bytearray(data),
    "memoryview": lambda data, path: memoryview(data),
    "path": lambda data, path: path,
    "name": lambda data, path: str(path),
    "file": lambda data, path: io.BytesIO(data),
    "chunks": lambda data, path: pieces(data, 100),
    "single bytes": lambda data, path: pieces(data, 1),
    "list": lambda data, path: [b"", data, b""],
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same(kind: str, packed: bool, tmp_path: Path) -> None:
    """A path, bytes, a file or chunks, compressed or not, are read alike."""
    data = gzip.compress(TRADES.encode()) if packed else TRADES.encode()
    path = tmp_path / "bill"
    path.write_bytes(data)
    assert read(SOURCES[kind](data, path)) == read(TRADES)


LAYOUTS: dict[str, Callable[[str], str]] = {
    "BOM": lambda text: "\ufeff" + text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "no last newline": lambda text: text[:-1],
    "half a last newline": lambda text: text.replace("\n", "\r\n")[:-1],
    "blank end": lambda text: text + "\r\n\n\n",
    "blank lines": lambda text: text.replace("\n", "\n\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_of_lines_is_free(layout: str) -> None:
    """A byte-order mark, either line end, and blank lines change nothing."""
    assert read(LAYOUTS[layout](TRADES)) == read(TRADES)


def test_gzip_files_may_follow_one_another() -> None:
    """Compressed data of several members is one bill."""
    data = TRADES.encode()
    members = [gzip.compress(piece) for piece in pieces(data, 200)]
    assert read(b"".join(members)) == read(members) == read(data)


def test_file_of_the_caller_stays_open() -> None:
    """A file object that was passed in is read from where it stands, and is not closed."""
    file = io.BytesIO(b"skipped" + TRADES.encode())
    file.seek(len(b"skipped"))
    assert read(file) == read(TRADES)
    assert not file.closed


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The files that were opened by path."""
    files: list[Any] = []
    original = Path.open

    def spy(self: Path, *arguments: Any, **more: Any) -> Any:
        files.append(original(self, *arguments, **more))
        return files[-1]

    monkeypatch.setattr(Path, "open", spy)
    return files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A bill on disk."""
    file = tmp_path / "bill.csv"
    file.write_text(TRADES, encoding="utf-8")
    return file


def exhaust(path: Path) -> None:
    """Read a bill to its end."""
    assert len(list(bill.rows(path))) == 2


def abandon(path: Path) -> None:
    """Read one row and no more."""
    next(bill.rows(path))


def leave(path: Path) -> None:
    """Leave a `with` block after one row."""
    with bill.rows(path) as half:
        next(half)


def leave_unread(path: Path) -> None:
    """Close a bill before its first row."""
    with bill.rows(path):
        pass


def mistake(path: Path) -> None:
    """Take a trade bill for another."""
    with pytest.raises(BillError):
        bill.fund_flows(path)


def break_off(path: Path) -> None:
    """Read a bill that is malformed."""
    path.write_bytes(path.read_bytes() + b"more\n")
    half = bill.rows(path)
    with pytest.raises(BillError):
        list(half)


@pytest.mark.parametrize("use", [exhaust, abandon, leave, leave_unread, mistake, break_off])
def test_file_that_was_opened_is_closed(
    use: Callable[[Path], None], path: Path, opened: list[Any]
) -> None:
    """However reading ends, a file that was opened by its path is closed."""
    use(path)
    gc.collect()
    assert opened
    assert all(file.closed for file in opened)


@pytest.mark.parametrize(
    "source",
    [io.StringIO(TRADES), [TRADES], iter([5]), {"a": 1}, 5, None],
    ids=lambda s: type(s).__name__,
)
def test_text_is_no_source(source: Any) -> None:
    """Text, or no data at all, is a mistake in the program."""
    with pytest.raises(TypeError, match=r"binary mode|chunks of bytes, not from"):
        bill.rows(source)


def test_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    """What the operating system says of a path comes through."""
    with pytest.raises(FileNotFoundError):
        bill.rows(tmp_path / "nowhere.csv")


def test_errors_of_a_source_come_through() -> None:
    """A download that breaks off raises its own error, between two rows."""

    def download() -> Iterator[bytes]:
        yield TRADES[:700].encode()
        raise ConnectionResetError("gone")

    half = bill.rows(download())
    with pytest.raises(ConnectionResetError):
        list(half)


# What is refused


def test_summary_is_there_at_the_end_alone() -> None:
    """Before the last row there is no summary, and asking for it is a mistake."""
    half = bill.rows(TRADES.encode())
    next(half)
    with pytest.raises(RuntimeError, match="read the rows first"):
        _ = half.summary
    assert len(list(half)) == 1
    assert half.summary.count == 2


@pytest.mark.parametrize(
    ("make", "text", "words"),
    [
        (bill.trades, FUND_FLOWS, "are FundFlow, not Trade"),
        (bill.refunds, TRADES, "are Trade, not Refund"),
        (bill.fund_flows, REFUNDS, "are Refund, not FundFlow"),
        (bill.trades, "a,b\n", "are Row, not Trade"),
    ],
)
def test_other_kind_of_bill_is_refused(
    make: Callable[[bytes], Bill[Any]], text: str, words: str
) -> None:
    """A bill that is not of the kind that was asked for is refused before its first row."""
    with pytest.raises(BillError, match=words):
        make(text.encode())


XML = b"<xml>\n<return_code><![CDATA[FAIL]]></return_code>\n</xml>"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"x",
        XML,
        b'{"code":"NO_STATEMENT_EXIST","message":"x"}',
        b"`1,`2\n",
        "交易时间,,商户号\n".encode(),
        "交易时间,商户号,商户号\n".encode(),
        b"\xff\xfe\n",
        "交易时间,商户号\n".encode("gbk"),
        b"\x1f\x8b",
        b"\x1f",
        gzip.compress(b""),
        gzip.compress(XML),
    ],
    ids=range(14),
)
def test_what_is_no_bill_is_refused_at_once(data: bytes) -> None:
    """An error answer, another file, or nothing at all is refused before it is iterated."""
    with pytest.raises(BillError) as caught:
        bill.rows(data)
    assert isinstance(caught.value, (WeChatPayError, ValueError))


def test_error_is_picklable_and_quotes_nothing() -> None:
    """An error names line and column, none of the content, and survives pickling."""
    with pytest.raises(BillError) as caught:
        read(TRADES.replace("`12.80,`0.00,`\n", "`secret,`0.00,`\n"))
    error: BillError = pickle.loads(pickle.dumps(caught.value))
    assert (str(error), error.line) == ("line 2: 订单金额 is malformed", 2)
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (",`0.07380,", ",", 2, "26 fields for 27 columns"),
        ("`for testing,`{", "`for,`testing,`{", 2, "28 fields for 27 columns"),
        ("`2021-01-28 16:59:46", "`2021-01-28T16:59:46", 2, "交易时间 is malformed"),
        ("`2021-01-28 16:59:46", "`2021-02-30 16:59:46", 2, "交易时间 is malformed"),
        ("`2021-01-28 16:59:46", "`2021-01-28 16:59", 2, "交易时间 is malformed"),
        ("`2021-01-28 16:59:46", "`2021-W04-4 16:59:46", 2, "交易时间 is malformed"),
        ("`2021-01-28 16:59:46", "`2021-01-28 16:59+08", 2, "交易时间 is malformed"),
        ("`-0.07380", "`-0.0.7380", 3, "手续费 is malformed"),
        ("`-0.07380", "`1e5", 3, "手续费 is malformed"),
        ("`-0.07380", "`NaN", 3, "手续费 is malformed"),
        ("`-0.07380", "`-", 3, "手续费 is malformed"),
        ("`-0.07380", "` 1", 3, "手续费 is malformed"),
        ("`-0.07380", "`1,234.00", 3, "手续费 is malformed"),
        ("`-0.07380", "`١", 3, "手续费 is malformed"),
        ("for testing", "for\ntesting", 2, "21 fields for 27 columns"),
        (REFUND, "another line", 3, "neither a row nor a summary"),
        ("`2,`12.30", "`3,`12.30", 5, "2 rows, but the summary counts 3"),
        ("`2,`12.30", "`1,`12.30", 5, "2 rows, but the summary counts 1"),
        ("`2,`12.30", "`,`12.30", 5, "the summary is malformed"),
        ("`2,`12.30", "`二,`12.30", 5, "the summary is malformed"),
        ("`2,`12.30", "`" + "2" * 19 + ",`12.30", 5, "the summary is malformed"),
        ("`2,`12.30", "`2,`x", 5, "the summary is malformed"),
        ("`2,`12.30,", "`2,", 4, "neither a row nor a summary"),
        ("总交易单数,", "", 4, "neither a row nor a summary"),
        ("退款总金额,充", "充值券退款总金额,充", 4, "neither a row nor a summary"),
        ("`2,`12.30", "2,12.30", 4, "neither a row nor a summary"),
        ("`12.80,`12.80\n", f"`12.80,`12.80\n{PAYMENT}\n", 6, "goes on after its summary"),
        ("`12.80,`12.80\n", "`12.80,`12.80\nmore", 6, "goes on after its summary"),
        (
            f"{SUMMARY_COLUMNS}\n`2,`12.30,`12.30,`0.00,`0.00000,`12.80,`12.80\n",
            "",
            3,
            "no summary",
        ),
        ("`2,`12.30,`12.30,`0.00,`0.00000,`12.80,`12.80\n", "", 4, "summary is not whole"),
    ],
)
def test_malformed_bill_is_refused(old: str, new: str, line: int, words: str) -> None:
    """Whatever is wrong with a bill, the error says so by the line and the column."""
    assert old in TRADES
    with pytest.raises(BillError, match=words) as caught:
        read(TRADES.replace(old, new))
    assert caught.value.line == line


def test_no_beginning_of_a_bill_passes_for_the_whole() -> None:
    """Wherever a bill is cut off before its last field, compressed or not, it is an error."""
    data = TRADES.encode()
    for length in range(data.rindex(b"`") + 1):
        with pytest.raises(BillError):
            read(data[:length])
    packed = gzip.compress(data)
    for length in range(len(packed)):
        with pytest.raises(BillError):
            read(packed[:length])


def test_damaged_compression_is_noticed() -> None:
    """A byte changed in compressed data is an error, or was of no account."""
    packed = gzip.compress(TRADES.encode())
    for at in range(len(packed)):
        changed = bytearray(packed)
        changed[at] ^= 0x41
        try:
            assert read(changed) == read(TRADES)
        except BillError:
            continue
        assert at < 10, "the header's time, flags and system change nothing"
    with pytest.raises(BillError, match="damaged"):
        read(packed + b"rubbish")


def test_bomb_is_refused() -> None:
    """Compressed data that swells to a line without end is refused, not unpacked."""
    bomb = gzip.compress(TRADES.encode() + b"x" * 30_000_000, 9)
    with pytest.raises(BillError, match="too long"):
        read(bomb)


@pytest.mark.untraced
def test_compression_that_swells_is_unpacked_whole() -> None:
    """What comes out of the last compressed bytes is read to its end, however much it is."""
    row = OLD.splitlines()[1]
    many = OLD.replace(row, "\n".join([row] * 20_000)).replace("`1,`0.01", "`20000,`0.01")
    packed = gzip.compress(many.encode(), 9)
    assert len(packed) < len(many) / 100
    assert len(read(packed)) == len(read(pieces(packed, 7))) == 20_000


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r")).filter(
    lambda text: ",`" not in text
)


def cut(data: bytes, seed: int) -> Iterable[bytes]:
    """Cut data at random places."""
    dice = random.Random(seed)
    places = sorted(dice.choices(range(len(data) + 1), k=5))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@given(st.lists(st.lists(_TEXT, min_size=3, max_size=3)), st.integers(0, 99), st.booleans())
@settings(max_examples=runs(40))
def test_any_text_comes_back(table: list[list[str]], seed: int, packed: bool) -> None:
    """Whatever merchants write, however it is cut into chunks, comes back as it was."""
    columns = ["商品名称", "商户数据包", "备注"]
    lines = [
        ",".join(columns),
        *("`" + ",`".join(fields) for fields in table),
        "总交易单数,x",
        f"`{len(table)},`",
    ]
    data = "\r\n".join(lines).encode()
    chunks = cut(gzip.compress(data) if packed else data, seed)
    assert read(chunks) == [dict(zip(columns, fields, strict=True)) for fields in table]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, max_value=10**9, min_value=-(10**9)
    ),
    st.datetimes(datetime(2011, 1, 1), datetime(2100, 1, 1)),
)
def test_any_amount_and_time_comes_back(amount: Decimal, moment: datetime) -> None:
    """Amounts keep every digit and times their second."""
    text = OLD.replace("`CNY,`0.01", f"`CNY,`{amount:f}")
    (row,) = bill.trades(
        text.replace("2014-11-10 16:33:45", f"{moment:%Y-%m-%d %H:%M:%S}").encode()
    )
    assert str(row.order_amount) == f"{amount:f}"
    assert row.time == moment.replace(microsecond=0, tzinfo=CHINA)


@given(st.binary() | st.binary().map(lambda tail: TRADES.encode()[:900] + tail), st.integers(0, 99))
@settings(max_examples=runs(60))
def test_arbitrary_data_is_refused(data: bytes, seed: int) -> None:
    """Nothing but a bill is read as one, and nothing but a bill error comes of it."""
    with pytest.raises(BillError):
        read(cut(data, seed))


# How much it takes

CONSUMER = """
import resource, sys, tracemalloc
from wechatpay import bill

ROW = {row!r}
def chunks(count):
    yield {columns!r}.encode() + b"\\n"
    for start in range(0, count, 500):
        lines = (ROW.replace("12.80", f"{{n}}.80") for n in range(start, start + 500))
        yield "".join(f"{{line}}\\n" for line in lines).encode()
    yield ({summary!r} + f"\\n`{{count}},`0,`0,`0,`0,`0,`0\\n").encode()

def peak(count):
    tracemalloc.start()
    opened = bill.trades(chunks(count))
    rows = sum(1 for _ in opened)
    assert rows == opened.summary.count == count
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return used

small, large = peak(4_000), peak(24_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
opened = bill.trades(chunks(60_000))
for row in opened: pass
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(small, large, after - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is asked of POSIX")
def test_memory_does_not_grow_with_the_bill() -> None:
    """Five times as many rows, or ten, take no more memory."""
    program = CONSUMER.format(row=PAYMENT, columns=TRADE_COLUMNS, summary=SUMMARY_COLUMNS)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    small, large, grown = map(int, done.stdout.split())
    assert large < 32_000_000
    assert large < small + 16_000_000
    assert grown < 32_000 * (1024 if sys.platform == "darwin" else 1)


# Data frames

FRAME = [PAYMENT] * 150 + [REFUND, PAYMENT.replace("`12.80", "`12.805")]


def long_bill() -> bytes:
    """Return a bill in which some columns first have a value, or more digits, far down."""
    first = FRAME[0].replace("`0.07380", "`")
    rows = [first, *FRAME[1:]]
    summary = f"`{len(rows)},`0.00,`0.00,`0.00,`0.00,`0.00,`0.00"
    empty = [row.replace("`0.50,", "`,") if at < 149 else row for at, row in enumerate(rows)]
    return "\n".join([TRADE_COLUMNS, *empty, SUMMARY_COLUMNS, summary, ""]).encode()


@pytest.mark.untraced
def test_pandas_reads_the_rows() -> None:
    """A list of rows is a data frame: ids are text, amounts exact, times aware."""
    pandas: Any = pytest.importorskip("pandas", exc_type=ImportError)
    frame = pandas.DataFrame(list(bill.trades(long_bill())))
    assert frame.shape == (152, 27)
    assert tuple(frame.columns) == tuple(TRADE_COLUMNS.split(","))
    assert frame["微信订单号"][0] == "4200000926202101281412639609"
    assert frame["订单金额"].sum() == Decimal("12.80") * 150 + Decimal("12.805")
    assert frame["交易时间"][0].to_pydatetime() == datetime(2021, 1, 28, 16, 59, 46, tzinfo=CHINA)
    assert frame["代金券金额"][0] is None
    assert frame["手续费"][1] == Decimal("0.07380")
    times = pandas.DataFrame(list(bill.refunds(REFUNDS.encode())))["退款成功时间"]
    assert times[0].to_pydatetime() == datetime(2021, 1, 28, 17, 0, 9, tzinfo=CHINA)
    assert pandas.isna(times[1])


@pytest.mark.untraced
def test_polars_reads_the_rows() -> None:
    """The same list is a frame of polars, whose decimals lose no digit."""
    polars: Any = pytest.importorskip("polars", exc_type=ImportError)
    frame = polars.from_dicts(list(bill.trades(long_bill())), infer_schema_length=None)
    assert frame.shape == (152, 27)
    assert frame["微信订单号"][0] == "4200000926202101281412639609"
    assert frame["订单金额"].sum() == Decimal("12.80") * 150 + Decimal("12.805")
    assert frame["交易时间"][0] == datetime(2021, 1, 28, 16, 59, 46, tzinfo=CHINA)
    assert frame["代金券金额"].to_list()[-3:] == [Decimal("0.50"), Decimal("0.00"), Decimal("0.50")]
    assert frame["代金券金额"].null_count() == 149


@pytest.mark.parametrize("source", [5, None, object()])
def test_what_gives_no_bytes_is_no_source(source: Any) -> None:
    """It is named, with what there is to pass."""
    with pytest.raises(TypeError, match="a bill is read from a path, bytes, a binary file or"):
        list(bill.rows(source))
