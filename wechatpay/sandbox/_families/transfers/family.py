"""Transfers, as a family of the sandbox's."""

from __future__ import annotations

from typing import Any

from ..._parts import Family, Parts, action
from ..._world import World
from . import pages, routes
from .transfers import Transfers
from .words import WORDS


def attend(world: World) -> None:
    """See to it that transfers which nobody confirms come to an end."""
    Transfers(world).attend()


_PARTS = Parts(
    routes=routes.ROUTES,
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

        Where the sandbox is another process, `POST sandbox/transfers/{out_bill_no}/confirm` does.

        Returns:
            The transfer, as a query answers it from now on.

        Raises:
            Refusal: There is no such transfer, or it does not wait for that any more.
        """
        return Transfers(self.world).confirm(out_bill_no).report(self.world.keys.mchid)
