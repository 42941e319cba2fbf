"""The sources: which repository at which commit, how much weight each has, who reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .models import Model
from .readers import official_go, official_java, official_samples, skit, website, wxjava

__all__ = ["COMPILED", "FOLDER", "READERS", "Source", "sources"]

FOLDER = Path(__file__).resolve().parent

READERS: dict[str, Callable[[Path], Iterator[Model]]] = {
    "go": official_go.read,
    "java": official_java.read,
    "samples": official_samples.read,
    "skit": skit.read,
    "website": website.read,
    "wxjava": wxjava.read,
}


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    Attributes:
        name: Its short name.
        repository: Owner and name on GitHub; empty for what is in this folder.
        commit: The commit that the committed files were made from.
        licence: Under what it may be read.
        rank: ``official``, or ``other``.
        group: What it is independent of: sources of one group are one witness.
        partial: Whether its models are known to be incomplete: what one leaves out says nothing.
        sampled: Whether its models are single samples': a field that none sets is not sourced of.
    """

    name: str
    repository: str
    commit: str
    licence: str
    rank: Literal["official", "other"]
    group: str
    partial: bool = False
    sampled: bool = False


COMPILED = Source("compiled", "", "", "facts only", "other", "index")
"""What was compiled of the documentation in 2026-11, in ``compiled/``."""


def sources() -> dict[str, Source]:
    """Return the sources of ``sources.json`` by name, the compiled table first."""
    pinned: dict[str, dict[str, Any]] = json.loads((FOLDER / "sources.json").read_text("utf-8"))
    groups = {"website": "index"}
    found = {
        name: Source(
            name,
            **each,
            group=groups.get(name, name),
            partial=name == "wxjava",
            sampled=name == "samples",
        )
        for name, each in pinned.items()
    }
    return {"compiled": COMPILED, **found}
