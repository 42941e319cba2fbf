"""Changes the verifying core in small ways, and tells which no test notices: `make mutants`.

    python tests/mutants.py                 # a hundred, drawn at random
    python tests/mutants.py --draw 20 --seed 7 wechatpay/xml.py
    python tests/mutants.py --all wechatpay/crypto/aes.py

A mutant is one module with one operator, constant or condition changed; annotations, docstrings and
what errors say in words are left alone. It survives if the module's own tests pass. `SURVIVORS`
lists those that may, with the reason: they change nothing that anybody could see.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TARGETS: dict[str, str] = {
    "wechatpay/_v3/verification.py": "test_verification test_notification test_sm",
    "wechatpay/_v3/keyring.py": "test_keyring test_trust test_key_modes test_configuration",
    "wechatpay/_v3/certificates.py": "test_certificates test_trust test_certificate_directory",
    "wechatpay/_v3/encrypted_file.py": "test_encrypted_bills",
    "wechatpay/notification.py": "test_notification test_client_notifications",
    "wechatpay/notification_v2.py": "test_notification_v2",
    "wechatpay/xml.py": "test_xml",
    "wechatpay/_chain/path.py": "test_path test_template test_node",
    "wechatpay/_chain/template.py": "test_template test_path",
    "wechatpay/crypto/aes.py": "crypto/test_aes test_encrypted_bills",
    "wechatpay/crypto/rsa.py": "crypto/test_rsa crypto/test_given test_verification",
    "wechatpay/crypto/digest.py": "crypto/test_digest",
    "wechatpay/crypto/sm2.py": "crypto/test_sm2 test_sm",
    "wechatpay/crypto/sm4.py": "crypto/test_sm4 test_sm",
    "wechatpay/crypto/_der.py": "crypto/test_der crypto/test_given crypto/test_sm2",
    "wechatpay/crypto/_given.py": "crypto/test_given test_merchant_forms cli/test_doctor_keys",
    "wechatpay/replay.py": "test_replay",
    "wechatpay/_call/exchange.py": "test_exchange test_faults test_refusal test_download",
    "wechatpay/_call/verdict.py": "test_exchange test_verification test_v2_answer",
    "wechatpay/_v2/answer.py": "test_v2_answer test_v2",
}
"""The modules whose mistakes would cost money, and the files below `tests` that hold them."""
SURVIVORS: dict[str, str] = {
    "wechatpay/_v3/certificates.py: return False -> return None": "it is asked for its truth alone",
    "wechatpay/_v3/encrypted_file.py: 1024 -> 1025": "how much is read at a time",
    "wechatpay/crypto/digest.py: 256 -> 257": "the same",
    "wechatpay/crypto/digest.py: 1024 -> 1025": "the same",
    "wechatpay/crypto/digest.py: 256 * 1024 -> 256 + 1024": "the same",
    "wechatpay/replay.py: 16 -> 17": "how long a token is that nobody else has",
    "wechatpay/_v3/certificates.py: time.time() < _time(expires) -> "
    "time.time() <= _time(expires)": "the very instant of an end, which a clock does not hit",
}
"""Mutants that may survive, as they are printed, and why."""

_SAYS = ("cast", "TypeVar", "Union", "logger.", "ConfigurationError", "warnings.")
"""Calls whose arguments are words, or types."""
_LISTED = ("__all__", "__slots__", "Trust", "_OTHER_FILES", "_OTHER_VALUES")
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


class Mutant(NamedTuple):
    """One module with one change.

    Attributes:
        file: The module.
        line: Where the change is.
        change: What it is, such as ``a == b -> a != b``.
        source: The whole module, changed.
    """

    file: str
    line: int
    change: str
    source: str

    def __str__(self) -> str:
        return f"{self.file}: {self.change}"


def places(file: str) -> int:
    """Return in how many places a module can be changed."""
    return sum(1 for _ in _places(ast.parse((ROOT / file).read_text("utf-8"))))


def mutant_of(file: str, number: int) -> Mutant:
    """Return a module's mutant by its number, from 0 on."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    node, way = [*_places(tree)][number]
    before = ast.unparse(node)
    after = _change(node, way)
    return Mutant(file, getattr(node, "lineno", 0), f"{before} -> {after}", ast.unparse(tree))


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, int]]:
    """Yield what can be changed, and in which way."""
    words = {id(inner) for node in ast.walk(tree) for inner in _words(node)}
    for node in ast.walk(tree):
        if id(node) in words:
            continue
        if isinstance(node, ast.Compare):
            yield from ((node, at) for at, one in enumerate(node.ops) if type(one) in _COMPARED)
        elif _can_change(node):
            yield node, 0


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return type(node.op) in _COMPUTED
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    if isinstance(node, ast.Return):
        return node.value is not None and not _is_none(node)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (bool, int, str, bytes))
    return isinstance(node, (ast.If, ast.IfExp, ast.While, ast.BoolOp))


def _is_none(node: ast.Return) -> bool:
    return isinstance(node.value, ast.Constant) and node.value.value is None


def _words(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is below a node and says nothing to the program."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        notes = [one.annotation for one in every] + [node.returns, *node.decorator_list]
        for note in filter(None, notes):
            yield from ast.walk(note)
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Union":
        yield from ast.walk(node)
    elif isinstance(node, ast.keyword) and node.arg == "strict":
        yield node.value  # it finds mistakes of a programmer, none of the data's
    elif isinstance(node, ast.AnnAssign):
        yield from ast.walk(node.annotation)
    elif isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        for argument in node.exc.args:
            yield from ast.walk(argument)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_SAYS):
        yield from ast.walk(node)
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _LISTED:
        yield from ast.walk(node.value)
    elif isinstance(node, ast.If) and ast.unparse(node.test) in (
        "TYPE_CHECKING",
        "not TYPE_CHECKING",
    ):
        yield from ast.walk(node)


def _change(node: ast.AST, way: int) -> str:
    """Change a node in place, and return how it reads then."""
    if isinstance(node, ast.Compare):
        node.ops[way] = _COMPARED[type(node.ops[way])]()
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return f"not {ast.unparse(node.test.operand)}"
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.BinOp):
        node.op = _COMPUTED[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.Constant):
        node.value = _other(node.value)
    return ast.unparse(node)


def _other(value: object) -> bool | int | str | bytes:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value + b"X" if isinstance(value, bytes) else f"{value}X"


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) < 150 else f"{one[:147]}..."


def survives(mutant: Mutant, checkout: Path) -> bool:
    """Tell whether the tests of a mutant's module pass in spite of it."""
    path = checkout / mutant.file
    whole = path.read_text("utf-8")
    path.write_text(mutant.source, "utf-8")
    tests = [f"tests/{one}.py" for one in TARGETS[mutant.file].split()]
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(command, cwd=checkout, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return False
    finally:
        path.write_text(whole, "utf-8")
    return done.returncode == 0


def say(line: str) -> None:
    """Print a line at once: a run takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Draw mutants, try each, and return 1 if one survives that is not listed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", default=[*TARGETS], help="modules; default: the core")
    parser.add_argument("--draw", type=int, default=100, help="how many to draw; default: 100")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--all", action="store_true", help="try every one")
    chosen = parser.parse_args()
    every = [(file, number) for file in chosen.files for number in range(places(file))]
    drawn = every
    if not chosen.all:
        drawn = random.Random(chosen.seed).sample(every, min(chosen.draw, len(every)))
    say(f"{len(drawn)} of {len(every)} mutants, seed {chosen.seed}")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # two mutants may be made in the same second
    left: list[Mutant] = []
    listed = 0
    with tempfile.TemporaryDirectory() as temporary:
        checkout = Path(temporary)
        for folder in ("wechatpay", "tests"):
            shutil.copytree(ROOT / folder, checkout / folder)
        shutil.copy(ROOT / "pyproject.toml", checkout)
        for file, number in drawn:
            mutant = mutant_of(file, number)
            if str(mutant) in SURVIVORS:
                listed += 1
            elif survives(mutant, checkout):
                left.append(mutant)
                say(f"{mutant.file}:{mutant.line}: {_short(mutant.change)}")
    say(f"{len(left)} survived, {listed} more are listed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
