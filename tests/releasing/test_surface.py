"""What is public does not change unseen, and releases say what became of endpoints."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path

import pytest

from release import command
from release.changelog import ChangelogError, Release
from release.surface import (
    ENDPOINTS,
    SURFACE,
    changes,
    check_endpoints,
    endpoints,
    public_modules,
    surface,
    write,
)
from wechatpay import api

from .conftest import ROOT

MEANT = """public names changed. If that is meant, say so in CHANGELOG.md, and run
    .venv/bin/python -m release --surface
What changed:
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A package of the smallest kind, with its catalogue and its two lists."""
    package = tmp_path / "wechatpay"
    for folder in ("api/data", "api/types", "sandbox", "cli", "_room"):
        (package / folder).mkdir(parents=True)
    sources = {
        "__init__.py": """
            from ._room import Client
            from .tools import *
            __all__ = ["Client", "later", "version"]
            version: str = "1"
        """,
        "_room/__init__.py": "from .client import Client",
        "_room/client.py": """
            class _Base:
                async def call(self, path: str, /, *more: int, deep: bool = 1) -> None: ...
                def _hidden(self) -> None: ...
            class Client(_Base, Unknown):
                name = 1
                def __init__(self, only, /): ...
                def close(self, *, now: bool, **rest): ...
        """,
        "tools.py": "import os\nfrom os import path\ndef helps(one=None): ...\n_private = 1",
        "api/__init__.py": "__all__ = ()",
        "api/types/__init__.py": "",
        "api/types/_base.pyi": "from typing import Any\nclass Node: ...",
        "sandbox/__init__.py": "def pay() -> int: ...",
        "sandbox/inner.py": "def hidden() -> int: ...",
        "cli/__init__.py": "def hidden() -> int: ...",
    }
    for name, source in sources.items():
        lines = source.splitlines()
        indent = min((len(one) - len(one.lstrip()) for one in lines if one.strip()), default=0)
        (package / name).write_text("\n".join(one[indent:] for one in lines))
    (package / "notes").mkdir()
    rows = ['{"schema":1}', '{"verb":"get","path":"v3/x"}', '{"verb":"post","path":"v3/a/y/z"}']
    (package / "api" / "data" / "endpoints.jsonl").write_text("\n".join(rows))
    (package / "api" / "data" / "overlay.jsonl").write_text('{"schema":1}')
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / ENDPOINTS.name).write_text("POST v3/b/y/z\n")
    return tmp_path


def test_nothing_public_changes_in_silence() -> None:
    """Every public name, signature, base and type is as `release/surface.txt` has it."""
    before, now = SURFACE.read_text("utf-8").splitlines(), surface(ROOT)
    changed = [one for one in difflib.ndiff(before, now) if one[0] in "+-"]
    assert not changed, MEANT + "\n".join(changed)


def test_what_is_public(checkout: Path) -> None:
    """What is exported is public, with what it inherits; what begins with an underscore is not."""
    assert public_modules(checkout / "wechatpay") == [
        "wechatpay",
        "wechatpay.api",
        "wechatpay.sandbox",
        "wechatpay.tools",
    ]
    assert surface(checkout) == sorted(
        [
            "wechatpay.Client: class (_Base, Unknown)",
            "wechatpay.Client.__init__: (self, only, /)",
            "wechatpay.Client.call: async (self, path: str, /, *more: int, deep: bool = 1) -> None",
            "wechatpay.Client.close: (self, *, now: bool, **rest)",
            "wechatpay.Client.name",
            "wechatpay.api.types.Node: class ()",
            "wechatpay.later",
            "wechatpay.sandbox.pay: () -> int",
            "wechatpay.tools.helps: (one = None)",
            "wechatpay.version: str",
        ]
    )


def test_both_lists_are_written(checkout: Path) -> None:
    """The names are written, what became of the endpoints is told, and they are kept if told."""
    told = ["- new: `GET v3/x`", "- moved: `POST v3/b/y/z` -> `POST v3/a/y/z`"]
    assert write(checkout) == told
    names = checkout / "release" / SURFACE.name
    assert names.read_text().splitlines() == surface(checkout)
    assert write(checkout, released=True) == told
    assert (checkout / "release" / ENDPOINTS.name).read_text().splitlines() == endpoints(checkout)
    assert write(checkout) == []


def test_the_command_writes_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m release --surface` writes, prints, and builds nothing."""
    asked: list[bool] = []

    def write(*, released: bool) -> list[str]:
        asked.append(released)
        return ["- new: `GET v3/x`"]

    monkeypatch.setattr("release.surface.write", write)
    assert command.main(["--surface"]) == command.main(["--surface", "--released"]) == 0
    assert asked == [False, True]
    assert capsys.readouterr().out == "- new: `GET v3/x`\n" * 2


def test_without_a_stub_there_are_no_types(checkout: Path) -> None:
    """A package whose types are all generated has none to be held."""
    (checkout / "wechatpay" / "api" / "types" / "_base.pyi").unlink()
    assert not [one for one in surface(checkout) if "types" in one]


def test_a_release_names_its_endpoints() -> None:
    """What is new, moved or withdrawn since the release before stands in the changelog."""
    before = ["GET v3/old", "POST v3/a/pay/order", "GET v3/same"]
    after = ["GET v3/new", "GET v3/same", "POST v3/b/pay/order"]
    assert changes(before, after) == {
        "new": ["GET v3/new"],
        "moved": ["POST v3/a/pay/order -> POST v3/b/pay/order"],
        "withdrawn": ["GET v3/old"],
    }
    said = ["new: `GET v3/new`", "moved: `POST v3/a/pay/order` -> `POST v3/b/pay/order`"]
    release = Release("0.2.0", date(2027, 1, 1), {"Added": said})
    with pytest.raises(ChangelogError, match=r"leaves out.*\nwithdrawn: GET v3/old$"):
        check_endpoints(release, before, after)
    withdrawn = {"Removed": ["withdrawn: `GET v3/old`"]}
    check_endpoints(release._replace(changes=release.changes | withdrawn), before, after)
    check_endpoints(release._replace(changes={}), [], after)


def test_the_catalogue_has_its_endpoints() -> None:
    """Each is a verb and a path, once, and they are those of `wechatpay.api`."""
    now = endpoints(ROOT)
    assert "POST v3/pay/transactions/native" in now
    assert now == sorted(f"{one.verb.upper()} {one.path}" for one in api.endpoints())


def test_the_overlay_adds_and_removes_endpoints(checkout: Path) -> None:
    """What a line of the overlay adds is documented, what it removes is not."""
    rows = [
        '{"verb":"post","path":"v3/added","patch":{"name":"x"}}',
        '{"verb":"get","path":"v3/x","patch":null}',
    ]
    (checkout / "wechatpay" / "api" / "data" / "overlay.jsonl").write_text("\n".join(rows))
    assert endpoints(checkout) == ["POST v3/a/y/z", "POST v3/added"]
