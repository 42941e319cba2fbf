"""The client's arguments as the `WECHATPAY_…` variables give them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .configuration import PREFIX, named_transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .configuration import Certs

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def from_environment(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the client's arguments as the `WECHATPAY_…` variables give them.

    Args:
        environ: The variables, such as `os.environ`.
        given: Arguments that take precedence over them.

    Raises:
        ConfigurationError: A necessary one is missing.
    """
    names = (
        *("MCHID", "SERIAL", "PRIVATE_KEY", "APIV3_KEY", "SECRET", "BASE_URL", "BRAND_ID"),
        *("TRANSPORT", "TRUST", "SIGNED_PREFIX"),
    )
    # A variable that is overridden may hold anything.
    wanted = [name for name in names if name.lower() not in given]
    arguments: dict[str, Any] = {name.lower(): value for name, value in _set(environ, *wanted)}
    if "transport" in arguments:
        arguments["transport"] = named_transport(arguments["transport"])
    if "signed_prefix" in arguments:
        arguments["signed_prefix"] = _flag("SIGNED_PREFIX", arguments["signed_prefix"])
    for name, other in (("mchid", "brand_id"), ("brand_id", "mchid")):
        if name in given:
            arguments.pop(other, None)
    if not {"mchid", "brand_id"} & {**arguments, **given}.keys():
        raise ConfigurationError(f"{PREFIX}MCHID is not set: it is the merchant number")
    if "certs" not in given:
        arguments["certs"] = certs_from(environ)
    certificate = dict(_set(environ, "MERCHANT_CERT")).get("MERCHANT_CERT")
    if certificate is not None and "merchant" not in given:
        arguments["merchant"] = _with_key(certificate, {**arguments, **given}.get("private_key"))
    return {**arguments, **given}


def certs_from(environ: Mapping[str, str]) -> Certs:
    """Return WeChat Pay's keys as the `WECHATPAY_…` variables give them: the client's `certs`.

    Raises:
        ConfigurationError: A public key is without its id, or the other way round.
    """
    values = dict(_set(environ, "PUBLIC_KEY_ID", "PUBLIC_KEY", "CERTS_DIR"))
    key_id, key = values.get("PUBLIC_KEY_ID"), values.get("PUBLIC_KEY")
    directory = values.get("CERTS_DIR")
    if key_id is None or key is None:
        if key_id or key:
            raise ConfigurationError(f"{PREFIX}PUBLIC_KEY_ID and {PREFIX}PUBLIC_KEY go together")
        return directory
    if directory is None:
        return {key_id: key}
    from .._v3 import load_keys

    held = {one.id: one.key for one in load_keys(Path(directory))[0]}
    return {**held, key_id: key}


def _set(environ: Mapping[str, str], *names: str) -> Iterator[tuple[str, str]]:
    """Yield those of our variables that are set and not empty."""
    for name in names:
        if value := environ.get(PREFIX + name):
            yield name, value


def _flag(name: str, value: str) -> bool:
    """Return a variable that is true or false."""
    flag = _FLAGS.get(value.strip().lower())
    if flag is None:
        raise ConfigurationError(f"{PREFIX}{name} must be true or false")
    return flag


def _with_key(certificate: str, private_key: object) -> object:
    """Return the `merchant` argument: a PKCS#12 file has the certificate's key in it."""
    if certificate.lower().endswith((".p12", ".pfx")):
        return certificate
    if private_key is None:
        raise ConfigurationError(
            f"{PREFIX}MERCHANT_CERT needs {PREFIX}PRIVATE_KEY, unless it is a .p12 file"
        )
    return certificate, private_key
