"""What a run found, for people: ``REPORT.md`` here, ``PROVENANCE.md`` in the package."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .comparing import Compared
from .making import Made
from .plain import is_object
from .sources import FOLDER, sources

__all__ = ["changes", "provenance", "report", "witnesses"]

_WHATS = ("required", "type", "values", "sealed")
_GRADES = ("person", "official", "two", "one")


def report(made: Made, compared: Compared) -> str:
    """Return ``REPORT.md``: how the facts are witnessed, what is disputed, what was measured.

    Args:
        made: The run.
        compared: The finished catalogue, held against the sources again.
    """
    return "\n".join(
        (
            "<!-- Made by `make catalogue`: do not edit. -->",
            "# How the catalogue knows what it says",
            "",
            "Of each fact: who says so, from the strongest (see `weighing.py` for the rules).",
            "",
            *_grades(made),
            "",
            "By number of independent witnesses of the field:",
            "",
            *_numbers(made),
            "",
            "## Disputes",
            "",
            "What the sources do not agree on, and how it was decided.",
            "",
            *_disputes(made),
            "",
            "## How often a single index errs",
            "",
            "Where it calls a field of a request required and an official source can tell. A kind",
            "that is wrong more than once in twenty is not believed alone.",
            "",
            *_measured(made),
            "",
            "## The finished catalogue beside each source",
            "",
            *_compared(compared),
            "",
            "## Endpoints that the compiled table of 2026-11 does not have",
            "",
            *(f"- {verb.upper()} `{path}`" for verb, path in sorted(made.new)),
            "",
        )
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def _grades(made: Made) -> Iterator[str]:
    counts: Counter[tuple[str, str]] = Counter()
    for (what, grade, _), number in made.judge.counts.items():
        counts[what, grade] += number
    rows = ((what, *(f"{counts[what, grade]:,}" for grade in _GRADES)) for what in _WHATS)
    return _table(("fact", *_GRADES), rows)


def _numbers(made: Made) -> Iterator[str]:
    counts: Counter[tuple[str, int]] = Counter()
    for (what, _, said), number in made.judge.counts.items():
        counts[what, said] += number
    most = range(1, max(said for _, said in counts) + 1)
    rows = ((what, *(f"{counts[what, said]:,}" for said in most)) for what in _WHATS)
    return _table(("fact", *map(str, most)), rows)


def _disputes(made: Made) -> Iterator[str]:
    counts = Counter((each.what, each.place, each.kind) for each in made.judge.disputes)
    rows = ((*kind, number) for kind, number in sorted(counts.items()))
    return _table(("fact", "part", "who against whom", "how many"), rows)


def _measured(made: Made) -> Iterator[str]:
    measured = made.judge.measured
    rows = (
        (
            kind,
            measured[kind, True],
            measured[kind, False],
            "no" if kind in made.judge.errs else "yes",
        )
        for kind in sorted({kind for kind, _ in measured})
    )
    return _table(("kind of page and field", "right", "wrong", "believed alone"), rows)


def _compared(compared: Compared) -> Iterator[str]:
    yield "Every model of an SDK or a sample, held against what was decided, by code of its own"
    yield "(`comparing.py`). Where a person decided, the page was read, and it is not counted."
    yield ""
    yield from _table(
        ("what", "how many"),
        (
            ("calls and notifications that an SDK or a sample models", f"{compared.calls:,}"),
            ("of these, all models say the same", f"{compared.alike:,}"),
            ("fields compared", f"{compared.fields:,}"),
            (
                "differences that an official source settles against the catalogue",
                len(compared.against),
            ),
        ),
    )
    yield ""
    yield "What is left: an unofficial model against an official one, a person, or others."
    yield ""
    counts = Counter((each.kind, each.place, each.source) for each in compared.differences)
    rows = ((*what, number) for what, number in sorted(counts.items()))
    yield from _table(("the catalogue says otherwise of", "part", "than", "how many"), rows)


def witnesses(made: Made) -> str:
    """Return ``witnesses.jsonl``: of each call, who says what of each field.

    A field's witnesses are names of sources, each after a sign: ``!`` required (or set by a
    sample), ``?`` optional, ``.`` there, ``/`` not there though the object is; a ``*`` behind it
    means that it is encrypted.
    """
    lines = (
        json.dumps(
            {"verb": verb, "path": path, "fields": fields},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for (verb, path), fields in sorted(made.witnesses.items())
    )
    return "".join(f"{line}\n" for line in lines)


def changes(made: Made, before: Mapping[str, str]) -> Iterator[str]:
    """Yield what a run changed, a line a fact: new, withdrawn and changed entries.

    Args:
        made: The run.
        before: The files that were there, by name.
    """
    for name, text in made.files.items():
        old, new = _entries(before.get(name, "")), _entries(text)
        for key in sorted(new.keys() - old.keys()):
            yield f"new: {' '.join(key)}"
        for key in sorted(old.keys() - new.keys()):
            yield f"withdrawn: {' '.join(key)}"
        for key in sorted(old.keys() & new.keys()):
            parts = list(_differing(old[key], new[key]))
            if parts:
                yield f"changed: {' '.join(key)}: {', '.join(parts)}"


def _entries(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()[1:]]
    return {(str(a), str(b)): each for each in found for a, b, *_ in [list(each.values())]}


def _differing(old: Any, new: Any, above: str = "") -> Iterator[str]:
    if not (is_object(old) and is_object(new)):
        if old != new:
            yield above or "entry"
        return
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield from _differing(
                old.get(name), new.get(name), f"{above}/{name}" if above else name
            )


def provenance(endpoints: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> str:
    """Return ``PROVENANCE.md``: where the catalogue comes from, and how much of everything it has.

    Args:
        endpoints: The entries of ``endpoints.jsonl``.
        events: Those of ``notifications.jsonl``.
    """
    options = [each.get("options", {}) for each in endpoints]
    dialects = Counter(each["path"].partition("/")[0] for each in endpoints)
    verbs = Counter(each["verb"] for each in endpoints)
    bodies = Counter(each.get("body", {}).get("kind", "none") for each in endpoints)
    versions = Counter(each["version"] for each in events)
    total = f"{len(endpoints):,}"
    rows = (
        (
            "endpoints",
            f"{total}: {dialects['v3']:,} APIv3, {dialects['v2']} APIv2, {dialects['brand']} of "
            "brands",
        ),
        ("by verb", _counted(verbs, str.upper)),
        ("by body", _counted(bodies, str)),
        ("mutual TLS", _flagged(options, "mutual_tls")),
        ("without `nonce_str`", _flagged(options, "nonceless")),
        ("unsigned answers", _flagged(options, "unsigned")),
        ("answers signed by digest", _flagged(options, "signed_digest")),
        ("streamed answers", _flagged(options, "stream")),
        (
            "with a host of their own",
            f"{_flagged(options, 'host')}, of which "
            f"{_flagged(options, 'host_required')} require it",
        ),
        ("browser redirects", _flagged(options, "browser_redirect")),
        ("POSTs that only ask", sum(bool(each.get("is_query")) for each in endpoints)),
        ("with an idempotency key", sum("idempotency_key" in each for each in endpoints)),
        ("with error codes", sum("errors" in each for each in endpoints)),
        ("notifications", f"{len(events)}: {versions['v3']} APIv3, {versions['v2']} APIv2"),
    )
    pinned = (
        (f"`{each.repository}`", f"`{each.commit[:12]}`", each.licence, each.rank)
        for each in sources().values()
        if each.repository
    )
    unread = (
        (f"`{each['repository']}`", each["licence"], each["why"])
        for each in json.loads((FOLDER / "unread.json").read_text("utf-8"))
    )
    return "\n".join(
        (
            "<!-- Made by `make catalogue`: do not edit. -->",
            "# Where the catalogue comes from",
            "",
            "Compiled in 2026-11 from WeChat Pay's public documentation (`pay.weixin.qq.com`) by",
            "way of two public indexes of it (`wechatpay-im/website`, which has no licence file,",
            "and `TheNorthMemory/wechatpay-openapi`, MIT), then held against these sources, by the",
            "rules in `catalogue/weighing.py` and what was decided in `catalogue/decisions.jsonl`:",
            "",
            *_table(("source", "commit", "licence", "weight"), pinned),
            "",
            "Looked through in 2026-11, and not read, for they add no fact:",
            "",
            *_table(("repository", "licence", "why"), unread),
            "",
            "The files in `data/` hold facts only: verbs, paths, official names and titles, types,",
            "flags, official values, lengths, units and links. They hold no description, no",
            "sentence and no code of anyone's; their format (`_format.py`) is this project's own.",
            "`data/overlay.jsonl` has corrections made since; each says why. Who says what of each",
            "field is in `catalogue/witnesses.jsonl`, what is disputed in `catalogue/REPORT.md`.",
            "",
            *_table(("what", "how many"), rows),
            "",
            "The documentation does not say everywhere whether an answer is signed: `unsigned` is",
            "inferred from its tables and samples and from two SDKs' lists; they contradict each",
            "other for `v2/mmpaysptrans/pay_bank`. What an answer `requires` is what the",
            "documentation promises. Official misspellings (`digest_alogrithm`, `withdrawl-apply`)",
            "are what WeChat Pay expects, and are kept.",
            "",
        )
    )


def _counted(counts: Counter[str], worded: Any) -> str:
    return ", ".join(f"{number} {worded(name)}" for name, number in counts.most_common())


def _flagged(options: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(bool(each.get(name)) for each in options)
