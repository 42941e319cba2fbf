"""Trade, refund and fund-flow bills, row by row, however long they are.

    bill_of_the_day = bill.trades("20261121.csv.gz")
    for trade in bill_of_the_day:
        check(trade.out_trade_no, trade.order_amount)       # "1217752501", Decimal("8.88")
    bill_of_the_day.summary["手续费总金额"]

Each row is a mapping by the official columns, with attributes; see `Row`. Only at the end is it
certain that all rows were read: the summary is there, and counts as many. So act on a bill after
its last row. Rows that were read are not kept in memory.

**As a table.** The rows are mappings, and so a list of them is what data frames are made of:

    pandas.DataFrame(list(bill.trades(path)))
    polars.from_dicts(list(bill.trades(path)), infer_schema_length=None)

Numbers of orders stay text. Pandas keeps amounts as `Decimal`, in columns of objects, and times
with their offset; polars has decimals of its own, and has the same times in UTC. Without that
`None` polars infers types from the first 100 rows, and fails at a later amount in a column that was
empty in them. A bill that does not fit into memory can be read in parts with `itertools.islice`.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._columns import (
    CHINA,
    BillError,
    FundFlow,
    Refund,
    Row,
    Summary,
    Trade,
    Values,
    kind_of,
    parsers,
    whole_number,
)
from ._source import Source, lines, pieces

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "CHINA",
    "Bill",
    "BillError",
    "FundFlow",
    "Refund",
    "Row",
    "Source",
    "Summary",
    "Trade",
    "fund_flows",
    "refunds",
    "rows",
    "trades",
]

R = TypeVar("R", bound=Row)


class Bill(Generic[R]):
    """A bill that is being read: an iterator of its rows, with its summary at the end.

    Attributes:
        columns: The header's names, in the file's order.
        kind: What its rows are: `Trade`, `Refund`, `FundFlow`, or plain `Row`.
    """

    __slots__ = ("_end", "_pieces", "_rows", "columns", "kind")

    def __init__(self, source: Source, kind: type[R]) -> None:
        self._pieces = pieces(source)
        self._end: list[Summary] = []
        text = lines(self._pieces)
        try:
            self.columns: tuple[str, ...] = _header(next(text, ""))
            self.kind: type[R] = cast("type[R]", kind_of(self.columns))
            if not issubclass(self.kind, kind):
                found, wanted = self.kind.__name__, kind.__name__
                raise BillError(f"the rows of this bill are {found}, not {wanted}", line=1)
        except BaseException:
            self._pieces.close()
            raise
        self._rows = _rows(self._pieces, text, self.columns, self.kind, self._end)

    @property
    def summary(self) -> Summary:
        """What the bill says about itself. There is none before the last row was read.

        Raises:
            RuntimeError: It was not read to its end.
        """
        if not self._end:
            raise RuntimeError("a bill's summary is at its end: read the rows first")
        return self._end[0]

    def close(self) -> None:
        """Stop reading; a bill that is read to its end, or fails, is closed by itself."""
        self._rows.close()
        self._pieces.close()

    def __iter__(self) -> Iterator[R]:
        return self._rows

    def __next__(self) -> R:
        return next(self._rows)

    def __enter__(self) -> Bill[R]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def rows(source: Source) -> Bill[Row]:
    """Read a bill of any kind; see `trades` for the details. Unknown kinds give plain rows."""
    return Bill(source, Row)


def trades(source: Source) -> Bill[Trade]:
    """Read a trade bill: all trades, payments only, or refunds only.

    Args:
        source: A path, the bytes themselves, a file open in binary mode, or an iterable of chunks
            such as `response.iter_bytes()`. It may be compressed by gzip.

    Raises:
        BillError: It is not such a bill. While it is read: a row is malformed, it ends early, or
            its summary does not count its rows.

    See https://pay.weixin.qq.com/doc/v3/merchant/4013071246
    """
    return Bill(source, Trade)


def refunds(source: Source) -> Bill[Refund]:
    """Read a refund bill (``bill_type=REFUND``), whose rows have two more times; see `trades`."""
    return Bill(source, Refund)


def fund_flows(source: Source) -> Bill[FundFlow]:
    """Read a fund-flow bill; see `trades`.

    See https://pay.weixin.qq.com/doc/v3/merchant/4013071249
    """
    return Bill(source, FundFlow)


def _rows(
    source: Generator[bytes, None, None],
    text: Iterator[str],
    columns: tuple[str, ...],
    kind: type[R],
    end: list[Summary],
) -> Generator[R, None, None]:
    typed, width = parsers(columns), len(columns)
    number = at = 1
    line = ""
    try:
        for number, line in enumerate(text, 2):
            if line[0] != "`":
                break
            # Every field begins with a back-quote, so a comma inside a field is no separator.
            fields: list[Any] = line[1:].split(",`")
            if len(fields) != width:
                fields = _divided(line, width, number)
            try:
                for at, values in typed:
                    fields[at] = values[fields[at]]
            except ValueError:
                raise BillError(f"{columns[at]} is malformed", line=number) from None
            yield kind(zip(columns, fields, strict=True))
        else:
            raise BillError("the bill ends early: it has no summary", line=number)
        # The summary is the last two lines; rows without back-quotes may come before it.
        ahead = [line, *islice(text, 2)]
        is_bare = len(ahead) > 2
        while len(ahead) > 2:
            yield kind(zip(columns, _bare_row(ahead, columns, typed, number), strict=True))
            ahead, number = [*ahead[1:], *islice(text, 1)], number + 1
        end.append(_summary(ahead, number, is_bare=is_bare))
    finally:
        source.close()


def _bare_row(
    ahead: list[str], columns: tuple[str, ...], typed: list[tuple[int, Values]], number: int
) -> list[Any]:
    """Return a row of an archived bill: WeChat Pay left back-quotes out, or a merchant did."""
    at = 0
    try:
        fields = _divided(ahead[0], len(columns), number)
        for at, values in typed:
            fields[at] = values[fields[at]]
    except BillError:
        _summary(ahead[:2], number)
        raise BillError("the bill goes on after its summary", line=number + 2) from None
    except ValueError:
        raise BillError(f"{columns[at]} is malformed", line=number) from None
    return fields


def _divided(line: str, width: int, number: int) -> list[Any]:
    """Divide a line in which not every field begins with a back-quote.

    Profit-sharing bills lacked some until 2025, as their page says. WeChat Pay replaces a comma
    that a merchant wrote, so every comma is a separator.
    """
    fields = next(csv.reader([line])) if '"' in line else line.split(",")
    if len(fields) != width:
        raise BillError(f"{len(fields)} fields for {width} columns", line=number)
    return [field.removeprefix("`") for field in fields]


def _header(line: str) -> tuple[str, ...]:
    columns = tuple(line.split(","))
    if len(columns) < 2 or line[0] in "`<{" or "" in columns or len(set(columns)) < len(columns):
        raise BillError("not a bill: it does not begin with the names of its columns", line=1)
    return columns


def _summary(ahead: list[str], number: int, *, is_bare: bool = False) -> Summary:
    if len(ahead) < 2:
        raise BillError("the bill ends early: its summary is not whole", line=number)
    columns, line = ahead[0].split(","), ahead[1]
    if is_bare and any(name[:1].isdigit() for name in columns):
        raise BillError("the bill ends early: it has no summary", line=number + 1)
    fields: list[Any] = line.removeprefix("`").split(",`")
    if is_bare or "`" not in line:
        fields = [field.removeprefix("`") for field in line.split(",")]
    if len(fields) != len(set(columns)) or len(fields) != len(columns):
        raise BillError("neither a row nor a summary", line=number)
    try:
        count = whole_number(fields[0])
        for at, values in parsers(columns):
            fields[at] = values[fields[at]]
    except ValueError:
        raise BillError("the summary is malformed", line=number + 1) from None
    if count != number - 2:
        raise BillError(f"{number - 2} rows, but the summary counts {count}", line=number + 1)
    fields[0] = count  # its column has different names
    return Summary(zip(columns, fields, strict=True))
