"""`wechatpay mcp` and `wechatpay skill`: what a coding agent is given."""

from __future__ import annotations

from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ...errors import ConfigurationError
from .. import _output
from .._settings import Settings, configured
from ..words import text


class Action(str, Enum):
    """What is done with the skill."""

    INSTALL = "install"


@configured
def mcp(
    settings: Settings,
    live: Annotated[bool, typer.Option("--live", help="mcp.live")] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", metavar="CALL", help="mcp.allow")
    ] = None,
    personal: Annotated[bool, typer.Option("--personal", help="mcp.personal")] = False,
) -> None:
    """Serve the tools until standard input ends."""
    from ..assistant import Allowed, Merchant

    if find_spec("mcp") is None:
        raise ConfigurationError(text("mcp.extra"))
    from ..assistant.server import build

    merchant = Merchant(settings, Allowed(allow or []), live=live, personal=personal)
    try:
        build(merchant).run("stdio")
    finally:
        merchant.close()


def skill(
    action: Annotated[
        Action | None, typer.Argument(metavar="[install]", help="skill.action")
    ] = None,
    into: Annotated[Path, typer.Option("--into", metavar="DIRECTORY", help="skill.into")] = Path(
        ".agents/skills"
    ),
    force: Annotated[bool, typer.Option("--force", help="skill.force")] = False,
) -> None:
    """Print where the skill is, or copy it."""
    from ..assistant import folder, install

    if action is None:
        _output.put(str(folder()))
        return
    try:
        place = install(into, force=force)
    except FileExistsError as error:
        raise ConfigurationError(text("skill.there", path=error)) from error
    _output.put(str(place))
