"""All documented APIv3 endpoints, called with httpx and cryptography: none is left out."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from soak import PART, share

from wechatpay import api
from wechatpay.api import Endpoint, Field
from wechatpay.sandbox import Refusal, Sandbox, coverage
from wechatpay.sandbox._endpoint import Request, tree_of
from wechatpay.sandbox._families import Families
from wechatpay.sandbox._front.endpoints import router
from wechatpay.sandbox._world import World

from . import documented
from .documented import SECRET_TEXT, V3, Ask, Caller, Place, ask, lacking, name_of, places

_SIMULATED = {(each.verb, each.path) for each in coverage() if each.level == "simulated"}
_SHAPED = tuple(each for each in V3 if (each.verb, each.path) not in _SIMULATED)
_VERBS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    """A merchant who calls one sandbox all the time."""
    with Sandbox() as sandbox:
        caller = Caller(sandbox)
        yield caller
        caller.http.close()


def _opened(caller: Caller, fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Decrypt what only the merchant can read."""
    opened = dict(values)
    for each in fields:
        value = opened.get(each.name)
        if each.encrypted == "merchant-certificate" and isinstance(value, list):
            texts: list[str] = value  # pyright: ignore[reportUnknownVariableType]
            opened[each.name] = [caller.opened(text) for text in texts]
        elif each.encrypted == "merchant-certificate":
            opened[each.name] = caller.opened(opened[each.name])
        elif isinstance(value, dict):
            opened[each.name] = _opened(caller, each.fields, value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, list) and each.type == "array<object>":
            items: list[dict[str, Any]] = value  # pyright: ignore[reportUnknownVariableType]
            opened[each.name] = [_opened(caller, each.fields, item) for item in items]
    return opened


def test_every_endpoint_is_covered() -> None:
    """`coverage` names every endpoint of the catalogue once, in its order."""
    assert [(each.verb, each.path) for each in coverage()] == [
        (each.verb, each.path) for each in api.endpoints()
    ]
    assert {each.level for each in coverage()} == {"simulated", "shaped"}


def test_what_is_not_said_is_known() -> None:
    """An address is one by its name; a number whose values are words is a text."""
    fields = (
        Field("payer_client_ip", "string"),
        Field("ship", "string"),
        Field("state", "integer", enum=("OPEN",)),
        Field("code", "integer", enum=(1,)),
    )
    assert tree_of(fields) == {
        "payer_client_ip": {"type": "string", "format": "ip"},
        "ship": {"type": "string"},
        "state": {"type": "string", "enum": ("OPEN",)},
        "code": {"type": "integer", "enum": (1,)},
    }


@pytest.mark.soak
@pytest.mark.parametrize("everything", [False, True], ids=["required", "everything"])
def test_every_shaped_endpoint_answers(caller: Caller, everything: bool) -> None:
    """With what is required, or with all, the answer has its status and every documented field.

    Sensitive fields are encrypted both ways, answers verified (but for those that have no
    signature), and what was given in the path comes back under the same name.
    """
    wrong: dict[str, Any] = {}
    for each in share(_SHAPED, everything):
        call = ask(each, everything=everything)
        response = caller.send(call)
        if response.status_code != each.reply.status:
            wrong[name_of(each)] = response.text
        elif each.reply.kind == "json":
            answer = _opened(caller, each.reply.fields, response.json())
            found = lacking(each.reply.fields, answer)
            found += [
                f"{field.name} was not echoed"
                for field in each.reply.fields
                if field.name in call.path and str(answer[field.name]) != call.path[field.name]
            ]
            if found:
                wrong[name_of(each)] = found
        elif each.reply.kind == "empty":
            assert not response.content
        else:
            assert response.content
    assert wrong == {}


def test_every_simulated_endpoint_answers(caller: Caller) -> None:
    """An endpoint with a memory answers, or says that there is no such thing: never that the call
    is not as documented.
    """
    wrong: dict[str, str] = {}
    for each in V3:
        if each not in _SHAPED:
            response = caller.send(ask(each))
            refused = not response.is_success and "detail" in response.json()
            field = response.json()["detail"]["field"] if refused else ""
            if response.status_code >= 405 or field == "path":
                wrong[name_of(each)] = response.text
    assert wrong == {}


@pytest.mark.untraced
@pytest.mark.soak
@pytest.mark.parametrize("value", ["", 2**63 - 1, [{}]], ids=["empty", "huge", "list"])
def test_no_value_is_a_mistake_of_the_sandbox(caller: Caller, value: object) -> None:
    """Whatever an endpoint with a memory finds in one of its parameters, it has an answer."""
    wrong: set[str] = set()
    asked = 0
    for each in share([each for each in V3 if each not in _SHAPED], len(str(value))):
        call = ask(each, everything=True)
        for place in places(call):
            with contextlib.suppress(
                TypeError, ValueError, AttributeError
            ):  # what cannot be encrypted is not sent
                response = caller.send(place.put(call, value))
                asked += 1
                if response.status_code >= 500:
                    wrong.add(f"{name_of(each)} {place.pointer}")
    assert wrong == set()
    assert asked * PART > 200


@pytest.mark.untraced
@pytest.mark.soak
def test_the_same_call_gets_the_same_answer(caller: Caller) -> None:
    """Made-up answers depend on the request alone: another one gets another answer."""
    different = 0
    for each in share(_SHAPED, 1)[::2]:
        if each.reply.kind != "json":
            continue
        call = ask(each, everything=True)
        first, second = (
            _opened(caller, each.reply.fields, caller.send(call).json()) for _ in range(2)
        )
        assert first == second, name_of(each)
        if call.path:
            other = Ask(each, dict.fromkeys(call.path, "13"), call.query, call.body)
            different += _opened(caller, each.reply.fields, caller.send(other).json()) != first
    assert different * PART > 100


def _refusals(
    caller: Caller, mistakes: Callable[[Endpoint], Iterator[tuple[Ask, Place]]], first: int
) -> dict[str, str]:
    """Make one mistake in a call of each endpoint, and return where it was not refused as such.

    Of every tenth one, from the `first` on, in `make test`.

    An endpoint with a memory has limits of its own, so that something else may be refused first.
    """
    wrong: dict[str, str] = {}
    for each in share(V3, first):
        for call, place in mistakes(each):
            response = caller.send(call)
            said: dict[str, Any] = response.json() if response.content else {}
            detail: dict[str, Any] = said.get("detail", {})
            found = (response.status_code, said.get("code"), detail.get("location"))
            # Of a list of texts, it is the first that is wrong.
            pointers = (place.pointer, f"{place.pointer}/0")
            named = detail.get("field") in pointers or each not in _SHAPED
            if found != (400, "PARAM_ERROR", place.part) or not named:
                wrong[f"{name_of(each)} {place.pointer}"] = response.text
    return wrong


def _last(call: Ask, suits: Callable[[Field], bool]) -> Iterator[Place]:
    """Yield the last parameter that suits, which is the deepest of its kind more often than not."""
    yield from [place for place in places(call) if suits(place.field)][-1:]


@pytest.mark.soak
def test_a_missing_parameter_is_refused(caller: Caller) -> None:
    """Of every endpoint: without something required, 400 `PARAM_ERROR` with where and what."""

    def mistakes(endpoint: Endpoint) -> Iterator[tuple[Ask, Place]]:
        call = ask(endpoint)
        for place in _last(call, lambda field: field.required and field.grade != "one"):
            yield place.put(call, None), place

    assert _refusals(caller, mistakes, 1) == {}


def _of_another_type(place: Place) -> object:
    if place.part == "query":
        return "x"
    others: dict[str, object] = {"string": 5, "boolean": 1, "object": [], "array": {}}
    return others.get(place.field.type.partition("<")[0], "x")


@pytest.mark.untraced
@pytest.mark.soak
def test_a_wrong_type_is_refused(caller: Caller) -> None:
    """Of every endpoint: with something of another type, 400 `PARAM_ERROR` with where and what."""

    def mistakes(endpoint: Endpoint) -> Iterator[tuple[Ask, Place]]:
        call = ask(endpoint, everything=True)
        for place in _last(call, lambda field: True):
            if place.part == "body" or place.field.type in ("integer", "number", "boolean"):
                yield place.put(call, _of_another_type(place)), place

    assert _refusals(caller, mistakes, 2) == {}


@pytest.mark.soak
def test_a_value_that_is_not_documented_is_refused(caller: Caller) -> None:
    """Of every endpoint: with none of the values of a closed list, 400 `PARAM_ERROR`."""

    def mistakes(endpoint: Endpoint) -> Iterator[tuple[Ask, Place]]:
        call = ask(endpoint, everything=True)
        for place in _last(call, lambda field: field.closed and "array" not in field.type):
            other = -77 if isinstance(documented.settled(place.field).enum[0], int) else "NO SUCH"
            yield place.put(call, other), place

    assert _refusals(caller, mistakes, 3) == {}


@pytest.mark.untraced
@pytest.mark.soak
def test_what_is_not_encrypted_is_refused(caller: Caller) -> None:
    """Every sensitive field of every endpoint, in plain text: 400 `PARAM_ERROR`, and where."""
    found = 0

    def mistakes(endpoint: Endpoint) -> Iterator[tuple[Ask, Place]]:
        nonlocal found
        call = ask(endpoint, everything=True)
        for place in places(call):
            if place.field.encrypted:
                found += 1
                sealed = _sealed_but(caller, call, place)
                yield sealed, place

    assert _refusals(caller, mistakes, 4) == {}
    assert found * PART >= 200


def _sealed_but(caller: Caller, call: Ask, plain: Place) -> Ask:
    """Encrypt all sensitive fields of a call but one."""
    for place in places(call):
        if place.field.encrypted and place != plain:
            text = caller.key.encrypt(SECRET_TEXT.encode(), documented.OAEP)
            sealed = base64.b64encode(text).decode()
            call = place.put(call, [sealed] if "array" in place.field.type else sealed)
    return Ask(call.endpoint, call.path, call.query, call.body, sealed=False)


@pytest.mark.soak
def test_a_key_must_be_named(caller: Caller) -> None:
    """A call with sensitive fields that does not say for which key they are is a 400."""
    for each in share(V3, 2):
        call = ask(each, everything=True)
        if any(place.field.encrypted for place in places(call)):
            response = caller.send(call, named=False)
            assert response.status_code == 400, name_of(each)
            assert response.json()["detail"]["field"] == "Wechatpay-Serial"


@pytest.mark.untraced
@pytest.mark.soak
def test_another_verb_is_refused(caller: Caller) -> None:
    """Of every endpoint: a verb that is not documented there is a 405 that names those that are."""
    verbs: dict[str, set[str]] = {}
    for each in V3:
        verbs.setdefault(ask(each).template, set()).add(each.verb.upper())
    for each in share(V3, 3):
        call = ask(each)
        known = verbs[call.template]
        wrong = next(verb for verb in _VERBS if verb.upper() not in known)
        response = caller.send(call, verb=wrong)
        if response.status_code != 405:
            # The same path belongs to another endpoint, with a placeholder where this has a word.
            assert _also_matches(call, wrong), name_of(each)
            continue
        assert known <= set(re.findall("[A-Z]+", response.json()["detail"]["issue"]))


def _also_matches(call: Ask, verb: str) -> bool:
    found = api.endpoint(verb, call.template.format_map(call.path))
    return found is not None and found.path != call.endpoint.path


@pytest.mark.untraced
@pytest.mark.soak
def test_another_path_is_refused(caller: Caller) -> None:
    """Of every endpoint: the path with another segment behind it is a 404."""
    for each in share(V3, 4):
        call = ask(each)
        target = caller.target(call).partition("?")[0] + "/no/such/endpoint"
        response = caller.send(call, target=target)
        assert (response.status_code, response.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_one_of_several_is_needed(caller: Caller) -> None:
    """Where one of several parameters is enough, none of them is a 400 that names them all."""
    endpoint = api.endpoint("post", "v3/ecommerce/refunds/apply")
    assert endpoint
    call = ask(endpoint)
    names = ("transaction_id", "combine_transaction_id", "out_trade_no")
    body = {name: value for name, value in call.body.items() if name not in names}
    response = caller.send(replace(call, body=body))
    assert response.status_code == 400
    assert response.json()["detail"]["issue"].endswith(" or ".join(names))
    for name in names:
        # A number that no other test's order has: of that, there may be nothing to refund.
        given = replace(call, body={**body, name: "999999999999999999"})
        assert caller.send(given).status_code != 400


def test_one_of_several_is_needed_in_an_object(caller: Caller) -> None:
    """So it is in an object of a body: who pays is named by one of two openids, or both."""
    endpoint = api.endpoint("post", "v3/pay/partner/transactions/jsapi")
    assert endpoint
    call = ask(endpoint)
    call = replace(call, body={**call.body, "sp_appid": "wxd678efh567hg6787"})
    response = caller.send(replace(call, body={**call.body, "payer": {}}))
    assert (response.status_code, response.json()["code"]) == (400, "PARAM_ERROR")
    assert response.json()["detail"]["field"] == "/payer/sp_openid"
    for name in ("sp_openid", "sub_openid"):
        payer = {name: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
        number = f"order-{name}"
        given = replace(call, body={**call.body, "out_trade_no": number, "payer": payer})
        assert caller.send(given).status_code == 200


@pytest.mark.parametrize(
    ("verb", "target"),
    [
        ("GET", "/v3/statements?date=20260101&mchid=1900000109"),
        ("GET", "/hk/v3/bill/tradebill?bill_date=2026-01-01"),
        ("GET", "/global/v3/statements"),
        ("POST", "/v3/ecommerce/applyments/5"),
        ("POST", "/v3/ecommerce/applyments"),
    ],
)
def test_hosts_and_placeholders_count(caller: Caller, verb: str, target: str) -> None:
    """A path is served below the prefix of its host only, and a fixed placeholder has one value."""
    call = ask(next(each for each in V3 if each.verb == verb.lower() and not each.body.fields))
    assert caller.send(call, verb=verb, target=target).status_code in (404, 405)


@pytest.mark.soak
def test_every_parameter_is_checked(caller: Caller) -> None:
    """Every parameter of every endpoint: missing, of another type, or of no documented value."""
    checked, wrong = 0, dict[str, object]()
    world = Sandbox().world
    for each in share(_SHAPED, 2):
        call = ask(each, everything=True)
        for place in places(call):
            for value in _mistakes(place):
                found = _refused_at(caller, world, place.put(call, value))
                if found != place.pointer:
                    wrong[f"{name_of(each)} {place.pointer} {value}"] = found
                checked += 1
    assert wrong == {}
    assert checked * PART > 7_000


def _mistakes(place: Place) -> Iterator[object]:
    field = documented.settled(place.field)
    if field.required and field.grade != "one":
        yield None
    if place.part == "body" or field.type in ("integer", "number", "boolean"):
        yield _of_another_type(place)
    if field.closed and "array" not in field.type:
        yield -77 if isinstance(field.enum[0], int) else "NO SUCH"


def _refused_at(caller: Caller, world: World, call: Ask) -> str:
    """Return the field at which a call is refused, whoever signed it."""
    call = replace(call, sealed=False)
    content, headers, _ = caller.content(call)
    lines = tuple((name.encode(), value.encode()) for name, value in headers.items())
    target = caller.target(call).encode()
    request = Request(call.endpoint.verb.upper(), target, lines, content)
    route, values = router(Families).find(request)
    try:
        route.understand(request, values, world)
    except Refusal as refusal:
        return str(refusal.detail["field"])
    return ""
