"""Public key, certificates or both: which key the client names, and which it believes."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from gateway import (
    APIV3_KEY,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_identity,
    certificate_list,
    public_key_identity,
    rsa_key,
)
from gateway.answers import signature_headers
from ways import Ask, Way, client_of, each_way

from wechatpay import (
    ConfigurationError,
    TransportError,
    UnknownPlatformKey,
    WeChatPay,
    WeChatPayError,
)
from wechatpay._call import Hosts
from wechatpay._locks import TicketHolder
from wechatpay._v3 import Keyring, certificates

PATH = "/v3/certificates"
PUBLIC = rsa_key("platform").public_key()
CERTIFICATE = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "certified")
NEWER = certificate_identity(0x6257F09EFDC096DE15EBE81A47057A7232F1B8E2, "newer")


@pytest.mark.parametrize(
    ("certs", "named"),
    [
        ({PUBLIC_KEY_ID: PUBLIC}, PUBLIC_KEY_ID),
        ({CERTIFICATE.id: CERTIFICATE.certificate}, None),
        ({PUBLIC_KEY_ID: PUBLIC, CERTIFICATE.id: CERTIFICATE.certificate}, PUBLIC_KEY_ID),
    ],
)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_public_key_is_named_in_requests(
    gateway: Gateway, verb: str, certs: dict[str, Any], named: str | None
) -> None:
    """A public key's id goes out with each call, a certificate's with none."""
    gateway.default = Answer(signer=None if PUBLIC_KEY_ID in certs else CERTIFICATE)
    with client_of(gateway, certs=certs) as wxpay:
        getattr(wxpay["v3/x"], verb)()
    assert gateway.requests[0].headers.get("wechatpay-serial") == named


@each_way
def test_callers_own_serial_wins(gateway: Gateway, way: Way) -> None:
    """Who encrypts by hand names the key that was used, whatever the case of the header's name."""
    with client_of(gateway) as wxpay:
        way.call(wxpay["v3/x"], "post", headers={"wechatpay-serial": "AB12"})
    assert gateway.requests[0].headers["wechatpay-serial"] == "AB12"


@each_way
@pytest.mark.parametrize(
    ("signer", "trust"),
    [(CERTIFICATE, "download"), (public_key_identity(), None)],
    ids=["own", "public key"],
)
def test_switch_to_the_public_key(gateway: Gateway, way: Way, signer: Identity, trust: Any) -> None:
    """During the switch either kind signs: certificates are fetched when one turns up.

    The list itself is signed with the public key, for the request names that; if it is not, only
    who asked for that takes it.
    """
    gateway.routes[PATH] = certificate_list([CERTIFICATE], signer=signer)
    with client_of(gateway, apiv3_key=APIV3_KEY, trust=trust) as wxpay:
        for one in (public_key_identity(), CERTIFICATE, CERTIFICATE, public_key_identity()):
            gateway.script(Answer(signer=one))
            reply = way.call(wxpay["v3/x"], "post")
            assert reply.extensions["wechatpay"].serial == one.id
    assert [one.path for one in gateway.requests].count(PATH) == 1
    assert {one.headers["wechatpay-serial"] for one in gateway.requests} == {PUBLIC_KEY_ID}


@each_way
def test_list_signed_with_a_certificate_that_left_it(gateway: Gateway, way: Way) -> None:
    """A certificate that is held already may prove a list that no longer has it."""
    gateway.identity = CERTIFICATE
    gateway.routes[PATH] = certificate_list([NEWER], signer=CERTIFICATE)
    certs = {CERTIFICATE.id: CERTIFICATE.certificate}
    gateway.default = Answer(signer=NEWER)
    with client_of(gateway, certs=certs, apiv3_key=APIV3_KEY) as wxpay:
        assert way.call(wxpay["v3/x"]).extensions["wechatpay"].serial == NEWER.id


@pytest.mark.parametrize(
    ("signer", "apiv3_key"),
    [
        (CERTIFICATE, None),
        (Identity("PUB_KEY_ID_2", rsa_key("platform")), APIV3_KEY),
    ],
)
def test_unknown_key_that_cannot_be_fetched(
    gateway: Gateway, signer: Identity, apiv3_key: str | None
) -> None:
    """Nothing is fetched without the APIv3 key, nor for a public key, which is never given out."""
    gateway.default = Answer(signer=signer)
    with (
        client_of(gateway, apiv3_key=apiv3_key) as wxpay,
        pytest.raises(UnknownPlatformKey, match=PUBLIC_KEY_ID) as caught,
    ):
        wxpay["v3/x"].get()
    assert caught.value.serial == signer.id
    assert len(gateway.requests) == 1


@each_way
@pytest.mark.parametrize(
    "answer",
    [Answer(404), Answer(fault="reset"), certificate_list([CERTIFICATE], "x" * 32)],
    ids=["404", "reset", "other key"],
)
def test_unknown_key_stays_the_error(gateway: Gateway, way: Way, answer: Answer) -> None:
    """When the fetch fails the error is still about the answer; the failure is its cause."""
    gateway.routes[PATH] = answer
    gateway.default = Answer(signer=CERTIFICATE)
    with (
        client_of(gateway, apiv3_key=APIV3_KEY, retries=0) as wxpay,
        pytest.raises(UnknownPlatformKey) as caught,
    ):
        way.call(wxpay["v3/x"], "post")
    assert caught.value.outcome_unknown
    assert caught.value.response is not None
    assert caught.value.response.request.method == "POST"
    assert isinstance(caught.value.__cause__, WeChatPayError)


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://api.mch.weixin.qq.com/", "v3/certificates"),
        ("https://api.wechatpay.cn", "v3/certificates"),
        ("https://apihk.mch.weixin.qq.com/", "v3/global/certificates"),
        ("https://apius.mch.weixin.qq.com", "v3/global/certificates"),
        ("https://apieu.mch.weixin.qq.com/", "v3/global/certificates"),
        ("http://127.0.0.1:8080/", "v3/certificates"),
    ],
)
def test_overseas_hosts_have_their_certificates_elsewhere(base_url: str, path: str) -> None:
    """Each host is asked at its own path."""
    assert Hosts(base_url, ()).certificates_path == path


def test_overseas_merchant_fetches_there(gateway: Gateway) -> None:
    """A client of an overseas host really asks at that path."""
    gateway.identity = CERTIFICATE
    gateway.routes["/v3/global/certificates"] = certificate_list([CERTIFICATE])

    class Tunnel(httpx.HTTPTransport):
        """Reaches the gateway whatever the URL says."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
            return super().handle_request(request)

    port = httpx.URL(gateway.url).port
    with (
        httpx.Client(transport=Tunnel()) as http,
        client_of(
            "https://apihk.mch.weixin.qq.com/",
            certs=None,
            apiv3_key=APIV3_KEY,
            http_client=http,
        ) as wxpay,
    ):
        wxpay["v3/x"].get()
    assert [one.path for one in gateway.requests] == ["/v3/global/certificates", "/v3/x"]
    assert {one.headers["host"] for one in gateway.requests} == {"apihk.mch.weixin.qq.com"}


@each_way
def test_fetched_list_is_an_answer_like_any_other(gateway: Gateway, way: Way) -> None:
    """Asking for the certificates directly gives the list, verified by what was fetched before."""
    gateway.identity = CERTIFICATE
    gateway.routes[PATH] = certificate_list([CERTIFICATE])
    with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
        reply = way.send(Ask(wxpay.v3.certificates))
    assert reply.json()["data"][0]["serial_no"] == CERTIFICATE.id
    assert len(gateway.requests) == 2


def notification(who: Identity) -> tuple[dict[str, str], bytes]:
    """Return the headers and body of a notification that `who` signed just now."""
    sealed = AESGCM(APIV3_KEY.encode()).encrypt(b"fdasflkja484", b'{"paid":true}', b"transaction")
    resource = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "associated_data": "transaction",
        "nonce": "fdasflkja484",
    }
    fields = {
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "-",
        "resource": resource,
    }
    body = json.dumps(fields).encode()
    headers = signature_headers(who, body, str(int(time.time())))
    return {name: str(value) for name, value in headers.items()}, body


def notify(wxpay: WeChatPay, way: Way, who: Identity) -> object:
    """Give a client a notification, and return what was sealed in it."""
    headers, body = notification(who)
    if not way.is_async:
        return wxpay.notification(headers, body).resource
    return way.run(lambda: wxpay.notification_async(headers, body)).resource


@each_way
def test_notification_fetches_certificates_like_an_answer(gateway: Gateway, way: Way) -> None:
    """Before the first one, and when a new certificate turns up; and each time only once."""
    gateway.identity = CERTIFICATE
    gateway.routes[PATH] = certificate_list([CERTIFICATE])
    with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
        assert notify(wxpay, way, CERTIFICATE) == {"paid": True}
        gateway.routes[PATH] = certificate_list([CERTIFICATE, NEWER])
        for _ in range(2):
            assert notify(wxpay, way, NEWER) == {"paid": True}
    assert [one.path for one in gateway.requests] == [PATH, PATH]


@each_way
def test_notification_without_a_way_to_fetch(gateway: Gateway, way: Way) -> None:
    """Fetching takes the merchant's own key to sign with, and the error says so."""
    with (
        client_of(gateway, serial=None, private_key=None, certs=None, apiv3_key=APIV3_KEY) as wxpay,
        pytest.raises(ConfigurationError, match="pass private_key and serial"),
    ):
        notify(wxpay, way, CERTIFICATE)
    assert gateway.requests == []


def test_a_follower_without_keys_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that waited too long and has no keys gets an error before anything is sent."""
    monkeypatch.setattr(certificates, "LONGEST_WAIT", 0.01)
    ring, leader = Keyring(), TicketHolder()
    assert ring.ticket.take(leader)
    with pytest.raises(TransportError, match="still being downloaded") as caught:
        list(certificates.refresh(ring, lambda: pytest.fail("fetched"), lambda: True))
    assert not caught.value.outcome_unknown


def test_a_network_that_fails_does_not_make_an_id_a_forged_one(gateway: Gateway) -> None:
    """A new certificate is fetched by the next call when the fetch for the last one broke."""
    new = certificate_identity(0xA1)
    listed = certificate_list([new], signer=public_key_identity())
    broken = iter([Answer(fault="reset"), listed])
    gateway.routes["/v3/certificates"] = lambda _: next(broken)
    gateway.default = Answer(signer=new)
    with client_of(gateway, apiv3_key=APIV3_KEY, retries=0) as wxpay:
        node = wxpay["v3/anything/else"]
        with pytest.raises(UnknownPlatformKey) as caught:
            node.get()
        assert isinstance(caught.value.__cause__, TransportError)
        assert node.get().extensions["wechatpay"].serial == new.id
