"""Every field that any source encrypts, there and back: requests, answers and notifications.

Who encrypts what is in ``witnesses.jsonl``; WeChat Pay's side is made of `cryptography` alone.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import (
    MGF1,
    OAEP,
    AsymmetricPadding,
    PKCS1v15,
)
from cryptography.hazmat.primitives.hashes import SHA1
from gateway import Answer, Gateway, rsa_key
from sandbox.documented import ask
from ways import client_of

from catalogue.plain import is_list
from wechatpay import Media, api
from wechatpay.api import Endpoint, Event, Field
from wechatpay.notification import Notification

WITNESSES = Path(__file__).parents[2] / "catalogue" / "witnesses.jsonl"
OFFICIAL = {"go*", "java*", "samples*"}
SECRET = "张三 13800000000"


@cache
def marked() -> Mapping[tuple[str, str, str], Mapping[str, bool]]:
    """Return what anybody encrypts: by call and part, whether an official source does."""
    found: dict[tuple[str, str, str], dict[str, bool]] = {}
    for line in map(json.loads, WITNESSES.read_text("utf-8").splitlines()):
        for name, said in line["fields"].items():
            words = {word[1:] for word in said.split() if word.endswith("*")}
            if words:
                part, _, field = name.partition("/")
                whole = found.setdefault((line["verb"], line["path"], part), {})
                whole[field] = bool(words & OFFICIAL)
    return found


def owner(verb: str, path: str) -> Endpoint | Event | None:
    """Return the catalogue's entry."""
    if verb != "event":
        return api.endpoint(verb, path)
    version, _, kind = path.partition("/")
    found = (e for e in api.notifications() if (e.version, e.event_type) == (version, kind))
    return next(found, None)


def fields_of(entry: Endpoint | Event, part: str) -> tuple[Field, ...]:
    """Return the fields of a part of an entry."""
    if isinstance(entry, Event):
        return entry.resource
    return {"query": entry.query, "body": entry.body.fields, "reply": entry.reply.fields}[part]


def at(fields: tuple[Field, ...], names: list[str]) -> Field | None:
    """Return the field of some names from the top; `None` if there is none."""
    field = next((each for each in fields if each.name == names[0]), None)
    return at(field.fields, names[1:]) if field is not None and names[1:] else field


def shaped(fields: tuple[Field, ...], names: list[str], value: Any) -> dict[str, Any]:
    """Return an object that has one value at the place of some names, through lists."""
    field = next(each for each in fields if each.name == names[0])
    inner = shaped(field.fields, names[1:], value) if names[1:] else value
    return {field.name: [inner] if field.type.startswith("array") else inner}


def found_in(value: Any, names: list[str]) -> Any:
    """Return the value at the place of some names, through lists of one."""
    plain = value[0] if is_list(value) else value
    return found_in(plain[names[0]], names[1:]) if names else plain


def padding_of(field: Field) -> AsymmetricPadding:
    """Return how a field is padded: OAEP but for what is documented as older."""
    return PKCS1v15() if field.padding else OAEP(MGF1(SHA1()), SHA1(), None)


def cases(*parts: str) -> list[Any]:
    """Return every part with marked fields, and these by name."""
    return list(_cases(parts))


def _cases(parts: tuple[str, ...]) -> Iterator[Any]:
    for (verb, path, part), whole in marked().items():
        entry = owner(verb, path)
        if part not in parts or entry is None or path.startswith("v2/"):
            continue
        texts = {
            name: field
            for name in whole
            if (field := at(fields_of(entry, part), name.split("/"))) is not None
            and field.type.endswith(("string", "string>"))
            and field.encrypted
        }
        if texts:
            yield pytest.param(entry, part, texts, id=f"{verb} {path} {part}")


def test_nothing_that_an_official_source_encrypts_is_left_out() -> None:
    """Each such field is in the catalogue, is a text, and is tried below."""
    tried = {
        (entry.path if isinstance(entry, Endpoint) else entry.event_type, part, name)
        for entry, part, texts in (case.values for case in cases("query", "body", "reply", "event"))
        for name in texts
    }
    official = {
        (path, part, name)
        for (_, path, part), whole in marked().items()
        for name, is_official in whole.items()
        if is_official
    }
    beside = {each for each in official - tried if not each[0].startswith("v2/")}
    assert not beside
    assert len(official) > 50


@pytest.mark.untraced
@pytest.mark.parametrize(("entry", "part", "texts"), cases("query", "body"))
def test_a_request_leaves_encrypted(
    gateway: Gateway, entry: Endpoint, part: str, texts: Mapping[str, Field]
) -> None:
    """Each of its fields, in lists too, opens with WeChat Pay's key, and is nowhere in clear."""
    least = ask(entry)
    brand = {"brand_id": "120344", "mchid": None, "secret": None}
    with client_of(gateway, **(brand if entry.path.startswith("brand/") else {})) as wxpay:
        for name, field in texts.items():
            names = name.split("/")
            value = shaped(fields_of(entry, part), names, SECRET)
            given: dict[str, Any] = {"params": value} if part == "query" else {"json": value}
            if entry.body.kind == "multipart":
                given = {"media": Media(b"x", filename="a.png", meta=value["meta"])}
            getattr(wxpay.chain(entry.path), entry.verb)(**least.path, **given)
            request = gateway.requests[-1]
            query = urlsplit(request.target).query
            form = re.search(rb"^\{.*\}\r?$", request.body, re.MULTILINE)
            sent: Any = parse_qs(query)
            if part == "body":
                sent = json.loads(form[0] if form else request.body)
                sent = {"meta": sent} if "media" in given else sent
            sealed = str(found_in(sent, names)).replace(" ", "+")
            ciphertext = base64.b64decode(sealed, validate=True)
            assert rsa_key("platform").decrypt(ciphertext, padding_of(field)).decode() == SECRET
            assert SECRET not in request.body.decode()


def sealed_for_us(field: Field) -> str:
    """Encrypt the secret as WeChat Pay does for the merchant."""
    public = rsa_key("merchant").public_key()
    return base64.b64encode(public.encrypt(SECRET.encode(), padding_of(field))).decode()


@pytest.mark.untraced
@pytest.mark.parametrize(("entry", "part", "texts"), cases("reply"))
def test_an_answer_comes_back_opened(
    gateway: Gateway, entry: Endpoint, part: str, texts: Mapping[str, Field]
) -> None:
    """Each of its fields is opened by `decrypt_fields`, and the answer stays as it came."""
    least = ask(entry)
    with client_of(gateway) as wxpay:
        for name, field in texts.items():
            names = name.split("/")
            body = shaped(fields_of(entry, part), names, sealed_for_us(field))
            gateway.default = Answer(body=body)
            form: dict[str, Any] = {"media": b"x"} if least.is_upload else {}
            reply = getattr(wxpay.chain(entry.path), entry.verb)(**least.path, **form)
            assert found_in(wxpay.decrypt_fields(reply), names) == SECRET
            assert found_in(reply.json(), names) != SECRET


@pytest.mark.parametrize(("entry", "part", "texts"), cases("event"))
def test_a_notification_comes_back_opened(
    gateway: Gateway, entry: Event, part: str, texts: Mapping[str, Field]
) -> None:
    """Each field of its resource is opened by `decrypt_fields`."""
    with client_of(gateway) as wxpay:
        for name, field in texts.items():
            names = name.split("/")
            resource = shaped(fields_of(entry, part), names, sealed_for_us(field))
            came = Notification(
                "1", None, entry.event_type, None, None, None, resource, b"", "K", None
            )
            assert found_in(wxpay.decrypt_fields(came), names) == SECRET
