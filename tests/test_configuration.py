"""The client's arguments: keys in every form, the environment, and refusals that show nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from gateway import (
    APIV3_KEY,
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Answer,
    Identity,
    Request,
    certificate_pem,
    private_pem,
    public_pem,
    rsa_key,
)

from wechatpay import ConfigurationError, Signer, WeChatPay
from wechatpay._client import from_environment, make_keyring
from wechatpay._client.configuration import make_signer
from wechatpay._wire import Network
from wechatpay.crypto import rsa

KEY = rsa_key("merchant")
PRIVATE_PEM = private_pem(KEY)
PUBLIC_PEM = public_pem(rsa_key("platform"))
SECRET = "192006250b4c09247ec02edce69f6a2d"
PREFIX = "WECHATPAY_"

FORMS: dict[str, Callable[[str, Path], object]] = {
    "text": lambda pem, path: pem,
    "bytes": lambda pem, path: pem.encode(),
    "escaped": lambda pem, path: pem.replace("\n", "\\n"),
    "path": lambda pem, path: str(path),
    "Path": lambda pem, path: path,
    "URL": lambda pem, path: path.as_uri(),
}


class WeChat:
    """In the place of the network: answers 204, signed, and keeps what it was asked.

    Attributes:
        identity: Who signs.
        requests: What was asked.
    """

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.requests: list[Request] = []
        self.client = httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        target, headers = request.url.raw_path.decode(), dict(request.headers)
        self.requests.append(Request(request.method, target, headers, request.content, 1))
        return httpx.Response(204, headers=Answer(204, b"").all_headers(self.identity))


@pytest.fixture
def wechat(public_key: Identity) -> Iterator[WeChat]:
    """WeChat Pay, signing with its public key."""
    there = WeChat(public_key)
    yield there
    there.client.close()


def assert_works(wechat: WeChat, **arguments: Any) -> None:
    """A client with these arguments signs as the merchant does and verifies WeChat Pay's answer."""
    with WeChatPay(MCHID, http_client=wechat.client, **arguments) as wxpay:
        answer = wxpay.v3.certificates.get()
    assert answer.extensions["wechatpay"].serial == wechat.identity.id
    assert wechat.requests[-1].is_signed_by(KEY)
    assert wechat.requests[-1].claims["serial_no"] == MERCHANT_SERIAL
    assert wechat.requests[-1].claims["mchid"] == MCHID


@pytest.mark.parametrize("form", FORMS)
def test_keys_may_come_in_any_form(wechat: WeChat, form: str, tmp_path: Path) -> None:
    """Text, bytes, a path or a URL: the merchant's key signs, and WeChat Pay's verifies."""
    mine, theirs = tmp_path / "apiclient_key.pem", tmp_path / "pub_key.pem"
    mine.write_text(PRIVATE_PEM)
    theirs.write_text(PUBLIC_PEM)
    private: Any = FORMS[form](PRIVATE_PEM, mine)
    public: Any = FORMS[form](PUBLIC_PEM, theirs)
    assert_works(wechat, serial=MERCHANT_SERIAL, private_key=private, certs={PUBLIC_KEY_ID: public})


def test_key_objects_do_too(wechat: WeChat, certificate: Identity) -> None:
    """Keys and certificates that `cryptography` has loaded are taken, both kinds side by side."""
    loaded = x509.load_pem_x509_certificate(certificate.certificate.encode())
    certs = {certificate.id: loaded, PUBLIC_KEY_ID: rsa_key("platform").public_key()}
    for identity in (certificate, wechat.identity):
        wechat.identity = identity
        assert_works(wechat, serial=MERCHANT_SERIAL, private_key=KEY, certs=certs)


class Token:
    """An HSM."""

    def __init__(self, serial: object = MERCHANT_SERIAL) -> None:
        self.serial: Any = serial

    def sign(self, message: bytes) -> str:
        """Sign a message."""
        return rsa.sign(message, KEY)


def test_a_signer_may_stand_in_for_the_key(wechat: WeChat) -> None:
    """Anything with a serial number that signs does; it says its serial number itself."""
    assert isinstance(Token(), Signer)
    assert_works(wechat, private_key=Token(), certs={PUBLIC_KEY_ID: PUBLIC_PEM})


def test_a_key_in_this_process_is_a_signer() -> None:
    """It signs as the key does, and its `repr` is its serial number."""
    signer = make_signer(MERCHANT_SERIAL, PRIVATE_PEM, [])
    assert isinstance(signer, Signer)
    assert rsa.verify(b"message", signer.sign(b"message"), KEY.public_key())
    assert repr(signer) == f"<KeySigner {MERCHANT_SERIAL}>"


@pytest.mark.parametrize(
    ("serial", "message"),
    [
        (None, "private_key needs serial"),
        (42, "serial must be text, not int"),
        ("xyz", "serial is not a serial number: 3 characters"),
        (PUBLIC_KEY_ID, "the id belongs in certs"),
    ],
)
def test_a_signer_s_serial_is_checked(serial: object, message: str) -> None:
    """A signer's serial number has to be one, too."""
    with pytest.raises(ConfigurationError, match=message):
        WeChatPay(MCHID, private_key=Token(serial))


V3: dict[str, Any] = {"serial": MERCHANT_SERIAL, "private_key": KEY}
REFUSALS: list[tuple[dict[str, Any], str]] = [
    *[
        ({"mchid": bad}, "mchid must be the merchant number")
        for bad in (1, None, "", "a b", SECRET)
    ],
    ({"serial": MERCHANT_SERIAL}, "serial is of use only with private_key"),
    ({"private_key": KEY}, "private_key needs serial, the merchant API certificate's number"),
    ({**V3, "serial": ""}, "private_key needs serial"),
    ({**V3, "serial": 3775}, "serial must be text, not int"),
    ({**V3, "serial": PUBLIC_KEY_ID}, "it must be the merchant API certificate's own serial"),
    ({**V3, "serial": "MIIEvQ+/"}, "not a serial number: 8 characters, not 1 to 40 in hexadecimal"),
    ({**V3, "serial": "A" * 41}, "not a serial number: 41 characters"),
    ({**V3, "certs": {MERCHANT_SERIAL: PUBLIC_PEM}}, "filed under the merchant's own serial"),
    ({**V3, "certs": {MERCHANT_SERIAL.lower(): PUBLIC_PEM}}, "filed under the merchant's own"),
    ({**V3, "private_key": PUBLIC_PEM}, "it must be the merchant's private key"),
    ({**V3, "private_key": 1}, "private_key must be PEM text, a path or a key object, not int"),
    ({"certs": {PUBLIC_KEY_ID: PRIVATE_PEM}}, "holds a private key; WeChat Pay's public key or"),
    ({"certs": {"AB12": certificate_pem(KEY, 0xAB13)}}, "with another serial number, AB13"),
    ({"certs": {"": PUBLIC_PEM}}, "an id of 0 characters that is neither PUB_KEY_ID_… nor"),
    ({"certs": {"PUB_KEY_ID": PUBLIC_PEM}}, "an id of 10 characters that is neither"),
    ({"certs": {0xAB12: PUBLIC_PEM}}, "an id in certs must be text, not int"),
    *[
        ({"certs": bad}, "certs must say which key has which id")
        for bad in (PUBLIC_PEM, PUBLIC_PEM.encode(), KEY.public_key(), [PUBLIC_PEM], 1)
    ],
    ({"certs": __file__}, "certs must say which key has which id"),
    ({"certs": Path(__file__).parent}, "tests holds no certificate and no PUB_KEY_ID_….pem; with"),
    ({"certs": "nowhere"}, "certs: there is no such directory; with apiv3_key the certificates"),
    ({"certs": "a\0b"}, "certs: there is no such directory"),
    ({"certs": "x" * 5000}, "certs"),
    ({"apiv3_key": ""}, "apiv3_key must be 32 bytes, not 0"),
    ({"apiv3_key": APIV3_KEY[1:]}, "apiv3_key must be 32 bytes, not 31"),
    ({"apiv3_key": "密" * 32}, "apiv3_key must be 32 bytes, not 96"),
    ({"apiv3_key": "\ud800" * 32}, "apiv3_key must be 32 bytes, not 96"),
    ({"apiv3_key": 32}, "apiv3_key must be text, not int"),
    ({"secret": b"x" * 32}, "secret must be text, not bytes"),
    ({"secret": ""}, "secret must be the APIv2 key, and this one is empty"),
    ({"secret": "x" * 32 + "\n"}, "has white space among its 33 characters"),
    ({"base_url": "http://api.mch.weixin.qq.com"}, "reached by https only"),
    ({"backup_urls": ["https://x.example/y/"]}, "backup_urls must have the path of base_url, /"),
    ({"retries": -1}, "retries must be a whole number, 0 or more"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSALS)
def test_what_cannot_be_right_is_refused(arguments: dict[str, Any], message: str) -> None:
    """The constructor finds the mistake, and its message tells the way out."""
    arguments = {"mchid": MCHID, **arguments}
    with pytest.raises(ConfigurationError) as caught:
        WeChatPay(**arguments)
    assert message in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("retries", [1.5, True, None, "2"])
def test_retries_are_counted(make_client: Callable[..., WeChatPay], retries: object) -> None:
    """What is not a whole number is not a number of retries."""
    with pytest.raises(ConfigurationError, match=r"^retries must be a whole number"):
        make_client(retries=retries)


@pytest.mark.parametrize("key", ["k" * 32, b"k" * 32, "密" * 10 + "ab"])
def test_an_apiv3_key_is_text_or_bytes(make_client: Callable[..., WeChatPay], key: object) -> None:
    """Thirty-two bytes, as they are or as text."""
    make_client(apiv3_key=key)


@pytest.mark.parametrize(
    ("arguments", "path", "message"),
    [
        ({"secret": SECRET}, "v3/x", "is an APIv3 call, which is signed: pass private_key and ser"),
        ({}, "v3/x", "is an APIv3 call, which is signed: pass private_key and serial"),
        ({}, "hk/v3/x", "is an APIv3 call, which is signed: pass private_key and serial"),
        (V3, "v3/x", "needs WeChat Pay's key to verify the answer: pass certs="),
        (V3, "v2/x", "is an APIv2 call, which is signed with the APIv2 key: pass secret"),
    ],
)
def test_a_call_needs_its_keys(
    wechat: WeChat, arguments: dict[str, Any], path: str, message: str
) -> None:
    """A client may have the keys of one dialect; a call of the other is refused, and not sent."""
    with (
        WeChatPay(MCHID, http_client=wechat.client, **arguments) as wxpay,
        pytest.raises(ConfigurationError, match=message),
    ):
        wxpay[path].get()
    assert wechat.requests == []


PLACES = ["mchid", "serial", "private_key", "certs", "apiv3_key", "secret", "merchant", "base_url"]
SECRETS = {
    "APIv2 key": SECRET,
    "APIv3 key": "0123456789ABCDEFGHIJKLMNOPQRSTUV",
    "PEM": PRIVATE_PEM,
    "middle of a PEM": "".join(PRIVATE_PEM.splitlines()[1:-1]),
    "bytes": PRIVATE_PEM.encode(),
}


@pytest.mark.parametrize("place", [*PLACES, "id", "key"])
@pytest.mark.parametrize("secret", SECRETS.values(), ids=list(SECRETS))
def test_no_secret_is_shown(place: str, secret: Any) -> None:
    """A secret may stand in any argument: no error, `repr` or node of the client shows it."""
    arguments: dict[str, Any] = {"mchid": MCHID, **V3, "certs": {PUBLIC_KEY_ID: PUBLIC_PEM}}
    in_certs = {"id": {secret: PUBLIC_PEM}, "key": {"AB12": secret}}
    arguments |= {"certs": in_certs[place]} if place in in_certs else {place: secret}
    shown: list[object]
    try:
        with WeChatPay(**arguments) as wxpay:
            shown = [wxpay, wxpay["v3/x"], wxpay["v3/x"].get]
    except ConfigurationError as error:
        shown = [error, error.__cause__, vars(error)]
        shown += [] if error.__suppress_context__ else [error.__context__]
    text = "".join(map(repr, shown))
    middle = secret[len(secret) // 2 :][:20]
    assert middle not in (text.encode() if isinstance(secret, bytes) else text)


def test_a_directory_holds_keys_of_both_kinds(tmp_path: Path, certificate: Identity) -> None:
    """Certificates go by their serial number, public keys by their file's name."""
    (tmp_path / "any.pem").write_text(certificate.certificate)
    (tmp_path / f"{PUBLIC_KEY_ID}.pem").write_text(PUBLIC_PEM)
    for given in (tmp_path, str(tmp_path)):
        ring, directory = make_keyring(given, None)
        assert set(ring.keys) == {certificate.id, PUBLIC_KEY_ID}
        assert directory == tmp_path


def test_a_directory_to_come_needs_the_apiv3_key(tmp_path: Path) -> None:
    """With it, certificates are downloaded into a directory that does not exist yet."""
    ring, directory = make_keyring(tmp_path / "to come", APIV3_KEY.encode())
    assert (len(ring.keys), directory) == (0, tmp_path / "to come")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Sets `WECHATPAY_…` variables, and no others are."""
    names = ("MCHID", "SERIAL", "PRIVATE_KEY", "PUBLIC_KEY_ID", "PUBLIC_KEY", "CERTS_DIR")
    for name in (*names, "APIV3_KEY", "SECRET", "MERCHANT_CERT", "BASE_URL"):
        monkeypatch.delenv(PREFIX + name, raising=False)

    def set_them(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(PREFIX + name, str(value))

    return set_them


MERCHANT = {"MCHID": MCHID, "SERIAL": MERCHANT_SERIAL, "PRIVATE_KEY": PRIVATE_PEM}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"MCHID": MCHID, "SERIAL": "", "CERTS_DIR": ""}, {"certs": None}),
        ({"MCHID": MCHID, "SECRET": SECRET}, {"certs": None, "secret": SECRET}),
        (
            {
                "MCHID": MCHID,
                "APIV3_KEY": APIV3_KEY,
                "BASE_URL": "https://x.example/",
                "SERIAL": "",
            },
            {"certs": None, "apiv3_key": APIV3_KEY, "base_url": "https://x.example/"},
        ),
        (
            {**MERCHANT, "PUBLIC_KEY_ID": PUBLIC_KEY_ID, "PUBLIC_KEY": "pub_key.pem"},
            {
                "serial": MERCHANT_SERIAL,
                "private_key": PRIVATE_PEM,
                "certs": {PUBLIC_KEY_ID: "pub_key.pem"},
            },
        ),
        (
            {"MCHID": MCHID, "PRIVATE_KEY": PRIVATE_PEM.replace("\n", "\\n"), "CERTS_DIR": "certs"},
            {"private_key": PRIVATE_PEM.replace("\n", "\\n"), "certs": "certs"},
        ),
        (
            {"MCHID": MCHID, "PRIVATE_KEY": "C:\\new\\key.pem", "MERCHANT_CERT": "cert.pem"},
            {
                "private_key": "C:\\new\\key.pem",
                "certs": None,
                "merchant": ("cert.pem", "C:\\new\\key.pem"),
            },
        ),
    ],
)
def test_the_environment_becomes_arguments(
    environment: Callable[..., None], values: dict[str, str], expected: dict[str, Any]
) -> None:
    """Each variable is one argument; empty ones are as good as unset."""
    environment(**values)
    assert from_environment(os.environ, {}) == {"mchid": MCHID, **expected}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "WECHATPAY_MCHID is not set: it is the merchant number"),
        ({"MCHID": ""}, "WECHATPAY_MCHID is not set"),
        ({"MCHID": MCHID, "PUBLIC_KEY": "x"}, "PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY go together"),
        ({"MCHID": MCHID, "PUBLIC_KEY_ID": "x"}, "_ID and WECHATPAY_PUBLIC_KEY go together"),
        ({"MCHID": MCHID, "MERCHANT_CERT": "x"}, "MERCHANT_CERT needs WECHATPAY_PRIVATE_KEY"),
        ({"MCHID": MCHID, "SERIAL": "AB"}, "serial is of use only with private_key"),
        ({"MCHID": MCHID, "APIV3_KEY": "short"}, "apiv3_key must be 32 bytes"),
    ],
)
def test_an_environment_that_cannot_be_right_is_refused(
    environment: Callable[..., None], values: dict[str, str], message: str
) -> None:
    """What is missing is named as it is in the environment."""
    environment(**values)
    with pytest.raises(ConfigurationError, match=message):
        WeChatPay.from_env()


def test_a_client_of_the_environment_works(
    environment: Callable[..., None], wechat: WeChat, tmp_path: Path, certificate: Identity
) -> None:
    """A public key beside a directory of certificates verifies either's answers."""
    (tmp_path / "a.pem").write_text(certificate.certificate)
    escaped = PUBLIC_PEM.replace("\n", "\\n")
    environment(**MERCHANT, PUBLIC_KEY_ID=PUBLIC_KEY_ID, PUBLIC_KEY=escaped, CERTS_DIR=tmp_path)
    for identity in (wechat.identity, certificate):
        wechat.identity = identity
        with WeChatPay.from_env(http_client=wechat.client) as wxpay:
            assert wxpay.v3.certificates.get().extensions["wechatpay"].serial == identity.id


def test_arguments_win_over_the_environment(environment: Callable[..., None]) -> None:
    """What is passed need not be set, and what is set in its place is not even looked at."""
    environment(SECRET=SECRET, BASE_URL="https://x.example", PUBLIC_KEY="x", SIGNED_PREFIX="x")
    with WeChatPay.from_env(mchid="1230000109", certs=None, signed_prefix=True) as wxpay:
        assert repr(wxpay) == "<WeChatPay mchid=1230000109 at https://x.example/ over httpx>"


@pytest.mark.parametrize("escape", [False, True])
def test_mutual_tls_of_the_environment_loads(
    environment: Callable[..., None], merchant_key: RSAPrivateKey, escape: bool
) -> None:
    """The merchant's certificate goes with the private key, even with its line ends escaped."""
    pair = {"MERCHANT_CERT": certificate_pem(merchant_key, 5), **MERCHANT}
    values = {k: v.replace("\n", "\\n") if escape else v for k, v in pair.items()}
    environment(**values)
    network = Network(None, from_environment(os.environ, {})["merchant"])
    assert network.context((b"https", b"x", True)) is not network.context((b"https", b"x", False))


def test_a_signers_serial_is_not_contradicted(make_client: Callable[..., WeChatPay]) -> None:
    """A `serial` besides a `Signer` must be the signer's own."""

    class Remote:
        serial = MERCHANT_SERIAL

        def sign(self, message: bytes) -> str:
            return "x"

    make_client(private_key=Remote(), serial=MERCHANT_SERIAL)
    with pytest.raises(ConfigurationError, match="leave it out"):
        make_client(private_key=Remote(), serial="ABCDEF")
