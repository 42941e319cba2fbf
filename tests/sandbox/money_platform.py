"""A platform's day, told at random: its merchants' sales, subsidies and shares, and coupons."""

from __future__ import annotations

from typing import Any

from .money_books import OWN, SUB
from .money_story import APPID, OPENID, URL, Story

_FAVOR, _BUSI, _SHOP = "v3/marketing/favor", "v3/marketing/busifavor", "v3/ecommerce"
_BEGIN, _END = "2020-01-01T00:00:00+08:00", "2099-01-01T00:00:00+08:00"
_TIMES = {"available_begin_time": _BEGIN, "available_end_time": _END}


class Platform(Story):
    """A shop that sells for others as well, and gives coupons away."""

    vouchers = ""

    def order_for(self) -> None:
        """Sell something for a sub-merchant; the platform's coupon may be taken off."""
        number, fen = self.number("sub"), self.chance.randint(1, 5000)
        shared = self.chance.random() < 0.6
        asked = {"sp_appid": APPID, "sp_mchid": OWN, "sub_mchid": SUB, "description": "商品"}
        asked |= {"out_trade_no": number, "notify_url": URL, "goods_tag": self.tag()}
        more = {"amount": {"total": fen}, "settle_info": {"profit_sharing": shared}}
        self.post("v3/pay/partner/transactions/native", {**asked, **more})
        paid = self.sandbox.pay(number)
        self.books.told["TRANSACTION.SUCCESS"][number] = fen
        self.books.sell(number, paid, fen, merchant=SUB, shared=shared)

    def refund_for(self) -> None:
        """Refund a sub-merchant's sale; the platform may advance it, and be paid back."""
        sale = self.find(lambda each: each.merchant == SUB and each.left > each.given)
        if sale is None:
            return
        fen, number = self.part(sale), self.number("refund")
        advanced = not sale.shared and self.chance.random() < 0.4
        asked: dict[str, Any] = {"sp_appid": APPID, "sub_mchid": SUB, "transaction_id": sale.id}
        asked |= {"out_refund_no": number, "notify_url": URL, "reason": "x"}
        asked["amount"] = {"refund": fen, "total": sale.total, "currency": "CNY"}
        if advanced:
            asked["refund_account"] = "REFUND_SOURCE_PARTNER_ADVANCE"
        self.sandbox.advance(61)
        said = self.try_to(f"{_SHOP}/refunds/apply", asked)
        if said is None:
            return
        settled = self.books.refund(number, sale, fen, said)
        self.books.told["REFUND.SUCCESS"][number] = fen
        if advanced:
            self.pay(OWN, SUB, settled)
            if self.chance.random() < 0.5:
                back = f"{_SHOP}/refunds/{said['refund_id']}/return-advance"
                if self.try_to(back, {"sub_mchid": SUB}):
                    self.pay(SUB, OWN, settled)

    def pay(self, giver: str, taker: str, fen: int) -> None:
        """Note that one merchant has paid another."""
        self.books.move(giver, -fen)
        self.books.move(taker, fen)

    def share_for(self) -> None:
        """Give the platform its part of a sub-merchant's sale; some of it comes back."""
        sale = self.find(lambda each: each.merchant == SUB and each.shared and each.left > 20)
        if sale is None:
            return
        base, number = f"{_SHOP}/profitsharing", self.number("share")
        fen = self.chance.randint(1, max(sale.left // 8, 1))
        self.sandbox.advance(61)
        known = {"appid": APPID, "type": "MERCHANT_ID", "account": OWN}
        self.post(f"{base}/receivers/add", {**known, "relation_type": "PLATFORM"})
        part = {"type": "MERCHANT_ID", "receiver_account": OWN, "amount": fen}
        asked: dict[str, Any] = {"appid": APPID, "sub_mchid": SUB, "transaction_id": sale.id}
        asked |= {"out_order_no": number, "receivers": [{**part, "description": "佣金"}]}
        asked["finish"] = self.chance.random() < 0.2
        if self.try_to(f"{base}/orders", asked) is None:
            return
        self.give(sale, OWN, fen)
        sale.shared = not asked["finish"]
        if self.chance.random() < 0.4:
            back = {"sub_mchid": SUB, "out_order_no": number, "return_mchid": OWN}
            more = {"out_return_no": self.number("return"), "amount": fen, "description": "x"}
            if self.try_to(f"{base}/returnorders", {**back, **more}):
                self.give(sale, OWN, -fen)

    def finish(self) -> None:
        """Set free what is left of a sale: it stays the merchant's."""
        sale = self.find(lambda each: each.shared)
        if sale is None:
            return
        self.sandbox.advance(61)
        asked = {"transaction_id": sale.id, "out_order_no": self.number("free")}
        asked["description"] = "完结"
        path = "v3/profitsharing/orders/unfreeze"
        if sale.merchant == SUB:
            path, asked = f"{_SHOP}/profitsharing/finish-order", {**asked, "sub_mchid": SUB}
        if self.try_to(path, asked):
            sale.shared = False

    def subsidize(self) -> None:
        """Add to a sub-merchant's sale, or take that back."""
        sale = self.find(lambda each: each.merchant == SUB)
        if sale is None:
            return
        asked: dict[str, Any] = {"sub_mchid": SUB, "transaction_id": sale.id, "description": "x"}
        if sale.subsidy and self.chance.random() < 0.6:
            fen = self.chance.randint(1, sale.subsidy)
            asked |= {"out_order_no": self.number("unsubsidized"), "amount": fen}
            if self.try_to(f"{_SHOP}/subsidies/return", asked):
                sale.subsidy -= fen
                self.pay(SUB, OWN, fen)
            return
        fen = self.chance.randint(1, 1000)
        asked |= {"out_subsidy_no": self.number("subsidy"), "amount": fen}
        if self.try_to(f"{_SHOP}/subsidies/create", asked):
            sale.subsidy += fen
            self.pay(OWN, SUB, fen)

    def give_coupons(self) -> None:
        """Make a stock of coupons, prepaid or not, and send some; uses are told."""
        if not self.books.budgets:
            told = {"mchid": OWN, "notify_url": URL, "switch": True}
            self.post(f"{_FAVOR}/callbacks", told)
        prepaid, budget = self.chance.random() < 0.5, self.chance.randint(300, 2000)
        terms = {"coupon_amount": self.chance.randint(1, 500), "transaction_minimum": 1}
        limits = {"max_coupons": 9, "max_amount": budget, "max_coupons_per_user": 9}
        limits |= {"natural_person_limit": False, "prevent_api_abuse": False}
        asked: dict[str, Any] = {"stock_name": "满减", "belong_merchant": OWN, **_TIMES}
        asked |= {"out_request_no": self.number("stock"), "stock_type": "NORMAL"}
        asked |= {"no_cash": not prepaid, "stock_use_rule": limits}
        asked["coupon_use_rule"] = {"fixed_normal_coupon": terms, "goods_tag": ["tea"]}
        stock: str = self.post(f"{_FAVOR}/coupon-stocks", asked)["stock_id"]
        self.post(f"{_FAVOR}/stocks/{stock}/start", {"stock_creator_mchid": OWN})
        self.books.start(stock, budget, prepaid=prepaid)
        gift = {"stock_id": stock, "stock_creator_mchid": OWN, "appid": APPID}
        for _ in range(2):
            request = {**gift, "out_request_no": self.number("given")}
            self.post(f"{_FAVOR}/users/{OPENID}/coupons", request)

    def stop_coupons(self) -> None:
        """Stop a stock: what was not used of a prepaid budget comes back."""
        running = [name for name, each in self.books.budgets.items() if not each.stopped]
        if running:
            stock = self.chance.choice(running)
            self.post(f"{_FAVOR}/stocks/{stock}/stop", {"stock_creator_mchid": OWN})
            self.books.stop(stock)

    def use_voucher(self) -> None:
        """Use a merchant's own coupon, which costs nothing; another merchant pays for it."""
        code, request = self._voucher(), self.number("used")
        used = {"coupon_code": code, "appid": APPID, "use_request_no": request}
        used["use_time"] = self.sandbox.world.clock.moment().isoformat(timespec="seconds")
        self.post(f"{_BUSI}/coupons/use", used)
        sale = self.find(lambda each: each.merchant == SUB and each.shared)
        if sale is None:
            return
        fen = self.chance.randint(1, 500)
        its = {"stock_id": self.vouchers, "coupon_code": code, "transaction_id": sale.id}
        whose = {"payer_merchant": OWN, "payee_merchant": SUB, "description": "补差"}
        asked = {**its, **whose, "amount": fen, "out_subsidy_no": self.number("paid")}
        said = self.post(f"{_BUSI}/subsidy/pay-receipts", asked)
        if said["status"] != "PAY_RECEIPT_SUCCESS":
            return
        self.pay(OWN, SUB, fen)
        if self.chance.random() < 0.4:
            back = {**its, "payer_merchant": SUB, "payee_merchant": OWN, "description": "回退"}
            back |= {"refund_id": "r1", "out_subsidy_return_no": self.number("repaid")}
            fen = self.chance.randint(1, fen)
            said = self.post(f"{_BUSI}/subsidy/return-receipts", {**back, "amount": fen})
            if said["status"] == "RETURN_RECEIPT_SUCCESS":
                self.pay(SUB, OWN, fen)

    def _voucher(self) -> str:
        """Give a user a merchant's own coupon, of the one stock that there is."""
        if not self.vouchers:
            terms = {"discount_amount": 100, "transaction_minimum": 200}
            rules: dict[str, Any] = {"fixed_normal_coupon": terms, "use_method": "OFF_LINE"}
            rules["coupon_available_time"] = _TIMES
            asked: dict[str, Any] = {"stock_name": "商家券", "belong_merchant": OWN}
            asked |= {"goods_name": "x", "stock_type": "NORMAL", "coupon_use_rule": rules}
            asked |= {"out_request_no": "vouchers", "coupon_code_mode": "WECHATPAY_MODE"}
            asked["stock_send_rule"] = {"max_coupons": 1000, "max_coupons_per_user": 100}
            self.vouchers = self.post(f"{_BUSI}/stocks", asked)["stock_id"]
        gift = {"openid": OPENID, "appid": APPID, "stock_id": self.vouchers}
        gift["out_request_no"] = self.number("voucher")
        said = self.post(f"{_BUSI}/coupons/send", gift)
        code: str = said["send_coupon_result"]["coupon_code"]
        return code

    def tell(self, steps: int, *, restart: int, kill: int) -> None:
        """Tell it, with its interruptions.

        Args:
            steps: How much happens.
            restart: After which step it is restarted; below zero for never.
            kill: After which step it is killed.
        """
        deeds = [self.order, self.combine, self.old, self.transfer, self.serve, self.send]
        deeds += [self.withdraw, self.recharge, self.give_coupons, self.stop_coupons]
        deeds += [self.order_for, self.subsidize, self.finish, self.use_voucher]
        deeds += [self.order, self.order_for, self.refund, self.refund_for]
        deeds += [self.refund, self.refund_for, self.share, self.share_for]
        for step in range(steps):
            deed = self.chance.choice(deeds)
            self.done[deed.__name__] += 1
            deed()
            if step == restart:
                self.restart()
            if step == kill:
                self.kill()
