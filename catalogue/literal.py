"""Official samples as literal calls: one Python file of them, for type checkers, and each as data.

The file is made where it is asked for, never in the repository: the samples are not this project's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wechatpay._chain.hints import attribute

from .models import shape
from .plain import is_list, is_object
from .readers.java_values import Sealed
from .readers.official_samples import Sample

__all__ = ["arguments", "module", "resolved"]

_HEAD = '''# pyright: strict
"""Official samples as literal calls. Made; not to be committed."""

from wechatpay import WeChatPay


def calls(wxpay: WeChatPay) -> None:
    """Make each call."""
'''


def arguments(sample: Sample) -> dict[str, Any]:
    """Return what a sample passes to its verb: `json`, `params`, the placeholders, `media`."""
    found: dict[str, Any] = dict(sample.values.get("path", {}))
    if "query" in sample.values:
        found["params"] = _plain(sample.values["query"])
    if sample.multipart:
        return {**found, "media": b"\x89PNG\r\n\x1a\n"}
    if "body" in sample.values:
        found["json"] = _plain(sample.values["body"])
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Sealed):
        return value.text
    if is_object(value):
        return {name: _plain(each) for name, each in value.items()}
    if is_list(value):
        return [_plain(each) for each in value]
    return value


def resolved(sample: Sample, paths: Mapping[tuple[str, str], str]) -> tuple[str, dict[str, Any]]:
    """Return the catalogue's template of a sample's call, and its arguments by that one's names."""
    template = paths.get((sample.verb, shape(sample.path)), sample.path)
    theirs, ours = (re.findall(r"\{(\w+)\}", each) for each in (sample.path, template))
    names = dict(zip(theirs, ours, strict=True))
    return template, {names.get(name, name): value for name, value in arguments(sample).items()}


def module(samples: Iterable[Sample], paths: Mapping[tuple[str, str], str]) -> str:
    """Return the file: each sample's call by attributes and by a string, and where it stands.

    mypy checks the first, pyright both.

    Args:
        samples: The samples.
        paths: The catalogue's templates, by verb and by the template without names.
    """
    return _HEAD + "".join(
        f"    # {sample.says}\n    {line}\n" for sample in samples for line in _call(sample, paths)
    )


def _call(sample: Sample, paths: Mapping[tuple[str, str], str]) -> Iterator[str]:
    template, given = resolved(sample, paths)
    passed = ", ".join(f"{name}={value!r}" for name, value in given.items())
    attributes = ".".join(attribute(each) for each in template.split("/"))
    yield f"wxpay.{attributes}.{sample.verb}({passed})"
    yield f"wxpay.chain({template!r}).{sample.verb}({passed})"
