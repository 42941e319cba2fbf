"""Every sentence of the sandbox, wherever it stands."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import cast

import wechatpay.sandbox
from wechatpay.sandbox._base import No, Old, OldNo, Text


def modules() -> list[str]:
    """Return the names of all modules called `words`."""
    found = pkgutil.walk_packages(wechatpay.sandbox.__path__, "wechatpay.sandbox.")
    return [each.name for each in found if each.name.endswith(".words")]


def texts(module: str) -> Iterator[tuple[str, Text]]:
    """Return what stands in one of them, by where it stands."""
    for name, value in vars(importlib.import_module(module)).items():
        if not isinstance(value, (ModuleType, type)):
            yield from _of(name, value)


def _of(name: str, value: object) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield name, value
    elif isinstance(value, (No, OldNo)):
        yield name, value.text
        yield from _of(f"{name}.old", getattr(value, "old", None))
    elif isinstance(value, Old):
        yield from _of(name, value.text)
    elif isinstance(value, Mapping):
        for key, each in cast("Mapping[object, object]", value).items():
            yield from _of(f"{name}[{key}]", each)
