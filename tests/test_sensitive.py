"""Sensitive fields go out encrypted with the key that the request names, and come back readable."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from gateway import (
    APIV3_KEY,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_list,
    rsa_key,
)
from ways import Way, client_of, each_way

from wechatpay import Ciphertext, ConfigurationError, DecryptionError, WeChatPay
from wechatpay._call import EncryptedField
from wechatpay._v3 import changed, notified_fields
from wechatpay._v3.sensitive import serials
from wechatpay.crypto import rsa
from wechatpay.notification import Notification

TRANSFER: str = "v3/fund-app/mch-transfer/transfer-bills"
APPLYMENT: str = "v3/applyment4sub/applyment/"
BANKS: str = "v3/capital/capitallhh/banks/search-banks-by-bank-account"
PADDING = OAEP(MGF1(SHA1()), SHA1(), None)


def opened(ciphertext: str, key: RSAPrivateKey) -> str:
    """Decrypt as WeChat Pay does."""
    return key.decrypt(base64.b64decode(ciphertext, validate=True), PADDING).decode()


def sealed(text: str, key: RSAPrivateKey) -> str:
    """Encrypt as WeChat Pay does for a merchant."""
    return base64.b64encode(key.public_key().encrypt(text.encode(), PADDING)).decode()


@each_way
def test_a_marked_field_is_encrypted_with_the_key_that_is_named(gateway: Gateway, way: Way) -> None:
    """WeChat Pay opens it with the key of `Wechatpay-Serial`; the caller's dict is as it was."""
    body = {"out_bill_no": "1", "user_name": "张三", "transfer_amount": 1}
    before = copy.deepcopy(body)
    with client_of(gateway) as wxpay:
        way.call(wxpay[TRANSFER], "post", json=body)
    request = gateway.requests[-1]
    sent = json.loads(request.body)
    assert opened(sent["user_name"], rsa_key("platform")) == "张三"
    assert {**sent, "user_name": "张三"} == body == before
    assert request.headers["wechatpay-serial"] == PUBLIC_KEY_ID
    assert request.is_signed_by(rsa_key("merchant"))


def test_fields_in_lists_and_below_others_are_found(gateway: Gateway) -> None:
    """A field is encrypted wherever the catalogue has it; what is missing or null stays so."""
    body = {"contact_info": {"contact_name": "李四", "mobile_phone": None}, "business_code": "1"}
    with client_of(gateway) as wxpay:
        wxpay[APPLYMENT].post(json=body)
    sent = json.loads(gateway.requests[-1].body)
    assert opened(sent["contact_info"]["contact_name"], rsa_key("platform")) == "李四"
    assert "mobile_phone" not in sent["contact_info"]
    assert sent["business_code"] == "1"


def test_a_sensitive_query_is_encrypted_and_signed_as_sent(gateway: Gateway) -> None:
    """A marked parameter of a GET goes out encrypted, and the signature covers that."""
    with client_of(gateway) as wxpay:
        node = wxpay[BANKS]
        node.get(params={"account_number": "6214830000000000"})
    request = gateway.requests[-1]
    (number,) = parse_qs(urlsplit(request.target).query)["account_number"]
    assert opened(number.replace(" ", "+"), rsa_key("platform")) == "6214830000000000"
    assert request.is_signed_by(rsa_key("merchant"))


def test_a_sensitive_query_as_text_is_refused(wxpay: WeChatPay) -> None:
    """A query that cannot be taken apart is never sent in the clear."""
    node = wxpay[BANKS]
    with pytest.raises(ConfigurationError, match="pass a mapping"):
        node.get(params="account_number=6214830000000000")


@pytest.mark.parametrize(
    ("client", "call"), [({"encrypt": False}, {}), ({}, {"encrypt": False})], ids=["client", "call"]
)
def test_encryption_can_be_turned_off(
    gateway: Gateway, client: dict[str, Any], call: dict[str, Any]
) -> None:
    """With `encrypt=False`, for a client or a call, what is passed is what is sent."""
    with client_of(gateway, **client) as wxpay:
        wxpay[TRANSFER].post(json={"user_name": "made elsewhere"}, **call)
    assert json.loads(gateway.requests[-1].body) == {"user_name": "made elsewhere"}


def test_a_ciphertext_passes_untouched(gateway: Gateway) -> None:
    """What `encrypt` returned is sent as it is, marked field or not, and its key is named."""
    with client_of(gateway) as wxpay:
        secret = wxpay.encrypt("张三")
        wxpay[TRANSFER].post(json={"user_name": secret, "more": [{"any": secret}]})
    request = gateway.requests[-1]
    assert json.loads(request.body) == {"user_name": secret, "more": [{"any": secret}]}
    assert opened(secret, rsa_key("platform")) == "张三"
    assert request.headers["wechatpay-serial"] == secret.serial == PUBLIC_KEY_ID


def test_one_call_names_one_key(wxpay: WeChatPay) -> None:
    """Ciphertexts made with different keys do not go into one call."""
    body = {"user_name": wxpay.encrypt("张三"), "other": Ciphertext("x", "ABCDEF")}
    with pytest.raises(ConfigurationError, match="two keys"):
        wxpay[TRANSFER].post(json=body)


def test_a_ciphertext_survives_pickle_and_is_text() -> None:
    """A ciphertext may be queued for later, with the id of its key."""
    again = pickle.loads(pickle.dumps(Ciphertext("abc", "PUB_KEY_ID_1")))
    assert (again, again.serial, isinstance(again, str)) == ("abc", "PUB_KEY_ID_1", True)


@pytest.mark.parametrize(
    ("value", "says"),
    [("x" * 215, "user_name: 215 bytes are too long"), (42, "user_name must be text, not int")],
)
def test_what_cannot_be_encrypted_is_refused(wxpay: WeChatPay, value: object, says: str) -> None:
    """A field that is too long or no text is named before anything is sent."""
    with pytest.raises(ConfigurationError, match=says):
        wxpay[TRANSFER].post(json={"user_name": value})


def test_the_longest_text_fits(wxpay: WeChatPay) -> None:
    """214 bytes are encrypted; one more is too long."""
    assert opened(wxpay.encrypt("x" * 214), rsa_key("platform")) == "x" * 214
    with pytest.raises(ValueError, match="215 bytes"):
        wxpay.encrypt("x" * 215)


@each_way
def test_certificate_mode_encrypts_with_a_downloaded_certificate(
    certificate: Identity, way: Way
) -> None:
    """Certificates are there before a field is encrypted, and the newest one's serial is named."""
    with Gateway(certificate) as gateway:
        gateway.routes["/v3/certificates"] = certificate_list([certificate])
        with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
            way.call(wxpay[TRANSFER], "post", json={"user_name": "张三"})
            assert wxpay.encrypt("x").serial == certificate.id
    request = gateway.requests[-1]
    assert opened(json.loads(request.body)["user_name"], certificate.key) == "张三"
    assert request.headers["wechatpay-serial"] == certificate.id


def test_encrypting_without_a_key_is_refused(make_client: Callable[..., WeChatPay]) -> None:
    """A client with neither `certs` nor `apiv3_key` says what it needs."""
    with pytest.raises(ConfigurationError, match="certs or apiv3_key"):
        make_client(certs=None).encrypt("x")


def test_an_answer_is_decrypted_by_the_catalogue(gateway: Gateway) -> None:
    """`decrypt_fields` opens what is marked, on a copy; `decrypt` opens a single text."""
    name = sealed("张三", rsa_key("merchant"))
    gateway.default = Answer(body={"user_name": name, "out_bill_no": "1"})
    with client_of(gateway) as wxpay:
        reply = wxpay[f"{TRANSFER}/out-bill-no/1"].get()
        assert wxpay.decrypt_fields(reply) == {"user_name": "张三", "out_bill_no": "1"}
        assert reply.json()["user_name"] == name
        assert wxpay.decrypt(name) == "张三"


@pytest.mark.parametrize("text", ["", "not base64", "AAAA", sealed("张三", rsa_key("platform"))])
def test_what_does_not_open_is_a_decryption_error(wxpay: WeChatPay, text: str) -> None:
    """No ciphertext, or one for somebody else, is a typed error that shows nothing of it."""
    with pytest.raises(DecryptionError) as caught:
        wxpay.decrypt(text)
    assert not text or text not in str(caught.value)


def answered(gateway: Gateway, wxpay: WeChatPay, body: Any, path: str = "v3/new") -> Any:
    """Return what `decrypt_fields` makes of an answer."""
    gateway.default = Answer(body=body)
    return wxpay.decrypt_fields(wxpay[path].get())


def test_what_nothing_marks_is_tried_by_its_size(gateway: Gateway) -> None:
    """A ciphertext in a field that is not documented opens; what only has its size stays."""
    name, others = sealed("张三", rsa_key("merchant")), sealed("李四", rsa_key("platform"))
    longer = base64.b64encode(bytes(257)).decode()
    body = {
        "new": [name, {"deep": name}],
        "theirs": others,
        "longer": longer,
        "no base64": "#" * len(name),
        "number": 1,
    }
    with client_of(gateway) as wxpay:
        assert answered(gateway, wxpay, body) == {**body, "new": ["张三", {"deep": "张三"}]}
    assert len(longer) == len(name)


def test_a_marked_field_that_does_not_open_is_an_error(gateway: Gateway) -> None:
    """Whatever else would open; one that is empty holds nothing to be opened."""
    name, others = sealed("张三", rsa_key("merchant")), sealed("李四", rsa_key("platform"))
    path = f"{TRANSFER}/out-bill-no/1"
    with client_of(gateway) as wxpay:
        with pytest.raises(DecryptionError):
            answered(gateway, wxpay, {"user_name": others, "new": name}, path)
        with pytest.raises(DecryptionError):
            answered(gateway, wxpay, {"user_name": "张三"}, path)
        found = answered(gateway, wxpay, {"user_name": "", "new": name}, path)
    assert found == {"user_name": "", "new": "张三"}


def test_not_more_than_64_texts_are_tried(gateway: Gateway) -> None:
    """The 65th that could be a ciphertext stays, so that a long answer costs little."""
    name, others = sealed("张三", rsa_key("merchant")), sealed("李四", rsa_key("platform"))
    with client_of(gateway) as wxpay:
        list_ = answered(gateway, wxpay, {"list": [*["text"] * 100, *[others] * 63, name, name]})
    assert list_["list"][-3:] == [others, "张三", name]


def test_a_remote_signer_is_asked_for_what_is_marked_alone(gateway: Gateway) -> None:
    """It opens a marked field, and is not an oracle for whatever has the size of a ciphertext."""
    key = rsa_key("merchant")
    asked: list[str] = []

    class Remote:
        serial = MERCHANT_SERIAL

        def sign(self, message: bytes) -> str:
            return rsa.sign(message, key)

        def decrypt(self, ciphertext: str, padding: str = "oaep") -> str:
            asked.append(ciphertext)
            return opened(ciphertext, key)

    name, unknown = sealed("张三", key), sealed("李四", key)
    with client_of(gateway, serial=None, private_key=Remote()) as wxpay:
        body = {"user_name": name, "new": unknown}
        found = answered(gateway, wxpay, body, f"{TRANSFER}/out-bill-no/1")
    assert found == {"user_name": "张三", "new": unknown}
    assert asked == [name]


def test_a_notification_is_decrypted_by_its_event(wxpay: WeChatPay) -> None:
    """What the catalogue marks in its resource has to open, and the rest is tried by its size."""
    phone, new = (sealed(text, rsa_key("merchant")) for text in ("13800138000", "李四"))

    def came(**resource: Any) -> Notification:
        event = "MEMBERCARD.ACCEPT_CARD"
        return Notification("1", None, event, None, None, None, resource, b"", "K", None)

    notification = came(phone_number=phone, new=[new])
    assert wxpay.decrypt_fields(notification) == {"phone_number": "13800138000", "new": ["李四"]}
    assert notification.resource["phone_number"] == phone
    with pytest.raises(DecryptionError):
        wxpay.decrypt_fields(came(phone_number="13800138000"))
    assert notified_fields("MEMBERCARD.ACCEPT_CARD") == [
        EncryptedField("response", "phone_number", "merchant")
    ]
    assert notified_fields("TRANSACTION.SUCCESS") == []


def test_only_a_clients_own_answers_are_decrypted(wxpay: WeChatPay) -> None:
    """An answer that came from elsewhere says nothing about its fields."""
    import httpx

    with pytest.raises(TypeError, match="a call of this client"):
        wxpay.decrypt_fields(httpx.Response(200, json={}))
    with pytest.raises(TypeError, match="a call of this client"):
        wxpay.decrypt_fields({})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_signer_that_cannot_decrypt_says_so(make_client: Callable[..., WeChatPay]) -> None:
    """A remote signer without `decrypt` is named as what is missing."""

    class Remote:
        serial = MERCHANT_SERIAL

        def sign(self, message: bytes) -> str:
            return "x"

    client = make_client(serial=None, private_key=Remote())
    with pytest.raises(ConfigurationError, match=r"Signer that has decrypt"):
        client.decrypt("AAAA")


@pytest.mark.parametrize(
    ("path", "tree", "after"),
    [
        ("a/*/b", {"a": [{"b": "x"}, {"c": "y"}]}, {"a": [{"b": "X"}, {"c": "y"}]}),
        ("a/*/b", {"a": {"b": "x"}}, {"a": {"b": "X"}}),
        ("a/*/b", {"a": [[{"b": ["x"]}], ({"b": "y"},)]}, {"a": [[{"b": ["X"]}], [{"b": "Y"}]]}),
        ("a/b", {"a": [{"b": "x"}, None]}, {"a": [{"b": "X"}, None]}),
        ("a/*", {"a": ["x", None, ["y"]]}, {"a": ["X", None, ["Y"]]}),
        ("a/*", {"a": "x"}, {"a": "X"}),
        ("a/*", {"b": "x"}, {"b": "x"}),
        ("a", [{"a": "x"}], [{"a": "X"}]),
        ("a/b", {"a": [1, False]}, {"a": [1, False]}),
    ],
)
def test_no_shape_hides_a_field(path: str, tree: Any, after: Any) -> None:
    """A marked field is found in lists, lists of lists, and where one value is meant to be many."""
    before = copy.deepcopy(tree)
    field = EncryptedField("body", path)
    assert changed(tree, [field], lambda _field, text: text.upper()) == after
    assert tree == before


@pytest.mark.parametrize("tree", [{"a": "text"}, {"a": ["text"]}, ["text"], "text"])
def test_what_should_have_fields_and_has_none(tree: Any) -> None:
    """A text where a mapping with sensitive fields should be is refused; in an answer it stays."""
    field = EncryptedField("body", "a/*/b")
    with pytest.raises(ConfigurationError, match=r"what a/\*/b is in must be a mapping, not text"):
        changed(tree, [field], lambda _field, _text: "changed")
    assert changed(tree, [field], lambda _field, _text: "changed", strict=False) == tree


def test_keys_of_ciphertexts_are_found() -> None:
    """The ids of the keys are found in lists and mappings, whatever is beside them."""
    assert serials({"a": (1, [Ciphertext("x", "K")])}) == {"K"}


@pytest.mark.parametrize("text", [5, None, b"bytes", ["text"]])
def test_only_text_is_encrypted_and_decrypted(wxpay: WeChatPay, text: Any) -> None:
    """What is not text is a TypeError that says so."""
    with pytest.raises(TypeError, match="what is encrypted is text, not"):
        wxpay.encrypt(text)
    with pytest.raises(TypeError, match="a ciphertext is text, not"):
        wxpay.decrypt(text)


def test_half_of_a_surrogate_pair_is_not_encrypted(wxpay: WeChatPay) -> None:
    """It is not text, and has no bytes."""
    with pytest.raises(TypeError, match="holds half of a surrogate pair"):
        wxpay.encrypt("\ud800")


@pytest.mark.parametrize("body", [b"", b"{", b"\x80", b"[1]", b"5", b"[" * 100_000])
def test_an_answer_without_fields_has_none_to_decrypt(gateway: Gateway, body: bytes) -> None:
    """A file, or nothing at all, is a ValueError that says so."""
    gateway.script(Answer(body=body))
    with client_of(gateway) as wxpay, pytest.raises(ValueError, match="is not a JSON object"):
        wxpay.decrypt_fields(wxpay["v3/x"].get())
