"""Calls of every documented endpoint, made from the catalogue, sent without the client.

Nothing here is shared with the sandbox: what it makes of the catalogue, this makes a second time.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from wechatpay import api
from wechatpay.api import Endpoint, Field
from wechatpay.sandbox import Sandbox

from .merchant import Merchant

OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
FILE = b"\xff\xd8\r\n--not the boundary\r\n\x00"
SECRET_TEXT = "张三 13800000000"

_VALUES: dict[str, Any] = {
    "string": "121775250120140703",
    "integer": 12,
    "number": 12,
    "boolean": True,
    "object": {},
    "binary": "",
}
_NAMED: dict[str, Any] = {
    "mchid": "1900000109",
    "mch_id": "1900000109",
    "sp_mchid": "1900000109",
    "combine_mch_id": "1900000109",
    "sub_mch_id": "1230000109",
    "sub_mchid": "1230000109",
    "appid": "wxd678efh567hg6787",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "authorization_notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "description": "商品",
    "redirect_uri": "https://www.weixin.qq.com/back",
    "time_expire": "2099-01-01T00:00:00+08:00",
    "auth_code": "130061098828009406",
    "funds_account": "AVAILABLE",
    "account": "AVAILABLE",
    "bill_date": "2026-01-01",
    "currency": "CNY",
}
_DIGITS = ("integer", "int32", "int64", "uint64", "numeric")

V3 = tuple(each for each in api.endpoints() if not each.path.startswith("v2/"))
V2 = tuple(each for each in api.endpoints() if each.path.startswith("v2/"))


def name_of(endpoint: Endpoint) -> str:
    """Return what a test is called after."""
    return f"{endpoint.verb} {endpoint.path}"


@dataclass(frozen=True)
class Ask:
    """A call as it is going to be made.

    Attributes:
        endpoint: Of what.
        path: The placeholders' values.
        query: The query, in plain text.
        body: The body, or an upload's `meta`, in plain text.
        sealed: Whether sensitive fields are to be encrypted.
    """

    endpoint: Endpoint
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sealed: bool = True

    @property
    def template(self) -> str:
        """The path on the wire, placeholders and all."""
        options = self.endpoint.options
        prefix = urlsplit(options.host).path[1:] if options.host_required else ""
        return prefix + self.endpoint.path

    @property
    def is_v3(self) -> bool:
        """Whether it is of the dialect of today."""
        return not self.endpoint.path.startswith("v2/")

    @property
    def is_upload(self) -> bool:
        """Whether a file goes with it."""
        return self.endpoint.body.kind == "multipart"


def ask(endpoint: Endpoint, *, everything: bool = False) -> Ask:
    """Make a call that is as documented.

    Args:
        endpoint: Of what.
        everything: Whether to give what may be left out, too.
    """
    body = endpoint.body
    upload = body.kind == "multipart" and endpoint in V3
    fields = meta_of(endpoint).fields if upload else body.fields
    made = _object(fields, everything=everything)
    enough = {each[0] for each in body.one_of if not set(each) & made.keys()}
    made |= {
        each.name: _value(each, everything=everything) for each in fields if each.name in enough
    }
    return Ask(
        endpoint,
        {each.name: _path_value(each) for each in endpoint.placeholders},
        _object(endpoint.query, everything=everything),
        _with_digest(made) if upload else made,
    )


def least(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Make an object that has what it must, and no more."""
    return _object(fields, everything=False)


def meta_of(endpoint: Endpoint) -> Field:
    """Return the field of an upload that says what the file is."""
    return next(each for each in endpoint.body.fields if each.name == "meta")


def _path_value(spec: Field) -> str:
    return spec.const if spec.const is not None else str(_value(spec, everything=False))


def _object(fields: tuple[Field, ...], *, everything: bool) -> dict[str, Any]:
    return {
        each.name: _value(each, everything=everything)
        for each in fields
        if each.required or everything or each.name == "out_trade_no"  # often one of several
    }


def settled(spec: Field) -> Field:
    """Settle what two fields are documented as: numbers, of which the values are texts."""
    if not spec.enum or "number" not in spec.type or isinstance(spec.enum[0], int):
        return spec
    if str(spec.enum[0]).isdigit():
        return spec._replace(enum=tuple(map(int, spec.enum)))
    return spec._replace(type=spec.type.replace("number", "string"))


def _value(spec: Field, *, everything: bool) -> Any:
    spec = settled(spec)
    kind = spec.type.removeprefix("array<").removesuffix(">")
    value = _VALUES[kind] if kind != "string" else _text(spec)
    if spec.json:
        inner = spec._replace(type=spec.json, json=None)
        value = json.dumps(_value(inner, everything=everything))
    elif spec.enum:
        value = spec.enum[0]
    elif kind == "integer" and spec.name in _NAMED:
        value = int(_NAMED[spec.name])
    elif kind == "object":
        value = _object(spec.fields, everything=everything)
    return [value] if kind != spec.type else value


def _text(spec: Field) -> str:
    if spec.encrypted:
        return SECRET_TEXT
    if spec.format in _DIGITS:
        return "12"
    if spec.name.endswith("_ip") or spec.name == "clientip":
        return "14.23.150.211"
    if spec.name in ("filename", "file_name"):
        return "a.mp4" if "avi" in (spec.pattern or "") else "a.jpg"
    if spec.format == "rfc3339":
        return "2099-01-01T00:00:00+08:00"
    return str(_NAMED.get(spec.name, _VALUES["string"]))


def _with_digest(meta: dict[str, Any]) -> dict[str, Any]:
    sm3 = any("SM3" in str(value) for value in meta.values())
    digest = hashes.Hash(hashes.SM3() if sm3 else hashes.SHA256())
    digest.update(FILE)
    name = next(name for name in ("sha256", "file_digest", "digest") if name in meta)
    return {**meta, name: digest.finalize().hex()}


class Caller:
    """A merchant with httpx and cryptography, and nothing else."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.merchant = Merchant(sandbox.config)
        self.http = httpx.Client(
            transport=sandbox.transport, base_url="https://sandbox.invalid", trust_env=False
        )
        self.key_id = next(iter(self.merchant.platform))

    @property
    def key(self) -> RSAPublicKey:
        """WeChat Pay's public key."""
        return self.merchant.platform[self.key_id]

    def send(
        self, ask: Ask, *, verb: str = "", target: str = "", named: bool = True
    ) -> httpx.Response:
        """Make a call, and verify its answer if it has to be verifiable.

        Args:
            ask: The call.
            verb: Another verb than the right one.
            target: Another path and query than the right one.
            named: Whether to name the key that sensitive fields are encrypted for.
        """
        content, headers, signed = self.content(ask)
        right = not (verb or target)
        verb = (verb or ask.endpoint.verb).upper()
        target = target or self.target(ask)
        # Where there is no endpoint, nobody looks at the signature.
        authorization = self.merchant.authorize(verb, target, signed) if right else ""
        if named:
            headers["Wechatpay-Serial"] = self.key_id
        request = self.http.build_request(
            verb,
            target,
            content=content,
            headers={
                "Authorization": authorization,
                "Accept": "application/json",
                **headers,
            },
        )
        assert request.url.raw_path.decode() == target
        response = self.http.send(request)
        options = ask.endpoint.options
        if not (response.is_success and options.unsigned):
            covered = response.content
            if response.is_success and options.signed_digest:
                digest = hashlib.sha1(covered).hexdigest()
                assert response.headers[options.signed_digest] == digest
                covered = json.dumps({"sha1": digest}, separators=(",", ":")).encode()
            assert self.merchant.verify(response.headers, covered) == self.key_id
        return response

    def target(self, ask: Ask) -> str:
        """Return path and query as they go over the wire."""
        path = ask.template
        for name, value in ask.path.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        query: list[tuple[str, Any]] = []
        sealed = self.sealed(ask.query, ask.endpoint.query) if ask.sealed else ask.query
        for name, value in sealed.items():
            items: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
            query += [(name, json.dumps(one) if isinstance(one, bool) else one) for one in items]
        encoded = urlencode(query, quote_via=quote)
        return f"/{path}?{encoded}" if encoded else f"/{path}"

    def content(self, ask: Ask) -> tuple[bytes, dict[str, str], bytes]:
        """Return the body, its headers, and what of it is signed."""
        kind, fields = ask.endpoint.body.kind, ask.endpoint.body.fields
        if kind == "none":
            return b"", {}, b""
        fields = meta_of(ask.endpoint).fields if ask.is_upload else fields
        body = self.sealed(ask.body, fields) if ask.sealed else ask.body
        text = json.dumps(body, ensure_ascii=False).encode()
        if not ask.is_upload:
            return text, {"Content-Type": "application/json"}, text
        part = next(each.name for each in ask.endpoint.body.fields if each.type == "binary")
        form = b"".join(
            (
                b'--boundary\r\nContent-Disposition: form-data; name="meta"\r\n',
                b"Content-Type: application/json\r\n\r\n" + text + b"\r\n",
                b'--boundary\r\nContent-Disposition: form-data; filename="a.jpg"; ',
                f'name="{part}"\r\nContent-Type: image/jpeg\r\n\r\n'.encode() + FILE,
                b"\r\n--boundary--\r\n",
            )
        )
        return form, {"Content-Type": "multipart/form-data; boundary=boundary"}, text

    def sealed(self, values: Mapping[str, Any], fields: tuple[Field, ...]) -> dict[str, Any]:
        """Encrypt what is sensitive."""
        changed = dict(values)
        for each in fields:
            if each.name not in changed:
                continue
            value = changed[each.name]
            if each.encrypted == "wechatpay-public-key" and _is(value, str):
                sealed = self.key.encrypt(value.encode(), OAEP)
                changed[each.name] = base64.b64encode(sealed).decode()
            elif each.encrypted == "wechatpay-public-key" and _is(value, list):
                changed[each.name] = [
                    base64.b64encode(self.key.encrypt(item.encode(), OAEP)).decode()
                    for item in value  # what is not text cannot be encrypted, and says so
                ]
            elif _is(value, dict):
                changed[each.name] = self.sealed(value, each.fields)
            elif _is(value, list) and each.fields:
                changed[each.name] = [self.sealed(item, each.fields) for item in value]
        return changed

    def opened(self, text: str) -> str:
        """Decrypt what only the merchant can read."""
        return self.merchant.key.decrypt(base64.b64decode(text, validate=True), OAEP).decode()


@dataclass(frozen=True)
class Place:
    """Where something is to be made wrong.

    Attributes:
        part: `query` or `body`.
        keys: The way to it, from the top.
        field: What is documented of it.
    """

    part: str
    keys: tuple[str | int, ...]
    field: Field

    @property
    def pointer(self) -> str:
        """How a refusal names it."""
        if self.part == "query":
            return str(self.keys[0])
        return "".join(f"/{key}" for key in self.keys)

    def put(self, ask: Ask, value: object) -> Ask:
        """Return the call with another value there; `None` leaves it out."""
        changed = json.loads(json.dumps(ask.query if self.part == "query" else ask.body))
        parent = changed
        for key in self.keys[:-1]:
            parent = parent[key]
        parent[self.keys[-1]] = value
        if value is None:
            del parent[self.keys[-1]]
        return replace(ask, **{self.part: changed})


def places(ask: Ask) -> Iterator[Place]:
    """Yield every parameter that a call has."""
    endpoint = ask.endpoint
    for each in endpoint.query:
        if each.name in ask.query:
            yield Place("query", (each.name,), each)
    fields = meta_of(endpoint).fields if ask.is_upload else endpoint.body.fields
    yield from _places(fields, ask.body, ())


def _places(
    fields: tuple[Field, ...], values: Mapping[str, Any], above: tuple[str | int, ...]
) -> Iterator[Place]:
    for each in fields:
        if each.name not in values:
            continue
        keys = (*above, each.name)
        yield Place("body", keys, each)
        value = values[each.name]
        if _is(value, dict):
            yield from _places(each.fields, value, keys)
        elif _is(value, list) and each.type == "array<object>":
            for index, item in enumerate(value):
                yield from _places(each.fields, item, (*keys, index))


def lacking(fields: tuple[Field, ...], values: Mapping[str, Any], where: str = "") -> list[str]:
    """List the documented fields that an answer lacks, or has with another type or value."""
    found: list[str] = []
    for each in fields:
        name = f"{where}/{each.name}"
        if each.name not in values:
            found.append(f"{name} is missing")
        else:
            found += _wrong(each, values[each.name], name)
    return found


def _wrong(spec: Field, value: Any, name: str) -> list[str]:
    spec = settled(spec)
    if spec.type.startswith("array<"):
        inner = spec._replace(type=spec.type[6:-1])
        if not _is(value, list) or not value:
            return [f"{name} is not a list, or empty"]
        return [wrong for item in value for wrong in _wrong(inner, item, name)]
    types: dict[str, Any] = {"string": str, "boolean": bool, "object": dict}
    right = _is(value, types.get(spec.type, (int, float)))
    if not right or (_is(value, bool) and spec.type != "boolean"):
        return [f"{name} is {type(value).__name__}, not {spec.type}"]
    if spec.json:
        with contextlib.suppress(ValueError):
            return _wrong(spec._replace(type=spec.json, json=None), json.loads(value), name)
        return [f"{name} is not JSON"]
    if spec.enum and value not in spec.enum:
        return [f"{name} is none of its values"]
    return lacking(spec.fields, value, name) if spec.type == "object" else []


def _is(value: object, kind: Any) -> bool:
    """Tell whether a value of some JSON is of a type; type checkers need not know more of it."""
    return isinstance(value, kind)
