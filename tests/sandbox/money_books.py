"""The books of a shop and of its platform: what it was answered, added up by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

OWN, SUB = "1900000109", "1230000109"
"""The sandbox's merchant, and one of its sub-merchants, which receives shares as well."""
_WITHOUT_CASH = ("NOCASH", "DISCOUNT")


def fee(fen: int) -> int:
    """Return what WeChat Pay keeps of an amount."""
    return int((Decimal(fen) * Decimal("0.006")).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass
class Sale:
    """A payment.

    Attributes:
        id: WeChat Pay's number for it.
        merchant: Whose it is.
        total: What was ordered, in fen.
        off: What each stock's coupon took off.
        lost: What of that nobody paid for (免充值).
        shared: Whether it may be shared.
        combined: Whether it is a part of a combined order.
        left: What of the total was not refunded.
        given: What others were given of it.
        back: What each stock was given back.
        repaid: What the customer was given back.
        subsidy: What the platform added, and did not take back.
    """

    id: str
    merchant: str
    total: int
    off: Mapping[str, int]
    lost: int
    shared: bool
    combined: bool
    left: int
    given: int = 0
    back: Counter[str] = field(default_factory=Counter[str])
    repaid: int = 0
    subsidy: int = 0

    @property
    def paid(self) -> int:
        """What the customer paid."""
        return self.total - sum(self.off.values())


@dataclass
class Budget:
    """What a stock of coupons may cost, and what of it was used."""

    fen: int
    prepaid: bool
    spent: int = 0
    stopped: bool = False


class Books:
    """What moved on which account, and what has to be told of it.

    Attributes:
        moved: How much more is on a merchant's account than before, in fen.
        sales: The payments, by their order's number.
        budgets: The stocks of coupons, by their number.
        told: Of which numbers the merchant has to be told by which event, and the fen.
        refunded: The refunds, by their number.
    """

    def __init__(self) -> None:
        self.moved: Counter[tuple[str, str]] = Counter()
        self.sales: dict[str, Sale] = {}
        self.budgets: dict[str, Budget] = {}
        self.told: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.refunded: dict[str, int] = {}

    def move(self, mchid: str, fen: int, account: str = "BASIC") -> None:
        """Note that an account has more, or less."""
        self.moved[mchid, account] += fen

    def sell(
        self,
        number: str,
        paid: Mapping[str, Any],
        total: int,
        *,
        merchant: str = OWN,
        shared: bool = False,
        combined: bool = False,
    ) -> None:
        """Note a payment, as its notification tells it, and what WeChat Pay keeps of it."""
        promotions: Sequence[Mapping[str, Any]] = paid.get("promotion_detail", ())
        off = {each["stock_id"]: int(each["amount"]) for each in promotions}
        lost = sum(each["amount"] for each in promotions if each["type"] in _WITHOUT_CASH)
        sale = Sale(paid["transaction_id"], merchant, total, off, lost, shared, combined, total)
        self.sales[number] = sale
        for stock, fen in off.items():
            self.budgets[stock].spent += fen
            self.told["COUPON.USE"][sale.id] = fen
        self.move(merchant, total - lost - fee(total - lost))

    def refund(self, number: str, sale: Sale, fen: int, said: Mapping[str, Any]) -> int:
        """Note a refund, and return what the merchant has to pay for it."""
        promotions: Sequence[Mapping[str, Any]] = said["promotion_detail"]
        repaid, whole = said["amount"]["payer_refund"], sale.left == sale.total
        lost = 0
        assert len(promotions) == len(sale.off)
        for (stock, off), each in zip(sale.off.items(), promotions, strict=True):
            part = each["refund_amount"]
            assert 0 <= part <= off - sale.back[stock]
            sale.back[stock] += part
            budget = self.budgets[stock]
            budget.spent -= part
            if budget.stopped and budget.prepaid:
                self.move(OWN, part)
            lost += part if each["type"] in _WITHOUT_CASH else 0
        assert repaid + sum(each["refund_amount"] for each in promotions) == fen
        assert not whole or abs(Decimal(fen * sale.paid) / sale.total - repaid) <= Decimal("0.5")
        sale.left -= fen
        sale.repaid += repaid
        assert 0 <= sale.repaid <= sale.paid
        assert sale.left or (sale.repaid, dict(+sale.back)) == (sale.paid, dict(sale.off))
        self.refunded[number] = fen
        self.move(sale.merchant, fee(fen - lost) - (fen - lost))
        return fen - lost

    def start(self, stock: str, fen: int, *, prepaid: bool) -> None:
        """Note that a stock of coupons is there, with its budget."""
        self.budgets[stock] = Budget(fen, prepaid)
        if prepaid:
            self.move(OWN, -fen)

    def stop(self, stock: str) -> None:
        """Note that what was not used of a budget is the merchant's again."""
        budget = self.budgets[stock]
        budget.stopped = True
        if budget.prepaid:
            self.move(OWN, budget.fen - budget.spent)
