"""Tables for a terminal, and the targets beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass

from rounds import Case, Patience, Result, quartiles

NAMES = {
    "floor": "plain httpx (the floor)",
    "ours": "wechatpay",
    "pycurl": "wechatpay + pycurl",
    "aiohttp": "wechatpay + aiohttp",
    "bare-pycurl": "plain pycurl",
    "bare-aiohttp": "plain aiohttp",
    "rsa": "RSA-2048 alone",
}


@dataclass(frozen=True)
class Finding:
    """One figure and what it ought to be.

    Attributes:
        what: What was measured.
        value: The figure.
        unit: Its unit, or a sign such as `×`.
        target: What it is compared with, `None` where it only informs.
        at_least: Whether more is better.
        digits: How many digits after the point are shown.
    """

    what: str
    value: float
    unit: str = ""
    target: float | None = None
    at_least: bool = False
    digits: int = 2

    @property
    def is_met(self) -> bool:
        """Whether the target is reached."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def verdict(self) -> str:
        """The target and whether it is reached, in words."""
        if self.target is None:
            return ""
        sign, missed = ("at least", "below") if self.at_least else ("at most", "above")
        return f"{sign} {self.target:g}: {'PASS' if self.is_met else f'{missed} target'}"

    def row(self) -> list[str]:
        """Return the cells of a table."""
        return [self.what, f"{self.value:,.{self.digits}f} {self.unit}".strip(), self.verdict]


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table: the first column to the left, the others to the right, the last free."""
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    last = len(header) - 1

    def text(line: list[str]) -> str:
        cells = [
            cell if i == last else cell.rjust(widths[i]) if i else cell.ljust(widths[i])
            for i, cell in enumerate(line)
        ]
        return "  ".join(cells).rstrip()

    return "\n".join(["", text(header), "-" * (sum(widths) + 2 * last), *map(text, rows)])


def print_findings(title: str, findings: list[Finding]) -> None:
    """Print figures that stand for themselves."""
    print(f"\n## {title}")
    print(table(["", "measured", "target"], [one.row() for one in findings]), flush=True)


def print_case(case: Case, results: dict[str, Result]) -> list[Finding]:
    """Print a comparison, and return what it says about the targets."""
    floor, rsa = results["floor"], results["rsa"]
    findings: list[Finding] = []
    rows: list[list[str]] = []
    for name, result in results.items():
        low, ratio, high = quartiles(result.ratios(floor))
        verdict = ""
        if name in case.targets:
            what = f"{case.title}: {NAMES[name]}, times the floor"
            findings.append(Finding(what, ratio, "×", case.targets[name], at_least=True))
            verdict = findings[-1].verdict
        rows.append(
            [
                NAMES[name],
                f"{result.rate:,.0f}",
                "1" if name == "floor" else f"{ratio:.2f} [{low:.2f}–{high:.2f}]",
                f"{result.microseconds:,.0f}",
                f"{result.microseconds / rsa.microseconds:.2f}",
                verdict,
            ]
        )
    header = ["", "calls/s", "× floor [quartiles]", "CPU µs/call", "× RSA alone", "target"]
    rounds = len(floor.rates)
    print(f"\n## {case.title} ({rounds} round{'s' if rounds > 1 else ''})")
    print(table(header, rows), flush=True)
    return findings


def print_overview(measured: list[tuple[Case, dict[str, Result]]]) -> None:
    """Print all comparisons side by side: ratios to the floor, and what a core does a second."""
    names = [name for name in NAMES if any(name in results for _, results in measured)]
    ratios: list[list[str]] = []
    sizes: list[list[str]] = []
    for name in names:
        ratios.append([NAMES[name]])
        sizes.append([NAMES[name]])
        for _, results in measured:
            ratio = size = "–"
            if name in results:
                one, floor, rsa = results[name], results["floor"], results["rsa"]
                times = quartiles(one.ratios(floor))[1]
                ratio = f"1 ({one.rate:,.0f}/s)" if one is floor else f"{times:.2f}"
                apart = one.microseconds / rsa.microseconds
                size = f"{1e6 / one.microseconds:,.0f} ({apart:.1f})"
            ratios[-1].append(ratio)
            sizes[-1].append(size)
        ratios[-1].append("")
        sizes[-1].append("")
    header = [case.name for case, _ in measured]
    print("\n## Times plain httpx, all side by side")
    print(table(["", *header, ""], ratios))
    print("\n## Calls a second that a core does (and its CPU, times RSA alone)")
    print(table(["", *header, ""], sizes), flush=True)


def print_summary(findings: list[Finding], patience: Patience) -> None:
    """Print every target once more."""
    judged = [one for one in findings if one.target is not None]
    if judged:
        print_findings("Targets", judged)
    met = sum(one.is_met for one in judged)
    print(f"\n{met} of {len(judged)} targets reached.")
    if patience.batches:
        print(
            f"{patience.batches} batches; {patience.repeated} repeated because others used the "
            f"machine, {patience.disturbed} disturbed all the same."
        )
