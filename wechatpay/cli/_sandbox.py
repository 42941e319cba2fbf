"""Where the sandbox is that a command speaks to, and what it can be told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ._envfile import read
from ._settings import Settings
from .words import text

if TYPE_CHECKING:
    import httpx

    from .. import WeChatPay
    from ..sandbox import Action


def of_sandbox(settings: Settings) -> Settings:
    """Return settings that lead to a sandbox: those that are given, or those that one has left.

    Raises:
        ConfigurationError: They lead to WeChat Pay itself, or there are none.
    """
    from .._call import API_HOSTS

    if not settings.variables:
        kept = kept_by_sandbox()
        if not kept.is_file():
            raise ConfigurationError(text("sandbox.none"))
        settings = Settings(read(kept), kept)
    base_url = settings.get("BASE_URL")
    if base_url is None or urlsplit(base_url).hostname in API_HOSTS:
        raise ConfigurationError(text("sandbox.real"))
    return settings


def kept_by_sandbox() -> Path:
    """Return where `wechatpay sandbox` leaves its settings."""
    from ..sandbox.serving import SETTINGS, folder_of

    return folder_of() / SETTINGS


def actions() -> Mapping[str, Action]:
    """Return what a sandbox can be told, by its name on the command line."""
    from ..sandbox import actions as found

    return {each.name.replace("_", "-"): each for each in found() if each.is_listed}


def ask(client: WeChatPay, method: str, template: str, **arguments: Any) -> Any:
    """Make a call of the sandbox's own, and return what it answers; `None` for nothing."""
    call = getattr(cast("Any", client).chain(template), method.lower())
    # What the sandbox is told is not WeChat Pay's, and nothing of it is sealed.
    response: httpx.Response = call(**arguments, encrypt=False)
    return response.json() if response.content else None
