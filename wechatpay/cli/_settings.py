"""Who the command line is: from options, a settings file or the environment, in this order."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..crypto import path_of
from ..errors import ConfigurationError
from ._envfile import PREFIX, read, read_text
from .words import text

if TYPE_CHECKING:
    from .. import WeChatPay
    from ..crypto import Suite

_OPTIONS = {
    "mchid": "MCHID",
    "serial": "SERIAL",
    "private_key": "PRIVATE_KEY",
    "public_key_id": "PUBLIC_KEY_ID",
    "public_key": "PUBLIC_KEY",
    "certs_dir": "CERTS_DIR",
    "apiv3_key_file": "APIV3_KEY",
    "secret_file": "SECRET",
    "merchant_cert": "MERCHANT_CERT",
    "brand_id": "BRAND_ID",
    "base_url": "BASE_URL",
}
"""Options and the variables that they win over. A secret is never an option, only its file is."""

_METAVARS = {
    "mchid": "NUMBER",
    "serial": "NUMBER",
    "brand_id": "NUMBER",
    "public_key_id": "ID",
    "certs_dir": "DIRECTORY",
    "base_url": "URL",
}
_FILES = frozenset({"apiv3_key_file", "secret_file"})
_EXCLUDING = {"MCHID": "BRAND_ID", "BRAND_ID": "MCHID"}


class Settings(NamedTuple):
    """What a client is made of.

    Attributes:
        variables: The `WECHATPAY_…` variables, without their prefix.
        file: The settings file that they come from, if they do.
    """

    variables: Mapping[str, str]
    file: Path | None = None

    def get(self, name: str) -> str | None:
        """Return a variable that is set and not empty."""
        return self.variables.get(name) or None

    def need(self, name: str) -> str:
        """Return a variable that cannot be done without.

        Raises:
            ConfigurationError: It is not set.
        """
        value = self.get(name)
        if value is None:
            raise ConfigurationError(text("settings.missing", name=PREFIX + name))
        return value

    def client(self, **more: Any) -> WeChatPay:
        """Make a client; `more` are arguments that win.

        Raises:
            ConfigurationError: Something is missing or cannot be right.
        """
        from .. import WeChatPay

        return WeChatPay(**self.arguments(**more))

    def arguments(self, **more: Any) -> dict[str, Any]:
        """Return the arguments that a client would be made with.

        Raises:
            ConfigurationError: Something is missing.
        """
        from .._client import from_environment

        return from_environment(self.environ, more)

    def suite(self) -> Suite:
        """Return the algorithms of the merchant's key: RSA's where there is none.

        Raises:
            ConfigurationError: It is not a key.
        """
        from ..crypto import RSA, load_private_key, suite_of

        own = self.get("PRIVATE_KEY")
        return RSA if own is None else suite_of(load_private_key(own, password=self.get("MCHID")))

    @property
    def environ(self) -> dict[str, str]:
        """The variables under their whole names, as an environment has them."""
        return {PREFIX + name: value for name, value in self.variables.items()}

    def __repr__(self) -> str:
        return f"<Settings {' '.join(self.variables)}>"


def gather(env_file: Path | None, options: Mapping[str, str | None]) -> Settings:
    """Put settings together: options win over the file, or over the environment without one.

    A file is not mixed with the environment: half of one merchant and half of another would be
    the result, or a test that reaches the real WeChat Pay.

    Raises:
        ConfigurationError: The file has no settings, or an option holds what belongs in a file.
        OSError: A file cannot be read.
    """
    if env_file is None:
        environment = os.environ.items()
        variables = {k[len(PREFIX) :]: v for k, v in environment if k.startswith(PREFIX)}
    else:
        variables = read(env_file)
    for option, value in options.items():
        if value is None:
            continue
        flag = f"--{option.replace('_', '-')}"
        if path_of(value) is None:
            raise ConfigurationError(text("settings.not_a_path", option=flag))
        if option in _FILES:
            value = read_text(Path(value)).strip()
        variables[_OPTIONS[option]] = value
        variables.pop(_EXCLUDING.get(_OPTIONS[option], ""), None)
    return Settings(variables, env_file)


def _parameters() -> Iterator[inspect.Parameter]:
    panel = "settings"
    kind = inspect.Parameter.KEYWORD_ONLY
    flags = ("--env-file", "-e")
    info = typer.Option(*flags, metavar="FILE", help="settings.env_file", rich_help_panel=panel)
    hint: Any = Annotated[Path | None, info]
    yield inspect.Parameter("env_file", kind, default=None, annotation=hint)
    for name in _OPTIONS:
        flag, metavar = f"--{name.replace('_', '-')}", _METAVARS.get(name, "FILE")
        info = typer.Option(flag, metavar=metavar, help=f"settings.{name}", rich_help_panel=panel)
        hint = Annotated[str | None, info]
        yield inspect.Parameter(name, kind, default=None, annotation=hint)


def configured(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for its settings; they reach it as its `settings`."""
    # `get_type_hints` would wrap what may be `None` on Python 3.10, where typer does not look.
    signature = inspect.signature(command, eval_str=True)
    own = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, one in signature.parameters.items()
        if name != "settings"
    ]

    def run(env_file: Path | None, **values: Any) -> None:
        options = {name: values.pop(name) for name in _OPTIONS}
        command(settings=gather(env_file, options), **values)

    parameters = [*own, *_parameters()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run
