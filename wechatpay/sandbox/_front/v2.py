"""APIv2: messages that carry their own signature, in XML, a form or a query.

A family's handler for a path `v2/…` gets the fields as text, without `sign` and `nonce_str`, in
`IncomingCall.body` (of a GET, in `IncomingCall.query`). It returns the fields of its answer, or an
`EndpointReply` for an answer that is not a message. A `Refusal` becomes `err_code` and
`err_code_des`. What every answer has (`return_code`, `result_code`, `nonce_str`, `sign`) is added
to it.

Not checked: `workwx_sign`, whose key is WeCom's. Where mutual TLS is documented, a front that has
TLS lets no call through without the merchant's certificate; one that has none cannot ask for it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import parse_qsl

from .._base import Keys, OldRefusal, Refusal, Text
from .._endpoint import (
    NOT_DECRYPTED,
    OWN_MERCHANT,
    REQUIRED,
    Document,
    EndpointReply,
    EndpointRoute,
    IncomingCall,
    Request,
    Tree,
    fields,
    form,
    sensitive,
)
from .._world import World
from . import words, xml
from .judge import Judgement

Kind = Literal["MD5", "HMAC-SHA256"]

_MERCHANT = ("mch_id", "mchid", "combine_mch_id")
_OF_THE_MESSAGE = ("sign", "nonce_str")
_OF_EVERY_MESSAGE = (*_OF_THE_MESSAGE, *_MERCHANT, "appid", "sign_type")
_SIGN = re.compile(rb"<sign>.*?</sign>")
_DIGEST = "media_hash"
_XML = "text/xml; charset=utf-8"
_HTML = "text/html"
_NO_CERTIFICATE = (
    b"<html><head><title>400 No required SSL certificate was sent</title></head>"
    b"<body><h1>400 Bad Request</h1>No required SSL certificate was sent</body></html>"
)
"""What merchants report: it is the server that refuses, before WeChat Pay reads anything."""
_Fields = Mapping[str, Any]


def sign(fields: _Fields, secret: str, kind: Kind) -> str:
    """Sign a message: its fields by name, without empty ones and `sign`, and the key at the end."""
    return _signature(signed(fields), secret, kind)


def signed(fields: _Fields) -> str:
    """Return what a signature covers, but for the key."""
    pairs = sorted((name, value) for name, value in fields.items() if name != "sign")
    return "&".join(f"{name}={value}" for name, value in pairs if value not in ("", None))


def answer(
    route: EndpointRoute,
    request: Request,
    values: list[str],
    world: World,
    warnings: list[Text] | None = None,
) -> tuple[EndpointReply, str, Judgement]:
    """Answer a request.

    Args:
        route: The endpoint.
        request: The request.
        values: What the placeholders have in its path.
        world: What the answer can depend on.
        warnings: Where to tell what is taken, but may not be by WeChat Pay.

    Returns:
        The reply, its error code (empty if all is well), and how the signature was judged.
    """
    warnings = [] if warnings is None else warnings
    document = _documented(route)
    message = _Message(document, world.keys)
    if document.endpoint.options.mutual_tls and request.certificate == "":
        refusal = words.NO_CERTIFICATE()
        return (
            EndpointReply(400, _NO_CERTIFICATE, _HTML, signed=False),
            refusal.code,
            Judgement(b"", refusal),
        )
    try:
        fields, file = message.read(request)
    except Refusal as refusal:
        return message.failed(refusal), refusal.code, Judgement(b"", refusal)
    verdict = Judgement(signed(fields).encode(), message.judge(fields))
    if verdict.refusal:
        return message.failed(verdict.refusal), verdict.refusal.code, verdict
    try:
        call = _understand(route, request, (fields, file), values, world, warnings)
    except Refusal as refusal:
        return message.failed(refusal), refusal.code, verdict
    try:
        said = route.handler(call)
    except Refusal as refusal:
        old = OldRefusal.of(refusal)
        return message.refused(old, fields), old.code, verdict
    return message.said(said, fields), "", verdict


def error(
    route: EndpointRoute, request: Request, status: int, world: World
) -> tuple[EndpointReply, str]:
    """Say what APIv3 says with a status of 429 or 500, whatever became of the request.

    Returns:
        The reply, and its error code.
    """
    message, refusal = _Message(_documented(route), world.keys), words.OLD_ERRORS[status]()
    try:
        fields, _ = message.read(request)
    except Exception:  # noqa: BLE001
        fields = {}
    return message.refused(refusal, fields), refusal.code


def spoiled(reply: EndpointReply) -> EndpointReply:
    """Return a reply whose message has a wrong signature; one without any stays as it is."""
    if reply.content_type != _XML:
        return reply
    wrong = b"<sign><![CDATA[%s]]></sign>" % secrets.token_hex(16).upper().encode()
    return replace(reply, body=_SIGN.sub(wrong, reply.body))


def _documented(route: EndpointRoute) -> Document:
    if route.document is None:
        raise LookupError(f"{route.template} is not in the catalogue")
    return route.document


class _Message:
    """How one endpoint's messages are read, judged and written."""

    def __init__(self, document: Document, keys: Keys) -> None:
        self._document = document
        self._endpoint = document.endpoint
        self._keys = keys

    def read(self, request: Request) -> tuple[dict[str, str], bytes]:
        """Read the fields, and a file if there is one."""
        if self._endpoint.verb == "get":
            return dict(parse_qsl(request.query, keep_blank_values=True)), b""
        if self._endpoint.body.kind == "multipart":
            tree = self._document.body
            part = next(name for name, spec in tree.items() if spec["type"] == "binary")
            parts = form(request)
            file = parts.pop(part, b"")
            return {name: text.decode("utf-8", "replace") for name, text in parts.items()}, file
        return xml.parse(request.body), b""

    def judge(self, fields: Mapping[str, str]) -> Refusal | None:
        """Tell what is wrong with signature, merchant or random string."""
        if not any(fields.get(name) for name in _MERCHANT):
            documented = {**self._document.query, **self._document.body}
            name = next((name for name in _MERCHANT if name in documented), _MERCHANT[0])
            return words.LACKING(name=name)
        if any(fields.get(name, self._keys.mchid) != self._keys.mchid for name in _MERCHANT):
            return words.OLD_UNKNOWN_MERCHANT()
        if not self._is_signed:
            return None
        for name in _OF_THE_MESSAGE if self._has_nonce else ("sign",):
            if not fields.get(name):
                return words.LACKING(name=name)
        expected = sign(self._covered(fields), self._keys.secret, self._kind(fields))
        if not hmac.compare_digest(expected.encode(), fields["sign"].encode()):
            return words.OLD_WRONG_SIGNATURE()
        return None

    def said(
        self, said: _Fields | EndpointReply | None, fields: Mapping[str, str]
    ) -> EndpointReply:
        """Write what a handler said."""
        if isinstance(said, EndpointReply):
            return said
        known = {name: value for name, value in (said or {}).items() if name not in _OF_THE_MESSAGE}
        if self._endpoint.reply.kind == "json":
            return EndpointReply.of(known, signed=False)
        whole: dict[str, Any] = {"return_code": "SUCCESS", "return_msg": "OK"}
        whole |= {"result_code": "SUCCESS", **known}
        whole = sensitive.seal(whole, self._document.reply, self._keys.merchant.public_key())
        return self._written(whole, fields)

    def refused(self, refusal: OldRefusal, fields: Mapping[str, str]) -> EndpointReply:
        """Write what a handler refused."""
        if self._endpoint.reply.kind == "json" or refusal.failed:
            return self.failed(refusal)
        whole = {"return_code": "SUCCESS", "return_msg": "OK", "result_code": "FAIL"}
        whole |= {"err_code": refusal.code, "err_code_des": refusal.message, **refusal.fields}
        return self._written(whole, fields)

    def failed(self, refusal: Refusal) -> EndpointReply:
        """Write what is wrong with the message itself."""
        if self._endpoint.reply.kind == "json":
            return EndpointReply.of({"retcode": 1, "retmsg": refusal.message}, signed=False)
        whole = {"return_code": "FAIL", "return_msg": refusal.message}
        whole |= refusal.fields if isinstance(refusal, OldRefusal) else {}
        return EndpointReply(200, xml.dump(whole), _XML, signed=False)

    @property
    def _is_signed(self) -> bool:
        """Whether a signature is documented: one in a query is among its parameters."""
        return self._endpoint.verb != "get" or "sign" in self._document.query

    @property
    def _has_nonce(self) -> bool:
        return self._endpoint.body.kind == "xml" and not self._endpoint.options.nonceless

    def _covered(self, fields: _Fields) -> _Fields:
        only = self._endpoint.options.signed_fields
        return {name: fields[name] for name in only if name in fields} if only else fields

    def _kind(self, fields: _Fields) -> Kind:
        """Which signature it is: the message says so, or the only one that is documented."""
        documented = {**self._document.query, **self._document.body}.get("sign_type")
        only = documented.get("enum", ("MD5",))[0] if documented else "MD5"
        default: Kind = "HMAC-SHA256" if only == "HMAC-SHA256" else "MD5"
        named = fields.get("sign_type") or default
        return "HMAC-SHA256" if named == "HMAC-SHA256" else "MD5"

    def _written(self, whole: dict[str, Any], fields: Mapping[str, str]) -> EndpointReply:
        whole |= {name: fields[name] for name in _MERCHANT if name in fields and name not in whole}
        if not self._endpoint.options.unsigned:
            whole["nonce_str"] = secrets.token_hex(16)
            whole["sign"] = sign(whole, self._keys.secret, self._kind(fields))
        return EndpointReply(200, xml.dump(whole), _XML, signed=False)


def _signature(message: str, secret: str, kind: Kind) -> str:
    text = f"{message}&key={secret}".encode()
    if kind == "HMAC-SHA256":
        return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest().upper()
    return hashlib.md5(text).hexdigest().upper()  # noqa: S324


def _understand(
    route: EndpointRoute,
    request: Request,
    sent: tuple[dict[str, str], bytes],
    values: list[str],
    at: World,
    warnings: list[Text],
) -> IncomingCall:
    fields, file = sent
    if route.method != "GET":
        given = {name: text for name, text in fields.items() if name not in _OF_EVERY_MESSAGE}
        try:
            route.refuse_unknown(given, warnings)
        except Refusal as refusal:
            names = ", ".join(each.rpartition("/")[2] for each in refusal.detail["value"])
            raise words.UNDOCUMENTED_FIELD(names=names) from refusal
    path = dict(zip(route.placeholders, values, strict=True))
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    try:
        query = _checked(query, route.query_tree, at.keys)
        body = {} if route.method == "GET" else _checked(fields, route.body_tree or {}, at.keys)
    except Refusal as refusal:
        raise _wrong_field(refusal) from refusal
    if route.simulated and body.get("sub_mch_id") == at.keys.mchid:
        raise OldRefusal.of(OWN_MERCHANT())
    if route.document and route.document.lacks(body):
        raise words.LACKING(name="、".join(route.document.one_of))
    digest = hashlib.md5(file).hexdigest()  # noqa: S324
    if body.get(_DIGEST, digest).lower() != digest:
        raise words.WRONG_FILE(name=_DIGEST)
    return IncomingCall(at, path, query, body, file, request.origin, warnings)


def _checked(sent: Mapping[str, str], tree: Tree, keys: Keys) -> dict[str, str]:
    """Return the fields without what belongs to the message, sensitive ones decrypted."""
    given = {name: text for name, text in sent.items() if text and name not in _OF_THE_MESSAGE}
    tree = {
        name: spec
        for name, spec in tree.items()
        if name not in _OF_THE_MESSAGE and spec["type"] != "binary"
    }
    fields.check(fields.read(given.items(), tree), tree, "body")
    bank = keys.bank
    return sensitive.unseal(given, tree, bank, "body", sensitive.BANK)


def _wrong_field(refusal: Refusal) -> OldRefusal:
    """Say that a field is not there that has to be, or cannot be right."""
    field, issue = str(refusal.detail["field"]).strip("/"), refusal.detail["issue"]
    if refusal.no is REQUIRED:
        return words.LACKING(name=field)
    if refusal.no is NOT_DECRYPTED:
        issue = words.NOT_FOR_THE_BANK.en
    return words.WRONG_FIELD(field=field, issue=issue)
