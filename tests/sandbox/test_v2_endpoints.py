"""All documented APIv2 endpoints, called with the standard library."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.api import Endpoint
from wechatpay.sandbox import Answer, Refusal, Sandbox, coverage
from wechatpay.sandbox._endpoint import EndpointReply, EndpointRoute, Handler, IncomingCall, Request
from wechatpay.sandbox._endpoint.downloads import made_up
from wechatpay.sandbox._front import v2 as _v2
from wechatpay.sandbox._front.xml import dump, parse

from .documented import FILE, OAEP, SECRET_TEXT, V2, Ask, ask, lacking, name_of
from .old_dialect import NONCE, OldMerchant, fields_of, sign, xml_of

_QUERY = "/deposit/orderquery"
_QUERIED = {"appid": "wxd678efh567hg6787", "out_trade_no": "121775250120140703"}
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
_SIMULATED = {(each.verb, each.path) for each in coverage() if each.level == "simulated"}
_SHAPED = tuple(each for each in V2 if (each.verb, each.path) not in _SIMULATED)
_TROUBLE = {"err_code", "err_code_des", "error_code", "error_code_des", "result_msg", "return_msg"}


@pytest.fixture(scope="module")
def merchant() -> OldMerchant:
    """A merchant of the old kind."""
    return OldMerchant(Sandbox())


@pytest.fixture(scope="module")
def bank(merchant: OldMerchant) -> RSAPublicKey:
    """The key for transfers to banks."""
    answer = fields_of(merchant.call("/risk/getpublickey", sign_type="MD5"))
    key = serialization.load_pem_public_key(answer["pub_key"].encode())
    assert isinstance(key, RSAPublicKey)
    assert answer["pub_key"].startswith("-----BEGIN RSA PUBLIC KEY-----")
    return key


def _kind(endpoint: Endpoint) -> str:
    for field in (*endpoint.query, *endpoint.body.fields):
        if field.name == "sign_type":
            return str((field.enum or ("MD5",))[0])
    return "MD5"


def _fields(call: Ask, bank: RSAPublicKey) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    endpoint = call.endpoint
    for field in endpoint.query if endpoint.verb == "get" else endpoint.body.fields:
        value = {**call.query, **call.body}.get(field.name)
        if value is None or field.type == "binary" or field.name in ("sign", "nonce_str"):
            continue
        fields[field.name] = json.dumps(value) if isinstance(value, (dict, list)) else value
        if isinstance(value, bool):
            fields[field.name] = json.dumps(value)
        if field.encrypted:
            sealed = bank.encrypt(SECRET_TEXT.encode(), OAEP)
            fields[field.name] = base64.b64encode(sealed).decode()
    if not {"mch_id", "mchid", "combine_mch_id"} & fields.keys():
        fields["mch_id"] = "1900000109"  # two endpoints do not document it
    return fields


def _send(merchant: OldMerchant, call: Ask, fields: dict[str, Any]) -> Any:
    endpoint = call.endpoint
    path = "/" + endpoint.path.removeprefix("v2/")
    for name, value in call.path.items():
        path = path.replace(f"{{{name}}}", value)
    if endpoint.verb == "get":
        return merchant.get(path, merchant.signed(fields, _kind(endpoint)))
    if endpoint.body.kind == "multipart":
        return _upload(merchant, path, fields, FILE)
    if call.query:
        path += "?" + urlencode(call.query)
    if not endpoint.options.nonceless:
        fields = {**fields, "nonce_str": NONCE}
    return merchant.post(path, xml_of(merchant.signed(fields, _kind(endpoint))))


def _upload(merchant: OldMerchant, path: str, fields: dict[str, Any], file: bytes) -> Any:
    fields = {**fields, "media_hash": hashlib.md5(FILE).hexdigest()}
    form = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in merchant.signed(fields).items()
    )
    form += b'--x\r\nContent-Disposition: form-data; name="media"; filename="a"\r\n\r\n' + file
    headers = [(b"Content-Type", b"multipart/form-data; boundary=x")]
    return merchant.gateway.handle("POST", path.encode(), headers, form + b"\r\n--x--")


@pytest.mark.parametrize("everything", [False, True], ids=["required", "everything"])
def test_every_shaped_endpoint_answers(
    merchant: OldMerchant, bank: RSAPublicKey, everything: bool
) -> None:
    """Every endpoint: signed as documented, with every documented field, or the file it is."""
    wrong: dict[str, Any] = {}
    for each in _SHAPED:
        call = ask(each, everything=everything)
        answer = _send(merchant, call, _fields(call, bank))
        if answer.status != each.reply.status:
            wrong[name_of(each)] = answer.status
        elif each.reply.kind == "xml":
            wrong |= _wrong(merchant, each, answer)
        elif each.reply.kind == "json":
            assert json.loads(answer.body)["retcode"] == 0
            assert lacking(each.reply.fields, json.loads(answer.body)) == []
        elif each.reply.kind == "redirect":
            assert answer.header("location").startswith("http")
        else:
            assert answer.body.startswith(b"\x1f\x8b" if everything else "沙箱".encode())
        assert answer.header("wechatpay-signature") == ""
    assert wrong == {}


def _wrong(merchant: OldMerchant, endpoint: Endpoint, answer: Any) -> dict[str, Any]:
    fields = fields_of(answer)
    found: list[str] = []
    if (fields["return_code"], fields.get("result_code")) != ("SUCCESS", "SUCCESS"):
        found.append(answer.body.decode())
    signature = fields.pop("sign", "")
    if bool(signature) == endpoint.options.unsigned:
        found.append("signed and should not be, or the reverse")
    if signature and signature != sign(fields, merchant.secret, _kind(endpoint)):
        found.append("wrong signature")
    for field in endpoint.reply.fields:
        name = field.name.replace("$n", "0").replace("$m", "0")
        if name not in fields and name not in _TROUBLE | {"sign", "nonce_str"}:
            found.append(f"{name} is missing")
        elif name == "result_code" and field.enum == ("FAIL",):
            continue  # one endpoint documents nothing but its failure
        elif field.enum and name in fields and fields[name] not in map(str, field.enum):
            found.append(f"{name} is {fields[name]}")
    return {name_of(endpoint): found} if found else {}


def _failure(answer: Any) -> str:
    fields = fields_of(answer)
    assert answer.status == 200
    assert fields.keys() == {"return_code", "return_msg"}
    assert fields["return_code"] == "FAIL"
    return fields["return_msg"]


@pytest.mark.words
def test_a_missing_field_is_refused(merchant: OldMerchant, bank: RSAPublicKey) -> None:
    """Of every endpoint: each field that is required at the top."""
    for each in _SHAPED:
        call = ask(each)
        fields = _fields(call, bank)
        for field in (*each.query, *each.body.fields):
            if not field.required or field.grade == "one":
                continue  # on the word of one index alone nobody is refused
            if field.name not in fields or field.name == "media_hash":
                continue
            rest = {name: value for name, value in fields.items() if name != field.name}
            if field.name == "sign_type":
                continue
            answer = _send(merchant, call, rest)
            if each.reply.kind == "json":
                assert json.loads(answer.body)["retcode"] == 1
            else:
                assert _failure(answer) == f"缺少参数{field.name}", name_of(each)


@pytest.mark.words
def test_a_value_that_is_not_documented_is_refused(
    merchant: OldMerchant, bank: RSAPublicKey
) -> None:
    """Of every endpoint: each field with a closed list of values or a number in it."""
    checked = 0
    for each in _SHAPED:
        call = ask(each, everything=True)
        fields = _fields(call, bank)
        for field in (*each.query, *each.body.fields):
            if field.name in ("sign_type", "mch_id") or field.json or field.type == "binary":
                continue
            if field.closed or field.type in ("integer", "number", "boolean"):
                wrong = {field.name: "NO SUCH"}
                asked, sent = call, fields
                if field in each.query:
                    asked = replace(call, query={**call.query, **wrong})
                if each.verb == "get" or field not in each.query:
                    sent = {**fields, **wrong}
                answer = _send(merchant, asked, sent)
                if each.reply.kind == "json":
                    assert json.loads(answer.body)["retcode"] == 1
                else:
                    assert f"参数错误：{field.name}（" in _failure(answer), name_of(each)
                checked += 1
    assert checked > 50


@pytest.mark.words
def test_what_is_not_encrypted_is_refused(merchant: OldMerchant, bank: RSAPublicKey) -> None:
    """Every sensitive field, in plain text."""
    checked = 0
    for each in V2:
        call = ask(each, everything=True)
        for field in each.body.fields:
            if field.encrypted:
                fields = {**_fields(call, bank), field.name: SECRET_TEXT}
                assert f"参数错误：{field.name}（not enc" in _failure(_send(merchant, call, fields))
                checked += 1
    assert checked == 7


def test_another_verb_or_path_is_refused(merchant: OldMerchant) -> None:
    """Of every endpoint: a verb that is not documented is a 405, a longer path a 404."""
    for each in V2:
        path = "/" + each.path.removeprefix("v2/")
        for field in each.placeholders:
            path = path.replace(f"{{{field.name}}}", str(field.const))
        gateway = merchant.gateway
        assert gateway.handle("PUT", path.encode(), []).status == 405
        assert gateway.handle(each.verb.upper(), f"{path}/no".encode(), []).status == 404
    assert merchant.post("/secapi/mch/otherInstitutionsub", b"").status == 404


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_either_kind_of_signature(merchant: OldMerchant, kind: str) -> None:
    """The answer is signed as the question is."""
    fields = fields_of(merchant.call(_QUERY, sign_type=kind, **_QUERIED))
    signature = fields.pop("sign")
    assert signature == sign(fields, merchant.secret, kind)
    assert fields["out_trade_no"] == _QUERIED["out_trade_no"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sign": "0" * 32}, "签名错误"),
        ({"sign": "签"}, "签名错误"),
        ({"sign": ""}, "缺少参数sign"),
        ({"nonce_str": ""}, "缺少参数nonce_str"),
        ({"mch_id": "1230000109"}, "MCHID不存在"),
        ({"mch_id": ""}, "缺少参数mch_id"),
    ],
)
def test_what_every_message_needs(
    merchant: OldMerchant, change: dict[str, str], message: str
) -> None:
    """Merchant, random string and signature have to be there, and right."""
    fields = {"mch_id": merchant.mchid, "nonce_str": NONCE, **_QUERIED, **change}
    answer = merchant.post(_QUERY, xml_of({**merchant.signed(fields), **change}))
    assert _failure(answer) == message


def test_one_of_several_is_needed(merchant: OldMerchant) -> None:
    """Where one of several numbers is enough, none of them is an error that names them."""
    message = _failure(merchant.call(_QUERY, appid="wxd678efh567hg6787"))
    assert message == "缺少参数transaction_id、out_trade_no"


@pytest.mark.words
def test_every_simulated_endpoint_answers(merchant: OldMerchant, bank: RSAPublicKey) -> None:
    """An endpoint with a memory takes a message as documented, and may not know what is meant."""
    for each in V2:
        if each not in _SHAPED:
            call = ask(each)
            fields = {**_fields(call, bank), "bill_date": "20260101"}
            answer = _send(merchant, call, fields)
            assert answer.status == 200
            message = answer.body.decode("utf-8", "replace")
            assert "签名错误" not in message, name_of(each)
            assert "缺少参数" not in message, name_of(each)


@pytest.mark.words
@pytest.mark.parametrize("packed", [False, True])
def test_a_shaped_file_is_text(packed: bool) -> None:
    """A made-up file of rows is text, or the same compressed."""
    content, content_type = made_up("csv", 7, packed=packed)
    plain = gzip.decompress(content) if packed else content
    assert plain == made_up("csv", 7)[0]
    assert plain.startswith("沙箱".encode())
    assert content_type == ("application/x-gzip" if packed else "text/plain; charset=utf-8")


def test_a_browser_is_sent_back(merchant: OldMerchant) -> None:
    """A page for browsers sends them back with a code, without a signature on either way."""
    query = {"mch_id": merchant.mchid, "appid": "wx1", "response_type": "code"}
    query |= {"scope": "pay_identity", "state": "a b", "redirect_uri": "https://shop.example/x?y=1"}
    answer = merchant.get("/appauth/authindex", query)
    assert answer.status == 302
    back = parse_qs(urlsplit(answer.header("location")).query)
    assert back["state"] == ["a b"]
    assert back["y"] == ["1"]
    assert back["code"]


@pytest.mark.words
def test_a_file_is_compared_with_its_digest(merchant: OldMerchant) -> None:
    """An upload whose `media_hash` is another file's is refused."""
    fields = {"mch_id": merchant.mchid, "sign_type": "MD5"}
    answer = _upload(merchant, "/secapi/mch/uploadmedia", fields, b"another")
    assert "media_hash" in _failure(answer)
    answer = merchant.post("/secapi/mch/uploadmedia", b"no form")
    assert "multipart" in _failure(answer)


def _answered(
    merchant: OldMerchant, path: str, handler: Handler, *, target: str = "", **fields: str
) -> tuple[EndpointReply, str]:
    """Have a family's handler answer a signed message."""
    fields = {"mch_id": merchant.mchid, "nonce_str": NONCE, **_QUERIED, **fields}
    route, signed = EndpointRoute("POST", f"v2/{path}", handler), merchant.signed(fields)
    request = Request("POST", f"/{target or path}".encode(), (), xml_of(signed))
    reply, code, verdict = _v2.answer(route, request, [], merchant.gateway.world)
    assert verdict.refusal is None
    return reply, code


def _fields_in(reply: EndpointReply) -> dict[str, str]:
    return fields_of(Answer(reply.status, (), reply.body))


def test_a_family_gets_fields_and_returns_fields(merchant: OldMerchant) -> None:
    """A handler gets the documented fields as text, and what it returns is made a message of."""
    calls: list[IncomingCall] = []

    def handler(call: IncomingCall) -> dict[str, Any]:
        calls.append(call)
        return {"trade_state": "SUCCESS", "total_fee": 100, "attach": "]]>"}

    reply, code = _answered(
        merchant, "deposit/orderquery", handler, target="deposit/orderquery?x=1"
    )
    assert calls[0].body == {"mch_id": merchant.mchid, **_QUERIED}
    assert calls[0].query == {"x": "1"}
    fields = _fields_in(reply)
    signature = fields.pop("sign")
    assert (code, signature) == ("", sign(fields, merchant.secret))
    assert fields.pop("nonce_str")
    assert fields == {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "result_code": "SUCCESS",
        "mch_id": merchant.mchid,
        "trade_state": "SUCCESS",
        "total_fee": "100",
        "attach": "]]>",
    }


@pytest.mark.words
def test_a_family_refuses(merchant: OldMerchant) -> None:
    """A refusal is a signed message with `err_code` and `err_code_des`."""

    def handler(call: IncomingCall) -> None:
        raise Refusal(404, "ORDERNOTEXIST", f"订单{call.body['out_trade_no']}不存在")

    reply, code = _answered(merchant, "deposit/orderquery", handler)
    fields = _fields_in(reply)
    signature = fields.pop("sign")
    assert (code, signature) == ("ORDERNOTEXIST", sign(fields, merchant.secret))
    assert (fields["return_code"], fields["result_code"]) == ("SUCCESS", "FAIL")
    assert fields["err_code"] == "ORDERNOTEXIST"
    assert fields["err_code_des"] == "订单121775250120140703不存在"


def test_a_family_says_something_else(merchant: OldMerchant) -> None:
    """An `EndpointReply` goes out as it is; nothing at all is a message that all is well."""
    file = EndpointReply(200, b"bill", "text/plain", signed=False)
    assert _answered(merchant, "deposit/orderquery", lambda _: file) == (file, "")
    reply, _ = _answered(merchant, "deposit/orderquery", lambda _: None)
    assert _fields_in(reply)["result_code"] == "SUCCESS"


def test_a_refusal_in_json(merchant: OldMerchant) -> None:
    """The endpoint that answers in JSON refuses in JSON."""

    def handler(_: IncomingCall) -> None:
        raise Refusal(200, "NOAUTH", "没有权限")

    path = "appauth/getaccesstoken"
    fields = {"mch_id": merchant.mchid, "appid": "wx1", "openid": "o1", "code": "1"}
    fields |= {"grant_type": "authorization_code", "scope": "pay_realname"}
    fields |= {"sign_type": "HMAC-SHA256"}
    fields["sign"] = sign(fields, merchant.secret, "HMAC-SHA256")
    request = Request("GET", f"/{path}?{urlencode(fields)}".encode(), (), b"")
    route = EndpointRoute("GET", f"v2/{path}", handler)
    reply, code, verdict = _v2.answer(route, request, [], merchant.gateway.world)
    assert (code, verdict.refusal) == ("NOAUTH", None)
    assert json.loads(reply.body) == {"retcode": 1, "retmsg": "没有权限"}


def test_a_family_needs_the_catalogue(merchant: OldMerchant) -> None:
    """How a message is read and signed is documented there: without, there is no answer."""
    route = EndpointRoute("POST", "v2/no/such", lambda _: None)
    with pytest.raises(LookupError, match="v2/no/such is not in the catalogue"):
        _v2.answer(route, Request("POST", b"/no/such", (), b""), [], merchant.gateway.world)


@given(st.dictionaries(st.from_regex("[a-z_]+", fullmatch=True), _TEXT))
def test_a_message_comes_back(fields: dict[str, str]) -> None:
    """What is written as a message is read as the same fields."""
    assert parse(dump(fields)) == fields


def test_levels_and_lists_are_written() -> None:
    """A mapping is a level of its own, and a list repeats its name."""
    body = dump({"one": {"a": 1}, "many": [{"b": 2}, {"b": 3}]})
    expected = "<xml><one><a>1</a></one><many><b>2</b></many><many><b>3</b></many></xml>"
    assert body.decode().replace("<![CDATA[", "").replace("]]>", "") == expected


@given(st.binary())
def test_any_body_is_read_or_refused(body: bytes) -> None:
    """No bytes lead to another exception than a refusal."""
    with contextlib.suppress(Refusal):
        parse(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "post数据为空"),
        (b" \n", "post数据为空"),
        (b"{}", "XML格式错误"),
        (b"<xml><a>1</xml>", "XML格式错误"),
        (b"<html><a>1</a></html>", "XML格式错误"),
        (b"<xml><a><b>1</b></a></xml>", "XML格式错误"),
        (b'<?xml version="1.0" encoding="no-such"?><xml/>', "XML格式错误"),
        (b"<!DOCTYPE xml><xml><a>1</a></xml>", "XML格式错误"),
        (b'<!DOCTYPE x [<!ENTITY e "1">]><xml><a>&e;</a></xml>', "XML格式错误"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/hostname"><xml/>', "XML格式错误"),
    ],
)
def test_what_is_no_message(merchant: OldMerchant, body: bytes, message: str) -> None:
    """A body that is not a message of one level, or declares its own entities, is refused."""
    assert _failure(merchant.post(_QUERY, body)) == message


def test_the_exchange_tells_what_was_signed(merchant: OldMerchant) -> None:
    """An exchange shows the message of the signature without the key, and the verdict."""
    merchant.call(_QUERY, **_QUERIED)
    good = merchant.gateway.exchanges[-1]
    assert good.verified
    assert good.message.startswith(b"appid=wxd678efh567hg6787&mch_id=1900000109&nonce_str=")
    merchant.post(_QUERY, b"")
    bad = merchant.gateway.exchanges[-1]
    assert (bad.verified, bad.code) == (False, "POST_DATA_EMPTY")
    assert merchant.secret.encode() not in good.message + good.reply_body + bad.reply_body
