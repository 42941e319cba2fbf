"""Faults on demand: which requests fail, in which way, and how often.

A rule is written as text as well, as the command line takes it:

    post v3/pay/transactions/** reset-after times=1
    * v3/** 500 probability=0.1 seed=7

Nothing here fails by itself: the gateway asks what is to happen to a request, and the fronts do
what an answer cannot say, such as a connection that breaks.
"""

from __future__ import annotations

import math
import random
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple, cast

from .._base import Text
from .._endpoint import Fate
from . import glob, refusals, words
from .glob import WrongRule

Kind = Literal[
    "delay",
    "refused",
    "reset-before",
    "reset-after",
    "truncated",
    "429",
    "500",
    "500-after",
    "502",
    "502-after",
    "wrong-signature",
    "missing-header",
    "unknown-key",
    "skewed-clock",
    "probe",
    "rotation",
]
"""The ways to fail; `KINDS` says what each of them does."""
RefusalKind = Literal["refusal", "refusal-after"]
"""The ways to refuse with a documented code."""


class Effect(NamedTuple):
    """What a kind of fault does.

    Attributes:
        text: What happens, for people.
        processed: Whether the request is carried out.
        fate: What becomes of the answer on its way.
        status: The HTTP status of the error that is answered instead; `None` if none is.
        seconds: The default of the rule's `seconds`; `None` where there are none.
        refuses: Whether the endpoint refuses a right request with the rule's `code`: instead of
            carrying it out, or after it has.
    """

    text: Text
    processed: bool = True
    fate: Fate = "whole"
    status: int | None = None
    seconds: float | None = None
    refuses: bool = False

    @property
    def words(self) -> str:
        """The text in English."""
        return self.text.en


KINDS: Mapping[Kind, Effect] = {
    "delay": Effect(words.KINDS["delay"], seconds=1.0),
    "refused": Effect(words.KINDS["refused"], processed=False, fate="refused"),
    "reset-before": Effect(words.KINDS["reset-before"], processed=False, fate="reset"),
    "reset-after": Effect(words.KINDS["reset-after"], fate="reset"),
    "truncated": Effect(words.KINDS["truncated"], fate="truncated"),
    "429": Effect(words.KINDS["429"], processed=False, status=429),
    "500": Effect(words.KINDS["500"], processed=False, status=500),
    "500-after": Effect(words.KINDS["500-after"], status=500),
    "502": Effect(words.KINDS["502"], processed=False, status=502),
    "502-after": Effect(words.KINDS["502-after"], status=502),
    "wrong-signature": Effect(words.KINDS["wrong-signature"]),
    "missing-header": Effect(words.KINDS["missing-header"]),
    "unknown-key": Effect(words.KINDS["unknown-key"]),
    "skewed-clock": Effect(words.KINDS["skewed-clock"], seconds=600.0),
    "probe": Effect(words.KINDS["probe"]),
    "rotation": Effect(words.KINDS["rotation"]),
}
"""What each kind of fault does."""
EFFECTS: Mapping[str, Effect] = {
    **{str(kind): effect for kind, effect in KINDS.items()},
    "refusal": Effect(words.KINDS["refusal"], processed=False, refuses=True),
    "refusal-after": Effect(words.KINDS["refusal-after"], refuses=True),
}
"""What each kind of `KINDS` does, and the two kinds that need a `code`."""

_VERB = re.compile(r"[A-Z]+|\*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_TEXTS = ("header", "code")
_NUMBERS = {"times": int, "seed": int, "probability": float, "seconds": float}


@dataclass(frozen=True)
class FaultRule:
    """Which requests fail, and how.

    Attributes:
        method: A verb, or `*`.
        path: A pattern: `*` is any part of a segment, `**` any number of segments. APIv2's paths
            begin with `v2/`, as a client's do.
        kind: What happens; see `EFFECTS`.
        times: How often; `None` for ever.
        probability: How likely each time, above 0 and up to 1.
        seed: The random seed: the same one makes the same requests fail.
        seconds: For `delay` and `skewed-clock`.
        header: For `missing-header`.
        code: For `refusal` and `refusal-after`: a code that an endpoint of this path documents.

    Raises:
        ValueError: One of them cannot be.
    """

    method: str
    path: str
    kind: Kind | RefusalKind
    times: int | None = None
    probability: float = 1.0
    seed: int | None = None
    seconds: float | None = None
    header: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in EFFECTS:
            raise WrongRule(words.NO_SUCH_FAULT.filled(kinds=", ".join(EFFECTS)))
        method = self.method.upper()
        if not _VERB.fullmatch(method):
            raise WrongRule(words.WRONG_VERB)
        if self.times is not None and self.times < 1:
            raise WrongRule(words.WRONG_TIMES)
        if not 0 < self.probability <= 1:
            raise WrongRule(words.WRONG_PROBABILITY)
        usual = EFFECTS[self.kind].seconds
        if usual is None and self.seconds is not None:
            raise WrongRule(words.NO_SECONDS.filled(kind=self.kind))
        seconds = usual if self.seconds is None else self.seconds
        if seconds is not None and not math.isfinite(seconds):
            raise WrongRule(words.WRONG_SECONDS)
        if self.kind == "delay" and seconds is not None and seconds < 0:
            raise WrongRule(words.WRONG_DELAY)
        header = self.header
        if self.kind == "missing-header":
            header = header or "Wechatpay-Signature"
            if not _HEADER.fullmatch(header):
                raise WrongRule(words.WRONG_HEADER)
        elif header is not None:
            raise WrongRule(words.NO_HEADER_TAKEN.filled(kind=self.kind))
        path = glob.checked(self.path)
        if not EFFECTS[self.kind].refuses:
            if self.code is not None:
                raise WrongRule(words.NO_CODE_TAKEN.filled(kind=self.kind))
        elif not self.code:
            raise WrongRule(words.NO_CODE.filled(kind=self.kind))
        else:
            refusals.check(method, path, self.code)
        for name, value in (
            ("method", method),
            ("path", path),
            ("seconds", seconds),
            ("header", header),
        ):
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        parts = [self.method.lower(), self.path, self.kind]
        usual = {"seconds": EFFECTS[self.kind].seconds}
        for each in fields(self)[3:]:
            value = getattr(self, each.name)
            if value not in (None, usual.get(each.name, each.default)):
                parts.append(f"{each.name}={value}")
        return " ".join(parts)

    @classmethod
    def parse(cls, text: str) -> FaultRule:
        """Read a rule as text, such as `post v3/pay/** reset-after times=1`.

        Raises:
            ValueError: It is not one; the message tells the form.
        """
        parts = text.split()
        if len(parts) < 3:
            raise WrongRule(words.NOT_A_RULE)
        options: dict[str, Any] = {}
        for word in parts[3:]:
            name, equals, value = word.partition("=")
            known = name in (*_TEXTS, *_NUMBERS)
            if not equals or not known or name in options:
                names = ", ".join((*_NUMBERS, *_TEXTS))
                raise WrongRule(words.NOT_A_PAIR.filled(names=names))
            try:
                options[name] = _NUMBERS.get(name, str)(value)
            except ValueError:
                raise WrongRule(words.NOT_A_NUMBER.filled(name=name)) from None
        return cls(parts[0], parts[1], cast("Kind | RefusalKind", parts[2]), **options)


class Fault:
    """A rule in force.

    Attributes:
        number: Which one, counted from 1.
        rule: The rule.
        matched: How many requests it was for.
        struck: How many of them it was applied to.
    """

    def __init__(self, number: int, rule: FaultRule, owner: Faults) -> None:
        self.number = number
        self.rule = rule
        self.matched: int = 0
        self.struck: int = 0
        self._owner = owner
        self._chance = random.Random(rule.seed)  # noqa: S311

    def __repr__(self) -> str:
        return f"<Fault {self.number}: {self.rule}; struck {self.struck} of {self.matched}>"

    @property
    def spent(self) -> bool:
        """Whether it happened as often as it was to."""
        return self.rule.times is not None and self.struck >= self.rule.times

    def clear(self) -> None:
        """End it; what it has counted stays."""
        self._owner.clear(self.number)

    def applies_to(self, method: str, path: str, codes: Mapping[str, int]) -> bool:
        """Tell whether it is for a request, and count; only `Faults` calls it, under its lock."""
        rule = self.rule
        if rule.code is not None and rule.code not in codes:
            return False
        if self.spent or rule.method not in ("*", method) or not glob.matches(rule.path, path):
            return False
        self.matched += 1
        if rule.probability < 1 and self._chance.random() >= rule.probability:
            return False
        self.struck += 1
        return True


class InjectedFault(NamedTuple):
    """What a fault does to one request.

    Attributes:
        delay: Seconds for which its answer is held back.
        rule: What else; `None` if all is well.
    """

    delay: float = 0.0
    rule: FaultRule | None = None

    @property
    def kind(self) -> Kind | RefusalKind | None:
        """The rule's kind."""
        return None if self.rule is None else self.rule.kind

    @property
    def effect(self) -> Effect:
        """What the rule does."""
        return _NOTHING if self.rule is None else EFFECTS[self.rule.kind]


_NOTHING = Effect(Text("无", "nothing"))
NO_FAULT = InjectedFault()
"""No fault is for a request."""


_ANY: Mapping[str, int] = {}


class Faults:
    """The faults in force, oldest first; any number of threads may ask at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._added = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, rule: FaultRule) -> Fault:
        """Put a rule into force, after the others."""
        with self._lock:
            self._added += 1
            fault = Fault(self._added, rule, self)
            self._faults.append(fault)
        return fault

    def clear(self, number: int | None = None) -> None:
        """End the fault of a number, or all of them."""
        with self._lock:
            self._faults = [one for one in self._faults if number not in (None, one.number)]

    def injected(self, method: str, path: str, codes: Mapping[str, int] = _ANY) -> InjectedFault:
        """Return what is done to a request: by the oldest fault that is for it, and by every delay.

        Args:
            method: The verb.
            path: The path, as a client has it.
            codes: The codes that its endpoint may answer.
        """
        delay, chosen = 0.0, None
        with self._lock:
            for fault in self._faults:
                held_back = fault.rule.kind == "delay"
                if (held_back or chosen is None) and fault.applies_to(method, path, codes):
                    if held_back:
                        delay += fault.rule.seconds or 0.0
                    else:
                        chosen = fault.rule
        return InjectedFault(delay, chosen)
