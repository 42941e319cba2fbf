"""A network that fails in every way it can: what the caller is told, and what is sent again."""

from __future__ import annotations

import socket
import time
from email.utils import formatdate
from typing import Any

import anyio
import httpx
import pytest
from gateway import Answer, Fault, Gateway, Request, closed_port, rsa_key, silent_port
from patience import LONG, until_async
from ways import Ask, Way, client_of, each_way

from wechatpay import (
    APIError,
    ConfigurationError,
    TransportError,
    VerificationError,
    WeChatPayError,
)

CHANGING = ("post", "put", "patch", "delete")
UNKNOWN = "Its outcome is unknown: query it"


def outcome(way: Way, gateway: Gateway | str, verb: str, **more: Any) -> WeChatPayError:
    """Make a call that fails, and return the error."""
    retries = more.pop("retries", 2)
    with client_of(gateway, retries=retries) as wxpay, pytest.raises(WeChatPayError) as caught:
        way.call(wxpay.v3.pay.transactions.id._transaction_id_, verb, transaction_id="42", **more)
    return caught.value


@each_way
@pytest.mark.parametrize("verb", ["get", *CHANGING])
@pytest.mark.parametrize("fault", ["reset", "close", "truncate", "garbage"])
def test_lost_answer(gateway: Gateway, way: Way, verb: str, fault: Fault) -> None:
    """A lost answer leaves a change's outcome unknown and is asked for again only by a query."""
    gateway.default = Answer(fault=fault)
    error = outcome(way, gateway, verb)
    assert type(error) is TransportError
    assert error.outcome_unknown is (verb != "get")
    assert (UNKNOWN in str(error)) is (verb != "get")
    assert len(gateway.requests) == (3 if verb == "get" else 1)


@each_way
@pytest.mark.parametrize("verb", ["get", "post"])
def test_read_timeout(gateway: Gateway, way: Way, verb: str) -> None:
    """A server that falls silent after it was asked may have done what it was asked."""
    gateway.default = Answer(fault="hang")
    error = outcome(way, gateway, verb, timeout=httpx.Timeout(LONG, read=0.05), retries=0)
    assert isinstance(error, TransportError)
    assert error.outcome_unknown is (verb == "post")
    assert gateway.wait_until(lambda gateway: len(gateway.requests) == 1)


@each_way
def test_connect_timeout(way: Way) -> None:
    """A server that cannot be reached in time got nothing, so a change may be tried again."""
    with silent_port() as url:
        error = outcome(way, url, "post", timeout=0.05, retries=1)
    assert isinstance(error, TransportError)
    assert not error.outcome_unknown
    assert "was never sent, nothing happened" in str(error)
    assert ", 2 tries)" in str(error)


@each_way
@pytest.mark.parametrize("verb", ["get", "post"])
def test_refused_connection(way: Way, verb: str) -> None:
    """Nobody listens: nothing was sent, whatever was asked."""
    with closed_port() as url:
        error = outcome(way, url, verb)
    assert isinstance(error, TransportError)
    assert not error.outcome_unknown
    assert ", 3 tries)" in str(error)


@each_way
@pytest.mark.parametrize(
    "timeout", [0.05, httpx.Timeout(LONG, read=0.05), httpx.Timeout(None, read=0.05)]
)
def test_timeout_of_one_call(gateway: Gateway, way: Way, timeout: object) -> None:
    """`timeout=` holds for its call and no other, and may be httpx's own."""
    gateway.routes["/v3/silent"] = Answer(fault="hang")
    gateway.default = Answer(delay=0.1)
    with client_of(gateway, retries=0) as wxpay:
        with pytest.raises(TransportError):
            way.call(wxpay["v3/silent"], timeout=timeout)
        assert way.call(wxpay["v3/x"]).status_code == 200


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("verb", CHANGING)
@pytest.mark.parametrize("fault", ["reset", "close"])
def test_kept_connection_that_breaks(gateway: Gateway, way: Way, verb: str, fault: Fault) -> None:
    """A change lost on a connection that was used before is not sent again behind our back."""
    gateway.script(Answer(), Answer(fault=fault))
    with client_of(gateway) as wxpay, pytest.raises(TransportError) as caught:
        way.send(Ask(wxpay["v3/x"]), Ask(wxpay["v3/x"], verb))
    assert caught.value.outcome_unknown
    assert [one.method for one in gateway.requests] == ["GET", verb.upper()]
    assert [one.connection for one in gateway.requests] == [1, 1]


@each_way
def test_kept_connection_that_was_closed(gateway: Gateway, way: Way) -> None:
    """Where WeChat Pay closed an idle connection, the next call quietly opens another."""
    gateway.script(Answer(last=True))

    def gone(request: Request) -> Answer:
        return Answer(body={"connection": request.connection})

    gateway.default = gone
    with client_of(gateway, retries=0) as wxpay:
        if way.is_async:

            async def two() -> httpx.Response:
                await wxpay["v3/x"].get_async()
                await until_async(lambda: gateway.open == 0)
                await anyio.sleep(0.01)  # for the event loop to hear of it
                return await wxpay["v3/x"].get_async()

            reply = way.run(two)
        else:
            wxpay["v3/x"].get()
            assert gateway.wait_until(lambda gateway: gateway.open == 0)
            reply = wxpay["v3/x"].get()
    assert reply.json() == {"connection": 2}


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize(
    "fault",
    [Answer(fault="reset"), Answer(500), Answer(503), Answer(429, headers={"Retry-After": "0"})],
    ids=["reset", "500", "503", "429"],
)
def test_query_is_signed_anew_for_each_try(gateway: Gateway, way: Way, fault: Answer) -> None:
    """A query that failed twice is answered in the end, under a nonce of its own each time."""
    gateway.script(fault, fault)
    with client_of(gateway) as wxpay:
        assert way.call(wxpay["v3/x"], params={"mchid": "1"}).status_code == 200
    assert len(gateway.requests) == 3
    assert len({one.claims["nonce_str"] for one in gateway.requests}) == 3
    assert len({one.claims["signature"] for one in gateway.requests}) == 3
    assert all(one.is_signed_by(rsa_key("merchant")) for one in gateway.requests)


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("verb", CHANGING)
@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_change_is_never_repeated(gateway: Gateway, way: Way, verb: str, status: int) -> None:
    """A 5xx leaves the outcome unknown, a 429 does not; neither is the library's to repeat."""
    gateway.default = Answer(status, {"code": "X"})
    error = outcome(way, gateway, verb)
    assert isinstance(error, APIError)
    assert error.outcome_unknown is (status >= 500)
    assert len(gateway.requests) == 1


@each_way
def test_no_retries(gateway: Gateway, way: Way) -> None:
    """With `retries=0` a query is asked once."""
    gateway.default = Answer(503)
    assert isinstance(outcome(way, gateway, "get", retries=0), APIError)
    assert len(gateway.requests) == 1


@each_way
def test_long_retry_after_is_given_back(gateway: Gateway, way: Way) -> None:
    """WeChat Pay asks for an hour: the caller hears of it at once."""
    gateway.default = Answer(429, headers={"Retry-After": "3600"})
    error = outcome(way, gateway, "get")
    assert isinstance(error, APIError)
    assert error.response is not None
    assert error.response.headers["Retry-After"] == "3600"
    assert len(gateway.requests) == 1


@each_way
@pytest.mark.parametrize("verb", ["get", "post"])
def test_backup_host_after_a_refused_connection(gateway: Gateway, way: Way, verb: str) -> None:
    """The first host does not listen: its backup gets the call within the same try."""
    with closed_port() as url, client_of(url, backup_urls=[gateway.url], retries=0) as wxpay:
        assert way.call(wxpay["v3/x"], verb, json={"a": 1}).status_code == 200
    assert gateway.requests[0].is_signed_by(rsa_key("merchant"))


@each_way
@pytest.mark.parametrize("verb", ["get", "post"])
def test_backup_host_after_an_unknown_name(
    gateway: Gateway, way: Way, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first host's name is not found: its backup gets the call."""
    found = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **options: Any) -> Any:
        if "unknown.invalid" in str(host):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    client = client_of("http://unknown.invalid/", backup_urls=[gateway.url], retries=0)
    with client as wxpay:
        assert way.call(wxpay["v3/x"], verb).status_code == 200
    assert gateway.requests[0].is_signed_by(rsa_key("merchant"))


@each_way
@pytest.mark.parametrize("fault", [Answer(fault="reset"), Answer(500)], ids=["reset", "500"])
def test_backup_host_is_not_asked_after_sending(gateway: Gateway, way: Way, fault: Answer) -> None:
    """What the first host may have got goes to no other."""
    gateway.default = fault
    with Gateway() as backup:
        with (
            client_of(gateway, backup_urls=[backup.url]) as wxpay,
            pytest.raises((TransportError, APIError)),
        ):
            way.call(wxpay["v3/x"], "post")
        assert backup.requests == []


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(gateway: Gateway, way: Way, verb: str, status: int) -> None:
    """Where a redirect leads to hears nothing, and sees no signature."""
    with Gateway() as elsewhere:
        gateway.default = Answer(status, headers={"Location": f"{elsewhere.url}v3/x"})
        error = outcome(way, gateway, verb)
        assert elsewhere.connections == 0
    assert isinstance(error, APIError)
    assert error.status_code == status
    assert error.outcome_unknown is (verb == "post")
    assert "Redirects are never followed" in str(error)
    assert len(gateway.requests) == 1


@each_way
def test_foreign_host_is_refused(gateway: Gateway, way: Way) -> None:
    """A `base_url` that is neither configured nor WeChat Pay's gets nothing."""
    with Gateway() as elsewhere:
        with (
            client_of(gateway) as wxpay,
            pytest.raises(ConfigurationError, match="a signature is sent to no other"),
        ):
            way.call(wxpay["v3/x"], base_url=elsewhere.url)
        assert (gateway.connections, elsewhere.connections) == (0, 0)


@each_way
@pytest.mark.parametrize(("ahead", "word"), [(600, "behind"), (-600, "ahead of")])
def test_wrong_clock_is_told(gateway: Gateway, way: Way, ahead: int, word: str) -> None:
    """When the signature is refused, the answer's `Date` shows how far the local clock is off."""
    date = formatdate(time.time() + ahead, usegmt=True)
    gateway.default = Answer(401, {"code": "SIGN_ERROR"}, headers={"Date": date})
    error = outcome(way, gateway, "post")
    assert f"s {word} WeChat Pay's: set it right (NTP)" in str(error)
    assert not getattr(error, "outcome_unknown", True)


OUTCOMES: list[tuple[Answer, bool]] = [
    (Answer(fault="reset"), True),
    (Answer(fault="truncate"), True),
    (Answer(body=b"[1]", fault="truncate"), True),
    (Answer(signed=False), True),
    (Answer(204, b"", signed=False), True),
    (Answer(302, headers={"Location": "/"}), True),
    (Answer(500), True),
    (Answer(502, b"<html>"), True),
    (Answer(400, {"code": "PARAM_ERROR"}), False),
    (Answer(401, {"code": "SIGN_ERROR"}), False),
    (Answer(403, {"code": "NO_AUTH"}), False),
    (Answer(404, {"code": "ORDER_NOT_EXIST"}), False),
    (Answer(429, {"code": "RATE_LIMITED"}), False),
    (Answer(403, b"<html>"), True),
    (Answer(404), True),
]


@pytest.mark.parametrize("verb", ["get", *CHANGING])
@pytest.mark.parametrize(("answer", "unknown"), OUTCOMES)
def test_outcome_unknown(gateway: Gateway, verb: str, answer: Answer, unknown: bool) -> None:
    """It is true exactly where a change may have been carried out, and then the words say so."""
    gateway.default = answer
    error = outcome(Way("sync"), gateway, verb, retries=0)
    assert isinstance(error, (APIError, TransportError, VerificationError))
    assert error.outcome_unknown is (unknown and verb != "get")
    assert (UNKNOWN in str(error)) is error.outcome_unknown
