"""What must be in the files that are released, and what must not."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

__all__ = ["problems"]

_WHEEL: tuple[str, ...] = (
    "wechatpay/__init__.py",
    "wechatpay/py.typed",
    "wechatpay/api/data/endpoints.jsonl",
    "wechatpay/api/types/__init__.pyi",
    ".dist-info/licenses/LICENSE",
    ".cdx.json",
)
_SDIST: tuple[str, ...] = (
    *("README.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "PKG-INFO"),
    *("wechatpay/_codegen/__init__.py", "tests/conftest.py", "docs/start.md"),
)
_NEVER = (".pem", ".p12", ".env", ".pyc", ".coverage")
_MOST = 1_500_000
"""Bytes that a wheel may have."""


def problems(file: Path) -> list[str]:
    """Return what is wrong with a wheel or an sdist, a line each."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
        wrong = [
            f"{name} is not the package's"
            for name in names
            if not name.startswith("wechatpay") or name.startswith("wechatpay/_codegen")
        ]
        wanted = _WHEEL
        if file.stat().st_size > _MOST:
            wrong.append(f"it has {file.stat().st_size} bytes, more than {_MOST}")
    else:
        with tarfile.open(file) as archive:
            names = archive.getnames()
        wrong, wanted = [], _SDIST
    wrong += [f"{one} is missing" for one in wanted if not any(n.endswith(one) for n in names)]
    wrong += [f"{name} has no place in it" for name in names if name.endswith(_NEVER)]
    return [f"{file.name}: {one}" for one in wrong]
