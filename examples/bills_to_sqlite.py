"""Trade bills into SQLite: yesterday's payments and refunds as a table.

    python examples/bills_to_sqlite.py 2026-11-21 shop.db

Bills of a day are there from about 10 in the morning of the next one. Running it again for a day
replaces the day, all or nothing; a bill that does not add up to its own summary changes nothing.
"""

import argparse
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from wechatpay import WeChatPay, bill

TABLE = """
    CREATE TABLE IF NOT EXISTS trade (
        day TEXT, time TEXT, out_trade_no TEXT, transaction_id TEXT, trade_state TEXT,
        order_amount INTEGER, out_refund_no TEXT, refund_amount INTEGER, fee TEXT, openid TEXT
    )
"""  # amounts in fen; WeChat Pay tells fees in hundred-thousandths of a yuan, so they stay decimal


def fetch(wxpay: WeChatPay, day: str, file: Path) -> None:
    """Download one day's bill, checked against the hash that came with its URL."""
    bills = wxpay.v3.bill.tradebill
    found: Any = bills.get(params={"bill_date": day, "tar_type": "GZIP"}).json()
    wxpay.download(found["download_url"], file, sha1=found["hash_value"])


def load(file: Path, day: str, database: str) -> int:
    """Put a bill into the table, and return how many rows it has."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(TABLE)
        connection.execute("DELETE FROM trade WHERE day = ?", (day,))
        trades = bill.trades(file)
        connection.executemany(
            "INSERT INTO trade VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    day,
                    row.time.isoformat(),
                    row.out_trade_no,
                    row.transaction_id,
                    row.trade_state,
                    int(row.order_amount * 100),
                    row.out_refund_no,
                    int(row.refund_amount * 100),
                    str(row.fee),
                    row.openid,
                )
                for row in trades
            ),
        )
        return trades.summary.count


def main() -> None:
    """Fetch and load one day."""
    parser = argparse.ArgumentParser()
    parser.add_argument("day", help="such as 2026-11-21")
    parser.add_argument("database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, WeChatPay.from_env() as wxpay:
        file = Path(folder, f"{options.day}.csv")
        fetch(wxpay, options.day, file)
        print(load(file, options.day, options.database))


if __name__ == "__main__":
    main()
