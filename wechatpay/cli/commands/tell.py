"""`wechatpay tell` and `wechatpay trigger`: what a sandbox can be told from a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import _assignments, _output
from .._layout import definitions
from .._sandbox import actions, ask, of_sandbox
from .._settings import Settings, configured
from ..words import text

if TYPE_CHECKING:
    from ...sandbox import Action

_TRIGGER = "sandbox/trigger"


def _completed(incomplete: str) -> list[str]:
    return [name for name in actions() if name.startswith(incomplete)]


def _events(incomplete: str) -> list[str]:
    from ... import api

    types = (each.event_type for each in api.notifications())
    return [each for each in types if each.startswith(incomplete)]


@configured
def tell(
    settings: Settings,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[WHAT]", help="tell.what", autocompletion=_completed),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[VALUE]...", help="tell.values")
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", "-d", metavar="NAME=VALUE", help="tell.data")
    ] = None,
) -> None:
    """Have the customer do something, or tell the sandbox."""
    known = actions()
    if name is None:
        rows = [(_usage(key, each), text(f"do.{each.name}")) for key, each in known.items()]
        for line in definitions(rows):
            _output.put(line)
        return
    chosen = known.get(name.replace("_", "-"))
    if chosen is None:
        from difflib import get_close_matches

        near = get_close_matches(name, known) or list(known)
        raise typer.BadParameter(text("tell.unknown", name=name, known=", ".join(near)))
    path, body = _given(name, chosen, values or [], data or [])
    with of_sandbox(settings).client() as client:
        route = chosen.route
        if route.method == "GET":
            said = ask(client, "GET", route.template, **path, params=body)
        else:
            said = ask(client, "POST", route.template, **path, json=body)
    if said is None:
        _output.say(text("tell.done"))
    else:
        _output.dump(said, pretty=_output.is_terminal())


@configured
def trigger(
    settings: Settings,
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="trigger.event", autocompletion=_events)
    ],
    data: Annotated[
        list[str] | None, typer.Option("--data", "-d", metavar="NAME=VALUE", help="trigger.data")
    ] = None,
) -> None:
    """Have the sandbox send a notification."""
    body = {"event_type": event, "fields": _built(data or [], None)}
    with of_sandbox(settings).client() as client:
        said = ask(client, "POST", _TRIGGER, json=body)
    _output.dump(said, pretty=_output.is_terminal())


def _tree(action: Action) -> dict[str, Any]:
    return dict(action.route.query or action.route.body_tree or {})


def _ordered(action: Action) -> list[str]:
    """What values without a name are, in their order; what takes the rest stands last."""
    tree = _tree(action)
    needed = [name for name, spec in tree.items() if spec.get("required")]
    rest = [name for name, spec in tree.items() if spec["type"].startswith("array")]
    return [*action.route.placeholders, *needed, *rest]


def _usage(name: str, action: Action) -> str:
    tree = _tree(action)
    ordered = _ordered(action)
    words = [f"[{one.upper()}]..." if _is_rest(tree, one) else one.upper() for one in ordered]
    options = [f"[-d {one}=…]" for one in tree if one not in ordered]
    return " ".join([name, *words, *options])


def _is_rest(tree: dict[str, Any], name: str) -> bool:
    return name in tree and tree[name]["type"].startswith("array")


def _given(
    name: str, action: Action, values: list[str], data: list[str]
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the values of the path's placeholders, and the body."""
    tree, path, body = _tree(action), dict[str, str](), dict[str, Any]()
    left = list(values)
    for one in _ordered(action):
        if _is_rest(tree, one):
            body[one], left = left, []
        elif left:
            (path if one in action.route.placeholders else body)[one] = left.pop(0)
    body |= _built(data, tree)
    missing = [one for one in _ordered(action) if one not in path and one not in body]
    if left or missing:
        raise typer.BadParameter(text("tell.usage", usage=_usage(name, action)))
    return path, _typed(body, tree)


def _built(data: Sequence[str], tree: dict[str, Any] | None) -> dict[str, Any]:
    try:
        built = _assignments.build(data)
    except _assignments.AssignmentError as error:
        raise typer.BadParameter(str(error)) from None
    for name in built if tree is not None else ():
        if name not in (tree or {}):
            known = ", ".join(tree or {}) or "-"
            raise typer.BadParameter(text("tell.no_field", name=name, known=known))
    return built


def _typed(body: dict[str, Any], tree: dict[str, Any]) -> dict[str, Any]:
    """Turn texts into the numbers and booleans that the action takes; the sandbox checks them."""
    readers: dict[str, Any] = {"integer": int, "number": float}
    for name, value in body.items():
        kind = tree[name]["type"]
        if kind == "boolean" and value in ("true", "false"):
            body[name] = value == "true"
        elif kind in readers and isinstance(value, str):
            try:
                body[name] = readers[kind](value)
            except ValueError:
                raise typer.BadParameter(text("tell.not_a_number", name=name)) from None
    return body
