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
from typing import Any, cast
from urllib.parse import urlencode

from .._base import BEIJING
from .._world import World
from . import downloads, fields, plausible
from .documented import Document
from .fields import Spec, Tree
from .plausible import Wish
from .reply import EndpointReply
from .routes import IncomingCall

_NUMBERS = re.compile(r"(^|_)(id|no|code|mchid|mch_id|appid|openid)$")
"""Names that mean the same thing wherever they stand."""
_COUNT = re.compile(r"(total_)?(count|num|number|size)")
_SHA1: Spec = {"type": "string"}
_TROUBLE = re.compile(r"(err|error)_code(_des?)?|return_code|return_msg|result_code")
_FINE = {"retcode": 0, "retmsg": "ok", "result_msg": "OK"}
_NUMBERED = re.compile(r"\$[nm]")


def answer(document: Document, call: IncomingCall) -> Mapping[str, Any] | EndpointReply | None:
    """Make up the answer to a call of an endpoint."""
    reply, options = document.endpoint.reply, document.endpoint.options
    signed = not options.unsigned
    if reply.kind == "empty":
        return EndpointReply(reply.status, signed=signed)
    maker = _maker(document, call)
    if reply.kind in ("json", "xml"):
        made = maker.object(document.reply)
        return made if document.dialect == "v3" else _without_trouble(made)
    if reply.kind == "redirect":
        return EndpointReply(reply.status, signed=False, location=maker.location())
    packed = call.body.get("tar_type") == "GZIP"
    content, content_type = downloads.made_up(reply.kind, maker.number(""), packed=packed)
    return EndpointReply(reply.status, content, content_type, signed, options.signed_digest)


def _without_trouble(made: dict[str, Any]) -> dict[str, Any]:
    """Say that all is well, as APIv2 does within its answers."""
    kept = {name: value for name, value in made.items() if not _TROUBLE.fullmatch(name)}
    return kept | {name: value for name, value in _FINE.items() if name in kept}


def made_up(tree: Tree, given: Mapping[str, Any], world: World, seed: str) -> dict[str, Any]:
    """Make up what an object says, such as a notification's resource.

    Args:
        tree: What is documented of it.
        given: Values that come back under the same names.
        world: Where, and when.
        seed: The same one makes the same values, on the same day.
    """
    return Maker(given, world, "https://sandbox.invalid", seed.encode()).object(tree)


def _maker(document: Document, call: IncomingCall) -> Maker:
    """Return what makes up the answer to a call, of which the values come back."""
    query = fields.read(call.query.items(), document.query)
    given: dict[str, Any] = {**query, **call.path, **call.body}
    seed = json.dumps([document.endpoint.verb, document.endpoint.path, given], sort_keys=True)
    return Maker(given, call.world, call.url, seed.encode() + call.file)


class Maker:
    """Makes up values.

    Args:
        given: What comes back under the same names.
        world: Where, and when.
        url: Where the sandbox is.
        seed: What all of it depends on.
    """

    def __init__(self, given: Mapping[str, Any], world: World, url: str, seed: bytes) -> None:
        self._given = given
        self._keys = world.keys
        self._url = url
        self._seed = hashlib.blake2b(seed).digest()
        moment = datetime.fromtimestamp(world.clock(), BEIJING)
        self._day = moment.replace(hour=0, minute=0, second=0, microsecond=0)

    def number(self, pointer: str) -> int:
        """Return a number that depends on the request and a place in the answer."""
        made = hashlib.blake2b(pointer.encode(), key=self._seed, digest_size=16)
        return int.from_bytes(made.digest(), "big")

    def object(self, tree: Tree) -> dict[str, Any]:
        """Make up an object with all that is documented of it."""
        return self._object(tree, self._given, "")

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
            known: list[Any] = cast("Any", given) if isinstance(given, list) else []
            return [
                self._value(name, of_items, each, f"{pointer}/{index}")
                for index, each in enumerate(known or [None])
            ]
        if "json" in spec:
            inner: Spec = {**spec, "type": spec["json"]}
            del inner["json"]
            return json.dumps(self._value(name, inner, None, pointer), ensure_ascii=False)
        if kind == "object":
            values = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
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
        return Wish(name, self.number(pointer), self._keys.mchid, self._url, self._day)

    def _download(self, tree: Tree, above: str) -> dict[str, str]:
        token = downloads.token(self.number(f"{above}/download_url"), self._keys)
        packed = self._given.get("tar_type") == "GZIP"
        hash_type = str(tree.get("hash_type", _SHA1).get("enum", ("SHA1",))[0])
        said = downloads.said_of(token, self._url, hash_type=hash_type, packed=packed)
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
