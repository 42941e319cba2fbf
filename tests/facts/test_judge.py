"""The judge: its rules one by one, and what becomes of a small made-up table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalogue import command, comparing, decisions, making, raw, report, weighing
from catalogue.judge import SourcedModel
from catalogue.models import Item, Mode, Model, Tree
from catalogue.sources import Source
from catalogue.weighing import Voice

OFFICIAL = Source("go", "o/go", "c", "MIT", "official", "go")
JAVA = Source("java", "o/java", "c", "MIT", "official", "java")
SAMPLE = Source("samples", "o/s", "c", "MIT", "official", "samples", sampled=True)
INDEX = Source("website", "o/w", "c", "none", "other", "index")
COMPILED = Source("compiled", "", "", "", "other", "index")
BROAD = Source("skit", "o/k", "c", "MIT", "other", "skit")
PARTIAL = Source("wxjava", "o/x", "c", "MIT", "other", "wxjava", partial=True)

YES, NO, SILENT = Item(required=True), Item(required=False), Item()


def voices(*said: tuple[Source, Item | None]) -> list[Voice]:
    """Return what sources say, none of them of a mode."""
    return [Voice(source, "", item) for source, item in said]


@pytest.mark.parametrize(
    ("said", "value", "grade", "dispute"),
    [
        ([(OFFICIAL, YES)], True, "official", ""),
        ([(INDEX, YES), (BROAD, YES)], True, "two", ""),
        ([(INDEX, YES), (COMPILED, YES)], True, "one", ""),
        ([(INDEX, YES), (BROAD, YES), (PARTIAL, NO)], True, "two", "two against one"),
        ([(INDEX, YES), (BROAD, NO)], False, "one", "one against one"),
        ([(INDEX, YES), (BROAD, YES), (OFFICIAL, NO)], False, "official", "official against two"),
        ([(INDEX, YES), (SAMPLE, None)], False, "official", "official against one"),
        ([(INDEX, YES), (SAMPLE, Item(shown=False))], False, "official", "official against one"),
        ([(OFFICIAL, YES), (JAVA, NO)], False, "official", "official against official"),
        ([(OFFICIAL, YES), (INDEX, NO)], True, "official", "official against one"),
        ([(INDEX, SILENT)], False, "one", ""),
    ],
)
def test_what_is_required(
    said: list[tuple[Source, Item | None]], value: bool, grade: str, dispute: str
) -> None:
    """An official word decides, a contradicting one makes optional, two others outweigh one."""
    found = weighing.required("a", voices(*said), everybodys=False)
    assert found == (value, grade, dispute)


def test_what_only_partners_give() -> None:
    """Where direct merchants call too, a partner's own fields are not required."""
    said = voices((INDEX, YES), (BROAD, YES))
    assert not weighing.required("sub_mchid", said, everybodys=True).value
    assert weighing.required("sub_mchid", said, everybodys=False).value


def test_what_a_page_lacks_is_not_required() -> None:
    """What only the index's own data has, and its page has not, is one of several."""
    assert not raw.items({"a!": {"source": "yaml"}})["a"].required
    assert raw.items({"a!": {"format": "int32"}})["a"].required


def test_a_kind_of_page_that_errs() -> None:
    """The word of one index does not hold for a kind of page that was wrong too often."""
    assert not weighing.required("a", voices((INDEX, YES)), everybodys=False, trusted=False).value
    assert weighing.tested(voices((INDEX, YES), (OFFICIAL, NO))) is False
    assert weighing.tested(voices((INDEX, YES), (OFFICIAL, YES))) is True
    assert weighing.tested(voices((INDEX, YES), (BROAD, NO))) is None
    assert weighing.tested(voices((INDEX, NO), (OFFICIAL, NO))) is None


def test_what_is_there() -> None:
    """Any source's field is there; of an answer, not what two others know nothing of."""
    said = voices((INDEX, YES), (OFFICIAL, None), (BROAD, None))
    assert weighing.credible(said, "body")
    assert not weighing.credible(said, "reply")
    assert weighing.credible(voices((INDEX, YES), (OFFICIAL, None)), "reply")
    secret = voices((INDEX, Item(sealed=True)), (OFFICIAL, None), (BROAD, None))
    assert weighing.credible(secret, "reply")


def test_what_is_sealed() -> None:
    """Any source's mark holds; that an official one shows it in clear is a dispute."""
    mark = Item(sealed=True)
    assert weighing.sealed(voices((INDEX, mark), (BROAD, SILENT))) == (True, "one", "")
    told = weighing.sealed(voices((INDEX, mark), (OFFICIAL, SILENT)))
    assert told == (True, "one", "one against official")
    assert weighing.sealed(voices((INDEX, mark), (SAMPLE, SILENT))) == (True, "one", "")
    assert not weighing.sealed(voices((INDEX, SILENT))).value


def test_which_type() -> None:
    """The better witnessed type is right, and a whole number more exact than a number."""
    number, whole, text = Item("number"), Item("integer"), Item("string")
    assert weighing.kind(voices((COMPILED, number), (OFFICIAL, whole)), "number").value == "integer"
    assert weighing.kind(voices((COMPILED, number)), "number").value == "number"
    told = weighing.kind(voices((COMPILED, text), (OFFICIAL, whole)), "string")
    assert told == ("integer", "official", "official against one")
    assert weighing.kind([], "object").value == "object"


def test_which_values() -> None:
    """A list is closed only by an official type, and open again where anybody has more."""
    ours = Item(values=("A", "B"), closed=True)
    assert weighing.values(voices((OFFICIAL, ours))) == ((("A", "B"), "official", ""), True)
    more = voices((OFFICIAL, ours), (INDEX, Item(values=("B", "C"))))
    assert weighing.values(more) == ((("A", "B", "C"), "official", ""), False)
    other = voices((OFFICIAL, ours), (INDEX, Item(values=("X",))))
    fact, closed = weighing.values(other)
    assert (fact.value, fact.dispute, closed) == (
        ("A", "B"),
        "official against another field's",
        True,
    )
    assert weighing.values(voices((INDEX, Item(values=("X",)))))[1] is False


def test_lengths_and_units() -> None:
    """Of lengths the widest counts, of other hints the official one."""
    said = voices((INDEX, Item(max_length=32)), (BROAD, Item(max_length=64)))
    assert weighing.best(said, "max_length") == 64
    said = voices((INDEX, Item(unit="yuan")), (OFFICIAL, Item(unit="fen")))
    assert weighing.best(said, "unit") == "fen"
    assert weighing.best([], "max_length") is None


def test_which_unit_fits_a_name() -> None:
    """A comment on how many, or on points, that speaks of fen is about the field beside."""
    assert weighing.countable("refund", "fen", "integer")
    assert weighing.countable("used_amounts", "fen", "string")
    assert not weighing.countable("detail", "fen", "string")
    assert not weighing.countable("refund_quantity", "fen", "integer")
    assert not weighing.countable("before_bonus_value", "fen", "integer")
    assert weighing.countable("max_ratio", "percent of 10,000", "integer")


def table(tmp_path: Path, *entries: Mapping[str, Any], decided: str = "", events: str = "") -> Path:
    """Return a folder with a compiled table and decisions."""
    (tmp_path / "compiled").mkdir()
    lines = [{"schema": 1}, *entries]
    text = "".join(f"{json.dumps(each)}\n" for each in lines)
    (tmp_path / "compiled" / "endpoints.jsonl").write_text(text, "utf-8")
    (tmp_path / "compiled" / "notifications.jsonl").write_text('{"schema":1}\n' + events, "utf-8")
    (tmp_path / "decisions.jsonl").write_text(decided, "utf-8")
    return tmp_path


def sourced(source: Source, path: str, body: Tree, mode: Mode = "") -> SourcedModel:
    """Return what a source says of a POST."""
    return SourcedModel(source, Model("post", path, {"body": body, "reply": {"ok": Item()}}, mode))


ASK: dict[str, Any] = {
    "path": "v3/ask/{id}",
    "verb": "post",
    "name": "A",
    "modes": ["direct"],
    "body": {
        "kind": "json",
        "fields": {
            "a!": "string",
            "b!": {"fields": {"c!": {"encrypted": "wechatpay-public-key"}}},
            "d": {"json": "object", "fields": {"e": "string"}},
        },
    },
    "reply": {"kind": "json", "status": 200, "fields": {"ok!": {"type": "number"}}},
}


def made(folder: Path, *said: SourcedModel) -> dict[str, Any]:
    """Return the entries that are made, by path."""
    found = making.make(said, folder).files["endpoints.jsonl"].splitlines()[1:]
    return {each["path"]: each for each in map(json.loads, found)}


def test_a_call_is_decided_field_by_field(tmp_path: Path) -> None:
    """What a source adds is there, what it contradicts is optional, what is sealed stays so."""
    folder = table(tmp_path, ASK)
    tree = {
        "a": Item(required=False, max_length=9, example="x"),
        "b": Item(
            "object", True, fields={"c": Item(required=True), "new": Item("integer", unit="fen")}
        ),
        "d": Item(),
    }
    entry = made(folder, sourced(OFFICIAL, "v3/ask/{other}", tree))["v3/ask/{id}"]
    fields = entry["body"]["fields"]
    assert fields["a"] == {"max_length": 9, "example": "x", "grade": "official"}
    assert fields["b!"]["fields"]["c!"]["encrypted"] == "wechatpay-public-key"
    assert fields["b!"]["fields"]["new"] == {"type": "integer", "unit": "fen"}
    assert fields["d"]["json"] == "object"
    assert "e" in fields["d"]["fields"]


def test_what_partners_have_to_give_is_marked(tmp_path: Path) -> None:
    """Where direct merchants call as well it is optional, and marked as a partner's."""
    asked = {"kind": "json", "fields": {"sub_mchid!": "string", "sub_appid": "string"}}
    entry = {**ASK, "modes": ["direct", "partner"], "body": asked}
    fields = made(table(tmp_path, entry))["v3/ask/{id}"]["body"]["fields"]
    assert fields == {"sub_mchid": {"grade": "two", "partners": True}, "sub_appid": "string"}


def test_a_person_decides(tmp_path: Path) -> None:
    """A decision beats every source: fields come and go, and calls get what they are called."""
    lines: list[dict[str, Any]] = [
        {"what": "exists", "value": False, "field": "d", "pages": ["p"]},
        {"what": "required", "value": False, "fields": ["a", "b"], "pages": ["p"]},
        {"what": "sealed", "value": False, "field": "b/c", "pages": ["p"]},
        {"what": "add", "value": {"required": True}, "field": "f", "pages": ["p"]},
        {"what": "one_of", "value": [["a", "f"]], "pages": ["p"]},
        {"what": "type", "value": "integer", "field": "a", "why": "because"},
        {"what": "values", "value": [1, 2], "field": "a", "why": "because"},
        {"what": "closed", "value": True, "field": "a", "why": "because"},
    ]
    call = {"verb": "post", "path": "v3/ask/{id}"}
    decided = "".join(json.dumps({**call, "place": "body", **each}) + "\n" for each in lines)
    key = {**call, "what": "idempotency_key", "value": "a", "why": "because"}
    like = {"verb": "post", "path": "brand/ask", "what": "like", "value": "post v3/ask/{id}"}
    name = {"verb": "post", "path": "brand/ask", "what": "name", "value": "B"}
    for each in (key, {**like, "pages": ["https://pay.weixin.qq.com/1"]}, {**name, "why": "x"}):
        decided += json.dumps(each) + "\n"
    entries = made(table(tmp_path, ASK, decided=decided))
    entry = entries["v3/ask/{id}"]
    assert entry["body"]["fields"] == {
        "a": {"type": "integer", "enum": [1, 2], "closed": True, "grade": "person"},
        "b": {"fields": {"c!": "string"}, "grade": "person"},
        "f!": {"grade": "person"},
    }
    assert entry["body"]["one_of"] == [["a", "f"]]
    assert entry["idempotency_key"] == "a"
    assert entries["brand/ask"]["docs"] == ["https://pay.weixin.qq.com/1"]
    assert "f!" in entries["brand/ask"]["body"]["fields"]


def test_a_decision_has_a_page_or_a_reason(tmp_path: Path) -> None:
    """A decision without either is refused, and where it stands is said."""
    path = tmp_path / "decisions.jsonl"
    path.write_text('{"verb":"get","path":"v3/x","what":"name","value":"X"}\n', "utf-8")
    with pytest.raises(ValueError, match=r"decisions\.jsonl, line 1: links no page"):
        decisions.read(path)


def test_what_only_official_sources_have_is_new(tmp_path: Path) -> None:
    """An official source's call is entered, another's is not, and an upload has its form."""
    folder = table(tmp_path, ASK)
    entries = made(
        folder,
        sourced(OFFICIAL, "v3/new", {"a": YES}, "partner"),
        sourced(OFFICIAL, "v3/media/upload", {}),
        sourced(BROAD, "v3/not-credible", {"a": YES}),
    )
    assert sorted(entries) == ["v3/ask/{id}", "v3/media/upload", "v3/new"]
    assert entries["v3/new"]["modes"] == ["partner"]
    assert entries["v3/new"]["body"] == {
        "kind": "json",
        "fields": {"a!": {"grade": "official"}},
    }
    assert entries["v3/media/upload"]["body"]["kind"] == "multipart"


def test_paths_with_a_slash_at_the_end(tmp_path: Path) -> None:
    """A source that leaves the last slash out speaks of the path that has it."""
    folder = table(tmp_path, {**ASK, "path": "v3/ask/"})
    entry = made(folder, sourced(OFFICIAL, "v3/ask", {"z": NO}))["v3/ask/"]
    assert "z" in entry["body"]["fields"]


def test_notifications(tmp_path: Path) -> None:
    """A notification carries what the calls answer that a person says it carries."""
    event = {
        "version": "v3",
        "event_type": "E",
        "name": "N",
        "event_types": ["E"],
        "resource": {"a": "string"},
        "body": {"id!": "string"},
    }
    lines: list[dict[str, Any]] = [
        {"path": "v3/E", "what": "resource_of", "value": ["post v3/ask/{id}"]},
        {"path": "v3/F", "what": "name", "value": "F"},
    ]
    decided = "".join(json.dumps({"verb": "event", "why": "x", **each}) + "\n" for each in lines)
    folder = table(tmp_path, ASK, decided=decided, events=json.dumps(event) + "\n")
    said = sourced(OFFICIAL, "v3/ask/{id}", {})
    text = making.make([said], folder).files["notifications.jsonl"]
    first, second = map(json.loads, text.splitlines()[1:])
    assert list(first["resource"]) == ["a", "ok"]
    assert (second["event_type"], second["body"]) == ("F", {"id!": "string"})


def test_the_report_and_the_changes(tmp_path: Path) -> None:
    """The report counts by grade; a run says what is new, withdrawn and changed."""
    folder = table(tmp_path, ASK)
    said = [sourced(OFFICIAL, "v3/new", {"a": YES})]
    run = making.make(said, folder)
    entries = [json.loads(line) for line in run.files["endpoints.jsonl"].splitlines()[1:]]
    compared = comparing.compare(said, entries, [], run.judge.decisions)
    text = report.report(run, compared)
    assert "| required |" in text
    assert "| calls and notifications that an SDK or a sample models | 1 |" in text
    assert "POST `v3/new`" in text
    old = (
        '{"schema":1}\n{"path":"v3/gone","verb":"get"}\n{"path":"v3/new","verb":"post","name":"x"}'
    )
    told = list(report.changes(run, {"endpoints.jsonl": old}))
    assert "withdrawn: v3/gone get" in told
    assert "new: v3/ask/{id} post" in told
    assert any(line.startswith("changed: v3/new post: name") for line in told)
    (line,) = report.witnesses(run).splitlines()[1:]
    assert json.loads(line)["fields"]["body/a"] == "!go"


def test_a_checkout_that_is_missing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without all checkouts nothing is made, and those that are missing are named."""
    (tmp_path / "wechatpay-go").mkdir()
    assert command.main([str(tmp_path)]) == 2
    said = capsys.readouterr().out
    assert "no checkout of" in said
    assert "wechatpay-java" in said
    assert "wechatpay-go," not in said


def test_the_committed_files_fit_each_other() -> None:
    """PROVENANCE.md counts the committed data; every decision is of a call that there is."""
    root = Path(__file__).parents[2]
    data = root / "wechatpay" / "api" / "data"
    endpoints, events = (
        [json.loads(line) for line in (data / name).read_text("utf-8").splitlines()[1:]]
        for name in ("endpoints.jsonl", "notifications.jsonl")
    )
    text = (data.parent / "PROVENANCE.md").read_text("utf-8")
    assert text == report.provenance(endpoints, events)
    calls = {(each["verb"], each["path"]) for each in endpoints}
    calls |= {("event", f"{each['version']}/{each['event_type']}") for each in events}
    decided = decisions.read(root / "catalogue" / "decisions.jsonl")
    assert set(decided.calls()) <= calls
