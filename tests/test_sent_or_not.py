"""Whether a request was sent: told by what happened, at every point where a call can break.

A server counts the bytes of requests that it got. "Never sent" while it got one would have a
payment made twice; that is what no fault may bring about, on any transport.
"""

from __future__ import annotations

import random
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from gateway import ANSWER, HEAD, Authority, Break, Breaking, closed_port
from soak import TIMES
from ways import ALL, Way, each_way

from wechatpay import ConfigurationError
from wechatpay._wire import AsyncWire, Failure, Network, Send, Wire, chosen

LONG = httpx.Timeout(20)
SHORT = httpx.Timeout(20, read=0.1)
SHORT_CONNECT = httpx.Timeout(20, connect=0.1, pool=0.1)
VERBS = ("GET", "POST", "PUT", "DELETE")
BODY = b'{"out_trade_no":"20261127"}' * 40
SENT, UNSENT = True, False


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's certificate, and its root where the environment names it."""
    folder = tmp_path_factory.mktemp("tls")
    context = Authority().server_context(folder)
    roots["root"] = str(folder / "root.pem")
    return context


roots: dict[str, str] = {}


@pytest.fixture(autouse=True)
def environment(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the server, and know no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", roots["root"])


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Plain, or over TLS."""
    scheme: str = request.param
    return scheme


@pytest.fixture
def server(scheme: str, tls: ssl.SSLContext) -> Iterator[Breaking]:
    """A server that breaks off as it is told."""
    with Breaking(tls if scheme == "https" else None) as server:
        yield server


@pytest.fixture
def secure(tls: ssl.SSLContext) -> Iterator[Breaking]:
    """The same, over TLS."""
    with Breaking(tls) as server:
        yield server


def send(
    way: Way,
    *sends: tuple[str, str],
    limit: httpx.Timeout = LONG,
    between: Callable[[], object] = lambda: None,
) -> list[Any]:
    """Send requests (verb and URL) in turn over one client's connections; return what came of it.

    That is an answer, or a `Failure` or other error.
    """
    network = Network(limit, None, "", chosen(way.transport))

    def step(verb: str, url: str) -> Send:
        body = BODY if verb in ("POST", "PUT") else b""
        extensions = {"timeout": network.limits}
        return Send(
            httpx.Request(verb, url, content=body or None, extensions=extensions), False, None
        )

    outcomes: list[Any] = []
    if not way.is_async:
        wire = Wire(network, None)
        for one in sends:
            try:
                outcomes.append(wire.perform(step(*one)))
            except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
                outcomes.append(error)
            between()
        wire.close()
        return outcomes

    async def main() -> None:
        wire = AsyncWire(network, None)
        for one in sends:
            try:
                outcomes.append(await wire.perform(step(*one)))
            except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
                outcomes.append(error)
            between()
        await wire.aclose()

    way.run(main)
    return outcomes


def limit_for(how: str, step: str = "answer") -> httpx.Timeout:
    """Return the time limits of a call: short where one has to run out, and only there."""
    if how != "hang":
        return LONG
    return SHORT_CONNECT if step in ("tunnel", "handshake") else SHORT


def verbs_for(how: str) -> Sequence[str]:
    """Return the verbs to try: one where each has to wait for its time limit."""
    return ("POST",) if how == "hang" else VERBS


def check(server: Breaking, verb: str, outcome: Any, expected: bool) -> None:
    """Check that an outcome is a failure, as expected, and never "unsent" against the count."""
    server.settle()
    assert isinstance(outcome, Failure), (verb, outcome)
    assert outcome.sent is expected, (verb, outcome.stage, outcome.reason, outcome.__cause__)
    if not outcome.sent:
        assert server.received == 0


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["cut", "reset", "hang", "junk"])
@pytest.mark.parametrize("at", [1, 40, 700])
def test_request_half_written(server: Breaking, scheme: str, way: Way, how: Any, at: int) -> None:
    """In the head or in the body: once a byte arrived it was sent, and aiohttp sends none twice."""
    for verb in verbs_for(how):
        server.fault, server.received = Break("request", how, at), 0
        before = server.connections
        (outcome,) = send(way, (verb, f"{scheme}://{server.address}/v3/x"), limit=limit_for(how))
        check(server, verb, outcome, SENT)
        assert server.received > 0
        assert server.connections == before + 1


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["cut", "reset", "hang"])
@pytest.mark.parametrize("at", [1, HEAD - 5, HEAD + 5], ids=["status", "head", "body"])
def test_answer_half_read(server: Breaking, scheme: str, way: Way, how: Any, at: int) -> None:
    """An answer that breaks off in its head or in its body leaves the outcome open."""
    for verb in verbs_for(how):
        server.fault, server.received = Break("answer", how, at), 0
        (outcome,) = send(way, (verb, f"{scheme}://{server.address}/v3/x"), limit=limit_for(how))
        check(server, verb, outcome, SENT)
        assert outcome.reason == ("timeout" if how == "hang" else "closed"), outcome.__cause__


@each_way
@pytest.mark.parametrize("how", ["cut", "reset"])
def test_answer_that_ends_with_its_connection(way: Way, how: Any) -> None:
    """It is whole if that ended in good order, and only then."""
    with Breaking() as server:
        server.answer = b"HTTP/1.1 200 OK\r\n\r\nwhole or not"
        server.fault = Break("answer", how, len(server.answer))
        (outcome,) = send(way, ("GET", f"http://{server.address}/v3/x"))
        if how == "reset":
            check(server, "GET", outcome, SENT)
            assert outcome.reason == "closed"
        else:
            assert outcome.text == "whole or not"


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["cut", "reset", "hang", "junk"])
def test_handshake_that_breaks(secure: Breaking, way: Way, how: Any) -> None:
    """Until TLS stands nothing of a request has left."""
    for verb in verbs_for(how):
        secure.fault = Break("handshake", how, 5)
        (outcome,) = send(
            way, (verb, f"https://{secure.address}/v3/x"), limit=limit_for(how, "handshake")
        )
        check(secure, verb, outcome, UNSENT)
        assert outcome.reason == ("timeout" if how == "hang" else "tls"), outcome.__cause__


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["cut", "reset", "hang", "junk", "refuse"])
def test_tunnel_that_breaks(
    secure: Breaking, way: Way, how: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a proxy gets of `CONNECT` is not the request."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{secure.address}")
    for verb in verbs_for(how):
        secure.fault = Break("tunnel", how)
        (outcome,) = send(way, (verb, "https://127.0.0.1:9/v3/x"), limit=limit_for(how, "tunnel"))
        check(secure, verb, outcome, UNSENT)
        assert outcome.reason == ("timeout" if how == "hang" else "proxy"), outcome.__cause__


@each_way
@pytest.mark.parametrize("how", ["cut", "reset", "hang"])
def test_handshake_in_a_tunnel_that_breaks(
    secure: Breaking, way: Way, how: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy has let it through, and still nothing has left."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{secure.address}")
    for verb in verbs_for(how):
        secure.fault = Break("handshake", how, 5)
        (outcome,) = send(
            way, (verb, "https://127.0.0.1:9/v3/x"), limit=limit_for(how, "handshake")
        )
        check(secure, verb, outcome, UNSENT)


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["cut", "reset", "hang"])
def test_request_half_written_into_a_tunnel(
    secure: Breaking, way: Way, how: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy that let it through, a byte that arrived is sent as well."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{secure.address}")
    for verb in verbs_for(how):
        secure.fault, secure.received = Break("request", how, 20), 0
        (outcome,) = send(way, (verb, f"https://{secure.address}/v3/x"), limit=limit_for(how))
        check(secure, verb, outcome, SENT)
        assert secure.received > 0


@each_way
def test_closed_port(way: Way) -> None:
    """Nobody listens: nothing was sent."""
    with closed_port() as url:
        for verb in VERBS:
            (outcome,) = send(way, (verb, f"{url}v3/x"))
            assert isinstance(outcome, Failure)
            assert (outcome.sent, outcome.reason) == (UNSENT, "connect")


@each_way
def test_name_that_does_not_resolve(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no such host: nothing was sent."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for verb in VERBS:
        (outcome,) = send(way, (verb, "http://nope.invalid/v3/x"))
        assert isinstance(outcome, Failure)
        assert (outcome.sent, outcome.reason) == (UNSENT, "resolve"), outcome.__cause__


@each_way
@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.com"])
def test_name_that_is_none(way: Way, host: str) -> None:
    """No trying will make a host of it."""
    (outcome,) = send(way, ("POST", f"http://{host}/v3/x"))
    assert isinstance(outcome, ConfigurationError)
    assert host in str(outcome)


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("how", ["cut", "reset"])
def test_connection_that_was_closed_while_idle(
    server: Breaking, scheme: str, way: Way, how: Any
) -> None:
    """It is not used again: the second call is answered on a new one, whatever its verb."""
    for verb in VERBS:
        url = f"{scheme}://{server.address}/v3/x"
        server.fault = Break("idle", how)
        before = server.connections
        outcomes = send(way, (verb, url), (verb, url), between=server.settle)
        assert [getattr(one, "status_code", one) for one in outcomes] == [200, 200]
        assert server.connections == before + 2


def random_fault(dice: random.Random, *, secure: bool, proxied: bool) -> Break:
    """Return any fault at any point that such a call comes by."""
    steps = ["request", "answer", *["handshake"] * secure, *["tunnel"] * proxied]
    step: Any = dice.choice(steps)
    # A hang costs the time limit, so there are fewer of them.
    way: Any = dice.choice([*["cut", "reset", "junk", "refuse"] * 3, "hang"])
    most = {"answer": len(ANSWER), "request": dice.choice([120, 1200]), "handshake": 500}
    return Break(step, way, dice.randrange(most.get(step, 1)))


@pytest.mark.untraced
@pytest.mark.soak
@pytest.mark.parametrize("way", ALL, ids=lambda way: way.name)
def test_random_faults(tls: ssl.SSLContext, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any faults in a row, none is called unsent with a byte received; and few the other way."""
    number = 60 if TIMES == 1 else 10_000
    told = faults(tls, way, number, monkeypatch)
    assert told["unsent, bytes received"] == 0
    # What a server resets before it has read it was sent all the same.
    assert told["sent, nothing received"] <= number / 50
    assert told["unsent, nothing received"] > number / 20
    assert told["sent, bytes received"] > number / 4
    assert sum(told.values()) == number


def faults(
    tls: ssl.SSLContext, way: Way, number: int, monkeypatch: pytest.MonkeyPatch
) -> Counter[str]:
    """Send requests into random faults, and count what was said of them against what arrived."""
    dice, told = random.Random(number * len(way.name)), Counter[str]()
    for _ in range(number):
        proxied, scheme = dice.random() < 0.3, dice.choice(["http", "https"])
        with Breaking(tls if scheme == "https" else None) as server:
            if proxied and scheme == "https":
                monkeypatch.setenv("HTTPS_PROXY", f"http://{server.address}")
            else:
                monkeypatch.delenv("HTTPS_PROXY", raising=False)
            secure = scheme == "https"
            fault = server.fault = random_fault(dice, secure=secure, proxied=proxied and secure)
            url, verb = f"{scheme}://{server.address}/v3/x", dice.choice(VERBS)
            (outcome,) = send(way, (verb, url), limit=limit_for(fault.way, fault.step))
        if isinstance(outcome, httpx.Response):
            told["answered"] += 1
        elif not isinstance(outcome, Failure):
            raise AssertionError(f"{fault} on {verb}: {outcome!r}")
        else:
            said = "sent" if outcome.sent else "unsent"
            got = "bytes received" if server.received else "nothing received"
            told[f"{said}, {got}"] += 1
    return told
