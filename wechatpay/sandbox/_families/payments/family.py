"""Payments, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Parts, action
from . import pages, routes, rows, v2_routes
from .orders import Orders
from .words import WORDS

_PARTS = Parts(
    routes=(*routes.ROUTES, *v2_routes.ROUTES),
    words=WORDS,
    trades=rows.trades,
    flows=rows.flows,
    menu=pages.MENU,
    places=pages.PLACES,
    cards=pages.CARDS,
    tones=pages.TONES,
)


class PaymentFamily(Family, parts=_PARTS):
    """What a customer does about orders."""

    @action("pay/{out_trade_no}")
    def pay(self, out_trade_no: str) -> dict[str, Any]:
        """Let the customer pay an order; a notification is on its way to the `notify_url` then.

        Where the sandbox is another process, a call of `POST sandbox/pay/{out_trade_no}` does it.

        Args:
            out_trade_no: The merchant's number; of a combined order, the `combine_out_trade_no`.

        Returns:
            The transaction, as a query answers it from now on.

        Raises:
            Refusal: There is no such order, or it is paid or closed.
        """
        return Orders(self.world).pay(out_trade_no)

    @action("fail/{out_trade_no}")
    def fail(self, out_trade_no: str) -> None:
        """Let the payment of an order fail, or the customer give up; nobody is notified of that.

        An order paid with a payment code, whose customer is asked for a password, is `PAYERROR`
        then; any other stays `NOTPAY`, for the customer may try again.

        Raises:
            Refusal: There is no such order, or it does not wait to be paid.
        """
        Orders(self.world).fail(out_trade_no)
