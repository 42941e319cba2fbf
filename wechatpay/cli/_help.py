"""How a command shows its help and ends: in both languages, in the terminal's width, plainly."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from . import _output
from ._exits import Exit, exit_of
from ._layout import definitions, paragraph, wrapped
from .words import text

_BUILT_IN = {
    "help": "help.help",
    "install_completion": "help.install_completion",
    "show_completion": "help.show_completion",
}

_BESIDE = 78
"""How many columns of what a name is for go beside it: Typer would break the line at 80."""


def translate(command: Any) -> None:
    """Put words in the place of the message keys that commands are declared with."""
    command.help = text(command.help)
    for one in command.params:
        one.help = text(one.help)


def show(command: Any, ctx: Any, formatter: Any) -> None:
    """Write a command's help: how it is called, what it does, an example, its options."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for one in command.get_params(ctx):
        kind = "arguments" if one.param_type_name == "argument" else "options"
        panel = getattr(one, "rich_help_panel", None) or kind
        required = text("help.required") if _is_needed(one) else ""
        words = text(_BUILT_IN[one.name]) if one.name in _BUILT_IN else one.help
        parts.setdefault(panel, []).append((_term(one, ctx), f"{words}{required}"))
    values = [one.metavar for one in command.get_params(ctx) if one.param_type_name == "argument"]
    more = ["COMMAND"] if hasattr(command, "commands") else []
    pieces = " ".join([ctx.command_path, "[OPTIONS]", *values, *more])
    usage = paragraph(f"{text('help.usage')}{pieces}")
    formatter.write(f"{usage}\n\n")
    description, _, example = command.help.partition("\f")
    formatter.write("\n\n".join(map(paragraph, description.strip().split("\n\n"))) + "\n")
    _section(formatter, text("help.example"), example.strip("\n").splitlines())
    if isinstance(command, Group):
        rows = [(name, each.get_short_help_str()) for name, each in command.commands.items()]
        _section(formatter, text("help.commands"), definitions(rows))
    for panel in ("arguments", "options", "settings"):
        if panel in parts:
            _section(formatter, text(f"help.{panel}"), definitions(parts[panel]))
    if command.epilog:
        title, *lines = text(command.epilog).splitlines()
        rows = [(left, right) for left, _, right in (line.partition("  ") for line in lines)]
        _section(formatter, title, definitions(rows))


def _is_needed(parameter: Any) -> bool:
    """Tell whether a command cannot do without it: for a value in its place its name says so."""
    if parameter.param_type_name == "argument":
        return not parameter.metavar.startswith("[")
    return bool(parameter.required)


def _term(parameter: Any, ctx: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    return str(parameter.get_help_record(ctx)[0])


def _section(formatter: Any, title: str, lines: Iterable[str]) -> None:
    formatter.write(f"\n{title}\n" + "".join(f"  {line}\n" for line in lines))


def _short(command: Any) -> str:
    return str(command.help).split("\f")[0].strip().split("\n")[0]


def _on_one_line(items: list[Any]) -> list[Any]:
    """Shorten what stands beside the names that a shell offers: it takes each line for a name."""
    for item in items:
        first, *more = wrapped(item.help or "", _BESIDE)
        item.help = f"{first}…" if more else first
    return items


class Command(TyperCommand):
    """A command: its errors become one line on standard error, and an exit status."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        translate(self)

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002
        """Return the first line of what it does, whole."""
        return _short(self)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return the names that go on so."""
        return _on_one_line(super().shell_complete(ctx, incomplete))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        show(self, ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _output.say(text("error.interrupted"))
            raise typer.Exit(Exit.INTERRUPTED) from None
        except BrokenPipeError:
            raise typer.Exit(Exit.BROKEN_PIPE) from None
        except _output.EXPECTED as error:
            _output.error(_output.words(error))
            raise typer.Exit(exit_of(error)) from None


class Group(TyperGroup):
    """A group of commands."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        translate(self)

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002
        """Return the first line of what it does, whole."""
        return _short(self)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return the names that go on so."""
        return _on_one_line(super().shell_complete(ctx, incomplete))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        show(self, ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command by its name, or name the ones that are like it."""
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            near = get_close_matches(name, self.commands) or list(self.commands)
            ctx.fail(text("usage.no_such_command", name=name, known=", ".join(near)))
        return super().resolve_command(ctx, args)
