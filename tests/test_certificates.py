"""Platform certificates: fetched by the first call, verified, renewed, and fetched once for all."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from gateway import (
    APIV3_KEY,
    Answer,
    Gateway,
    Identity,
    Request,
    certificate_identity,
    certificate_list,
    rsa_key,
)
from patience import until_async
from soak import TIMES
from ways import AIOHTTP, SYNC, Ask, Way, client_of, each_async_way, each_way

from wechatpay import (
    APIError,
    ConfigurationError,
    DecryptionError,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
    WeChatPayError,
)
from wechatpay._locks import TicketHolder
from wechatpay._v3 import Keyring, PlatformKey, certificates, keyring, unseal_keys
from wechatpay._v3.certificates import refresh
from wechatpay._wire import Wait

PATH = "/v3/certificates"
OLD = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "old platform")
NEW = certificate_identity(0x6257F09EFDC096DE15EBE81A47057A7232F1B8E2, "new platform")
STRANGER = certificate_identity(0x7357F09EFDC096DE15EBE81A47057A7232F1B8E3, "stranger")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about how often a caller looks whether another has finished."""
    monkeypatch.setattr(certificates, "POLL", 0.001)


@pytest.fixture
def platform(gateway: Gateway) -> Gateway:
    """A WeChat Pay that signs with a certificate, and gives it out."""
    gateway.identity = OLD
    gateway.routes[PATH] = certificate_list([OLD])
    return gateway


def merchant(gateway: Gateway, **more: Any) -> WeChatPay:
    """Return a client that has no key of WeChat Pay's."""
    return client_of(gateway, **{"certs": None, "apiv3_key": APIV3_KEY, **more})


def fetches(gateway: Gateway) -> int:
    """Count how often the certificates were asked for."""
    return [one.path for one in gateway.requests].count(PATH)


@each_way
def test_first_call_fetches_the_certificates(platform: Gateway, way: Way) -> None:
    """They are had before the call is made, once, and prove its answer; no call names a key."""
    with merchant(platform) as wxpay:
        assert platform.connections == 0
        reply = way.send(Ask(wxpay["v3/x"], "post"), Ask(wxpay["v3/x"], "post"))
    assert reply.extensions["wechatpay"].serial == OLD.id
    assert [one.path for one in platform.requests] == [PATH, "/v3/x", "/v3/x"]
    assert all(one.is_signed_by(rsa_key("merchant")) for one in platform.requests)
    assert not any("wechatpay-serial" in one.headers for one in platform.requests)


ADVICE = "most likely this merchant has no platform certificates but WeChat Pay's public key"
REFUSALS: dict[str, tuple[Answer, type[WeChatPayError], str]] = {
    "404": (
        Answer(404, {"code": "RESOURCE_NOT_EXISTS", "message": "无可用的平台证书"}),
        ConfigurationError,
        rf"404 RESOURCE_NOT_EXISTS\. 无可用的平台证书\. \[Request-ID [^\]]+\]: {ADVICE}",
    ),
    "403": (Answer(403, {"code": "NO_AUTH"}), APIError, "v3/certificates: 403 NO_AUTH"),
    "limit": (
        Answer(403, {"code": "RULE_LIMIT", "message": "超限"}),
        APIError,
        r"v3/certificates: 403 RULE_LIMIT\. 超限\. \[Request-ID ",
    ),
    "filter": (
        Answer(403, b"<html>blocked</html>", {"Content-Type": "text/html"}),
        APIError,
        r"403 \(no code\)\. Not WeChat Pay's JSON but 20 bytes of text/html",
    ),
    "another 404": (Answer(404, {"code": "X"}), APIError, "v3/certificates: 404 X"),
    "a page's 404": (Answer(404, b"<html>"), APIError, r"404 \(no code\)"),
    "500": (Answer(500, {"code": "SYSTEM_ERROR"}), APIError, "500 SYSTEM_ERROR"),
    "empty": (certificate_list([]), ConfigurationError, f"with an empty list: {ADVICE}"),
    "204": (Answer(204, b""), ConfigurationError, f"with an empty list: {ADVICE}"),
    "401": (Answer(401, {"code": "SIGN_ERROR"}), APIError, "GET v3/certificates: 401 SIGN_ERROR"),
    "other key": (certificate_list([OLD], "x" * 32), DecryptionError, "."),
    "forged": (
        certificate_list([OLD], signer=Identity(OLD.id, STRANGER.key)),
        VerificationError,
        "the signature is not",
    ),
    "other id": (certificate_list([OLD], signer=STRANGER), UnknownPlatformKey, STRANGER.id),
    "no list": (Answer(body=b"[]"), VerificationError, "not a list of platform certificates"),
    "lost": (Answer(fault="reset"), TransportError, "GET v3/certificates got no whole answer"),
}


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("refusal", REFUSALS)
def test_no_certificates_no_call(platform: Gateway, way: Way, refusal: str) -> None:
    """Without certificates that prove themselves nothing else is sent, and the error says why."""
    platform.routes[PATH], kind, words = REFUSALS[refusal]
    with merchant(platform, retries=0) as wxpay, pytest.raises(kind, match=words) as caught:
        way.call(wxpay.v3.pay.transactions.native, "post")
    assert type(caught.value) is kind
    assert not getattr(caught.value, "outcome_unknown", False)
    assert {one.path for one in platform.requests} == {PATH}


def test_advice_says_what_to_pass(platform: Gateway) -> None:
    """The error of public-key merchants names the argument that they need, and its cause."""
    platform.routes[PATH] = Answer(404, {"code": "RESOURCE_NOT_EXISTS"})
    with merchant(platform) as wxpay, pytest.raises(ConfigurationError) as caught:
        wxpay["v3/x"].get()
    assert 'certs={"PUB_KEY_ID_…": "pub_key.pem"}' in str(caught.value)
    assert isinstance(caught.value.__cause__, APIError)


ENTRY = json.loads(certificate_list([OLD]).content)["data"][0]


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"7",
        b"{}",
        b'{"data": 7}',
        b'{"data": [7]}',
        b'{"data": [{}]}',
        b"{",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"data": [{**ENTRY, "effective_time": "soon"}]}).encode(),
        json.dumps({"data": [{**ENTRY, "encrypt_certificate": None}]}).encode(),
        json.dumps({"data": [{**ENTRY, "serial_no": 5}]}).encode(),
    ],
)
def test_what_is_no_list_of_certificates(body: bytes) -> None:
    """Whatever else the answer is, it is refused by the right type."""
    with pytest.raises(VerificationError, match="not a list of platform certificates"):
        unseal_keys(body, APIV3_KEY.encode())


def test_times_may_end_in_z() -> None:
    """An effective time in UTC is as good as one in Beijing's."""
    entry = {**ENTRY, "effective_time": "2020-01-01T00:00:00Z"}
    (key,) = unseal_keys(json.dumps({"data": [entry]}).encode(), APIV3_KEY.encode())
    assert key.effective == 1577836800


@pytest.fixture
def aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates are due for renewal as soon as they are there."""
    monkeypatch.setattr(keyring, "MAX_AGE", -1.0)


@each_way
@pytest.mark.usefixtures("aged")
def test_old_certificates_are_renewed(platform: Gateway, way: Way) -> None:
    """After eleven hours the next call fetches them anew, and all of them are replaced."""
    with merchant(platform) as wxpay:
        way.call(wxpay["v3/x"])
        platform.identity = NEW
        platform.routes[PATH] = certificate_list([NEW])
        assert way.call(wxpay["v3/x"]).extensions["wechatpay"].serial == NEW.id
        platform.identity = OLD
        platform.routes[PATH] = certificate_list([NEW])
        with pytest.raises(UnknownPlatformKey):
            way.call(wxpay["v3/x"])


@each_way
@pytest.mark.usefixtures("aged")
@pytest.mark.parametrize("refusal", REFUSALS)
def test_failed_renewal_stops_no_call(
    platform: Gateway, way: Way, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    """While they cannot be renewed the old ones serve; that is logged, and tried again later."""
    with merchant(platform, retries=0) as wxpay:
        way.call(wxpay["v3/x"])
        platform.routes[PATH], kind, _ = REFUSALS[refusal]
        for _ in range(3):
            assert way.call(wxpay["v3/x"]).status_code == 200
    assert fetches(platform) == 2
    assert caplog.messages.count(f"platform certificates not renewed: {kind.__name__}") == 1


def rotate(gateway: Gateway) -> None:
    """Sign with the new certificate from now on; giving it out takes a while."""
    gateway.identity = NEW
    listed = certificate_list([OLD, NEW], signer=NEW)
    gateway.routes[PATH] = Answer(body=listed.body, signer=NEW, delay=0.1)


def test_rotation_under_50_threads(platform: Gateway) -> None:
    """A new certificate appears while fifty threads call: one of them fetches it, none fails."""
    with merchant(platform) as wxpay, ThreadPoolExecutor(50) as pool:
        wxpay["v3/x"].get()
        rotate(platform)
        together = threading.Barrier(50)

        def call(_: int) -> str:
            together.wait()
            reply = wxpay["v3/x"].post(json={"a": 1})
            serial: str = reply.extensions["wechatpay"].serial
            return serial

        assert set(pool.map(call, range(50))) == {NEW.id}
    assert fetches(platform) == 2


def gather(way: Way, call: Callable[[], Any], number: int) -> list[Any]:
    """Make calls at once in one event loop, and return their answers or errors."""
    found: list[Any] = []

    async def one() -> None:
        try:
            found.append(await call())
        except WeChatPayError as error:
            found.append(error)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(number):
                group.start_soon(one)

    way.run(main)
    return found


@pytest.mark.untraced
@each_async_way
def test_rotation_under_50_tasks(platform: Gateway, way: Way) -> None:
    """A new certificate appears while fifty tasks call: one of them fetches it, none fails."""
    with merchant(platform) as wxpay:
        wxpay["v3/x"].get()
        rotate(platform)
        replies = gather(way, lambda: wxpay["v3/x"].post_async(), 50)
    assert [one.extensions["wechatpay"].serial for one in replies] == [NEW.id] * 50
    assert fetches(platform) == 2


@each_async_way
@pytest.mark.parametrize("refusal", ["404", "forged", "401"])
def test_followers_share_the_leaders_failure(platform: Gateway, way: Way, refusal: str) -> None:
    """Of calls that come at once one asks; its failure is everybody's, each with its own error."""
    answer, kind, words = REFUSALS[refusal]
    platform.routes[PATH] = dataclasses.replace(answer, delay=0.1)
    with merchant(platform) as wxpay:
        errors = gather(way, lambda: wxpay["v3/x"].get_async(), 10)
    assert {type(error) for error in errors} == {kind}
    assert all(re.search(words, str(error)) for error in errors)
    assert len({id(error) for error in errors}) == 10
    assert fetches(platform) == 1


@each_async_way
def test_cancelled_leader_is_succeeded(platform: Gateway, way: Way) -> None:
    """When the call that fetches is cancelled, one that waits fetches in its place."""
    answers = [Answer(fault="hang"), certificate_list([OLD])]
    platform.routes[PATH] = lambda request: answers.pop(0)
    statuses: list[int] = []

    async def main() -> None:
        async with anyio.create_task_group() as group:
            leader = anyio.CancelScope()

            async def lead() -> None:
                with leader:
                    await wxpay["v3/x"].get_async()

            async def follow() -> None:
                statuses.append((await wxpay["v3/x"].get_async()).status_code)

            group.start_soon(lead)
            await until_async(lambda: platform.requests)
            group.start_soon(follow)
            await anyio.sleep(0.02)
            assert fetches(platform) == 1
            leader.cancel()

    with merchant(platform) as wxpay:
        way.run(main)
    assert statuses == [200]
    assert fetches(platform) == 2


@each_async_way
def test_cancelled_lookup_leaves_no_trace(platform: Gateway, way: Way) -> None:
    """A call cancelled while it looks up a new certificate does not brand that as forged."""
    with merchant(platform) as wxpay:
        way.call(wxpay["v3/x"])
        rotate(platform)
        platform.routes[PATH] = Answer(fault="hang")

        async def main() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(wxpay["v3/x"].get_async)
                await until_async(lambda: fetches(platform) == 2)
                group.cancel_scope.cancel()

        way.run(main)
        rotate(platform)
        assert way.call(wxpay["v3/x"]).extensions["wechatpay"].serial == NEW.id
    assert fetches(platform) == 3


def ring_of(*identities: Identity) -> Keyring:
    """Return a ring that holds these."""
    return Keyring(PlatformKey(one.id, one.key.public_key()) for one in identities)


def never() -> Generator[Any, Any, list[PlatformKey]]:
    """Be a download that is not to be."""
    raise AssertionError
    yield


def test_follower_waits_for_the_leader_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leader that never comes back does not hold up the others for ever."""
    monkeypatch.setattr(certificates, "LONGEST_WAIT", 0.01)
    ring = ring_of(OLD)
    leader = TicketHolder()
    assert ring.ticket.take(leader)
    steps = list(refresh(ring, never, lambda: True))
    assert len(steps) > 5
    assert set(steps) == {Wait(certificates.POLL, leader.thread)}


def test_follower_with_keys_goes_on_after_a_failure() -> None:
    """The leader's failure is not raised to those who can do without."""
    ring = ring_of(OLD)
    leader = TicketHolder()
    assert ring.ticket.take(leader)
    follower = refresh(ring, never, lambda: True)
    assert isinstance(next(follower), Wait)
    ring.failure = DecryptionError("no")
    ring.finished += 1
    assert list(follower) == []
    assert ring.ticket.holder is leader


def test_nobody_fetches_what_another_has_fetched() -> None:
    """Who gets the ticket after all was done sees that it is no longer needed."""
    assert list(refresh(ring_of(OLD), never, lambda: False)) == []


def forger() -> Callable[[Request], Answer]:
    """Return what answers each request under another made-up id."""
    ids = itertools.count(1)
    return lambda request: Answer(signer=Identity(f"F0{next(ids):X}", STRANGER.key))


@pytest.mark.soak
@pytest.mark.untraced
@each_way
def test_forged_ids_cause_one_fetch(
    platform: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ids come by, they make the client ask for certificates once in a while at most."""
    monkeypatch.setattr(keyring, "FORGED_ID_INTERVAL", 1e6)  # a busy machine needs a minute
    number = (1000 if way in (SYNC, AIOHTTP) else 100) // (5 if TIMES == 1 else 1)
    platform.default = forger()
    with merchant(platform) as wxpay:
        if way.is_async:
            errors = gather(way, lambda: wxpay["v3/x"].post_async(), number)
        else:
            errors = list[Any]()
            for _ in range(number):
                with pytest.raises(UnknownPlatformKey) as caught:
                    wxpay["v3/x"].post()
                errors.append(caught.value)
    assert {type(error) for error in errors} == {UnknownPlatformKey}
    assert len(errors) == number
    assert fetches(platform) == 2


def test_forged_ids_may_cause_another_fetch_later(
    platform: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the minute is over an unknown id is looked up again, for it may be a new one."""
    monkeypatch.setattr(keyring, "FORGED_ID_INTERVAL", 0.0)
    platform.default = forger()
    with merchant(platform) as wxpay:
        for _ in range(3):
            with pytest.raises(UnknownPlatformKey):
                wxpay["v3/x"].get()
    assert fetches(platform) == 4
