"""`python -m catalogue.trying SOURCES`: official samples, through type checkers and the sandbox.

A sample is right unless its own page contradicts it: what is refused and is not in
``refused.jsonl`` (with the reason) is a fault of the catalogue or of the sandbox. What is there is
tried again with the part that is wrong put right (``instead``, a merge patch of the arguments).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from wechatpay import APIError, api
from wechatpay.api._format import merge
from wechatpay.sandbox import Sandbox

from . import literal
from .models import shape
from .plain import is_list, is_object
from .readers.official_samples import Sample, samples
from .sources import FOLDER, sources

__all__ = ["Outcome", "checked", "main", "paths", "tried"]

_ERROR = re.compile(r"calls\.py:\d+.*\berror\b")
_OURS = ("mchid", "sp_mchid", "combine_mchid")
_SERVED = {"sub_mchid": "1230000109", "sub_mch_id": "1230000109"}
"""For the samples' sub-merchant, whose number is the sandbox's own merchant's."""


class Outcome(NamedTuple):
    """What became of one sample in the sandbox.

    Attributes:
        sample: The sample.
        code: The refusal's code; empty if the sandbox took it.
        field: Where the refusal points.
        kind: ``taken``; ``state`` if what it speaks of is not there; or ``refused``.
    """

    sample: Sample
    code: str
    field: str
    kind: str


def paths() -> dict[tuple[str, str], str]:
    """Return the catalogue's templates, by verb and by the template without names."""
    return {(each.verb, shape(each.path)): each.path for each in api.endpoints()}


def tried(
    found: Iterable[Sample],
    known: Mapping[tuple[str, str], str],
    instead: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Outcome]:
    """Send each sample to a sandbox of its own, as that one's merchant, and yield what it said.

    Args:
        found: The samples.
        known: The catalogue's templates.
        instead: What is put right in all of them, as a merge patch of the arguments.
    """
    for sample in found:
        template, plain = literal.resolved(sample, known)
        given = merge(plain, dict(instead))
        with Sandbox() as sandbox:
            wxpay = sandbox.client()
            owned = _owned(given, sandbox.config["mchid"])
            send: Callable[..., Any] = getattr(wxpay.chain(template), sample.verb)
            try:
                send(**owned)
            except APIError as error:
                detail: Mapping[str, Any] = error.detail or {}
                state = error.status_code == 404 or "USED" in (error.code or "")
                kind = "state" if state else "refused"
                yield Outcome(sample, error.code or "", str(detail.get("field", "")), kind)
            else:
                yield Outcome(sample, "", "", "taken")


def _owned(value: Any, mchid: str) -> Any:
    """Return a sample's values with the sandbox's merchants for the sample's placeholders."""
    if is_object(value):
        return {
            name: mchid
            if name in _OURS and isinstance(each, str)
            else _SERVED.get(name) or _owned(each, mchid)
            for name, each in value.items()
        }
    return [_owned(each, mchid) for each in value] if is_list(value) else value


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Try all samples, say how it went, and return 1 if one was refused without a reason."""
    parser = argparse.ArgumentParser("python -m catalogue.trying")
    parser.add_argument("checkouts", type=Path, help="a folder with a checkout of each source")
    options = parser.parse_args(arguments)
    top = options.checkouts / sources()["samples"].repository.rpartition("/")[2]
    found, known = list(samples(top)), paths()
    wrong = checked(literal.module(found, known))
    reasons = [
        json.loads(line) for line in (folder / "refused.jsonl").read_text("utf-8").splitlines()
    ]
    counts: Counter[str] = Counter()
    for each in tried(found, known):
        counts[each.kind] += 1
        if each.kind == "refused":
            wrong += _explained(each, reasons, known)
    print(f"{len(found)} samples:", *(f"{n} {kind}" for kind, n in counts.most_common()))  # noqa: T201
    for line in wrong:
        print("wrong:", line)  # noqa: T201
    return int(bool(wrong))


def _explained(
    refused: Outcome, reasons: Iterable[Mapping[str, Any]], known: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    """Say why a sample is refused, and yield what is not explained."""
    sample = refused.sample
    for each in reasons:
        if each["field"] == refused.field and sample.says.endswith(tuple(each["says"])):
            print(f"refused: {sample.says}: {refused.field}: {each['why']}")  # noqa: T201
            if "instead" in each:
                (again,) = tried([sample], known, each["instead"])
                if again.kind == "refused":
                    yield f"{sample.says}: put right, {again.code} at {again.field}"
            return
    yield f"{sample.says}: {refused.code} at {refused.field}"


def checked(text: str) -> list[str]:
    """Return what type checkers say against a file, a line an error."""
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.py"
        path.write_text(text, "utf-8")
        for command in (["mypy", "--strict"], ["pyright"]):
            line = [sys.executable, "-m", *command, str(path)]
            run = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603
            said += [each for each in run.stdout.splitlines() if _ERROR.search(each)]
    return said


if __name__ == "__main__":
    raise SystemExit(main())
