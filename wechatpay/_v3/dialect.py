"""The APIv3 dialect: what is signed, what goes out with it, what must hold of the answer.

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4012365336 (requests) and
https://pay.weixin.qq.com/doc/v3/merchant/4013053420 (answers).
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from .._call import (
    OUTCOME_UNKNOWN,
    Call,
    ClientRoute,
    Exchange,
    Outgoing,
    Verdict,
    into_sink,
    refusal_of,
    sandbox_page,
    transmit,
)
from .._wire import raw_path_of, set_header
from ..errors import (
    ConfigurationError,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
)
from . import certificates
from .keyring import PUBLIC_KEY_PREFIX, fold
from .outgoing import outgoing
from .scheme import authorization
from .signer import Decrypter, KeyOpener
from .verification import quick_to_read, verify

if TYPE_CHECKING:
    import httpx

    from .._call import Steps
    from .._wire import Sink
    from ..crypto.rsa import Padding
    from .keyring import Keyring, PlatformKey
    from .scheme import Scheme
    from .signer import Signer

T = TypeVar("T")
logger = logging.getLogger("wechatpay")


class V3:
    """The dialect of every path but `v2/…`.

    Attributes:
        ring: WeChat Pay's keys.
        signer: What signs; `None` makes every call a `ConfigurationError`.
    """

    def __init__(
        self,
        scheme: Scheme,
        signer: Signer | None,
        ring: Keyring,
        source: certificates.Source | None,
        *,
        encrypt: bool,
    ) -> None:
        """Take what the client was configured with.

        Args:
            scheme: Who signs.
            signer: What signs; `None` makes every call a `ConfigurationError`.
            ring: WeChat Pay's keys.
            source: How to download platform certificates; `None` where that is off.
            encrypt: Whether sensitive fields are encrypted by themselves.
        """
        self.ring = ring
        self._scheme = scheme
        self.signer = signer
        self._source = source
        self._encrypt = encrypt

    def carry_out(self, exchange: Exchange) -> Steps[httpx.Response]:
        """Make a call: have keys, send, and return the answer once it is verified.

        With a `sink`, a body that no signature covers goes there as it comes, any other once it is
        verified.

        Raises:
            ConfigurationError: There is nothing to sign or to verify with; nothing was sent.
            TransportError: No whole answer came.
            APIError: WeChat Pay refused.
            VerificationError: The answer is not provably WeChat Pay's.
        """
        call = exchange.call
        if call.sink is None:
            return self.answer(exchange)
        # Most calls have no sink, so they do not pay for importing it.
        from .._wire import Sink

        sink = Sink(call.sink)
        if call.rule.unsigned or call.rule.digest_header:
            return into_sink(sink, self.answer(exchange, sink), as_it_comes=True)
        return into_sink(sink, self.answer(exchange), as_it_comes=False)

    def answer(self, exchange: Exchange, sink: Sink | None = None) -> Steps[httpx.Response]:
        """As `carry_out`, but a `sink` is only written to: the caller finishes or discards it."""
        call = exchange.call
        self._check(call)
        if self._source is not None:
            yield from self._refresh_before(exchange.route)
        encrypt = self._encrypt if call.encrypt is None else call.encrypt
        sent = outgoing(exchange, self.ring, encrypt=encrypt, sink=sink)
        reply = yield from self._send(exchange, sent)
        if not 200 <= reply.status_code < 300:
            raise refusal_of(call, reply, exchange.route.hosts)
        headers = quick_to_read(reply)
        try:
            serial = yield from self._judge(exchange, reply, headers, sink)
        except VerificationError as error:
            error.response = reply
            words = [str(error), sandbox_page(reply)]
            if not call.only_asks:
                error.outcome_unknown = True
                words.insert(1, OUTCOME_UNKNOWN)
            error.args = (". ".join(filter(None, words)),)
            raise
        request_id = headers.get("Request-ID")
        reply.extensions["wechatpay"] = Verdict(
            verified=serial is not None, serial=serial, request_id=request_id, rule=call.rule
        )
        return reply

    def with_new_keys(
        self, error: UnknownPlatformKey, again: Callable[[], T]
    ) -> Callable[[ClientRoute], Steps[T]]:
        """Return how to do again, with new certificates, what failed for a key not held."""

        def begin(route: ClientRoute) -> Steps[T]:
            yield from self._refresh_for(route, error, anybody=True)
            return again()

        return begin

    def current_key(self, route: ClientRoute) -> Steps[PlatformKey]:
        """Return the key to encrypt with, downloading certificates if there is none.

        Raises:
            ConfigurationError: There is none, and none can be downloaded.
        """
        if self.ring.keys or self._source is not None:
            yield from self._refresh_before(route)
        key = self.ring.current(time.time())
        if key is None:
            raise ConfigurationError("encrypting needs WeChat Pay's key: pass certs or apiv3_key")
        return key

    def decrypt(self, ciphertext: str, padding: Padding = "oaep") -> str:
        """Return the text of a sensitive field that was encrypted for this merchant.

        Raises:
            ConfigurationError: What signs for this client cannot decrypt.
            DecryptionError: It does not open.
        """
        if not isinstance(cast("object", ciphertext), str):
            raise TypeError(f"a ciphertext is text, not {type(ciphertext).__name__}")
        if not isinstance(self.signer, Decrypter):
            raise ConfigurationError(
                "decrypting needs the merchant's private_key, or a Signer that has decrypt()"
            )
        return self.signer.decrypt(ciphertext, padding)

    def open_key(self, sealed: str) -> bytes:
        """Return the key that a file was encrypted with, which is encrypted for this merchant.

        Raises:
            ConfigurationError: What signs for this client cannot decrypt.
            DecryptionError: It does not open.
        """
        if isinstance(self.signer, KeyOpener):
            return self.signer.decrypt_bytes(sealed)
        return self.decrypt(sealed).encode()

    def _send(self, exchange: Exchange, sent: Outgoing) -> Steps[httpx.Response]:
        """Send a call signed, and return whatever comes back."""
        call, signer = exchange.call, self.signer
        if signer is None:
            raise self._no_key(call)

        hosts = exchange.route.hosts

        def sign(request: httpx.Request) -> None:
            target = raw_path_of(request)
            if hosts.unsigned_prefix:
                target = hosts.seen(call, target)
            value = authorization(self._scheme, signer, call.method, target, sent.signed)
            set_header(request, "Authorization", value)

        return transmit(exchange, sent, sign)

    def _check(self, call: Call) -> None:
        if call.xml is not None:
            path = call.shown_path
            meant = f"{path} takes json=" if path.startswith("v3/") else f"did you mean v2/{path}?"
            raise TypeError(f"xml= is for v2 paths; {meant}")
        if self.signer is None:
            raise self._no_key(call)
        if not self.ring.keys and self._source is None:
            raise ConfigurationError(
                f"{call.shown_path} needs WeChat Pay's key to verify the answer: pass certs="
                '{"PUB_KEY_ID_…": "pub_key.pem"}, or apiv3_key to download platform certificates'
            )

    def _no_key(self, call: Call) -> ConfigurationError:
        return ConfigurationError(
            f"{call.shown_path} is an APIv3 call, which is signed: pass private_key and serial"
        )

    def _judge(
        self,
        exchange: Exchange,
        reply: httpx.Response,
        headers: Mapping[str, str],
        sink: Sink | None,
    ) -> Steps[str | None]:
        """Return the id of the key that signed the answer; `None` where none is documented."""
        rule, body = exchange.call.rule, reply.content
        digest = reply.headers.get(rule.digest_header) if rule.digest_header else None
        if digest is not None:
            body = b'{"sha1":"%b"}' % digest.encode()
        elif rule.unsigned:
            return None
        try:
            serial = verify(headers, body, self.ring).id
        except UnknownPlatformKey as error:
            yield from self._refresh_for(exchange.route, error)
            serial = verify(headers, body, self.ring).id
        if digest is not None:
            found = hashlib.sha1(reply.content).hexdigest() if sink is None else sink.sha1  # noqa: S324
            if found != digest.lower():
                raise VerificationError(
                    f"the file's SHA-1 is not the one that {rule.digest_header} promises",
                    serial=serial,
                    outcome_unknown=False,
                )
        return serial

    def _refresh_before(self, route: ClientRoute) -> Steps[None]:
        """Download certificates if there are none; renew old ones, which never stops a call."""
        ring, source = self.ring, self._source
        if source is None:
            return
        if not ring.keys:
            yield from certificates.refresh(
                ring, lambda: self._download(route, source), lambda: not ring.keys
            )
        elif ring.is_stale(time.time()) and ring.ticket.holder is None:
            # The old keys still verify, so a call neither waits for somebody else's renewal nor
            # fails for one of its own.
            try:
                yield from certificates.refresh(
                    ring, lambda: self._download(route, source), lambda: ring.is_stale(time.time())
                )
            except WeChatPayError as error:
                ring.postpone(time.time())
                logger.warning("platform certificates not renewed: %s", type(error).__name__)

    def _refresh_for(
        self, route: ClientRoute, error: UnknownPlatformKey, *, anybody: bool = False
    ) -> Steps[None]:
        """Download certificates because one is named that is not held, if that can help.

        Args:
            route: What the download is sent on.
            error: Names the id.
            anybody: Whether anybody may have named it, as in a notification. An answer was asked
                for, and comes over WeChat Pay's TLS.
        """
        ring, source, wanted = self.ring, self._source, error.serial or ""
        if source is None or (ring.keys and wanted.startswith(PUBLIC_KEY_PREFIX)):
            raise error

        def needed() -> bool:
            return ring.find(wanted) is None and ring.may_attempt(time.monotonic())

        def download() -> Steps[list[PlatformKey]]:
            # If the download does not bring the id, it counts as forged, and the next unknown id
            # has to wait. A cancelled call or a broken network says nothing about an answer's id,
            # so the attempt is not counted. A notification's id anybody may have made up, and must
            # not cause one download after another: there every attempt counts.
            before = ring.attempted
            ring.attempted = time.monotonic()
            try:
                keys = yield from self._download(route, source)
            except (TransportError, GeneratorExit):
                if not anybody:
                    ring.attempted = before
                raise
            if any(fold(one.id) == fold(wanted) for one in keys):
                ring.attempted = before
            return keys

        try:
            yield from certificates.refresh(ring, download, needed)
        except WeChatPayError as reason:
            if not ring.keys:
                raise  # why there is no key at all says more than that this one is not held
            raise error from reason

    def _download(
        self, route: ClientRoute, source: certificates.Source
    ) -> Steps[list[PlatformKey]]:
        wanted = source.suite.algorithm_type
        query = {"params": {"algorithm_type": wanted}} if wanted else {}
        call = Call.asked("GET", source.path, query)
        exchange = Exchange(call, route)
        reply = yield from self._send(exchange, outgoing(exchange, self.ring, encrypt=False))
        held = self.ring.keys.values()
        keys = certificates.accept(call, reply, source, held, route.hosts)
        if source.directory is not None:
            certificates.store_keys(source.directory, keys)
        return keys
