"""`wechatpay request`: what goes out, and what is printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gateway import Answer, Gateway

from wechatpay import WeChatPay, xml
from wechatpay.cli.commands import request as module
from wechatpay.crypto import digest, rsa

from .conftest import SECRET, Run

ORDER = "v3/pay/transactions/out-trade-no/{out_trade_no}"


def test_a_call_is_made_as_told(gateway: Gateway, env: Path, run: Run) -> None:
    """Placeholders, both kinds of query, headers, and a body typed by the catalogue."""
    gateway.default = Answer(body=b'{"code_url":\t"\xe4\xb8\xad"}')
    result = run(
        *("request", "POST", "v3/pay/transactions/native?a=1&b=", "-e", env, "-q", "c=2"),
        *(
            "-q",
            "c=3",
            "-q",
            "c=4",
            "-d",
            "amount.total=1",
            "-d",
            "out_trade_no=007",
            "-d",
            "attach:=null",
        ),
        *("-H", "X-One: two", "--timeout", "3"),
    )
    assert result == (0, '{"code_url":\t"中"}', "")
    (asked,) = gateway.requests
    assert asked.target == "/v3/pay/transactions/native?a=1&b=&c=2&c=3&c=4"
    assert asked.body == b'{"amount":{"total":1},"out_trade_no":"007","attach":null}'
    assert asked.headers["x-one"] == "two"
    assert asked.headers["accept-language"] == "en"


def test_on_a_terminal_the_answer_is_indented_and_told_about(
    gateway: Gateway, env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON in color unless NO_COLOR; the status and who signed it are on standard error."""
    gateway.default = Answer(body={"a": [1]})
    call = ("request", "get", ORDER, "-p", "out_trade_no=1", "-e", env)
    colored = run(*call, terminal=True)
    assert "200 Scripted · verified with PUB_KEY_ID_" in colored.err
    assert "Request-ID" in colored.err
    assert json.loads(colored.out) == {"a": [1]}
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(*call).out == '{\n  "a": [\n    1\n  ]\n}\n'
    assert run(*call, "--raw").out == '{"a": [1]}\n'
    gateway.default = Answer(body=b"no json", headers={"Request-ID": None})
    result = run(*call)
    assert result.out == "no json\n"
    assert "Request-ID" not in result.err
    gateway.default = Answer(204, b"")
    assert run(*call).out == ""


def test_pretty_indents_in_a_pipe_too(gateway: Gateway, env: Path, run: Run) -> None:
    """When it is asked for."""
    gateway.default = Answer(body={"a": 1})
    assert run("request", "get", "v3/x", "-e", env, "--pretty").out == '{\n  "a": 1\n}\n'


def test_json_comes_from_a_file_or_standard_input(gateway: Gateway, env: Path, run: Run) -> None:
    """And assignments are added to it."""
    call = ("request", "post", "v3/pay/transactions/native", "-e", env)
    run(*call, "-j", "-", "-d", "amount.total=2", stdin=b'{"amount":{"currency":"CNY"}}')
    assert gateway.requests[-1].body == b'{"amount":{"currency":"CNY","total":2}}'
    file = env.with_name("body.json")
    file.write_text("[1]")
    run(*call, "--json", file)
    assert gateway.requests[-1].body == b"[1]"
    result = run(*call, "--json", file, "-d", "a=1")
    assert (result.code, "adds to a JSON object" in result.err) == (2, True)
    file.write_text("{")
    assert "is not JSON" in run(*call, "--json", file).err
    file.write_bytes(b"\xff")
    assert "not text in UTF-8" in run(*call, "--json", file).err
    missing = run(*call, "--json", env.with_name("nowhere"))
    assert (missing.code, "nowhere: No such file" in missing.err) == (7, True)


def test_what_was_meant_by_a_slip_is_said(gateway: Gateway, env: Path, run: Run) -> None:
    """A misspelt field is sent and named, a body in place of a file and a field without -d too."""
    call = ("request", "post", "v3/pay/transactions/native", "-e", env)
    told = run(*call, "-d", "apid=1", "-d", "amount.totl=1", "-d", "zzzz=1", "-d", "appid=1")
    assert "apid is not documented here; did you mean appid?" in told.err
    assert "amount.totl is not documented here; did you mean total?" in told.err
    assert "zzzz is not documented here\n" in told.err
    assert gateway.requests[-1].body.startswith(b'{"apid":"1"')
    listed = run(*call, "-d", "detail.goods_detail.0.quantity=1")
    assert "documented here" not in listed.err
    for option in ("--json", "--xml"):
        body = run("request", "post", "v2/pay/orderquery", "-e", env, option, '{"appid": "1"}')
        assert (body.code, "name a file, or -" in body.err) == (2, True)
    field = run(*call, "appid=1")
    assert (field.code, "a field is written -d appid=1" in field.err) == (2, True)


def test_apiv2_takes_and_gives_xml(gateway: Gateway, env: Path, run: Run) -> None:
    """Fields are text, whatever they look like; the message is signed; --output works."""
    answer = {"return_code": "SUCCESS", "result_code": "SUCCESS"}
    answer["sign"] = digest.sign(answer, SECRET)
    gateway.default = Answer(body=xml.dumps(answer), signed=False)
    call = ("request", "post", "v2/pay/unifiedorder", "-e", env)
    result = run(*call, "-d", "total_fee=007", terminal=True)
    assert "verified with sign" in result.err
    assert "<return_code>" in result.out
    sent = xml.loads(gateway.requests[-1].body)
    assert sent["total_fee"] == "007"
    assert digest.verify(sent, SECRET)
    result = run(*call, "--xml", "-", "-o", "out.xml", stdin=b"<xml><body>x</body></xml>")
    assert Path("out.xml").read_bytes() == xml.dumps(answer)
    assert xml.loads(gateway.requests[-1].body)["body"] == "x"
    assert "is not APIv2's XML" in run(*call, "--xml", "-", stdin=b"{}").err
    assert "begin with v2/" in run("request", "post", "v3/x", "--xml", "-", "-e", env).err
    assert "one body" in run(*call, "--xml", "-", "--json", "-").err


def test_a_file_is_uploaded_with_its_meta(gateway: Gateway, env: Path, run: Run) -> None:
    """Assignments are the meta's fields."""
    image = env.with_name("shop.jpg")
    image.write_bytes(b"\xff\xd8")
    gateway.default = Answer(body={"media_id": "1"})
    result = run(
        *("request", "post", "v3/merchant/media/upload", "--media", image, "-e", env),
        *("-d", "extra=1"),
    )
    assert result.out == '{"media_id": "1"}'
    body = gateway.requests[-1].body
    assert b'"extra":"1"' in body
    assert b'"filename":"shop.jpg"' in body


def test_the_answer_goes_into_a_file(gateway: Gateway, env: Path, run: Run) -> None:
    """And nothing to standard output."""
    gateway.default = Answer(body=b"bytes")
    result = run("request", "get", "v3/x", "-o", "out.bin", "-e", env)
    assert result == (0, "", "Written: out.bin\n")
    assert Path("out.bin").read_bytes() == b"bytes"


def test_sensitive_fields_are_decrypted_on_demand(
    gateway: Gateway, env: Path, run: Run, merchant_key: Any
) -> None:
    """With the merchant's key."""
    sealed = rsa.encrypt("secret", merchant_key.public_key())
    gateway.default = Answer(body={"encrypted_echo_message": sealed})
    call = ("request", "post", "v3/security/echo", "-e", env, "-d", "echo_message=1")
    assert run(*call, "--decrypt").out == '{"encrypted_echo_message":"secret"}\n'
    plain = "encrypted_echo_message=plain"
    run(*call, "-d", plain)
    assert b"plain" not in gateway.requests[-1].body
    run(*call, "-d", plain, "--no-encrypt")
    assert b'"plain"' in gateway.requests[-1].body


def test_a_dry_run_sends_nothing(gateway: Gateway, env: Path, run: Run) -> None:
    """It shows what would be sent, with the types that fields get."""
    result = run(
        *("request", "post", "v3/pay/transactions/<x>", "-p", "x=a/b", "-q", "c=1", "--dry-run"),
        *("-d", "a=1", "-o", "out", "-e", env),
    )
    assert result.out == 'POST /v3/pay/transactions/a%2Fb?c=1\n{\n  "a": "1"\n}\n'
    assert run("request", "get", "v3/x", "--dry-run").out == "GET /v3/x\n"
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["-p", "json=1"], "--path json"),
        (["-p", "x"], "--path takes NAME=VALUE"),
        (["-q", "=1"], "--query takes NAME=VALUE"),
        (["-H", "x"], "a header is"),
        (["-d", "amount"], "--data takes"),
        (["-p", "nothing=1"], "nothing"),
        (["-H", "Authorization: x"], "Authorization is the signature"),
        (["-d", "a=\udcff"], "half of a surrogate pair"),
    ],
)
def test_a_wrong_command_line_is_told(more: list[str], message: str, env: Path, run: Run) -> None:
    """In one line, before anything is sent."""
    result = run("request", "post", "v3/x", "-e", env, *more)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1


REFUSED = Answer(400, {"code": "PARAM_ERROR", "message": "no"}, signed=False)
STUMBLED = Answer(500, {"code": "SYSTEM_ERROR", "message": "no"}, signed=False)


@pytest.mark.parametrize(
    ("verb", "answer", "code", "message"),
    [
        ("post", REFUSED, 1, "refused: POST v3/x: 400 PARAM_ERROR. no"),
        ("post", STUMBLED, 6, "OUTCOME UNKNOWN: POST v3/x: 500 SYSTEM_ERROR"),
        ("post", Answer(fault="reset"), 6, "OUTCOME UNKNOWN: "),
        ("get", Answer(signed=False), 5, "not trusted: "),
        ("post", Answer(signed=False), 6, "OUTCOME UNKNOWN: "),
        ("get", STUMBLED, 1, "refused: "),
    ],
)
def test_the_exit_status_says_what_became_of_it(
    verb: str, answer: Answer, code: int, message: str, gateway: Gateway, env: Path, run: Run
) -> None:
    """An unknown outcome counts before everything else."""
    gateway.default = answer
    result = run("request", verb, "v3/x", "-e", env)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def test_no_connection_is_no_answer(make_env: Callable[..., Path], run: Run) -> None:
    """It may be sent again."""
    nowhere = make_env(BASE_URL="http://127.0.0.1:9/")
    result = run("request", "post", "v3/x", "-e", nowhere)
    assert result.code == 4
    assert "no answer, and nothing was done: " in result.err


@pytest.mark.parametrize(("verb", "warned"), [("post", True), ("get", False)])
def test_interrupting_a_call_warns_of_its_outcome(
    verb: str, warned: bool, env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query changes nothing, and needs no warning."""
    from wechatpay import Verb

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Verb, "__call__", interrupt)
    result = run("request", verb, "v3/x", "-e", env)
    assert result.code == 130
    assert ("OUTCOME UNKNOWN" in result.err) == warned
    assert result.err.endswith("Interrupted.\n")


def test_the_verbs_are_the_clients() -> None:
    """Those that a node has, no more and no less."""
    names = set(dir(WeChatPay("1900000109")["v3/no/such/path"])) - {"chain"}
    assert {each.value for each in module.Verb} == {
        name for name in names if not name.endswith("_async")
    }
