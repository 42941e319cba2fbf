"""The `Authorization` header: how it is written, and how it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Refusal
from wechatpay.sandbox._front.authorization import Authorization
from wechatpay.sandbox._front.authorization import parse as _parse

SCHEME = "WECHATPAY2-SHA256-RSA2048"
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = st.text("0123456789", min_size=1, max_size=12)
_WORD = st.text(_ALPHANUMERIC, min_size=1, max_size=32)
_BASE64 = st.text(f"{_ALPHANUMERIC}+/=", min_size=1, max_size=344)
_CLAIMS = st.fixed_dictionaries(
    {
        "mchid": _DIGITS,
        "serial_no": _WORD,
        "timestamp": _DIGITS,
        "nonce_str": _WORD,
        "signature": _BASE64,
    }
)
_GOOD = {
    "mchid": "1900000109",
    "serial_no": "3775B6A45ACD588826D15E583A95F5DD00000000",
    "timestamp": "1554208460",
    "nonce_str": "593BEC0C930BF1AFEB40B4A08C8FB242",
    "signature": "c2lnbmF0dXJl",
}


def parse(header: str) -> Authorization:
    """Take apart a header of a merchant with an RSA key."""
    return _parse(header, SCHEME)


def _write(pairs: list[tuple[str, str]], scheme: str = SCHEME) -> str:
    return f"{scheme} " + ",".join(f'{name}="{value}"' for name, value in pairs)


@given(_CLAIMS.flatmap(lambda claims: st.permutations(list(claims.items()))))
def test_order_is_free(pairs: list[tuple[str, str]]) -> None:
    """The five pairs may come in any order, and each value comes out as it was written."""
    assert parse(_write(pairs)) == Authorization(**dict(pairs))


@given(st.text())
def test_anything_else_is_refused(text: str) -> None:
    """Any other text is a 401 `SIGN_ERROR`, never another exception."""
    with pytest.raises(Refusal) as caught:
        parse(text)
    assert (caught.value.status, caught.value.code) == (401, "SIGN_ERROR")


@given(st.text())
def test_anything_after_the_scheme_is_refused(text: str) -> None:
    """What follows the scheme is pairs, or it is a 401."""
    with pytest.raises(Refusal, match="值格式错误"):
        parse(f"{SCHEME} {text}")


@pytest.mark.words
@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"mchid": "19000001O9"}, "mchid must be"),
        ({"mchid": ""}, "mchid must be"),
        ({"serial_no": "3775-B6"}, "serial_no must be"),
        ({"timestamp": "yesterday"}, "timestamp must be"),
        ({"timestamp": "-5"}, "timestamp must be"),
        ({"timestamp": "١٢٣"}, "timestamp must be"),
        ({"nonce_str": "A" * 33}, "nonce_str must be"),
        ({"nonce_str": "with space"}, "nonce_str must be"),
        ({"signature": ""}, "signature must be"),
        ({"extra": "1"}, "each of them once"),
    ],
)
def test_values_have_a_form(change: dict[str, str], issue: str) -> None:
    """A value that cannot be right is refused, and the detail says which and why."""
    with pytest.raises(Refusal) as caught:
        parse(_write(list({**_GOOD, **change}.items())))
    assert issue in caught.value.detail["issue"]
    assert caught.value.detail["location"] == "authorization"


@pytest.mark.words
@pytest.mark.parametrize("name", list(_GOOD))
def test_every_pair_is_needed_once(name: str) -> None:
    """A pair that is missing, or there twice, is refused."""
    without = [(key, value) for key, value in _GOOD.items() if key != name]
    for pairs in (without, [*_GOOD.items(), (name, _GOOD[name])]):
        with pytest.raises(Refusal) as caught:
            parse(_write(pairs))
        assert "each of them once" in caught.value.detail["issue"]


@pytest.mark.words
def test_spaces_are_refused() -> None:
    """No space may stand between the pairs."""
    with pytest.raises(Refusal) as caught:
        parse(_write(list(_GOOD.items())).replace(",", ", "))
    assert "no spaces" in caught.value.detail["issue"]


@pytest.mark.words
@pytest.mark.parametrize("scheme", ["Bearer", "WECHATPAY2-SM2-WITH-SM3", SCHEME.lower()])
def test_scheme_is_fixed(scheme: str) -> None:
    """Another scheme is refused, in WeChat Pay's words."""
    with pytest.raises(Refusal, match="认证类型不正确"):
        parse(_write(list(_GOOD.items()), scheme))


def test_signature_is_not_shown() -> None:
    """The signature is in no `repr`."""
    assert _GOOD["signature"] not in repr(Authorization(**_GOOD))
