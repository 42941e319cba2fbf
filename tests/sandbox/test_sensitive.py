"""Sensitive fields: what a merchant encrypts is decrypted, what a merchant may read encrypted."""

from __future__ import annotations

import base64
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Keys, Refusal
from wechatpay.sandbox._endpoint import Tree
from wechatpay.sandbox._endpoint.sensitive import PLATFORM, seal, unseal

_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
_TREE: Tree = {
    "name": {"type": "string", "encrypted": PLATFORM, "length": (1, 4)},
    "old": {"type": "string", "encrypted": "merchant-certificate", "padding": "pkcs1"},
    "new": {"type": "string", "encrypted": "merchant-certificate"},
    "open": {"type": "string"},
    "people": {
        "type": "array<object>",
        "fields": {"name": {"type": "string", "encrypted": PLATFORM}},
    },
    "names": {"type": "array<string>", "encrypted": PLATFORM},
    "one": {
        "type": "object",
        "fields": {"name": {"type": "string", "encrypted": PLATFORM}},
    },
}


@pytest.fixture(scope="module")
def keys() -> Keys:
    """Keys of a sandbox."""
    return Keys.throwaway("1900000109")


@pytest.fixture(scope="module")
def key(keys: Keys) -> RSAPrivateKey:
    """WeChat Pay's private key."""
    return cast("RSAPrivateKey", keys.platform[keys.public_key_id])


def _sealed(key: RSAPrivateKey, text: str) -> str:
    return base64.b64encode(key.public_key().encrypt(text.encode(), _OAEP)).decode()


def test_a_request_is_opened_at_any_depth(key: RSAPrivateKey) -> None:
    """Every sensitive field comes out in plain text; the rest, and the original, are untouched."""
    given_: dict[str, Any] = {
        "name": _sealed(key, "张三"),
        "open": "x",
        "people": [{"name": _sealed(key, "a")}, {"name": None}, {}],
        "names": [_sealed(key, "b")],
        "one": {"name": _sealed(key, "c"), "more": 1},
        "unknown": {"name": "x"},
    }
    before = repr(given_)
    assert unseal(given_, _TREE, key, "body") == {
        "name": "张三",
        "open": "x",
        "people": [{"name": "a"}, {"name": None}, {}],
        "names": ["b"],
        "one": {"name": "c", "more": 1},
        "unknown": {"name": "x"},
    }
    assert repr(given_) == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "张三"}, "/name"),
        ({"name": "not base64!"}, "/name"),
        ({"people": [{}, {"name": "QUJD"}]}, "/people/1/name"),
        ({"one": {"name": ""}}, "/one/name"),
    ],
)
def test_plain_text_is_refused(key: RSAPrivateKey, values: dict[str, Any], field: str) -> None:
    """A sensitive field that does not open is a 400 that says which, and repeats nothing of it."""
    with pytest.raises(Refusal) as caught:
        unseal(values, _TREE, key, "body")
    assert (caught.value.status, caught.value.code) == (400, "PARAM_ERROR")
    assert caught.value.detail["field"] == field
    assert caught.value.detail["value"] == ""


def test_another_key_does_not_open(keys: Keys, key: RSAPrivateKey) -> None:
    """What is encrypted for one of WeChat Pay's keys does not open with another."""
    other = cast("RSAPrivateKey", keys.platform[keys.certificate.serial])
    with pytest.raises(Refusal, match="平台私钥解密失败"):
        unseal({"name": _sealed(key, "a")}, _TREE, other, "query")


def test_limits_are_the_plain_texts(key: RSAPrivateKey) -> None:
    """What is known of a field's length is checked when it is open."""
    with pytest.raises(Refusal) as caught:
        unseal({"name": _sealed(key, "five!")}, _TREE, key, "body")
    assert caught.value.detail["issue"] == "longer than 4"
    assert caught.value.detail["field"] == "/name"


@pytest.mark.words
def test_no_key_is_needed_for_nothing() -> None:
    """A request without sensitive fields need not name a key; with one, it has to."""
    assert unseal({"open": "x"}, _TREE, None, "body") == {"open": "x"}
    with pytest.raises(Refusal, match="缺少微信支付平台证书序列号"):
        unseal({"name": "x"}, _TREE, None, "body")


def test_an_answer_is_sealed(keys: Keys) -> None:
    """Only the merchant reads what is encrypted for it, in either kind of padding."""
    own = cast("RSAPrivateKey", keys.merchant)
    answer = seal({"old": "a", "new": "b", "name": "c"}, _TREE, keys.merchant.public_key())
    assert answer["name"] == "c"
    opened = {
        "old": own.decrypt(base64.b64decode(answer["old"]), padding.PKCS1v15()),
        "new": own.decrypt(base64.b64decode(answer["new"]), _OAEP),
    }
    assert opened == {"old": b"a", "new": b"b"}


@given(st.text())
def test_any_text_is_opened_or_refused(text: str) -> None:
    """No text leads to another exception than a refusal."""
    keys = _KEYS
    with pytest.raises(Refusal):
        unseal({"name": text}, _TREE, keys.platform[keys.public_key_id], "body")


_KEYS = Keys.throwaway("1900000109")
