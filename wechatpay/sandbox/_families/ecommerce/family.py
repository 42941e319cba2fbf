"""Platforms and their merchants, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Parts, action
from ..._world import World
from ..payments import LONGEST
from . import pages, refund_routes, routes, share_routes
from .applyment import Verdict
from .applyments import Applyments
from .words import WORDS


def attend(world: World) -> None:
    """See to it that orders of second-tier merchants can be paid as long as theirs can."""
    LONGEST.add(world, Applyments(world).longest)


_PARTS = Parts(
    routes=(*routes.ROUTES, *share_routes.ROUTES, *refund_routes.ROUTES),
    words=WORDS,
    attend=attend,
    menu=pages.MENU,
    places=pages.PLACES,
    tones=pages.TONES,
)


class EcommerceFamily(Family, parts=_PARTS):
    """What WeChat Pay's people and a new merchant do about its application."""

    @action("applyments/{out_request_no}/step")
    def step_applyment(
        self, out_request_no: str, verdict: Verdict = "", param_name: str = "", reason: str = ""
    ) -> dict[str, Any]:
        """Let an application go on by one step, or be rejected or frozen.

        Args:
            out_request_no: The platform's number for it.
            verdict: `REJECTED` or `FROZEN`; without one it goes on: it is checked, its account is
                verified, it is audited, or it is signed.
            param_name: Which parameter was wrong.
            reason: Why.

        Returns:
            The application, as a query answers it from now on.

        Raises:
            Refusal: There is no such application, or it is over.
        """
        known = Applyments(self.world)
        if verdict:
            return known.end(out_request_no, verdict, param_name, reason).report("")
        return known.go_on(out_request_no).report("")
