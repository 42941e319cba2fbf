"""`wechatpay.crypto.digest`: digests, and APIv2 signatures made and verified."""

import hashlib
import hmac
import io
import string
from collections.abc import Callable
from typing import Any, Literal, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import xml
from wechatpay.crypto.digest import hmac_sha256, md5, sha1, sha256, sign, sm3, verify, workwx_sign
from wechatpay.errors import ConfigurationError

KEY = "192006250b4c09247ec02edce69f6a2d"
EXAMPLE = {
    "appid": "wxd930ea5d5a258f4f",
    "body": "test",
    "device_info": "1000",
    "mch_id": "10000100",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}
MD5 = "9A0A8659F005D6984697E2CA0A9CF3B7"
HMAC_SHA256 = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"

RED_PACKET = {
    "act_name": "XXX",
    "mch_billno": "11111234567890",
    "mch_id": "10000098",
    "nonce_str": "qFKEgfig76DF9912fewmkp",
    "re_openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E",
    "total_amount": 100,
    "wxappid": "wx123456789",
}

SignType = Literal["MD5", "HMAC-SHA256"]
sign_types: st.SearchStrategy[SignType] = st.sampled_from(["MD5", "HMAC-SHA256"])
names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).filter(lambda n: n != "sign")
values = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="&=\ufffe\uffff")
)
messages = st.dictionaries(names, values)


def by_hand(fields: dict[str, str], key: str, sign_type: SignType) -> str:
    """Sign as the official page says it, with nothing of ours."""
    pairs = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if fields[k])
    whole = (f"{pairs}&key={key}" if pairs else f"key={key}").encode()
    if sign_type == "MD5":
        return hashlib.md5(whole).hexdigest().upper()
    return hmac.digest(key.encode(), whole, "sha256").hex().upper()


# Digests


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        (md5, "900150983cd24fb0d6963f7d28e17f72"),
        (sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ],
)
def test_a_digest_of_text_bytes_and_a_file_is_the_same(
    digest: Callable[[Any], str], expected: str
) -> None:
    """The published digests of "abc", however it is handed over."""
    assert digest("abc") == digest(b"abc") == digest(io.BytesIO(b"abc")) == expected


def test_a_file_is_read_in_pieces() -> None:
    """A file larger than memory would be no trouble, and is read from where it stands."""
    sizes: list[int] = []

    class Recorder(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            sizes.append(size)
            return super().read(size)

    file = Recorder(b"x" + b"\0" * 10**6)
    file.seek(1)
    assert sha256(file) == hashlib.sha256(b"\0" * 10**6).hexdigest()
    assert len(sizes) > 3
    assert 0 < max(sizes) < 10**6


def test_text_is_utf8() -> None:
    """Text is digested as UTF-8."""
    assert md5("中") == hashlib.md5("中".encode()).hexdigest()


@given(st.binary(), st.binary())
def test_hmac_sha256_is_the_standard_one(data: bytes, key: bytes) -> None:
    """The standard library agrees, for bytes and files."""
    expected = hmac.digest(key, data, "sha256").hex()
    assert hmac_sha256(data, key) == hmac_sha256(io.BytesIO(data), key) == expected


# Signatures


@pytest.mark.parametrize(("sign_type", "expected"), [("MD5", MD5), ("HMAC-SHA256", HMAC_SHA256)])
def test_the_official_example_is_signed(sign_type: SignType, expected: str) -> None:
    """The worked example of the official signature page, in any order."""
    assert sign(EXAMPLE, KEY, sign_type) == expected
    assert sign(dict(reversed(EXAMPLE.items())), KEY, sign_type) == expected
    assert verify({**EXAMPLE, "sign": expected}, KEY)


def test_md5_is_the_default() -> None:
    """Without a sign_type, WeChat Pay assumes MD5."""
    assert sign(EXAMPLE, KEY) == MD5


def test_what_is_empty_takes_no_part() -> None:
    """None, an empty text, one that sending would empty, and an old sign change nothing."""
    assert sign({**EXAMPLE, "attach": "", "detail": None, "a": "\0", "sign": "old"}, KEY) == MD5


@given(messages, values.filter(bool), sign_types)
def test_a_signature_is_what_the_page_says(
    fields: dict[str, str], key: str, sign_type: SignType
) -> None:
    """A few lines of the standard library come to the same signature."""
    assert sign(fields, key, sign_type) == by_hand(fields, key, sign_type)


def test_fields_are_sorted_by_their_bytes() -> None:
    """Upper case comes before lower case, and one name before a longer one."""
    fields = {"b": "1", "B": "2", "a_1": "3", "a": "4"}
    assert (
        sign(fields, KEY)
        == hashlib.md5(f"B=2&a=4&a_1=3&b=1&key={KEY}".encode()).hexdigest().upper()
    )


def test_what_is_signed_is_what_is_sent() -> None:
    """Numbers, booleans and odd characters are signed in the spelling that the XML carries."""
    fields = {"fee": 1, "rate": 1e-7, "checked_in": True, "body": "<&>\0\r\n中", "none": None}
    message = {**fields, "sign": sign(fields, KEY)}
    assert verify(xml.loads(xml.dumps(message)), KEY)
    assert not verify(message, KEY)  # the character that is not sent was not signed
    assert verify({**message, "body": "<&>\r\n中"}, KEY)


@given(messages, sign_types)
def test_a_message_is_verified_after_its_way(fields: dict[str, str], sign_type: SignType) -> None:
    """A signed message that was written and read again is still good."""
    message = xml.dumps({**fields, "sign": sign(fields, KEY, sign_type)})
    assert verify(xml.loads(message), KEY)


@given(messages, sign_types, names, values, st.randoms(use_true_random=False))
def test_a_changed_message_is_never_accepted(
    fields: dict[str, str], sign_type: SignType, name: str, value: str, random: Any
) -> None:
    """A field changed, added, renamed, dropped or swapped: each breaks the signature."""
    good = {**fields, "sign": sign(fields, KEY, sign_type)}
    signed = {k: v for k, v in fields.items() if v}
    changed = [{**fields, name: value}]
    if fields:
        other = random.choice(sorted(fields))
        changed.append({k: v for k, v in fields.items() if k != other})
        changed.append({name if k == other else k: v for k, v in fields.items()})
        changed.append({**fields, other: fields[other] + random.choice(" \0\n0a中\ud800")})
        changed.append(dict(zip(fields, [*list(fields.values())[1:], fields[other]], strict=True)))
    assert verify(good, KEY)
    assert not verify(good, KEY + "0")
    for bad in changed:
        same = {k: v for k, v in bad.items() if v} == signed
        assert verify({**bad, "sign": good["sign"]}, KEY) is same


@given(sign_types, st.data())
def test_a_changed_signature_is_never_accepted(sign_type: SignType, data: st.DataObject) -> None:
    """Any other text in place of the signature is refused, its lower case included."""
    right = sign(EXAMPLE, KEY, sign_type)
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = right[:place] + data.draw(st.characters()) + right[place + 1 :]
    assert verify({**EXAMPLE, "sign": wrong}, KEY) is (wrong == right)
    assert not verify({**EXAMPLE, "sign": right.lower()}, KEY)


@pytest.mark.parametrize(
    "odd", [None, "", 5, [MD5], MD5[:-1], MD5 + "0", MD5 + MD5, "\u0661" * 32, "\ud800" * 64]
)
def test_an_odd_signature_is_no(odd: object) -> None:
    """What cannot be a signature is not one, and not an error either."""
    assert not verify({**EXAMPLE, "sign": odd}, KEY)
    assert not verify(EXAMPLE, KEY)


@pytest.mark.parametrize("odd", [["1"], {"a": "1"}, b"1", float("nan"), object(), "\ud800"])
def test_a_field_that_cannot_be_signed_is_no(odd: object) -> None:
    """A message with a field that no signature covers is not verified."""
    assert not verify({**EXAMPLE, "extra": odd, "sign": MD5}, KEY)


def test_an_unknown_field_takes_part() -> None:
    """Fields that are new to this library are signed like all the others."""
    fields = {**EXAMPLE, "new_field": "1"}
    assert verify({**fields, "sign": sign(fields, KEY)}, KEY)
    assert not verify({**fields, "sign": MD5}, KEY)


def test_a_none_is_as_good_as_absent() -> None:
    """A field that is None is not in the message."""
    assert verify({**EXAMPLE, "attach": None, "sign": MD5}, KEY)


def test_a_list_cannot_be_signed() -> None:
    """A value that is not one text is refused by name before anything is sent."""
    with pytest.raises(TypeError, match="'goods'"):
        sign({"goods": ["1"]}, KEY)


def test_an_empty_key_is_refused() -> None:
    """With an empty key anyone could sign, so that it is neither used nor trusted."""
    forged = hashlib.md5(b"a=1&key=").hexdigest().upper()
    with pytest.raises(ConfigurationError, match=r"key .* is empty"):
        sign({"a": "1"}, "")
    with pytest.raises(ConfigurationError, match=r"key .* is empty"):
        verify({"a": "1", "sign": forged}, "")
    with pytest.raises(ConfigurationError, match=r"secret .* is empty"):
        workwx_sign(RED_PACKET, "")


def test_another_sign_type_is_refused() -> None:
    """Arguments in the wrong order do not put the key into an error."""
    swapped: Any = ("MD5", KEY)
    with pytest.raises(ValueError, match="must be MD5 or HMAC-SHA256") as caught:
        sign(EXAMPLE, *swapped)
    assert KEY not in repr(caught.value)


# WeChat Work


def test_a_red_packet_is_signed_for_wechat_work() -> None:
    """The documented seven fields take part, and no other."""
    pairs = (
        "act_name=XXX&mch_billno=11111234567890&mch_id=10000098&nonce_str=qFKEgfig76DF9912fewmkp"
        "&re_openid=oxTWIuGaIt6gTKsQRLau2M0yL16E&total_amount=100&wxappid=wx123456789"
    )
    expected = hashlib.md5(f"{pairs}&secret=s".encode()).hexdigest().upper()
    assert workwx_sign(RED_PACKET, "s") == expected
    assert workwx_sign({**RED_PACKET, "wishing": "x", "scene_id": None}, "s") == expected


def test_a_payment_is_signed_for_wechat_work() -> None:
    """The documented eight fields take part, those that are there."""
    pairs = (
        "amount=100&appid=wx1&desc=d&mch_id=1&nonce_str=n&openid=o&partner_trade_no=p"
        "&ww_msg_type=NORMAL_MSG"
    )
    pieces = [pair.partition("=") for pair in reversed(pairs.split("&"))]
    fields = {name: value for name, _, value in pieces}
    more = {**fields, "act_name": "x", "check_name": "NO_CHECK"}
    assert workwx_sign(more, "s") == hashlib.md5(f"{pairs}&secret=s".encode()).hexdigest().upper()
    fields["ww_msg_type"] = ""
    shorter = pairs.removesuffix("&ww_msg_type=NORMAL_MSG")
    expected = hashlib.md5(f"{shorter}&secret=s".encode()).hexdigest().upper()
    assert workwx_sign(fields, "s") == expected


def test_another_message_has_no_wechat_work_signature() -> None:
    """A message that is neither documented kind is refused."""
    with pytest.raises(ValueError, match="mch_billno or a partner_trade_no"):
        workwx_sign(EXAMPLE, "s")


def test_names_that_are_no_text_cannot_be_signed() -> None:
    """Fields are signed in the order of their names, which texts alone have."""
    with pytest.raises(TypeError, match="names of fields must all be text"):
        sign(cast("Any", {"a": "1", 2: "x"}), "key")
