"""The customer's side: what a user does in WeChat, and a merchant has no call for."""

from __future__ import annotations

from typing import Any

from ._families.complaints import Complaints
from ._families.payments import Orders
from ._families.payments.order import CUSTOMER
from ._families.payscore import Permissions, ServiceOrders
from ._families.refunds import Refunds, RefundState
from ._families.transfers.transfers import Transfers
from ._world import World


class Customer:
    """A user of WeChat, who pays, gives up, and takes what is his.

    Attributes:
        world: What the sandbox remembers.
    """

    world: World

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

    def fail(self, out_trade_no: str) -> None:
        """Let the payment of an order fail, or the customer give up; nobody is notified of that.

        An order paid with a payment code, whose customer is asked for his password, is `PAYERROR`
        then; any other stays `NOTPAY`, for the customer may try again.

        Raises:
            Refusal: There is no such order, or it does not wait to be paid.
        """
        Orders(self.world).fail(out_trade_no)

    def end_refund(self, out_refund_no: str, status: RefundState = "SUCCESS") -> dict[str, Any]:
        """Let a refund end that is under way, because its `reason` is the word `PROCESSING`.

        Returns:
            The refund, as a query answers it from now on.

        Raises:
            Refusal: There is no such refund, or it has ended.
        """
        return Refunds(self.world).end(out_refund_no, status).answer()

    def confirm_transfer(self, out_bill_no: str) -> dict[str, Any]:
        """Let the user take the money of a transfer; the merchant is notified.

        Where the sandbox is another process, `POST sandbox/transfers/{out_bill_no}/confirm` does.

        Returns:
            The transfer, as a query answers it from now on.

        Raises:
            Refusal: There is no such transfer, or it does not wait for that any more.
        """
        return Transfers(self.world).confirm(out_bill_no).report(self.world.keys.mchid)

    def authorize(
        self, authorization_code: str, openid: str = CUSTOMER, sub_openid: str = ""
    ) -> None:
        """Let a user agree to the merchant's pay-score service; the merchant is notified.

        Where the sandbox is another process, `POST sandbox/permissions/{authorization_code}/agree`
        does.

        Args:
            authorization_code: The merchant's number; under one that he never asked with, the user
                agrees to any service.
            openid: The user.
            sub_openid: The same user, as a partner's merchant knows him.

        Raises:
            Refusal: It is another user's, or the merchant asked for it more than an hour ago.
        """
        Permissions(self.world).agree(authorization_code, openid, sub_openid)

    def end_authorization(self, authorization_code: str) -> None:
        """Let the user end what he agreed to with `authorize`; the merchant is notified.

        Raises:
            Refusal: There is no such authorization, or no user agreed to it.
        """
        Permissions(self.world).end(authorization_code)

    def confirm_service_order(self, out_order_no: str, openid: str = CUSTOMER) -> str:
        """Let a user confirm a pay-score order; the merchant is notified.

        Where the sandbox is another process, `POST sandbox/service-orders/{out_order_no}/confirm`
        does.

        Returns:
            The `query_id` that the user's WeChat gives the merchant's page.

        Raises:
            Refusal: There is no such order, or it does not wait for that.
        """
        return ServiceOrders(self.world).confirm(out_order_no, openid).query_id

    def pay_service_order(self, out_order_no: str) -> dict[str, Any]:
        """Let the user pay what a pay-score order was completed with; the merchant is notified.

        WeChat Pay collects it by itself an hour later: `advance` the clock. Where the sandbox is
        another process, `POST sandbox/service-orders/{out_order_no}/pay` does.

        Returns:
            The order, with all there is to tell.

        Raises:
            Refusal: There is no such order, or nothing of it waits to be paid.
        """
        return ServiceOrders(self.world).pay(out_order_no).report(self.world.keys.mchid)

    def complain(
        self, out_trade_no: str, text: str, *, refund: bool = False, sub_mchid: str = ""
    ) -> str:
        """Let the customer complain about an order that was paid, or again about the same one.

        The merchant is notified if he said where, at `v3/merchant-service/complaint-notifications`.
        Where the sandbox is another process, `POST sandbox/complaints/{out_trade_no}` does, with
        `text`, and with `refund` and `sub_mchid` if need be.

        Args:
            out_trade_no: The merchant's number for the order.
            text: What the customer says.
            refund: Whether he wants back what the merchant kept of his money.
            sub_mchid: The partner's merchant who was paid, if it was not the merchant himself.

        Returns:
            The `complaint_id`.

        Raises:
            Refusal: There is no such order, or it was never paid.
        """
        merchant = sub_mchid or self.world.keys.mchid
        made = Complaints(self.world).make(merchant, out_trade_no, text, refund=refund)
        return made.complaint_id
