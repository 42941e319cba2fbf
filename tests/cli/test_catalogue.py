"""`wechatpay api`: the catalogue on the terminal."""

from __future__ import annotations

import json
import re

import pytest

from wechatpay import api

from .conftest import Run


def test_searching_lists_what_has_every_word(run: Run) -> None:
    """A line each in a pipe, with tabs; under heads, or folded, on a terminal."""
    result = run("api", "search", "domestic", "退款")
    lines = [line.split("\t") for line in result.out.splitlines()]
    found = api.search("domestic 退款")
    assert lines == [[each.verb.upper(), each.path, each.name] for each in found]
    on_terminal = run("api", "search", "domestic", "退款", terminal=True).out
    assert all(each.path in on_terminal for each in found)


def test_heads_stand_above_what_fits(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a terminal is wide enough."""
    monkeypatch.setenv("COLUMNS", "200")
    head = run("api", "search", "domestic", "refunds", terminal=True).out.splitlines()[0]
    assert head.split() == ["verb", "path", "title"]


def test_columns_line_up_where_it_is_too_narrow_for_a_table(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths begin below each other, whatever the verb."""
    monkeypatch.setenv("COLUMNS", "60")
    shown = run("api", "search", "refunds", terminal=True).out
    verbs = [found[0] for found in re.finditer(r"^(?:GET|POST) +", shown, re.MULTILINE)]
    assert len(verbs) > 5
    assert {len(each) for each in verbs} == {len("POST  ")}


def test_nothing_found_is_an_exit_status(run: Run) -> None:
    """As grep has it."""
    nothing = run("api", "search", "xyzzyxyzzy")
    assert nothing.code == 1
    assert "did you mean" not in nothing.err
    assert "did you mean 'refund'" in run("api", "search", "refnud").err
    assert run("api", "search", "nosuchthing", "--json").out == "[]\n"


def test_an_endpoint_is_shown(run: Run) -> None:
    """With fields, types, what is required or encrypted, and the official page."""
    kept = run("api", "show", "post", "v3/merchant/fund/withdraw").out
    assert "Repeated with the same out_request_no within 6 days, it is the same call" in kept
    page = run("api", "show", "post", "v3/pay/transactions/native").out
    assert page.startswith("POST v3/pay/transactions/native\n  Native下单\n")
    assert "https://pay.weixin.qq.com/doc/v3/merchant/" in page
    assert "  amount " in page
    assert "    total " in page
    assert "integer, required" in page
    assert "encrypted (wechatpay-public-key)" in page
    assert "no_balance | no_credit" in page
    refund = run("api", "show", "post", "v3/refund/domestic/refunds").out
    assert "string, required of service providers" in refund


@pytest.mark.parametrize("columns", ["40", "100"])
def test_every_endpoint_can_be_shown(
    columns: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is special about it: a few of every kind."""
    monkeypatch.setenv("COLUMNS", columns)
    kinds: dict[object, api.Endpoint] = {}
    for each in api.endpoints():
        special = (*(bool(value) for value in each.options), bool(each.lifecycle))
        kinds.setdefault((special, each.body.kind, each.reply.kind, bool(each.query)), each)
    assert len(kinds) > 20
    for each in kinds.values():
        result = run("api", "show", each.verb, each.path)
        assert result.code == 0
        assert each.name in result.out


def test_an_internal_code_is_shown(run: Run) -> None:
    """By the number at the end of a Request-ID, with the official words, ours and the manuals."""
    first = api.internal_codes()[0]
    lines = run("api", "show", f"08E6CF05-{first.number}").out.splitlines()
    assert lines[0] == f"{first.number}  {first.message}"
    assert lines[1:] == [f"  {first.meaning}", f"  {', '.join(first.products)}"]
    told = json.loads(run("api", "show", str(first.number), "--json").out)
    assert told["meaning"] == first.meaning


def test_all_verbs_of_a_path_are_shown(run: Run) -> None:
    """Where none is told; a concrete path will do, with a slash before and a query behind."""
    several = "v3/marketing/favor/callbacks"
    verbs = [each.verb for each in api.endpoints() if each.path == several]
    assert len(verbs) > 1
    shown = run("api", "show", several).out
    assert all(f"{verb.upper()} {several}\n" in shown for verb in verbs)
    assert "{transaction_id}" in run("api", "show", "/v3/pay/transactions/id/42?a=1").out


def test_an_endpoint_as_json(run: Run) -> None:
    """All that the catalogue has."""
    (found,) = json.loads(run("api", "show", "post", "v3/security/echo", "--json").out)
    assert found["path"] == "v3/security/echo"
    fields = {field["name"]: field for field in found["body"]["fields"]}
    assert fields["encrypted_echo_message"]["encrypted"] == "wechatpay-public-key"
    assert found["docs"]


def test_what_is_not_documented_is_told(run: Run) -> None:
    """With what may have been meant."""
    result = run("api", "show", "post", "v3/pay/transaction/native")
    assert (result.code, result.out) == (1, "")
    assert "v3/pay/transactions/native" in result.err


def test_it_is_said_what_a_field_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field is explained in the language of the terminal, with an example; in JSON in both."""
    path = ("post", "v3/refund/domestic/refunds")
    assert "Your own number of the refund" in " ".join(run("api", "show", *path).out.split())
    (endpoint,) = json.loads(run("api", "show", *path, "--json").out)
    field = next(one for one in endpoint["body"]["fields"] if one["name"] == "out_refund_no")
    assert field["meaning"].keys() == {"zh", "en"}
    assert "words" not in field
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "如 1217752501201407033233368018" in run("api", "show", *path).out


def test_variants_and_inner_json_are_shown(run: Run) -> None:
    """What they depend on, and what is inside."""
    page = run("api", "show", "v2/vehicle/pay/payapply").out
    assert "string, required, holding JSON (object)" in page
    assert "\n      (PARKING SPACE)\n        " in page


def test_refusals_units_and_numbers_are_shown(run: Run) -> None:
    """Shown with an endpoint: codes, units, the number that makes a repeat the same, choices."""
    told = run("api", "show", "post", "v3/fund-app/mch-transfer/transfer-bills").out
    assert "403 NOT_ENOUGH*" in told
    assert "in fen" in told
    assert "same out_bill_no" in told
    told = run("api", "show", "post", "v2/pay/orderquery").out
    assert "transaction_id | out_trade_no" in told
    assert "It changes nothing" in told
