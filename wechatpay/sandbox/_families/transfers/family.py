"""Transfers, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Parts, action
from ..._world import World
from . import authorization_routes, batch_routes, pages, receipt_routes, routes, v2_routes
from .authorization import CloseReason
from .authorizations import Authorizations
from .batches import Batches
from .permits import PermitEnd, Permits
from .transfers import Transfers
from .words import WORDS

_ROUTES = (
    *routes.ROUTES,
    *authorization_routes.ROUTES,
    *receipt_routes.ROUTES,
    *batch_routes.ROUTES,
    *v2_routes.ROUTES,
)


def attend(world: World) -> None:
    """See to it that what nobody confirms comes to an end."""
    Transfers(world).attend()
    Authorizations(world).attend()


_PARTS = Parts(
    routes=_ROUTES,
    words=WORDS,
    attend=attend,
    menu=pages.MENU,
    places=pages.PLACES,
    tones=pages.TONES,
)


class TransferFamily(Family, parts=_PARTS):
    """What a user does about transfers."""

    @action("transfers/{out_bill_no}/confirm")
    def confirm_transfer(self, out_bill_no: str) -> dict[str, Any]:
        """Let the user take the money of a transfer; the merchant is notified.

        An authorization that was asked for along with it is in effect then. Where the sandbox is
        another process, `POST sandbox/transfers/{out_bill_no}/confirm` does.

        Returns:
            The transfer, as a query answers it from now on.

        Raises:
            Refusal: There is no such transfer, or it does not wait for that any more.
        """
        return Transfers(self.world).confirm(out_bill_no).report(self.world.keys.mchid)

    @action("transfers/{out_bill_no}/fail")
    def fail_transfer(
        self, out_bill_no: str, fail_reason: str = "PAYEE_ACCOUNT_ABNORMAL"
    ) -> dict[str, Any]:
        """Let a transfer go wrong: the money is back, and the merchant is notified.

        Args:
            out_bill_no: The merchant's number.
            fail_reason: Why, such as `NAME_NOT_CORRECT`; there is no closed list, but one of many:
                https://pay.weixin.qq.com/doc/v3/merchant/4013774966 (2025-04-15).

        Returns:
            The transfer, as a query answers it from now on.

        Raises:
            Refusal: There is no such transfer, or it is over.
        """
        failed = Transfers(self.world).fail(out_bill_no, fail_reason)
        return failed.report(self.world.keys.mchid)

    @action("transfers/limit")
    def limit_transfers(self, most: int = 0) -> None:
        """Let the merchant transfer so much at once and no more, as is set in its console.

        Args:
            most: How much, in fen; 0 for any sum, as at the beginning.
        """
        Transfers(self.world).limit(most)

    @action("transfer-authorizations/{out_authorization_no}/confirm")
    def confirm_transfer_authorization(self, out_authorization_no: str) -> dict[str, Any]:
        """Let the user agree to transfers that need not be confirmed; the merchant is notified.

        Returns:
            The authorization, as a query answers it from now on.

        Raises:
            Refusal: There is no such authorization, or it does not wait for that any more.
        """
        return Authorizations(self.world).confirm(out_authorization_no).report()

    @action("transfer-authorizations/{out_authorization_no}/end")
    def end_transfer_authorization(
        self, out_authorization_no: str, close_reason: CloseReason = "USER_CLOSE"
    ) -> dict[str, Any]:
        """Let the user, or WeChat Pay, end such an authorization; the merchant is notified.

        Returns:
            The authorization, as a query answers it from now on.

        Raises:
            Refusal: There is no such authorization.
        """
        return Authorizations(self.world).close(out_authorization_no, close_reason).report()

    @action("transfer-permits/{sub_mchid}/answer")
    def answer_transfer_permit(self, sub_mchid: str, state: PermitEnd = "PASSED") -> dict[str, Any]:
        """Let a sub-merchant give, or refuse, its permission to transfer its money.

        Returns:
            What a query answers from now on.

        Raises:
            Refusal: Nobody waits for its answer.
        """
        permits = Permits(self.world)
        permits.answer(sub_mchid, state)
        return permits.of(sub_mchid)

    @action("old-transfers")
    def allow_old_transfers(self, allowed: bool = True) -> None:
        """Let the merchant have the old transfers (商家转账到零钱), or take them away.

        Only merchants who had them before 2025-01-15 still do: to everybody else batches, and
        transfers by APIv2, are `NO_AUTH`, and to the sandbox's merchant at the beginning.
        """
        Batches(self.world).allow(allowed)
