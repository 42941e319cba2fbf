"""The permissions of a world: asked for, agreed to, ended, and told to the merchant."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from ..._time import Event
from ..._world import World
from ..payments import CUSTOMER, identity
from . import words
from .permission import TOKEN_LIFE, Permission, service
from .services import Services

SAMPLE_AUTHORIZATION = "1234323JKHDFE1243252"
"""The authorization code of the documentation's samples: a user agreed to it from the start."""

_KIND = "permission"
_SUMMARIES = {"USER_OPEN_SERVICE": words.OPENED, "USER_CLOSE_SERVICE": words.CLOSED}


class Permissions:
    """The permissions, by the merchant's codes and by their users.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def ask(self, asked: Mapping[str, Any]) -> Permission:
        """Ask for a user's permission; with the same parameters again, it is the same.

        The user has an hour to agree, each time they are asked. What they agreed to without being
        asked is forgotten when the merchant asks with that code.

        Raises:
            Refusal: The code is taken by other parameters, or the appid is not the merchant's.
        """
        code: str = asked["authorization_code"]
        with self._store.transaction():
            known = self._get(code)
            if known is None or not known.asked:
                Services(self._world).refuse_unless_allowed(asked)
                identity.check_elsewhere(self._world, asked)
                known = Permission(code, dict(asked))
            elif known.asked != dict(asked):
                raise words.PERMISSION_DIFFERS(code)
            until = self._world.clock() + TOKEN_LIFE
            return self._put(replace(known, token=secrets.token_urlsafe(64), token_until=until))

    def find(self, code: str, parameters: Mapping[str, Any]) -> Permission:
        """Find a permission by its code, for the service that a call's parameters name.

        Raises:
            Refusal: There is none.
        """
        permission = self._get(code)
        if permission is None or not permission.covers(service(parameters)):
            raise words.NO_SUCH_PERMISSION(code)
        return permission

    def find_user(self, parameters: Mapping[str, Any]) -> Permission | None:
        """Find the permission that a user gave for the service that a call's parameters name.

        Of several, the latest counts, and one that the user did not end counts more.

        Raises:
            Refusal: The parameters name no user.
        """
        openid, sub_openid = parameters.get("openid", ""), parameters.get("sub_openid", "")
        if not (openid or sub_openid):
            raise words.NO_USER("")
        lookup = {"sub_openid": sub_openid} if sub_openid else {"openid": openid}
        found = [Permission(**each) for each in self._store.find(_KIND, **lookup)]
        held = [each for each in found if each.covers(service(parameters))]
        held.sort(key=lambda each: (each.state == "AVAILABLE", each.opened))
        return held[-1] if held else None

    def refuse_unless_given(self, parameters: Mapping[str, Any]) -> None:
        """Check that a user permits the service that a call's parameters name with them.

        Raises:
            Refusal: The user does not, or the parameters name no user.
        """
        permission = self.find_user(parameters)
        if permission is None or permission.state != "AVAILABLE":
            raise words.NOT_PERMITTED("")

    def agree(self, code: str, openid: str = CUSTOMER, sub_openid: str = "") -> Permission:
        """Let a user agree; the merchant is notified if it said where.

        Raises:
            Refusal: The code is another user's, or the merchant asked too long ago.
        """
        with self._store.transaction():
            before = self._get(code) or Permission(code)
            clock = self._world.clock
            agreed = before.agree(openid, sub_openid, clock(), clock.moment())
            return self._tell(before, self._put(agreed))

    def end(self, code: str) -> Permission:
        """Let the user end it; the merchant is notified if it said where.

        Raises:
            Refusal: There is none, or no user agreed to it.
        """
        with self._store.transaction():
            permission = self._get(code)
            if permission is None:
                raise words.NO_SUCH_PERMISSION(code)
            return self._end(permission, "")

    def terminate(self, code: str, parameters: Mapping[str, Any]) -> Permission:
        """End a permission for the merchant, by its code; to end it again changes nothing.

        Whether the merchant is notified of what it did itself is not documented: here it is.

        Raises:
            Refusal: There is none, or no user agreed to it.
        """
        with self._store.transaction():
            return self._end(self.find(code, parameters), parameters["reason"])

    def terminate_user(self, parameters: Mapping[str, Any]) -> Permission:
        """End a permission for the merchant, by its user; to end it again changes nothing.

        Raises:
            Refusal: The user never gave one, or the parameters name no user.
        """
        with self._store.transaction():
            permission = self.find_user(parameters)
            if permission is None:
                raise words.NO_PERMISSION_OF_USER()
            return self._end(permission, parameters["reason"])

    def latest(self, limit: int = 20, skip: int = 0) -> list[Permission]:
        """Return a page of all permissions, newest first."""
        return [Permission(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def _end(self, before: Permission, reason: str) -> Permission:
        return self._tell(before, self._put(before.end(reason, self._world.clock.moment())))

    def _tell(self, before: Permission, after: Permission) -> Permission:
        if after.state != before.state and (url := after.asked.get("notify_url")):
            notice = after.notice(self._world.keys.mchid)
            status = notice["user_service_status"]
            event = Event(f"PAYSCORE.{status}", "payscore", _SUMMARIES[status].zh, notice, url)
            self._world.tell(event)
        return after

    def _get(self, code: str) -> Permission | None:
        if found := self._store.get(_KIND, code):
            return Permission(**found)
        if code == SAMPLE_AUTHORIZATION:
            return Permission(code, state="AVAILABLE", openid=CUSTOMER)
        return None

    def _put(self, permission: Permission) -> Permission:
        user = {"openid": permission.openid, "sub_openid": permission.sub_openid}
        self._store.put(_KIND, permission.authorization_code, asdict(permission), **user)
        return permission
