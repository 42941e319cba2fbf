"""Who the command line is: options, settings files, the environment, and nothing mixed."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from gateway import MCHID, Answer, Gateway
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import ConfigurationError
from wechatpay._client import from_environment
from wechatpay.cli import _envfile, _settings
from wechatpay.sandbox.settings import exports

from .conftest import Run

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"))
VARIABLES = st.dictionaries(st.sampled_from(_envfile.NAMES), VALUES)


@given(VARIABLES)
def test_what_is_written_is_read_again(variables: dict[str, str]) -> None:
    """Any value, with quotes, line breaks or whatever in it."""
    written = exports({f"WECHATPAY_{name}": value for name, value in variables.items()})
    assert (
        _envfile.parse(f"# a comment's apostrophe\n\nexport OTHER='x\ny'\n{written}") == variables
    )


@given(st.text())
def test_nothing_but_a_configuration_error_comes_of_a_file(content: str) -> None:
    """Whatever it holds."""
    try:
        found = _envfile.parse(content)
    except ConfigurationError:
        return
    assert set(found) <= set(_envfile.NAMES)


def test_a_file_is_read_as_a_shell_would(tmp_path: Path) -> None:
    """A shell that sources it has the same variables."""
    file = tmp_path / "x.env"
    variables = {"MCHID": "it's", "SECRET": 'a "b" $c `d` \\e', "PRIVATE_KEY": "1\n2"}
    _envfile.write(file, variables)
    assert file.stat().st_mode & 0o777 == 0o600
    assert _envfile.read(file) == variables
    script = f'. {shlex.quote(str(file))}; printf %s "$WECHATPAY_SECRET"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == variables["SECRET"]


def test_half_a_file_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be put in its place is removed."""

    def refuse(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="full"):
        _envfile.write(tmp_path / "x.env", {"MCHID": "1"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"MCHID", "line 1 is not NAME=value"),
        (b"\nexport A=1 B", "line 2 is not NAME=value"),
        (b"\n\nWECHATPAY_MCH_ID=1", "line 3: WECHATPAY_MCH_ID is not a setting"),
        (b"A=1\nexport B='2", "line 2 opens a quotation"),
        (b"\xff", "not text in UTF-8"),
    ],
)
def test_a_wrong_file_is_told_by_its_line(
    content: bytes, message: str, run: Run, tmp_path: Path
) -> None:
    """And never by what stands there."""
    file = tmp_path / "x.env"
    file.write_bytes(content)
    result = run("sign", "--env-file", file)
    assert (result.code, result.out) == (3, "")
    assert message in result.err
    assert result.err.count("\n") == 1


@given(st.text("aA= \t\n'\"\\#;$`\r\u3000é") | st.text())
def test_a_settings_file_is_divided_as_a_shell_divides_it(content: str) -> None:
    """In one pass, and to the same words that `shlex` finds line by line."""
    expected: list[str] = []
    pending = ""
    for line in content.split("\n"):
        pending = f"{pending}\n{line}" if pending else line
        try:
            expected += shlex.split(pending, comments=True)
        except ValueError:
            continue
        pending = ""
    try:
        found = [word for _, words in _envfile._statements(content) for word in words]
    except ConfigurationError:
        assert pending or "\0" in content
    else:
        assert (found, pending) == (expected, "")


def test_a_settings_file_takes_time_by_its_length_alone() -> None:
    """However many lines a quotation has, each character is looked at a few times."""
    lines = 200_000
    content = "WECHATPAY_PRIVATE_KEY='" + "x\n" * lines + "'\n" + "WECHATPAY_MCHID=1\n"
    assert _envfile.parse(content)["MCHID"] == "1"
    with pytest.raises(ConfigurationError, match="line 1 opens a quotation"):
        _envfile.parse('A="' + "\\x\n" * lines)
    with pytest.raises(ConfigurationError, match="line 3 opens a quotation"):
        _envfile.parse("A=1\n\nB='" + "x\n" * lines)


@pytest.mark.parametrize(
    ("content", "line"),
    [("A=1\0", 1), ("A=1\n\nB='x\0y'", 3), ("A='\n\0'", 2), ("\n# a\0b", 2), ('A="\\\0"', 1)],
)
def test_a_nul_is_an_error_with_its_line(content: str, line: int) -> None:
    """No variable can hold one."""
    with pytest.raises(ConfigurationError, match=f"line {line} has a NUL character in it"):
        _envfile.parse(content)


def test_the_names_are_those_that_the_client_reads() -> None:
    """The library reads no variable that a settings file could not hold, and vice versa."""
    asked: list[str] = []

    class Environment(dict[str, str]):
        def get(self, name: str, default: object = None) -> str | None:  # type: ignore[override]
            asked.append(name)
            return MCHID if name == "WECHATPAY_MCHID" else None

    from_environment(Environment(), {})
    ours = [name.removeprefix("WECHATPAY_") for name in asked if name.startswith("WECHATPAY_")]
    assert sorted(ours) == sorted(_envfile.NAMES)


def test_options_win_over_a_file_and_a_file_over_the_environment(
    env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a file the environment is not looked at, not even for what the file leaves out."""
    monkeypatch.setenv("WECHATPAY_MCHID", "1")
    monkeypatch.setenv("WECHATPAY_MERCHANT_CERT", "x")
    from_shell = _settings.gather(None, {})
    assert dict(from_shell.variables) == {"MCHID": "1", "MERCHANT_CERT": "x"}
    from_file = _settings.gather(env, {"serial": "AB", "base_url": None})
    assert from_file.get("MCHID") == MCHID
    assert from_file.get("SERIAL") == "AB"
    assert from_file.get("MERCHANT_CERT") is None
    assert _settings.gather(env, {"brand_id": "7"}).get("MCHID") is None
    before = dict(os.environ)
    assert from_file.environ["WECHATPAY_MCHID"] == MCHID
    assert "WECHATPAY_MERCHANT_CERT" not in from_file.environ
    with from_file.client():
        assert dict(os.environ) == before
    assert "0123456789abcdef" not in repr(from_file)


def test_a_secret_comes_from_the_file_that_an_option_names(
    gateway: Gateway, make_env: Callable[..., Path], run: Run, tmp_path: Path
) -> None:
    """The key that is read is used, without the line end behind it."""
    key = tmp_path / "key.txt"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    wrong = make_env(APIV3_KEY="short")
    gateway.default = Answer(body={"a": 1})
    call = ("request", "get", "v3/x", "-e", wrong)
    assert "must be 32 bytes, not 5" in run(*call).err
    assert run(*call, "--apiv3-key-file", key).out == '{"a": 1}'


def test_a_secret_that_is_no_text_is_refused(env: Path, run: Run) -> None:
    """With its file's name, and nothing of what is in it."""
    binary = env.with_name("binary")
    binary.write_bytes(b"\xff")
    result = run("sign", "-e", env, "--secret-file", binary)
    assert (result.code, result.err) == (
        3,
        f"wechatpay: settings: {binary} is not text in UTF-8\n",
    )


def test_a_key_is_no_option(env: Path, run: Run) -> None:
    """PEM text on the command line is refused, and not repeated."""
    result = run("sign", "-e", env, "--private-key", "-----BEGIN PRIVATE KEY-----\nabc")
    assert result.code == 3
    assert "--private-key takes the path of a file" in result.err
    assert "abc" not in result.err


def test_what_is_missing_is_named(run: Run) -> None:
    """With where to set it."""
    result = run("sign", stdin=b"x")
    assert result.code == 3
    assert result.err == (
        "wechatpay: settings: WECHATPAY_PRIVATE_KEY is not set: set it in the environment or in "
        "the file of --env-file (`wechatpay init` writes one)\n"
    )
