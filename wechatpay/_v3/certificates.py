"""Platform certificates: downloaded, opened, verified, kept in a directory, renewed in time.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012551764
"""

from __future__ import annotations

import copy
import json
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .._call import refusal_of
from .._files import WholeFile
from .._locks import TicketHolder
from .._wire import Failure, Wait
from ..crypto import RSA, Suite
from ..errors import (
    ConfigurationError,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
)
from .keyring import PUBLIC_KEY_PREFIX, Keyring, PlatformKey, platform_key
from .verification import verify

if TYPE_CHECKING:
    import httpx

    from .._call import Call, Hosts, Steps

POLL = 0.02
"""Seconds between two looks at whether the caller that refreshes has finished."""
LONGEST_WAIT = 120.0
"""Seconds after which a caller no longer waits: it goes on with the keys there are, or fails."""
NO_CERTIFICATES = (404, "RESOURCE_NOT_EXISTS")
"""The one refusal that says, as documented, that a merchant has the public key instead."""
_ADVICE = (
    "most likely this merchant has no platform certificates but WeChat Pay's public key. Download "
    "that from the merchant platform (账户中心 → API安全 → 微信支付公钥) and pass "
    'certs={"PUB_KEY_ID_…": "pub_key.pem"}'
)
_TOLERANCE = timedelta(minutes=5)
"""How far the local clock may be behind when a new certificate arrives."""

Trust = Literal["download", "signed", "pinned"]
logger = logging.getLogger("wechatpay")


class Source(NamedTuple):
    """How platform certificates are had.

    Attributes:
        apiv3_key: What opens them.
        path: Where they are: `v3/certificates`, or overseas `v3/global/certificates`.
        directory: Where they are kept between processes, if anywhere.
        trust: Whether a list has to be signed with a key that is held already.
        suite: The algorithms of the certificates that are wanted.
    """

    apiv3_key: bytes
    path: str = "v3/certificates"
    directory: Path | None = None
    trust: Trust = "download"
    suite: Suite = RSA

    def __repr__(self) -> str:
        return f"<Source {self.path}>"


def refresh(
    ring: Keyring, download: Callable[[], Steps[list[PlatformKey]]], needed: Callable[[], bool]
) -> Steps[None]:
    """Bring the ring up to date; of callers that come at once, one downloads and all profit.

    Raises:
        WeChatPayError: The download failed, and the ring is still empty.
    """
    before, waited, holder = ring.finished, 0.0, TicketHolder()
    # Taking the ticket is inside the `try`, for a signal may come right after it. Should one come
    # in the `finally` as well, `holder` goes with this call, and that frees the ticket.
    try:
        # Nobody waits on a lock here: it would block the event loop in which the download that is
        # under way has to go on. So callers look again every few milliseconds.
        while not ring.ticket.take(holder):
            if waited > LONGEST_WAIT:
                if not ring.keys:
                    raise TransportError(
                        "platform certificates are still being downloaded; try again",
                        outcome_unknown=False,
                    )
                return
            waited += POLL
            try:
                yield Wait(POLL, ring.ticket.thread)
            except Failure:
                # A blocking call in the very event loop in which the holder would go on: to wait
                # for it would be for ever, so this call downloads without the ticket.
                break
            if ring.finished != before:
                if ring.failure is not None and not ring.keys:
                    raise copy.copy(ring.failure) from ring.failure
                return
        if needed():
            yield from _refresh_alone(ring, download)
    finally:
        ring.ticket.give_back(holder)


def _refresh_alone(ring: Keyring, download: Callable[[], Steps[list[PlatformKey]]]) -> Steps[None]:
    try:
        keys = yield from download()
    except WeChatPayError as error:
        ring.failure = error
        ring.finished += 1
        raise
    ring.swap(keys, time.time())
    ring.failure = None
    ring.finished += 1


def accept(
    call: Call,
    reply: httpx.Response,
    source: Source,
    held: Iterable[PlatformKey],
    hosts: Hosts | None = None,
) -> list[PlatformKey]:
    """Return the certificates in an answer that one of them has signed, or a key held before.

    While a merchant switches to the public key, that may be what signs the list. A source with
    `trust="signed"` takes a list only if a key held before has signed it.

    Raises:
        ConfigurationError: This merchant has no platform certificates: it uses the public key.
        DecryptionError: The APIv3 key does not open them.
        VerificationError: The answer is not signed with any of these keys, or none is valid now.
        APIError: WeChat Pay refused, or something between here and there did.
    """
    if not reply.is_success:
        error = refusal_of(call, reply, hosts)
        if (error.status_code, error.code) == NO_CERTIFICATES:
            raise ConfigurationError(f"{error}: {_ADVICE}") from error
        raise error
    keys = unseal_keys(reply.content, source.apiv3_key, source.suite)
    if not keys:
        raise ConfigurationError(f"{call.shown_path} was answered with an empty list: {_ADVICE}")
    judges = list(held) if source.trust == "signed" else [*keys, *held]
    try:
        verify(reply.headers, reply.content, Keyring(judges))
    except UnknownPlatformKey as error:
        if source.trust != "signed":
            raise
        raise UnknownPlatformKey(
            f'the list of platform certificates is {error}; trust="download" takes a list on the '
            "APIv3 key's word alone",
            serial=error.serial,
            outcome_unknown=False,
        ) from None
    return keys


def unseal_keys(body: bytes, apiv3_key: bytes, suite: Suite = RSA) -> list[PlatformKey]:
    """Decrypt the certificates of a suite in an answer's body; an empty body holds none.

    Raises:
        DecryptionError: The APIv3 key does not open them.
        VerificationError: It is something else.
    """
    try:
        found: list[PlatformKey] = []
        entries: list[dict[str, Any]] = json.loads(body)["data"] if body else []
        for entry in entries:
            sealed: dict[str, str] = entry["encrypt_certificate"]
            if sealed.get("algorithm", suite.aead) != suite.aead:
                continue
            pem = suite.open(
                sealed["ciphertext"], apiv3_key, sealed["nonce"], sealed.get("associated_data")
            )
            key = _certified(entry["serial_no"], pem.encode())
            effective, expires = _time(entry["effective_time"]), entry.get("expire_time")
            if key is not None and key.suite is not suite:
                raise ValueError
            # A certificate that was replaced early expires here, and not by its own dates.
            if key is not None and (expires is None or time.time() < _time(expires)):
                found.append(key._replace(effective=effective))
    except WeChatPayError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise VerificationError(
            "the answer is not a list of platform certificates", outcome_unknown=False
        ) from None
    if entries and not found:
        raise VerificationError(
            f"none of the {len(entries)} certificates in the answer is valid now: is the clock "
            "right?",
            outcome_unknown=False,
        )
    return found


def _time(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _certified(serial: str | None, pem: bytes) -> PlatformKey | None:
    """Return the key in a certificate, under its serial number; `None` if it is not valid now.

    Args:
        serial: How a list calls it, if it is in one: a public key is never in a list.
        pem: The certificate.

    Raises:
        ConfigurationError: It has another serial number, or another kind of key.
        ValueError: It is damaged, or is called what no certificate is.
    """
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(pem)
    if serial is not None and serial.upper().startswith(PUBLIC_KEY_PREFIX):
        raise ValueError
    now = datetime.now(timezone.utc)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins - _TOLERANCE <= now < ends:
        return None
    key = platform_key(serial or f"{certificate.serial_number:X}", certificate)
    return key._replace(pem=pem)


def store_keys(directory: Path, keys: Iterable[PlatformKey]) -> None:
    """Keep downloaded certificates as `<serial>.pem`; a reader never sees half of one.

    A directory that cannot be written is logged, not raised: the keys are in memory all the same.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for one in keys:
            # Anyone may read a certificate, and a directory that is shared has other readers.
            whole = WholeFile(directory / f"{one.id}.pem")
            try:
                whole.file.write(one.pem)
                whole.keep()
            finally:
                whole.discard()
    except OSError as error:
        logger.warning("platform certificates could not be kept: %s", error.strerror)


def load_keys(directory: Path) -> tuple[list[PlatformKey], float | None]:
    """Read the keys in a directory, and when the newest certificate among them was written.

    Certificates (`*.pem`, whatever their name) are known by their serial number, unless they are
    not valid now; public keys by their file's name, `PUB_KEY_ID_….pem`. Other files are left alone.

    Raises:
        ConfigurationError: The directory cannot be read, or one of those files is damaged.
    """
    keys: list[PlatformKey] = []
    written: float | None = None
    try:
        files = sorted(directory.glob("*.pem")) if _is_there(directory) else []
        for file in files:
            pem = file.read_bytes()
            if file.stem.startswith(PUBLIC_KEY_PREFIX):
                keys.append(platform_key(file.stem, pem))
            elif b"-----BEGIN CERTIFICATE-----" in pem:
                key = _read_certificate(file, pem)
                if key is not None:
                    keys.append(key)
                    written = max(written or 0.0, file.stat().st_mtime)
    except OSError as error:
        raise ConfigurationError(
            f"certs: {_named(directory)} cannot be read: {error.strerror}"
        ) from None
    return keys, written


def _named(directory: Path) -> str:
    """Return a directory's name for an error: what names nothing may be a secret."""
    try:
        is_there = _is_there(directory)
    except OSError:
        is_there = False
    return repr(str(directory))[1:-1] if is_there else f"a path of {len(str(directory))} characters"


def _read_certificate(file: Path, pem: bytes) -> PlatformKey | None:
    try:
        return _certified(None, pem)
    except ValueError as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"certs: {file} is a damaged certificate") from None


def _is_there(path: Path) -> bool:
    """Tell whether something has that name; from Python 3.14 on `exists` calls every error no."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL names nothing
        return False
    return True
