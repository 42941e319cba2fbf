"""Refunds, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Parts, action
from . import pages, routes, rows, v2_routes
from .refund import RefundEnd
from .refunds import Refunds
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


class RefundFamily(Family, parts=_PARTS):
    """What becomes of refunds, which the customer waits for."""

    @action("refunds/{out_refund_no}/end")
    def end_refund(self, out_refund_no: str, status: RefundEnd = "SUCCESS") -> dict[str, Any]:
        """Let a refund end that is under way, because its `reason` is the word `PROCESSING`.

        Where the sandbox is another process, `POST sandbox/refunds/{out_refund_no}/end` does, with
        `status` if need be.

        Returns:
            The refund, as a query answers it from now on.

        Raises:
            Refusal: There is no such refund, or it has ended.
        """
        return Refunds(self.world).end(out_refund_no, status).answer()
