"""`wechatpay notify verify|decrypt`: a notification that was saved, looked at again."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

import typer

from ...errors import VerificationError
from .. import _inputs, _output
from .._settings import Settings, configured
from .._verifying import is_v2, opened, verified, verified_v2
from ..words import text

Body = Annotated[str, typer.Argument(metavar="[FILE]", help="notify.body")]
HeadersFile = Annotated[
    str | None, typer.Option("--headers", metavar="FILE", help="notify.headers")
]
Header = Annotated[
    list[str] | None, typer.Option("--header", "-H", metavar="HEADER", help="notify.header")
]
AnyAge = Annotated[bool, typer.Option("--any-age", help="notify.any_age")]
_SHOWN = ("id", "create_time", "event_type", "summary")


@configured
def verify(
    settings: Settings,
    body: Body = _inputs.STANDARD_INPUT,
    headers: HeadersFile = None,
    header: Header = None,
    age: AnyAge = False,
) -> None:
    """Check a notification's signature, and print what is in its envelope."""
    fields, raw = _inputs.saved_headers(headers, header or []), _inputs.data(body)
    if is_v2(raw):
        found = verified_v2(settings, raw)
        _output.say(text("verify.fine", serial="sign"))
        _output.dump(found, pretty=_output.is_terminal())
        return
    serial = verified(settings, fields, raw, any_age=age)
    _output.say(text("verify.fine", serial=serial))
    envelope = _envelope(raw)
    shown = {name: envelope[name] for name in _SHOWN if name in envelope}
    _output.dump(shown, pretty=_output.is_terminal())


@configured
def decrypt(
    settings: Settings,
    body: Body = _inputs.STANDARD_INPUT,
    headers: HeadersFile = None,
    header: Header = None,
    age: AnyAge = False,
    unverified: Annotated[bool, typer.Option("--unverified", help="notify.unverified")] = False,
) -> None:
    """Print what a notification's ciphertext hides, once its signature is checked."""
    fields, raw = _inputs.saved_headers(headers, header or []), _inputs.data(body)
    if is_v2(raw):
        resource: Any = _opened_v2(settings, raw)
    elif unverified:
        resource = _opened(settings, raw)
        _output.say(text("notify.not_verified"))
    else:
        resource = opened(settings, fields, raw, any_age=age)
    _output.dump(resource, pretty=_output.is_terminal())


def _envelope(raw: bytes) -> dict[str, Any]:
    try:
        envelope = json.loads(raw)
    except (ValueError, RecursionError):
        envelope = None
    if not isinstance(envelope, dict):
        raise VerificationError(text("notify.no_envelope"), outcome_unknown=False)
    return cast("dict[str, Any]", envelope)


def _opened(settings: Settings, raw: bytes) -> Any:
    """Open the resource of an APIv3 notification."""
    from ..._client import check_apiv3_key
    from ...crypto import RSA, SM

    key = check_apiv3_key(settings.need("APIV3_KEY")) or b""
    resource = _envelope(raw).get("resource")
    names = ("ciphertext", "nonce", "associated_data")
    given = cast("dict[str, Any]", resource) if isinstance(resource, dict) else {}
    sealed = [given.get(name) or "" for name in names]
    if not all(isinstance(one, str) for one in sealed):
        raise VerificationError(text("notify.no_envelope"), outcome_unknown=False)
    ciphertext, nonce, associated = cast("list[str]", sealed)
    suite = SM if given.get("algorithm") == SM.aead else RSA
    return json.loads(suite.open(ciphertext, key, nonce, associated))


def _opened_v2(settings: Settings, raw: bytes) -> Any:
    """Open an APIv2 notification; WeChat Pay does not sign those of refunds."""
    from ... import xml

    with settings.client() as client:
        resource = client.notification_v2(raw)
    if "sign" not in xml.loads(raw):
        _output.say(text("notify.v2_unsigned"))
    return resource
