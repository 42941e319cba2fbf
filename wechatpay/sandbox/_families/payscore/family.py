"""Pay score, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Menu, PageRoute, Parts, Shown, Visit, action
from ..._world import World
from ..payments import CUSTOMER
from . import routes
from .permissions import Permissions
from .service_orders import ServiceOrders
from .services import Services
from .words import WORDS


def attend(world: World) -> None:
    """See to it that what is completed is collected."""
    ServiceOrders(world).attend()


def payscore(visit: Visit) -> Shown:
    """Show the service orders and the latest permissions, newest first."""
    listed = visit.list_page(ServiceOrders(visit.world).latest)
    permissions = Permissions(visit.world).latest()
    return Shown("payscore/payscore.html", {"listed": listed, "permissions": permissions})


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    attend=attend,
    menu=(Menu("money", "/page/payscore", "menu.payscore"),),
    places=(PageRoute("GET", "/page/payscore", payscore),),
    tones={
        "service": {
            "CREATED": "waiting",
            "USER_CONFIRM": "good",
            "MCH_COMPLETE": "waiting",
            "DONE": "good",
            "REVOKED": "over",
            "EXPIRED": "over",
        },
        "permission": {"UNBINDUSER": "waiting", "AVAILABLE": "good", "UNAVAILABLE": "over"},
    },
)


class PayscoreFamily(Family, parts=_PARTS):
    """What a user agrees to, and owes."""

    @action("permissions/{authorization_code}/agree")
    def authorize(
        self, authorization_code: str, openid: str = CUSTOMER, sub_openid: str = ""
    ) -> None:
        """Let a user agree to the merchant's pay-score service; the merchant is notified.

        Where the sandbox is another process, `POST sandbox/permissions/{authorization_code}/agree`
        does.

        Args:
            authorization_code: The merchant's number; under one that was never asked with,
                the user agrees to any service.
            openid: The user.
            sub_openid: The same user, as a partner's merchant knows them.

        Raises:
            Refusal: It is another user's, or the merchant asked for it more than an hour ago.
        """
        Permissions(self.world).agree(authorization_code, openid, sub_openid)

    @action("permissions/{authorization_code}/end")
    def end_authorization(self, authorization_code: str) -> None:
        """Let the user end what was agreed to with `authorize`; the merchant is notified.

        Raises:
            Refusal: There is no such authorization, or no user agreed to it.
        """
        Permissions(self.world).end(authorization_code)

    @action("service-orders/{out_order_no}/confirm", answers="query_id")
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

    @action("services")
    def allow_service(self, service_id: str) -> None:
        """Let the merchant use one more pay-score service; those in samples it may use already.

        Where the sandbox is another process, `POST sandbox/services` does.
        """
        Services(self.world).allow(service_id)

    @action("service-orders/late-cancellation")
    def allow_late_cancellation(self, allow: bool = True) -> None:
        """Say whether a pay-score order may be cancelled after it was completed.

        Official sources contradict each other: pages of 2025 allow it until money is being taken,
        the manual of 2026-04 refuses, as live replies do, and so does the sandbox at the start.
        Where it is another process, `POST sandbox/service-orders/late-cancellation` does.
        """
        Services(self.world).arrange(late_cancellation=allow)

    @action("service-orders/{out_order_no}/pay")
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
