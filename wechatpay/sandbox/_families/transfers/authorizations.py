"""The authorizations of a world: asked for, agreed to, closed, and told to the merchant.

An authorization that was closed because nobody agreed can be asked for 30 days more. Of a user and
a scene only one is in effect: https://pay.weixin.qq.com/doc/v3/partner/4015468873 (2026-08-05) and
https://pay.weixin.qq.com/doc/v3/merchant/4015653811 (2025-07-23). What the merchant is told:
https://pay.weixin.qq.com/doc/v3/merchant/4014512908 (2025-05-19).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..._time import Appointment, Event
from ..._world import World
from ..payments import identity
from . import words
from .authorization import Authorization

PATIENCE = 24 * 3600
"""Seconds that a user has to agree."""
_KEPT = 30 * 86400
_KIND, _LAPSES, _OVERDUE = "authorization", "authorization lapses", "USER_OVERDUE_UNCONFIRMED"


class Authorizations:
    """The authorizations, by the merchant's number."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def attend(self) -> None:
        """See to it that authorizations to which nobody agrees are closed."""
        self._world.agenda.do(_LAPSES, self._lapse)

    def ask(self, asked: Mapping[str, Any], *, lapses: bool = True) -> Authorization:
        """Ask a user to agree; with the same parameters again, it is the same authorization.

        Args:
            asked: The parameters.
            lapses: Whether it lapses by itself, and not with a transfer.

        Raises:
            Refusal: The number is taken, or the user has agreed to such a thing already.
        """
        number: str = asked["out_authorization_no"]
        with self._store.transaction():
            if known := self._get(number):
                if known.asked != dict(asked):
                    raise words.AUTHORIZATION_DIFFERS(number)
                return known
            now = self._world.clock.moment().isoformat()
            identity.check_elsewhere(self._world, asked)
            made = Authorization(dict(asked), secrets.token_urlsafe(48), now)
            self._refuse_another(made)
            if lapses:
                end = self._world.clock() + PATIENCE
                self._world.agenda.at(end, _LAPSES, out_authorization_no=number)
            return self._put(made)

    def find(self, number: str) -> Authorization:
        """Find an authorization by the merchant's number.

        Raises:
            Refusal: There is none, or nobody agreed to it long ago.
        """
        found = self._get(number)
        if found is None or self._is_forgotten(found):
            raise words.NO_SUCH_AUTHORIZATION(number)
        return found

    def effective(self, asked: Mapping[str, Any]) -> Authorization:
        """Find the authorization that a transfer names.

        Raises:
            Refusal: It names none, or one that is not in effect.
        """
        found = self._named(asked)
        if found is None or found.state != "TAKING_EFFECT":
            raise words.NOT_AUTHORIZED("")
        return found

    def latest(self, limit: int = 20, skip: int = 0) -> list[Authorization]:
        """Return a page of all authorizations, newest first."""
        found = self._store.latest(_KIND, limit=limit, skip=skip)
        return [Authorization(**each) for each in found]

    def confirm(self, number: str) -> Authorization:
        """Let the user agree; the merchant is notified.

        Raises:
            Refusal: There is none, it does not wait for that, or the user has agreed to another.
        """
        with self._store.transaction():
            id_ = self._world.number("66", _KIND, 12)
            made = self.find(number).agree(id_, self._world.clock.moment())
            self._refuse_another(made)
            return self._tell(self._put(made), "CONFIRMED")

    def close(self, number: str, reason: str) -> Authorization:
        """Close an authorization; the merchant is notified. One that is closed stays as it is.

        Raises:
            Refusal: There is none.
        """
        with self._store.transaction():
            found = self.find(number)
            if found.state == "CLOSED":
                return found
            made = found.close(reason, self._world.clock.moment())
            return self._tell(self._put(made), "CLOSED")

    def lapse(self, number: str) -> None:
        """Close an authorization, unless the user has agreed."""
        if (found := self._get(number)) and found.state == "WAIT_USER_CONFIRM":
            self.close(number, _OVERDUE)

    def _refuse_another(self, made: Authorization) -> None:
        """Check that of this user and this scene none is in effect.

        Raises:
            Refusal: One is.
        """
        if self._store.count(_KIND, effective=f"{made.openid}/{made.scene}"):
            raise words.TOO_MANY_AUTHORIZATIONS(made.openid)

    def _lapse(self, appointment: Appointment) -> None:
        self.lapse(appointment.payload["out_authorization_no"])

    def _named(self, asked: Mapping[str, Any]) -> Authorization | None:
        if id_ := asked.get("authorization_id"):
            found = self._store.find(_KIND, authorization_id=id_)
            return Authorization(**found[0]) if found else None
        return self._get(asked.get("out_authorization_no", ""))

    def _is_forgotten(self, found: Authorization) -> bool:
        if found.close_reason != _OVERDUE:
            return False
        closed = datetime.fromisoformat(found.close_time)
        return (self._world.clock.moment() - closed).total_seconds() > _KEPT

    def _tell(self, made: Authorization, what: str) -> Authorization:
        if made.url:
            left_out = ("create_time", "transfer_scene_id", "user_recv_perception")
            told = {name: it for name, it in made.report().items() if name not in left_out}
            if what == "CONFIRMED":
                told["mchid"] = self._world.keys.mchid
            name = f"MCHTRANSFER.AUTHORIZATION.{what}"
            said = words.AUTHORIZATION_NOTICE.zh
            self._world.tell(Event(name, "mch_payment", said, told, made.url))
        return made

    def _get(self, number: str) -> Authorization | None:
        found = self._store.get(_KIND, number)
        return Authorization(**found) if found else None

    def _put(self, made: Authorization) -> Authorization:
        effective = f"{made.openid}/{made.scene}" if made.state == "TAKING_EFFECT" else ""
        self._store.put(
            _KIND,
            made.number,
            vars(made),
            authorization_id=made.authorization_id,
            effective=effective,
        )
        return made
