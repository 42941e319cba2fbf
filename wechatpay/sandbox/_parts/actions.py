"""What a merchant has no call for: what a customer does, and what the sandbox can be told.

It is declared once, as a method of a `Sandbox`. From the method's name and parameters come the
request by which another process does the same, `POST sandbox/…`, and the command
`wechatpay tell …`; the page's buttons call the same methods.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .._base import Text
from .._endpoint import EndpointRoute, IncomingCall, Limit, Limits, Spec, Tree, fields
from .._world import Hook, World
from . import words

Method = TypeVar("Method", bound=Callable[..., object])

_ATTRIBUTE = "declared"
_TYPES: Mapping[object, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}
_TAKEN = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
SELF: Hook[object] = Hook()
"""The sandbox that a world belongs to, which carries out its actions; a world may have none."""


@dataclass(frozen=True)
class _Declared:
    """What `action` says about a method, beside its signature."""

    path: str
    answers: str
    limits: Limits
    method: Literal["GET", "POST"]
    shows: Callable[[Any], object]
    is_listed: bool


def _as_it_is(said: object) -> object:
    return said


def action(
    path: str,
    *,
    answers: str = "",
    limits: Mapping[str, Limit] | None = None,
    method: Literal["GET", "POST"] = "POST",
    shows: Callable[[Any], object] = _as_it_is,
    is_listed: bool = True,
) -> Callable[[Method], Method]:
    """Say that a method is something that a customer does, or that the sandbox can be told.

    The request's placeholders and fields are the method's parameters: of a `str`, a `bool`, an
    `int`, a `float` or a `Literal` of texts, or one of these among others; `*ids` is a list of
    texts and `**fields` an object. A `ValueError` is a 400 of the request, a `LookupError` a 404.

        @action("transfers/{out_bill_no}/confirm")
        def confirm_transfer(self, out_bill_no: str) -> dict[str, Any]: ...

    Args:
        path: The path of the request, after `sandbox/`.
        answers: If the method returns no mapping: under which name the request answers it.
        limits: What fields of the request have to be like.
        method: `GET` for what only asks.
        shows: Turns what the method returns into what JSON can hold.
        is_listed: Whether it is something for people; `False` for what only a program needs.
    """
    found = _Declared(path, answers, limits or {}, method, shows, is_listed)

    def declare(declared: Method) -> Method:
        setattr(declared, _ATTRIBUTE, found)
        return declared

    return declare


@dataclass(frozen=True)
class Action:
    """One thing that can be done.

    Attributes:
        name: The method's name.
        route: The request.
        about: What it does: the first line of the method's docstring.
        is_listed: Whether it is something for people; `False` for what only a program needs.
    """

    name: str
    route: EndpointRoute
    about: str = ""
    is_listed: bool = True


def actions_of(family: type[Any]) -> tuple[Action, ...]:
    """Return what a family declares, in its order.

    Args:
        family: The family; one of its own is made for each request, and given the `world`.
    """
    found = ((name, each) for name, each in vars(family).items() if hasattr(each, _ATTRIBUTE))
    return tuple(_action(family, name, each) for name, each in found)


def _action(family: type[Any], name: str, method: Callable[..., object]) -> Action:
    declared: _Declared = getattr(method, _ATTRIBUTE)
    about = (inspect.getdoc(method) or "").partition("\n")[0]
    return Action(name, _route(family, name, method, declared), about, declared.is_listed)


def _route(
    family: type[Any], name: str, method: Callable[..., object], declared: _Declared
) -> EndpointRoute:
    template = f"sandbox/{declared.path}"
    in_path = f"{template}/"
    hints = get_type_hints(method)
    found = inspect.signature(method).parameters.values()
    listed = next((each.name for each in found if each.kind is each.VAR_POSITIONAL), "")
    named = next((each.name for each in found if each.kind is each.VAR_KEYWORD), "")
    parameters = [
        each
        for each in found
        if each.name != "self" and each.kind in _TAKEN and f"{{{each.name}}}" not in in_path
    ]
    body: Tree = {each.name: _spec(each, hints[each.name]) for each in parameters}
    if listed:
        body = {**body, listed: {"type": "array<string>"}}
    if named:
        body = {**body, named: {"type": "object"}}
    only_asks = declared.method == "GET"

    def handler(call: IncomingCall) -> Mapping[str, Any] | None:
        sent = fields.read(call.query.items(), body) if only_asks else call.body
        given = {each: sent[each] for each in body if each in sent}
        several = given.pop(listed, ())
        given |= given.pop(named, {})
        acting = getattr(_acting(family, call.world), name)
        try:
            said = acting(*several, **call.path, **given)
        except ValueError as error:
            raise words.NOT_SO(why=getattr(error, "text", Text(str(error), str(error)))) from error
        except LookupError as error:
            raise words.NOT_THERE(why=error) from error
        shown: Any = declared.shows(said)
        return {declared.answers: shown} if declared.answers else shown

    if only_asks:
        return EndpointRoute("GET", template, handler, query=body, query_limits=declared.limits)
    return EndpointRoute("POST", template, handler, body=body or None, limits=declared.limits)


def _acting(family: type[Any], world: World) -> Any:
    """Return what the method is called on: the sandbox; without one, a bare family of the world."""
    if found := SELF.of(world):
        return found[0]
    customer: Any = object.__new__(family)
    customer.world = world
    return customer


def _spec(parameter: inspect.Parameter, hint: object) -> Spec:
    if get_origin(hint) in (Union, UnionType):
        # JSON has one type for each field: text where that is a choice, as for a time.
        plain = [
            each for each in (str, *get_args(hint)) if each in get_args(hint) and each in _TYPES
        ]
        hint = plain[0] if plain else str
    spec: dict[str, Any] = {"type": _TYPES.get(hint, "string")}
    if get_origin(hint) is Literal:
        spec |= {"enum": get_args(hint), "closed": True}
    if parameter.default is inspect.Parameter.empty:
        spec["required"] = True
    return cast("Spec", spec)
