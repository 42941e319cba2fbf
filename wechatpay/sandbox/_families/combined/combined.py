"""Orders that are paid together, with one password.

https://pay.weixin.qq.com/doc/v3/merchant/4012557006
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..payments import CUSTOMER, Order, TradeType

_SUB_ORDER = ("mchid", "sub_mchid", "sub_appid", "out_trade_no", "attach", "individual_auth_id")
_SEEN_OF_ALL = ("combine_appid", "combine_mchid", "combine_out_trade_no", "trade_scenario")


@dataclass(frozen=True)
class Combined:
    """A combined order: what its orders have in common. Where they are, each of them knows.

    Attributes:
        placed: The parameters it was placed with.
        trade_type: How it is to be paid.
        handle: What the customer's side needs to pay.
        expires: Until when it can be paid, in seconds since 1970.
        combine_transaction_id: WeChat Pay's number for all of it, once it is paid.
        closes: When it is closed if nobody has paid, in seconds since 1970.
        given: When the customer's side was given what it needs to pay, likewise.
    """

    placed: Mapping[str, Any]
    trade_type: TradeType
    handle: Mapping[str, str]
    expires: float
    combine_transaction_id: str = ""
    closes: float = 0.0
    given: float = 0.0

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.placed["combine_out_trade_no"]
        return number

    def pay(self, combine_transaction_id: str) -> Combined:
        """Return it with WeChat Pay's number."""
        return replace(self, combine_transaction_id=combine_transaction_id)

    def orders(self) -> Iterator[Order]:
        """Make its orders, as they are when it is placed."""
        for sub in self.placed["sub_orders"]:
            amount = {"total": sub["amount"]["total_amount"], "currency": sub["amount"]["currency"]}
            identity = {"appid": self.placed["combine_appid"], "mchid": sub["mchid"]}
            if "sub_mchid" in sub:
                identity = {f"sp_{name}": value for name, value in identity.items()}
            placed = {**{name: sub[name] for name in sub if name != "mchid"}, **identity}
            openid = self.payer()["openid"]
            placed["payer"] = {"sp_openid" if "sub_mchid" in sub else "openid": openid}
            yield Order(
                {**placed, "amount": amount},
                self.trade_type,
                self.handle,
                self.expires,
                combine_out_trade_no=self.number,
                closes=self.closes,
                given=self.given,
            )

    def payer(self) -> dict[str, str]:
        """Return the payer: the one that it names, or the sandbox's own customer."""
        named: Mapping[str, Any] = self.placed.get("combine_payer_info", {})
        return {"openid": named.get("openid", CUSTOMER)}

    def transaction(self, orders: Sequence[Order]) -> dict[str, Any]:
        """Return what a query answers.

        Args:
            orders: Its orders, as they are by now.
        """
        seen = {name: self.placed[name] for name in _SEEN_OF_ALL if name in self.placed}
        if device := self.placed.get("scene_info", {}).get("device_id"):
            seen["scene_info"] = {"device_id": device}
        seen["sub_orders"] = [
            self._sub_order(sub, order)
            for sub, order in zip(self.placed["sub_orders"], orders, strict=True)
        ]
        if self.combine_transaction_id:
            seen["combine_transaction_id"] = self.combine_transaction_id
            seen["combine_payer_info"] = self.payer()
        return seen

    def _sub_order(self, sub: Mapping[str, Any], order: Order) -> dict[str, Any]:
        whole = order.transaction()
        amount: dict[str, Any] = {
            "total_amount": order.total,
            "currency": sub["amount"]["currency"],
        }
        seen = {name: sub[name] for name in _SUB_ORDER if name in sub}
        seen |= {"trade_state": order.trade_state, "amount": amount}
        seen["promotion_detail"] = list(order.promotions)
        if order.transaction_id:
            amount |= {"payer_amount": order.payer_total, "payer_currency": "CNY"}
            seen |= {
                name: whole[name]
                for name in ("trade_type", "bank_type", "success_time", "transaction_id")
            }
        return seen
