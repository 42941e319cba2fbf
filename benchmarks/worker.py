"""One contender in a process of its own: `python worker.py FOLDER URL CONTENDER …`.

It reads orders, one JSON line each (`count`, `at_once`, `warm`, `profile`), and prints what each
took. The clock starts when `warm` calls have been answered and stops `count` answers later, while
`at_once` calls are always on their way: neither the first wave nor the last is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import json
import os
import sys
import time
from pathlib import Path

STATM = Path("/proc/self/statm")


class Stopwatch:
    """Counts answers, and what passes from the `warm`-th to the last that counts."""

    def __init__(self, order: dict) -> None:
        self.warm, self.last = order["warm"], order["warm"] + order["count"]
        self.profile = cProfile.Profile() if order.get("profile") else None
        self.done = 0
        self.seconds = self.cpu = 0.0

    def answered(self) -> None:
        """Count one answer."""
        self.done += 1
        if self.done == self.warm:
            self.seconds, self.cpu = time.perf_counter(), time.process_time()
            if self.profile:
                self.profile.enable()
        elif self.done == self.last:
            if self.profile:
                self.profile.disable()
            self.seconds = time.perf_counter() - self.seconds
            self.cpu = time.process_time() - self.cpu

    def result(self) -> dict:
        """Return what is reported."""
        entries = self.profile.getstats() if self.profile else []
        return {
            "seconds": self.seconds,
            "cpu": self.cpu,
            "calls": sum(entry.callcount for entry in entries),
            "resident": resident(),
        }


def resident() -> int:
    """Return this process's resident memory in bytes, 0 where the system does not say."""
    gc.collect()
    if not STATM.exists():
        return 0
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(call, order: dict) -> dict:
    """Carry out an order, one call after another."""
    watch = Stopwatch(order)
    while watch.done < watch.last:
        call()
        watch.answered()
    return watch.result()


async def run_async(call, order: dict) -> dict:
    """Carry out an order, many calls at once."""
    watch = Stopwatch(order)

    async def one_after_another() -> None:
        while watch.done < watch.last:
            await call()
            watch.answered()

    await asyncio.gather(*(one_after_another() for _ in range(order["at_once"])))
    return watch.result()


def report(result: object) -> None:
    """Tell the harness."""
    print(json.dumps(result), flush=True)


def serve(make) -> None:
    """Carry out orders until the input ends."""
    with make as call:
        call()
        report("ready")
        for line in sys.stdin:
            report(run(call, json.loads(line)))


async def serve_async(make) -> None:
    """Carry out orders until the input ends, in one event loop."""
    async with make as call:
        # From one connection on, httpcore's pool opens fewer: this is the floor at its best.
        await call()
        report("ready")
        # Nothing else runs in this loop while it waits for an order.
        for line in sys.stdin:
            report(await run_async(call, json.loads(line)))


def main() -> None:
    """Run a contender."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("contender")
    parser.add_argument("--async", dest="asynchronous", action="store_true")
    parser.add_argument("--call", default="query")
    parser.add_argument("--most", type=int, help="connections of the floor's pool")
    parser.add_argument("--transport", default="httpx", help="the client's")
    options = parser.parse_args()
    import contenders
    from keys import Keys

    known = contenders.ASYNC if options.asynchronous else contenders.SYNC
    keys = Keys(options.folder)
    setup = contenders.Setup(keys, options.url, options.call, options.most, options.transport)
    make = known[options.contender](setup)
    if options.asynchronous:
        asyncio.run(serve_async(make))
    else:
        serve(make)


if __name__ == "__main__":
    main()
