"""A million transfers, on as many machines as it takes: a table, a queue, and WeChat Pay.

The table says who is owed what, under numbers that never change. The queue, dramatiq on Redis,
carries those numbers to workers; any worker may be handed any number, more than once.

    pip install "wechatpay-openapi[fastapi,redis]" "dramatiq[redis]"
    export REDIS_URL=redis://127.0.0.1:6379/0 PAYOUTS=payouts.db PAYOUTS_PER_SECOND=20

    python examples/many_transfers.py payouts.csv       # out_bill_no,openid,transfer_amount
    python -m dramatiq --path examples many_transfers   # on each machine, until it is done
    python examples/many_transfers.py                   # how far it is; queues what is open
    python examples/many_transfers.py --again           # what was refused as well
    python examples/many_transfers.py --listen 8000     # takes note of what WeChat Pay tells

Whatever is interrupted, a worker, a machine or WeChat Pay, queue it again. Before a number goes out
a second time WeChat Pay is asked what became of the first, and a number that it knows is never
paid twice. All workers together keep to one rate.

The table is SQLite here, on one machine's disk; on several machines it is your database.
"""

import argparse
import csv
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dramatiq
import redis.asyncio
import uvicorn
from dramatiq.brokers.redis import RedisBroker
from dramatiq.rate_limits import WindowRateLimiter
from dramatiq.rate_limits.backends import RedisBackend
from fastapi import FastAPI

from wechatpay import APIError, Notification, WeChatPay
from wechatpay.contrib.fastapi import notified
from wechatpay.replay import AsyncRedisGuard

APPID = os.environ.get("SHOP_APPID", "wxd678efh567hg6787")
NOTIFY_URL = os.environ.get("PAYOUTS_NOTIFY_URL", "https://shop.example/transfers/notify")
DATABASE = os.environ.get("PAYOUTS", "payouts.db")
REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
RATE = int(os.environ.get("PAYOUTS_PER_SECOND", "20"))
PATIENCE = float(os.environ.get("PAYOUTS_PATIENCE", "1"))  # seconds before the first repetition

NEW = "NEW"  # never sent
SENT = "SENT"  # sent, and what came of it is not known
REFUSED = "REFUSED"  # WeChat Pay said no; a person decides
FINAL = ("SUCCESS", "FAIL", "CANCELLED", REFUSED)

broker = RedisBroker(url=REDIS)
dramatiq.set_broker(broker)
turns = WindowRateLimiter(RedisBackend(url=REDIS), "transfer-bills", limit=RATE)
wxpay = WeChatPay.from_env()
app = FastAPI()


@contextmanager
def table() -> Generator[sqlite3.Connection, None, None]:
    """Open the table, and keep what was changed in it."""
    with closing(sqlite3.connect(DATABASE, timeout=30)) as connection, connection:
        connection.row_factory = sqlite3.Row
        connection.execute(
            "CREATE TABLE IF NOT EXISTS payout (out_bill_no TEXT PRIMARY KEY, openid TEXT,"
            f" transfer_amount INTEGER, state TEXT DEFAULT '{NEW}', reason TEXT)"
        )
        yield connection


def note(out_bill_no: str, state: str, reason: str = "") -> None:
    """Take note of a state; what is final stays so, however late another answer comes.

    That one request was refused says nothing of another one's transfer, so it gives way to that.
    """
    with table() as payouts:
        payouts.execute(
            "UPDATE payout SET state = :state, reason = :reason WHERE out_bill_no = :number"
            " AND state NOT IN ('SUCCESS', 'FAIL', 'CANCELLED')"
            " AND (state = 'SENT' OR :state <> 'REFUSED')",
            {"number": out_bill_no, "state": state, "reason": reason},
        )


@dramatiq.actor(max_retries=30, min_backoff=int(PATIENCE * 1000), max_backoff=600_000)
def pay(out_bill_no: str) -> None:
    """Bring one payout further. An error that leaves the outcome open brings it back, later."""
    with table() as payouts:
        (payout,) = payouts.execute("SELECT * FROM payout WHERE out_bill_no = ?", (out_bill_no,))
    if payout["state"] in FINAL:
        return
    if payout["state"] != NEW and (known := ask(out_bill_no)):
        note(out_bill_no, known["state"], known.get("fail_reason", ""))
        return
    note(out_bill_no, SENT)  # beforehand: should this process die, the next one asks
    take_turn()
    try:
        bill: Any = wxpay.v3.fundApp.mchTransfer.transferBills.post(json=request(payout)).json()
    except APIError as error:
        if error.outcome_unknown or error.status_code in (401, 429):
            raise  # that is not about this payout
        note(out_bill_no, REFUSED, f"{error.code}: {error.message}")
    else:
        note(out_bill_no, bill["state"], bill.get("fail_reason", ""))


def ask(out_bill_no: str) -> Any:
    """Ask WeChat Pay for a transfer; `None` if it never got it."""
    take_turn()
    bills = wxpay.v3.fundApp.mchTransfer.transferBills.outBillNo
    try:
        return bills._out_bill_no_.get(out_bill_no=out_bill_no).json()
    except APIError as error:
        if error.status_code == 404:
            return None
        raise


def request(payout: sqlite3.Row) -> Any:
    """The same parameters, each time a number is sent: WeChat Pay compares them."""
    return {
        "appid": APPID,
        "out_bill_no": payout["out_bill_no"],
        "openid": payout["openid"],
        "transfer_amount": payout["transfer_amount"],
        "transfer_remark": "佣金",
        "transfer_scene_id": "1005",
        "transfer_scene_report_infos": [
            {"info_type": "岗位类型", "info_content": "骑手"},
            {"info_type": "报酬说明", "info_content": "配送费"},
        ],
        "notify_url": NOTIFY_URL,
    }


def take_turn() -> None:
    """Wait until all workers together may make one more call."""
    while True:
        with turns.acquire(raise_on_failure=False) as granted:
            if granted:
                return
        time.sleep(0.05)


@app.post("/transfers/notify")
@notified(wxpay, guard=AsyncRedisGuard(redis.asyncio.from_url(REDIS)))
def notify(notification: Notification) -> None:
    """Take note of how a transfer ended; all web processes share one guard."""
    bill = notification.resource
    note(bill["out_bill_no"], bill["state"], bill.get("fail_reason") or "")


def load(file: Path) -> None:
    """Put payouts into the table; a number that is there already stays as it is."""
    with file.open(encoding="utf-8", newline="") as rows, table() as payouts:
        payouts.executemany(
            "INSERT INTO payout (out_bill_no, openid, transfer_amount)"
            " VALUES (:out_bill_no, :openid, :transfer_amount) ON CONFLICT DO NOTHING",
            csv.DictReader(rows),
        )


def queue(*, again: bool) -> None:
    """Queue what is open, and print how many payouts are in which state."""
    with table() as payouts:
        if again:  # under the same numbers: it is asked first what became of them
            payouts.execute("UPDATE payout SET state = 'SENT' WHERE state = 'REFUSED'")
        for row in payouts.execute("SELECT out_bill_no, state FROM payout"):
            if row["state"] not in FINAL:
                pay.send(row["out_bill_no"])
        for state, n in payouts.execute("SELECT state, count(*) FROM payout GROUP BY state"):
            print(f"{state}\t{n}")


def main() -> None:
    """Load, queue, or listen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path, help="payouts to be loaded first")
    parser.add_argument("--listen", type=int, metavar="PORT", help="serve notify_url instead")
    parser.add_argument("--again", action="store_true", help="queue what was refused as well")
    options = parser.parse_args()
    if options.listen:
        uvicorn.run(app, host="127.0.0.1", port=options.listen)
        return
    if options.file:
        load(options.file)
    queue(again=options.again)


if __name__ == "__main__":
    main()
