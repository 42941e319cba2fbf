"""What the catalogue has to say about a path, at Tab and after a 404."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest

from wechatpay import APIError, WeChatPay
from wechatpay._chain import attribute, meant, paths, segment
from wechatpay._chain.hints import attributes
from wechatpay.api import endpoint, endpoints

CLIENT: Any = WeChatPay("1900000109", secret="0" * 32)
"""Seen as a shell sees it: by what `dir` says, not by types."""


def test_every_documented_segment_has_an_attribute_that_spells_it() -> None:
    """For every segment of the catalogue, the offered attribute leads to that very segment."""
    segments = {part for one in endpoints() for part in one.path.split("/")}
    assert segment(attribute("")) == "{empty}"  # a slash at the end
    assert {segment(attribute(part)) for part in segments if part} == segments - {""}


def test_dir_offers_what_is_documented_below_a_path() -> None:
    """`dir(node)` has the next segments as attributes, and `chain`."""
    names = dir(CLIENT.v3.pay.transactions)
    assert {"chain", "native", "outTradeNo", "id"} <= set(names)
    assert "post" not in names


def test_dir_offers_documented_verbs_only() -> None:
    """A documented endpoint offers its own verbs, blocking and not."""
    assert dir(CLIENT.v3.pay.transactions.native) == ["chain", "post", "post_async"]


def test_dir_of_an_undocumented_path_offers_every_verb() -> None:
    """Where the catalogue knows nothing, any verb may be right."""
    assert len(dir(CLIENT.v3.a_new.endpoint)) == 11


def test_a_value_in_a_path_stands_for_its_placeholder() -> None:
    """Completion goes on below a concrete value."""
    assert attributes("v3/pay/transactions/id/42") == ["get", "get_async"]


def test_keys_offer_the_rest_of_documented_paths() -> None:
    """`node["` completes whole paths below the node, with their placeholders."""
    keys = CLIENT.v3.pay.transactions._ipython_key_completions_()
    assert "out-trade-no/{out_trade_no}/close" in keys
    assert all(not key.startswith("/") for key in keys)


def test_the_client_completes_from_the_top() -> None:
    """`wxpay["` offers every documented path, and `dir(wxpay)` the two versions."""
    assert "v3/pay/transactions/native" in CLIENT._ipython_key_completions_()
    assert {"v2", "v3", "chain", "close"} <= set(dir(CLIENT))


@pytest.mark.parametrize(
    ("verb", "path", "sentence"),
    [
        ("post", "v3/pay/transactions/native", ""),
        ("get", "v3/pay/transactions/id/42", ""),
        ("get", "v3/pay/transactions/native", "Documented here is POST, not GET"),
        (
            "post",
            "v3/pay/transaction/native",
            "No such path is documented; did you mean v3/pay/transactions/native?",
        ),
        (
            "post",
            "v3/ecommerce/applyments",
            "Documented is v3/ecommerce/applyments/, with a slash at its end",
        ),
        (
            "get",
            "v3/pay/transactions/id/42/",
            "Documented is v3/pay/transactions/id/{transaction_id}, without a slash at its end",
        ),
        ("post", "v3/utterly/different/from/everything", ""),
    ],
)
def test_a_misspelled_path_is_told_from_a_documented_one(
    verb: str, path: str, sentence: str
) -> None:
    """The sentence names the nearest documented path or the verbs; if all is well, nothing."""
    assert meant(verb, path) == sentence


def test_the_404_of_an_unknown_path_asks_whether_another_was_meant() -> None:
    """The error of a 404 for an undocumented path names the nearest documented one."""

    def nothing_here(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={"code": "RESOURCE_NOT_EXISTS"})

    from wechatpay._call import Call, refusal_of

    call = Call.asked("POST", "v3/pay/transaction/native", {})
    error = refusal_of(call, nothing_here(httpx.Request("POST", "http://127.0.0.1/")))
    assert isinstance(error, APIError)
    assert "did you mean v3/pay/transactions/native?" in str(error)


def test_using_a_node_does_not_load_the_catalogue() -> None:
    """Building a path reads no catalogue; only looking around does."""
    code = (
        "import sys, json; from wechatpay import WeChatPay\n"
        "node = WeChatPay('1900000109', secret='x').v3.pay.transactions\n"
        "before = 'wechatpay.api' in sys.modules; dir(node)\n"
        "print(json.dumps([before, 'wechatpay.api' in sys.modules]))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert json.loads(output) == [False, True]


def test_a_slash_at_the_end_is_shown_as_one() -> None:
    """Nodes and completions show the slash of a path, never `{empty}`; attributes spell it."""
    node = CLIENT.v3.ecommerce.applyments
    assert "_empty_" in dir(node)
    assert "" not in paths("v3/ecommerce/applyments")
    assert "applyments/" in paths("v3/ecommerce")
    last = node._empty_
    assert str(last) == str(CLIENT["v3/ecommerce/applyments/"]) == "v3/ecommerce/applyments/"
    assert repr(last) == "<Node v3/ecommerce/applyments/>"
    assert {"post", "post_async"} <= set(dir(last))
    assert all("{empty}" not in one.path for one in endpoints())
    assert endpoint("post", "v3/ecommerce/applyments/{empty}") == endpoint("post", str(last))


def test_paths_below_a_leaf_are_none() -> None:
    """A path that goes no further offers no keys."""
    assert paths("v3/pay/transactions/native") == []
