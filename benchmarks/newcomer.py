"""The steps of somebody who sees the project for the first time, timed.

`python benchmarks/newcomer.py` does each as a reader would: a clone and `make demo`, the first
blocks of both READMEs pasted line by line at the prompt of every Python that is here and of
IPython, the demo, `doctor` without settings, a search on the terminal, every slip, the FastAPI
shop, each page for those who come from elsewhere, the skill, the tools. A step that fails is said
to, and the exit status is 1.
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
PYTHONS = ("python3.10", "python3.11", "python3.12", "python3.13")
WRONG = re.compile(r"(Indentation|Syntax|Name|Type|Attribute|Module\w*)Error")
PATIENCE = 600.0
CLIENT = """\
from wechatpay import WeChatPay
from wechatpay.sandbox import Sandbox
sandbox = Sandbox()
wxpay = sandbox.client()
order = {"appid": "wxd678efh567hg6787"}
"""
"""What the slips are made with."""
CERTIFICATE = (
    "req -x509 -key apiclient_key.pem -subj /CN=1900000109 -days 2 -out apiclient_cert.pem"
)
NATIVE = "wxpay.v3.pay.transactions.native"
SLIPS = {
    f'{NATIVE}.post({{"json": order}})': ".post(json={…}), not .post({'json': {…}})",
    f"{NATIVE}.post(data=order)": "did you mean json=",
    f"{NATIVE}.post(form=order)": "did you mean xml=",
    f'{NATIVE}.post(json="{{}}")': "the mapping itself, not json.dumps of it",
    f"{NATIVE}.post(**order)": "json={…}",
    f"{NATIVE}(json=order)": "it ends with a verb",
    f"{NATIVE}.POST(json=order)": "the verb is written .post(…)",
    "wxpay.notifcation({}, b'')": "did you mean wxpay.notification?",
    'WeChatPay(mchid="1900000109", privateKey="x")': "did you mean private_key?",
    "wxpay.v3.pay.transactions.out_trade_no._out_trade_no_.get(out_trade_no='1')": "out-trade-no",
    "wxpay.pay.transactions.native.post(json=order)": "did you mean v3/pay/transactions/native?",
    "wxpay.pay(description='x')": "wxpay.v3.pay.transactions.native.post(",
    "wxpay.query(out_trade_no='1')": "outTradeNo._out_trade_no_.get(",
    "wxpay.close('1')": "._out_trade_no_.close.post(",
    "wxpay.refund(out_trade_no='1')": "wxpay.v3.refund.domestic.refunds.post(",
    "wxpay.callback({}, b'')": "wxpay.notification(headers, body)",
    "wxpay.sign(['a'])": "wxpay.paysign.jsapi(appid, prepay_id)",
    "wxpay.complaint_list_query()": "complaintsV2.get(",
}
"""Habits from elsewhere, and what the error has to name."""
PAGES = ("from-php", "from-wechatpayv3", "from-wechatpy")


def run(command: Sequence[str], folder: Path, typed: str = "", *, ends: int = 0) -> str:
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
    if done.returncode != ends:
        raise RuntimeError(
            f"{' '.join(command[:4])} ended with {done.returncode}: {done.stderr[-300:]}"
        )
    return done.stdout + done.stderr


def pasted(readme: str) -> str:
    """Return a README's first two blocks of Python, each with the newline that ends a paste."""
    text = (ROOT / readme).read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    return "\n".join((*blocks[:2], ""))


def clone(folder: Path) -> None:
    """Clone, and run the demonstration, which sets everything up by itself."""
    run(["git", "clone", "--quiet", str(ROOT), "clone"], folder)
    run(["make", "demo"], folder / "clone")


def paste(command: Sequence[str]) -> Callable[[Path], None]:
    """Return a step that pastes both READMEs' first blocks at a prompt."""

    def step(folder: Path) -> None:
        for readme in ("README.md", "README.zh-CN.md"):
            said = run(command, folder, pasted(readme))
            if WRONG.search(said) or "SUCCESS" not in said or str([204] * 6) not in said:
                raise RuntimeError(said[-300:])

    return step


def says(*arguments: str, expected: str, ends: int = 0) -> Callable[[Path], None]:
    """Return a step that runs a command of ours, and looks for what it has to say."""

    def step(folder: Path) -> None:
        said = run([sys.executable, "-m", "wechatpay", *arguments], folder, ends=ends)
        if expected not in said:
            raise RuntimeError(f"nothing of {expected}")

    return step


def answers(statement: str, expected: str) -> Callable[[Path], None]:
    """Return a step that makes a slip, and looks for what was meant in the error."""

    def step(folder: Path) -> None:
        code = f"{CLIENT}\ntry:\n    {statement}\nexcept Exception as error:\n    print(error)\n"
        said = run([sys.executable, "-W", "ignore", "-c", code], folder)
        if expected not in said:
            raise RuntimeError(f"nothing of {expected}: {said[-300:]}")

    return step


def follow(page: str) -> Callable[[Path], None]:
    """Return a step that runs the code of a page, block after block, with nothing else."""

    def step(folder: Path) -> None:
        text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
        blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
        run(["openssl", "genrsa", "-out", "apiclient_key.pem", "2048"], folder)
        (folder / "cert").mkdir()
        run(["openssl", *CERTIFICATE.split()], folder)
        run(["openssl", "genrsa", "-out", "theirs.pem", "2048"], folder)
        run(["openssl", "rsa", "-in", "theirs.pem", "-pubout", "-out", "pub_key.pem"], folder)
        run([sys.executable, "-W", "ignore", "-c", "\n".join(blocks)], folder)

    return step


def shop(_folder: Path) -> None:
    """Run the FastAPI shop of the documentation's examples, as its tests do."""
    tests = ROOT / "tests/contrib/test_shops.py"
    run([sys.executable, "-m", "pytest", "-q", str(tests), "-k", "fastapi_shop"], ROOT)


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
            found[f"READMEs pasted into {name}"] = paste([python, "-i", "-q"])
    found["READMEs pasted into this Python"] = paste([sys.executable, "-i", "-q"])
    if not subprocess.run([sys.executable, "-c", "import IPython"], capture_output=True).returncode:
        quiet = ["--no-banner", "--no-confirm-exit", "--simple-prompt"]
        found["READMEs pasted into IPython"] = paste([sys.executable, "-m", "IPython", *quiet])
    found["wechatpay demo"] = says("demo", expected="204")
    found["doctor without settings names the sandbox"] = says(
        "doctor", expected="wechatpay sandbox", ends=3
    )
    found |= {f"slip: {slip}": answers(slip, meant) for slip, meant in SLIPS.items()}
    found |= {f"docs/{page}.md, followed": follow(page) for page in PAGES}
    found["FastAPI shop of the documentation"] = shop
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
