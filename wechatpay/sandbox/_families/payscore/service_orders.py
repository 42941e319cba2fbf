"""The service orders of a world: created, confirmed, completed, paid, and told to the merchant."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..._base import BEIJING, Text
from ..._time import Appointment, Event
from ..._world import World
from ..payments import CUSTOMER, Orders, identity
from . import words
from .permissions import Permissions
from .service_order import LIFE, ServiceOrder, refuse_unless_in_order
from .services import Services

_SAMPLE_START = "20091225091010"
"""When the service of the documentation's samples begins, which is long ago: it is let through."""
_SLACK = 300
"""Seconds that a request may take, and a merchant's clock may be off."""
DEBIT = 3600
"""Seconds until WeChat Pay collects by itself what an order was completed with."""

_KIND = "service order"
_DEBIT = "service order is collected"


class ServiceOrders:
    """The service orders, by the merchant's numbers and by WeChat Pay's.

    An order is read as it is by now: one that nobody confirmed in time is expired.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def attend(self) -> None:
        """See to it that what is completed is collected.

        WeChat Pay does so "at a certain frequency" until it succeeds; here it does, after an hour.
        """
        self._world.agenda.do(_DEBIT, self._debit)

    def create(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Create an order; with the same parameters again, it is the same order.

        Where the user need not confirm it, they have to have permitted the service.

        Raises:
            Refusal: The number is taken by other parameters, the user did not permit it, or the
                appid or openid is another's.
        """
        world = self._world
        with self._store.transaction():
            known = self._read(_key(asked))
            if known:
                if known.asked != dict(asked):
                    raise words.ORDER_DIFFERS(known.number)
                return known
            Services(world).refuse_unless_allowed(asked)
            identity.check_elsewhere(world, asked)
            _refuse_if_started(asked, min(world.clock(), world.clock.wall()))
            refuse_unless_in_order(asked["time_range"])
            number = world.number("1000", _KIND, 10)
            package = secrets.token_urlsafe(96)
            order = ServiceOrder(dict(asked), number, package, world.clock() + LIFE)
            if not asked.get("need_user_confirm", True):
                Permissions(world).refuse_unless_given(asked)
                user = asked.get("openid", ""), asked.get("sub_openid", "")
                order = order.confirm(*user, _query_id())
            return self._write(order)

    def find(self, parameters: Mapping[str, Any]) -> ServiceOrder:
        """Find the order that a call's parameters name, by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        order = self._read(_key(parameters))
        if order is None or not order.is_about(parameters):
            raise words.NO_SUCH_ORDER(parameters["out_order_no"], at="out_order_no")
        return order

    def find_query(self, parameters: Mapping[str, Any]) -> ServiceOrder:
        """Find the order that a call's parameters name, by either number.

        Raises:
            Refusal: There is none, or not one of the numbers is given.
        """
        if ("out_order_no" in parameters) == ("query_id" in parameters):
            raise words.ONE_NUMBER_OF_TWO("")
        if "out_order_no" in parameters:
            return self.find(parameters)
        query_id: str = parameters["query_id"]
        found = [self._load(each) for each in self._store.find(_KIND, query_id=query_id)]
        merchant = parameters.get("sub_mchid", "")
        for order in found:
            if order.merchant == merchant and order.is_about(parameters):
                return order
        raise words.NO_SUCH_ORDER(query_id, at="query_id")

    def find_paid(self, transaction_id: str) -> ServiceOrder | None:
        """Find the order that was paid with a transaction; `None` if it was of the usual kind."""
        found = self._store.find(_KIND, transaction_id=transaction_id)
        return self._load(found[0]) if found else None

    def latest(self, limit: int = 20, skip: int = 0) -> list[ServiceOrder]:
        """Return a page of all service orders, newest first."""
        return [self._load(each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def confirm(self, number: str, openid: str = CUSTOMER, sub_openid: str = "") -> ServiceOrder:
        """Let a user confirm an order; the merchant is notified.

        Raises:
            Refusal: There is no such order, or it does not wait for that.
        """
        with self._store.transaction():
            order = self._write(self._named(number).confirm(openid, sub_openid, _query_id()))
            return self._tell(order, "PAYSCORE.USER_CONFIRM", words.CONFIRMED)

    def complete(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Say that the service has ended, and what it costs.

        Raises:
            Refusal: As `ServiceOrder.complete`, or there is no such order.
        """
        with self._store.transaction():
            before = self.find(asked)
            order = self._write(before.complete(_without_number(asked)))
            if before.stage != order.stage == "MCH_COMPLETE":
                moment = self._world.clock() + DEBIT
                self._world.agenda.at(moment, _DEBIT, key=_key(order.asked))
            return order

    def modify(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Lower what is to be collected.

        Raises:
            Refusal: As `ServiceOrder.modify`, or there is no such order.
        """
        return self._change(asked, lambda order: order.modify(_without_number(asked)))

    def cancel(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Cancel an order.

        Raises:
            Refusal: As `ServiceOrder.cancel`, or there is no such order.
        """
        late = Services(self._world).late_cancellation
        return self._change(asked, lambda order: order.cancel(_without_number(asked), late=late))

    def sync(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Say that an order was paid elsewhere; the same again changes nothing.

        Raises:
            Refusal: Nothing waits to be collected, or there is no such order.
        """
        payment = {"paid_type": "MCH", "paid_time": asked["detail"]["paid_time"]}
        return self._change(
            asked, lambda order: order if order.payment == payment else order.pay(payment)
        )

    def collect(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Collect for the merchant what is due; that it succeeds at once is the sandbox's own rule.

        Raises:
            Refusal: Nothing waits to be collected, or there is no such order.
        """
        with self._store.transaction():
            return self._collect(self.find(asked))

    def pay(self, number: str) -> ServiceOrder:
        """Let the user pay what is due; the merchant is notified.

        Raises:
            Refusal: Nothing waits to be collected, or there is no such order.
        """
        with self._store.transaction():
            return self._collect(self._named(number), by_user=True)

    def _debit(self, appointment: Appointment) -> None:
        with self._store.transaction():
            order = self._read(appointment.payload["key"])
            if order and order.stage == "MCH_COMPLETE":
                self._collect(order)

    def _collect(self, order: ServiceOrder, *, by_user: bool = False) -> ServiceOrder:
        """Take the money: an order of the usual kind, which is in the bills and can be refunded.

        What WeChat Pay takes by itself is `AUTH` there, and named by both numbers in what the
        merchant attached; what the user pays is `JSAPI`, under the merchant's number.
        """
        order.refuse_unless_collectable()
        placed, orders = self._placed(order), Orders(self._world)
        if by_user and orders.get(order.merchant or placed_by(placed), order.number) is None:
            paid = orders.collect({**placed, "out_trade_no": order.number}, "JSAPI")
        else:
            attach = f"wxzff|{order.order_id}|{order.number}"
            paid = orders.collect({**placed, "attach": attach}, "AUTH")
        payment = {
            "paid_type": "NEWTON",
            "paid_time": f"{self._world.clock.moment():%Y%m%d%H%M%S}",
            "transaction_id": paid.transaction_id,
            "out_trade_no": paid.number,
        }
        return self._tell(self._write(order.pay(payment)), "PAYSCORE.USER_PAID", words.PAID)

    def _placed(self, order: ServiceOrder) -> dict[str, Any]:
        """The parameters of the order that the money comes by; its number is WeChat Pay's."""
        asked, mchid = order.asked, self._world.keys.mchid
        sharing = bool(order.completion.get("profit_sharing"))
        users: dict[str, str] = {"openid": order.openid}
        identity: dict[str, str] = {"appid": asked["appid"], "mchid": mchid}
        if order.merchant:
            users = {"sp_openid": order.openid, "sub_openid": order.sub_openid}
            named = {name: asked[name] for name in ("sub_mchid", "sub_appid") if name in asked}
            identity = {"sp_appid": asked["appid"], "sp_mchid": mchid, **named}
        return {
            **identity,
            "out_trade_no": f"PAYSCORE{order.order_id}",
            "description": asked["service_introduction"],
            "amount": {"total": order.total, "currency": "CNY"},
            "payer": {name: value for name, value in users.items() if value},
            "settle_info": {"profit_sharing": sharing},
        }

    def _tell(self, order: ServiceOrder, event_type: str, summary: Text) -> ServiceOrder:
        notice = order.notice(self._world.keys.mchid)
        event = Event(event_type, "payscore", summary.zh, notice, order.asked["notify_url"])
        self._world.tell(event)
        return order

    def _change(
        self, asked: Mapping[str, Any], step: Callable[[ServiceOrder], ServiceOrder]
    ) -> ServiceOrder:
        with self._store.transaction():
            return self._write(step(self.find(asked)))

    def _named(self, number: str) -> ServiceOrder:
        """The order that a user means by a number; the first of several merchants'."""
        found = self._store.find(_KIND, out_order_no=number)
        if not found:
            raise words.NO_SUCH_ORDER(number, at="out_order_no")
        return self._load(found[0])

    def _read(self, key: str) -> ServiceOrder | None:
        found = self._store.get(_KIND, key)
        return self._load(found) if found else None

    def _load(self, document: dict[str, Any]) -> ServiceOrder:
        return ServiceOrder(**document).lapse(self._world.clock())

    def _write(self, order: ServiceOrder) -> ServiceOrder:
        self._store.put(
            _KIND,
            _key(order.asked),
            asdict(order),
            out_order_no=order.number,
            query_id=order.query_id,
            transaction_id=order.payment.get("transaction_id"),
        )
        return order


def placed_by(placed: Mapping[str, Any]) -> str:
    """Return whose order it is that money comes by."""
    merchant: str = placed.get("sub_mchid") or placed["mchid"]
    return merchant


def _refuse_if_started(asked: Mapping[str, Any], now: float) -> None:
    """Check that a service does not begin in the past, to the day or to the second as it is told.

    Raises:
        Refusal: It does.
    """
    start: str = asked["time_range"].get("start_time", "")
    if not start.isdigit() or start == _SAMPLE_START:
        return
    form = "%Y%m%d%H%M%S" if len(start) == len(_SAMPLE_START) else "%Y%m%d"
    moment = datetime.fromtimestamp(now - _SLACK, BEIJING)
    if start < f"{moment:{form}}":
        raise words.ALREADY_STARTED(start)


def _key(parameters: Mapping[str, Any]) -> str:
    return f"{parameters.get('sub_mchid', '')}/{parameters['out_order_no']}"


def _without_number(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "out_order_no"}


def _query_id() -> str:
    return secrets.token_hex(16)
