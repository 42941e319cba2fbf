"""Sub-merchants' permission that a partner or a platform transfers their money.

    INVITED → PASSED, REJECTED      the sub-merchant of a partner answers

A platform shows what its sub-merchant has signed elsewhere, and has the permission at once: that is
the sandbox's own rule. Without a permission nothing is refused here, for no page says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..._world import World
from . import words

PermitEnd = Literal["PASSED", "REJECTED"]
_PERMIT, _AGREEMENT = "transfer permit", "transfer agreement"


class Permits:
    """The permissions, by sub-merchant."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def invite(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Ask a sub-merchant of a partner; while it has not answered, to ask again is the same."""
        with self._store.transaction():
            mchid: str = asked["sub_mchid"]
            known = self._store.get(_PERMIT, mchid)
            if known and known["state"] == "INVITED":
                return known
            now = self._world.clock.moment().isoformat()
            made = {**asked, "state": "INVITED", "accept_time": now, "update_time": now}
            self._store.put(_PERMIT, mchid, made)
            return made

    def answer(self, sub_mchid: str, state: PermitEnd) -> dict[str, Any]:
        """Let the sub-merchant answer.

        Raises:
            Refusal: Nobody has asked it.
        """
        with self._store.transaction():
            found = self._store.get(_PERMIT, sub_mchid)
            if found is None or found["state"] != "INVITED":
                raise words.NOT_INVITED(sub_mchid)
            now = self._world.clock.moment().isoformat()
            found |= {"state": state, "update_time": now}
            self._store.put(_PERMIT, sub_mchid, found)
            return found

    def of(self, sub_mchid: str) -> dict[str, Any]:
        """Tell whether a partner has the permission."""
        found = self._store.get(_PERMIT, sub_mchid)
        if found is None:
            return {"sub_mchid": sub_mchid, "state": "UNAUTHORIZED"}
        agreed = found["state"] == "PASSED"
        time = {"authorization_time": found["update_time"]} if agreed else {}
        state = "AUTHORIZED" if agreed else "UNAUTHORIZED"
        return {"sub_mchid": sub_mchid, "state": state, "apply_order": found, **time}

    def latest(self) -> list[dict[str, Any]]:
        """Return those who were asked last, newest first."""
        return self._store.latest(_PERMIT)

    def sign(self, sub_mchid: str) -> dict[str, Any]:
        """Take a platform's word that its sub-merchant has signed."""
        now = self._world.clock.moment().isoformat()
        made = {"sub_mchid": sub_mchid, "authorization_state": "AUTHORIZED"}
        made |= {"accept_time": now, "authorize_time": now}
        self._store.put(_AGREEMENT, sub_mchid, made)
        return made

    def signed(self, sub_mchid: str) -> dict[str, Any]:
        """Tell whether a platform has the permission."""
        found = self._store.get(_AGREEMENT, sub_mchid)
        if found is None:
            return {"sub_mchid": sub_mchid, "authorization_state": "UNAUTHORIZED"}
        return {name: found[name] for name in found if name != "accept_time"}
