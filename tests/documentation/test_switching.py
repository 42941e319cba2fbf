"""The pages for those who come from other packages: each call that they show is documented."""

from __future__ import annotations

import re

import pytest

from docs.builder.words import LANGUAGES, Language
from wechatpay import WeChatPay, api
from wechatpay._chain.elsewhere import CALLS, OWN
from wechatpay._chain.slips import successors

from .markdown import prose, text

EITHER = pytest.mark.parametrize("language", LANGUAGES)
_ROW = re.compile(r"^\| `([^`]+)` \| (`.+`) \|$", re.MULTILINE)
_CALL = re.compile(r"`(wxpay\.v[23][\w.]+)\.(get|post|put|patch|delete)\(([^`]*)\)`")


def rows(language: Language, name: str) -> dict[str, str]:
    """Return what the page's last table says of each method."""
    *_, last = re.split(r"^## .+$", prose(text(language, name)), flags=re.MULTILINE)
    return dict(_ROW.findall(last))


def calls(language: Language, name: str) -> list[tuple[str, str, str]]:
    """Return the calls that a page's last table shows: path, verb, arguments."""
    found = [one for cell in rows(language, name).values() for one in _CALL.findall(cell)]
    with WeChatPay("1900000109", secret="0123456789abcdef0123456789abcdef") as wxpay:
        return [(str(eval(path, {"wxpay": wxpay})), verb, rest) for path, verb, rest in found]


@EITHER
def test_every_method_of_wechatpayv3_has_a_row(language: Language) -> None:
    """All of its 171 methods are there, each with at least one call, and none twice."""
    found = rows(language, "from-wechatpayv3")
    assert len(found) == 171
    assert {"pay", "query", "close", "refund", "callback", "sign", "mch_transfer_bills"} <= set(
        found
    )
    assert all(cell.startswith("`wxpay.") for cell in found.values())


@EITHER
def test_what_an_error_says_of_a_method_is_what_the_page_says(language: Language) -> None:
    """A call of one of its methods here is refused with the calls of its row."""
    found = rows(language, "from-wechatpayv3")
    assert {*OWN, *(line.split(" ")[0] for line in CALLS.splitlines())} == found.keys()
    for name, cell in found.items():
        said = successors(name)
        listed = [(path, verb) for path, verb, _ in _CALL.findall(cell)]
        named = [(path, verb) for path, verb, _ in _CALL.findall(f"`{'`;`'.join(said)}`")]
        assert named == listed
        assert named or said[0].partition("(")[0] in cell


@EITHER
@pytest.mark.parametrize(("name", "least"), [("from-wechatpayv3", 160), ("from-wechatpy", 24)])
def test_every_call_is_documented(language: Language, name: str, least: int) -> None:
    """Each call leads to an endpoint, names its placeholders, and has the kind of body it takes."""
    found = calls(language, name)
    assert len(found) >= least
    for path, verb, arguments in found:
        endpoint = api.endpoint(verb, path)
        assert endpoint, path
        assert all(f"{one.name}=" in arguments for one in endpoint.placeholders)
        assert (f"{endpoint.body.kind}=" in arguments) == (endpoint.body.kind in ("json", "xml"))


@EITHER
def test_the_number_that_was_filled_in_is_written_out(language: Language) -> None:
    """A query and a close name the merchant, which wechatpayv3 did by itself."""
    found = rows(language, "from-wechatpayv3")
    assert found["query"].count('params={"mchid": mchid}') == 2
    assert 'json={"mchid": mchid}' in found["close"]
