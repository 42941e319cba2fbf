"""Makes the catalogue's files: every entry of the compiled table, and what only others know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from . import decisions as hand
from . import refusals
from .examples import unsaid
from .judge import Judge, SourcedModel, keys
from .models import Model, Place, shape
from .plain import is_object
from .raw import Raw, without
from .sources import FOLDER, READERS, sources

__all__ = ["Made", "heard", "make"]

SCHEMA = 1
_TREES: tuple[tuple[Place, str], ...] = (("query", "query"), ("body", "body"), ("reply", "reply"))


class Made(NamedTuple):
    """What was made.

    Attributes:
        files: The catalogue's files by name.
        witnesses: Who says what, by call and field.
        judge: How it was decided.
        new: Calls that the compiled table does not have.
    """

    files: Mapping[str, str]
    witnesses: Mapping[tuple[str, str], Mapping[str, str]]
    judge: Judge
    new: Sequence[tuple[str, str]]


def heard(checkouts: Mapping[str, Path]) -> list[SourcedModel]:
    """Read every source.

    Args:
        checkouts: The checkouts, by the sources' names.
    """
    sourced: list[SourcedModel] = []
    for name, source in sources().items():
        if name in checkouts:
            sourced += [SourcedModel(source, model) for model in READERS[name](checkouts[name])]
    return sourced


def make(sourced: Iterable[SourcedModel], folder: Path = FOLDER) -> Made:
    """Decide everything: once to measure the kinds of pages, and once more for good.

    Args:
        sourced: What the sources say.
        folder: Where ``compiled/`` and ``decisions.jsonl`` are.
    """
    decisions = hand.read(folder / "decisions.jsonl")
    said = keys(sourced)
    first = Judge(decisions)
    _made(said, first, folder)
    return _made(said, Judge(decisions, first.kinds_that_err()), folder)


def _made(
    said: Mapping[tuple[str, str], Sequence[SourcedModel]], judge: Judge, folder: Path
) -> Made:
    witnesses: dict[tuple[str, str], Mapping[str, str]] = {}
    entries = _lines(folder / "compiled" / "endpoints.jsonl")
    made: list[dict[str, Any]] = []
    for entry in entries:
        judge.witnesses = {}
        made.append(_entry(entry, _of(entry, said, entries), judge))
        witnesses[entry["verb"], entry["path"]] = judge.witnesses
    new = _new(made, said, judge)
    for entry in new:
        judge.witnesses = {}
        made.append(_entry(entry, said.get((entry["verb"], shape(entry["path"])), ()), judge))
        witnesses[entry["verb"], entry["path"]] = judge.witnesses
    refusals.with_statuses(made)
    events: list[dict[str, Any]] = []
    known = _lines(folder / "compiled" / "notifications.jsonl")
    for event in [*known, *_new_events(known, judge)]:
        judge.witnesses = {}
        events.append(_event(event, said, judge, made))
        witnesses["event", f"{event['version']}/{event['event_type']}"] = judge.witnesses
    files = {
        "endpoints.jsonl": _file("endpoints", (unsaid(each, each["path"]) for each in made)),
        "notifications.jsonl": _file(
            "notifications", (unsaid(each, f"event:{each['event_type']}") for each in events)
        ),
    }
    return Made(files, witnesses, judge, [(each["verb"], each["path"]) for each in new])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]


def _file(kind: str, entries: Iterable[dict[str, Any]]) -> str:
    ordered = sorted(entries, key=lambda entry: list(entry.values())[:2])
    return "".join(f"{_dump(each)}\n" for each in ({"schema": SCHEMA, "kind": kind}, *ordered))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _of(
    entry: Mapping[str, Any],
    said: Mapping[tuple[str, str], Sequence[SourcedModel]],
    entries: Sequence[Mapping[str, Any]],
) -> list[SourcedModel]:
    """Return what is said of an entry's call; of two of one shape, each has its own."""
    found = list(said.get((entry["verb"], shape(entry["path"])), ()))
    short = entry["path"].removesuffix("/")
    if short != entry["path"] and all(
        (entry["verb"], short) != (e["verb"], e["path"]) for e in entries
    ):
        found += said.get((entry["verb"], shape(short)), ())  # some leave out the last slash
    twins = {
        each["path"]
        for each in entries
        if each["verb"] == entry["verb"] and shape(each["path"]) == shape(entry["path"])
    }
    return [
        each for each in found if len(twins) == 1 or each.model.path not in twins - {entry["path"]}
    ]


def _entry(entry: dict[str, Any], sourced: Sequence[SourcedModel], judge: Judge) -> dict[str, Any]:
    call = Model(entry["verb"], entry["path"], {})
    kind = _page_kind(entry)
    made = dict(entry)
    for place, name in _TREES:
        content: dict[str, Any] = entry.get(name, {}) if place != "query" else {}
        base: Raw = content.get("fields", {}) if place != "query" else entry.get(name, {})
        if content.get("kind", "json") not in ("json", "xml", "multipart"):
            continue  # an answer without fields: what it is, is not for a model to say
        tree = judge.tree(call, place, base, sourced, kind=kind)
        if place == "query":
            made[name] = tree
        elif tree:
            blank = (
                {"kind": _body_kind(entry)} if place == "body" else {"kind": "json", "status": 200}
            )
            made[name] = {**(content or blank), "fields": tree}
    for what, decision in judge.decisions.of(call, "", "").items():
        if what not in ("like", "resource_of"):
            made[what] = decision.value
    one_of = judge.decisions.of(call, "body", "").get("one_of")
    if one_of is not None:
        made["body"] = {**made["body"], "one_of": one_of.value}
    ranked = sorted(sourced, key=lambda each: each.source.rank != "official")
    errors = refusals.merged(each.model.errors for each in ranked)
    if errors and "errors" not in made:
        made["errors"] = [list(error) for error in errors]
    order = ("path", "verb", "name")
    return without({**{name: made[name] for name in order}, **made})


def _body_kind(entry: Mapping[str, Any]) -> str:
    return "xml" if entry["path"].startswith("v2/") else "json"


def _page_kind(entry: Mapping[str, Any]) -> str:
    """Return the kind of a call's pages: whose they are; an upload's form is the protocol's."""
    if entry.get("body", {}).get("kind") == "multipart":
        return "upload"
    modes = set(entry.get("modes", ()))
    if modes >= {"direct", "partner"}:
        return "merged"
    return min(modes, default="unknown")


def _new(
    entries: Sequence[Mapping[str, Any]],
    said: Mapping[tuple[str, str], Sequence[SourcedModel]],
    judge: Judge,
) -> list[dict[str, Any]]:
    """Return entries for the calls that the compiled table does not have.

    One needs an official source, or a person's decision that names it.
    """
    known = {(each["verb"], shape(each["path"])) for each in entries}
    wanted: dict[tuple[str, str], str] = {}
    for (verb, where), sourced in said.items():
        path = sourced[0].model.path
        official = any(each.source.rank == "official" for each in sourced)
        if (
            verb != "event"
            and official
            and _PATH.fullmatch(path)
            and (verb, f"{where}/") not in known
        ):
            wanted[verb, where] = path
    for verb, path in judge.decisions.calls():
        if verb != "event" and "name" in judge.decisions.of(Model(verb, path, {}), "", ""):
            wanted[verb, shape(path)] = path
    return [
        _blank(verb, path, said.get((verb, where), ()), judge, entries)
        for (verb, where), path in wanted.items()
        if (verb, where) not in known
    ]


def _blank(
    verb: str,
    path: str,
    sourced: Sequence[SourcedModel],
    judge: Judge,
    entries: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return an entry as the compiled table would have it, for a call that it does not have."""
    decided = judge.decisions.of(Model(verb, path, {}), "", "")
    docs = dict.fromkeys(doc for each in sourced for doc in each.model.docs)
    docs.update(dict.fromkeys(page for each in decided.values() for page in each.pages))
    modes = dict.fromkeys(each.model.mode for each in sourced if each.model.mode)
    names = [each.model.name for each in sourced if each.model.name]
    entry: dict[str, Any] = {
        "path": path,
        "verb": verb,
        "name": decided["name"].value if "name" in decided else (names or [_title(path)])[0],
        "modes": list(modes),
    }
    if "like" in decided:
        like, _, where = decided["like"].value.partition(" ")
        other = next(each for each in entries if (each["verb"], each["path"]) == (like, where))
        entry |= {
            part: _brands(other[part]) for part in ("query", "body", "reply") if part in other
        }
    if any("media" in part for part in path.split("/")) and verb == "post" and "body" not in entry:
        entry["body"] = _UPLOAD
    return without({**entry, "docs": [doc for doc in docs if "pay.weixin" in doc]})


_PATH = re.compile(r"(v[23]|brand)(/[\w{}-]+)+/?")
_UPLOAD = {
    "kind": "multipart",
    "fields": {
        "file!": "binary",
        "meta!": {"json": "object", "fields": {"sha256!": "string", "filename!": "string"}},
    },
}


def _title(path: str) -> str:
    return path.rpartition("/")[2]


def _brands(tree: Any) -> Any:
    """Return a tree of a partner's call as it is in a brand's own: `brand_id` is in the header."""
    if not is_object(tree):
        return tree
    return {
        name: _brands(value) for name, value in tree.items() if name.removesuffix("!") != "brand_id"
    }


def _new_events(known: Sequence[Mapping[str, Any]], judge: Judge) -> list[dict[str, Any]]:
    """Return entries for the notifications that only persons know."""
    have = {f"{each['version']}/{each['event_type']}" for each in known}
    new: list[dict[str, Any]] = []
    for verb, path in judge.decisions.calls():
        decided = judge.decisions.of(Model(verb, path, {}), "", "")
        if verb != "event" or path in have or "name" not in decided:
            continue
        version, _, event = path.partition("/")
        new.append(
            {
                "version": version,
                "event_type": event,
                "name": decided["name"].value,
                "event_types": [event],
                "encrypted_field": "body.resource.ciphertext",
                "body": next(each["body"] for each in known if each["version"] == version),
                "docs": [page for page in decided["name"].pages if "pay.weixin" in page],
            }
        )
    return new


def _event(
    event: dict[str, Any],
    said: Mapping[tuple[str, str], Sequence[SourcedModel]],
    judge: Judge,
    entries: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    path = f"{event['version']}/{event['event_type']}"
    call = Model("event", path, {})
    sourced = list(said.get(("event", path), ()))
    made = dict(event)
    alike = judge.decisions.of(call, "", "").get("resource_of")
    for other in alike.value if alike is not None else ():
        verb, _, where = other.partition(" ")
        for each in said.get((verb, shape(where)), ()):
            if "reply" in each.model.parts:
                model = Model("event", path, {"event": each.model.parts["reply"]})
                sourced.append(SourcedModel(each.source, model))
    if event.get("variants"):
        return made
    tree = judge.tree(call, "event", event.get("resource", {}), sourced, kind="unknown")
    made["resource"] = tree
    apart = judge.decisions.of(call, "", "").get("apart")
    if apart is not None:  # what comes under one event, but is the answer of another call
        replies = {f"{e['verb']} {e['path']}": e["reply"] for e in entries if "reply" in e}
        made["variants"] = [[when, replies[like]["fields"]] for when, like in apart.value]
    order = ("version", "event_type", "name")
    return without({**{name: made[name] for name in order}, **made})
