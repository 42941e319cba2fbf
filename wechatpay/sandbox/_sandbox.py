"""The sandbox as its users see it: one object, in process or over loopback."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import httpx

from ._base.keys import Mode
from ._customer import Customer
from ._front.faults import Fault, FaultRule, Faults
from ._front.faults import Kind as FaultKind
from ._front.gateway import Gateway
from ._front.record import Exchange
from ._front.tls import Authority
from ._front.transport import Transport
from ._time.courier import Function, shop
from ._time.delivery import Delivery
from ._time.events import Event
from ._time.notifier import Notifier
from ._world import World

if TYPE_CHECKING:
    from wechatpay import WeChatPay

    from ._front.server import Server

_NOWHERE = "https://sandbox.invalid"  # RFC 6761: a name that never resolves
_EXTRA = 'Sandbox(port=…) needs the extra "sandbox": pip install "wechatpay-openapi[sandbox]"'


class Sandbox(Customer):
    """A WeChat Pay of your own, and one merchant that it knows.

    Without a port it lives in this process: nothing is opened, `client` gives a client wired to it.
    With a port it is a server on loopback as well, from `start` (or `with`) to `close`.

    It simulates the families of endpoints that `wechatpay.sandbox` lists, only shapes all others,
    and leaves out what is said there; `coverage` tells which endpoint is which.

    With TLS, `client` trusts the server's certificate; any other client has to be told to trust
    `ca`, a file: what is made from `config` does if `SSL_CERT_FILE` names it.

    Args:
        port: The port to serve at; 0 takes a free one, `None` serves nothing.
        mode: Which of WeChat Pay's keys are in use: `public-key`, `certificate`, or `switching`
            for a merchant who is on the way from certificates to the public key: his answers are
            signed with the one that `Wechatpay-Serial` names, his notifications with either.
        host: The address to serve at.
        mchid: The merchant.
        clock: The real time in seconds since 1970; `time.time` by default. See `advance`.
        state: The file in which everything is remembered, keys as well, so that it outlives the
            process; by default nothing does.
        history: How many exchanges, and how many notifications, are kept.
        tls: Whether to serve by TLS, with certificates made for it.

    Raises:
        StateError: The file is not a sandbox's, is of a newer version, is in use, or is about
            another merchant.
        ValueError: There is no such mode.

    Attributes:
        world: What it remembers, and its clock.
        gateway: The sandbox without its fronts.
        transport: The front without a socket, for any `httpx.Client` or `httpx.AsyncClient`.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        mode: Mode = "public-key",
        host: str = "127.0.0.1",
        mchid: str = "1900000109",
        clock: Callable[[], float] = time.time,
        state: str | Path | None = None,
        history: int = 1000,
        tls: bool = False,
    ) -> None:
        self.world: World = World.open(mchid, state=state, source=clock)
        self.gateway: Gateway = Gateway(self.world, mode=mode, history=history)
        self._notifier = Notifier(self.world, history)
        self.transport: Transport = Transport(self.gateway)
        self._host = host
        self._port = port
        self._tls = tls
        self._authority: Authority | None = None
        self._server: Server | None = None
        self._clients: WeakSet[WeChatPay] = WeakSet()
        self._lent: list[httpx.Client] = []

    def __repr__(self) -> str:
        where = "in process" if self._port is None else f"port {self._port}"
        where = self._server.url if self._server else where
        return f"<Sandbox {where}, {self.mode}, merchant {self.world.keys.mchid}>"

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Serve, if there is a port to serve at, and do what is due from now on.

        Raises:
            ImportError: The extra `sandbox` is not installed.
            OSError: The port is taken.
        """
        try:
            self._serve()
        except BaseException:
            self.close()
            raise
        self._notifier.start()
        self.world.agenda.start()

    def _serve(self) -> None:
        if self._port is None or self._server:
            return
        try:
            from ._front.server import Server
            from .page import Page
        except ImportError as error:
            raise ImportError(_EXTRA) from error
        page = Page(self, self._host)
        if not self._tls:
            self._server = Server(self.gateway, page, self._host, self._port)
            return
        authority = Authority(self.world.keys, self._host)
        try:
            self._server = Server(self.gateway, page, self._host, self._port, authority.context)
        except OSError:
            authority.close()
            raise
        self._authority = authority

    def close(self) -> None:
        """Close the clients of `client` and serve no longer; what was ordered is remembered.

        Notifications that are under way are waited for.
        """
        self._notifier.close()
        while self._clients:
            self._clients.pop().close()
        while self._lent:
            self._lent.pop().close()
        if self._server:
            self._server.stop()
            self._server = None
        if self._authority:
            self._authority.close()
            self._authority = None
        self.world.close()

    @property
    def url(self) -> str:
        """Where it is; in process, an address that leads nowhere without `client`'s transport."""
        if self._server:
            return self._server.url
        if self._port is None:
            return _NOWHERE
        raise RuntimeError("the sandbox is not serving: use it in a `with`, or call start()")

    @property
    def config(self) -> dict[str, Any]:
        """The keyword arguments with which `WeChatPay` is this sandbox's merchant."""
        keys = self.world.keys
        config: dict[str, Any] = {
            "mchid": keys.mchid,
            "serial": keys.merchant_serial,
            "private_key": keys.private_key_pem,
            "apiv3_key": keys.apiv3_key,
            "secret": keys.secret,
            "base_url": self.url,
        }
        if self.mode != "certificate":
            config["certs"] = {keys.public_key_id: keys.public_key_pem}
        certificate = self._authority.merchant if self._authority else keys.merchant_pem
        config["merchant"] = (certificate, keys.private_key_pem)
        return config

    @property
    def ca(self) -> Path:
        """The file with the certificate that a client has to trust, while TLS is served."""
        if self._authority is None:
            raise RuntimeError("TLS is not served: use Sandbox(port=0, tls=True) in a `with`")
        return self._authority.path

    @property
    def mode(self) -> Mode:
        """Which of WeChat Pay's keys are in use; may be set while the sandbox is in use."""
        return self.world.keys.mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self.world.keys.switch(mode)

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

    @property
    def exchanges(self) -> list[Exchange]:
        """The latest requests and replies, oldest first: what was signed, and how it was judged."""
        return self.gateway.exchanges

    def client(self, **overrides: Any) -> WeChatPay:
        """Make a client that is this sandbox's merchant; it is closed when the sandbox is.

        Args:
            overrides: Arguments of `WeChatPay` that take the place of the sandbox's.
        """
        from wechatpay import WeChatPay

        client = WeChatPay(**{**self.config, **self._connections(), **overrides})
        self._clients.add(client)
        return client

    def _connections(self) -> dict[str, Any]:
        """What a client needs to reach the sandbox beside its settings."""
        # Proxies of the environment would come before the transport.
        if self._port is None:
            return {
                "http_client": httpx.Client(transport=self.transport, trust_env=False),
                "async_http_client": httpx.AsyncClient(transport=self.transport, trust_env=False),
            }
        if self._authority is None:
            return {}
        context = self._authority.client_context()
        self._lent.append(httpx.Client(verify=context, trust_env=False))
        # Event loops come and go, and none of them would close what it leaves.
        none_kept = httpx.Limits(max_keepalive_connections=0)
        lent = httpx.AsyncClient(verify=context, trust_env=False, limits=none_kept)
        return {"http_client": self._lent[-1], "async_http_client": lent}

    def advance(self, by: float | timedelta) -> datetime:
        """Move the sandbox's clock ahead: orders expire, and what is due on the way happens.

        A merchant's own clock stays where it is: signatures are judged and dated by the real time.

        Args:
            by: How far: seconds, or a `timedelta`.

        Returns:
            The time it is then, in Beijing.
        """
        self._notifier.settle()
        self.world.clock.advance(by)
        return self.world.clock.moment()

    @property
    def notifications(self) -> list[Delivery]:
        """The latest notifications, oldest first, as far as they have come: see `settle`.

        Only URLs on loopback are ever requested, and those that `mount` knows; the others' are
        recorded as `not sent`.
        """
        return self._notifier.deliveries

    def mount(
        self, url: str, function: Function | None = None, *, wsgi: Any = None, asgi: Any = None
    ) -> None:
        """Have notifications to URLs that begin so brought to a shop in this process: no socket.

        The shop is called in a thread of the sandbox's; an exception of its is an answer with 500.

        Args:
            url: How the `notify_url` begins, such as `https://shop.example/`; it is not looked up.
            function: A function of headers and body, which returns a status, or `None` for 204; or
                bytes, to say something with status 200, as APIv2 wants.
            wsgi: Or a WSGI application.
            asgi: Or an ASGI application; its lifespan is not run, and each notification has an
                event loop of its own.

        Raises:
            TypeError: Not one of the three was given.
        """
        self._notifier.couriers.mount(url, shop(function, wsgi, asgi))

    def settle(self) -> list[Delivery]:
        """Wait until no notification is under way, and return them all.

        It blocks, up to five seconds: do not call it from an event loop that serves the shop.
        """
        self._notifier.settle()
        return self._notifier.deliveries

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

    def probes(self, rate: float, seed: int | None = None) -> None:
        """Sign a share of all notifications wrongly on purpose, the first time they are sent.

        A shop has to refuse them; they come again on schedule, signed rightly. For answers, see the
        fault `probe`.

        Args:
            rate: The share, from 0 (as at the start) to 1.
            seed: Makes chance the same each time.
        """
        self._notifier.probes(rate, seed)

    @property
    def probe_rate(self) -> float:
        """The share of notifications that is signed wrongly on purpose; see `probes`."""
        return self._notifier.rate

    def probe(self, url: str) -> Delivery:
        """Send a notification whose signature is wrong on purpose, and return what came of it.

        WeChat Pay does so to see whether a shop verifies: it has to refuse. It blocks as `settle`.
        """
        paid = {"mchid": self.world.keys.mchid, "out_trade_no": "SIGNTEST"}
        paid |= {"trade_state": "SUCCESS", "trade_state_desc": "支付成功"}
        event = Event("TRANSACTION.SUCCESS", "transaction", "支付成功", paid, url)
        number = self._notifier.post(event, probe=True)
        self._notifier.settle()
        return self._notifier.find(number)
