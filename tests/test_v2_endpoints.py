"""Every APIv2 endpoint of the catalogue, called without a flag: what arrives is as documented.

The client believes that it talks to WeChat Pay: real host names, TLS, and a certificate to show.
A proxy on loopback leads all of it to a gateway on loopback. Nothing here is checked with the
client's own code.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from gateway import MCHID, Answer, Authority, Gateway, Request, private_pem
from gateway.tunnel import Tunnel
from old_messages import SECRET, answer, fields_of, fields_of_url, sign

from wechatpay import WeChatPay
from wechatpay.api import Endpoint, endpoints

OLD = [one for one in endpoints() if one.path.startswith("v2/")]
HOSTS = ("api.mch.weixin.qq.com", "fraud.mch.weixin.qq.com", "payapp.weixin.qq.com")
MERCHANT = ("mch_id", "mchid", "combine_mch_id")
MADE = {*MERCHANT, "nonce_str", "sign", "sign_type", "media", "media_hash"}
SUCCESS = {"result_code": "SUCCESS", "extra": "所有字段"}
PART = re.compile(rb'name="(\w+)"(; filename="\w+")?\r\n.*?\r\n\r\n(.*?)\r\n--', re.DOTALL)


class World(NamedTuple):
    """WeChat Pay, as the client sees it.

    Attributes:
        gateway: What answers.
        merchant: The merchant's certificate and key.
        seen: The certificate as the gateway has to be shown it.
    """

    gateway: Gateway
    merchant: tuple[str, str]
    seen: bytes


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A gateway under all of WeChat Pay's names, that lets a client show a certificate or not."""
    authority = Authority()
    context = authority.server_context(tmp_path, demand_client_certificate=True)
    certificate, key = authority.issue(HOSTS)
    (tmp_path / "hosts.pem").write_text(certificate + private_pem(key))
    context.load_cert_chain(tmp_path / "hosts.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    mine, key = authority.issue()
    shown = load_pem_x509_certificate(mine.encode()).public_bytes(Encoding.DER)
    with Gateway(tls=context) as gateway, Tunnel(gateway) as tunnel:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
        monkeypatch.setenv("HTTPS_PROXY", tunnel.url)
        for name in ("https_proxy", "NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        gateway.default = respond
        yield World(gateway, (mine, private_pem(key)), shown)


def documented(request: Request) -> Endpoint:
    """Return the endpoint that a request is for."""
    return next(one for one in OLD if path_of(one) == request.path)


def path_of(one: Endpoint) -> str:
    """Return the path that has to be on the request line."""
    consts = {field.name: field.const or "" for field in one.placeholders}
    return re.sub(r"\{(\w+)\}", lambda match: consts[match[1]], one.path.removeprefix("v2"))


def respond(request: Request) -> Answer:
    """Answer as documented, in the kind of signature of the question."""
    one = documented(request)
    if one.reply.kind == "json":
        return Answer(200, {"retcode": 0, "retmsg": "ok"}, signed=False)
    if one.reply.kind == "csv":
        return Answer(200, "交易时间,公众账号ID\r\n".encode(), signed=False)
    kind = fields_of(request).get("sign_type", "MD5") if one.body.kind != "multipart" else "MD5"
    return answer(kind, signed=not one.options.unsigned, **SUCCESS)


def arguments_of(one: Endpoint) -> dict[str, Any]:
    """Return a call with every documented field but those that the client is to make."""
    values = {field.name: str(field.const) for field in one.placeholders}
    query = {field.name: f"查 询&{field.name}" for field in one.query if field.name not in MADE}
    body = {field.name: f"<值> {field.name}" for field in one.body.fields if field.name not in MADE}
    if one.body.kind == "multipart":
        return {**values, "media": b"\x89PNG", **({"params": query} if query else {})}
    if one.body.kind == "xml":
        return {**values, "xml": body, **({"params": query} if query else {})}
    return {**values, "params": query}


def number_of(one: Endpoint) -> str:
    """Return the documented name of the merchant number."""
    names = [field.name for field in (*one.query, *one.body.fields)]
    return next((name for name in names if name in MERCHANT), "mch_id")


def kind_of(one: Endpoint, fields: dict[str, str]) -> str:
    """Return the documented kind of signature; where there is a choice, the one that is named."""
    asked = (*one.query, *one.body.fields)
    documented = next((field for field in asked if field.name == "sign_type"), None)
    if documented is None:
        assert "sign_type" not in fields
        return "MD5"
    if len(documented.enum) == 1:
        assert fields["sign_type"] == documented.enum[0]
    if documented.required:
        assert fields["sign_type"] in documented.enum
    return fields.get("sign_type") or str(documented.default or "MD5")


def faults(one: Endpoint, fields: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the fields of a call."""
    given = arguments_of(one)
    if not given.get("xml", given.get("params", {})).items() <= fields.items():
        yield f"fields lost in {fields}"
    if [fields.get(name) for name in MERCHANT if name in fields] != [MCHID]:
        yield f"the merchant number is in none or two of {fields}"
    if fields.get(number_of(one)) != MCHID:
        yield f"the merchant number is not in {number_of(one)}"
    if ("nonce_str" in fields) is one.options.nonceless:
        yield f"nonce_str is {fields.get('nonce_str')}"
    covered = {
        name: value
        for name, value in fields.items()
        if not one.options.signed_fields or name in one.options.signed_fields
    }
    signs = any(field.name == "sign" for field in one.query) or one.body.kind != "none"
    expected = sign(covered, kind_of(one, fields)) if signs else None
    if fields.get("sign") != expected:
        yield f"sign is {fields.get('sign')}, not {expected}"


def request_faults(one: Endpoint, request: Request, seen: bytes) -> Iterator[str]:
    """Yield what is wrong with a request."""
    host = one.options.host if one.options.host_required else "https://api.mch.weixin.qq.com/"
    if f"https://{request.headers['host']}/" != host:
        yield f"went to {request.headers['host']}"
    if (request.method, request.path) != (one.verb.upper(), path_of(one)):
        yield f"{request.method} {request.path}"
    if "authorization" in request.headers:
        yield "has an Authorization header"
    if request.client_certificate != (seen if one.options.mutual_tls else None):
        yield f"showed {'a' if request.client_certificate else 'no'} certificate"
    if one.body.kind == "multipart":
        parts = {name.decode(): value for name, _, value in PART.findall(request.body)}
        if parts.pop("media", None) != b"\x89PNG":
            yield "the file is not as it was"
        yield from faults(one, {name: value.decode() for name, value in parts.items()})
    else:
        yield from faults(one, fields_of(request))
    if one.query and one.body.kind == "xml" and fields_of_url(request.target).keys() != {"action"}:
        yield f"the query is {request.target}"


def redirect_faults(one: Endpoint, reply: httpx.Response) -> Iterator[str]:
    """Yield what is wrong with a redirect."""
    url = reply.headers["Location"]
    host = one.options.host if one.options.host_required else "https://api.mch.weixin.qq.com/"
    if not url.startswith(f"{host}{path_of(one)[1:]}?") or str(reply.url) != url:
        yield f"leads to {url}"
    if url.partition("#")[1:] != (one.options.fragment[:1], one.options.fragment[1:]):
        yield f"ends otherwise: {url}"
    yield from faults(one, fields_of_url(url))


@pytest.mark.untraced
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_every_endpoint_is_called_as_documented(world: World, *, is_async: bool) -> None:
    """Host, path, verb, number, nonce, signature and certificate are right without a flag."""
    wxpay = WeChatPay(MCHID, secret=SECRET, merchant=world.merchant)
    replies: list[httpx.Response] = []

    async def all_of_them() -> None:
        async with wxpay:
            for one in OLD:
                call = getattr(wxpay.chain(one.path), f"{one.verb}_async")
                replies.append(await call(**arguments_of(one)))

    if is_async:
        asyncio.run(all_of_them())
    else:
        with wxpay:
            replies += [
                getattr(wxpay.chain(one.path), one.verb)(**arguments_of(one)) for one in OLD
            ]

    wrong: list[tuple[str, ...]] = []
    requests = iter(world.gateway.requests)
    assert len(OLD) == len(replies)
    for one, reply in zip(OLD, replies, strict=True):
        if one.options.browser_redirect:
            assert (reply.status_code, reply.has_redirect_location) == (302, True)
            found = [*redirect_faults(one, reply)]
        else:
            found = [*request_faults(one, next(requests), world.seen)]
        verified = not one.options.unsigned
        if reply.extensions["wechatpay"].verified is not verified:
            found.append(f"verified is not {verified}")
        if found:
            wrong.append((one.path, *found))
    assert wrong == []
    assert next(requests, None) is None
    assert sum(one.options.mutual_tls for one in OLD) == 57
