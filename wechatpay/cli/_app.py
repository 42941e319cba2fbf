"""The commands put together, and what becomes of the errors that are not a command's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any, cast

import typer
from typer.main import get_command

from . import _output, _shells, _wrong
from ._exits import Exit
from ._help import Command, Group
from .commands import (
    api,
    assistant,
    bill,
    certs,
    doctor,
    download,
    init,
    listen,
    notify,
    request,
    sandbox,
    sealing,
    signing,
    tell,
)
from .words import language, text

_Command = Callable[..., None]
_COMMANDS: dict[str, _Command | dict[str, _Command]] = {
    "init": init.init,
    "doctor": doctor.doctor,
    "request": request.request,
    "certs": certs.certs,
    "bill": bill.bill,
    "download": download.download,
    "notify": {"verify": notify.verify, "decrypt": notify.decrypt},
    "sign": signing.sign,
    "verify": signing.verify,
    "encrypt": sealing.encrypt,
    "decrypt": sealing.decrypt,
    "api": {"search": api.search, "show": api.show},
    "sandbox": sandbox.sandbox,
    "tell": tell.tell,
    "trigger": tell.trigger,
    "listen": listen.listen,
    "demo": sandbox.demo,
    "mcp": assistant.mcp,
    "skill": assistant.skill,
}
_CONTEXT = {"help_option_names": ["-h", "--help"]}
# Typer has a copy of its own of what it took from Click, or the original: this is its class.
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])
_KINDS: dict[str, Any] = vars(sys.modules[_UsageError.__module__])
"""The classes of what may be wrong with a command line, which stand beside that one."""


def _version(wanted: bool) -> None:
    if wanted:
        from .._version import __version__

        _output.put(f"wechatpay {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="root.version")
    ] = False,
) -> None:
    """WeChat Pay's merchant API."""


@cache
def make_app(language: str) -> Any:
    """Return the whole command line, in the environment's language, whose name this is."""
    del language  # the cache goes by it
    _shells.use_own_scripts()
    settings: dict[str, Any] = {
        "cls": Group,
        "no_args_is_help": True,
        "rich_markup_mode": None,
        "context_settings": _CONTEXT,
        "pretty_exceptions_enable": False,
    }
    app = typer.Typer(**settings, help="root.help", epilog="root.exits")
    app.callback(cls=Group)(root)
    for name, found in _COMMANDS.items():
        if callable(found):
            app.command(name, cls=Command, help=f"{name}.help")(found)
            continue
        inside = typer.Typer(**settings, help=f"{name}.help")
        for inner, command in found.items():
            inside.command(inner, cls=Command, help=f"{name}.{inner}.help")(command)
        app.add_typer(inside, name=name)
    group: Any = get_command(app)
    group.commands = {name: group.commands[name] for name in _COMMANDS}
    return group


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit status; whatever goes wrong is one line."""
    _output.prepare()
    try:
        status = make_app(language()).main(
            args=arguments, prog_name="wechatpay", standalone_mode=False
        )
        sys.stdout.flush()
        code = int(status or Exit.OK)
    except _UsageError as error:
        code = _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        _output.say(text("error.interrupted"))
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        code = Exit.BROKEN_PIPE
    if code == Exit.BROKEN_PIPE:
        # What is still in the buffer has nowhere to go, and must not become an error at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return int(code)


def _misused(error: Any) -> int:
    """Say what is wrong with the command line, and how to learn what is right."""
    context = getattr(error, "ctx", None)
    if isinstance(error, _KINDS["NoArgsIsHelpError"]):
        _output.put(error.format_message())
        return Exit.USAGE
    command = context.command_path if context is not None else "wechatpay"
    message = _in_our_words(error).rstrip(".")
    _output.error(text("error.try_help", message=message, command=command))
    return Exit.USAGE


def _in_our_words(error: Any) -> str:
    """Say what is wrong in our words, where they are in the user's language."""
    parameter = getattr(error, "param", None)
    if isinstance(error, _KINDS["NoSuchOption"]):
        return text("usage.no_such_option", name=error.option_name)
    name = parameter.opts[0] if parameter is not None else ""
    if parameter is not None and parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
    if isinstance(error, _KINDS["MissingParameter"]):
        return text("usage.missing", name=name)
    if isinstance(error, typer.BadParameter):
        context = error.ctx
        if parameter is None or context is None:
            return str(error.message)
        return text("usage.invalid", name=name, why=_wrong.why(context.command, parameter.name))
    return str(error.format_message())
