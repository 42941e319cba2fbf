"""The sandbox's settings as environment variables, with its keys in files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ._base import PrivateFolder


class Served(Protocol):
    """What is served, and how it is reached."""

    @property
    def config(self) -> dict[str, Any]:
        """The keyword arguments of a client."""
        ...

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def tls(self) -> bool:
        """Whether it is served by TLS, with a certificate that nobody else trusts."""
        ...

    @property
    def ca(self) -> Path:
        """The file with the certificate to trust, if TLS is served."""
        ...


def write(sandbox: Served, folder: Path) -> dict[str, str]:
    """Write the keys of a sandbox to a folder, and return what leads a client to it.

    Args:
        sandbox: The sandbox; it is serving.
        folder: A folder that nobody else can read; it is made if it is not there, and what is there
            of an earlier run is replaced.

    Returns:
        The variables that `WeChatPay.from_env()` reads, the address last. If TLS is served there is
        `SSL_CERT_FILE` as well: with it, what uses OpenSSL trusts this sandbox, and no one else.
    """
    config, home = sandbox.config, PrivateFolder(folder)
    variables = {
        "WECHATPAY_MCHID": config["mchid"],
        "WECHATPAY_SERIAL": config["serial"],
        "WECHATPAY_PRIVATE_KEY": str(home.write("apiclient_key.pem", config["private_key"])),
    }
    for key_id, pem in config.get("certs", {}).items():
        variables["WECHATPAY_PUBLIC_KEY_ID"] = key_id
        variables["WECHATPAY_PUBLIC_KEY"] = str(home.write("pub_key.pem", pem))
    if "merchant" in config:
        certificate, _ = config["merchant"]
        variables["WECHATPAY_MERCHANT_CERT"] = str(home.write("apiclient_cert.pem", certificate))
    variables["WECHATPAY_APIV3_KEY"] = config["apiv3_key"]
    variables["WECHATPAY_SECRET"] = config["secret"]
    if sandbox.tls:
        variables["SSL_CERT_FILE"] = str(home.write("ca.pem", sandbox.ca.read_text("utf-8")))
    variables["WECHATPAY_BASE_URL"] = config["base_url"]
    return variables


def exports(variables: Mapping[str, str]) -> str:
    """Return variables as `export` lines, for a shell or for a settings file."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
