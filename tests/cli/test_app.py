"""The command line as a whole: errors before, around and after a command."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from programs import run_main

import wechatpay
from wechatpay import cli
from wechatpay.cli import _app, _output, _wrong
from wechatpay.cli._exits import Exit
from wechatpay.cli.commands import sandbox as module
from wechatpay.sandbox import Mode, Sandbox, serving

from .conftest import Run


def test_the_version_is_told(run: Run) -> None:
    """And nothing else."""
    assert run("--version") == (0, f"wechatpay {wechatpay.__version__}\n", "")


def test_the_package_is_a_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m wechatpay` is the command line; to import its module runs nothing."""
    importlib.import_module("wechatpay.__main__")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys, "argv", ["wechatpay", "--version"])
    with pytest.raises(SystemExit, match="0"):
        run_main("wechatpay.__main__")
    assert capsys.readouterr().out == f"wechatpay {wechatpay.__version__}\n"


SEARCH = ["api", "search", "nothing", "--json"]


@pytest.mark.parametrize(
    ("name", "arguments", "extras"),
    [
        ("typer", SEARCH, "cli"),
        ("rich", SEARCH, "cli"),
        ("typer", [], "cli"),
        ("typer", ["demo"], "sandbox,cli"),
    ],
)
def test_without_the_extra_it_says_how_to_install_it(
    name: str, arguments: list[str], extras: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line, with what else the command needs, and the exit status for what is missing."""
    loaded = [each for each in sys.modules if each.startswith(("wechatpay.cli._app", f"{name}."))]
    for each in [*loaded, name]:
        monkeypatch.delitem(sys.modules, each, raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(cli, "_app", None, raising=False)
    result = run(*arguments, terminal=True)
    assert (result.code, result.out) == (3, "")
    pip = f'pip install "wechatpay-openapi[{extras}]"'
    assert result.err == f'The command line needs the extra "cli": {pip}\n'
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert pip in run(*arguments, terminal=True).err


def test_another_missing_module_is_not_taken_for_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That would hide a mistake of the package's own."""
    monkeypatch.delitem(sys.modules, "wechatpay.cli._app")
    monkeypatch.delattr(cli, "_app")
    monkeypatch.delitem(sys.modules, "wechatpay.cli._help")
    monkeypatch.setitem(sys.modules, "wechatpay.cli._layout", None)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["--version"])


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["nope"], "there is no command nope; choose from init, doctor,", "没有命令 nope；"),
        (["reqest"], "there is no command reqest; choose from request.", "没有命令 reqest；"),
        (["notify", "x"], "there is no command x; choose from verify, decrypt", "没有命令 x"),
        (["demo", "--bogus"], "there is no option --bogus", "没有选项 --bogus"),
        (["request"], "VERB is missing", "缺少 VERB"),
        (["request", "frob", "x"], "VERB: ", "VERB："),
        (["sandbox", "--port", "x"], "--port: ", "--port："),
        (["sandbox", "--port"], "--port", "--port"),
        (["sandbox", "--port", "-1"], "a number from 0 to 65535", "0 到 65535 之间的数字"),
        (["sandbox", "--seed", "x"], "write a whole number", "应为整数"),
        (["sandbox", "--mode", "x"], "choose one of public-key, ", "应为其中之一：public-key"),
        (["request", "get", "x", "--timeout", "x"], "write a number", "应为数字"),
        (["listen", "-f", "x", "--count", "0"], "a number of at least 1", "不小于 1 的数字"),
        (["download", "x", "-e", "/dev/null", "-o"], "-o", "-o"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    arguments: list[str],
    english: str,
    chinese: str,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is wrong, and where to read what is right, in either language."""
    for locale, words in (("C", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", locale)
        result = run(*arguments)
        assert (result.code, result.out) == (2, "")
        assert words in result.err
        assert result.err.count("\n") == 1
        assert "--help`" in result.err


@pytest.mark.parametrize("arguments", [[], ["notify"], ["api"]])
def test_a_group_without_a_command_shows_its_help(arguments: list[str], run: Run) -> None:
    """With the exit status of a wrong command line."""
    result = run(*arguments)
    assert result.code == 2
    assert "Commands:" in result.out


def test_ctrl_c_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it comes: in a command, or before one runs."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wechatpay.api.search", interrupt)
    assert run("api", "search", "x") == (130, "", "Interrupted.\n")
    monkeypatch.setattr(_app, "make_app", interrupt)
    assert run("api", "search", "x") == (130, "", "Interrupted.\n")


def test_a_closed_pipe_is_quiet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the output may leave: in the middle, or before what is left is written."""
    redirected: list[int] = []

    def redirect(_: int, to: int) -> None:
        redirected.append(to)

    monkeypatch.setattr(os, "dup2", redirect)

    def leave(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(_output, "put", leave)
    assert run("api", "search", "native") == (141, "", "")
    monkeypatch.setattr(_app, "make_app", Broken)
    assert run("api", "search", "native") == (141, "", "")
    assert redirected == [1, 1]


class Broken:
    """Something whose output has nowhere to go."""

    def __init__(self, language: str) -> None:
        assert language == "en"

    def main(self, **_: Any) -> None:
        """Fail as a flush does."""
        raise BrokenPipeError


def test_exit_statuses_are_documented(run: Run) -> None:
    """Every one, in `--help`."""
    text = run("--help").out.partition("Exit status:")[2]
    told = {int(line.split()[0]) for line in text.splitlines() if line.strip()[:1].isdigit()}
    assert told == {int(each) for each in Exit}


def test_the_sandbox_without_its_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to install that, and so does the demonstration."""
    monkeypatch.setitem(sys.modules, "wechatpay.sandbox._front.server", None)
    for command in ("sandbox", "demo"):
        result = run(command)
        assert result.code == 3
        assert 'pip install "wechatpay-openapi[sandbox]"' in result.err


def test_the_demonstration_tells_how_it_went(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit status is the command's."""
    demo = importlib.import_module("wechatpay.sandbox.demo")
    for status in (0, 1):
        monkeypatch.setattr(demo, "main", lambda status=status: status)
        assert run("demo").code == status


def test_serving_passes_the_options_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the sandbox, which serves until it is stopped."""
    asked: list[dict[str, Any]] = []

    def serve(**options: Any) -> None:
        asked.append(options)

    monkeypatch.setattr("wechatpay.sandbox.serving.serve", serve)
    rule = "post v3/pay/** reset-after times=1"
    assert run("sandbox", "--port", "8080", "--mode", "certificate").code == 0
    assert run("sandbox", "--state", "x.db", "--fault", rule).code == 0
    assert run("sandbox", "--tls", "--probes", "0.5", "--seed", "7").code == 0
    usual: dict[str, object] = {
        "faults": (),
        "port": None,
        "host": "127.0.0.1",
        "mode": "public-key",
        "state": None,
    }
    usual |= {"probes": 0.0, "seed": None, "tls": False, "new_keys": False, "open_page": False}
    usual |= {"public_url": None, "allow_hosts": (), "sm": False}
    assert run("sandbox", "--new-keys", "--open", "--public-url", "http://s").code == 0
    assert run("sandbox", "--allow-host", "shop", "--allow-host", "other").code == 0
    assert run("sandbox", "--sm").code == 0
    assert asked == [
        {**usual, "port": 8080, "mode": "certificate"},
        {**usual, "state": Path("x.db"), "faults": [rule]},
        {**usual, "tls": True, "probes": 0.5, "seed": 7},
        {**usual, "new_keys": True, "open_page": True, "public_url": "http://s"},
        {**usual, "allow_hosts": ["shop", "other"]},
        {**usual, "sm": True},
    ]
    assert [each.value for each in module.Mode] == list(get_args(Mode))


def test_a_sandbox_with_a_fault_is_served(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault that was asked for happens; Ctrl-C ends the sandbox cleanly."""
    made: list[Sandbox] = []

    class Watched(Sandbox):
        def start(self) -> None:
            super().start()
            made.append(self)

    def stop() -> None:
        (fault,) = made[0].faults
        assert fault.rule.kind == "429"
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "Sandbox", Watched)
    monkeypatch.setattr(serving, "wait", stop)
    before = signal.getsignal(signal.SIGTERM)
    try:
        result = run("sandbox", "--fault", "get v3/certificates 429")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert result.code == 0
    assert result.err.startswith("The page: http://127.0.0.1:")
    assert result.err.endswith("Serving until Ctrl-C.\nClosed.\n")
    assert "export WECHATPAY_BASE_URL=" in result.out


def test_a_sandbox_that_cannot_be_served(run: Run) -> None:
    """A fault that is none is a wrong command line; a state that is none, a wrong file.

    So is a port that is taken.
    """
    result = run("sandbox", "--fault", "nonsense")
    assert (result.code, "write a verb" in result.err) == (2, True)
    Path("state").write_text("no state")
    assert run("sandbox", "--state", "state").code == 7
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("sandbox", "--port", str(taken.getsockname()[1]))
    assert (result.code, "in use" in result.err) == (7, True)


def test_a_stream_without_an_encoding_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As IDLE's and some web servers' are."""
    import io

    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    _output.prepare()
    _output.put("文")
    assert stream.getvalue() == "文\n"


def test_importing_the_package_does_not_import_the_command_line() -> None:
    """Nothing of the core names it."""
    folder = Path(wechatpay.__file__).parent
    for path in (*folder.glob("*.py"), *folder.glob("crypto/*.py")):
        if path.name != "__main__.py":
            assert "cli" not in set(path.read_text().replace(".", " ").split())


def test_what_nothing_is_known_of_is_said_plainly() -> None:
    """A parameter of another kind, or one that says nothing of itself, cannot be that value."""

    def command(path: Path, number: int) -> None:
        del path, number

    declared = SimpleNamespace(callback=command)
    assert _wrong.why(declared, "path") == "this value is not valid"
    assert _wrong.why(declared, "number") == "write a whole number"
