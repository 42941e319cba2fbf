"""A shop's day, told at random: sales, refunds, shares, transfers, withdrawals, pay score."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wechatpay import APIError
from wechatpay.sandbox import Sandbox

from .merchant import ORDER, Merchant
from .money_books import OWN, SUB, Books, Sale
from .old_dialect import OldMerchant
from .old_shop import Till

URL = "https://shop.example/notify"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
APPID: str = ORDER["appid"]
REFUSED = ("NOT_ENOUGH", "RULE_LIMIT", "INVALID_REQUEST", "FREQUENCY_LIMITED", "NO_AUTH")
"""With what WeChat Pay may say no to what moves money."""


class Story:
    """A shop that keeps its own books, by what it was answered.

    Args:
        chance: What happens.
        folder: Where the sandbox's state is kept.
        served: Whether it is reached over a socket.

    Attributes:
        done: How often each deed was done, refused, or came to nothing.
    """

    def __init__(self, chance: random.Random, folder: Path, *, served: bool) -> None:
        self.chance = chance
        self.folder = folder
        self.served = served
        self.lives = 0
        self.count = 0
        self.books = Books()
        self.told: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
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
        self.merchant = Merchant(self.sandbox.config)
        if self.served:
            self.client = self.sandbox.client(retries=0)

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

    # -- how it asks

    def fetch(self, target: str) -> bytes:
        """Fetch a file."""
        return self._ask("GET", target, None)[1]

    def get(self, target: str) -> Any:
        """Query something that is there."""
        status, body = self._ask("GET", target, None)
        assert status == 200, body.decode()
        return json.loads(body)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for something that is not refused."""
        status, said = self._ask("POST", path, dict(body))
        assert status < 300, (path, said.decode())
        return json.loads(said) if said else None

    def try_to(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for something that may be refused; `None` if it is, and then nothing has moved."""
        status, said = self._ask("POST", path, dict(body))
        answer = json.loads(said)
        if status >= 400:
            assert answer["code"] in REFUSED, (path, answer)
            self.done[f"no: {path}"] += 1
            return None
        return answer

    def _ask(self, method: str, target: str, body: Any) -> tuple[int, bytes]:
        if self.served:
            path, _, query = target.partition("?")
            node = self.client.chain(path)
            params = dict(each.split("=") for each in query.split("&")) if query else None
            try:
                response = node.get(params=params) if method == "GET" else node.post(json=body)
            except APIError as error:
                return error.status_code, json.dumps({"code": error.code}).encode()
            return response.status_code, response.content
        answer = self.merchant.call(self.sandbox.gateway, method, f"/{target}", body)
        return answer.status, answer.body

    def number(self, what: str) -> str:
        """Return a number that was never used."""
        self.count += 1
        return f"{what}{self.count:06}"

    def find(self, fits: Callable[[Sale], bool]) -> Sale | None:
        """Choose one of the sales that fit."""
        found = [each for each in self.books.sales.values() if fits(each)]
        return self.chance.choice(found) if found else None

    # -- what it does

    def order(self) -> None:
        """Sell something by a QR code, to be shared or not; a coupon may be taken off."""
        number, fen = self.number("order"), self.chance.randint(1, 5000)
        shared = self.chance.random() < 0.5
        order = {**ORDER, "out_trade_no": number, "notify_url": URL, "amount": {"total": fen}}
        order |= {"settle_info": {"profit_sharing": shared}, "goods_tag": self.tag()}
        self.post("v3/pay/transactions/native", order)
        paid = self.sandbox.pay(number)
        self.books.told["TRANSACTION.SUCCESS"][number] = fen
        self.books.sell(number, paid, fen, shared=shared)

    def tag(self) -> str:
        """Return for what a coupon is good, or not."""
        return self.chance.choice(("tea", "tea", "milk"))

    def combine(self) -> None:
        """Sell two things together, of the shop or of its sub-merchant."""
        whose = self.chance.choice((OWN, SUB))
        known = {"mchid": OWN, **({"sub_mchid": SUB} if whose == SUB else {})}
        parts = {self.number("part"): self.chance.randint(1, 500) for _ in range(2)}
        subs = [
            {
                **known,
                "attach": "门店",
                "description": "商品",
                "out_trade_no": number,
                "amount": {"total_amount": fen, "currency": "CNY"},
            }
            for number, fen in parts.items()
        ]
        whole = {"combine_appid": APPID, "combine_mchid": OWN}
        whole |= {"combine_out_trade_no": self.number("whole"), "notify_url": URL}
        self.post("v3/combine-transactions/native", {**whole, "sub_orders": subs})
        paid = self.sandbox.pay(whole["combine_out_trade_no"])
        told = self.books.told["TRANSACTION.SUCCESS"]
        told[whole["combine_out_trade_no"]] = sum(parts.values())
        for each in paid["sub_orders"]:
            number = each["out_trade_no"]
            self.books.sell(number, each, parts[number], merchant=whose, combined=True)

    def old(self) -> None:
        """Sell something by APIv2."""
        number, fen = self.number("old"), self.chance.randint(1, 5000)
        Till(self.sandbox).place(
            out_trade_no=number, total_fee=fen, notify_url=URL, goods_tag=self.tag()
        )
        paid = self.sandbox.pay(number)
        found = self.get(f"v3/pay/transactions/out-trade-no/{number}?mchid={OWN}")
        self.books.told["TRANSACTION.SUCCESS"][number] = fen
        assert found["transaction_id"] == paid["transaction_id"]
        self.books.sell(number, found, fen)

    def part(self, sale: Sale) -> int:
        """Choose how much to refund, often all that is left."""
        return sale.left if self.chance.random() < 0.4 else self.chance.randint(1, sale.left)

    def refund(self) -> None:
        """Give a part back, of what is not shared."""
        sale = self.find(lambda each: each.merchant == OWN and each.left > each.given)
        if sale is None:
            return
        fen, number = self.part(sale), self.number("refund")
        amount = {"refund": fen, "total": sale.total, "currency": "CNY"}
        asked = {"transaction_id": sale.id, "out_refund_no": number, "notify_url": URL}
        self.sandbox.advance(61)
        if said := self.try_to("v3/refund/domestic/refunds", {**asked, "amount": amount}):
            settled = self.books.refund(number, sale, fen, said)
            assert said["amount"]["settlement_refund"] == settled
            self.books.told["REFUND.SUCCESS"][number] = fen

    def share(self) -> None:
        """Give others a share, as far as that is arranged; some of it comes back."""
        sale = self.find(lambda each: each.merchant == OWN and each.shared and each.left > 20)
        if sale is None:
            return
        fen, number = self.chance.randint(1, max(sale.left // 8, 1)), self.number("share")
        self.sandbox.advance(61)
        store = {"type": "MERCHANT_ID", "account": SUB}
        known = {"appid": APPID, **store, "relation_type": "STORE"}
        self.post("v3/profitsharing/receivers/add", known)
        asked: dict[str, Any] = {"appid": APPID, "transaction_id": sale.id}
        asked["out_order_no"] = number
        asked["receivers"] = [{**store, "amount": fen, "description": "分账"}]
        asked["unfreeze_unsplit"] = self.chance.random() < 0.3
        if self.try_to("v3/profitsharing/orders", asked) is None:
            return
        self.give(sale, SUB, fen)
        sale.shared = not asked["unfreeze_unsplit"]
        if self.chance.random() < 0.4:
            self.sandbox.advance(61)
            back = {"out_order_no": number, "out_return_no": self.number("return")}
            more = {"return_mchid": SUB, "description": "回退", "amount": (fen + 1) // 2}
            if self.try_to("v3/profitsharing/return-orders", {**back, **more}):
                self.give(sale, SUB, -((fen + 1) // 2))

    def give(self, sale: Sale, whom: str, fen: int) -> None:
        """Note that somebody was given a part of a sale."""
        sale.given += fen
        self.books.move(sale.merchant, -fen)
        self.books.move(whom, fen)

    def transfer(self) -> None:
        """Send a user something, which is taken or not."""
        fen, number = self.chance.randint(10, 5000), self.number("bill")
        asked = {
            "appid": APPID,
            "out_bill_no": number,
            "transfer_scene_id": "1000",
            "openid": OPENID,
            "transfer_amount": fen,
            "transfer_remark": "新会员开通有礼",
            "notify_url": URL,
            "transfer_scene_report_infos": [
                {"info_type": "活动名称", "info_content": "有礼"},
                {"info_type": "奖励说明", "info_content": "注册"},
            ],
        }
        base = "v3/fund-app/mch-transfer/transfer-bills"
        self.post(base, asked)
        if self.chance.random() < 0.7:
            self.sandbox.confirm_transfer(number)
            self.books.move(OWN, -fen, "OPERATION")
        else:
            self.post(f"{base}/out-bill-no/{number}/cancel", {})
            self.get(f"{base}/out-bill-no/{number}")
        self.books.told["MCHTRANSFER.BILL.FINISHED"][number] = fen

    def send(self) -> None:
        """Send a user something by APIv2."""
        fen = self.chance.randint(1, 5000)
        known: dict[str, Any] = {"mch_appid": APPID, "mchid": OWN, "check_name": "NO_CHECK"}
        known |= {"openid": OPENID, "partner_trade_no": self.number("gift")}
        known |= {"amount": fen, "desc": "有礼", "spbill_create_ip": "14.17.22.52"}
        path = "/mmpaymkttransfers/promotion/transfers"
        assert b"payment_no" in OldMerchant(self.sandbox).call(path, **known).body
        self.books.move(OWN, -fen, "OPERATION")

    def withdraw(self) -> None:
        """Have money sent to the bank, which takes it, or not, or sends it back later."""
        fen, number = self.chance.randint(1, 5000), self.number("withdrawn")
        whose = self.chance.choice((OWN, SUB))
        asked = {"out_request_no": number, "amount": fen, "account_type": "BASIC"}
        path = "v3/merchant/fund/withdraw"
        if whose == SUB:
            path, asked = "v3/ecommerce/fund/withdraw", {**asked, "sub_mchid": SUB}
        self.post(path, asked)
        end = self.chance.choice(("SUCCESS", "FAIL", "REFUND"))
        self.sandbox.end_withdrawal(number, "FAIL" if end == "FAIL" else "SUCCESS")
        if end == "REFUND":
            self.sandbox.return_withdrawal(number)
        elif end == "SUCCESS":
            self.books.move(whose, -fen)

    def recharge(self) -> None:
        """Top an account up."""
        fen, number = self.chance.randint(1, 5000), self.number("recharge")
        asked = {"out_recharge_no": number, "recharge_scene": "NORMAL_BANK_TRANSFER"}
        more = {"account_type": "OPERATION", "recharge_amount": {"amount": fen}}
        self.post("v3/recharge/bank-transfer-recharges/apply", {**asked, **more})
        if self.chance.random() < 0.8:
            self.sandbox.complete_recharge(number)
            self.books.move(OWN, fen, "OPERATION")

    def serve(self) -> None:
        """Serve somebody by pay score, who pays, or of whom it is collected."""
        number, fen = self.number("service"), self.chance.randint(1, 5000)
        known = {"appid": APPID, "service_id": "500001"}
        asked: dict[str, Any] = {**known, "out_order_no": number}
        asked["service_introduction"] = "某某酒店"
        asked |= {"time_range": {"start_time": "OnAccept"}, "notify_url": URL}
        asked |= {"risk_fund": {"name": "DEPOSIT", "amount": 10_000}, "need_user_confirm": True}
        self.post("v3/payscore/serviceorder", asked)
        self.sandbox.confirm_service_order(number)
        done = {"post_payments": [{"name": "就餐", "amount": fen}], "total_amount": fen}
        self.post(f"v3/payscore/serviceorder/{number}/complete", {**known, **done})
        if self.chance.random() < 0.5:
            told = self.sandbox.pay_service_order(number)
        else:
            self.sandbox.advance(3600)
            query = f"service_id=500001&appid={APPID}&out_order_no={number}"
            told = self.get(f"v3/payscore/serviceorder?{query}")
        paid = told["collection"]["details"][0]
        self.books.told["PAYSCORE.USER_PAID"][number] = fen
        self.books.sell(number, paid, fen)
