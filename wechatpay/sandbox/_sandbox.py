"""The sandbox as its users see it: one object, in process or over loopback."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import httpx

from ._gateway import Exchange, Gateway
from ._keys import Keys, Mode
from ._notify import Delivery, Notifier
from ._state import Event
from ._transport import Transport

if TYPE_CHECKING:
    from wechatpay import WeChatPay

    from ._server import Server

_NOWHERE = "https://sandbox.invalid"  # RFC 6761: a name that never resolves
_EXTRA = 'Sandbox(port=…) needs the extra "sandbox": pip install "wechatpay-openapi[sandbox]"'


class Sandbox:
    """A WeChat Pay of your own, and one merchant that it knows.

    Without a port it lives in this process: nothing is opened, `client` gives a client wired to it.
    With a port it is a server on loopback as well, from `start` (or `with`) to `close`.

    WeChat Pay holds two keys here, as during a merchant's switch from one to the other: a platform
    certificate and a public key. A request that names one in `Wechatpay-Serial` is answered with
    that one.

    Args:
        port: The port to serve at; 0 takes a free one, `None` serves nothing.
        mode: Which of WeChat Pay's keys answers a merchant who names none, and which of them
            `config` is about: `public-key` or `certificate`.
        host: The address to serve at.
        mchid: The merchant.
        clock: Seconds since 1970; `time.time` by default.
        history: How many exchanges, and how many notifications, are kept.

    Attributes:
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
        history: int = 1000,
    ) -> None:
        keys = Keys.throwaway(mchid)
        self.gateway = Gateway(keys, mode=mode, clock=clock, history=history)
        self._notifier = Notifier(keys, keys.signer(mode), clock, history)
        self.gateway.world.events.listen(self._notifier.post)
        self.transport = Transport(self.gateway)
        self._mode = mode
        self._host = host
        self._port = port
        self._server: Server | None = None
        self._clients: WeakSet[WeChatPay] = WeakSet()

    def __repr__(self) -> str:
        where = "in process" if self._port is None else f"port {self._port}"
        where = self._server.url if self._server else where
        return f"<Sandbox {where}, {self._mode}, merchant {self.gateway.world.keys.mchid}>"

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
        """Serve, if there is a port to serve at.

        Raises:
            ImportError: The extra `sandbox` is not installed.
            OSError: The port is taken.
        """
        if self._port is None or self._server:
            return
        try:
            from ._server import Server
        except ImportError as error:
            raise ImportError(_EXTRA) from error
        self._server = Server(self.gateway, self._host, self._port)

    def close(self) -> None:
        """Close the clients of `client` and serve no longer; what was ordered is remembered.

        Notifications that are under way are waited for.
        """
        self._notifier.close()
        while self._clients:
            self._clients.pop().close()
        if self._server:
            self._server.stop()
            self._server = None

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
        keys = self.gateway.world.keys
        config: dict[str, Any] = {
            "mchid": keys.mchid,
            "serial": keys.merchant_serial,
            "private_key": keys.private_key_pem,
            "apiv3_key": keys.apiv3_key,
            "base_url": self.url,
        }
        if self._mode == "public-key":
            config["certs"] = {keys.public_key_id: keys.public_key_pem}
        return config

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

        if self._port is None:
            # Proxies of the environment would come before the transport.
            overrides = {
                "http_client": httpx.Client(transport=self.transport, trust_env=False),
                "async_http_client": httpx.AsyncClient(transport=self.transport, trust_env=False),
                **overrides,
            }
        client = WeChatPay(**{**self.config, **overrides})
        self._clients.add(client)
        return client

    def pay(self, out_trade_no: str) -> dict[str, Any]:
        """Let the customer pay an order; a notification is on its way to the `notify_url` then.

        Where the sandbox is another process, a call of `POST sandbox/pay/{out_trade_no}` does it.

        Returns:
            The transaction, as a query answers it from now on.

        Raises:
            Refusal: There is no such order, or it is paid or closed.
        """
        return self.gateway.world.pay(out_trade_no).transaction()

    @property
    def notifications(self) -> list[Delivery]:
        """The latest notifications, oldest first, as far as they have come: see `settle`.

        Only URLs on loopback are ever requested; the others' are recorded as `not sent`.
        """
        return self._notifier.deliveries

    def settle(self) -> list[Delivery]:
        """Wait until no notification is under way, and return them all.

        It blocks, up to five seconds: do not call it from an event loop that serves the shop.
        """
        self._notifier.settle()
        return self._notifier.deliveries

    def deliver(self) -> list[Delivery]:
        """Send again what was not acknowledged, once each, and return all notifications.

        WeChat Pay does so by itself, 15 times within a day; `Delivery.due_in` tells when it would.
        It blocks as `settle` does.
        """
        self._notifier.repeat()
        return self._notifier.deliveries

    def probe(self, url: str) -> Delivery:
        """Send a notification whose signature is wrong on purpose, and return what came of it.

        WeChat Pay does so to see whether a shop verifies: it has to refuse. It blocks as `settle`.
        """
        paid = {"mchid": self.gateway.world.keys.mchid, "out_trade_no": "SIGNTEST"}
        paid |= {"trade_state": "SUCCESS", "trade_state_desc": "支付成功"}
        event = Event("TRANSACTION.SUCCESS", "transaction", "支付成功", paid, url)
        number = self._notifier.post(event, probe=True)
        return next(delivery for delivery in self.settle() if delivery.id == number)

    def authorize(self, authorization_code: str) -> None:
        """Let a user agree to the merchant's pay-score service under an authorization code."""
        self.gateway.world.authorizations.add(authorization_code)
