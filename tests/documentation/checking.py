"""What two type checkers have to say of the blocks on all pages, each checker asked once."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

from docs.builder.spelling import code_of
from docs.builder.staging import DOCS
from wechatpay.api import Endpoint

from .markdown import code

__all__ = ["Complaints", "check", "endpoints_module", "page_module"]

ROOT = DOCS.parent
PRELUDE = (
    "from typing import Any\n"
    "from wechatpay import WeChatPay\n"
    "from wechatpay.sandbox import Sandbox\n"
    "sandbox = Sandbox()\n"
    "wxpay = sandbox.client()\n"
)
"""What the pages say once, on the first of them: where `wxpay` and `sandbox` come from."""
_PYRIGHT = (
    '{{"include": ["."], "typeCheckingMode": "standard", "pythonVersion": "3.10", '
    '"extraPaths": ["{root}"], "reportMissingModuleSource": "none", "reportRedeclaration": "none"}}'
)
_MYPY = """
[mypy]
allow_redefinition = true
[mypy-celery.*,apscheduler.*]
ignore_missing_imports = true
"""


class Complaints(NamedTuple):
    """The lines of both checkers, one after another."""

    pyright: str
    mypy: str

    def of(self, module: str) -> list[str]:
        """Return what they say of one module."""
        said = f"{self.pyright}\n{self.mypy}"
        return re.findall(rf"^.*\b{module}\.py:\d+:.*\berror\b.*$", said, re.MULTILINE)


def page_module(source: str, prelude: str = PRELUDE) -> str:
    """Return all blocks of a page as one module."""
    return prelude + "\n".join(code(source))


def endpoints_module(endpoints: list[Endpoint]) -> str:
    """Return the calls that the pages of endpoints show, each in a function of its own."""
    lines = [PRELUDE]
    for number, endpoint in enumerate(endpoints):
        shown = code_of(endpoint)
        strings = "\n".join(f"node = {one}" for one in shown.strings)
        for head, calls in (
            (f"def call_{number}() -> None:", shown.call),
            (f"async def awaited_{number}() -> None:", f"{shown.awaited}\n{strings}"),
        ):
            lines.append(f"{head}\n{indent(calls, '    ')}\n")
    module = "\n".join(lines)
    ast.parse(module)
    return module


def check(modules: dict[str, str], into: Path) -> Complaints:
    """Ask both checkers about some modules, once each."""
    for name, text in modules.items():
        (into / f"{name}.py").write_text(text, "utf-8")
    (into / "pyrightconfig.json").write_text(_PYRIGHT.format(root=ROOT), "utf-8")
    (into / "mypy.ini").write_text(_MYPY, "utf-8")
    python = sys.executable
    pyright = [python, "-m", "pyright", "--pythonpath", python, "-p", str(into)]
    mypy = [python, "-m", "mypy", "--config-file", str(into / "mypy.ini"), "--check-untyped-defs"]
    return Complaints(
        subprocess.run(pyright, capture_output=True, text=True, check=False).stdout,
        subprocess.run(
            [*mypy, *(f"{into}/{name}.py" for name in modules)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        ).stdout,
    )
