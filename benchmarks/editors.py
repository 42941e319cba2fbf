"""What an editor says of a call, beside boto3-stubs and stripe: `python benchmarks/editors.py`.

Speaks the language-server protocol to pyright's server: completion, signature help, hover on a
request's key, errors. A library that is not installed is left out (`pip install stripe boto3
boto3-stubs[s3]`). The times are the server's processor time after a keystroke, the least of a few
rounds, and machine and versions are named.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, cast

from language_server import LanguageServer

PATIENCE = 30.0


class Library(NamedTuple):
    """A library, and the same call of a payment (or of what comes next to it) in it.

    Attributes:
        packages: What has to be installed.
        begin: How a client is made.
        calls: Where the names of calls complete.
        call: A whole call, with `@` before the key that the cursor rests on.
        keys: The call, with `@` where a key of the request is to be completed.
        wrong: Three calls that are wrong: an unknown key, a missing one, a value of another type.
        answer: Where the keys or attributes of the answer complete.
        field: One of them.
    """

    packages: tuple[str, ...]
    begin: str
    calls: str
    call: str
    keys: str
    wrong: tuple[str, str, str]
    answer: str
    field: str


ORDER = (
    '"appid": "a", "mchid": "1", "description": "d", "out_trade_no": "1", "notify_url": "https://x"'
)
POST = "wxpay.v3.pay.transactions.native.post"
INTENT = "client.v1.payment_intents.create"
CORS = 's3.put_bucket_cors(Bucket="b", CORSConfiguration={"CORSRules": [{'
LIBRARIES = {
    "wechatpay": Library(
        ("wechatpay-openapi",),
        "from wechatpay import WeChatPay\n\nwxpay = WeChatPay()\n",
        "wxpay.v3.pay.transactions.",
        f'{POST}(json={{{ORDER}, "amount": {{"@total": 100}}}})',
        f'{POST}(json={{"@"}})',
        (
            f'{POST}(json={{{ORDER}, "amount": {{"total": 1}}, "atach": "x"}})',
            f"{POST}(json={{{ORDER}}})",
            f'{POST}(json={{{ORDER}, "amount": {{"total": "1"}}}})',
        ),
        f'{POST}(json={{{ORDER}, "amount": {{"total": 1}}}}).json()["@"',
        "code_url",
    ),
    "stripe": Library(
        ("stripe",),
        'import stripe\n\nclient = stripe.StripeClient("sk")\n',
        "client.v1.payment_intents.",
        f'{INTENT}({{"@amount": 100, "currency": "cny"}})',
        f'{INTENT}({{"@"}})',
        (
            f'{INTENT}({{"amount": 1, "currency": "cny", "descripton": "x"}})',
            f'{INTENT}({{"amount": 1}})',
            f'{INTENT}({{"amount": "1", "currency": "cny"}})',
        ),
        f'{INTENT}({{"amount": 1, "currency": "cny"}}).',
        "client_secret",
    ),
    "boto3-stubs": Library(
        ("boto3", "boto3-stubs"),
        'import boto3\n\ns3 = boto3.client("s3")\n',
        "s3.",
        f'{CORS}"@AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}}]}})',
        f'{CORS}"@"}}]}})',
        (
            f'{CORS}"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "Exposeheaders": []}}]}})',
            f'{CORS}"AllowedMethods": ["GET"]}}]}})',
            f'{CORS}"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": "1"}}]}})',
        ),
        's3.get_bucket_cors(Bucket="b")["@"',
        "CORSRules",
    ),
}


def text_of(answer: Any) -> str:
    """Return what an answer says, as text."""
    if isinstance(answer, dict):
        return text_of([*cast("dict[str, Any]", answer).values()])
    if isinstance(answer, list):
        return " ".join(map(text_of, cast("list[Any]", answer)))
    return answer if isinstance(answer, str) else ""


class Editor:
    """One editor with one library open in it."""

    def __init__(self, library: Library, folder: Path) -> None:
        found = shutil.which("pyright-langserver", path=str(Path(sys.executable).parent))
        if not found:
            raise SystemExit("pyright is not installed beside this Python")
        self._server = LanguageServer([found, "--stdio"], folder, PATIENCE)
        self._library = library

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def at(self, what: str, line: str) -> tuple[float, Any]:
        """Type a line, and ask at its `@`, or at its end."""
        before, _, after = line.partition("@")
        self._server.type(self._library.begin + before + after)
        answer = self._server.at(what, self._library.begin.count("\n"), len(before))
        taken = self._server.cpu
        return self._server.seconds if taken is None else taken, answer

    def errors(self, line: str) -> tuple[float, str]:
        """Type a line, and return what the editor underlines in it."""
        self._server.type(self._library.begin + line)
        return self._server.complaints()

    def answers(self) -> dict[str, tuple[float, str]]:
        """Return what is said of each question, and what it took."""
        library = self._library
        found: dict[str, tuple[float, str]] = {}

        def kept(name: str, took: float, said: str) -> None:
            found[name] = took, said

        took, answer = self.at("completion", library.calls)
        kept("first completion in a new process", took, "")
        took, answer = self.at("completion", library.calls)
        kept("completion of calls", took, f"{len(public(answer))} names")
        took, answer = self.at("completion", library.keys)
        kept("completion of the request's keys", took, f"{len(public(answer))} keys")
        took, answer = self.at("signatureHelp", f"{library.call.partition('(')[0]}(")
        kept("signature help", took, "yes" if text_of(answer) else "no")
        took, answer = self.at("hover", library.call)
        said = text_of(answer)
        documented = len(said.split("\n", 1)[-1]) > len(said.split("\n", 1)[0])
        meaning = "its meaning" if documented and len(said) > 60 else "its name alone"
        unit = " and unit" if "fen" in said or "cents" in said or "currency unit" in said else ""
        kept("hover on a request's key", took, meaning + unit)
        for name, line in zip(
            ("unknown key", "missing key", "wrong type"), library.wrong, strict=True
        ):
            took, said = self.errors(line)
            kept(f"error: {name}", took, "yes" if said else "no")
        took, answer = self.at("completion", library.answer)
        held = library.field in " ".join(public(answer))
        kept("completion of the answer", took, "yes" if held else "no")
        return found


def public(answer: Any) -> list[str]:
    """Return the names of a completion that do not begin with an underscore."""
    items = cast("dict[str, list[dict[str, str]]]", answer or {}).get("items", [])
    return [one["label"] for one in items if not one["label"].startswith("_")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=2, help="rounds (default: %(default)s)")
    options = parser.parse_args(arguments)
    table: dict[str, dict[str, tuple[float, str]]] = {}
    for name, library in LIBRARIES.items():
        try:
            versions = [f"{one} {version(one)}" for one in library.packages]
        except PackageNotFoundError:
            continue
        print(*versions, sep=", ")
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory(prefix="wechatpay-editor-") as folder:
                editor = Editor(library, Path(folder))
                try:
                    answers = editor.answers()
                finally:
                    editor.close()
            for question, (took, said) in answers.items():
                row = table.setdefault(question, {})
                least = min(took, row[name][0]) if name in row else took
                row[name] = least, said
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    print("|  |", " | ".join(LIBRARIES), "|")
    print("|---|" + "---|" * len(LIBRARIES))
    for question, row in table.items():
        cells = [f"{said}, {took:.2f} s".lstrip(", ") for took, said in row.values()]
        print("|", " | ".join((question, *cells)), "|")


if __name__ == "__main__":
    main()
