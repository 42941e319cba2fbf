"""What WeChat Pay itself says about settings: two calls, neither of which moves anything."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .._call import clock_skew
from ..errors import (
    APIError,
    ClockSkew,
    ConfigurationError,
    TransportError,
    VerificationError,
    WeChatPayError,
)
from ._checks import Check, failed, passed, skipped
from ._exits import Exit, exit_of
from ._settings import Settings
from .words import text

if TYPE_CHECKING:
    import httpx

    from .. import WeChatPay

_MOST_SKEW = 60
_AGREED = 2  # a Date has whole seconds
_ECHO = "v3/security/echo"
_NOT_ALLOWED = (403, 404)
_HEARD = (400, 403, 404, 429)
"""Refusals that come after the signature was found right."""


class CertificatesAnswer(NamedTuple):
    """What asking for the platform certificates came to.

    Attributes:
        response: Whatever was answered, if anything was.
        error: Why that is not a list of certificates.
    """

    response: httpx.Response | None
    error: WeChatPayError | None = None


def online(settings: Settings) -> Iterator[Check]:
    """Ask WeChat Pay, if the settings are enough to ask."""
    if settings.get("BRAND_ID") is not None:
        yield skipped("server", text("doctor.brand"))
        return
    try:
        made = settings.client(retries=0)
    except ConfigurationError:
        yield skipped("server", text("doctor.fix_first"))
        return
    with made as client:
        answer = _certificates(settings, client)
        if isinstance(answer.error, (TransportError, ConfigurationError)):
            # Nothing was answered: the server is not there, or the environment bars the way to it.
            yield failed("server", str(answer.error), exit_of(answer.error))
            return
        yield passed("server", settings.get("BASE_URL") or text("doctor.official"))
        yield _clock(answer)
        check = _accepted(answer)
        yield check
        if check.exit is Exit.OK:
            yield _mode(settings, answer)
            yield _echo(client)


def _certificates(settings: Settings, client: WeChatPay) -> CertificatesAnswer:
    from .._call import DEFAULT_BASE_URL, Hosts

    path = Hosts(settings.get("BASE_URL") or DEFAULT_BASE_URL, None).certificates_path
    kind = settings.suite().algorithm_type or None
    try:
        return CertificatesAnswer(
            cast("Any", client).chain(path).get(params={"algorithm_type": kind})
        )
    except WeChatPayError as error:
        # A client that has to download certificates first tells of that, and this is its cause.
        cause = error.__cause__ if isinstance(error.__cause__, APIError) else error
        return CertificatesAnswer(getattr(cause, "response", None), cause)


def _clock(answer: CertificatesAnswer) -> Check:
    skew = clock_skew(answer.response.headers) if answer.response is not None else None
    if isinstance(answer.error, ClockSkew):
        skew = answer.error.skew
    if skew is None:
        return skipped("clock", text("doctor.no_date"))
    direction = "doctor.ahead" if skew > 0 else "doctor.behind"
    words = text(direction, seconds=f"{abs(skew):.0f}")
    if abs(skew) < _AGREED:
        words = text("doctor.agrees")
    if abs(skew) > _MOST_SKEW:
        return failed("clock", text("doctor.set_clock", skew=words))
    return passed("clock", words)


def _accepted(answer: CertificatesAnswer) -> Check:
    """Tell whether WeChat Pay knows the merchant by this key and serial, and we know it."""
    error = answer.error
    if isinstance(error, APIError) and error.code is not None and error.status_code in _HEARD:
        return passed("accepted", text("doctor.accepted"))._replace(exit=Exit.OK)
    if error is None:
        return passed("accepted", text("doctor.verified"))._replace(exit=Exit.OK)
    return failed("accepted", str(error), exit_of(error))


def _mode(settings: Settings, answer: CertificatesAnswer) -> Check:
    """Tell which of its keys WeChat Pay uses for this merchant."""
    from .._v3 import NO_CERTIFICATES

    has_public, error = settings.get("PUBLIC_KEY_ID") is not None, answer.error
    if answer.error is None and answer.response is not None:
        count = len(answer.response.json().get("data", []))
        if count:
            key = "doctor.both_modes" if has_public else "doctor.certificate_mode"
            return passed("mode", text(key, count=count))
    if has_public:
        return passed("mode", text("doctor.public_key_mode"))
    if isinstance(error, APIError) and (error.status_code, error.code) != NO_CERTIFICATES:
        return skipped("mode", str(error))
    return failed("mode", text("doctor.needs_public_key"))


def _echo(client: WeChatPay) -> Check:
    """Have WeChat Pay say something back, openly and encrypted."""
    message = secrets.token_hex(8)
    body = {"echo_message": message, "encrypted_echo_message": message}
    try:
        response = cast("Any", client).chain(_ECHO).post(json=body)
        answer = client.decrypt_fields(response)
    except APIError as error:
        if error.status_code in _NOT_ALLOWED:
            return skipped("echo", text("doctor.no_echo", code=error.code or error.status_code))
        return failed("echo", str(error), exit_of(error))
    except (TransportError, VerificationError, ConfigurationError) as error:
        return failed("echo", str(error), exit_of(error))
    except WeChatPayError as error:
        return failed("echo", text("doctor.echo_sealed", why=error), exit_of(error))
    if answer.get("echo_message") != message or answer.get("encrypted_echo_message") != message:
        return failed("echo", text("doctor.echo_differs"), Exit.NOT_VERIFIED)
    return passed("echo", text("doctor.echoed"))
