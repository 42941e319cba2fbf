"""`wechatpay certs`: the platform certificates, downloaded, proved, and kept in a directory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ...errors import ConfigurationError
from .. import _output
from .._settings import Settings, configured
from ..words import text

_DAY = 86400


@configured
def certs(
    settings: Settings,
    directory: Annotated[
        Path, typer.Argument(metavar="[DIRECTORY]", help="certs.directory")
    ] = Path("certificates"),
) -> None:
    """Download the platform certificates into a directory."""
    from ..._call.hosts import DEFAULT_BASE_URL, Hosts
    from ..._client.configuration import check_apiv3_key
    from ..._v3.certificates import load, store, unseal

    key = check_apiv3_key(settings.get("APIV3_KEY"))
    if key is None:
        raise ConfigurationError(text("certs.no_key"))
    directory.mkdir(parents=True, exist_ok=True)
    path = Hosts(settings.get("BASE_URL") or DEFAULT_BASE_URL, None).certificates_path
    with settings.client() as client:
        # The client verifies it, by keys it holds or by certificates that prove themselves.
        keys = unseal(client.chain(path).get().content, key)
    if not keys:
        raise ConfigurationError(text("doctor.needs_public_key"))
    store(directory, keys)
    held = {one.id.lstrip("0"): one for one in load(directory)[0]}
    missing = [one.id for one in keys if one.id.lstrip("0") not in held]
    if missing:
        raise OSError(None, text("certs.not_kept", count=len(missing)), str(directory))
    rows = [(one.id, since(one.effective), str(directory / f"{one.id}.pem")) for one in keys]
    _output.table([text("certs.serial"), text("certs.since"), text("certs.file")], rows)
    if _output.is_terminal():
        _output.say(text("certs.next", directory=directory.resolve()))


def since(effective: float) -> str:
    """Return the day from which a certificate is used."""
    days = (time.time() - effective) / _DAY
    moment = time.strftime("%Y-%m-%d", time.localtime(effective))
    return moment if days >= 0 else text("certs.later", moment=moment)
