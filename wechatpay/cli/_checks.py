"""What can be found out about settings without asking WeChat Pay."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConfigurationError
from ._exits import Exit
from ._settings import Settings
from .words import text

if TYPE_CHECKING:
    from ..crypto import PrivateKey

NAMES = (
    *("merchant", "modes", "private_key", "serial", "certificate", "apiv3_key", "secret"),
    *("platform", "transport", "server", "clock", "accepted", "mode", "echo"),
)
"""What is looked at, in this order."""

_OTHERS = 0o077 if os.name == "posix" else 0
"""The permissions of others than a file's owner; Windows does not keep them in the mode."""
_APIV2_KEY_LENGTH = 32
_DAY = 86400
_SOON = 30


class State(Enum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SKIP = "skip"


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: What was looked at, one of `NAMES`.
        state: How it ended.
        words: What was found, or what to do.
        exit: The exit status if it failed.
    """

    name: str
    state: State
    words: str
    exit: Exit = Exit.CONFIGURATION


def passed(name: str, words: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, State.PASS, words)


def failed(name: str, words: str, code: Exit = Exit.CONFIGURATION) -> Check:
    """Return a check that found something wrong."""
    return Check(name, State.FAIL, words, code)


def skipped(name: str, words: str) -> Check:
    """Return a check that could not be made."""
    return Check(name, State.SKIP, words)


def local(settings: Settings) -> Iterator[Check]:
    """Look at everything on this machine."""
    yield _merchant(settings)
    yield from _file_modes(settings)
    key, check = _private_key(settings)
    yield check
    yield _serial(settings)
    if key is not None:
        yield _certificate(settings, key)
    yield _apiv3_key(settings)
    yield _secret(settings)
    yield _platform(settings, key)
    yield _transport(settings)


def _transport(settings: Settings) -> Check:
    """Tell what opens the connections, and in which version."""
    from importlib.metadata import version

    from .._client import choose_transport, named_transport

    try:
        pair = choose_transport(named_transport(settings.get("TRANSPORT")), (None, None))
    except ConfigurationError as error:
        return failed("transport", str(error))
    packages = dict.fromkeys(one.package for one in pair if one.package)
    return passed("transport", ", ".join(f"{name} {version(name)}" for name in packages))


def _merchant(settings: Settings) -> Check:
    from .._client import check_mchid

    brand = settings.get("BRAND_ID")
    if brand is not None:
        return passed("merchant", f"brand {brand}")
    try:
        return passed("merchant", check_mchid(settings.need("MCHID")))
    except ConfigurationError as error:
        return failed("merchant", str(error))


def _file_modes(settings: Settings) -> Iterator[Check]:
    """Check that nobody else can read what is secret."""
    from ..crypto import path_of

    named = [settings.file, path_of(settings.get("PRIVATE_KEY"))]
    files = [path for path in named if path is not None and path.is_file()]
    bare = [str(path) for path in files if path.stat().st_mode & _OTHERS]
    if bare:
        yield failed("modes", text("doctor.open_files", files=" ".join(bare)))
    elif files:
        yield passed("modes", text("doctor.closed_files"))


def _private_key(settings: Settings) -> tuple[PrivateKey | None, Check]:
    from ..crypto import load_private_key, suite_of

    try:
        key = load_private_key(settings.need("PRIVATE_KEY"), password=settings.get("MCHID"))
    except ConfigurationError as error:
        return None, failed("private_key", str(error))
    return key, passed("private_key", f"{suite_of(key).name} {getattr(key, 'key_size', 256)}")


def _serial(settings: Settings) -> Check:
    from .._v3 import check_serial

    try:
        return passed("serial", check_serial(settings.need("SERIAL"), ()))
    except ConfigurationError as error:
        return failed("serial", str(error))


def _certificate(settings: Settings, key: PrivateKey) -> Check:
    """Compare the merchant's certificate, where there is one, with its key and serial number."""
    from ..crypto import load_certificate, load_public, path_of

    source = settings.get("MERCHANT_CERT")
    if source is None:
        private = path_of(settings.get("PRIVATE_KEY"))
        beside = private.with_name("apiclient_cert.pem") if private is not None else None
        if beside is None or not beside.is_file():
            return skipped("certificate", text("doctor.no_certificate"))
        source = str(beside)
    try:
        certificate = load_certificate(source, "merchant certificate", settings.get("MCHID"))
        certified = None if certificate is None else load_public(certificate, "certificate")[0]
    except ConfigurationError as error:
        return failed("certificate", str(error))
    if certificate is None:
        return failed("certificate", text("doctor.not_a_certificate"))
    serial = f"{certificate.serial_number:X}"
    if certified != key.public_key():
        return failed("certificate", text("doctor.other_key", serial=serial))
    if serial != (settings.get("SERIAL") or "").upper().lstrip("0"):
        return failed("certificate", text("doctor.other_serial", serial=serial))
    left = certificate.not_valid_after_utc.timestamp() - time.time()
    days = int(abs(left) // _DAY)
    if left < 0:
        return failed("certificate", text("doctor.expired", days=days))
    key_of_words = "doctor.expires_soon" if days < _SOON else "doctor.matches"
    return passed("certificate", text(key_of_words, days=days))


def _apiv3_key(settings: Settings) -> Check:
    from .._client import check_apiv3_key

    try:
        if check_apiv3_key(settings.get("APIV3_KEY")) is None:
            return skipped("apiv3_key", text("doctor.no_apiv3_key"))
    except ConfigurationError as error:
        return failed("apiv3_key", str(error))
    return passed("apiv3_key", text("doctor.length", length=32))


def _secret(settings: Settings) -> Check:
    secret = settings.get("SECRET")
    if secret is None:
        return skipped("secret", text("doctor.no_secret"))
    if len(secret) != _APIV2_KEY_LENGTH:
        return failed("secret", text("init.secret_length", length=len(secret)))
    return passed("secret", text("doctor.length", length=_APIV2_KEY_LENGTH))


def _platform(settings: Settings, own: PrivateKey | None) -> Check:
    """Tell how WeChat Pay's answers will be verified."""
    from .._client import check_apiv3_key, check_trust, effective_trust, make_keyring, one_suite
    from .._v3 import check_theirs
    from ..crypto import suite_of

    try:
        # Whose number it is does not matter here, and that it is missing is told already.
        known = settings.get("MCHID") or settings.get("BRAND_ID")
        arguments: dict[str, Any] = settings.arguments(**({} if known else {"mchid": ""}))
        apiv3_key = check_apiv3_key(arguments.get("apiv3_key"))
        ring, directory = make_keyring(arguments.get("certs"), apiv3_key)
        effective_trust(check_trust(arguments.get("trust")), ring)
        one_suite(None if own is None else suite_of(own), ring.keys.values())
        check_theirs(ring.keys.values(), None if own is None else own.public_key())
    except ConfigurationError as error:
        return failed("platform", str(error))
    ids = ", ".join(one.id for one in ring.keys.values())
    if ids:
        return passed("platform", ids)
    if apiv3_key is None:
        return failed("platform", text("doctor.no_platform_key"))
    where = "" if directory is None else f" ({directory})"
    return passed("platform", text("doctor.downloads") + where)
