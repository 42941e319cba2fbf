"""Where the money is: each fen that left an account is on another, and in the bills.

Stories are told at random, of all families that move money and by both APIs, in process and over a
socket; the sandbox is restarted, and killed, in between. `make soak` tells many more.
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from soak import runs

from wechatpay.sandbox import Delivery, Sandbox

from .merchant import ORDER
from .old_dialect import OldMerchant
from .old_shop import Till

_URL = "https://shop.example/notify"
_DAY = 86400
_STEPS = 25
_STORE = {"type": "MERCHANT_ID", "account": "1230000109"}


def _fee(fen: int) -> int:
    return int((Decimal(fen) * Decimal("0.006")).quantize(Decimal(1), ROUND_HALF_UP))


class _Story:
    """A shop's day, told at random; it keeps its own books, by what it was answered.

    Args:
        seed: Which story.
        folder: Where the sandbox's state is kept.
        served: Whether it is reached over a socket.
    """

    def __init__(self, seed: int, folder: Path, *, served: bool) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.served = served
        self.lives = 0
        self.count = 0
        self.sales = 0
        self.basic = 0
        self.operation = 0
        self.paid: dict[str, dict[str, Any]] = {}
        self.told: Counter[str] = Counter()
        self.sandbox: Sandbox
        self.client: Any
        self.rise(folder / "state-0")

    def rise(self, state: Path) -> None:
        """Open the sandbox, on what was remembered."""
        self.state = state
        self.sandbox = Sandbox(state=state, port=0 if self.served else None)
        self.sandbox.start()
        self.sandbox.allow_old_transfers()
        self.sandbox.mount("https://shop.example/", self.listen)
        self.client = self.sandbox.client()

    def listen(self, _: Mapping[str, str], body: bytes) -> bytes:
        """Note what is told, by its id: it may come more than once."""
        if body.startswith(b"{"):
            self.told[json.loads(body)["id"]] += 1
        return b"<xml><return_code>SUCCESS</return_code></xml>"

    def restart(self) -> None:
        """Close the sandbox in good order, and go on."""
        self.sandbox.close()
        self.rise(self.state)

    def kill(self) -> None:
        """Go on with the files as they are at this very moment, as after a `kill -9`."""
        self.lives += 1
        state = self.folder / f"state-{self.lives}"
        for suffix in ("", "-wal"):
            if (found := Path(f"{self.state}{suffix}")).exists():
                shutil.copy(found, f"{state}{suffix}")
        self.sandbox.close()
        self.rise(state)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for something that is not refused."""
        response = self.client.chain(path).post(json=dict(body))
        return response.json() if response.content else None

    def number(self, what: str) -> str:
        """Return a number that was never used."""
        self.count += 1
        return f"{what}{self.count:06}"

    def receive(self, number: str, transaction_id: str, fen: int, *, shared: bool = False) -> None:
        """Note that a payment came in, and what WeChat Pay keeps of it."""
        left = {"id": transaction_id, "left": fen, "total": fen, "shared": shared, "given": 0}
        self.paid[number] = left
        self.basic += fen - _fee(fen)

    def order(self) -> None:
        """Sell something by a QR code, to be shared or not."""
        number, fen = self.number("order"), self.chance.randint(1, 5000)
        shared = self.chance.random() < 0.5
        order = {**ORDER, "out_trade_no": number, "notify_url": _URL, "amount": {"total": fen}}
        order["settle_info"] = {"profit_sharing": shared}
        self.post("v3/pay/transactions/native", order)
        paid = self.sandbox.pay(number)
        self.sales += 1
        self.receive(number, paid["transaction_id"], fen, shared=shared)

    def combine(self) -> None:
        """Sell two things together."""
        parts = {self.number("part"): self.chance.randint(1, 500) for _ in range(2)}
        subs = [
            {
                "mchid": "1900000109",
                "attach": "门店",
                "description": "商品",
                "out_trade_no": number,
                "amount": {"total_amount": fen, "currency": "CNY"},
            }
            for number, fen in parts.items()
        ]
        whole = {"combine_appid": ORDER["appid"], "combine_mchid": "1900000109"}
        whole |= {"combine_out_trade_no": self.number("whole"), "notify_url": _URL}
        self.post("v3/combine-transactions/native", {**whole, "sub_orders": subs})
        paid = self.sandbox.pay(whole["combine_out_trade_no"])
        self.sales += 1
        for each in paid["sub_orders"]:
            number = each["out_trade_no"]
            self.receive(number, each["transaction_id"], parts[number])

    def old(self) -> None:
        """Sell something by APIv2."""
        number, fen = self.number("old"), self.chance.randint(1, 5000)
        self.sales += 1
        Till(self.sandbox).place(out_trade_no=number, total_fee=fen, notify_url=_URL)
        self.receive(number, self.sandbox.pay(number)["transaction_id"], fen)

    def refund(self) -> None:
        """Give a part back, of what is not shared."""
        found = [each for each in self.paid.values() if each["left"] - each["given"] > 0]
        if not found:
            return
        order = self.chance.choice(found)
        fen = self.chance.randint(1, order["left"] - order["given"])
        amount = {"refund": fen, "total": order["total"], "currency": "CNY"}
        asked = {"transaction_id": order["id"], "out_refund_no": self.number("refund")}
        self.sandbox.advance(60)
        self.post("v3/refund/domestic/refunds", {**asked, "amount": amount, "notify_url": _URL})
        order["left"] -= fen
        self.basic -= fen - _fee(fen)

    def share(self) -> None:
        """Give others a share, as far as that is arranged; some of it comes back."""
        found = [each for each in self.paid.values() if each["shared"] and each["left"] > 100]
        if not found:
            return
        order = self.chance.choice(found)
        most = min(order["left"] * 3 // 10 - order["given"], order["left"] - _fee(order["left"]))
        if most < 1:
            return
        fen = self.chance.randint(1, most)
        number = self.number("share")
        self.sandbox.advance(60)
        self.post(
            "v3/profitsharing/receivers/add",
            {"appid": ORDER["appid"], **_STORE, "relation_type": "STORE"},
        )
        asked = {"appid": ORDER["appid"], "transaction_id": order["id"], "out_order_no": number}
        receivers = [{**_STORE, "amount": fen, "description": "分账"}]
        asked |= {"receivers": receivers, "unfreeze_unsplit": False}
        self.post("v3/profitsharing/orders", asked)
        order["given"] += fen
        self.basic -= fen

    def transfer(self) -> None:
        """Send a user something, which is taken or not."""
        fen, number = self.chance.randint(10, 5000), self.number("bill")
        asked = {
            "appid": ORDER["appid"],
            "out_bill_no": number,
            "transfer_scene_id": "1000",
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "transfer_amount": fen,
            "transfer_remark": "新会员开通有礼",
            "transfer_scene_report_infos": [
                {"info_type": "活动名称", "info_content": "有礼"},
                {"info_type": "奖励说明", "info_content": "注册"},
            ],
        }
        self.post("v3/fund-app/mch-transfer/transfer-bills", asked)
        if self.chance.random() < 0.7:
            self.sandbox.confirm_transfer(number)
            self.operation -= fen
        else:
            cancel = "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel"
            self.client.chain(cancel).post(out_bill_no=number)
            query = "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}"
            self.client.chain(query).get(out_bill_no=number)

    def give(self) -> None:
        """Send a user something by APIv2."""
        fen = self.chance.randint(1, 5000)
        known = {"mch_appid": ORDER["appid"], "mchid": "1900000109", "check_name": "NO_CHECK"}
        known |= {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "partner_trade_no": self.number("gift")}
        known |= {"amount": fen, "desc": "有礼", "spbill_create_ip": "14.17.22.52"}
        path = "/mmpaymkttransfers/promotion/transfers"
        assert b"payment_no" in OldMerchant(self.sandbox).call(path, **known).body
        self.operation -= fen

    def withdraw(self) -> None:
        """Have money sent to the bank, which takes it, or not, or sends it back later."""
        fen, number = self.chance.randint(1, 5000), self.number("withdrawn")
        asked = {"out_request_no": number, "amount": fen, "account_type": "BASIC"}
        self.post("v3/merchant/fund/withdraw", asked)
        end = self.chance.choice(("SUCCESS", "FAIL", "REFUND"))
        self.sandbox.end_withdrawal(number, "FAIL" if end == "FAIL" else "SUCCESS")
        if end == "REFUND":
            self.sandbox.return_withdrawal(number)
        elif end == "SUCCESS":
            self.basic -= fen

    def serve(self) -> None:
        """Serve somebody by pay score, who pays, or of whom it is collected."""
        number, fen = self.number("service"), self.chance.randint(1, 5000)
        known = {"appid": ORDER["appid"], "service_id": "500001"}
        asked = {**known, "out_order_no": number, "service_introduction": "某某酒店"}
        asked |= {"time_range": {"start_time": "OnAccept"}, "notify_url": _URL}
        asked |= {"risk_fund": {"name": "DEPOSIT", "amount": 10_000}, "need_user_confirm": True}
        self.post("v3/payscore/serviceorder", asked)
        self.sandbox.confirm_service_order(number)
        done = {"post_payments": [{"name": "就餐", "amount": fen}], "total_amount": fen}
        self.post(f"v3/payscore/serviceorder/{number}/complete", {**known, **done})
        if self.chance.random() < 0.5:
            told = self.sandbox.pay_service_order(number)
        else:
            self.sandbox.advance(3600)
            query = {**known, "out_order_no": number}
            told = self.client.chain("v3/payscore/serviceorder").get(params=query).json()
        self.receive(number, told["collection"]["details"][0]["transaction_id"], fen)

    def tell(self) -> None:
        """Tell it, with its interruptions."""
        deeds = [self.order, self.combine, self.old, self.transfer, self.serve]
        deeds += [self.give, self.withdraw]
        deeds += [self.refund, self.share] * 2
        breaks = self.chance.sample(range(_STEPS), 2)
        for step in range(_STEPS):
            self.chance.choice(deeds)()
            if step == breaks[0]:
                self.restart()
            if step == breaks[1]:
                self.kill()

    def balance(self, account: str) -> int:
        """Return what is on an account, what is frozen of it included."""
        said = self.client.chain(f"v3/merchant/fund/balance/{account}").get().json()
        return int(said["available_amount"]) + int(said["pending_amount"])

    def bill(self, kind: str, day: str, **params: str) -> list[list[str]]:
        """Return the rows of a day's bill, without headings."""
        said = self.client.chain(f"v3/bill/{kind}").get(params={"bill_date": day, **params}).json()
        url: str = said["download_url"]
        target = httpx.URL(url).raw_path.decode()
        text = self.client.chain("v3/billdownload/file").get(
            params=dict(httpx.QueryParams(target.partition("?")[2]))
        )
        rows = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
        return [[each.lstrip("`") for each in row] for row in rows[1:-2]]


def _number_of(delivery: Delivery) -> str:
    told = delivery.event.resource
    number: str = told.get("combine_out_trade_no") or told["out_trade_no"]
    return number


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


@pytest.mark.untraced
@pytest.mark.soak
@pytest.mark.parametrize("seed", range(runs(4)))
def test_no_fen_is_lost(seed: int, tmp_path: Path) -> None:
    """Balances, bills and notifications say what the shop's own books say, each fen once."""
    story = _Story(seed, tmp_path, served=seed % 2 == 1)
    try:
        clock = story.sandbox.world.clock
        # Early on a day, in Beijing, so that all of the story happens on it.
        story.sandbox.advance(_DAY - (clock() + 8 * 3600) % _DAY + 3600)
        day = f"{clock.moment():%Y-%m-%d}"
        before = {name: story.balance(name) for name in ("BASIC", "OPERATION")}
        story.tell()
        assert story.balance("BASIC") - before["BASIC"] == story.basic
        assert story.balance("OPERATION") - before["OPERATION"] == story.operation
        # What was on its way while the sandbox was down, and the shop not yet back, is repeated.
        story.sandbox.deliver()
        delivered = story.sandbox.settle()
        story.sandbox.advance(_DAY + 9 * 3600)
        flows = story.bill("fundflowbill", day, account_type="BASIC")
        net = sum(_fen(row[6]) * (1 if row[5] == "收入" else -1) for row in flows)
        assert net == story.basic
        trades = story.bill("tradebill", day)
        got = sum(_fen(row[12]) for row in trades)
        gone = sum(_fen(row[16]) for row in trades)
        assert got == sum(each["total"] for each in story.paid.values())
        assert got - gone == sum(each["left"] for each in story.paid.values())
        paid = [row[5] for row in trades if row[9] == "SUCCESS"]
        assert sorted(paid) == sorted(each["id"] for each in story.paid.values())
        assert {each.state for each in delivered} <= {"acknowledged"}
        # What was sent and not yet noted when it was killed is sent again, under the same id.
        assert story.told.keys() >= {each.id for each in delivered if each.event.form == "v3"}
        sales = [each for each in delivered if each.event.event_type == "TRANSACTION.SUCCESS"]
        numbers = [_number_of(each) for each in sales]
        assert len(set(numbers)) == len(numbers) == story.sales
    finally:
        story.sandbox.close()
