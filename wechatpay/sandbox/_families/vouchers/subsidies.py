"""Subsidies of merchants' own coupons (营销补差): one merchant pays another for a coupon.

    SUCCESS → PARTIAL_RETURN → FULL_RETURN    a refund takes a part of it back, or all
    FAIL                                      the payment is not to be shared, or there is too
                                              little on the account

The money is there at once, on basic accounts: that is the sandbox's own rule. The states, and why
it may fail, are those of WeChat Pay's own SDK for Java (`merchantexclusivecoupon`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._world import World
from ..accounts import Ledger
from ..payments import Orders
from . import words
from .vouchers import Vouchers

_PAID, _RETURNED, _ACCOUNT = "voucher subsidy", "voucher subsidy return", "BASIC"
_TOO_LITTLE = "INSUFFICIENT_BALANCE"


class VoucherSubsidies:
    """The subsidies of a world, by the merchant's and by WeChat Pay's numbers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def pay(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Pay a merchant for a coupon that was used; with the same number again, it is the same.

        Raises:
            Refusal: There is no such coupon or payment, the coupon was not used, or the number is
                taken.
        """
        number: str = asked["out_subsidy_no"]
        with self._store.transaction():
            for known in self._store.find(_PAID, number=number):
                return _same(known, asked, "/out_subsidy_no")
            self._used(asked)
            order = Orders(self._world).find_paid(None, asked["transaction_id"])
            now = self._world.clock.moment().isoformat()
            receipt = self._world.number("1200", _PAID, 12)
            made: dict[str, Any] = {"subsidy_receipt_id": receipt, **asked, "create_time": now}
            if not order.shareable:
                made |= _failed("PAY_RECEIPT", "NOT_INCOMESPLIT_ORDER")
            elif not self._move(asked, asked["amount"], (receipt, number), "营销补差"):
                made |= _failed("PAY_RECEIPT", _TOO_LITTLE)
            else:
                made |= {"status": "PAY_RECEIPT_SUCCESS", "success_time": now}
            self._put(_PAID, receipt, made, asked, number)
            return made

    def give_back(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Take back what a coupon's merchant was paid, or a part of it, for a refund.

        Raises:
            Refusal: It was not paid as much, or the number is taken.
        """
        number: str = asked["out_subsidy_return_no"]
        with self._store.transaction():
            for known in self._store.find(_RETURNED, number=number):
                return _same(known, asked, "/out_subsidy_return_no")
            fen: int = asked["amount"]
            paid, left = self._paid(asked)
            if fen > left:
                raise words.SUBSIDY_TOO_MUCH(fen, left=left)
            now = self._world.clock.moment().isoformat()
            receipt = self._world.number("1201", _RETURNED, 12)
            its = {"subsidy_return_receipt_id": receipt, "return_create_time": now}
            made: dict[str, Any] = {**its, **asked}
            made["subsidy_receipt_id"] = paid["answer"]["subsidy_receipt_id"]
            if self._move(asked, fen, (receipt, number), "营销补差回退"):
                made |= {"status": "RETURN_RECEIPT_SUCCESS", "return_done_time": now}
                state = "PARTIAL_RETURN" if fen < left else "FULL_RETURN"
                answer = {**paid["answer"], "status": f"PAY_RECEIPT_{state}"}
                own: str = paid["asked"]["out_subsidy_no"]
                self._put(_PAID, answer["subsidy_receipt_id"], answer, paid["asked"], own)
            else:
                made |= _failed("RETURN_RECEIPT", _TOO_LITTLE)
            self._put(_RETURNED, receipt, made, asked, number)
            return made

    def paid(self, receipt: str) -> dict[str, Any]:
        """Find a subsidy by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        return self._answer(_PAID, receipt, "subsidy_receipt_id")

    def returned(self, receipt: str) -> dict[str, Any]:
        """Find what was taken back of one by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        return self._answer(_RETURNED, receipt, "subsidy_return_receipt_id")

    def of(self, stock_id: str, code: str, number: str | None) -> list[dict[str, Any]]:
        """Return the subsidies of a coupon, oldest first, or the one of a number."""
        found = [each["answer"] for each in self._store.find(_PAID, coupon=f"{stock_id}/{code}")]
        return [each for each in found if number in (None, each["out_subsidy_no"])]

    def _used(self, asked: Mapping[str, Any]) -> None:
        found = Vouchers(self._world).named(asked["coupon_code"], asked["stock_id"])
        if found.state != "USED":
            raise words.NOT_USED(found.code, state=found.state)

    def _paid(self, asked: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
        """The subsidy of a coupon and a payment, and what is left of it to take back."""
        coupon = f"{asked['stock_id']}/{asked['coupon_code']}"
        whose = {"payer_merchant": asked["payee_merchant"]}
        whose |= {"payee_merchant": asked["payer_merchant"]}
        whose |= {"transaction_id": asked["transaction_id"]}
        for each in self._store.find(_PAID, coupon=coupon):
            answer = each["answer"]
            if whose.items() <= answer.items() and "fail_reason" not in answer:
                returned = [one["answer"] for one in self._store.find(_RETURNED, coupon=coupon)]
                receipt = answer["subsidy_receipt_id"]
                gone = sum(
                    one["amount"]
                    for one in returned
                    if one["subsidy_receipt_id"] == receipt and "fail_reason" not in one
                )
                return each, answer["amount"] - gone
        raise words.NO_SUCH_SUBSIDY(asked["transaction_id"], at="/transaction_id", location="body")

    def _move(
        self, asked: Mapping[str, Any], fen: int, numbers: tuple[str, str], business: str
    ) -> bool:
        giver, taker = asked["payer_merchant"], asked["payee_merchant"]
        if not self._ledger.has(giver, _ACCOUNT, fen):
            return False
        for mchid, sign in ((giver, -1), (taker, 1)):
            self._ledger.book(business, sign * fen, numbers, account=_ACCOUNT, mchid=mchid)
        return True

    def _answer(self, kind: str, receipt: str, name: str) -> dict[str, Any]:
        found = self._store.get(kind, receipt)
        if found is None:
            raise words.NO_SUCH_SUBSIDY(receipt, at=name)
        answer: dict[str, Any] = found["answer"]
        return answer

    def _put(
        self,
        kind: str,
        receipt: str,
        answer: Mapping[str, Any],
        asked: Mapping[str, Any],
        number: str,
    ) -> None:
        coupon = f"{asked['stock_id']}/{asked['coupon_code']}"
        document = {"asked": dict(asked), "answer": dict(answer)}
        self._store.put(kind, receipt, document, number=number, coupon=coupon)


def _same(known: Mapping[str, Any], asked: Mapping[str, Any], at: str) -> dict[str, Any]:
    if known["asked"] != dict(asked):
        raise words.STOCK_TAKEN("", at=at)
    answer: dict[str, Any] = known["answer"]
    return answer


def _failed(what: str, why: str) -> dict[str, str]:
    return {"status": f"{what}_FAIL", "fail_reason": f"{what}_{why}"}
