"""Refusals on demand: which codes an endpoint documents, with which status, in which words.

The catalogue has the codes of some endpoints. The pages of combined orders spell theirs in their
own way. Of an endpoint whose codes nobody has written down, any known one will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .._base import OldRefusal, Refusal, Text
from .._endpoint import Document, documents
from . import glob, words
from .glob import WrongRule

_ALWAYS = ("PARAM_ERROR", "INVALID_REQUEST", "SIGN_ERROR", "SYSTEM_ERROR")
"""WeChat Pay's public codes, which every endpoint of APIv3 may answer."""
_COMBINED: Mapping[str, int] = {
    "USERPAYING": 202,
    "ORDER_CLOSED": 400,
    "APPID_MCHID_NOT_MATCH": 400,
    "MCH_NOT_EXISTS": 400,
    "ACCOUNTERROR": 403,
    "NOAUTH": 403,
    "OUT_TRADE_NO_USED": 403,
    "RULELIMIT": 403,
    "TRADE_ERROR": 403,
    "ORDERNOTEXIST": 404,
    "FREQUENCY_LIMITED": 429,
    "BANKERROR": 500,
    "INVALID_TRANSACTIONID": 500,
    "OPENID_MISMATCH": 500,
    "SYSTEMERROR": 500,
}
_BESIDE: Mapping[str, Mapping[str, int]] = {
    "v3/combine-transactions/": _COMBINED,
    "v3/pay/": {"NOT_ENOUGH": 403},
}
"""What pages say beside the catalogue, by how the path begins."""

_NONE: Mapping[str, int] = {}


def codes(document: Document) -> Mapping[str, int]:
    """Return the codes that an endpoint may answer, each with its HTTP status."""
    return _codes(document.endpoint.path, document.endpoint.verb)


@cache
def _codes(path: str, verb: str) -> Mapping[str, int]:
    document = next(
        each for each in documents() if (each.endpoint.path, each.endpoint.verb) == (path, verb)
    )
    known = {code: status for code, (status, _) in words.REFUSALS.items()}
    found = {
        each.code: each.status or known.get(each.code, 400) for each in document.endpoint.errors
    }
    pages = (each for start, each in _BESIDE.items() if path.startswith(start))
    beside = next(pages, _NONE)
    if not found:
        found = dict(known) if beside is not _COMBINED else {}
        found |= dict.fromkeys(words.OLD_REFUSALS, 200) if document.dialect == "v2" else {}
    return {**found, **beside, **{code: known[code] for code in _ALWAYS}}


def check(method: str, path: str, code: str) -> None:
    """Check that a code is documented of an endpoint that a fault is for.

    Raises:
        ValueError: It is not; the message tells which codes are.
    """
    meant = [
        each
        for each in documents()
        if method in ("*", each.method) and glob.matches(path, each.endpoint.path)
    ] or _concrete(method, path)
    if not meant:
        raise WrongRule(words.NO_SUCH_ENDPOINT.filled(path=path))
    if not any(code in codes(each) for each in meant):
        known = sorted({each for one in meant for each in codes(one)})
        raise WrongRule(words.NO_SUCH_CODE.filled(code=code, path=path, codes=", ".join(known)))


def refusal(document: Document, code: str) -> Refusal:
    """Say no with a code that an endpoint documents."""
    path, status = document.endpoint.path, codes(document)[code]
    _, text = words.REFUSALS.get(code, (status, words.OLD_REFUSALS.get(code, Text(code, code))))
    for start, said in words.REFUSED_THERE.items():
        text = said.get(code, text) if path.startswith(start) else text
    if document.dialect == "v2":
        return OldRefusal(code, text.zh)
    return Refusal(status, code, text.zh)


def _concrete(method: str, path: str) -> list[Document]:
    """Return the endpoints of a path without placeholders, such as `v3/pay/transactions/id/42`."""
    parts = path.split("/")
    return [
        each
        for each in documents()
        if method in ("*", each.method)
        and len(template := each.endpoint.path.split("/")) == len(parts)
        and all(
            mine.startswith("{") or mine == theirs
            for mine, theirs in zip(template, parts, strict=True)
        )
    ]
