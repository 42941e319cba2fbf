"""How fast `wechatpay` is beside plain httpx: `make bench`, or `python benchmarks/run.py --help`.

The floor is a few lines of plain httpx and cryptography that sign and verify the same way; see
`floor.py`. Floor and client run in processes of their own against a server in another, by turns,
in many short rounds. A benchmark informs: missed targets are said, and the exit status is 0.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keys
import report
import singles
from processes import CLIENTS, EXTRAS
from rounds import Case, Patience, Result, compare

SYNC = ("floor", "ours", *(("pycurl", "bare-pycurl") if "pycurl" in EXTRAS else ()), "rsa")
ASYNC = ("floor", *CLIENTS, *(("bare-aiohttp",) if "aiohttp" in EXTRAS else ()), "rsa")


def loopback(at_once: int, ours: float, aiohttp: float) -> Case:
    """Return the case of so many calls at once over loopback."""
    title = f"loopback, async, {at_once} at once"
    return Case(f"async-{at_once}", title, ASYNC, {"ours": ours, "aiohttp": aiohttp}, at_once)


def distant(at_once: int, ours: float, aiohttp: float) -> Case:
    """Return the case that merchants live in: TLS, and a server 50 ms away."""
    return Case(
        f"latency-{at_once}",
        f"TLS and 50 ms of latency, async, {at_once} at once",
        ASYNC,
        {"ours": ours, "aiohttp": aiohttp},
        at_once,
        tls=True,
        latency=0.05,
        most=100,
    )


CASES = (
    Case("sync", "loopback, sync, a query", SYNC, {"ours": 1.2, "pycurl": 1.7}),
    Case("sync-tls", "TLS, sync, a query", SYNC, {"ours": 1.2, "pycurl": 1.7}, tls=True),
    Case("sync-order", "loopback, sync, an order", SYNC, {"ours": 1.0}, call="order"),
    loopback(1, 1.3, 2.1),
    loopback(50, 2.0, 3.8),
    loopback(500, 2.8, 4.7),
    distant(50, 4.8, 6.2),
    distant(100, 5.8, 9.7),
)
SINGLES = {
    "chain": ("Building paths", singles.chain),
    "rsa": ("Signing and verifying alone", singles.rsa),
    "notification": ("Reading a notification, in CPU time", singles.notification),
    "start": ("Starting up, in CPU time and with bytecode in place", singles.start),
    "calls": ("Function calls behind one call, sync", singles.calls),
    "connections": ("Connections opened", singles.connections),
    "memory": ("Memory", singles.memory),
}
PER_CALLS = ("connections", "memory")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    names = [*SINGLES, *(case.name for case in CASES)]
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=31, help="rounds (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=0.25, help="of a batch, about (default: %(default)s)"
    )
    parser.add_argument(
        "--calls", type=int, default=10_000, help="to count memory over (default: %(default)s)"
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="to spend on repeating disturbed batches (default: %(default)s)",
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.epilog = f"names: {', '.join(names)}"
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for, and print it."""
    options = parse(arguments)
    findings: list[report.Finding] = []
    compared: list[tuple[Case, dict[str, Result]]] = []
    patience = Patience(options.patience)
    print(f"# Benchmarks of wechatpay\n\n{surroundings()}")
    with tempfile.TemporaryDirectory(prefix="wechatpay-benchmarks-") as folder:
        made = keys.make(Path(folder))
        for name, (title, measure) in SINGLES.items():
            if name in options.only:
                amount = options.calls if name in PER_CALLS else options.rounds
                found = measure(made, amount)
                report.print_findings(title, found)
                findings += found
        for case in CASES:
            if case.name in options.only:
                results = compare(case, made, options.rounds, options.seconds, patience)
                findings += report.print_case(case, results)
                compared.append((case, results))
    if len(compared) > 1:
        report.print_overview(compared)
    report.print_summary(findings, patience)


def surroundings() -> str:
    """Say what the figures were taken with."""
    libraries = []
    for name in ("httpx", "httpcore", "cryptography", "pycurl", "aiohttp"):
        try:
            libraries.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            libraries.append(f"no {name}")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {platform.machine()}, {os.cpu_count()} cores, {', '.join(libraries)}"


if __name__ == "__main__":
    main()
