"""A nightly reconciliation: the shop's orders against WeChat Pay's bill of the day.

    python examples/reconcile.py 2026-11-21 shop.db

`shop.db` has the shop's own table `orders` (out_trade_no, day, total in fen, refunded in fen,
state), of which the days are those of the payment, in Beijing. Every difference is printed, one a
line, and the exit status is 1 if there is any. Nothing is corrected: a person looks at it.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bills_to_sqlite import fetch, load

from wechatpay import WeChatPay

PAID_THERE = """
    SELECT out_trade_no, order_amount FROM trade WHERE day = ? AND trade_state = 'SUCCESS'
"""
REFUNDED_THERE = """
    SELECT out_trade_no, sum(refund_amount) FROM trade
    WHERE day = ? AND trade_state = 'REFUND' GROUP BY out_trade_no
"""
PAID_HERE = "SELECT out_trade_no, total FROM orders WHERE day = ? AND state = 'paid'"
REFUNDED_HERE = "SELECT out_trade_no, refunded FROM orders WHERE day = ? AND refunded > 0"


def differences(database: str, day: str) -> Iterator[str]:
    """Compare what the shop believes with what the bill says."""
    with closing(sqlite3.connect(database)) as connection:
        for what, here, there in (
            ("paid", PAID_HERE, PAID_THERE),
            ("refunded", REFUNDED_HERE, REFUNDED_THERE),
        ):
            shop = dict(connection.execute(here, (day,)).fetchall())
            bill = dict(connection.execute(there, (day,)).fetchall())
            for number in sorted({*shop, *bill}):
                ours, theirs = shop.get(number, 0), bill.get(number, 0)
                if ours != theirs:
                    yield f"{number}\t{what}\tshop {ours}\tbill {theirs}"


def main() -> None:
    """Reconcile one day."""
    parser = argparse.ArgumentParser()
    parser.add_argument("day", help="such as 2026-11-21")
    parser.add_argument("database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, WeChatPay.from_env() as wxpay:
        file = Path(folder, f"{options.day}.csv")
        fetch(wxpay, options.day, file)
        rows = load(file, options.day, options.database)
    found = list(differences(options.database, options.day))
    print(f"{rows} rows, {len(found)} differences", *found, sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
