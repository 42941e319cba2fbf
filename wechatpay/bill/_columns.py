"""A bill's columns: what they are called, what is in them, and the attributes that read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Generic, TypeVar, Union, cast, overload

from ..errors import WeChatPayError

Value = Union[str, Decimal, datetime, int, None]
Parser = Callable[[str], Value]
T = TypeVar("T")

CHINA = timezone(timedelta(hours=8))
"""The time zone of the times in bills."""

_LONGEST_COUNT = 18
_NARROW = {ord("（"): "(", ord("）"): ")"}
_WIDE = {ord("("): "（", ord(")"): "）"}
_AMOUNTS = ("金额", "余额", "结余", "净额", "总额", "税额", "交易额", "手续费", "服务费")
_TIMES = ("时间",)
_COUNTS = ("笔数", "单数", "条数")
_IN_YUAN = "(元)"
_MOST_VALUES = 50_000


class BillError(WeChatPayError, ValueError):
    """A file that is not a bill, or not a whole one. The message quotes nothing of it.

    Attributes:
        line: Where, counted from 1; `None` if it is not in a particular line.
    """

    line: int | None = None

    def __init__(self, message: str, known: object = None, /, *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}", known, line=line)


def _amount(text: str) -> Decimal:
    if not (text.isascii() and text.removeprefix("-").replace(".", "", 1).isdigit()):
        raise ValueError
    return Decimal(text)


def _time(text: str) -> datetime:
    if len(text) != len("2026-11-21 00:00:00") or text[4::3] != "-- ::":
        raise ValueError
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def whole_number(text: str) -> int:
    """Return the whole number that a text is; some bills write one as `45.0`.

    Raises:
        ValueError: It is not one.
    """
    digits, _, zeros = text.partition(".")
    if not (digits.isascii() and digits.isdigit()) or zeros.strip("0"):
        raise ValueError
    if len(text) > _LONGEST_COUNT:
        raise ValueError
    return int(digits)


class Column(Generic[T]):
    """An attribute that reads a column, by the first of its names that the bill has.

    Attributes:
        names: The column's name, and those it had earlier.
        parse: What makes a value of its text; it raises `ValueError`.
    """

    __slots__ = ("_optional", "names", "parse")

    def __init__(self, parse: Callable[[str], T], *names: str, optional: bool = False) -> None:
        self.parse: Callable[[str], T] = parse
        self.names: tuple[str, ...] = names
        self._optional = optional

    @overload
    def __get__(self, row: None, owner: type[Row]) -> Column[T]: ...
    @overload
    def __get__(self, row: Row, owner: type[Row]) -> T: ...
    def __get__(self, row: Row | None, owner: type[Row]) -> Column[T] | T:
        if row is None:
            return self
        for name in self.names:
            spelled = name if name in row else name.translate(_WIDE)
            if spelled in row:
                value = row[spelled]
                if value is None and not self._optional:
                    raise BillError(f"{name} is empty in this row")
                return cast("T", value)
        raise AttributeError(f"this bill has no column {self.names[0]}")


class Row(dict[str, Value]):
    """One line of a bill: the official columns, as a mapping and, where known, as attributes.

    Amounts are `Decimal`, in yuan; times are aware; an empty amount or time is `None`. Anything
    else is text as it is in the file, where WeChat Pay writes a comma of a merchant's as a
    backslash and a space. A column that is not known here is in the mapping alone; by its name it
    is an amount (`分账金额`), a time (`分账时间`) or text, and what cannot be parsed stays text.

    Some bills have Chinese parentheses in their columns' names. Either spelling finds the column:
    `row["收支金额(元)"]` is `row["收支金额（元）"]`.
    """

    __slots__ = ()

    def __missing__(self, name: str) -> Value:
        for other in (name.translate(_WIDE), name.translate(_NARROW)):
            if other != name and other in self:
                return self[other]
        raise KeyError(name)


class Trade(Row):
    """A payment, a refund or a reversal in a trade bill. A payment has `0` as its refund numbers.

    See https://pay.weixin.qq.com/doc/v3/merchant/4013071246
    """

    __slots__ = ()

    time: Column[datetime] = Column(_time, "交易时间")
    appid: Column[str] = Column(str, "公众账号ID")
    mchid: Column[str] = Column(str, "商户号")
    sub_mchid: Column[str] = Column(str, "特约商户号", "子商户号")
    device_info: Column[str] = Column(str, "设备号")
    transaction_id: Column[str] = Column(str, "微信订单号")
    out_trade_no: Column[str] = Column(str, "商户订单号")
    openid: Column[str] = Column(str, "用户标识")
    trade_type: Column[str] = Column(str, "交易类型")
    trade_state: Column[str] = Column(str, "交易状态")
    bank_type: Column[str] = Column(str, "付款银行")
    currency: Column[str] = Column(str, "货币种类")
    order_amount: Column[Decimal] = Column(_amount, "订单金额", "总金额")
    settlement_amount: Column[Decimal] = Column(_amount, "应结订单金额")
    coupon_amount: Column[Decimal] = Column(
        _amount, "代金券金额", "代金券或立减优惠金额", "企业红包金额"
    )
    refund_id: Column[str] = Column(str, "微信退款单号")
    out_refund_no: Column[str] = Column(str, "商户退款单号")
    applied_refund_amount: Column[Decimal] = Column(_amount, "申请退款金额")
    refund_amount: Column[Decimal] = Column(_amount, "退款金额")
    coupon_refund_amount: Column[Decimal] = Column(
        _amount, "充值券退款金额", "代金券或立减优惠退款金额", "企业红包退款金额"
    )
    refund_type: Column[str] = Column(str, "退款类型")
    refund_state: Column[str] = Column(str, "退款状态")
    description: Column[str] = Column(str, "商品名称")
    attach: Column[str] = Column(str, "商户数据包")
    fee: Column[Decimal] = Column(_amount, "手续费")
    rate: Column[str] = Column(str, "费率")
    rate_note: Column[str] = Column(str, "费率备注")


class Refund(Trade):
    """A refund in a refund bill, the only kind that has its times."""

    __slots__ = ()

    applied_time: Column[datetime] = Column(_time, "退款申请时间")
    success_time: Column[datetime | None] = Column(_time, "退款成功时间", optional=True)


class FundFlow(Row):
    """A movement of money in a fund-flow bill.

    See https://pay.weixin.qq.com/doc/v3/merchant/4013071249
    """

    __slots__ = ()

    time: Column[datetime] = Column(_time, "记账时间")
    transaction_id: Column[str] = Column(str, "微信支付业务单号")
    flow_id: Column[str] = Column(str, "资金流水单号")
    business_name: Column[str] = Column(str, "业务名称")
    business_type: Column[str] = Column(str, "业务类型")
    direction: Column[str] = Column(str, "收支类型")
    amount: Column[Decimal] = Column(_amount, "收支金额(元)")
    balance: Column[Decimal] = Column(_amount, "账户结余(元)")
    applicant: Column[str] = Column(str, "资金变更提交申请人")
    note: Column[str] = Column(str, "备注")
    voucher_no: Column[str] = Column(str, "业务凭证号")


class Summary(Row):
    """A bill's last line: how many rows it has, and what they come to."""

    __slots__ = ()

    @property
    def count(self) -> int:
        """How many rows there are: the first column of every bill's summary."""
        return cast("int", next(iter(self.values())))

    order_amount: Column[Decimal] = Column(_amount, "订单总金额", "总交易额")
    settlement_amount: Column[Decimal] = Column(_amount, "应结订单总金额")
    applied_refund_amount: Column[Decimal] = Column(_amount, "申请退款总金额")
    refund_amount: Column[Decimal] = Column(_amount, "退款总金额", "总退款金额")
    coupon_refund_amount: Column[Decimal] = Column(
        _amount, "充值券退款总金额", "总代金券或立减优惠退款金额", "总企业红包退款金额"
    )
    fee: Column[Decimal] = Column(_amount, "手续费总金额")
    income_count: Column[int] = Column(whole_number, "收入笔数")
    income: Column[Decimal] = Column(_amount, "收入金额")
    expense_count: Column[int] = Column(whole_number, "支出笔数")
    expense: Column[Decimal] = Column(_amount, "支出金额")


class Values(dict[str, Value]):
    """A column's texts and what they mean; each is parsed when it is first asked for.

    In a day's bill the same amounts and times occur many times.
    """

    __slots__ = ("_parse",)

    def __init__(self, parse: Parser) -> None:
        self._parse = parse

    def __missing__(self, text: str) -> Value:
        if len(self) >= _MOST_VALUES:
            self.clear()
        value = self[text] = self._parse(text) if text else None
        return value


def parsers(columns: Sequence[str]) -> list[tuple[int, Values]]:
    """Return the values of those columns that are not text, by their positions."""
    found = [(at, _parser(name.translate(_NARROW).strip())) for at, name in enumerate(columns)]
    values: dict[Parser, Values] = {one: Values(one) for _, one in found if one is not None}
    return [(at, values[parse]) for at, parse in found if parse is not None]


def _parser(name: str) -> Parser | None:
    """What parses a column: as documented, or else by its name.

    Only in a documented column can a value be malformed: a name promises nothing.
    """
    if name in _PARSERS:
        return _PARSERS[name]
    bare = name.removesuffix(_IN_YUAN)
    if bare.endswith(_AMOUNTS) or bare != name:
        return _amount_or_text
    if name.endswith(_TIMES):
        return _time_or_text
    return _count_or_text if name.endswith(_COUNTS) else None


def _or_text(parse: Parser) -> Parser:
    def lenient(text: str) -> Value:
        try:
            return parse(text)
        except ValueError:
            return text

    return lenient


_amount_or_text, _time_or_text = _or_text(_amount), _or_text(_time)
_count_or_text = _or_text(whole_number)


def kind_of(columns: Sequence[str]) -> type[Row]:
    """Return what the rows of a bill with these columns are."""
    return next((kind for name, kind in _KINDS.items() if name in columns), Row)


_KINDS: dict[str, type[Row]] = {"资金流水单号": FundFlow, "退款申请时间": Refund, "交易状态": Trade}
_PARSERS: dict[str, Parser] = {
    name: column.parse
    for kind in (Trade, Refund, FundFlow, Summary)
    for column in vars(kind).values()
    if isinstance(column, Column) and column.parse is not str
    for name in column.names
}
