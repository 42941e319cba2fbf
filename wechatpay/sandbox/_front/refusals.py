"""Refusals on demand: which codes an endpoint documents, with which status, in which words.

The catalogue has the codes of some endpoints. An endpoint whose codes are not documented may
answer any known one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .._base import OldRefusal, Refusal, Text
from .._endpoint import Document, documents
from . import glob, words
from .glob import WrongRule

_BESIDE: Mapping[str, Mapping[str, int]] = {
    "v3/pay/": {"NOT_ENOUGH": 403},
}
"""What pages say beside the catalogue, by how the path begins."""

_NONE: Mapping[str, int] = {}


@cache
def codes(document: Document) -> Mapping[str, int]:
    """Return the codes that an endpoint may answer, each with its HTTP status."""
    path = document.endpoint.path
    known = {code: status for code, (status, _) in words.REFUSALS.items()}
    errors = document.endpoint.errors
    if document.dialect == "v2":
        old = (*words.OLD_REFUSALS, *(each.code for each in errors))
        return {**known, **dict.fromkeys(old, 200)}
    public = {each.code: each.status for each in document.endpoint.public_errors}
    pages = (each for start, each in _BESIDE.items() if path.startswith(start))
    found = {each.code: each.status or known.get(each.code, 400) for each in errors} or known
    return {**found, **next(pages, _NONE), **public}


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
