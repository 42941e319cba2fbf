"""Answers that are made up: every documented field is there, and what was given comes back.

The same request gives the same answer, on the same day of the sandbox's clock. Nothing is
remembered: this is for the endpoints that no family simulates.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from .._base import BEIJING
from . import downloads, fields, plausible
from .documented import Document
from .fields import Spec, Tree
from .plausible import Wish
from .reply import Reply
from .routes import Call

_NUMBERS = re.compile(r"(^|_)(id|no|code|mchid|mch_id|appid|openid)$")
"""Names that mean the same thing wherever they stand."""
_COUNT = re.compile(r"(total_)?(count|num|number|size)")
_SHA1: Spec = {"type": "string"}
_TROUBLE = re.compile(r"(err|error)_code(_des?)?|return_code|return_msg|result_code")
_FINE = {"retcode": 0, "retmsg": "ok", "result_msg": "OK"}
_NUMBERED = re.compile(r"\$[nm]")


def answer(document: Document, call: Call) -> Mapping[str, Any] | Reply | None:
    """Make up the answer to a call of an endpoint."""
    reply, options = document.endpoint.reply, document.endpoint.options
    signed = not options.unsigned
    if reply.kind == "empty":
        return Reply(reply.status, signed=signed)
    maker = Maker(document, call)
    if reply.kind in ("json", "xml"):
        return maker.answer() if document.dialect == "v3" else _without_trouble(maker.answer())
    if reply.kind == "redirect":
        return Reply(reply.status, signed=False, location=maker.location())
    packed = call.body.get("tar_type") == "GZIP"
    content, content_type = downloads.made_up(reply.kind, maker.number(""), packed=packed)
    return Reply(reply.status, content, content_type, signed, options.signed_digest)


def _without_trouble(made: dict[str, Any]) -> dict[str, Any]:
    """Say that all is well, as APIv2 does within its answers."""
    kept = {name: value for name, value in made.items() if not _TROUBLE.fullmatch(name)}
    return kept | {name: value for name, value in _FINE.items() if name in kept}


class Maker:
    """Makes up an answer's fields.

    Args:
        document: The endpoint.
        call: The call, of which the values come back under the same names.
    """

    def __init__(self, document: Document, call: Call) -> None:
        self._document = document
        self._call = call
        query = fields.read(call.query.items(), document.query)
        self._given: dict[str, Any] = {**query, **call.path, **call.body}
        endpoint = document.endpoint
        seed = json.dumps([endpoint.verb, endpoint.path, self._given], sort_keys=True)
        self._seed = hashlib.blake2b(seed.encode() + call.file).digest()
        moment = datetime.fromtimestamp(call.world.clock(), BEIJING)
        self._day = moment.replace(hour=0, minute=0, second=0, microsecond=0)

    def number(self, pointer: str) -> int:
        """Return a number that depends on the request and a place in the answer."""
        made = hashlib.blake2b(pointer.encode(), key=self._seed, digest_size=16)
        return int.from_bytes(made.digest(), "big")

    def answer(self) -> dict[str, Any]:
        """Make up the whole answer."""
        return self._object(self._document.reply, self._given, "")

    def location(self) -> str:
        """Make up where a browser is sent: back to the merchant, with a code."""
        wish = self._wish("page", "")
        back = self._given.get("redirect_uri")
        if not back:
            return plausible.url(wish)
        query = urlencode({"code": wish.digits, "state": self._given.get("state", "")})
        return f"{back}{'&' if '?' in back else '?'}{query}"

    def _object(self, tree: Tree, given: Mapping[str, Any], above: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, spec in tree.items():
            name = _NUMBERED.sub("0", name)
            made[name] = self._value(name, spec, given.get(name), f"{above}/{name}")
        lists: list[list[Any]] = [value for value in made.values() if isinstance(value, list)]
        for name, spec in tree.items() if lists else ():
            if _COUNT.fullmatch(name) and spec["type"] in ("integer", "number"):
                made[name] = len(lists[0])
        if "download_url" in tree:
            made |= self._download(tree, above)
        return made

    def _value(self, name: str, spec: Spec, given: Any, pointer: str) -> Any:
        kind, _, item = spec["type"].partition("<")
        if kind == "array":
            of_items: Spec = {**spec, "type": item.removesuffix(">")}
            known: list[Any] = given if isinstance(given, list) else []  # pyright: ignore[reportUnknownVariableType]
            return [
                self._value(name, of_items, each, f"{pointer}/{index}")
                for index, each in enumerate(known or [None])
            ]
        if "json" in spec:
            inner: Spec = {**spec, "type": spec["json"]}
            del inner["json"]
            return json.dumps(self._value(name, inner, None, pointer), ensure_ascii=False)
        if kind == "object":
            values: dict[str, Any] = given if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownVariableType]
            return self._object(spec.get("fields", {}), values, pointer)
        if given is None and _NUMBERS.search(name):
            given = self._given.get(name)
        echo = _fitting(given, spec)
        return self._scalar(name, spec, pointer) if echo is None else echo

    def _scalar(self, name: str, spec: Spec, pointer: str) -> Any:
        wish, kind = self._wish(name, pointer), spec["type"]
        if values := spec.get("enum"):
            return values[wish.number % len(values)]
        if kind == "boolean":
            return wish.number % 2 == 0
        if kind in ("integer", "number"):
            return plausible.integer(wish)
        return plausible.text(wish, spec.get("format", ""))

    def _wish(self, name: str, pointer: str) -> Wish:
        mchid = self._call.world.keys.mchid
        return Wish(name, self.number(pointer), mchid, self._call.url, self._day)

    def _download(self, tree: Tree, above: str) -> dict[str, str]:
        token = downloads.token(self.number(f"{above}/download_url"), self._call.world.keys)
        packed = self._given.get("tar_type") == "GZIP"
        hash_type = str(tree.get("hash_type", _SHA1).get("enum", ("SHA1",))[0])
        said = downloads.said_of(token, self._call.url, hash_type=hash_type, packed=packed)
        return {name: text for name, text in said.items() if name in tree}


def _fitting(given: Any, spec: Spec) -> Any:
    """Return what was given as the type that an answer has there; `None` if it does not fit."""
    kind = spec["type"]
    if kind == "string" and isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    elif kind != "string" and isinstance(given, str):
        given = fields.read([("", given)], {"": {"type": kind}})[""]
    right = {"string": str, "boolean": bool}.get(kind, (int, float))
    if not isinstance(given, right) or isinstance(given, bool) != (kind == "boolean"):
        return None
    return given if given in spec.get("enum", (given,)) else None
