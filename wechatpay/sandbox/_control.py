"""How a sandbox is controlled, in this process or another: clock, keys, faults, notifications."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ._base import Mode, PrivateFolder
from ._families import Families
from ._front import (
    Exchange,
    Fault,
    FaultRule,
    Faults,
    Gateway,
    NotificationWriter,
    RefusalKind,
    probe_of,
    triggered,
)
from ._front import Kind as FaultKind
from ._parts import PAGE, SELF, Parts, action
from ._time import Delivery, Function, HeldNotification, Notifier, shop, wall
from ._world import World

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:.]*")
"""A name, an IPv4 address, or an IPv6 address."""
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_WAIT = 30.0
_SHOWN = 100
_PLACEHOLDER = re.compile(r"\{[^/{}]*\}")


def _span(text: str) -> float:
    """Return the seconds that a text such as `2h` means.

    Raises:
        ValueError: It means none.
    """
    found = _SPAN.fullmatch(text.strip().removeprefix("+"))
    if found is None:
        raise ValueError("write how far as 90s, 15m, 2h or 1d")
    return float(found[1]) * _UNITS[found[2]]


def _fault(fault: Fault) -> dict[str, Any]:
    return {"number": fault.number, "rule": str(fault.rule), "struck": fault.struck}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "id": delivery.id,
        "event_type": delivery.event.event_type,
        "url": delivery.event.url,
        "state": delivery.state,
        "attempts": len(delivery.attempts),
        "status": last.status if last else None,
    }


def _deliveries(deliveries: list[Delivery]) -> list[dict[str, Any]]:
    return [_delivery(each) for each in deliveries[-_SHOWN:]]


def _held(notifications: list[HeldNotification]) -> list[dict[str, Any]]:
    return [each.dump() for each in notifications]


class Control(Families, parts=Parts()):
    """A WeChat Pay in this process, without its fronts.

    What it can be told by a method, it can be told by a signed request as well: see `action`.

    Args:
        mode: Which of WeChat Pay's keys are in use.
        mchid: The merchant.
        clock: The real time in seconds since 1970.
        state: The file in which everything is remembered; `None` for memory.
        history: How many exchanges, and how many notifications, are kept.
        allow_hosts: Hosts that notifications are sent to beside this machine.
        home: Where keys are kept if there is no such file.
        new_keys: Whether keys that are remembered are replaced by new ones.
        sm: Whether the keys are of 国密.

    Attributes:
        world: What it remembers, and its clock.
        gateway: The sandbox without its fronts.
    """

    def __init__(
        self,
        *,
        mode: Mode = "public-key",
        mchid: str = "1900000109",
        clock: Callable[[], float] = wall,
        state: str | Path | None = None,
        history: int = 1000,
        allow_hosts: Collection[str] = (),
        home: PrivateFolder | None = None,
        new_keys: bool = False,
        sm: bool = False,
    ) -> None:
        self.world: World = World.open(
            mchid, state=state, source=clock, home=home, new_keys=new_keys, sm=sm
        )
        self.gateway: Gateway = Gateway(self.world, mode=mode, history=history, families=type(self))
        world = self.world
        self._notifier = Notifier(
            world.store, world.clock, world.agenda, NotificationWriter(world), history
        )
        self._notifier.courier.allowed = frozenset(map(_host, allow_hosts))
        world.events.listen(self._notifier.post)
        SELF.add(world, self)
        PAGE.add(world, lambda: self.gateway.page_url)

    @property
    def mode(self) -> Mode:
        """Which of WeChat Pay's keys are in use; may be set while the sandbox is in use."""
        return self.world.keys.mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self.world.keys.switch(mode)

    @action("status", method="GET")
    def status(self) -> dict[str, Any]:
        """Tell the sandbox's time, which keys are in use, and which faults are set.

        Where it is another process, a call of `GET sandbox/status` does the same.
        """
        clock = self.world.clock
        return {
            "time": clock.moment().isoformat(),
            "ahead": round(clock.ahead),
            "mode": self.mode,
            "probes": self.probe_rate,
            "faults": [_fault(each) for each in self.faults],
        }

    @action("certificates/rotate", answers="serial_no")
    def rotate(self) -> str:
        """Have WeChat Pay sign with a new platform certificate, and return its serial number.

        The last one stays in the list, and may be named in `Wechatpay-Serial`, for a day by the
        sandbox's clock.
        """
        return self.world.rotate().serial

    @property
    def faults(self) -> Faults:
        """What goes wrong on demand: iterate over it, `add` rules to it, `clear` it."""
        return self.gateway.faults

    def fault(self, method: str, path: str, kind: FaultKind, **options: Any) -> Fault:
        """Have requests fail, from now on; what happened so far is in `struck` of what is returned.

            sandbox.fault("post", "v3/pay/transactions/**", "reset-after", times=1)

        Args:
            method: A verb, or `*`.
            path: A pattern: `*` is any part of a segment, `**` any number of segments.
            kind: What happens; `FAULTS` tells what each kind is.
            options: `times`, `probability`, `seed`, `seconds`, `header`: see `FaultRule`.

        Raises:
            ValueError: One of them cannot be.
        """
        return self.faults.add(FaultRule(method, path, kind, **options))

    @action("faults", shows=_fault)
    def add_fault(self, rule: str) -> Fault:
        """Have requests fail, by a rule as text, such as `post v3/pay/** reset-after times=1`.

        Where the sandbox is another process, `POST sandbox/faults` does.

        Args:
            rule: A verb (or `*`), a path, a kind, and `name=value` pairs: see `FaultRule.parse`.

        Raises:
            ValueError: It is not a rule.
        """
        return self.faults.add(FaultRule.parse(rule))

    @action("faults/clear")
    def clear_faults(self, which: int | None = None) -> None:
        """End all faults, or the one of a number, as `status` tells it."""
        self.faults.clear(which)

    @action("refusals", shows=_fault)
    def refuse(
        self,
        verb: str,
        path: str,
        code: str,
        *,
        times: int | None = None,
        after: bool = False,
    ) -> Fault:
        """Have an endpoint refuse what is right, with a code that it documents; see `fault`.

            sandbox.refuse("post", "v3/fund-app/**", "NOT_ENOUGH", times=1)

        Status and words are the documented ones. A wrong request is refused as ever.

        Args:
            verb: A verb, or `*`.
            path: A path as for `fault`, or a template with placeholders in braces.
            code: The code. Where it is not known which codes an endpoint has, any that others have.
            times: How often; `None` for ever.
            after: Whether the request takes effect all the same.

        Raises:
            ValueError: The code is not documented there; the message tells which ones are.
        """
        pattern = _PLACEHOLDER.sub("*", path)
        kind: RefusalKind = "refusal-after" if after else "refusal"
        return self.faults.add(FaultRule(verb, pattern, kind, times=times, code=code))

    @action("trigger", shows=_delivery)
    def trigger(self, event_type: str, **fields: Any) -> Delivery:
        """Send any notification of the catalogue in its documented shape, and return it.

            sandbox.trigger("TRANSACTION.SUCCESS", out_trade_no="1217752501201")

        Nothing has led to it, and nothing comes of it but what the shop does. It goes to where the
        last notification went, or else to a shop that is mounted. If it cannot be sent, it is only
        returned: its `headers` and `body` are what a shop's handler takes. It blocks as `settle`.

        Args:
            event_type: Its official type; of APIv2's, the catalogue's name, such as
                `transaction-success`.
            fields: What it says, by name, in the place of what is made up; objects are completed.
                `notify_url` is where it goes.

        Raises:
            ValueError: There is no such notification, or it has no such field; the message tells
                near ones.
        """
        said = dict(fields)
        url = str(said.pop("notify_url", "") or self._notifier.usual)
        number = self._notifier.post(triggered(self.world, event_type, said, url))
        self._notifier.settle()
        return self._notifier.signed(number)

    def watch(
        self,
        exchange: Callable[[Exchange], object] | None = None,
        delivery: Callable[[Delivery], object] | None = None,
    ) -> None:
        """Have someone told of what happens, from now on, in the thread in which it happens.

        Args:
            exchange: Is called with each request and its reply.
            delivery: Is called with each notification: after every attempt, or once if it is not
                sent at all.
        """
        if exchange is not None:
            self.gateway.watch(exchange)
        if delivery is not None:
            self._notifier.watch(delivery)

    @property
    def exchanges(self) -> list[Exchange]:
        """The latest requests and replies, oldest first: what was signed, and how it was judged."""
        return self.gateway.exchanges

    @action("clock/advance", answers="time", shows=datetime.isoformat)
    def advance(self, by: float | timedelta | str) -> datetime:
        """Move the sandbox's clock ahead: what is due on the way happens.

        A merchant's own clock stays where it is: signatures are judged and dated by the real time.

        Args:
            by: How far: seconds, a `timedelta`, or a text such as `90s`, `15m`, `2h` or `1d`.

        Returns:
            The time it is then, in Beijing.

        Raises:
            ValueError: That is not ahead.
        """
        self._notifier.settle()
        self.world.clock.advance(_span(by) if isinstance(by, str) else by)
        return self.world.clock.moment()

    @property
    def notifications(self) -> list[Delivery]:
        """The latest notifications, oldest first, as far as they have come: see `settle`.

        Only URLs on loopback are ever requested, those of `allow_hosts`, and those that `mount`
        knows; the others' are recorded as `not sent`.
        """
        return self._notifier.deliveries

    def mount(
        self, url: str, function: Function | None = None, *, wsgi: Any = None, asgi: Any = None
    ) -> None:
        """Have notifications to URLs that begin so brought to a shop in this process: no socket.

        The shop is called in a thread of the sandbox's. What it raises is printed, and is an answer
        with 500; if it says nothing for five seconds, it is not waited for any longer.

        Args:
            url: How the `notify_url` begins, such as `https://shop.example/`; it is not looked up.
            function: A function of headers and body, blocking or not. It answers with a status, or
                `None` for 204; with bytes, text, or a dict for JSON, whose status is 200; with
                `SUCCESS` or what `reply_to` returns, of either API; with a response of Flask,
                Django, Starlette, aiohttp or httpx; or with a tuple of body and status.
            wsgi: Or a WSGI application.
            asgi: Or an ASGI application; its lifespan is not run, and each notification has an
                event loop of its own.

        Raises:
            TypeError: Not one of the three was given.
        """
        self._notifier.courier.mount(url, shop(function, wsgi, asgi))

    def settle(self, limit: float = 30.0) -> list[Delivery]:
        """Wait until no notification is under way, and return them all.

        It blocks, mostly for a moment, and for five seconds if a shop does not answer: do not call
        it from an event loop that serves the shop.

        Args:
            limit: Seconds after which it returns whatever is still under way.
        """
        self._notifier.settle(limit)
        return self._notifier.deliveries

    @action("notifications", method="GET", answers="notifications", shows=_deliveries)
    def latest_notifications(self, last: int = 20) -> list[Delivery]:
        """Return the latest notifications, oldest first.

        Args:
            last: How many at most.
        """
        return self.notifications[-last:] if last > 0 else []

    @action(
        "notifications/held",
        method="GET",
        answers="notifications",
        shows=_held,
        is_listed=False,
    )
    def held_notifications(self, seconds: float = 10.0) -> list[HeldNotification]:
        """Wait for notifications, and take them to a shop that only the caller can reach.

        While somebody asks for them, all notifications go this way, except those to what is
        mounted. Each waits five seconds for `answer_held`. `wechatpay listen` uses both.

        Args:
            seconds: How long to wait, up to 30; below zero, nobody asks for them any more.
        """
        if seconds < 0:
            self._notifier.courier.listener.leave()
            return []
        return self._notifier.listen(min(seconds, _LONGEST_WAIT))

    @action("notifications/held/{number}/answer", is_listed=False)
    def answer_held(self, number: str, status: int, body: str = "") -> None:
        """Report what the shop answered to one of `held_notifications`.

        Args:
            number: The `HeldNotification.number`.
            status: The HTTP status.
            body: How the body begins.

        Raises:
            ValueError: There is no such status.
            LookupError: No notification of this number waits for an answer.
        """
        if not 100 <= status < 600:
            raise ValueError("an HTTP status is from 100 to 599")
        listener = self._notifier.courier.listener
        listener.answer(int(number) if number.isdecimal() else 0, status, body.encode())

    @action("notifications/send", answers="notifications", shows=_deliveries)
    def deliver(self, *ids: str) -> list[Delivery]:
        """Send again what was not acknowledged, once each, and return all notifications.

        WeChat Pay does so by itself, 15 times within a day: `advance` the clock, and what is due on
        the way is sent; `Delivery.due_in` tells when. It blocks as `settle` does.

        Args:
            ids: The notifications to send, whatever became of them; by default those that wait.

        Raises:
            LookupError: There is none with such an id.
        """
        self._notifier.repeat(*ids)
        return self._notifier.deliveries

    @action("notifications/probes")
    def probes(self, rate: float, seed: int | None = None) -> None:
        """Sign a share of all notifications wrongly on purpose, the first time they are sent.

        A shop has to refuse them; they come again on schedule, signed rightly. For answers, see the
        fault `probe`.

        Args:
            rate: The share, from 0 (as at the start) to 1.
            seed: The random seed: the same one chooses the same notifications.
        """
        self._notifier.probes(rate, seed)

    @property
    def probe_rate(self) -> float:
        """The share of notifications that is signed wrongly on purpose; see `probes`."""
        return self._notifier.rate

    @action("notifications/probe", shows=_delivery)
    def probe(self, url: str) -> Delivery:
        """Send a notification whose signature is wrong on purpose, and return what came of it.

        WeChat Pay does so to see whether a shop verifies: it has to refuse. It blocks as `settle`.
        """
        number = self._notifier.post(probe_of(self.world, url), probe=True)
        self._notifier.settle()
        return self._notifier.find(number)


def _host(text: str) -> str:
    """Return a host as URLs have it.

    Raises:
        ValueError: It is not one.
    """
    host = text.strip("[]").lower()
    if not _HOST.fullmatch(host):
        raise ValueError(f"allow_hosts takes names such as shop.internal, without port: {text!r}")
    return host
