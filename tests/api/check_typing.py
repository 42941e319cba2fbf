"""Every documented call, right and wrong, as two type checkers see it.

Slow, so not collected by itself: ``pytest tests/api/check_typing.py``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wechatpay._codegen.names import attribute
from wechatpay._codegen.shapes import ADDED
from wechatpay.api import endpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from wechatpay.api import Endpoint, Field

    Checker: TypeAlias = Callable[[Path, str], tuple[int, set[int]]]

ROOT = Path(__file__).resolve().parents[2]
VALUES = {
    "string": '"x"',
    "integer": "1",
    "number": "1",
    "boolean": "True",
    "object": "{}",
    "binary": 'b""',
}
VERBS = ("get", "post", "put", "patch", "delete")


def literal(fields: tuple[Field, ...], *, added: bool) -> str:
    """Return a dictionary with every required field, and no other."""
    required = (field for field in fields if field.required and not (added and field.name in ADDED))
    items = [
        f'"{field.name.replace("$n", "0").replace("$m", "0")}": {value(field, added=added)}'
        for field in required
    ]
    return "{" + ", ".join(items) + "}"


def value(field: Field, *, added: bool) -> str:
    """Return a value of a field's type, an official one if there are any."""
    kind = field.type.removeprefix("array<").removesuffix(">")
    text = VALUES[kind]
    if kind == "object" and field.fields:
        text = literal(field.fields, added=added)
    elif field.enum:
        text = repr(field.enum[0])
    return f"[{text}]" if kind != field.type else text


def arguments(each: Endpoint) -> dict[str, str]:
    """Return the arguments that a call must have."""
    v2 = each.path.startswith("v2/")
    found = {field.name: '"x"' for field in each.placeholders if field.const != ""}
    if each.query:
        found["params"] = literal(each.query, added=v2)
    if each.body.kind == "multipart":
        found["media"] = 'b""'
    elif each.body.fields:
        found[each.body.kind] = literal(each.body.fields, added=v2)
    return {name: text for name, text in found.items() if text != "{}"}


def written(found: dict[str, str]) -> str:
    """Return arguments as source."""
    return ", ".join(f"{name}={text}" for name, text in found.items())


def chain(each: Endpoint) -> str:
    """Return the attribute chain of a path."""
    return "wxpay." + ".".join(map(attribute, each.path.split("/")))


def strings(each: Endpoint) -> list[str]:
    """Return a path as strings, once with either method and either kind of brackets."""
    angled = each.path.replace("{", "<").replace("}", ">")
    return [f'wxpay["{angled}"]', f'wxpay.chain("{each.path}")']


def right() -> Iterator[list[str]]:
    """Yield every endpoint's calls, in every spelling, sync and async."""
    for each in endpoints():
        call = written(arguments(each))
        lines: list[str] = []
        for number, spelling in enumerate([chain(each), *strings(each)]):
            lines.append(f"node{number} = {spelling}")
            lines.append(f"node{number}.{each.verb}({call}).status_code")
            lines.append(f"(await node{number}.{each.verb}_async({call})).status_code")
        if each.reply.kind == "json" and each.reply.fields:
            name = each.reply.fields[0].name
            lines.append(f'node0.{each.verb}({call}).json().get("{name}")')
        yield lines


def wrong() -> Iterator[list[str]]:
    """Yield the calls of every endpoint that must not pass."""
    documented = {(each.verb, each.path) for each in endpoints()}
    for each in endpoints():
        found = arguments(each)
        node = chain(each)
        lines = [f"{node}.no_such_segment"]
        for suffix in ("", "_async"):
            call = f"{node}.{each.verb}{suffix}"
            for missing in found:
                rest = {name: text for name, text in found.items() if name != missing}
                lines.append(f"{call}({written(rest)})")
            for kind in sorted({"json", "xml", "params"} & found.keys()):
                lines.append(f"{call}({written({**found, kind: '{}'})})")
                lines.append(f"{call}({written({**found, kind: '1'})})")
            lines.append(f"{call}({written({**found, 'no_such_argument': '1'})})")
            lines += [
                f"{node}.{verb}{suffix}({written(found)})"
                for verb in VERBS
                if (verb, each.path) not in documented
            ]
        yield lines


def wrong_strings() -> Iterator[list[str]]:
    """Yield a wrong verb for every endpoint spelled as a string."""
    documented = {(each.verb, each.path) for each in endpoints()}
    for each in endpoints():
        verb = next(verb for verb in VERBS if (verb, each.path) not in documented)
        yield [f"{strings(each)[0]}.{verb}()"]


def program(functions: Iterable[list[str]]) -> str:
    """Return a module that makes these calls, each list in a function of its own."""
    lines = ["from wechatpay.api.types import Root"]
    for number, calls in enumerate(functions):
        lines.append(f"async def calls{number}(wxpay: Root) -> None:")
        lines += [f"    {call}" for call in calls]
    return "\n".join((*lines, ""))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program of right calls and one of wrong ones."""
    folder = tmp_path_factory.mktemp("typing")
    (folder / "right.py").write_text(program(right()), "utf-8")
    (folder / "wrong.py").write_text(program(wrong()), "utf-8")
    (folder / "strings.py").write_text(program(wrong_strings()), "utf-8")
    config = {
        "typeCheckingMode": "strict",
        "reportUnusedExpression": False,
        "extraPaths": [str(ROOT)],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    return folder


def mypy(folder: Path, file: str) -> tuple[int, set[int]]:
    """Return mypy's exit status, and the lines in which it finds an error."""
    command = [sys.executable, "-m", "mypy", "--strict", file]
    return run(command, folder, file, r"(\d+): error")


def pyright(folder: Path, file: str) -> tuple[int, set[int]]:
    """Return pyright's exit status, and the lines in which it finds an error."""
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, file]
    return run(command, folder, file, r"(\d+):\d+ - error")


def run(command: list[str], folder: Path, file: str, error: str) -> tuple[int, set[int]]:
    """Run a type checker in the folder."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, {int(line) for line in re.findall(rf"{file}:{error}", done.stdout)}


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_every_documented_call_passes(checker: Checker, folder: Path) -> None:
    """Every endpoint, in each spelling, sync and async, passes."""
    assert checker(folder, "right.py") == (0, set())


@pytest.mark.parametrize(
    ("checker", "file"), [(mypy, "wrong.py"), (pyright, "wrong.py"), (pyright, "strings.py")]
)
def test_every_wrong_call_is_an_error(checker: Checker, file: str, folder: Path) -> None:
    """A missing or unknown argument, an empty body or a wrong verb is an error on its line.

    What a string leads to is a plain node for mypy, which would take half a minute to compare all
    the overloads with each other.
    """
    lines = (folder / file).read_text("utf-8").splitlines()
    calls = {number for number, line in enumerate(lines, 1) if line.startswith(" ")}
    status, refused = checker(folder, file)
    assert status == 1
    assert [lines[number - 1] for number in sorted(calls - refused)] == []
    assert refused <= calls
