"""`wechatpay bill DATE`: a day's bill, as it is, as CSV, as JSON, or just what it comes to."""

from __future__ import annotations

import csv
import io
import re
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO
from urllib.parse import urlsplit

import typer

from ..._files import WholeFile
from ...errors import VerificationError, WeChatPayError
from .. import _output
from .._sandbox import ask
from .._settings import Settings, configured
from ..words import text
from .download import fetch

if TYPE_CHECKING:
    from ... import WeChatPay

_YESTERDAY = "yesterday"
_ALGORITHM = "AEAD_AES_256_GCM"
_FORMULA = re.compile(r"\s*[=+@\uff1d\uff0b\uff20\uff0d-]|[\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class BillKind(str, Enum):
    """What the rows of a bill are."""

    TRADE = "trade"
    REFUND = "refund"
    FUND_FLOW = "fund-flow"
    SUB_FUND_FLOW = "sub-fund-flow"
    ECOMMERCE_FUND_FLOW = "ecommerce-fund-flow"


_ENCRYPTED = {
    BillKind.SUB_FUND_FLOW: "v3/bill/sub-merchant-fundflowbill",
    BillKind.ECOMMERCE_FUND_FLOW: "v3/ecommerce/bill/fundflowbill",
}


class Account(str, Enum):
    """Whose movements a fund-flow bill lists."""

    BASIC = "basic"
    OPERATION = "operation"
    FEES = "fees"


@configured
def bill(
    settings: Settings,
    day: Annotated[str, typer.Argument(metavar="DATE", help="bill.day")],
    kind: Annotated[
        BillKind, typer.Option("--kind", "-k", metavar="KIND", help="bill.kind")
    ] = BillKind.TRADE,
    account: Annotated[
        Account, typer.Option("--account", metavar="ACCOUNT", help="bill.account")
    ] = Account.BASIC,
    sub_mchid: Annotated[str | None, typer.Option(metavar="NUMBER", help="bill.sub_mchid")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="bill.output")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="bill.csv")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="bill.json")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="bill.summary")] = False,
) -> None:
    """Download a bill, check its hash, and write or read it."""
    if as_csv + as_json + summary > 1:
        raise typer.BadParameter(text("bill.one_form"))
    with settings.client() as client:
        when = _date(day, partial(_today, settings, client))
        found = _applied(client, kind, account, when, sub_mchid)
        if not (as_csv or as_json or summary):
            path = output or Path(f"bill-{kind.value}-{when}.csv")
            fetch(client, found, path)
            _output.say(text("file.written", path=path))
            if _output.is_terminal(sys.stderr):
                _total(path, sys.stderr)
            return
        with tempfile.TemporaryDirectory(prefix="wechatpay-") as folder:
            path = Path(folder) / f"{kind.value}-{when}"
            fetch(client, found, path)
            with _opened(output) as stream:
                if summary:
                    _total(path, stream)
                else:
                    (_rows_as_csv if as_csv else _rows_as_json)(path, stream)


def _today(settings: Settings, client: WeChatPay) -> date:
    """Return the day that it is in China; a sandbox is asked, whose clock may have been moved."""
    from ..._call import API_HOSTS
    from ...bill import CHINA

    base_url = settings.get("BASE_URL")
    if base_url is not None and urlsplit(base_url).hostname not in API_HOSTS:
        # A gateway before the real WeChat Pay has no such path.
        with suppress(WeChatPayError, ValueError, LookupError, TypeError):
            return datetime.fromisoformat(ask(client, "GET", "sandbox/status")["time"]).date()
    return datetime.now(CHINA).date()


def _date(day: str, today: Callable[[], date]) -> date:
    if day == _YESTERDAY:
        return today() - timedelta(days=1)
    from ...bill import CHINA

    try:
        when = date.fromisoformat(day)
    except ValueError:
        when = date.max
    if str(when) != day:  # Python takes other spellings too, from 3.11 on
        raise typer.BadParameter(text("bill.no_date"))
    # A clock is only ever ahead of the real time, so nobody is asked about a day that is over.
    if when >= datetime.now(CHINA).date() and when >= (known := today()):
        raise typer.BadParameter(text("bill.too_early", today=known))
    return when


def _applied(
    client: WeChatPay, kind: BillKind, account: Account, when: date, sub_mchid: str | None
) -> dict[str, Any]:
    """Ask for the bill, and return the answer, which says where it is and what its SHA-1 is."""
    params = {"bill_date": str(when), "tar_type": "GZIP", "sub_mchid": sub_mchid}
    if kind in _ENCRYPTED:
        path, params["algorithm"] = _ENCRYPTED[kind], _ALGORITHM
        is_all = kind is BillKind.ECOMMERCE_FUND_FLOW
        params["account_type"] = "ALL" if is_all else account.value.upper()
        if sub_mchid is not None and is_all:
            raise typer.BadParameter(text("bill.no_sub_mchid"))
        if sub_mchid is None and not is_all:
            raise typer.BadParameter(text("bill.needs_sub_mchid"))
    elif kind is BillKind.FUND_FLOW:
        if sub_mchid is not None:
            raise typer.BadParameter(text("bill.no_sub_mchid"))
        path, params["account_type"] = "v3/bill/fundflowbill", account.value.upper()
    else:
        path = "v3/bill/tradebill"
        params["bill_type"] = "REFUND" if kind is BillKind.REFUND else "ALL"
    answer: dict[str, Any] = client.chain(path).get(params=params).json()
    _check_hashes(answer)
    return answer


def _check_hashes(answer: dict[str, Any]) -> None:
    """Check that each part of a bill can be checked; one that cannot is not taken."""
    for part in answer.get("download_bill_list", [answer]):
        if part.get("hash_type") != "SHA1" or not isinstance(part.get("hash_value"), str):
            raise VerificationError(text("bill.no_hash"), outcome_unknown=False)


@contextmanager
def _opened(output: Path | None) -> Generator[TextIO]:
    """Give what is written to: standard output, or a file that appears when it is whole."""
    if output is None:
        yield sys.stdout
        return
    whole = WholeFile(output)
    try:
        with io.TextIOWrapper(whole.file, "utf-8", newline="") as stream:
            yield stream
            stream.flush()
            whole.keep()
    finally:
        whole.discard()
    _output.say(text("file.written", path=output))


def _rows_as_csv(path: Path, stream: TextIO) -> None:
    from ... import bill as bills

    with bills.rows(path) as rows:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(map(_harmless, rows.columns))
        writer.writerows(map(_harmless, row.values()) for row in rows)


def _rows_as_json(path: Path, stream: TextIO) -> None:
    import json

    from ... import bill as bills

    with bills.rows(path) as rows:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False, default=_text) + "\n")


def _total(path: Path, stream: TextIO) -> None:
    """Write what the bill comes to, once all of it was read and counted."""
    from ... import bill as bills
    from .._layout import grid

    with bills.rows(path) as rows:
        for _ in rows:
            pass
        pairs = [(name, _text(value)) for name, value in rows.summary.items()]
    is_grid = _output.is_terminal(stream)
    for line in grid(pairs) if is_grid else map("\t".join, pairs):
        stream.write(f"{line}\n")


def _harmless(value: object) -> str:
    """A cell as it is, but for a customer's text that a spreadsheet would take for a formula."""
    if not isinstance(value, str):
        return "" if value is None else _text(value)
    return f"'{value}" if _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value


def _text(value: object) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)
