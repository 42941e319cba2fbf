"""Contenders that take turns, and what comes of it: medians, and ratios taken within rounds.

On a machine that others use, or whose clock rate wanders, only neighbours can be compared: in each
round every contender has one short batch, in an order that moves on, and only batches of the same
round are put in relation. A batch that had to wait for its core is made again, while patience
lasts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from keys import Keys
from processes import Child, Server

CALM = 0.03
"""The share of a batch that it may have waited for a core."""
PAUSE = 0.5
"""Seconds before a disturbed batch is made again."""
GENERATION = 8
"""Rounds after which processes are made anew: how many connections a pool comes to hold is luck."""


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        name: What `--only` calls it.
        title: What it is about.
        contenders: Who takes part, the floor first.
        targets: The least ratio to the floor, by contender.
        at_once: How many calls are on their way at any time; 0 makes blocking calls.
        call: `query` or `order`.
        tls: Whether the calls go over TLS.
        latency: Seconds that the server waits before it answers.
        most: The size of the floor's pool; `None` is not a limit.
    """

    name: str
    title: str
    contenders: tuple[str, ...]
    targets: dict[str, float]
    at_once: int = 0
    call: str = "query"
    tls: bool = False
    latency: float = 0.0
    most: int | None = None


@dataclass
class Patience:
    """Seconds that may be spent on batches that were disturbed, and how that went."""

    seconds: float
    batches: int = 0
    repeated: int = 0
    disturbed: int = 0


@dataclass
class Result:
    """What one contender did, batch by batch."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Calls a second, the median."""
        return statistics.median(self.rates)

    @property
    def microseconds(self) -> float:
        """CPU time of a call, the median."""
        return statistics.median(self.cpu) * 1e6

    def add(self, order: dict, done: dict) -> None:
        """Take a batch in."""
        self.rates.append(order["count"] / done["seconds"])
        self.cpu.append(done["cpu"] / order["count"])

    def ratios(self, floor: Result) -> list[float]:
        """Return the ratios to the floor's rate, round by round."""
        return [mine / its for mine, its in zip(self.rates, floor.rates, strict=True)]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper one."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def compare(
    case: Case, keys: Keys, rounds: int, seconds: float, patience: Patience
) -> dict[str, Result]:
    """Run a case and return what each contender did."""
    results = {name: Result() for name in case.contenders}
    orders: dict[str, dict] = {}
    with Server(keys, case.latency) as server:
        for first in range(0, rounds, GENERATION):
            with ExitStack() as stack:
                children = {
                    name: stack.enter_context(start(server, case, name)) for name in results
                }
                for name, child in children.items():
                    if name in orders:
                        child.ask(orders[name])
                    else:
                        orders[name] = order(child, case, name, seconds)
                for number in range(first, min(first + GENERATION, rounds)):
                    for name in turn(list(results), number):
                        batch = partial(watched, server, children[name], orders[name])
                        results[name].add(orders[name], calm(batch, patience))
    return results


def turn(names: list[str], number: int) -> list[str]:
    """Return the order in which a round goes: each comes first, and last, as often as any."""
    first = number % len(names)
    return names[first:] + names[:first]


def start(server: Server, case: Case, name: str) -> Child:
    """Start a contender of a case."""
    return server.contender(
        name, asynchronous=bool(case.at_once), tls=case.tls, call=case.call, most=case.most
    )


def order(child: Child, case: Case, name: str, seconds: float) -> dict:
    """Return an order that takes about so many seconds, in whole waves of calls.

    The clock of a batch starts when its first wave has begun to be answered; far away, when all
    of it has been, for connections that lay idle may have to be opened anew.
    """
    if name == "rsa":
        seconds /= 4
    wave = 1 if name == "rsa" else max(1, case.at_once)
    warm = wave if case.latency else max(1, wave // 5)
    trial = {"count": max(wave, 5), "at_once": wave, "warm": warm}
    rate = trial["count"] / child.ask(trial)["seconds"]
    count = max(1, round(rate * seconds / wave)) * wave
    return {"count": count, "at_once": wave, "warm": warm}


def watched(server: Server, child: Child, order: dict) -> tuple[dict, float]:
    """Run a batch, and return with its result the share that it waited for a core."""
    began, waited = time.perf_counter(), child.waited() + server.waited()
    done = child.ask(order)
    waited = child.waited() + server.waited() - waited
    return done, waited / (time.perf_counter() - began)


def calm(batch: Callable[[], tuple[dict, float]], patience: Patience) -> dict:
    """Run a batch until it is left in peace, or patience runs out; return the calmest."""
    done, share = batch()
    patience.batches += 1
    while share > CALM and patience.seconds > 0:
        began = time.perf_counter()
        time.sleep(PAUSE)
        again, its_share = batch()
        patience.repeated += 1
        if its_share < share:
            done, share = again, its_share
        patience.seconds -= time.perf_counter() - began
    patience.disturbed += share > CALM
    return done
