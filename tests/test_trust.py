"""Whose word makes a key WeChat Pay's: what is pinned stays, and a list is looked at closely."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from gateway import (
    APIV3_KEY,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_identity,
    certificate_list,
    certificate_pem,
    public_key_identity,
    rsa_key,
)
from ways import Way, client_of, each_way

from wechatpay import ConfigurationError, UnknownPlatformKey, VerificationError, WeChatPay
from wechatpay._client import effective_trust, from_environment, make_keyring
from wechatpay._v3 import Keyring, PlatformKey, unseal_keys

PATH = "/v3/certificates"
PINNED = public_key_identity()
OWN = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "certified")


def early(serial: int) -> Identity:
    """Return an identity whose certificate becomes valid tomorrow."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    key, name = rsa_key("early"), x509.Name([])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now + timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .sign(key, SHA256())
    )
    return Identity(f"{serial:X}", key, certificate.public_bytes(Encoding.PEM).decode())


EXPIRED = Identity("E1", rsa_key("expired"), certificate_pem(rsa_key("expired"), 0xE1, days=-1))
EARLY = early(0xE2)
IMPOSTOR = Identity(PUBLIC_KEY_ID, rsa_key("impostor"), certificate_pem(rsa_key("impostor"), 0xE3))


@pytest.mark.parametrize("key_id", [PUBLIC_KEY_ID, "pub_key_id_1", "PUB_KEY_ID_"])
def test_a_list_has_no_public_keys(key_id: str) -> None:
    """An entry that is called as a public key is makes the whole no list of certificates."""
    listed = certificate_list([IMPOSTOR._replace(id=key_id)])
    with pytest.raises(VerificationError, match="not a list of platform certificates"):
        unseal_keys(listed.content, APIV3_KEY.encode())


@each_way
def test_a_pinned_key_stays(gateway: Gateway, way: Way) -> None:
    """Whoever knows the APIv3 key cannot put another key in its place."""
    gateway.routes[PATH] = certificate_list([OWN, IMPOSTOR], signer=OWN)
    with client_of(gateway, apiv3_key=APIV3_KEY, trust="download") as wxpay:
        for signer in (OWN, IMPOSTOR, PINNED):
            gateway.script(Answer(signer=signer))
            if signer is PINNED:
                assert way.call(wxpay["v3/x"]).extensions["wechatpay"].serial == PUBLIC_KEY_ID
            else:
                with pytest.raises(VerificationError):
                    way.call(wxpay["v3/x"])


def test_a_held_serial_number_keeps_its_key() -> None:
    """No certificate takes another's number; a public key is never among what was downloaded."""
    first, other = (rsa_key(name).public_key() for name in ("platform", "impostor"))
    ring = Keyring([PlatformKey(PUBLIC_KEY_ID, first), PlatformKey("AB", first)])
    ring.swap(
        [PlatformKey("ab", other), PlatformKey("CD", other), PlatformKey(PUBLIC_KEY_ID, other)], 0
    )
    held = {name: one.key for name, one in ring.keys.items()}
    assert held == {PUBLIC_KEY_ID.upper(): first, "AB": first, "CD": other}


@pytest.mark.parametrize("unfit", [EXPIRED, EARLY], ids=["expired", "early"])
def test_a_certificate_that_is_not_valid_is_left_out(unfit: Identity) -> None:
    """One that has expired or is not valid yet does not count, wherever it comes from."""
    found = unseal_keys(certificate_list([OWN, unfit]).content, APIV3_KEY.encode())
    assert [one.id for one in found] == [OWN.id]
    with pytest.raises(
        VerificationError, match=r"none of the 1 certificates .* is the clock right"
    ):
        unseal_keys(certificate_list([unfit]).content, APIV3_KEY.encode())


def test_a_certificate_that_was_replaced_is_left_out() -> None:
    """A list may end a certificate before its time."""
    listed: dict[str, Any] = json.loads(certificate_list([OWN, EXPIRED]).content)
    entry = listed["data"][0]
    for expires, count in (("2021-01-01T00:00:00+08:00", 0), (None, 1)):
        entry["expire_time"] = expires
        body = json.dumps({"data": [entry]}).encode()
        if count:
            assert len(unseal_keys(body, APIV3_KEY.encode())) == count
        else:
            with pytest.raises(VerificationError):
                unseal_keys(body, APIV3_KEY.encode())


@each_way
@pytest.mark.parametrize("unfit", [EXPIRED, EARLY], ids=["expired", "early"])
def test_a_list_cannot_be_proved_by_what_is_not_valid(
    gateway: Gateway, way: Way, unfit: Identity
) -> None:
    """Nor does an answer verify with such a certificate."""
    gateway.routes[PATH] = certificate_list([OWN, unfit], signer=unfit)
    gateway.default = Answer(signer=unfit)
    with (
        client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay,
        pytest.raises(UnknownPlatformKey, match=unfit.id),
    ):
        way.call(wxpay["v3/x"])


@each_way
@pytest.mark.parametrize("trust", ["signed", None], ids=["asked for", "by default"])
def test_only_a_signed_list_is_trusted(gateway: Gateway, way: Way, trust: Any) -> None:
    """With the public key, a list made with the APIv3 key alone is not trusted."""
    gateway.default = Answer(signer=OWN)
    gateway.routes[PATH] = certificate_list([OWN], signer=OWN)
    with client_of(gateway, apiv3_key=APIV3_KEY, trust=trust) as wxpay:
        with pytest.raises(UnknownPlatformKey, match=OWN.id) as caught:
            way.call(wxpay["v3/x"])
        assert isinstance(caught.value.__cause__, UnknownPlatformKey)
        assert "the list of platform certificates is signed with" in str(caught.value.__cause__)
        assert 'trust="download" takes' in str(caught.value.__cause__)
    gateway.routes[PATH] = certificate_list([OWN], signer=PINNED)
    with client_of(gateway, apiv3_key=APIV3_KEY, trust=trust) as wxpay:
        assert way.call(wxpay["v3/x"]).extensions["wechatpay"].serial == OWN.id


@each_way
def test_what_is_pinned_is_all_there_is(gateway: Gateway, way: Way) -> None:
    """With `trust="pinned"` nothing is asked for, and the APIv3 key still opens notifications."""
    gateway.default = Answer(signer=OWN)
    gateway.routes[PATH] = certificate_list([OWN], signer=PINNED)
    with (
        client_of(gateway, apiv3_key=APIV3_KEY, trust="pinned") as wxpay,
        pytest.raises(UnknownPlatformKey),
    ):
        way.call(wxpay["v3/x"])
    assert [one.path for one in gateway.requests] == ["/v3/x"]


@pytest.mark.parametrize(
    ("trust", "certs", "words"),
    [
        ("none", {PUBLIC_KEY_ID: PINNED.key.public_key()}, "trust must be one of 'download', "),
        (1, {PUBLIC_KEY_ID: PINNED.key.public_key()}, "trust must be one of 'download', "),
        ("signed", None, "takes a list of certificates that a key in certs has signed"),
    ],
)
def test_trust_needs_something_to_begin_with(trust: Any, certs: Any, words: str) -> None:
    """What cannot be right is refused when the client is made."""
    with pytest.raises(ConfigurationError, match=words):
        client_of("http://127.0.0.1:9/", certs=certs, apiv3_key=APIV3_KEY, trust=trust)


def test_nothing_here_is_an_accident() -> None:
    """The pinned key, the impostor's and the certificates' are different keys."""
    keys: list[rsa.RSAPublicKey] = [
        one.key.public_key() for one in (PINNED, OWN, EXPIRED, EARLY, IMPOSTOR)
    ]
    assert len({one.public_numbers().n for one in keys}) == 5


@pytest.mark.parametrize(
    ("certs", "wanted"),
    [
        ({PUBLIC_KEY_ID: PINNED.key.public_key()}, "signed"),
        ({PUBLIC_KEY_ID: PINNED.key.public_key(), OWN.id: OWN.certificate}, "signed"),
        ({OWN.id: OWN.certificate}, "download"),
        (None, "download"),
    ],
    ids=["public key", "both", "certificate", "none"],
)
def test_the_keys_that_are_held_settle_whose_word_counts(certs: Any, wanted: str) -> None:
    """Who holds the public key need not take the APIv3 key's word; another word has to be given."""
    ring, _ = make_keyring(certs, APIV3_KEY.encode())
    assert effective_trust(None, ring) == wanted
    assert effective_trust("download", ring) == "download"
    assert effective_trust("pinned", ring) == "pinned"


@pytest.mark.parametrize("spelled", ["false", "0", "No", " off "])
def test_the_environment_says_it_too(spelled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`WECHATPAY_TRUST` and `WECHATPAY_SIGNED_PREFIX` are what the arguments are."""
    environ = {"WECHATPAY_MCHID": "1", "WECHATPAY_TRUST": "pinned"}
    given = from_environment({**environ, "WECHATPAY_SIGNED_PREFIX": spelled}, {})
    assert (given["trust"], given["signed_prefix"]) == ("pinned", False)
    assert from_environment({**environ, "WECHATPAY_SIGNED_PREFIX": "true"}, {})["signed_prefix"]
    assert "signed_prefix" not in from_environment(environ, {})
    with pytest.raises(ConfigurationError, match="WECHATPAY_SIGNED_PREFIX must be true or false"):
        from_environment({**environ, "WECHATPAY_SIGNED_PREFIX": "maybe"}, {})
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WECHATPAY_TRUST", "everybody")
    with pytest.raises(ConfigurationError, match="trust must be one of"):
        WeChatPay.from_env(secret="s")
