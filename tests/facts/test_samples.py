"""Samples as calls: their code is run as far as it goes, written out, checked and sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest

from catalogue import literal, trying
from catalogue.models import Place
from catalogue.readers import java_values
from catalogue.readers.official_samples import Sample

JSAPI = "v3/pay/transactions/jsapi"
ORDER: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1230000109",
    "description": "商品",
    "out_trade_no": "1217752501201407033233368018",
    "notify_url": "https://pay.example.com/notify",
    "amount": {"total": 1},
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
}


def sample(verb: str, template: str, says: str = "Ask.java", **values: Any) -> Sample:
    """Return a sample that is not an upload."""
    return Sample(verb, template, "direct", cast("Mapping[Place, Any]", values), False, says)


def test_a_sample_may_call_its_own_functions() -> None:
    """A helper's result is what it builds of its arguments; one that returns nothing is nothing."""
    text = r"""
      private static Stock stock(String remark, long most) {
        Stock stock = new Stock();
        stock.remark = remark;
        stock.most = most;
        return stock;
      }
      private static void log() { }
    """
    code = r'request.stock = stock("a, \"b\"", 3L); request.log = log(); request.x = other(1);'
    made = java_values.assigned(code, str, java_values.helpers(text))
    stock = {"remark": 'a, "b"', "most": 3}
    assert made["request"] == {"stock": stock, "log": None, "x": "other(1)"}


def test_a_sample_as_a_call() -> None:
    """It is written by attributes and by a string, with the catalogue's names of placeholders."""
    sealed = java_values.Sealed("name")
    asked = sample(
        "post",
        "v3/refund/{id}",
        path={"id": "1"},
        query={"mchid": "2"},
        body={"name": sealed, "all": [{"a": sealed}]},
    )
    text = literal.module([asked], {("post", "v3/refund/{}"): "v3/refund/{refund_id}"})
    given = "refund_id='1', params={'mchid': '2'}, json={'name': 'name', 'all': [{'a': 'name'}]}"
    assert f"    wxpay.v3.refund._refund_id_.post({given})\n" in text
    assert f"    wxpay.chain('v3/refund/{{refund_id}}').post({given})\n" in text
    compile(text, "calls.py", "exec")


def test_an_upload_as_a_call() -> None:
    """A sample that uploads passes a file, and leaves the form to the client."""
    upload = Sample("post", "v3/merchant/media/upload", "direct", {"body": {}}, True, "Up.java")
    assert list(literal.arguments(upload)) == ["media"]


def test_what_becomes_of_samples() -> None:
    """The sandbox's merchant takes the placeholder's place; what is not there is no fault."""
    nowhere = "v3/pay/transactions/out-trade-no/{out_trade_no}/close"
    all_of_them = [
        sample("post", JSAPI, body=ORDER),
        sample("post", JSAPI, body={**ORDER, "notify_url": " https://pay.example.com"}),
        sample("post", nowhere, path={"out_trade_no": "1"}, body={"mchid": "1230000109"}),
    ]
    found = list(trying.tried(all_of_them, trying.paths()))
    assert [(each.kind, each.field) for each in found[:2]] == [
        ("taken", ""),
        ("refused", "/notify_url"),
    ]
    assert found[2].kind == "state"
    (again,) = trying.tried(
        all_of_them[1:2], trying.paths(), {"json": {"notify_url": "https://pay.example.com"}}
    )
    assert again.kind == "taken"


@pytest.mark.parametrize(
    ("lines", "status", "said"),
    [
        ([], 1, "wrong: made-up/references/1-商户/Ask.java: PARAM_ERROR at /notify_url"),
        ([{"why": "a blank"}], 0, "Ask.java: /notify_url: a blank"),
        ([{"why": "it", "instead": {"json": {"notify_url": "https://a.cn"}}}], 0, "1 refused"),
        ([{"why": "it", "instead": {"json": {"attach": "x"}}}], 1, "put right, PARAM_ERROR at"),
        ([{"why": "it", "field": "/amount"}], 1, "PARAM_ERROR at /notify_url"),
    ],
)
def test_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lines: list[dict[str, Any]],
    status: int,
    said: str,
) -> None:
    """What is refused needs a reason, and has to be taken when it is put right."""
    refused = [{"field": "/notify_url", "says": ["Ask.java"], **line} for line in lines]
    text = "".join(json.dumps(line) + "\n" for line in refused)
    (tmp_path / "refused.jsonl").write_text(text, "utf-8")
    wrong = {**ORDER, "notify_url": " https://pay.example.com"}
    asked = sample("post", JSAPI, "made-up/references/1-商户/Ask.java", body=wrong)
    found: dict[str, list[Any]] = {"samples": [asked], "checked": []}
    for name, result in found.items():
        monkeypatch.setattr(trying, name, Mock(return_value=result))
    assert trying.main([str(tmp_path)], tmp_path) == status
    assert said in capsys.readouterr().out


@pytest.mark.checkers
def test_the_type_checkers() -> None:
    """A call that no type allows is said to be wrong by both, a right one by neither."""
    wrong = {**ORDER, "amount": {"total": "1"}}
    known = trying.paths()
    found = trying.checked(literal.module([sample("post", JSAPI, body=wrong)], known))
    assert any("[typeddict-item]" in line for line in found)
    assert any(" - error: " in line for line in found)
    assert not (trying.checked(literal.module([sample("post", JSAPI, body=ORDER)], known)))
