"""`wechatpay init`: asks for the settings, checks each, and writes a file for your eyes only."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...crypto import path_of
from ...errors import ConfigurationError
from .. import _envfile, _output
from .._settings import Settings, configured
from ..words import text

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ...crypto import PrivateKey

Check = Callable[[str], object]
_CERTIFICATE = "apiclient_cert.pem"
_KEY = "apiclient_key.pem"
_PUBLIC_KEY = "pub_key.pem"
_PATHS = ("PRIVATE_KEY", "PUBLIC_KEY", "CERTS_DIR", "MERCHANT_CERT")
_APIV2_KEY_LENGTH = 32


@configured
def init(
    settings: Settings,
    output: Annotated[Path, typer.Argument(metavar="[FILE]", help="init.output")] = Path(
        "wechatpay.env"
    ),
    force: Annotated[bool, typer.Option("--force", "-f", help="init.force")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="init.no_input")] = False,
) -> None:
    """Ask for the settings, check them, and write a settings file."""
    if output.exists() and not force:
        raise FileExistsError(None, text("init.exists"), str(output))
    answers = dict(settings.variables)
    if not no_input and _output.is_terminal(sys.stdin):
        _output.say(text("init.welcome"))
        _ask_all(answers)
    answers = {
        name: _absolute(value) if name in _PATHS else value for name, value in answers.items()
    }
    Settings(answers).client().close()
    _envfile.write(output, answers)
    _output.say(text("init.written", path=output))
    _output.say(text("init.next", path=output))


def check_secret(secret: str) -> None:
    """Check that a text may be an APIv2 key.

    Raises:
        ConfigurationError: It cannot.
    """
    if len(secret) != _APIV2_KEY_LENGTH:
        raise ConfigurationError(text("init.secret_length", length=len(secret)))


def serial_of(certificate: Certificate) -> str:
    """Return a certificate's serial number as WeChat Pay writes it."""
    return f"{certificate.serial_number:040X}"


def _ask_all(answers: dict[str, str]) -> None:
    from ..._client import check_apiv3_key, check_mchid
    from ..._v3 import check_serial, check_theirs, platform_key
    from ...crypto import load_certificate, load_private_key, load_public

    def load_own(source: str) -> PrivateKey:
        return load_private_key(source, password=answers.get("MCHID"))

    def load_own_certificate(source: str) -> Certificate | None:
        return load_certificate(source, "MERCHANT_CERT", answers.get("MCHID"))

    def identify(key_id: str) -> None:
        key = platform_key(key_id, answers["PUBLIC_KEY"])
        check_theirs([key], load_own(answers["PRIVATE_KEY"]).public_key())

    if "BRAND_ID" not in answers:
        _ask(answers, "MCHID", check_mchid)
    _ask(answers, "PRIVATE_KEY", load_own, suggestion=_KEY)
    beside = Path(answers["PRIVATE_KEY"]).with_name(_CERTIFICATE)
    _ask(answers, "MERCHANT_CERT", load_own_certificate, suggestion=str(beside), optional=True)
    own = answers.get("MERCHANT_CERT")
    certificate = None if own is None else load_own_certificate(own)
    if certificate is not None:
        answers["SERIAL"] = serial_of(certificate)
        _output.say(text("init.serial_found", serial=answers["SERIAL"]))
    else:
        _ask(answers, "SERIAL", lambda serial: check_serial(serial, ()))
    _ask(answers, "PUBLIC_KEY", load_public, suggestion=_PUBLIC_KEY, optional=True)
    if "PUBLIC_KEY" in answers:
        _ask(answers, "PUBLIC_KEY_ID", identify)
    else:
        answers.pop("PUBLIC_KEY_ID", None)
    is_needed = "PUBLIC_KEY" not in answers and "CERTS_DIR" not in answers
    _ask_secret(answers, "APIV3_KEY", check_apiv3_key, optional=not is_needed)
    _ask_secret(answers, "SECRET", check_secret, optional=True)


def _ask(
    answers: dict[str, str],
    name: str,
    check: Check,
    *,
    suggestion: str | None = None,
    optional: bool = False,
) -> None:
    """Ask until the answer can be right; an empty one leaves out what is optional."""
    if suggestion is not None and not Path(suggestion).is_file():
        suggestion = None
    default = answers.pop(name, None) or suggestion or ("" if optional else None)
    while True:
        question = text(f"init.{name.lower()}")
        answer = typer.prompt(question, default=default, err=True, show_default=bool(default))
        if _is_settled(answers, name, answer.strip(), check, optional=optional):
            return


def _ask_secret(answers: dict[str, str], name: str, check: Check, *, optional: bool) -> None:
    """Ask for what is not shown while it is typed; what is set already may be kept."""
    kept = answers.pop(name, "")
    question = text(f"init.{name.lower()}") + (text("init.keep") if kept else "")
    while not _is_settled(
        answers, name, getpass.getpass(f"{question}: ").strip() or kept, check, optional=optional
    ):
        kept = ""


def _is_settled(
    answers: dict[str, str], name: str, answer: str, check: Check, *, optional: bool
) -> bool:
    if not answer and optional:
        return True
    try:
        if not answer:
            raise ConfigurationError(text("init.needed"))
        check(answer)
    except ConfigurationError as error:
        _output.say(f"  {error}")
        return False
    answers[name] = answer
    return True


def _absolute(value: str) -> str:
    """A path as it is from any folder; a key as text is left as it is."""
    path = path_of(value)
    return value if path is None else str(path.absolute())
