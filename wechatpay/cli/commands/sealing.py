"""`wechatpay encrypt` and `wechatpay decrypt`: sensitive fields, and what the APIv3 key seals."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import ConfigurationError
from .. import _inputs, _output
from .._settings import Settings, configured
from ..words import text


@configured
def encrypt(
    settings: Settings,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="encrypt.file")
    ] = _inputs.STANDARD_INPUT,
    as_json: Annotated[bool, typer.Option("--json", help="encrypt.json")] = False,
) -> None:
    """Encrypt a text for WeChat Pay."""
    plain = _inputs.secret_text(file, text("encrypt.prompt"))
    with settings.client() as client:
        try:
            sealed = client.encrypt(plain)
        except ValueError as error:
            if isinstance(error, ConfigurationError):
                raise
            raise typer.BadParameter(str(error)) from None
    if as_json:
        found = {"serial": sealed.serial, "ciphertext": str(sealed)}
        _output.dump(found, pretty=_output.is_terminal())
        return
    _output.say(f"Wechatpay-Serial: {sealed.serial}")
    _output.put(str(sealed))


@configured
def decrypt(
    settings: Settings,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="decrypt.file")
    ] = _inputs.STANDARD_INPUT,
    nonce: Annotated[
        str | None, typer.Option("--nonce", metavar="TEXT", help="decrypt.nonce")
    ] = None,
    associated: Annotated[
        str, typer.Option("--associated-data", metavar="TEXT", help="decrypt.associated")
    ] = "",
) -> None:
    """Decrypt a field that WeChat Pay encrypted for the merchant."""
    ciphertext = _inputs.decoded(_inputs.data(file)).strip()
    if nonce is None:
        with settings.client() as client:
            _output.put(client.decrypt(ciphertext))
        return
    from ..._client import check_apiv3_key

    key = check_apiv3_key(settings.need("APIV3_KEY")) or b""
    _output.put(settings.suite().open(ciphertext, key, nonce, associated))
