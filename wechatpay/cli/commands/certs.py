"""`wechatpay certs`: the platform certificates, downloaded, verified, and kept in a directory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import ConfigurationError
from .. import _output
from .._settings import Settings, configured
from ..words import text

if TYPE_CHECKING:
    from ..._v3 import PlatformKey

_DAY = 86400


@configured
def certs(
    settings: Settings,
    directory: Annotated[
        Path, typer.Argument(metavar="[DIRECTORY]", help="certs.directory")
    ] = Path("certificates"),
) -> None:
    """Download the platform certificates into a directory."""
    from ..._v3 import load_keys, store_keys

    if settings.get("APIV3_KEY") is None:
        raise ConfigurationError(text("certs.no_key"))
    keys = downloaded(settings)
    directory.mkdir(parents=True, exist_ok=True)
    store_keys(directory, keys)
    held = {one.id.lstrip("0"): one for one in load_keys(directory)[0]}
    missing = [one.id for one in keys if one.id.lstrip("0") not in held]
    if missing:
        raise OSError(None, text("certs.not_kept", count=len(missing)), str(directory))
    rows = [(one.id, since(one.effective), str(directory / f"{one.id}.pem")) for one in keys]
    _output.table([text("certs.serial"), text("certs.since"), text("certs.file")], rows)
    if _output.is_terminal():
        _output.say(text("certs.next", directory=directory.resolve()))


def downloaded(settings: Settings) -> list[PlatformKey]:
    """Download the platform certificates.

    Raises:
        ConfigurationError: There are none, or what it takes is not all there.
    """
    from ..._call import DEFAULT_BASE_URL, Hosts
    from ..._client import check_apiv3_key
    from ..._v3 import unseal_keys

    key = check_apiv3_key(settings.need("APIV3_KEY")) or b""
    path = Hosts(settings.get("BASE_URL") or DEFAULT_BASE_URL, None).certificates_path
    suite = settings.suite()
    with settings.client() as client:
        # The client verifies it, by keys it holds or by certificates that verify themselves.
        answer = client.chain(path).get(params={"algorithm_type": suite.algorithm_type or None})
        keys = unseal_keys(answer.content, key, suite)
    if not keys:
        raise ConfigurationError(text("doctor.needs_public_key"))
    return keys


def since(effective: float) -> str:
    """Return the day from which a certificate is used."""
    days = (time.time() - effective) / _DAY
    moment = time.strftime("%Y-%m-%d", time.localtime(effective))
    return moment if days >= 0 else text("certs.later", moment=moment)
