"""What is sent again, when, and to whom: the exchange by itself, without I/O."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, NamedTuple

import httpx
import pytest

from wechatpay import ConfigurationError, TransportError, WeChatPayError
from wechatpay._call import Call, ClientRoute, Exchange, Hosts, Outgoing, Steps, exchange, transmit
from wechatpay._wire import Failure, Pause, Send

FIRST, SECOND = "https://api.mch.weixin.qq.com/", "https://api2.mch.weixin.qq.com/"
PATH = "v3/pay/transactions/id/{transaction_id}"
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
NEVER_SENT, LOST = False, True

Happening = int | httpx.Response | bool
"""A status, an answer, or a failure: `NEVER_SENT` or `LOST`."""


class Played(NamedTuple):
    """How an exchange went.

    Attributes:
        sent: The requests, in order.
        pauses: The seconds it waited.
        end: The answer it returned or the error it raised.
    """

    sent: list[httpx.Request]
    pauses: list[float]
    end: httpx.Response | WeChatPayError

    @property
    def hosts(self) -> list[str]:
        """Where the requests went."""
        return [one.url.host for one in self.sent]

    @property
    def signatures(self) -> list[str | None]:
        """What the requests were signed with."""
        return [one.headers.get("Authorization") for one in self.sent]


def build(
    method: str,
    base: str,
    target: str,
    headers: Mapping[str, str],
    content: bytes,
    timeout: object,
) -> httpx.Request:
    """Build a request as a wire does."""
    return httpx.Request(method, base + target, headers=headers, content=content)


def play(
    *happenings: Happening,
    method: str = "GET",
    retries: int = 2,
    backups: tuple[str, ...] = (),
    mutual_tls: bool = False,
    signed: bool = True,
    **arguments: Any,
) -> Played:
    """Run one delivery; each request meets the next happening, the last one meets all others."""
    call = Call.asked(method, PATH, {"transaction_id": "42", **arguments})
    hosts = Hosts(FIRST, backups)
    begun = Exchange(call, ClientRoute(hosts, retries, build, mutual_tls))
    headers = {"Accept": "application/json"}
    outgoing = Outgoing(hosts.of(call), call.target(), headers, b"", call.mutual_tls)
    numbers = iter(range(100))

    def sign(request: httpx.Request) -> None:
        request.headers["Authorization"] = f"signature {next(numbers)}"

    played = run(transmit(begun, outgoing, sign if signed else None), list(happenings))
    assert begun.tries == len(played.sent)
    return played


def run(steps: Steps[httpx.Response], happenings: list[Happening]) -> Played:
    """Drive a generator as the client does."""
    sent: list[httpx.Request] = []
    pauses: list[float] = []
    try:
        step = next(steps)
        while True:
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                step = steps.send(None)
                continue
            assert isinstance(step, Send)
            sent.append(step.request)
            what = happenings.pop(0) if len(happenings) > 1 else happenings[0]
            if isinstance(what, bool):
                failure = Failure(sent=what)
                failure.__cause__ = httpx.ReadError("gone")
                step = steps.throw(failure)
            else:
                step = steps.send(httpx.Response(what) if isinstance(what, int) else what)
    except StopIteration as end:
        return Played(sent, pauses, end.value)
    except WeChatPayError as error:
        return Played(sent, pauses, error)


@pytest.fixture(autouse=True)
def no_pauses() -> None:
    """Here the pauses are what they are; nobody waits for them."""


@pytest.mark.parametrize("happening", [429, 500, 502, 503, 504, NEVER_SENT, LOST])
def test_query_is_asked_again(happening: Happening) -> None:
    """A query meets a 429, a 5xx or a lost connection with two more tries, and the last counts."""
    assert len(play(happening).sent) == 3
    answer = play(happening, 404).end
    assert isinstance(answer, httpx.Response)
    assert answer.status_code == 404


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 409])
@pytest.mark.parametrize("method", ["GET", *CHANGING])
def test_answer_is_given_at_once(method: str, status: int) -> None:
    """Any other answer is final, whatever was asked."""
    played = play(status, method=method)
    assert isinstance(played.end, httpx.Response)
    assert (len(played.sent), played.pauses) == (1, [])


@pytest.mark.parametrize("happening", [429, 500, 503, LOST])
@pytest.mark.parametrize("method", CHANGING)
def test_change_is_sent_once(method: str, happening: Happening) -> None:
    """What may have been carried out is never sent again."""
    played = play(happening, method=method)
    assert (len(played.sent), played.pauses) == (1, [])


@pytest.mark.parametrize("method", CHANGING)
def test_change_that_was_never_sent_is_sent_again(method: str) -> None:
    """A change that was never sent is sent again until it is."""
    played = play(NEVER_SENT, NEVER_SENT, 200, method=method)
    assert isinstance(played.end, httpx.Response)
    assert len(played.sent) == 3


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_tries_are_counted(retries: int) -> None:
    """`retries` is how often it is tried again; the error says how often it was tried at all."""
    played = play(NEVER_SENT, retries=retries)
    assert len(played.sent) == retries + 1
    assert len(played.pauses) == retries
    assert f" {retries + 1} {'try' if retries == 0 else 'tries'})" in str(played.end)


@pytest.mark.parametrize(
    ("method", "happening", "unknown", "words"),
    [
        ("GET", LOST, False, "a query changes nothing, so ask again"),
        ("GET", NEVER_SENT, False, "was never sent, nothing happened"),
        ("POST", LOST, True, "query it by its number before you send it again"),
        ("POST", NEVER_SENT, False, "was never sent, nothing happened"),
        ("DELETE", LOST, True, "query it by its number before you send it again"),
    ],
)
def test_error_says_what_may_have_happened(
    method: str, happening: bool, unknown: bool, words: str
) -> None:
    """Only a change that was sent has an unknown outcome; the cause is the network's own error."""
    error = play(happening, method=method, retries=0).end
    assert isinstance(error, TransportError)
    assert error.outcome_unknown is unknown
    assert words in str(error)
    assert f"{method} {PATH} " in str(error)
    assert isinstance(error.__cause__, httpx.ReadError)


def test_change_lost_on_a_later_try_is_unknown() -> None:
    """Never sent, then lost: the second decides, and there is no third."""
    played = play(NEVER_SENT, LOST, 200, method="POST")
    assert isinstance(played.end, TransportError)
    assert played.end.outcome_unknown
    assert len(played.sent) == 2


def test_pauses_double_and_vary() -> None:
    """Each pause is twice the one before, shortened at random by up to a half."""
    runs = [play(503, retries=3).pauses for _ in range(200)]
    for number, seconds in enumerate(zip(*runs, strict=True)):
        longest = exchange.BACKOFF * 2**number
        assert longest / 2 <= min(seconds) < longest * 0.6
        assert longest * 0.9 < max(seconds) <= longest


def test_pauses_are_bounded() -> None:
    """However often it is tried, no pause is longer than about half a minute."""
    assert 16 <= max(play(503, retries=50).pauses) <= 32


def busy(wait: str) -> httpx.Response:
    """Return a 429 that says when to come back."""
    return httpx.Response(429, headers=[(b"Retry-After", wait.encode())])


@pytest.mark.parametrize(
    ("wait", "shortest", "longest"),
    [
        ("7", 7, 7),
        ("60", 60, 60),
        ("0", 0.25, 0.5),
        ("soon", 0.25, 0.5),
        ("", 0.25, 0.5),
        ("-5", 0.25, 0.5),
        ("1.5", 0.25, 0.5),
        ("²", 0.25, 0.5),
        pytest.param(formatdate(time.time() - 3600, usegmt=True), 0.25, 0.5, id="an hour ago"),
        ("Wed, 99 Nov 2026 00:00:00 GMT", 0.25, 0.5),
    ],
)
def test_retry_after_is_kept(wait: str, shortest: float, longest: float) -> None:
    """The pause is at least what the answer asks for; nonsense asks for nothing."""
    played = play(busy(wait), 200)
    assert shortest <= played.pauses[0] <= longest
    assert len(played.sent) == 2


def test_retry_after_may_be_a_date(still: float) -> None:
    """An HTTP date is the time until then."""
    played = play(busy(formatdate(still + 30, usegmt=True)), 200)
    assert played.pauses == [30]


@pytest.mark.parametrize(
    "wait",
    ["61", "86400", "9" * 400, pytest.param(formatdate(time.time() + 7200), id="in two hours")],
)
def test_long_wait_is_the_callers(wait: str) -> None:
    """Beyond a minute the answer is given back at once."""
    played = play(busy(wait), 200)
    assert isinstance(played.end, httpx.Response)
    assert played.end.status_code == 429
    assert (len(played.sent), played.pauses) == (1, [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_backup_host_gets_the_same_signature(method: str) -> None:
    """While nothing was sent, one try goes on to the next host without signing anew."""
    played = play(NEVER_SENT, 200, method=method, backups=(SECOND,))
    assert played.hosts == ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"]
    assert played.signatures == ["signature 0", "signature 0"]
    assert {one.url.path for one in played.sent} == {"/v3/pay/transactions/id/42"}
    assert played.pauses == []


@pytest.mark.parametrize("happening", [LOST, 500, 429])
def test_backup_host_is_not_asked_after_sending(happening: Happening) -> None:
    """Once the first host may have got it, the backup does not."""
    played = play(happening, retries=0, backups=(SECOND,))
    assert played.hosts == ["api.mch.weixin.qq.com"]


def test_each_try_is_signed_anew() -> None:
    """A second try goes to the first host again, under a fresh signature."""
    played = play(NEVER_SENT, NEVER_SENT, LOST, 200, backups=(SECOND,))
    assert played.hosts == [httpx.URL(one).host for one in (FIRST, SECOND, FIRST, FIRST)]
    assert played.signatures == [f"signature {n}" for n in (0, 0, 1, 2)]


def test_unsigned_request_stays_unsigned() -> None:
    """Where the body carries the signature no host gets an `Authorization` header."""
    played = play(NEVER_SENT, 200, backups=(SECOND,), signed=False)
    assert played.signatures == [None, None]


def test_callers_headers_win() -> None:
    """A header of the caller's replaces the client's, whatever the case of its name."""
    own = {"accept": "text/csv", "X-Own": "1"}
    request = play(200, headers=own).sent[0]
    assert request.headers.get_list("Accept") == ["text/csv"]
    assert request.headers["X-Own"] == "1"
    assert request.headers["User-Agent"].startswith("wechatpay-openapi/")
    assert request.headers["Accept-Encoding"] == "identity"


def test_callers_host_is_the_only_one() -> None:
    """With `base_url` there is no failing over."""
    played = play(NEVER_SENT, retries=0, backups=(SECOND,), base_url="https://api.wechatpay.cn")
    assert played.hosts == ["api.wechatpay.cn"]


def test_mutual_tls_needs_a_certificate() -> None:
    """Without one the call ends before anything is sent, and says what to pass."""
    played = play(200, security=True)
    assert isinstance(played.end, ConfigurationError)
    assert "pass merchant=(apiclient_cert.pem, apiclient_key.pem)" in str(played.end)
    assert played.sent == []
    assert len(play(200, security=True, mutual_tls=True).sent) == 1


def test_closing_an_exchange_ends_it() -> None:
    """An abandoned exchange is over: it neither sends nor waits any more."""
    begun = Exchange(Call.asked("GET", "v3/x", {}), ClientRoute(Hosts(FIRST, ()), 2, build, False))
    steps = transmit(begun, Outgoing((FIRST,), "v3/x", {}, b"", False), None)
    assert isinstance(next(steps), Send)
    steps.close()
    with pytest.raises(StopIteration):
        next(steps)
