"""`request -v`, and what shells complete: what helps while a call is typed and looked at."""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from wechatpay import api, cli
from wechatpay.cli import _completing, _output, _verbose
from wechatpay.cli._shells import SCRIPTS
from wechatpay.cli.words import text
from wechatpay.sandbox import Sandbox

from .conftest import Run, yes

NATIVE = "v3/pay/transactions/native"
ORDER = "-d appid=wxd678efh567hg6787 -d mchid=1900000109 -d description=tea -d amount.total=1"


def test_a_call_is_shown(sandbox: Sandbox, sandbox_env: Path, run: Run) -> None:
    """Its head, what was signed and the answer's head, and no signature of either side."""
    fields = (*ORDER.split(), "-d", "notify_url=https://www.example.com/n")
    call = ("request", "post", NATIVE, "-e", sandbox_env, *fields, "-d", "out_trade_no=verbose-1")
    shown = run(*call, "-v")
    assert shown.code == 0
    lines = shown.err.splitlines()
    assert lines[0] == f"> POST /{NATIVE}"
    assert "> what was signed:" in lines
    signed = [line[2:] for line in lines if line.startswith("| ")]
    exchange = sandbox.exchanges[-1]
    assert "\n".join([*signed, ""]) == exchange.message.decode()
    assert "< 200 OK" in lines
    given = dict(exchange.headers)["authorization"].split('signature="')[1].partition('"')[0]
    answered = dict(exchange.reply_headers)["Wechatpay-Signature"]
    for secret in (given, answered, sandbox.config["apiv3_key"]):
        assert secret not in shown.err
    assert 'signature="…"' in shown.err
    assert "Wechatpay-Signature: …".lower() in shown.err.lower()


def test_a_refusal_is_shown_too(sandbox_env: Path, run: Run) -> None:
    """Before the line that says what it means; without an answer there is nothing to show."""
    refused = run("request", "get", "v3/certificates", "-v", "-e", sandbox_env)
    assert refused.code == 1
    assert "< 404 Not Found" in refused.err
    assert refused.err.splitlines()[-1].startswith("wechatpay: refused:")
    nowhere = ("--base-url", "http://127.0.0.1:9", "-e", sandbox_env)
    lost = run("request", "get", "v3/certificates", "-v", *nowhere)
    assert (lost.code, "<" in lost.err) == (4, False)


def test_uploads_and_apiv2(
    sandbox_env: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an upload the meta is signed; of APIv2 the key is, so what was signed is not shown."""
    Path("shop.jpg").write_bytes(b"picture")
    monkeypatch.setattr(_output, "is_colored", yes)
    media = ("--media", "shop.jpg", "-v", "-e", sandbox_env)
    shown = run("request", "post", "v3/merchant/media/upload", *media)
    assert text("verbose.meta") in shown.err
    assert "\x1b[" in shown.err
    body = b"<xml><a>1</a><sign>SECRET</sign></xml>" + b"x" * 5000
    request = httpx.Request("POST", "https://x/pay/orderquery", content=body)
    capsys.readouterr()
    _verbose.show(httpx.Response(500, request=request))
    said = capsys.readouterr().err
    assert "<sign>…</sign>" in said
    assert "SECRET" not in said
    assert len(said) < 5000


def _typed(**given: Any) -> Any:
    return SimpleNamespace(params=given, args=[])


def test_paths_are_completed() -> None:
    """Up to the next slash where there are many; those of the verb that was typed."""
    assert "v3/pay/" in _completing.paths(_typed(verb="post"), "v3/")
    assert _completing.paths(_typed(), "/v3/pay/transactions/nat") == [NATIVE]
    assert _completing.paths(_typed(verb="get"), NATIVE) == []
    assert _completing.paths(_typed(), "nothing") == []


def test_names_are_completed() -> None:
    """Fields into objects and lists, placeholders and parameters, of what is documented."""
    call = _typed(verb=SimpleNamespace(value="post"), path=f"{NATIVE}?x=1")
    assert _completing.fields(call, "amount.") == ["amount.total=", "amount.currency="]
    assert "detail.goods_detail.0.quantity=" in _completing.fields(call, "detail.")
    query = _typed(verb="get", path="v3/pay/transactions/id/{transaction_id}")
    assert _completing.placeholders(query, "") == ["transaction_id="]
    assert _completing.parameters(query, "mc") == ["mchid="]
    assert _completing.parameters(_typed(verb="get", path="v3/bill/tradebill"), "tar_type=") == [
        "tar_type=GZIP"
    ]
    assert _completing.fields(call, "amount.total=") == []
    assert _completing.fields(_typed(path="v3/nothing"), "") == []
    assert _completing.fields(_typed(), "") == []


def test_a_shell_completes_api_show(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """First a verb or a path, and then the verb's paths."""
    monkeypatch.setenv("_WECHATPAY_COMPLETE", "complete_bash")
    for words, count, wanted in (
        ("wechatpay api show po", "3", "post"),
        ("wechatpay api show post v3/pay/transactions/nat", "4", NATIVE),
        (f"wechatpay request post {NATIVE} -d amount.t", "5", "amount.total="),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", count)
        with pytest.raises(SystemExit):
            run()
        assert wanted in capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "begin"), [("wechatpay d", "d"), ("wechatpay request --", "--"), ("wechatpay ", "")]
)
def test_a_shell_is_told_of_each_name_on_a_line_of_its_own(
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    begin: str,
) -> None:
    """What a name is for is cut where the line would be broken: fish takes each line for a name."""
    monkeypatch.setenv("_WECHATPAY_COMPLETE", "complete_fish")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", words)
    with pytest.raises(SystemExit):
        run()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert all(line.startswith(begin) and "\t" in line for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="no bash there")
def test_bash_leaves_the_cursor_where_a_value_begins(tmp_path: Path) -> None:
    """It asks the program for the whole line, and puts back what follows the last = alone."""
    program = tmp_path / "wechatpay"
    program.write_text(
        '#!/bin/sh\ncase "$_TYPER_COMPLETE_ARGS" in\n'
        '*" a.b=") printf "a.b=CNY\\nother\\n" ;;\n*) printf "a.b=\\tmoney\\n" ;;\nesac\n'
    )
    program.chmod(0o755)
    typed = (
        "COMP_LINE='wechatpay request -d a.'; COMP_WORDS=(wechatpay request -d a.)",
        "COMP_LINE='wechatpay request -d a.b='; COMP_WORDS=(wechatpay request -d a.b =)",
    )
    asked = (
        f"{each}; COMP_POINT=${{#COMP_LINE}}; COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        '_wechatpay_completion; echo "${COMPREPLY[@]}"'
        for each in typed
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(("compopt() { echo $*; }", SCRIPTS["bash"], *asked))],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["-o nospace", "a.b=", "CNY other"]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_gets_our_script(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    """`--show-completion` prints it as it stands."""
    monkeypatch.setattr("shellingham.detect_shell", lambda: (shell, shell))
    with pytest.raises(SystemExit):
        run("--show-completion")
    assert capsys.readouterr().out.strip() == SCRIPTS[shell].strip()


def test_the_official_page_is_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them; where there is no browser it is named."""
    opened: list[str] = []

    def open_page(url: str) -> bool:
        opened.append(url)
        return len(opened) == 1

    monkeypatch.setattr(webbrowser, "open", open_page)
    assert run("api", "show", "post", NATIVE, "--open").code == 0
    there = api.endpoint("post", NATIVE)
    assert there is not None
    assert opened == [there.docs[0]]
    again = run("api", "show", "post", NATIVE, "--open")
    assert (again.code, there.docs[0] in again.err) == (1, True)


def test_ctrl_c_while_the_commands_are_loaded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one line then too."""

    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("wechatpay.cli._app.run", interrupt)
    assert run("--version") == (130, "", "Interrupted.\n")
    assert cli.main(["--version"]) == 130
