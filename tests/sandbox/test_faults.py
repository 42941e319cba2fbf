"""Faults on demand: what happens to a request, and what the client makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple, cast, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import LONG, until
from ways import ASYNCIO, SYNC, Way, each_way

from wechatpay import (
    APIError,
    ClockSkew,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
    WeChatPayError,
)
from wechatpay.sandbox import FAULTS, FaultKind, FaultRule, Sandbox
from wechatpay.sandbox._front.glob import matches

from .merchant import NATIVE, ORDER, TERMINATE, TERMINATION, Merchant

pytestmark = pytest.mark.usefixtures("at_once")

_numbers = itertools.count()
_QUERY = "v3/pay/transactions/out-trade-no/{number}"


class Expected(NamedTuple):
    """What a client does.

    Attributes:
        error: What a POST raises; `None` if it is answered.
        unknown: Whether the outcome is unknown then.
        placed: Whether the order exists.
        retried: Whether a GET is answered after a second try; else it raises as a POST.
    """

    error: type[WeChatPayError] | None
    unknown: bool
    placed: bool
    retried: bool


_LOST = Expected(TransportError, unknown=True, placed=True, retried=True)
_WRONG = Expected(VerificationError, unknown=True, placed=True, retried=False)
_FINE = Expected(None, unknown=False, placed=True, retried=True)
_EXPECTED: dict[FaultKind, Expected] = {
    "delay": _FINE,
    "refused": _FINE,  # the client knows that nothing was sent, and tries again
    "reset-before": _LOST._replace(placed=False),
    "reset-after": _LOST,
    "truncated": _LOST,
    "429": Expected(APIError, unknown=False, placed=False, retried=True),
    "500": Expected(APIError, unknown=True, placed=False, retried=True),
    "500-after": Expected(APIError, unknown=True, placed=True, retried=True),
    "502": Expected(APIError, unknown=True, placed=False, retried=True),
    "502-after": Expected(APIError, unknown=True, placed=True, retried=True),
    "wrong-signature": _WRONG,
    "missing-header": _WRONG,
    "unknown-key": _WRONG._replace(error=UnknownPlatformKey),
    "skewed-clock": _WRONG._replace(error=ClockSkew),
    "probe": _WRONG._replace(error=SignatureProbe),
    "rotation": _FINE,
}
_SECONDS = {"delay": 0.02}


@pytest.fixture(scope="module", params=[None, 0], ids=["in-process", "socket"])
def front(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox behind either front, whose merchant knows both kinds of keys."""
    with Sandbox(port=request.param, mode="switching") as sandbox:
        yield sandbox


@pytest.fixture
def wxpay(front: Sandbox) -> Iterator[WeChatPay]:
    """A client of it; in the end all is well again."""
    with front.client() as client:
        yield client
    front.faults.clear()


def _order() -> dict[str, Any]:
    return {**ORDER, "out_trade_no": f"fault-{next(_numbers):06}"}


def _is_placed(sandbox: Sandbox, order: dict[str, Any]) -> bool:
    """Ask as another merchant's software would, past every fault."""
    sandbox.faults.clear()
    target = f"/v3/pay/transactions/out-trade-no/{order['out_trade_no']}?mchid={order['mchid']}"
    answer = Merchant(sandbox.config).call(sandbox.gateway, "GET", target)
    assert answer.status in (200, 404)
    return answer.status == 200


def _expected(kind: FaultKind, sandbox: Sandbox) -> Expected:
    if kind == "refused" and "in process" not in repr(sandbox):
        return _LOST._replace(placed=False)  # a server cannot refuse what it has read
    return _EXPECTED[kind]


@pytest.mark.parametrize("way", [SYNC, ASYNCIO], ids=lambda way: way.name)
@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_post(front: Sandbox, wxpay: WeChatPay, way: Way, kind: FaultKind) -> None:
    """A POST of unknown outcome is told as such, never repeated, and the order is as it is."""
    expected, order = _expected(kind, front), _order()
    fault = front.fault("post", "v3/pay/**", kind, times=1, seconds=_SECONDS.get(kind))
    before = len(front.exchanges)
    if expected.error is None:
        assert way.call(wxpay.v3.pay.transactions.native, "post", json=order).status_code == 200
    else:
        with pytest.raises(expected.error) as caught:
            way.call(wxpay.v3.pay.transactions.native, "post", json=order)
        assert type(caught.value) is expected.error
        assert getattr(caught.value, "outcome_unknown", False) is expected.unknown
    tries = [one for one in front.exchanges[before:] if one.method == "POST"]
    assert len(tries) == (2 if kind == "refused" and expected.error is None else 1)
    assert (fault.matched, fault.struck, fault.spent) == (1, 1, True)
    assert _is_placed(front, order) is expected.placed


@pytest.mark.untraced
@pytest.mark.parametrize("way", [SYNC, ASYNCIO], ids=lambda way: way.name)
@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_get(front: Sandbox, wxpay: WeChatPay, way: Way, kind: FaultKind) -> None:
    """A GET is asked again where that helps; where the answer is not to be believed, it is told."""
    expected, order = _expected(kind, front), _order()
    way.call(wxpay.v3.pay.transactions.native, "post", json=order)
    front.fault("get", "v3/pay/**", kind, times=1, seconds=_SECONDS.get(kind))
    query: dict[str, Any] = {"number": order["out_trade_no"], "params": {"mchid": ORDER["mchid"]}}
    before = len(front.exchanges)
    if expected.retried:
        answer = way.call(wxpay[_QUERY], **query)
        assert answer.json()["trade_state"] == "NOTPAY"
        assert answer.extensions["wechatpay"].verified
    else:
        with pytest.raises(cast("type[WeChatPayError]", expected.error)) as caught:
            way.call(wxpay[_QUERY], **query)
        assert not getattr(caught.value, "outcome_unknown", True)
    tries = [one for one in front.exchanges[before:] if "out-trade-no" in one.target]
    once = kind in ("delay", "rotation") or not expected.retried
    assert len(tries) == (1 if once else 2)


@each_way
@pytest.mark.parametrize("kind", ["refused", "reset-before", "reset-after", "truncated"])
def test_broken_connection(front: Sandbox, wxpay: WeChatPay, way: Way, kind: FaultKind) -> None:
    """Each way of sending survives a broken connection, and an answer without a body."""
    front.fault("*", "v3/payscore/**", kind, times=1)
    path = TERMINATE.removeprefix("/").format("1234323JKHDFE1243252")
    if _expected(kind, front).error is None:
        assert way.call(wxpay[path], "post", json=TERMINATION).status_code == 204
    else:
        with pytest.raises(TransportError) as caught:
            way.call(wxpay[path], "post", json=TERMINATION)
        assert caught.value.outcome_unknown
    assert way.call(wxpay[path], "post", json=TERMINATION).status_code == 204


_RAISED: dict[FaultKind, type[httpx.TransportError]] = {
    "reset-before": httpx.ReadError,
    "reset-after": httpx.ReadError,
    "truncated": httpx.RemoteProtocolError,
}


@pytest.mark.parametrize("target", ["/nowhere", TERMINATE.format("1234323JKHDFE1243252")])
@pytest.mark.parametrize("kind", _RAISED)
def test_both_fronts_break_alike(front: Sandbox, kind: FaultKind, target: str) -> None:
    """In process, httpx raises what it raises where a real connection breaks."""
    transport = front.transport if "in process" in repr(front) else None
    merchant = Merchant(front.config)
    fault = front.fault("post", "**", kind)
    body = b'{"service_id":"500001","reason":"x"}'
    headers = {"Authorization": merchant.authorize("POST", target, body)}
    with (
        httpx.Client(transport=transport, trust_env=False) as client,
        pytest.raises(_RAISED[kind]) as caught,
    ):
        client.post(front.url + target, content=body, headers=headers)
    assert type(caught.value) is _RAISED[kind]
    fault.clear()
    last = front.exchanges[-1]
    assert last.fault == f"post ** {kind}"
    assert (last.status == 0) is (kind == "reset-before")


def test_refused_in_process_and_over_a_socket(front: Sandbox) -> None:
    """In process the connection is refused; over a socket it is closed before an answer."""
    inside = "in process" in repr(front)
    front.fault("*", "**", "refused", times=1)
    with (
        httpx.Client(transport=front.transport if inside else None, trust_env=False) as client,
        pytest.raises(httpx.ConnectError if inside else httpx.RemoteProtocolError),
    ):
        client.get(f"{front.url}/nowhere")


def test_forwarded_requests_fail_alike() -> None:
    """What a request says of where it comes from does not matter to what happens to it."""
    with Sandbox(port=0) as sandbox, httpx.Client(trust_env=False) as client:
        sandbox.fault("get", "**", "reset-after", times=1)
        headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
        with pytest.raises(httpx.ReadError):
            client.get(f"{sandbox.url}/nowhere", headers=headers)
        assert client.get(f"{sandbox.url}/nowhere", headers=headers).status_code == 404


@pytest.mark.parametrize("way", [SYNC, ASYNCIO], ids=lambda way: way.name)
def test_delay_meets_impatience(front: Sandbox, wxpay: WeChatPay, way: Way) -> None:
    """Who does not wait for a late answer does not know; it was done all the same."""
    front.fault("*", "v3/**", "delay", times=1, seconds=LONG)
    order, limits = _order(), httpx.Timeout(LONG, read=0.05)
    before = len(front.exchanges)
    with pytest.raises(TransportError, match="took too long") as caught:
        way.call(wxpay.v3.pay.transactions.native, "post", json=order, timeout=limits)
    assert caught.value.outcome_unknown
    until(lambda: len(front.exchanges) > before)
    assert _is_placed(front, order)


def test_delays_add_up(front: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Delays come on top of each other, and of what else happens."""
    handle, delays = front.gateway.handle, list[float]()

    def watched(*asked: Any, **more: Any) -> Any:
        answer = handle(*asked, **more)
        delays.append(answer.delay)
        return answer

    monkeypatch.setattr(front.gateway, "handle", watched)
    for seconds in (0.03, 0.02):
        front.fault("get", "**", "delay", seconds=seconds)
    front.fault("get", "nowhere", "502", times=1)
    front.fault("get", "nowhere", "429", times=1)
    with httpx.Client(
        transport=front.transport if "in process" in repr(front) else None, trust_env=False
    ) as client:
        answers = [client.get(f"{front.url}/nowhere") for _ in range(3)]
    assert delays == [pytest.approx(0.05)] * 3  # pyright: ignore[reportUnknownMemberType]
    assert [one.status_code for one in answers] == [502, 429, 404]
    assert answers[0].headers["Content-Type"] == "text/html"
    assert "Wechatpay-Signature" not in answers[0].headers
    assert answers[1].json()["code"] == "FREQUENCY_LIMITED"
    assert answers[1].headers["Request-ID"].endswith("-268447840")
    front.faults.clear()


@pytest.mark.parametrize("header", ["Wechatpay-Nonce", "wechatpay-serial", "Request-ID", None])
def test_missing_header(sandbox: Sandbox, merchant: Merchant, header: str | None) -> None:
    """Any header may be missing; by default it is the signature."""
    sandbox.fault("*", "**", "missing-header", header=header)
    names = dict(merchant.call(sandbox.gateway, "GET", "/nowhere").headers)
    missing = (header or "Wechatpay-Signature").lower()
    assert missing not in {name.lower() for name in names}
    assert len(names) == 8


def test_faults_are_counted_listed_and_cleared(sandbox: Sandbox, merchant: Merchant) -> None:
    """One can see what is in force and how often it struck, and end it."""
    once = sandbox.fault("post", "v3/*/transactions/*", "500", times=1)
    ever = sandbox.fault("*", "/v3/**", "429")
    for _ in range(3):
        merchant.call(sandbox.gateway, "POST", NATIVE, ORDER)
        merchant.call(sandbox.gateway, "GET", "/elsewhere")
    assert [one.code for one in sandbox.exchanges[::2]] == [
        "SYSTEM_ERROR",
        "FREQUENCY_LIMITED",
        "FREQUENCY_LIMITED",
    ]
    assert [(one.number, str(one.rule)) for one in sandbox.faults] == [
        (1, "post v3/*/transactions/* 500 times=1"),
        (2, "* v3/** 429"),
    ]
    assert (once.spent, ever.spent) == (True, False)
    assert repr(ever) == "<Fault 2: * v3/** 429; struck 2 of 2>"
    ever.clear()
    assert [one.number for one in sandbox.faults] == [1]
    assert merchant.call(sandbox.gateway, "POST", NATIVE, ORDER).status == 200
    sandbox.faults.clear()
    assert len(sandbox.faults) == 0
    assert sandbox.fault("get", "**", "probe").number == 3


def test_chance_has_a_seed(sandbox: Sandbox, merchant: Merchant) -> None:
    """At random, the same seed picks the same requests, and another one others."""

    def struck(seed: int | None) -> list[bool]:
        fault = sandbox.fault("get", "**", "429", probability=0.4, seed=seed)
        codes = [merchant.call(sandbox.gateway, "GET", "/").status for _ in range(60)]
        assert fault.matched == 60
        assert fault.struck == codes.count(429)
        fault.clear()
        return [code == 429 for code in codes]

    assert struck(7) == struck(7) != struck(8)
    assert 5 < sum(struck(None)) < 45


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [
        ("v3/pay/**", "/v3/pay/transactions/native", True),
        ("v3/pay/**", "/v3/pay", True),
        ("v3/pay/**", "/v3/payscore", False),
        ("v3/*/native", "/v3/pay/native", True),
        ("v3/*/native", "/v3/pay/transactions/native", False),
        ("**/native", "/native", True),
        ("v3/**/native", "/v3/a/b/native", True),
        ("v3/**/**/native", "/v3/native", True),
        ("v3/pay*/x*y", "/v3/payscore/x-y", True),
        ("v3/a.b", "/v3/a-b", False),
        ("v3", "/v3/", False),
        ("v3/", "/v3/", True),
        ("**", "/", True),
        ("**", "", True),
    ],
)
def test_patterns(pattern: str, path: str, matched: bool) -> None:
    """A star is a part of a segment, two are any number of segments, all else is itself."""
    assert matches(pattern, path) is matched


def _naive(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return not path
    head, *rest = pattern
    if head == "**":
        return any(_naive(rest, path[start:]) for start in range(len(path) + 1))
    return bool(path) and _same(head, path[0]) and _naive(rest, path[1:])


def _same(pattern: str, text: str) -> bool:
    if not pattern.startswith("*"):
        return text[:1] == pattern[:1] and (not pattern or _same(pattern[1:], text[1:]))
    return any(_same(pattern[1:], text[start:]) for start in range(len(text) + 1))


@given(
    st.lists(st.sampled_from(["**", "a", "*", "a*", "*b", "."]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "ab", "", "."]), min_size=1, max_size=5),
)
def test_patterns_mean_what_they_say(pattern: list[str], path: list[str]) -> None:
    """The compiled pattern agrees with the definition, read out."""
    assert matches("/".join(pattern), "/" + "/".join(path)) is _naive(pattern, path)


def _rule(
    method: str,
    path: list[str],
    kind: FaultKind,
    times: int | None,
    probability: float,
    seed: int | None,
    seconds: float | None,
    header: str | None,
) -> FaultRule:
    """Make a rule, of what its kind takes."""
    return FaultRule(
        method,
        "/".join(path),
        kind,
        times,
        probability,
        seed,
        seconds if FAULTS[kind].seconds is not None else None,
        header if kind == "missing-header" else None,
    )


_SEGMENTS = st.from_regex(r"[a-z=%.*-]{0,3}[a-z=]", fullmatch=True).filter(
    lambda text: "**" not in text
)
_RULES = st.builds(
    _rule,
    st.sampled_from(["get", "POST", "*"]),
    st.lists(_SEGMENTS | st.just("**"), min_size=1),
    st.sampled_from(get_args(FaultKind)),
    st.none() | st.integers(1),
    st.floats(0, 1, exclude_min=True),
    st.none() | st.integers(),
    st.none() | st.floats(0, 1e9),
    st.none() | st.from_regex("[A-Za-z0-9-]+", fullmatch=True),
)


@given(_RULES)
def test_rules_are_text(rule: FaultRule) -> None:
    """A rule written and read again is the same rule."""
    assert FaultRule.parse(str(rule)) == rule
    assert FaultRule.parse(f"  {str(rule).replace(' ', '   ')} ") == rule


@given(st.text() | st.lists(st.sampled_from(
    ["post", "*", "v3/**", "a**", "delay", "429", "times=1", "times=x", "seconds=-1", "seed=",
     "probability=nan", "header=é", "=", "times=0", "x=1"])).map(" ".join))  # fmt: skip
def test_any_text_is_a_rule_or_a_value_error(text: str) -> None:
    """Whatever is written, it is a rule that can be written again, or a `ValueError`."""
    try:
        rule = FaultRule.parse(text)
    except ValueError:
        return
    assert FaultRule.parse(str(rule)) == rule


@pytest.mark.words
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write a verb, a path pattern and a fault"),
        ("post v3/** boom", "choose from delay, refused"),
        ("p0st v3/** 500", "a verb such as post"),
        ("post v3/**?x 500", "like v3/pay/"),
        ("post / 500", "like v3/pay/"),
        ("post v3/a** 500", "stands alone"),
        ("post v3/** 500 times=0", "times=1"),
        ("post v3/** 500 times=1 times=1", "each once"),
        ("post v3/** 500 often", "name=value"),
        ("post v3/** 500 times=often", "times is a number"),
        ("post v3/** 500 probability=0", "above 0"),
        ("post v3/** 500 seconds=1", "500 takes no seconds"),
        ("post v3/** delay seconds=-1", "cannot be below zero"),
        ("post v3/** delay seconds=inf", "finite"),
        ("post v3/** 500 header=Date", "500 takes no header"),
        ("post v3/** missing-header header=:", "the name of a header"),
    ],
)
def test_wrong_rules_are_explained(text: str, words: str) -> None:
    """What cannot be is refused in words that lead on."""
    with pytest.raises(ValueError, match="^[^\n]*" + words.replace("*", r"\*")):
        FaultRule.parse(text)


def test_every_kind_is_documented() -> None:
    """`FAULTS` tells of each kind what it does."""
    assert list(FAULTS) == list(get_args(FaultKind)) == list(_EXPECTED)
    assert all(effect.words for effect in FAULTS.values())


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", [SYNC, ASYNCIO], ids=lambda way: way.name)
def test_no_order_twice_and_no_payment_lost(
    front: Sandbox, wxpay: WeChatPay, way: Way, seed: int
) -> None:
    """Under every fault at once, a merchant who repeats with the same number comes through."""
    for index, kind in enumerate(get_args(FaultKind)):
        front.fault(
            "*", "v3/**", kind, probability=0.05, seed=seed * 100 + index,
            seconds=_SECONDS.get(kind),
        )  # fmt: skip
    refunded: dict[str, int] = {}
    for _ in range(4):
        order = _order()
        number = order["out_trade_no"]
        placed = _insist(way, wxpay.v3.pay.transactions.native, json=order).json()
        front.pay(number)
        refund: dict[str, Any] = {
            "out_trade_no": number,
            "out_refund_no": f"refund-{number}",
            "amount": {"refund": 40, "total": 100, "currency": "CNY"},
        }
        _insist(way, wxpay.v3.refund.domestic.refunds, json=refund)
        assert placed["code_url"]
        refunded[number] = 40
    front.faults.clear()
    for number, amount in refunded.items():
        params = {"mchid": ORDER["mchid"]}
        found = way.call(wxpay[_QUERY], number=number, params=params).json()
        assert found["trade_state"] == "REFUND"
        rest: dict[str, Any] = {
            "out_trade_no": number,
            "out_refund_no": f"rest-{number}",
            "amount": {"refund": 100 - amount, "total": 100, "currency": "CNY"},
        }
        assert way.call(wxpay.v3.refund.domestic.refunds, "post", json=rest).status_code == 200


def _insist(way: Way, node: Any, **arguments: Any) -> httpx.Response:
    """Call until it is answered, with the same number: what WeChat Pay advises."""
    for _ in range(20):
        try:
            return way.call(node, "post", **arguments)
        except (TransportError, VerificationError):
            pass
        except APIError as error:
            if error.status_code != 429 and not error.outcome_unknown:
                raise
    raise AssertionError("never answered")
