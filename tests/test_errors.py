"""`wechatpay.errors`: the tree of the contract, what its errors know, and what they never keep."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from gateway import APIV3_KEY, Answer, Gateway

import wechatpay
from wechatpay import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    MalformedNotification,
    PathError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
    WeChatPayError,
    errors,
)

TREE: dict[type[WeChatPayError], tuple[type[Exception], ...]] = {
    WeChatPayError: (Exception,),
    ConfigurationError: (WeChatPayError, ValueError),
    PathError: (WeChatPayError, ValueError),
    VerificationError: (WeChatPayError,),
    UnknownPlatformKey: (VerificationError,),
    ClockSkew: (VerificationError,),
    SignatureProbe: (VerificationError,),
    DecryptionError: (WeChatPayError,),
    TransportError: (WeChatPayError,),
    APIError: (WeChatPayError,),
    MalformedNotification: (WeChatPayError,),
}
UNTRUSTED: dict[str, Any] = {"serial": None, "response": None, "outcome_unknown": True}
DEFAULTS: dict[type[WeChatPayError], dict[str, Any]] = {
    WeChatPayError: {},
    ConfigurationError: {},
    PathError: {"template": "", "missing": (), "unexpected": ()},
    VerificationError: UNTRUSTED,
    UnknownPlatformKey: UNTRUSTED,
    ClockSkew: {**UNTRUSTED, "skew": 0.0},
    SignatureProbe: UNTRUSTED,
    DecryptionError: {},
    TransportError: {"outcome_unknown": True},
    APIError: {
        "status_code": 0,
        "outcome_unknown": True,
        **dict.fromkeys(("code", "message", "detail", "request_id", "response")),
    },
    MalformedNotification: {"serial": None},
}
GIVEN: dict[str, Any] = {
    "template": "v3/{a}",
    "missing": ("a",),
    "unexpected": ("b", "c"),
    "serial": "PUB_KEY_ID_1",
    "skew": -301.5,
    "outcome_unknown": False,
    "status_code": 400,
    "code": "PARAM_ERROR",
    "message": "参数错误",
    "detail": {"field": "/amount/total", "issue": ["a"]},
    "request_id": "08F7AB4E",
}
AUTHORIZATION = 'WECHATPAY2-SHA256-RSA2048 mchid="1900000109",signature="c2VjcmV0"'
kinds = pytest.mark.parametrize("kind", TREE)


def response() -> httpx.Response:
    """An answer with a request that carries a signature."""
    headers = {"Authorization": AUTHORIZATION}
    request = httpx.Request("POST", "https://x.example/v3/x", headers=headers, content=b"BODY")
    return httpx.Response(400, content=b"BODY", request=request)


def whole(kind: type[WeChatPayError]) -> WeChatPayError:
    """Make an error of a kind that knows all it can know."""
    known = {name: GIVEN[name] for name in DEFAULTS[kind] if name in GIVEN}
    if "response" in DEFAULTS[kind]:
        known["response"] = response()
    return kind("wrong", **known)


def test_the_tree_is_the_contract_s() -> None:
    """These errors and no others, each below the right one, all to be had from the package."""
    assert set(errors.__all__) == {kind.__name__ for kind in TREE}
    for kind, bases in TREE.items():
        assert kind.__bases__ == bases
        assert getattr(wechatpay, kind.__name__) is getattr(errors, kind.__name__) is kind
        assert kind.__doc__


@kinds
def test_an_error_needs_its_message_alone(kind: type[WeChatPayError]) -> None:
    """Whatever else it could know has a default, which says that it is not known."""
    error = kind("wrong")
    assert (str(error), repr(error)) == ("wrong", f"{kind.__name__}('wrong')")
    assert {name: getattr(error, name) for name in DEFAULTS[kind]} == DEFAULTS[kind]


@kinds
def test_an_error_keeps_what_it_is_told(kind: type[WeChatPayError]) -> None:
    """Each attribute is a keyword argument of the same name; neither text nor `repr` shows it."""
    error = whole(kind)
    for name in DEFAULTS[kind]:
        if name in GIVEN:
            assert getattr(error, name) == GIVEN[name]
    assert (str(error), repr(error)) == ("wrong", f"{kind.__name__}('wrong')")


@pytest.mark.parametrize("names", [["a", "b"], ("a", "b"), {"a": 1, "b": 2}])
def test_names_are_kept_as_a_tuple(names: Any) -> None:
    """Whatever placeholders' names come in."""
    error = PathError("wrong", missing=names, unexpected=iter(names))
    assert (error.missing, error.unexpected) == (("a", "b"), ("a", "b"))


def pickled(protocol: int, error: Exception) -> Any:
    """Pickle and unpickle an error."""
    return pickle.loads(pickle.dumps(error, protocol))


DUPLICATES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"protocol {each}": partial(pickled, each) for each in range(pickle.HIGHEST_PROTOCOL + 1)},
}


@kinds
@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=list(DUPLICATES))
def test_an_error_survives_a_round_trip(
    kind: type[WeChatPayError], duplicate: Callable[[Any], Any]
) -> None:
    """Copied or pickled, it is of the same kind and knows the same, but for the answer."""
    error = whole(kind)
    vars(error)["context"] = {"attempt": 2}
    again = duplicate(error)
    assert type(again) is kind
    assert (str(again), again.args) == ("wrong", error.args)
    assert vars(again)["context"] == {"attempt": 2}
    for name in DEFAULTS[kind]:
        assert getattr(again, name) == (None if name == "response" else GIVEN[name])


@kinds
def test_a_pickle_holds_no_answer(kind: type[WeChatPayError]) -> None:
    """A response holds its request, and that the signature: nothing of either is pickled."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        written = pickle.dumps(whole(kind), protocol)
        for secret in (b"WECHATPAY2", b"BODY", b"httpx", b"Response"):
            assert secret not in written


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, {"code": "PARAM_ERROR", "message": "参数错误"}), APIError),
        (Answer(signed=False), VerificationError),
        (Answer(skew=-1000), ClockSkew),
        (Answer(headers={"Wechatpay-Serial": "PUB_KEY_ID_2"}), UnknownPlatformKey),
        (Answer(headers={"Wechatpay-Signature": "WECHATPAY/SIGNTEST/x"}), SignatureProbe),
        (Answer(fault="close"), TransportError),
    ],
)
def test_a_real_error_tells_nothing_of_the_call(
    make_client: Callable[..., WeChatPay], answer: Answer, kind: type[WeChatPayError]
) -> None:
    """Raised by a call, an error shows and pickles no header, no body and no key."""
    with Gateway() as gateway:
        gateway.default = answer
        wxpay = make_client(base_url=gateway.url, apiv3_key=APIV3_KEY)
        with pytest.raises(kind) as caught:
            wxpay["v3/x/{id}"].post(id="oUpF8uMuAJO", json={"secret": "BODY-OF-THE-CALL"})
    error = caught.value
    signature = gateway.requests[-1].claims["signature"]
    again: WeChatPayError = pickled(pickle.HIGHEST_PROTOCOL, error)
    assert (type(again), str(again)) == (kind, str(error))
    for shown in (repr(error), str(vars(again)), repr(pickle.dumps(error))):
        for secret in (signature, "WECHATPAY2-SHA256", "BODY-OF", "oUpF8u", APIV3_KEY):
            assert secret not in shown
