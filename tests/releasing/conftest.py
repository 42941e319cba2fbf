"""What is released, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel and the sdist of this checkout."""
    into = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into), str(ROOT)]
    environ = {**os.environ, "GITHUB_REPOSITORY": "owner/wechatpay-openapi"}
    subprocess.run(command, check=True, capture_output=True, env=environ)
    return into


def copies(built: Path, into: Path) -> list[Path]:
    """Copy what was built, as building it there would."""
    return [Path(shutil.copy(one, into)) for one in built.iterdir()]
