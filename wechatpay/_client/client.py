"""The client: what a merchant configures, and the root of every chain."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from .._call import DEFAULT_BASE_URL, Hosts
from .._chain import Node, segment
from .._v3 import signed_with
from .._wire import Limit, Network
from ..errors import ConfigurationError, UnknownPlatformKey
from .configuration import (
    Certs,
    carriers,
    check_apiv3_key,
    check_lent,
    check_retries,
    check_scheme,
    check_secret,
    check_suite,
    check_trust,
    choose_transport,
    effective_trust,
    make_keyring,
    make_signer,
    trimmed,
)
from .lazy_engine import LazyEngine
from .variables import from_environment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    import httpx
    from typing_extensions import Never, Self

    from .._call import OnCall
    from .._v3 import Ciphertext, Downloadable, Signer, Trust
    from .._wire import AsyncHTTPClient, Choice, HTTPClient, Merchant, Progress, Target
    from ..api.types import Root
    from ..crypto import PrivateKeySource
    from ..micropay import MicroPay
    from ..notification import Headers, Notification
    from ..paysign import PaySign
    from .engine import Engine
else:
    Root = object

T = TypeVar("T")


class WeChatPay(Root):
    """A merchant's (or service provider's) access to WeChat Pay.

    Attributes lead to the API: `wxpay.v3.pay.transactions.native.post(json={…})`; so do strings,
    `wxpay["v3/pay/transactions/native"]` and `wxpay.chain("v3/…/{out_trade_no}")`. See `Node`.

    One client serves any number of threads and event loops. Close it when you are done: by `with`,
    `async with`, `close()` or `aclose()`.
    """

    # Without these two, having __getitem__ would make `list(wxpay)` ask for one path after another.
    __iter__: ClassVar[None] = None
    __contains__: ClassVar[None] = None

    def __init__(
        self,
        mchid: str | None = None,
        serial: str | None = None,
        private_key: PrivateKeySource | Signer | None = None,
        certs: Certs = None,
        *,
        apiv3_key: str | bytes | None = None,
        secret: str | None = None,
        merchant: Merchant | None = None,
        base_url: str = DEFAULT_BASE_URL,
        backup_urls: Iterable[str] | None = None,
        timeout: Limit = None,
        retries: int = 2,
        encrypt: bool = True,
        transport: Choice = None,
        http_client: HTTPClient | None = None,
        async_http_client: AsyncHTTPClient | None = None,
        brand_id: str | None = None,
        trust: Trust | None = None,
        signed_prefix: bool = True,
        on_call: OnCall | None = None,
        **unmeant: Never,
    ) -> None:
        """Check the configuration; nothing is sent or fetched.

        Args:
            mchid: The merchant number, 商户号.
            serial: The merchant API certificate's serial number, in hexadecimal.
            private_key: The merchant's RSA key, `apiclient_key.pem`: PEM text or bytes, a path, a
                `file://` URL or a `cryptography` object; or a `Signer`.
            certs: WeChat Pay's keys by id: `{"PUB_KEY_ID_…": key}`, `{"<serial>": certificate}`,
                or both kinds side by side, in the forms of `private_key`; or a directory, in which
                downloaded certificates are kept too.
            apiv3_key: The APIv3 key, 32 bytes. Without `certs` it switches on downloading the
                platform certificates.
            secret: The APIv2 key.
            merchant: For mutual TLS: `(certificate, key)`, as paths or PEM text, an encrypted key
                as `(key, password)`; or `apiclient_cert.p12`, as a path or bytes, with a password
                that is not the merchant number as `(file, password)`. Read when first needed.
            base_url: WeChat Pay's host, with a path prefix where there is one.
            backup_urls: Where to turn when that host cannot be reached; by default the official
                second host of an official first one.
            timeout: Seconds for each of connecting, reading and writing, or an `httpx.Timeout`; by
                default 5 to connect and 30 to read and to write.
            retries: How many times a query is repeated, and anything that was never sent.
            encrypt: Whether sensitive fields are encrypted by themselves.
            transport: What opens the connections: `"httpx"` (the default), `"httpx2"`, or
                `"aiohttp"`, which is for awaited calls on asyncio and leaves blocking ones to
                httpx; `"pycurl"`, which is for blocking calls and leaves awaited ones to httpx;
                or a pair, for blocking and awaited calls: `("pycurl", "aiohttp")`; or one
                that you registered. All but the first need the extra of that name.
            http_client: Your own `httpx.Client` (or `httpx2.Client`), in place of connections of
                the client's own, which stays yours to close. An `auth` of its own must leave
                `Authorization` alone. With it alone, awaited calls are refused: they would bypass
                it.
            async_http_client: Your own `httpx.AsyncClient`, likewise.
            brand_id: The brand's number, 品牌ID, in place of `mchid`, for `brand/…`. Then `serial`
                and `private_key` are of the brand's API certificate, `certs` has the public key,
                and `apiv3_key` is the brand's API key.
            trust: What makes a platform certificate trusted. `"download"`: a list of them that
                the APIv3 key opens and that proves itself, so that whoever knows the APIv3 key can
                speak as WeChat Pay. `"signed"`: such a list if a key in `certs` has signed it.
                `"pinned"`: nothing is downloaded, and `certs` is all there is. By default
                `"signed"` if `certs` has a `PUB_KEY_ID_…`, else `"download"`.
            on_call: Called with a `CallRecord` when a call begins and ends, and when each of its
                tries does, in the thread or task of the call. What it raises is logged. See
                `wechatpay.contrib.opentelemetry`.
            signed_prefix: `False` if `base_url` is a gateway's with a path that the gateway takes
                away: a signature covers the path that WeChat Pay sees.
            **unmeant: Unknown arguments: the error says what may have been meant.

        Raises:
            ConfigurationError: Something cannot be right; the message says what.
            TypeError: An unknown argument.
        """
        __tracebackhide__ = True  # pytest would show these arguments, keys among them
        if unmeant:
            # Only a mistake comes here, so nobody else pays for importing it.
            from .._chain import argument

            raise TypeError(
                argument(next(iter(unmeant)), [*WeChatPay.__init__.__annotations__][:-2])
            )
        mchid, brand_id = trimmed(mchid), trimmed(brand_id)
        scheme = check_scheme(mchid, brand_id, secret, certs)
        self._mchid = mchid = mchid or ""
        self._hosts = hosts = Hosts(base_url, backup_urls, signed_prefix=signed_prefix)
        self._secret = secret = check_secret(secret)
        self._apiv3_key = key = check_apiv3_key(apiv3_key)
        chosen = check_trust(trust)
        downloads = key if scheme.has_certificates and chosen != "pinned" else None
        ring, directory = make_keyring(certs, downloads)
        trusted = effective_trust(chosen, ring)
        signer = make_signer(serial, private_key, ring.keys.values(), mchid)
        check_lent(merchant, http_client, async_http_client)
        suite = check_suite(signer, ring.keys.values())
        self._scheme = scheme = signed_with(scheme, suite)
        tries = check_retries(retries)
        lent = http_client, async_http_client
        network = Network(timeout, merchant, mchid, choose_transport(transport, lent))
        self._carriers = carriers(network.transport, lent)

        def make() -> Engine:
            from .._v2 import V2
            from .._v3 import V3, Source
            from .engine import Engine

            path = hosts.certificates_path
            source = (
                None if downloads is None else Source(downloads, path, directory, trusted, suite)
            )
            v3 = V3(scheme, signer, ring, source, encrypt=encrypt)
            return Engine(
                V2(mchid, secret),
                v3,
                hosts,
                tries,
                network,
                http_client,
                async_http_client,
                on_call,
            )

        self._ring, self._signer = ring, signer
        self._engine = LazyEngine(make)

    @classmethod
    def from_env(cls, **more: Any) -> WeChatPay:
        """Make a client from the environment; `more` are arguments that take precedence.

        Reads `WECHATPAY_MCHID`, `_SERIAL`, `_PRIVATE_KEY`, `_PUBLIC_KEY_ID` with `_PUBLIC_KEY`,
        `_CERTS_DIR`, `_APIV3_KEY`, `_SECRET`, `_MERCHANT_CERT` (its key is the private key,
        unless it is a .p12 file), `_BASE_URL`, `_TRANSPORT` (a name, or two with a comma in
        between), `_TRUST` and `_SIGNED_PREFIX` (`true` or `false`); for a brand, `_BRAND_ID` in
        place of the first. Keys are paths or PEM text, whose line ends may be spelled as backslash
        and n.

        Raises:
            ConfigurationError: Something is missing or cannot be right.
        """
        __tracebackhide__ = True
        return cls(**from_environment(os.environ, more))

    # Type checkers know every documented path instead, from `Root`.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Node:
            path = segment(name)
            return Node(self._engine, path)

        def __getitem__(self, template: str) -> Node:
            return self.chain(template)

        def chain(self, template: str) -> Node:
            """Return the node of a path or URI template, taken literally; see `Node.chain`.

            Raises:
                PathError: `template` is not a path and nothing else.
            """
            return Node(self._engine, "").chain(template)

    @property
    def paysign(self) -> PaySign:
        """What signs the parameters that start a payment on the customer's side; see `PaySign`."""
        from ..paysign import PaySign

        if not self._mchid:
            raise ConfigurationError("payments are a merchant's: paysign needs a client with mchid")

        return PaySign(self._signer, self._secret, self._mchid)

    def notification(self, headers: Headers, body: bytes | Callable[[], bytes]) -> Notification:
        """Verify and decrypt what WeChat Pay sent to your `notify_url`.

        Args:
            headers: The request's headers, as any framework has them, or its WSGI environment.
            body: The raw bytes of its body: parsed and dumped again, they never verify. Or a
                function that reads them; it is called only if the headers are right, because
                anybody can send a body to that address.

        Raises:
            TypeError: The body is not bytes.
            ConfigurationError: There is no `apiv3_key`, or no key of WeChat Pay's.
            VerificationError: WeChat Pay did not provably send it; reply with an error status.
            DecryptionError: The APIv3 key does not open it.
            MalformedNotification: WeChat Pay sent it, and there is nothing in it to act on.
            TransportError: There is no key of WeChat Pay's yet, and certificates could not be
                downloaded.
            APIError: As before, because WeChat Pay refused the download.
        """
        if callable(body):
            self._look(self._admitting(headers))
            body = body()
        return self._look(self._reading(headers, body))

    async def notification_async(
        self, headers: Headers, body: bytes | Callable[[], bytes | Awaitable[bytes]]
    ) -> Notification:
        """As `notification`, without blocking if certificates have to be downloaded.

        A function that reads the body may be one that is awaited.
        """
        if callable(body):
            await self._look_async(self._admitting(headers))
            begun = body()
            body = begun if isinstance(begun, bytes) else await begun
        return await self._look_async(self._reading(headers, body))

    def _admitting(self, headers: Headers) -> Callable[[], None]:
        """Return what refuses a notification by its headers, with the keys that are then held."""
        admit, _ = _notifications()
        return partial(admit, headers, self._ring)

    def _reading(self, headers: Headers, body: bytes) -> Callable[[], Notification]:
        """Return what reads a notification with the keys that are held when it is called."""
        if self._apiv3_key is None:
            raise ConfigurationError("a notification opens with the APIv3 key: pass apiv3_key")
        _, read = _notifications()
        return partial(read, headers, body, self._ring, self._apiv3_key)

    def _look(self, look: Callable[[], T]) -> T:
        """Look at a notification; if it names a key that is not held, once more with new keys."""
        engine = self._engine.get()
        try:
            return look()
        except UnknownPlatformKey as error:
            again = engine.v3.with_new_keys(error, look)
        return engine.run(again)

    async def _look_async(self, look: Callable[[], T]) -> T:
        engine = self._engine.get()
        try:
            return look()
        except UnknownPlatformKey as error:
            again = engine.v3.with_new_keys(error, look)
        return await engine.run_async(again)

    def notification_v2(self, body: bytes) -> dict[str, Any]:
        """Verify and decrypt what WeChat Pay sent to an APIv2 `notify_url`: return its fields.

        They are all text, with what was encrypted among them; see `wechatpay.notification_v2`,
        also for what to answer. `body` is the request's, as raw bytes.

        Raises:
            TypeError: The body is not bytes.
            ConfigurationError: There is no `secret`, or no `apiv3_key` for one that needs it.
            VerificationError: It is not provably WeChat Pay's, or for another merchant.
            DecryptionError: What is encrypted in it does not open.
        """
        from ..notification_v2 import read

        return read(body, self._mchid, self._secret, self._apiv3_key)

    def micropay(
        self,
        fields: Mapping[str, Any],
        path: str = "v2/pay/micropay",
        *,
        resume: bool = False,
        **timing: float,
    ) -> MicroPay:
        """Return a payment by the code on the customer's phone, not sent yet; see `MicroPay`.

        Raises:
            ValueError: `fields` has no `out_trade_no`, or `path` is not such a payment's.
        """
        from ..micropay import MicroPay

        return MicroPay(self._engine, fields, path, resume=resume, **timing)

    def download(
        self,
        url: Downloadable,
        to: Target,
        *,
        sha1: str | None = None,
        progress: Progress | None = None,
    ) -> httpx.Response:
        """Fetch the file behind a `download_url`: a bill, a receipt, an invoice.

        The file appears under its name only when it is whole and was checked.
        What is gzip is unpacked. A broken download is tried again from its beginning. An encrypted
        bill is verified, opened and unpacked, in constant memory; its parts become one file.

        Args:
            url: The `download_url`, used within the few minutes that it is valid; or an entry of a
                `download_bill_list`, or the answer that either came in, as a mapping or as the
                response itself: then its `hash_value` is checked. A host that is not WeChat Pay's
                API is shown no signature.
            to: A path, or a binary file object, which is written to as the pieces come, or for an
                encrypted bill at the end.
            sha1: The `hash_value` that came with the URL: of the file uncompressed.
            progress: Called with the bytes received, and how many there will be or `None`.

        Raises:
            PathError: That cannot be downloaded.
            ConfigurationError: It is encrypted, and there is no private key to open it with.
            DecryptionError: It is encrypted for another certificate, or was changed on its way.
            TransportError: No whole file came.
            VerificationError: It is not the file that `sha1` or `hash_value` promises.
            APIError: WeChat Pay refused, as when the URL is too old.
            OSError: The file cannot be written.
        """
        from .._v3 import fetching

        engine = self._engine.get()
        return engine.run(fetching(engine.v3, url, to, sha1, progress))

    async def download_async(
        self,
        url: Downloadable,
        to: Target,
        *,
        sha1: str | None = None,
        progress: Progress | None = None,
    ) -> httpx.Response:
        """As `download`, without blocking but for the writing itself."""
        from .._v3 import fetching

        engine = self._engine.get()
        return await engine.run_async(fetching(engine.v3, url, to, sha1, progress))

    def encrypt(self, text: str) -> Ciphertext:
        """Encrypt a sensitive field yourself, with the key that calls name in `Wechatpay-Serial`.

        Calls send such a text as it is. With downloaded certificates, this may download them.

        Raises:
            ConfigurationError: There is no key of WeChat Pay's to encrypt with.
            ValueError: The text is longer than the key takes, 214 bytes of UTF-8.
        """
        from .._v3 import sealed

        engine = self._engine.get()
        return sealed(text, engine.run(engine.v3.current_key))

    async def encrypt_async(self, text: str) -> Ciphertext:
        """As `encrypt`, without blocking if certificates have to be downloaded."""
        from .._v3 import sealed

        engine = self._engine.get()
        return sealed(text, await engine.run_async(engine.v3.current_key))

    def decrypt(self, ciphertext: str) -> str:
        """Return the text of a sensitive field in an answer.

        Raises:
            ConfigurationError: The client's `Signer` cannot decrypt.
            DecryptionError: It is not for this merchant's certificate, or not a ciphertext.
        """
        return self._engine.get().v3.decrypt(ciphertext)

    def decrypt_fields(self, response: httpx.Response | Notification) -> dict[str, Any]:
        """Return an answer's JSON, or XML, with what is encrypted in it for the merchant opened.

        The fields that the catalogue marks have to open. With a private key in this process, texts
        of exactly a ciphertext's size are tried as well, at most 64 of them; one that does not
        open stays as it is.

        Args:
            response: What a call of this client returned; or a notification, for its resource.

        Raises:
            ConfigurationError: The client's `Signer` cannot decrypt.
            DecryptionError: A marked field does not open.
            TypeError: It is neither.
            ValueError: It has no fields: it is a file, or empty.
        """
        from .answer_fields import decrypted

        return decrypted(response, self._engine.get().v3)

    def close(self, *unmeant: Never, **order: Never) -> None:
        """Close every connection; those of event loops that are running, as soon as they can.

        The client cannot be used afterwards. An `http_client` of your own stays open.
        """
        if unmeant or order:
            # In wechatpayv3, `close(out_trade_no)` closes an order: say what that is here.
            from .._chain import instead

            raise TypeError(instead("close"))
        self._engine.close()

    async def aclose(self) -> None:
        """As `close`, and this event loop's connections are closed when it returns."""
        await self._engine.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<WeChatPay {self._scheme} at {self._hosts.base} over {self._carriers}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a client holds keys and connections: make a new one where it is needed")

    def __dir__(self) -> list[str]:
        public = [name for name in super().__dir__() if name[0] != "_" or name[:2] == "__"]
        return [*public, "v2", "v3"]

    def _ipython_key_completions_(self) -> list[str]:
        from .._chain import paths

        return paths("")


@cache
def _notifications() -> tuple[Callable[..., None], Callable[..., Notification]]:
    # Most clients read no notifications, so they do not pay for importing it.
    from ..notification import admit, read

    return admit, read
