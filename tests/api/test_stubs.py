"""The generated types, without a type checker: `check_typing.py` is the proof."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from wechatpay._chain import attribute
from wechatpay._codegen import PACKAGE
from wechatpay._codegen.names import camel, common, identifier
from wechatpay._codegen.shapes import Shapes
from wechatpay._codegen.stubs import event_name, render
from wechatpay.api import Field, endpoints, notifications

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wechatpay._codegen.shapes import Use

TYPES = PACKAGE / "api" / "types"


def classes(path: Path) -> dict[str, ast.ClassDef]:
    """Return a module's classes by name, or by another name for one."""
    found: dict[str, ast.ClassDef] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case ast.ClassDef(name=name):
                found[name] = node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=known)):
                found[name] = found[known]
            case _:
                pass
    return found


def members(node: ast.ClassDef) -> dict[str, str]:
    """Return a class's annotated attributes and methods, and the attributes' types."""
    found = {
        item.target.id: ast.unparse(item.annotation)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    methods = (ast.FunctionDef, ast.AsyncFunctionDef)
    return found | {item.name: "" for item in node.body if isinstance(item, methods)}


@pytest.mark.untraced
def test_the_types_cover_every_endpoint() -> None:
    """Each path leads from the root through attributes to a class with its verb and its twin."""
    modules = {path.stem: classes(path) for path in TYPES.glob("*.pyi")}
    for each in endpoints():
        module, node = "_root", "Documented"
        for segment in each.path.split("/"):
            kind = members(modules[module][node])[attribute(segment)]
            module, node = kind.split(".") if "." in kind else (module, kind)
        found = members(modules[module][node])
        assert {each.verb, f"{each.verb}_async"} <= found.keys()


def test_the_types_cover_every_string_and_notification() -> None:
    """Each path is a literal in both spellings, and each event's resource has a type."""
    strings = (TYPES / "_strings.pyi").read_text("utf-8")
    for each in endpoints():
        assert f'"{each.path}"' in strings
        assert f'"{each.path.replace("{", "<").replace("}", ">")}"' in strings
    text = (TYPES / "notifications.pyi").read_text("utf-8")
    resources = classes(TYPES / "notifications.pyi")
    for event in notifications():
        assert event_name(event) in resources
        assert (f'"{event.event_type}": {event_name(event)}' in text) == (event.version == "v3")


def overloads(text: str) -> list[ast.FunctionDef]:
    """Return the overloads of `chain` in the source of a stub."""
    tree = ast.walk(ast.parse(text))
    return [node for node in tree if isinstance(node, ast.FunctionDef) and node.name == "chain"]


def test_every_string_says_what_it_leads_to() -> None:
    """Each overload of `chain` has a docstring: pyright's server looks minutes for missing ones."""
    found = overloads((TYPES / "_strings.pyi").read_text("utf-8"))
    paths = {each.path for each in endpoints()}
    assert len(found) == len(paths) + 1
    assert all(ast.get_docstring(each) for each in found)
    (native,) = (each for each in found if "'v3/pay/transactions/native'" in ast.unparse(each.args))
    (endpoint,) = (each for each in endpoints() if each.path == "v3/pay/transactions/native")
    assert ast.get_docstring(native) == f"`post`: {endpoint.name}"


@pytest.mark.parametrize("count", [10, 40])
def test_jedi_builds_each_signature_once(count: int) -> None:
    """Jedi finds as many signatures of `chain` as there are overloads, not the square of that."""
    text = render(endpoints()[:count], ())["_strings.pyi"]
    jedi: Any = import_module("jedi")  # it has no types
    found = jedi.Script(f"{text}\nDocumentedStrings().chain(").get_signatures()
    assert len(found) == len(overloads(text))


def test_the_types_are_nothing_at_run_time() -> None:
    """At run time the package of types is empty and imports nothing."""
    code = "import wechatpay.api.types as types; assert not hasattr(types, 'Root')"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_type_that_is_imported_is_a_dict() -> None:
    """Every module of types can be imported at run time, and has every public name."""
    for path in TYPES.glob("[!_]*.pyi"):
        module = import_module(f"wechatpay.api.types.{path.stem}")
        assert module.AnyBody is dict
        assert not hasattr(module, "__all__")


def test_what_variants_of_a_resource_have_is_one_type() -> None:
    """Alternatives that nothing tells apart are one type; one that a value tells has its own."""
    types = classes(TYPES / "notifications.pyi")
    for event in notifications():
        for when, fields in event.variants:
            name = event_name(event) + (when.split()[-1].title() if when else "")
            assert {field.name for field in fields} <= members(types[name]).keys()
    assert "parking_info" in members(types["TransactionSuccessParking"])
    assert "parking_info" not in members(types["TransactionSuccess"])


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ("native", "native"),
        ("merchant-service", "merchantService"),
        ("policy-periods", "policyPeriods"),
        ("policy_periods", "policy_periods"),
        ("{transaction_id}", "_transaction_id_"),
        ("global", "global_"),
        ("delete", "delete"),
    ],
)
def test_attributes(segment: str, name: str) -> None:
    """A segment is spelled as the chain wants it."""
    assert attribute(segment) == name


def test_names() -> None:
    """Keywords are not identifiers, and anything becomes the name of a class."""
    assert not identifier("from")
    assert not identifier("coupon_id_$n")
    assert identifier("total_fee")
    assert camel("payscore.user_paid") == "PayscoreUserPaid"
    assert camel("{out_trade_no}") == "OutTradeNo"


NUMBER = Field("n", "number", True, (1, 2))
FLAGS = Field("b", "array<boolean>")


@pytest.mark.parametrize(
    ("use", "fields", "lines"),
    [
        ("json", (Field("a", "string", True),), ["class T(TypedDict):", "    a: str"]),
        (
            "json",
            (Field("from", "object"),),
            ['T = TypedDict("T", {"from": NotRequired[dict[str, Any] | None]})'],
        ),
        ("json", (NUMBER,), ["class T(TypedDict):", "    n: Literal[1, 2] | float"]),
        ("reply", (NUMBER,), ["class T(TypedDict, total=False):", "    n: Literal[1, 2] | int"]),
        ("text", (NUMBER,), ["class T(TypedDict, total=False):", "    n: str"]),
        ("reply", (FLAGS,), ["class T(TypedDict, total=False):", "    b: list[bool]"]),
        ("xml", (FLAGS,), ["class T(TypedDict):", "    b: NotRequired[list[bool | str] | None]"]),
        (
            "xml",
            (Field("sign", "string", True),),
            ["class T(TypedDict):", "    sign: NotRequired[str | None]"],
        ),
        ("reply", (), ["class T(TypedDict, total=False):", "    ..."]),
    ],
)
def test_shapes(use: Use, fields: tuple[Field, ...], lines: list[str]) -> None:
    """A tree becomes a `TypedDict` as its use wants it."""
    shapes = Shapes()
    assert shapes.add("T", fields, use) == "T"
    assert shapes.lines() == lines
    assert ("T" in shapes.required) == (use == "json" and fields[0].required)


def test_nested_shapes_are_shared() -> None:
    """Equal objects under one key are one class; names that are taken get a number."""
    amount = Field("amount", "object", True, fields=(Field("total", "integer", True),))
    shapes = Shapes()
    assert [shapes.add("T", (amount,), "json") for _ in range(2)] == ["T", "T2"]
    assert [line for line in shapes.lines() if line.startswith("class")] == [
        "class TAmount(TypedDict):",
        "class T(TypedDict):",
        "class T2(TypedDict):",
    ]


def test_equal_answers_are_types_of_their_own() -> None:
    """An endpoint's answer is not shown under another endpoint's name."""
    fields = (Field("state", "string"),)
    shapes = Shapes()
    assert [shapes.add(name, fields, "reply") for name in ("A", "B")] == ["A", "B"]
    assert shapes.lines()[::2] == [f"class {name}(TypedDict, total=False):" for name in "AB"]


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (["PayTransactionsPostBodyPayer"], "PayTransactionsPostBodyPayer"),
        (["PayPartnerPostBodyPayer", "PayH5PostBodyPayer"], "PayPostBodyPayer"),
        (["PayH5PostBodyPayer", "PayH5GetQueryPayer"], "PayH5Payer"),
        (["APayer", "BPayer"], "Payer"),
        (["AB", "ABB"], "AB"),
    ],
)
def test_what_is_shared_has_what_the_names_share(names: list[str], shared: str) -> None:
    """A name of several is made of the words with which all of them begin and end."""
    assert common(names) == shared


def nested(types: dict[str, ast.ClassDef], name: str, wanted: str) -> Iterator[tuple[str, str]]:
    """Yield the types within a type, with their names if they were not shared."""
    for key, kind in members(types[name]).items():
        for word in re.findall(r"\w+", kind):
            if word in types and word != name:
                yield word, f"{wanted}{camel(key)}"
                yield from nested(types, word, f"{wanted}{camel(key)}")


def test_types_are_named_for_what_was_called() -> None:
    """No type of a body or answer says a word that is not in the endpoint's own path."""
    types = classes(TYPES / "v3_pay.pyi")
    found = [
        pair
        for name in types
        if name.endswith(("Body", "Query", "Reply"))
        for pair in nested(types, name, name)
    ]
    assert ("PayPostBodyAmount", "PayTransactionsNativePostBodyAmount") in found
    words = re.compile("[A-Z][a-z]*")
    assert all({*words.findall(name)} <= {*words.findall(wanted)} for name, wanted in found)


def test_numbered_fields_are_written_out() -> None:
    """A field with `$n` in its name stands for ten, one with `$m` too for a hundred."""
    shapes = Shapes()
    shapes.add("T", (Field("a_$n", "string"), Field("b_$n_$m", "string")), "reply")
    names = re.findall(r"(\w+):", "\n".join(shapes.lines()[1:]))
    assert len(names) == 110
    assert names[:2] == ["a_0", "a_1"]
    assert "b_9_9" in names
