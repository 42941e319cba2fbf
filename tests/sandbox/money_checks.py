"""What balances, bills and notifications say at the end of a day, held against the books."""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wechatpay.sandbox import Delivery

from .money_books import OWN, SUB
from .money_story import Story

ACCOUNTS = ((OWN, "BASIC"), (OWN, "OPERATION"), (SUB, "BASIC"))
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
_AMOUNTS = {"REFUND.SUCCESS": "refund", "TRANSACTION.SUCCESS": "total"}


def balance(story: Story, mchid: str, account: str) -> int:
    """Return what is on an account, what is frozen of it included."""
    path = f"v3/merchant/fund/balance/{account}"
    if mchid == SUB:
        path = f"v3/ecommerce/fund/balance/{SUB}?account_type={account}"
    said = story.get(path)
    return int(said["available_amount"]) + int(said["pending_amount"])


def flows(story: Story, day: str, mchid: str, account: str) -> int:
    """Return what moved on an account, as the day's bill tells it, each movement once."""
    if mchid == OWN:
        said = story.get(f"v3/bill/fundflowbill?bill_date={day}&account_type={account}")
        rows = _rows(_file(story, said["download_url"]))
    else:
        query = f"sub_mchid={SUB}&bill_date={day}&account_type={account}&algorithm=AEAD_AES_256_GCM"
        said = story.get(f"v3/bill/sub-merchant-fundflowbill?{query}")
        (part,) = said["download_bill_list"]
        key = story.merchant.key.decrypt(base64.b64decode(part["encrypt_key"]), _OAEP)
        sealed = _file(story, part["download_url"])
        rows = _rows(AESGCM(key).decrypt(part["nonce"].encode(), sealed, None))
    assert len({row[2] for row in rows}) == len(rows)
    net = sum(fen(row[6]) * (1 if row[5] == "收入" else -1) for row in rows)
    assert all(fen(row[6]) > 0 for row in rows)
    return net


def trades(story: Story, *days: str) -> None:
    """Check that the trade bills have each payment and each refund once, with its coupons."""
    books, rows = story.books, list[list[str]]()
    for day in days:
        said = story.get(f"v3/bill/tradebill?bill_date={day}")
        rows += _rows(_file(story, said["download_url"]))
    paid = sorted((row[5], fen(row[24]), fen(row[13])) for row in rows if row[9] == "SUCCESS")
    sales = [(each.id, each.total, each.total - each.paid) for each in books.sales.values()]
    assert paid == sorted(sales)
    due = {row[5]: fen(row[12]) for row in rows if row[9] == "SUCCESS"}
    assert due == {each.id: each.total - each.lost for each in books.sales.values()}
    refunds = {row[15]: fen(row[25]) for row in rows if row[9] == "REFUND"}
    assert refunds == books.refunded
    assert len(rows) == len(sales) + len(refunds)


def told(story: Story, delivered: Iterable[Delivery]) -> None:
    """Check that the shop was told of each thing once, with its fen, and of nothing else."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    amounts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    expected = story.books.told
    for each in delivered:
        kind, said = each.event.event_type, each.event.resource
        if kind in expected:
            number, amount = _what(kind, said)
            found[kind][number] += 1
            amounts[kind][number] = amount
    assert {kind: dict(each) for kind, each in amounts.items()} == {
        kind: each for kind, each in expected.items() if each
    }
    assert all(count == 1 for each in found.values() for count in each.values())


def _what(kind: str, said: Any) -> tuple[str, int]:
    """Return of what an event tells, and of how much."""
    if kind == "COUPON.USE":
        used = said["consume_information"]
        return used["transaction_id"], used["consume_amount"]
    if kind == "PAYSCORE.USER_PAID":
        return said["out_order_no"], said["total_amount"]
    if kind == "MCHTRANSFER.BILL.FINISHED":
        return said["out_bill_no"], said["transfer_amount"]
    if "combine_out_trade_no" in said:
        parts = said["sub_orders"]
        return said["combine_out_trade_no"], sum(part["amount"]["total_amount"] for part in parts)
    name = _AMOUNTS[kind]
    number = said["out_refund_no"] if kind == "REFUND.SUCCESS" else said["out_trade_no"]
    return number, int(said["total_fee"]) if "total_fee" in said else said["amount"][name]


def fen(yuan: str) -> int:
    """Return an amount of a bill in fen."""
    return int(Decimal(yuan) * 100)


def _file(story: Story, url: str) -> bytes:
    parts = urlsplit(url)
    return story.fetch(f"{parts.path[1:]}?{parts.query}")


def _rows(content: bytes) -> list[list[str]]:
    """Return the rows of a bill, without headings and sums."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return [[each.lstrip("`") for each in row] for row in rows[1:-2]]
