"""What is wrong with a value on the command line, in our words, whatever reads it says."""

from __future__ import annotations

import inspect
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer

from .words import text


def why(command: Any, name: str) -> str:
    """Say what a parameter's value has to be like, by what the command's function declares.

    Args:
        command: The command.
        name: The parameter of its function.
    """
    signature = inspect.signature(command.callback, eval_str=True)
    hint: Any = signature.parameters[name].annotation
    low = high = None
    if get_origin(hint) is Annotated:
        hint, *infos = get_args(hint)
        [info] = (each for each in infos if isinstance(each, typer.models.ParameterInfo))
        low, high = info.min, info.max
    kind = _inner(hint)
    if kind in (int, float):
        if low is not None and high is not None:
            return text("usage.not_in_range", low=low, high=high)
        if low is not None:
            return text("usage.at_least", low=low)
        return text("usage.not_a_whole_number" if kind is int else "usage.not_a_number")
    if isinstance(kind, type) and issubclass(kind, Enum):
        return text("usage.not_one_of", known=", ".join(each.value for each in kind))
    return text("usage.not_valid")


def _inner(hint: Any) -> Any:
    """The type without `None` and without the list that it is in."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    return get_args(hint)[0] if get_origin(hint) is list else hint
