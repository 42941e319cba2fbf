"""The package as a whole: its public names, and what it costs and brings along."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wechatpay
from wechatpay import errors

ROOT = Path(wechatpay.__file__).parent
NEEDED = """
import httpx
import cryptography.hazmat.primitives.asymmetric.padding
import cryptography.hazmat.primitives.asymmetric.rsa
import cryptography.hazmat.primitives.hashes
import cryptography.hazmat.primitives.serialization
"""
"""What nothing can be signed, sent or verified without."""
HEAVY = {
    *("aiohttp", "httpx_aiohttp", "httpx2", "starlette", "uvicorn", "jinja2", "segno", "typer"),
    *("rich", "redis", "h2", "anyio", "asyncio", "trio", "fastapi", "django", "flask"),
}
PUBLIC = {
    *(
        "WeChatPay",
        "Node",
        "Verb",
        "AsyncVerb",
        "CallRecord",
        "Signer",
        "Ciphertext",
        "Media",
        "Notification",
    ),
    *("NULL", "__version__"),
}
LATER = (
    *("api", "sandbox", "cli", "contrib", "xml", "bill", "media", "testing"),
    "_call.rules_table",
)
"""Modules of the package that are loaded when they are asked for."""


def python(code: str, *options: str, **environment: str) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout


def test_the_public_names_are_exactly_those_of_the_contract() -> None:
    """The client, its nodes and values, every error, and nothing more."""
    assert {*wechatpay.__all__} == {*PUBLIC, *errors.__all__}
    assert wechatpay.__all__ == sorted({*wechatpay.__all__})
    assert {*wechatpay.__all__} <= {*dir(wechatpay)}
    misspelled = "WeChatPays"
    with pytest.raises(AttributeError, match=f"has no attribute '{misspelled}'"):
        getattr(wechatpay, misspelled)


def test_a_star_import_brings_every_name() -> None:
    """Whatever is listed is there."""
    names = json.loads(python("from wechatpay import *; import json; print(json.dumps(dir()))"))
    assert set(wechatpay.__all__) <= set(names)


@pytest.mark.parametrize("name", sorted(set(wechatpay.__all__) - {"__version__"}))
def test_a_public_name_is_documented(name: str) -> None:
    """Each class says what it is, and where the user finds it is where it says it is defined."""
    thing = getattr(wechatpay, name)
    assert inspect.getdoc(thing)
    assert getattr(importlib.import_module(thing.__module__), name) is thing


def test_the_version_is_one() -> None:
    """It is what the distribution's metadata is made from."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", wechatpay.__version__)


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers look for the marker."""
    assert (ROOT / "py.typed").is_file()


def test_importing_brings_nothing_that_is_not_needed() -> None:
    """Beyond httpx and cryptography: the package's own core and small standard modules."""
    code = f"""
import json, sys
{NEEDED}
before = set(sys.modules)
import wechatpay
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    added = json.loads(python(code))
    assert not HEAVY & {name.partition(".")[0] for name in added}
    # The oldest httpx brings some of them along.
    assert not {"asyncio", "anyio", "trio", "aiohttp", "redis"} & set(added)
    ours = {name for name in added if name.partition(".")[0] == "wechatpay"}
    assert not [name for name in ours if name.removeprefix("wechatpay.").startswith(LATER)]
    assert set(added) - ours <= {"secrets", "hmac", "_hashlib", "hashlib", "platform"}


def test_importing_needs_no_extra() -> None:
    """Where not one of the optional packages is installed, everything public is there."""
    blocked = HEAVY - {"asyncio", "anyio", "rich"}
    code = f"""
import sys
sys.modules.update(dict.fromkeys({sorted(blocked)!r}))
import wechatpay
wechatpay.WeChatPay("1900000109").close()
print("fine")
"""
    assert python(code) == "fine\n"


def test_importing_costs_little() -> None:
    """A sixth of httpx's and cryptography's modules at most, and 1/22 of the functions they enter.

    Those of the import system are counted by the modules: they are Python's own, and their number
    per module changes with its version (3.15 enters a sixth more).
    """
    code = f"""
import cProfile, sys

def finds_modules(code):
    return not isinstance(code, str) and code.co_filename.startswith("<frozen importlib")

def cost(statements):
    before = len(sys.modules)
    profile = cProfile.Profile()
    profile.enable()
    exec(statements)
    profile.disable()
    entered = 0
    for entry in profile.getstats():
        if not finds_modules(entry.code):
            entered += entry.callcount
        else:
            entered -= sum(one.callcount for one in entry.calls or () if isinstance(one.code, str))
    return entered, len(sys.modules) - before

print(*cost({NEEDED!r}), *cost("import wechatpay"))
"""
    needed, modules, own, own_modules = map(int, python(code).split())
    assert 22 * own < needed
    assert 6 * own_modules < modules


def test_a_long_chain_becomes_a_url_quickly() -> None:
    """Seven segments and a value take fewer than a hundred steps, once they were met."""
    code = """
import cProfile
from wechatpay import WeChatPay
from wechatpay._call import OPTIONS
from wechatpay._chain import fill

wxpay = WeChatPay("1900000109")

def build():
    permissions = wxpay.v3.payscore.partner.permissions
    node = permissions.authorizationCode._authorization_code_.terminate
    return fill(str(node), {"authorization_code": "1234323JKHDFE1243252"}, OPTIONS)

assert build().endswith("authorization-code/1234323JKHDFE1243252/terminate")
profile = cProfile.Profile()
profile.enable()
build()
profile.disable()
print(sum(entry.callcount for entry in profile.getstats()))
"""
    assert int(python(code)) < 100


@pytest.mark.parametrize(
    "name",
    [f"_chain.{one}" for one in ("template", "path", "node")]
    + [f"_call.{one}" for one in ("call", "exchange", "rules")],
)
def test_what_knows_nothing_of_http_does_not_import_it(name: str) -> None:
    """The chain and the exchange work without httpx, and so can be tested without."""
    code = f"""
import sys, types
package = types.ModuleType("wechatpay")
package.__path__ = [{str(ROOT)!r}]
sys.modules.update({{"wechatpay": package, "httpx": None}})
import wechatpay.{name}
print("fine")
"""
    assert python(code) == "fine\n"
