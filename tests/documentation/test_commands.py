"""The page about the command line, held against the command line itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from docs.builder.staging import DOCS, pages
from docs.builder.words import LANGUAGES, Language
from wechatpay.cli._app import make_app
from wechatpay.cli._exits import Exit
from wechatpay.cli.words import language as spoken

from .markdown import code, prose, text

EITHER = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "command-line"
SHOWN = [(each, name) for each in LANGUAGES for name in sorted(pages(each))]
_ENDING = {"--help", "--version", "--install-completion", "--show-completion"}
"""Options that do something and end: they are known, and never parsed here."""
_BETWEEN = {"|", "||", "&", "&&", ";", ">", ">>", "<"}


@cache
def commands() -> dict[str, Any]:
    """Return the commands by what is typed to call them."""
    found: dict[str, Any] = {}
    for name, command in make_app(spoken()).commands.items():
        for inner, below in getattr(command, "commands", {"": command}).items():
            found[f"{name} {inner}".strip()] = below
    return found


def typed(script: str) -> Iterator[list[str]]:
    """Return what a shell's script calls the command line with, a list of arguments each."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        words.whitespace_split = True
        command: list[str] = []
        for word in [*words, ";"]:
            if word not in _BETWEEN:
                command.append(word)
                continue
            if command[:1] == ["wechatpay"]:
                yield command[1:]
            # What a redirection leads to is not a command either.
            command = []


def parsed(arguments: list[str]) -> str:
    """Parse a command line as the program would, run nothing, and return the command's name.

    Raises:
        Exception: It is not valid.
    """
    command, name = make_app(spoken()), ""
    context = None
    while True:
        if set(arguments) & _ENDING:
            return name or " ".join(set(arguments) - _ENDING)
        context = command.make_context(name or "wechatpay", arguments, context)
        if not hasattr(command, "commands"):
            return name
        arguments = [*context._protected_args, *context.args]
        inner, command, arguments = command.resolve_command(context, arguments)
        name = f"{name} {inner}".strip()


@pytest.mark.parametrize(("language", "page"), SHOWN)
def test_every_command_line_parses(language: Language, page: str) -> None:
    """Each `wechatpay …` that any page shows has a command, options and values that there are."""
    for script in code(text(language, page), "sh"):
        for arguments in typed(script):
            assert parsed(arguments) in {"", *commands()}


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readmes_command_lines_parse(name: str) -> None:
    """So do those of the READMEs."""
    scripts = code((DOCS.parent / name).read_text("utf-8"), "sh")
    lines = [arguments for script in scripts for arguments in typed(script)]
    assert len(lines) > 2
    assert {parsed(arguments) for arguments in lines} <= set(commands())


@pytest.mark.parametrize(
    "line", ["bills", "request fetch v3/x", "request get v3/x --verb x", "bill", "sandbox --port x"]
)
def test_what_makes_no_sense_is_found(line: str) -> None:
    """A command, an option or a value that there is not does not parse."""
    with pytest.raises(Exception, match=r"\w"):
        parsed(line.split())


@EITHER
def test_every_command_is_shown(language: Language) -> None:
    """Every command has a heading, and at least one command line that calls it."""
    page = text(language, PAGE)
    headings = " ".join(re.findall(r"^### (.+)$", page, re.MULTILINE))
    called = {
        parsed(arguments) for script in code(page, "sh") for arguments in typed(script) if arguments
    }
    assert set(re.findall(r"`([^`]+)`", headings)) == set(commands())
    assert called >= set(commands())


@EITHER
def test_every_exit_status_is_told(language: Language) -> None:
    """The table has the statuses that the program ends with, and says what `--help` says."""
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", prose(text(language, PAGE)), re.MULTILINE)
    assert [int(status) for status, _ in rows] == [each.value for each in Exit]


@EITHER
def test_every_option_that_is_named_exists(language: Language) -> None:
    """An option in the page's text is one of a command's, or of all of them."""
    known = {*_ENDING}
    for command in commands().values():
        known |= {flag for one in command.params for flag in one.opts}
    named = set(re.findall(r"`(--?[a-z][\w-]*)[` ]", prose(text(language, PAGE))))
    assert len(named) > 10
    assert named <= known


def test_both_languages_show_the_same_commands() -> None:
    """What is to be typed is the same on a page in either language, but for comments."""
    for page in pages("en"):
        first, second = (code(text(language, page), "sh") for language in LANGUAGES)
        assert [list(_words(one)) for one in first] == [list(_words(one)) for one in second]


def _words(script: str) -> Iterator[str]:
    yield from shlex.shlex(script, posix=True, punctuation_chars=True)
