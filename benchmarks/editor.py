"""How long an editor waits for `wxpay.chain(` and its like: `python benchmarks/editor.py`.

Speaks the language-server protocol to pyright's server, as editors do, and asks Jedi, which IPython
and many editors use, where it is installed. Every question comes after a keystroke, so nothing of
the program's own analysis is left from the one before. The least of a few rounds counts, and where
`/proc` tells it, the processor time, for that does not depend on who else is busy.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from language_server import LanguageServer, Unanswered
from report import Finding, print_findings

PROGRAM = "from wechatpay import WeChatPay\n\nwxpay = WeChatPay()\n"
NATIVE = "v3/pay/transactions/native"
FIRST, TARGET = "the first `wxpay.` of a new process", 1.0
CALLS = (f'chain("{NATIVE}")', f'["{NATIVE}"]')
BODY = 'wxpay.v3.pay.transactions.native.post(json={"amount": {"total": 1}})'
Question = tuple[str, str, str, int]
"""What is asked, the name of it, the last line of the program, and how far from its end."""
QUESTIONS: tuple[Question, ...] = (
    ("completion", "completion, `wxpay.v3.pay.transactions.`", "wxpay.v3.pay.transactions.", 0),
    ("completion", "completion, `wxpay.chain(`", "wxpay.chain(", 0),
    ("signatureHelp", "signature help, `wxpay.chain(`", "wxpay.chain(", 0),
    ("completion", 'completion, `wxpay.chain("")`', 'wxpay.chain("")', 2),
    # Between the quotes the server has none to give: it does not look into a string.
    ("signatureHelp", 'signature help, `wxpay.chain("")`', 'wxpay.chain("")', 1),
    ("hover", "hover, `wxpay.chain`", "wxpay.chain", 2),
    ("hover", 'hover, `wxpay.chain("…")`', f"wxpay.{CALLS[0]}", len(CALLS[0]) - 2),
    (
        "hover",
        "hover on a body's key: its meaning and unit",
        BODY,
        len(BODY) - BODY.index("total") - 2,
    ),
    (
        "completion",
        "completion of a body's keys",
        'wxpay.v3.pay.transactions.native.post(json={""})',
        3,
    ),
    ("completion", 'completion, `wxpay.chain("…").`', f"wxpay.{CALLS[0]}.", 0),
    ("completion", 'completion, `wxpay["…"].`', f"wxpay{CALLS[1]}.", 0),
)
JEDI = """\
import sys, time
import jedi
program, *questions = sys.argv[1:]
for question in questions:
    method, last = question.split(" ", 1)
    begun = time.process_time()
    script = jedi.Script(program + last)
    getattr(script, method)(program.count("\\n") + 1, len(last))
    print(time.process_time() - begun, flush=True)
"""
JEDI_QUESTIONS = (
    ("complete", FIRST, "wxpay."),
    ("complete", "completion, `wxpay.v3.pay.transactions.`", "wxpay.v3.pay.transactions."),
    ("get_signatures", "signature help, `wxpay.chain(`", "wxpay.chain("),
    ("help", "help, `wxpay.chain`", "wxpay.chain"),
    ("complete", 'completion, `wxpay.chain("…").`', f"wxpay.{CALLS[0]}."),
)


def pyright(patience: float) -> Iterator[tuple[str, float]]:
    """Yield what was asked of pyright's server, and what each took."""
    found = shutil.which("pyright-langserver", path=str(Path(sys.executable).parent))
    if not found:
        raise SystemExit("pyright is not installed beside this Python")
    with tempfile.TemporaryDirectory(prefix="wechatpay-editor-") as folder:
        server = LanguageServer([found, "--stdio"], Path(folder), patience)

        def took(ask: Callable[[], Any]) -> tuple[float, Any]:
            try:
                answer = ask()
            except Unanswered:
                return patience, None
            return (server.seconds if server.cpu is None else server.cpu), answer

        def show(last: str, back: int) -> tuple[int, int]:
            server.type(PROGRAM + last)
            return PROGRAM.count("\n"), len(last) - back

        try:
            place = show("wxpay.", 0)
            seconds, popup = took(lambda: server.at("completion", *place))
            yield FIRST, seconds
            chain = next(item for item in popup["items"] if item["label"] == "chain")
            yield (
                "resolve, `chain` in that popup",
                took(lambda: server.ask("completionItem/resolve", chain))[0],
            )
            for what, name, last, back in QUESTIONS:
                place = show(last, back)
                yield name, took(lambda what=what, place=place: server.at(what, *place))[0]
        finally:
            server.close()


def jedi(patience: float) -> Iterator[tuple[str, float]]:
    """Yield what was asked of Jedi, in a new process, and what each took."""
    questions = [f"{method} {last}" for method, _, last in JEDI_QUESTIONS]
    command = [sys.executable, "-c", JEDI, PROGRAM, *questions]
    limit = patience * len(questions)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=limit)
    for (_, name, _), took in zip(JEDI_QUESTIONS, done.stdout.split(), strict=True):
        yield name, float(took)


def measure(
    title: str, ask: Callable[[float], Iterator[tuple[str, float]]], options: argparse.Namespace
) -> None:
    """Print the least that each question took."""
    least: dict[str, float] = {}
    for _ in range(options.rounds):
        for name, seconds in ask(options.patience):
            least[name] = min(seconds, least.get(name, seconds))
    targets = {name: None if name == FIRST else TARGET for name in least}
    print_findings(title, [Finding(name, least[name], "s", targets[name]) for name in least])


def has_jedi() -> bool:
    """Tell whether Jedi is there."""
    return not subprocess.run([sys.executable, "-c", "import jedi"], capture_output=True).returncode


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default: %(default)s)")
    parser.add_argument(
        "--patience",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="for an answer (default: %(default)s)",
    )
    both = ("pyright", "jedi")
    parser.add_argument("--only", nargs="+", choices=both, default=both, metavar="NAME")
    options = parser.parse_args(arguments)
    if "pyright" in options.only:
        measure("Pyright's language server", pyright, options)
    if "jedi" in options.only and has_jedi():
        measure("Jedi", jedi, options)


if __name__ == "__main__":
    main()
