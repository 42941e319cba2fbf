"""`wechatpay sign` and `wechatpay verify`: signatures alone, to find where one went wrong."""

from __future__ import annotations

import os
from enum import Enum
from typing import Annotated

import typer

from ...errors import VerificationError
from .. import _inputs, _output
from .._exits import Exit
from .._settings import Settings, configured
from .._verifying import is_v2, verified, verified_v2
from ..words import text
from .notify import AnyAge, Header, HeadersFile
from .request import Verb

File = Annotated[str, typer.Argument(metavar="[FILE]", help="sign.file")]


class FrontEnd(str, Enum):
    """Where a customer pays."""

    JSAPI = "jsapi"
    MINIPROGRAM = "miniprogram"
    APP = "app"


@configured
def sign(
    settings: Settings,
    file: File = _inputs.STANDARD_INPUT,
    verb: Annotated[Verb | None, typer.Option("--verb", help="sign.verb")] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="TARGET", help="sign.target")
    ] = None,
    v2: Annotated[bool, typer.Option("--v2", help="sign.v2")] = False,
    prepay_id: Annotated[str | None, typer.Option(metavar="ID", help="sign.prepay_id")] = None,
    appid: Annotated[str | None, typer.Option(metavar="ID", help="sign.appid")] = None,
    front_end: Annotated[FrontEnd, typer.Option("--for", help="sign.for")] = FrontEnd.JSAPI,
) -> None:
    """Sign bytes, a request, APIv2 fields, or what starts a payment."""
    if (verb is None) != (target is None):
        raise typer.BadParameter(text("sign.together", names="--verb --target"))
    if (prepay_id is None) != (appid is None):
        raise typer.BadParameter(text("sign.together", names="--prepay-id --appid"))
    if (verb is not None) + (prepay_id is not None) + v2 > 1:
        raise typer.BadParameter(text("sign.one"))
    if prepay_id is not None:
        with settings.client() as client:
            make = getattr(client.paysign, front_end.value)
            _output.dump(make(appid, prepay_id), pretty=_output.is_terminal())
    elif v2:
        _output.put(_sign_v2(settings, _inputs.data(file)))
    elif verb is not None and target is not None:
        _output.put(_authorization(settings, verb, target, _body(file, verb)))
    else:
        from ...crypto import load_private_key, suite_of

        key = load_private_key(settings.need("PRIVATE_KEY"), password=settings.get("MCHID"))
        _output.put(suite_of(key).sign(_inputs.data(file), key))


@configured
def verify(
    settings: Settings,
    file: File = _inputs.STANDARD_INPUT,
    headers: HeadersFile = None,
    header: Header = None,
    age: AnyAge = False,
) -> None:
    """Check the signature of an answer or a notification of WeChat Pay's."""
    fields, raw = _inputs.saved_headers(headers, header or []), _inputs.data(file)
    try:
        if not fields and is_v2(raw):
            verified_v2(settings, raw)
            serial = "sign"
        else:
            serial = verified(settings, fields, raw, any_age=age)
    except VerificationError as error:
        # A wrong message is an answer to the question that was asked, and not one of its failures.
        _output.error(str(error))
        raise typer.Exit(Exit.REFUSED) from None
    _output.put(text("verify.fine", serial=serial))


def _body(file: str, verb: Verb) -> bytes:
    """Return what a request's signature covers; a GET has no body, so none is read."""
    return b"" if verb is Verb.GET else _inputs.data(file)


def _authorization(settings: Settings, verb: Verb, target: str, body: bytes) -> str:
    """Return the header, without making a call."""
    from ..._v3 import (
        KeySigner,
        authorization,
        brand_scheme,
        check_serial,
        merchant_scheme,
        signed_with,
    )
    from ...crypto import load_private_key, suite_of

    brand = settings.get("BRAND_ID")
    scheme = brand_scheme(brand) if brand else merchant_scheme(settings.need("MCHID"))
    key = load_private_key(settings.need("PRIVATE_KEY"), password=settings.get("MCHID"))
    scheme = signed_with(scheme, suite_of(key))
    signer = KeySigner(check_serial(settings.need("SERIAL"), ()), key)
    path = target if target.startswith("/") else f"/{target}"
    return authorization(scheme, signer, verb.value.upper(), os.fsencode(path), body)


def _sign_v2(settings: Settings, raw: bytes) -> str:
    from ... import xml
    from ...crypto import digest

    fields = xml.loads(raw)
    kind: digest.SignType = "HMAC-SHA256" if fields.get("sign_type") == "HMAC-SHA256" else "MD5"
    return digest.sign(fields, settings.need("SECRET"), kind)
