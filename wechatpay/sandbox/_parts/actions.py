"""What a customer does, and a merchant has no call for: declared once, as a method.

The method is called as it is, on a `Sandbox`. For those who are in another process there is a
request, `POST sandbox/…`, and for people a button, both made of the method's name and parameters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from .._endpoint import Call, Limit, Limits, Route, Spec, Tree
from .._world import World

Method = TypeVar("Method", bound=Callable[..., object])

_ATTRIBUTE = "declared"
_TYPES: Mapping[object, str] = {str: "string", bool: "boolean", int: "integer"}


@dataclass(frozen=True)
class _Declared:
    """What is said of a method beside its signature."""

    path: str
    answers: str
    limits: Limits


def action(
    path: str, *, answers: str = "", limits: Mapping[str, Limit] | None = None
) -> Callable[[Method], Method]:
    """Say that a family's method is something that a customer does.

    The request's placeholders and fields are the method's parameters: of a `str`, a `bool`, an
    `int` or a `Literal` of texts.

        @action("transfers/{out_bill_no}/confirm")
        def confirm_transfer(self, out_bill_no: str) -> dict[str, Any]: ...

    Args:
        path: The path of the request, after `sandbox/`.
        answers: If the method returns a text: under which name the request answers it.
        limits: What fields of the request have to be like.
    """

    def declare(method: Method) -> Method:
        setattr(method, _ATTRIBUTE, _Declared(path, answers, limits or {}))
        return method

    return declare


@dataclass(frozen=True)
class Action:
    """One thing that a customer can do.

    Attributes:
        name: The method's name.
        route: The request.
    """

    name: str
    route: Route


def actions_of(family: type[Any]) -> tuple[Action, ...]:
    """Return what a family declares, in its order.

    Args:
        family: The family; one of its own is made for each request, and given the `world`.
    """
    found = ((name, each) for name, each in vars(family).items() if hasattr(each, _ATTRIBUTE))
    return tuple(Action(name, _route(family, name, each)) for name, each in found)


def _route(family: type[Any], name: str, method: Callable[..., object]) -> Route:
    declared: _Declared = getattr(method, _ATTRIBUTE)

    template = f"sandbox/{declared.path}"
    in_path = f"{template}/"
    hints = get_type_hints(method)
    parameters = [
        each
        for each in inspect.signature(method).parameters.values()
        if each.name != "self" and f"{{{each.name}}}" not in in_path
    ]
    body: Tree = {each.name: _spec(each, hints[each.name]) for each in parameters}

    def handler(call: Call) -> Mapping[str, Any] | None:
        given = {each: call.body[each] for each in body if each in call.body}
        said = getattr(_acting(family, call.world), name)(**call.path, **given)
        return {declared.answers: said} if declared.answers else said

    return Route("POST", template, handler, body=body or None, limits=declared.limits)


def _acting(family: type[Any], world: World) -> Any:
    customer: Any = object.__new__(family)
    customer.world = world
    return customer


def _spec(parameter: inspect.Parameter, hint: object) -> Spec:
    spec: dict[str, Any] = {"type": _TYPES.get(hint, "string")}
    if get_origin(hint) is Literal:
        spec |= {"enum": get_args(hint), "closed": True}
    if parameter.default is inspect.Parameter.empty:
        spec["required"] = True
    return cast("Spec", spec)
