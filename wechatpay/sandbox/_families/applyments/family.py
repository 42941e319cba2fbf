"""Applications of a partner's merchants, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Parts, action
from ..._world import World
from . import pages, routes
from .applications import Applications
from .words import WORDS


def attend(world: World) -> None:
    """See to it that an application ends that nobody goes on with."""
    Applications(world).attend()


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    attend=attend,
    menu=pages.MENU,
    places=pages.PLACES,
    tones=pages.TONES,
)


class ApplymentFamily(Family, parts=_PARTS):
    """What WeChat Pay's people and a new merchant do about its application."""

    @action("applications/{business_code}/step")
    def step_application(
        self, business_code: str, rejected: bool = False, field: str = "", reason: str = ""
    ) -> dict[str, Any]:
        """Let an application go on by one step, or reject it.

        Args:
            business_code: The partner's number for it.
            rejected: Whether something is wrong with it; or else it goes on: it is audited, its
                account is verified, it is signed, and what the merchant may do is set up.
            field: Which parameter is wrong.
            reason: Why.

        Returns:
            The application, as a query answers it from now on.

        Raises:
            Refusal: There is no such application, it is over, or cannot be rejected any more.
        """
        known = Applications(self.world)
        if rejected:
            return known.reject(business_code, field, reason).report("")
        return known.go_on(business_code).report("")
