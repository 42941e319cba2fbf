"""Finding endpoints and notifications."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.api import Endpoint, endpoint, endpoints, notifications, search
from wechatpay.api._catalogue import Catalogue

PLACEHOLDER = re.compile(r"\{(.*?)\}")


@pytest.mark.parametrize(
    ("verb", "path", "found"),
    [
        ("get", "v3/pay/transactions/id/42", "v3/pay/transactions/id/{transaction_id}"),
        ("GET", "/v3/certificates", "v3/certificates"),
        (
            "Post",
            "v3/pay/transactions/out-trade-no/<out_trade_no>/close",
            "v3/pay/transactions/out-trade-no/{out_trade_no}/close",
        ),
        ("get", "hk/v3/statements", "v3/statements"),
        ("post", "v3/merchant-service/images/upload", "v3/merchant-service/images/upload"),
    ],
)
def test_an_endpoint_is_found(verb: str, path: str, found: str) -> None:
    """An endpoint is found by template, in both spellings, by a concrete path and by prefix."""
    each = endpoint(verb, path)
    assert each is not None
    assert (each.verb, each.path) == (verb.lower(), found)


@pytest.mark.parametrize("path", ["", "v3/no/such", "v3/pay/transactions/id/", "v3/certificates/"])
def test_an_unknown_path_has_no_endpoint(path: str) -> None:
    """An undocumented path, or one with an empty value, is not found."""
    assert endpoint("get", path) is None


@pytest.mark.untraced
@given(st.sampled_from(endpoints()), st.data())
def test_a_concrete_path_finds_an_endpoint_of_its_shape(
    each: Endpoint, data: st.DataObject
) -> None:
    """A filled-in path finds its endpoint, or one whose literals the values happen to spell."""
    value = st.text(min_size=1).filter(lambda text: text not in (".", ".."))
    path = PLACEHOLDER.sub(lambda match: quote(data.draw(value), safe="~"), each.written)
    found = endpoint(each.verb, path)
    assert found is not None
    assert re.fullmatch(PLACEHOLDER.sub("[^/]+", found.path), path)


def test_every_template_finds_itself() -> None:
    """Every template finds its own endpoint, in both spellings."""
    for each in endpoints():
        angled = each.path.replace("{", "<").replace("}", ">")
        assert endpoint(each.verb, each.path) is endpoint(each.verb, angled) is each


def test_search_takes_words_in_any_language() -> None:
    """A search finds titles, paths, tags and groups by all of its words, in any case."""
    refunds = search("退款")
    assert "v3/refund/domestic/refunds" in {each.path for each in refunds}
    assert search("V3/REFUND 退款") == tuple(
        each for each in refunds if "v3/refund" in each.path.lower()
    )
    assert search("退款 no-such-word") == ()


def test_notifications_are_found() -> None:
    """A notification has its resource's fields."""
    (paid,) = (
        each
        for each in notifications()
        if (each.version, each.event_type) == ("v3", "TRANSACTION.SUCCESS")
    )
    assert paid.encrypted_field == "body.resource.ciphertext"
    assert "out_trade_no" in {field.name for field in paid.resource}


def test_entries_are_values() -> None:
    """Entries are immutable, hashable, copied and pickled as values, and readable."""
    each = endpoint("get", "v3/certificates")
    assert each is not None
    assert repr(each) == f"<Endpoint get v3/certificates {each.name}>"
    assert each == copy.deepcopy(each) == pickle.loads(pickle.dumps(each))
    assert hash(each) == hash(copy.copy(each))
    assert each != endpoint("get", "v3/statements")
    assert each != "v3/certificates"
    with pytest.raises(AttributeError, match="name was not set"):
        each.name = "x"
    with pytest.raises(AttributeError, match="name was not deleted"):
        del each.name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = each.nothing
    with pytest.raises(AttributeError):
        _ = each._secret


def test_the_rest_of_a_line_is_read_when_first_used() -> None:
    """Looking an endpoint up reads nothing but its head."""
    each = Catalogue().endpoints[0]
    assert "body" not in vars(each)
    assert each.body is each.body
    assert "body" in vars(each)


def test_the_package_does_not_load_the_catalogue() -> None:
    """Importing wechatpay does not load the catalogue; loading it takes few steps an endpoint."""
    code = (
        "import sys, wechatpay\n"
        "assert 'wechatpay.api' not in sys.modules\n"
        "from costs import functions_of\n"
        "def load():\n"
        "    from wechatpay import api\n"
        "    return api.endpoints()\n"
        "print(functions_of(load), len(load()))\n"
    )
    said = subprocess.check_output([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    steps, endpoints = map(int, said.split())
    assert endpoints > 1_000
    assert steps < 30 * endpoints


def test_the_public_refusals() -> None:
    """Every call of APIv3 may meet them, but for its own; repeating is for those it is safe for."""
    refund = endpoint("post", "v3/refund/domestic/refunds")
    query = endpoint("get", "v3/merchant/fund/balance/{account_type}")
    order = endpoint("post", "v3/pay/transactions/codepay")
    old = endpoint("post", "v2/pay/unifiedorder")
    assert refund
    assert query
    assert order
    assert old
    assert {each.code for each in refund.errors} >= {each.code for each in query.public_errors}
    assert refund.public_errors == old.public_errors == ()
    codes = ["PARAM_ERROR", "INVALID_REQUEST", "SIGN_ERROR", "SYSTEM_ERROR"]
    assert [each.code for each in query.public_errors] == codes
    assert [each.repeatable for each in query.public_errors] == [False, False, False, True]
    assert not any(each.repeatable for each in order.public_errors) or order.idempotency_key


def test_after_a_failure_of_wechat_pay_the_same_call_may_be_repeated() -> None:
    """Official tables say so of the calls that carry a number of their own."""
    for path in ("v3/refund/domestic/refunds", "v3/profitsharing/orders"):
        call = endpoint("post", path)
        assert call
        assert {each.code: each[1:] for each in call.errors}["SYSTEM_ERROR"] == (500, True)
