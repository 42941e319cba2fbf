"""The sandbox as its users see it: one object, in process or over loopback."""

from __future__ import annotations

import atexit
import re
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

import httpx

from . import settings
from ._base import Mode, PrivateFolder
from ._control import Control
from ._front import Authority, Front, Transport, serve
from ._parts import Action, members
from ._time import wall

if TYPE_CHECKING:
    from wechatpay import WeChatPay

_Self = TypeVar("_Self", bound="Sandbox")
_NOWHERE = "https://sandbox.invalid"  # RFC 6761: a name that never resolves
_URL = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")
_AUTHORITY = "authority"
_EXTRA = 'Sandbox(port=…) needs the extra "sandbox": pip install "wechatpay-openapi[sandbox]"'


class Sandbox(Control):
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
            for a merchant on the way from certificates to the public key: answers are signed with
            the one that `Wechatpay-Serial` names, notifications with either.
        host: The address to serve at.
        mchid: The merchant.
        clock: The real time in seconds since 1970; `time.time` by default. See `advance`.
        state: The file in which everything is remembered, keys as well, so that it outlives the
            process; by default nothing does.
        history: How many exchanges, and how many notifications, are kept.
        tls: Whether to serve by TLS, with certificates made for it.
        public_url: How others reach the server, such as `http://sandbox:8080`: what `url`, the
            settings and the page's links say in place of where it listens.
        allow_hosts: Hosts that notifications are sent to beside this machine, by exact name or
            address, such as `shop`. Nobody else is ever called.
        home: A folder of keys, for sandboxes that remember nothing else; `wechatpay sandbox` has
            one.
        new_keys: Whether the keys that are remembered are replaced by new ones.
        sm: Whether merchant and WeChat Pay have keys of 国密: SM2 with SM3 signs, SM2 encrypts
            fields, SM4 seals notifications and certificates. It takes the extra `gm`.

    Raises:
        ImportError: `sm` needs the extra `gm`, which is not installed.
        StateError: The file is not a sandbox's, is of a newer version, is in use, or is about
            another merchant, or has keys of another kind.
        ValueError: There is no such mode, `public_url` is not a URL, one of `allow_hosts` is not a
            host, or `sm` and `tls` are given together.

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
        clock: Callable[[], float] = wall,
        state: str | Path | None = None,
        history: int = 1000,
        tls: bool = False,
        public_url: str | None = None,
        allow_hosts: Collection[str] = (),
        home: PrivateFolder | None = None,
        new_keys: bool = False,
        sm: bool = False,
    ) -> None:
        self._public_url = _checked(public_url)
        if sm and tls:
            raise ValueError(
                "a sandbox with SM keys serves no TLS: certificates for that are RSA's"
            )
        super().__init__(
            mode=mode,
            mchid=mchid,
            clock=clock,
            state=state,
            history=history,
            allow_hosts=allow_hosts,
            home=home,
            new_keys=new_keys,
            sm=sm,
        )
        self.transport: Transport = Transport(self.gateway)
        self._host = host
        self._port = port
        self._tls = tls
        self._authority: Authority | None = None
        self._server: Front | None = None
        self._clients: list[WeChatPay] = []
        self._lent: list[httpx.Client] = []
        _open.add(self)

    def __repr__(self) -> str:
        where = "in process" if self._port is None else f"port {self._port}"
        where = self._server.url if self._server else where
        return f"<Sandbox {where}, {self.mode}, merchant {self.world.keys.mchid}>"

    def __enter__(self: _Self) -> _Self:
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
        _open.add(self)
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
        where = self._host, self._port
        try:
            from .page import Page

            page = Page(
                self,
                self._host,
                lambda folder: settings.write(self, self.folder_of_keys or folder),
                public_url=self._public_url,
            )
            if not self._tls:
                self._listen(serve(self.gateway, page, *where, public_url=self._public_url))
                return
        except ImportError as error:
            raise ImportError(_EXTRA) from error
        authority = self._certifying()
        try:
            self._listen(
                serve(self.gateway, page, *where, authority.context, public_url=self._public_url)
            )
        except OSError:
            authority.close()
            raise
        self._authority = authority

    def _listen(self, server: Front) -> None:
        self._server = server
        self.gateway.page_url = self.url

    def _certifying(self) -> Authority:
        """The authority that was trusted last time, if it is remembered, or a new one."""
        hosts = [self._host]
        if self._public_url:
            hosts.append(httpx.URL(self._public_url).host)
        keys, held = self.world.keys, self.world.recall(_AUTHORITY)
        authority = Authority(keys, *hosts, held=held)
        self.world.remember(_AUTHORITY, authority.dump())
        return authority

    def close(self) -> None:
        """Close the clients of `client` and serve no longer; what was ordered is remembered.

        Notifications that are under way are waited for.
        """
        _open.discard(self)
        self._notifier.close()
        while self._clients:
            self._clients.pop().close()
        while self._lent:
            self._lent.pop().close()
        if self._server:
            self._server.stop()
            self._server = None
            self.gateway.page_url = ""
        if self._authority:
            self._authority.close()
            self._authority = None
        self.world.close()

    @property
    def url(self) -> str:
        """Where it is; in process, an address that leads nowhere without `client`'s transport."""
        if self._server:
            return self._public_url or self._server.url
        if self._port is None:
            return _NOWHERE
        raise RuntimeError("the sandbox is not serving: use it in a `with`, or call start()")

    @property
    def folder_of_keys(self) -> Path | None:
        """The folder of the files that settings name, where one outlives the process."""
        home = self.world.home
        return None if home is None else home.folder / "tls" if self._tls else home.folder

    @property
    def port(self) -> int | None:
        """The port that it is served at, or is to be; `None` in process."""
        return httpx.URL(self._server.url).port if self._server else self._port

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
        if not keys.is_sm:  # OpenSSL shows no SM2 certificate
            config["merchant"] = (certificate, keys.private_key_pem)
        return config

    @property
    def tls(self) -> bool:
        """Whether it serves by TLS itself, with certificates of its own."""
        return self._tls

    @property
    def ca(self) -> Path:
        """The file with the certificate that a client has to trust, while TLS is served."""
        if self._authority is None:
            raise RuntimeError("TLS is not served: use Sandbox(port=0, tls=True) in a `with`")
        return self._authority.path

    def client(self, **overrides: Any) -> WeChatPay:
        """Make a client that is this sandbox's merchant; it is closed when the sandbox is.

        Args:
            overrides: Arguments of `WeChatPay` that take the place of the sandbox's.
        """
        from wechatpay import WeChatPay

        connections = self._connections()
        config = self.config
        if connections:
            config.pop(
                "merchant", None
            )  # a client that is lent its connections shows no certificate
        if self._server:
            config["base_url"] = self._server.url
        client = WeChatPay(**{**config, **connections, **overrides})
        self._clients.append(client)
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


def actions() -> tuple[Action, ...]:
    """Return what a sandbox can be told: what customers do, the clock, faults and notifications.

    Each is a method of `Sandbox` and a signed call of its route, `POST sandbox/…`.
    """
    own, *families = members(Sandbox)
    return tuple(action for member in (*families, own) for action in member.actions)


def _checked(url: str | None) -> str:
    """Return a URL without the slash at its end; empty for none.

    Raises:
        ValueError: It is not one.
    """
    if url is not None and not _URL.fullmatch(url):
        raise ValueError("public_url is a URL such as http://sandbox:8080, without query")
    return (url or "").rstrip("/")


_open: WeakSet[Sandbox] = WeakSet()
"""Sandboxes that are not closed."""


@atexit.register
def _warn() -> None:
    """Warn of sandboxes that are not closed when the program ends."""
    for sandbox in list(_open):
        warnings.warn(
            f"{sandbox!r} was not closed: use `with`, or close()", ResourceWarning, stacklevel=1
        )
