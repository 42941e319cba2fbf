"""Who may top up for a sub-merchant by scanning a code."""

from __future__ import annotations

from typing import Any

from ..._world import World
from . import words

_KIND = "recharge employee"


class Employees:
    """The employees of sub-merchants, by their openid."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def add(self, sub_mchid: str, sp_openid: str) -> dict[str, Any]:
        """Add an employee; adding one again changes nothing but the time."""
        return self._put(sub_mchid, sp_openid, "EFFECTIVE")

    def delete(self, sub_mchid: str, sp_openid: str) -> dict[str, Any]:
        """Forbid an employee to top up any more.

        Raises:
            Refusal: Nobody of that name was added.
        """
        if self._store.get(_KIND, f"{sub_mchid}/{sp_openid}") is None:
            raise words.NO_SUCH_EMPLOYEE(sp_openid)
        return self._put(sub_mchid, sp_openid, "DELETED")

    def of(self, sub_mchid: str) -> list[dict[str, Any]]:
        """Return all who were ever added."""
        return self._store.find(_KIND, sub_mchid=sub_mchid)

    def _put(self, sub_mchid: str, sp_openid: str, state: str) -> dict[str, Any]:
        key = f"{sub_mchid}/{sp_openid}"
        with self._store.transaction():
            now = self._world.clock.moment().isoformat()
            known = self._store.get(_KIND, key) or {"create_time": now}
            made = {"sub_mchid": sub_mchid, "sp_openid": sp_openid, "state": state}
            made |= {"create_time": known["create_time"], "update_time": now}
            self._store.put(_KIND, key, made, sub_mchid=sub_mchid)
            return made
