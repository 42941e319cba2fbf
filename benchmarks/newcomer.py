"""The steps of somebody who sees the project for the first time, timed.

`python benchmarks/newcomer.py` does each as a reader would: a clone and `make demo`, the README's
first blocks pasted line by line at the prompt of every Python that is here and of IPython, the
demo, a search on the terminal, the skill, the tools. A step that fails is said to, and the exit
status is 1.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("python3.10", "python3.11", "python3.12")
WRONG = re.compile(r"(Indentation|Syntax|Name|Type|Attribute|Module\w*)Error")
PATIENCE = 600.0


def run(command: Sequence[str], folder: Path, typed: str = "") -> str:
    """Run a command without settings of anybody's, and return what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WECHATPAY_")}
    done = subprocess.run(
        [*command],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command[:4])} ended with {done.returncode}: {done.stderr[-300:]}"
        )
    return done.stdout + done.stderr


def pasted() -> str:
    """Return the README's first two blocks of Python, each with the newline that ends a paste."""
    blocks = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
    )
    return "\n".join((*blocks[:2], ""))


def clone(folder: Path) -> None:
    """Clone, and run the demonstration, which sets everything up by itself."""
    run(["git", "clone", "--quiet", str(ROOT), "clone"], folder)
    run(["make", "demo"], folder / "clone")


def paste(command: Sequence[str]) -> Callable[[Path], None]:
    """Return a step that pastes the README's first blocks at a prompt."""

    def step(folder: Path) -> None:
        said = run(command, folder, pasted())
        if WRONG.search(said) or "SUCCESS" not in said:
            raise RuntimeError(said[-300:])

    return step


def says(*arguments: str, expected: str) -> Callable[[Path], None]:
    """Return a step that runs a command of ours, and looks for what it has to say."""

    def step(folder: Path) -> None:
        said = run([sys.executable, "-m", "wechatpay", *arguments], folder)
        if expected not in said:
            raise RuntimeError(f"nothing of {expected}")

    return step


def steps(with_clone: bool) -> dict[str, Callable[[Path], None]]:
    """Return the steps that can be done here, by what they are."""
    found: dict[str, Callable[[Path], None]] = {}
    if with_clone:
        found["clone, make demo"] = clone
    for name in PYTHONS:
        python = shutil.which(name)
        has_it = (
            python
            and not subprocess.run(
                [python, "-c", "import httpx, cryptography"], capture_output=True, check=False
            ).returncode
        )
        if python and has_it:
            found[f"README pasted into {name}"] = paste([python, "-i", "-q"])
    found["README pasted into this Python"] = paste([sys.executable, "-i", "-q"])
    if not subprocess.run([sys.executable, "-c", "import IPython"], capture_output=True).returncode:
        quiet = ["--no-banner", "--no-confirm-exit", "--simple-prompt"]
        found["README pasted into IPython"] = paste([sys.executable, "-m", "IPython", *quiet])
    found["wechatpay demo"] = says("demo", expected="204")
    found["api search 退款"] = says("api", "search", "退款", expected="v3/refund/domestic/refunds")
    found["api show, with meanings"] = says(
        *("api", "show", "post", "v3/refund/domestic/refunds"), expected="fen"
    )
    found["skill install"] = says("skill", "install", expected="wechatpay")
    found["tools for agents, started and ended"] = says("mcp", expected="")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Do every step, and print what each took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--no-clone", action="store_true", help="leave out the clone")
    options = parser.parse_args(arguments)
    failed = 0
    for name, step in steps(not options.no_clone).items():
        with tempfile.TemporaryDirectory(prefix="wechatpay-newcomer-") as folder:
            begun = time.monotonic()
            try:
                step(Path(folder))
                ending = ""
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                failed += 1
                ending = f"  FAILED: {error}"
            print(f"{time.monotonic() - begun:7.1f} s  {name}{ending}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
