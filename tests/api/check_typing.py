"""Every documented call, right and wrong, as two type checkers see it.

Slow, so not collected by itself: ``pytest tests/api/check_typing.py``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wechatpay._chain import attribute
from wechatpay._codegen.shapes import ADDED
from wechatpay.api import endpoints, notifications

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from wechatpay.api import Endpoint, Field

    Findings: TypeAlias = dict[str, dict[int, str]]

pytestmark = pytest.mark.checkers
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


def idioms() -> Iterator[list[str]]:
    """Yield what the documentation says of using the types."""
    yield [
        'body: Body = {"service_id": "x", "sub_mchid": "x", "reason": "x"}',
        'anything: Any = {"no": "such body"}',
        'path = "v3/" + "undocumented"',
        f"{TERMINATE}.post(authorization_code=1, json=body)",
        f"{TERMINATE}.post(authorization_code=1, json=anything)",
        "wxpay[path].post(id=1, json=anything).json()",
        "(await wxpay[path].x._id_.get_async(id=1)).json()",
        "wxpay.hk.v3.certificates.get()",
        'wxpay.v3["pay/transactions/native"].post(json=anything)',
        "assert str(wxpay.v3.certificates) == str(wxpay[path])",
    ]
    yield [
        'order = wxpay.v3.pay.transactions.native.post(json=cast("Any", {})).json()',
        'if "code_url" in order:',
        '    order["code_url"].strip()',
        '(order.get("code_url") or "").strip()',
    ]
    options = ["headers={}", "timeout=1", "base_url='x'", "base_uri='x'", "security=True"]
    options += ["nonceless=True", "encrypt=False", "sink='x'", "agent_secret='x'"]
    yield [f"wxpay.v3.certificates.get({option})" for option in options] + [
        f"wxpay.v3.merchant.media.upload.post(media={media})"
        for media in ('"x"', 'Path("x")', 'b"x"', 'open("x", "rb")', 'Media(b"x")')
    ]
    refund = "wxpay.v3.refund.domestic.refunds._out_refund_no_.get(out_refund_no=1, "
    yield [f'{refund}{name}={{"sub_mchid": "x"}})' for name in ("params", "query")]
    yield [
        'paid = cast("Notification", None).by_event["TRANSACTION.SUCCESS"]',
        '(paid.get("out_trade_no") or "").strip()',
    ]
    yield ["resources: Resources = {}  # type: ignore[typeddict-item]  # pyright: ignore"] + [
        f'resources["{event.event_type}"].get("{field.name}")'
        for event in notifications()
        for field in event.resource[:1]
        if event.version == "v3"
    ]


def misuses() -> Iterator[list[str]]:
    """Yield what the documentation says is an error."""
    yield [
        f'{TERMINATE}.post(authorization_code=1, json={{"service_id": "x", "reson": "x"}})',
        'wxpay.v3.merchant.media.upload.post(media=cast("int", 1))',
        'wxpay.v3.certificates.get(timeout="soon")',
        'wxpay.v3.certificates.get().json()["no_such_field"]',
        "await wxpay.v3.certificates.get()",
        "wxpay.no_such_product",
        "wxpay.get()",
        'cast("Resources", {})["NO.SUCH.EVENT"]',
        'cast("Notification", None).by_event["TRANSACTION.SUCCES"]',
        'cast("Resources", {})["TRANSACTION.SUCCESS"]["no_such_field"]',
    ]


TERMINATE = "wxpay.v3.payscore.partner.permissions.authorizationCode._authorization_code_.terminate"
HEAD = """\
from pathlib import Path
from typing import Any, cast
from wechatpay import Media, Notification, WeChatPay
from wechatpay.api.types.notifications import Resources
from wechatpay.api.types.v3_payscore import (
    PayscorePartnerPermissionsAuthorizationCodeAuthorizationCodeTerminatePostBody as Body,
)
"""
PROGRAMS = {
    "right.py": right,
    "idioms.py": idioms,
    "wrong.py": wrong,
    "misuses.py": misuses,
    "strings.py": wrong_strings,
}
ERRORS = {"mypy": r"^(\S+?):(\d+): error: (.*)", "pyright": r"^\s*(\S+?):(\d+):\d+ - error: (.*)"}


def program(functions: Iterable[list[str]]) -> str:
    """Return a module that makes these calls, each list in a function of its own."""
    lines = [HEAD]
    for number, calls in enumerate(functions):
        lines.append(f"async def calls{number}(wxpay: WeChatPay) -> None:")
        lines += [f"    {call}" for call in calls]
    return "\n".join((*lines, ""))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with programs of right calls and of wrong ones."""
    folder = tmp_path_factory.mktemp("typing")
    for name, functions in PROGRAMS.items():
        (folder / name).write_text(program(functions()), "utf-8")
    config = {
        "typeCheckingMode": "strict",
        "reportUnusedExpression": False,
        "reportUnusedImport": False,
        "extraPaths": [str(ROOT)],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Findings]:
    """What each checker finds, by file and line; they run side by side, each once."""
    commands = {
        "mypy": ["mypy", "--strict", *(name for name in PROGRAMS if name != "strings.py")],
        "pyright": ["pyright", "--pythonpath", sys.executable],
    }
    running = {
        name: subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**os.environ, "MYPYPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, command in commands.items()
    }
    findings: dict[str, Findings] = {}
    for name, process in running.items():
        output, _ = process.communicate()
        assert process.returncode == 1, output
        lines: Findings = defaultdict(dict)
        for path, line, message in re.findall(ERRORS[name], output, re.MULTILINE):
            lines[Path(path).name].setdefault(int(line), message)
        findings[name] = lines
    return findings


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.parametrize("file", ["right.py", "idioms.py"])
def test_every_documented_call_passes(
    checker: str, file: str, found: dict[str, Findings], folder: Path
) -> None:
    """Every endpoint, in each spelling, sync and async, passes; so does every documented idiom."""
    lines = (folder / file).read_text("utf-8").splitlines()
    errors = found[checker].get(file, {})
    assert {lines[number - 1]: message for number, message in errors.items()} == {}


@pytest.mark.parametrize(
    ("checker", "file"),
    [
        ("mypy", "wrong.py"),
        ("mypy", "misuses.py"),
        ("pyright", "wrong.py"),
        ("pyright", "misuses.py"),
        ("pyright", "strings.py"),
    ],
)
def test_every_wrong_call_is_an_error(
    checker: str, file: str, found: dict[str, Findings], folder: Path
) -> None:
    """A missing or unknown argument, an empty body or a wrong verb is an error on its line.

    What a string leads to is a plain node for mypy, which would take half a minute to compare all
    the overloads with each other.
    """
    lines = (folder / file).read_text("utf-8").splitlines()
    first = HEAD.count("\n")
    calls = {n for n, line in enumerate(lines, 1) if n > first and line.startswith(" ")}
    refused = found[checker][file].keys()
    assert [lines[number - 1] for number in sorted(calls - refused)] == []
    assert refused <= calls
