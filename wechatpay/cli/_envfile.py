"""Settings files: `export NAME=value` lines, as a shell would read them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ..errors import ConfigurationError
from .words import text

PREFIX = "WECHATPAY_"
NAMES = (
    *("MCHID", "BRAND_ID", "SERIAL", "PRIVATE_KEY", "PUBLIC_KEY_ID", "PUBLIC_KEY", "CERTS_DIR"),
    *("APIV3_KEY", "SECRET", "MERCHANT_CERT", "BASE_URL", "TRANSPORT", "TRUST"),
    "SIGNED_PREFIX",
)
"""What `WeChatPay.from_env` reads, without the prefix."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_TOKENS = re.compile(
    r"""(?P<plain>[^ \t\r\n'"\\#\0]+)
    | (?P<single>'[^'\0]*')
    | (?P<double>"(?:[^"\\\0]|\\[^\0])*")
    | (?P<escaped>\\[^\0])
    | (?P<comment>\#[^\n\0]*)
    | (?P<end>\n|\Z)
    | (?P<blank>[ \t\r]+)
    | (?P<nul>['"\\]?[^\0]*\0)
    | (?P<open>['"\\].*)""",
    re.VERBOSE | re.DOTALL,
)
_PIECES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "single": lambda piece: piece[1:-1],
    "double": lambda piece: re.sub(r'\\(["\\])', r"\1", piece[1:-1]),
    "escaped": lambda piece: piece[1:],
}
"""What belongs to a word, and what it stands for: in double quotes only two signs are escaped."""


def parse(content: str) -> dict[str, str]:
    """Return the settings in a text; variables that are not ours are passed over.

    Nothing is run or expanded. A value in quotes may go over several lines.

    Raises:
        ConfigurationError: A line is not an assignment, or a name of ours is misspelled. The
            message tells the line and shows no value.
    """
    found: dict[str, str] = {}
    for number, words in _statements(content):
        assignments = words[1:] if words[:1] == ["export"] else words
        for assignment in assignments:
            name, equals, value = assignment.partition("=")
            if not equals or not re.fullmatch(_NAME, name):
                raise ConfigurationError(text("envfile.malformed", line=number))
            if not name.startswith(PREFIX):
                continue
            if name[len(PREFIX) :] not in NAMES:
                known = ", ".join(PREFIX + each for each in NAMES)
                raise ConfigurationError(
                    text("envfile.unknown", line=number, name=name, known=known)
                )
            found[name[len(PREFIX) :]] = value
    return found


def _statements(content: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the words of each statement, with the line that it begins in.

    A shell's rules, in one pass: a line's end ends a statement, but for one in quotes or behind a
    backslash. `shlex` would go over what a quotation holds once more with each of its lines.
    """
    start = line = 1
    words: list[str] = []
    word: list[str] | None = None  # its pieces; an empty one may be a word too
    for token in _TOKENS.finditer(content):
        kind, piece = str(token.lastgroup), token[0]
        if kind == "open":
            raise ConfigurationError(text("envfile.open_quotation", line=start))
        if kind == "nul":
            raise ConfigurationError(text("envfile.nul", line=line + piece.count("\n")))
        if kind in _PIECES:
            word = word if word is not None else []
            word.append(_PIECES[kind](piece))
        elif word is not None:
            words.append("".join(word))
            word = None
        line += piece.count("\n")
        if kind == "end":
            if words:
                yield start, words
            start, words = line, []


def read(path: Path) -> dict[str, str]:
    """Read a settings file.

    Raises:
        ConfigurationError: It is not one.
        OSError: It cannot be read.
    """
    return parse(read_text(path).replace("\r\n", "\n"))


def read_text(path: Path) -> str:
    """Read a file of text.

    Raises:
        ConfigurationError: It is not one.
        OSError: It cannot be read.
    """
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(text("envfile.not_text", path=path)) from None


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Write a settings file that nobody else can read, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    from wechatpay.sandbox.settings import exports

    named = {PREFIX + name: value for name, value in variables.items()}
    part = path.with_name(f".{path.name}.{os.urandom(6).hex()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(exports(named))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
