"""The package in one file: everything that it reads is found where there is no folder."""

from __future__ import annotations

import runpy
import subprocess
import sys
import zipapp
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from patience import LONG

import wechatpay
from wechatpay._pyinstaller import get_hook_dirs

_PACKAGE = Path(wechatpay.__file__).parent
_PROGRAM = """
import httpx
import wechatpay
from wechatpay import api
from wechatpay.cli import main
from wechatpay.sandbox import Sandbox, coverage

assert ".pyz" in wechatpay.__file__
with Sandbox(port=0) as sandbox, sandbox.client() as wxpay:
    for path in ("/", "/page/style.css", "/page/orders", "/page/endpoints?q=refund"):
        httpx.get(sandbox.url + path, trust_env=False, timeout=60).raise_for_status()
    assert wxpay["sandbox/status"].get().json()["faults"] == []
assert len(coverage()) == len(api.endpoints())
raise SystemExit(main(["api", "show", "post", "v3/pay/transactions/native"]))
"""


def _is_read(path: Path) -> bool:
    """What is needed at run time: no caches, and no types for editors."""
    return "__pycache__" not in path.parts and path.suffix != ".pyi"


def test_in_a_zip_file(tmp_path: Path) -> None:
    """`python shop.pyz` finds the catalogue, the page and the words in it."""
    source = tmp_path / "source"
    for path in filter(_is_read, _PACKAGE.rglob("*")):
        if path.is_file():
            target = source / "wechatpay" / path.relative_to(_PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (source / "__main__.py").write_text(_PROGRAM, "utf-8")
    zipapp.create_archive(source, tmp_path / "shop.pyz")
    done = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "shop.pyz")],
        capture_output=True,
        check=False,
        timeout=LONG,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"out_trade_no" in done.stdout


def test_what_pyinstaller_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The data of the package, and the modules that are loaded by name only."""
    asked: dict[str, Any] = {}

    def collect_data_files(package: str, excludes: list[str]) -> list[tuple[str, str]]:
        asked["data"] = (package, excludes)
        return [("x.jsonl", package)]

    def collect_submodules(package: str, filter: Any) -> list[str]:
        names = [package, f"{package}.cli.words.zh", f"{package}._codegen", f"{package}.contrib.x"]
        return [name for name in names if filter(name)]

    hooks = ModuleType("PyInstaller.utils.hooks")
    vars(hooks).update(collect_data_files=collect_data_files, collect_submodules=collect_submodules)
    monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
    [folder] = get_hook_dirs()
    told = runpy.run_path(str(Path(folder) / "hook-wechatpay.py"))
    assert told["datas"] == [("x.jsonl", "wechatpay")]
    assert told["hiddenimports"] == ["wechatpay", "wechatpay.cli.words.zh"]
    assert asked["data"] == ("wechatpay", ["**/*.pyi"])
