"""Figures that are not a race: building paths, starting up, memory, function calls, connections."""

from __future__ import annotations

import statistics

from keys import Keys
from processes import CLIENTS, HERE, Child, Server, cores
from report import NAMES, Finding


def measured(what: str, keys: Keys) -> dict[str, float]:
    """Make one measurement in a fresh interpreter, on the contenders' core."""
    arguments = [str(HERE / "single.py"), what, str(keys.folder)]
    # Bytecode is written, as installing a package does it, but not into the source tree.
    bytecode = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(keys.folder / "bytecode"),
    }
    with Child(arguments, cores()[0], keys, **bytecode) as child:
        return child.first


def chain(keys: Keys, rounds: int) -> list[Finding]:
    """Measure the way from a client to a finished URL."""
    rows = [measured("chain", keys) for _ in range(min(rounds, 5))]
    return [
        Finding(f"seven segments, {how}, to the finished URL", best(rows, name), "µs", target)
        for name, how, target in (("attributes", "as attributes", 20), ("text", "as text", None))
    ]


def rsa(keys: Keys, rounds: int) -> list[Finding]:
    """Measure what no client can beat."""
    rows = [measured("rsa", keys) for _ in range(min(rounds, 5))]
    return [Finding(f"RSA-2048, {name}", best(rows, name), "µs") for name in ("sign", "verify")]


def notification(keys: Keys, rounds: int) -> list[Finding]:
    """Measure reading a notification beside plain cryptography that verifies and decrypts it."""
    rows = [measured("notification", keys) for _ in range(min(rounds, 7))]
    ratio = statistics.median(row["ratio"] for row in rows)
    return [
        Finding("plain cryptography", best(rows, "floor"), "µs", digits=1),
        Finding("wxpay.notification", best(rows, "ours"), "µs", digits=1),
        Finding("notifications, times plain cryptography", ratio, "×", 0.9, at_least=True),
    ]


def best(rows: list[dict[str, float]], name: str) -> float:
    """Return the median in microseconds."""
    return statistics.median(row[name] for row in rows) * 1e6


def start(keys: Keys, rounds: int) -> list[Finding]:
    """Measure what a process pays before its first call, in pairs of fresh interpreters."""
    pairs = []
    for name in ("libraries", "client"):
        measured(name, keys)
    for number in range(rounds):
        names = ("libraries", "client") if number % 2 else ("client", "libraries")
        pairs.append({name: measured(name, keys) for name in names})
    ratios = [pair["client"]["import"] / pair["libraries"]["import"] for pair in pairs]
    imports = [pair["client"]["import"] * 1e3 for pair in pairs]
    clients = [pair["client"]["client"] * 1e3 for pair in pairs]
    return [
        Finding("import wechatpay", statistics.median(imports), "ms", digits=0),
        Finding(
            "import wechatpay, times httpx and cryptography", statistics.median(ratios), "×", 1.15
        ),
        Finding("WeChatPay(…), the first of a process", statistics.median(clients), "ms", 5),
    ]


def memory(keys: Keys, calls: int) -> list[Finding]:
    """Measure how resident memory grows while calls are made, once the process has warmed up."""
    findings = []
    with Server(keys) as server:
        for name, at_once in (("ours", 0), *((name, 50) for name in CLIENTS)):
            with server.contender(name, asynchronous=bool(at_once)) as child:
                order = {"count": calls, "at_once": at_once or 1, "warm": 1}
                before = child.ask({**order, "count": max(1, calls // 4)})["resident"]
                after = child.ask(order)["resident"]
            title = f"memory growth, {calls:,} calls, {NAMES[name]}, {kind(at_once)}"
            target = 100 if calls >= 10_000 else None
            findings.append(Finding(title, (after - before) / 1024, "KiB", target, digits=0))
    return findings


def calls(keys: Keys, _: int) -> list[Finding]:
    """Count the function calls behind one call: a figure without noise."""
    counts = {}
    with Server(keys) as server:
        for name in ("floor", "ours"):
            with server.contender(name) as child:
                order = {"count": 100, "at_once": 1, "warm": 20, "profile": True}
                counts[name] = child.ask(order)["calls"] / order["count"]
    ratio = counts["ours"] / counts["floor"]
    return [
        *(Finding(f"function calls, {NAMES[name]}", counts[name], digits=0) for name in counts),
        Finding("function calls, times the floor", ratio, "×", 1.1),
    ]


def connections(keys: Keys, calls: int) -> list[Finding]:
    """Count the connections that a twentieth of these calls open in a row, and a fifth at once."""
    findings = []
    with Server(keys) as server:
        for name, at_once in (("ours", 0), *((name, 50) for name in CLIENTS)):
            total = calls // 5 if at_once else calls // 20
            before = server.connections()
            with server.contender(name, asynchronous=bool(at_once)) as child:
                child.ask({"count": total, "at_once": at_once or 1, "warm": 1})
            title = f"connections, {total:,} calls, {NAMES[name]}, {kind(at_once)}"
            opened = server.connections() - before
            findings.append(Finding(title, opened, target=64 if at_once else 1, digits=0))
    return findings


def kind(at_once: int) -> str:
    """Say how calls are made."""
    return f"{at_once} at once" if at_once else "in a row"
