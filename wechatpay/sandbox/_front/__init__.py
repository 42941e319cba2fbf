"""What HTTP and signatures see: requests judged, answers sealed, faults, the fronts themselves.

`server` needs the extra `sandbox`, and is loaded when a sandbox begins to serve.
"""

from __future__ import annotations

from .admission import at_home, from_home
from .diagnosis import Diagnosis
from .endpoints import Coverage, Level, coverage
from .explained import explain_signature
from .faults import EFFECTS, KINDS, Fault, FaultRule, Faults, Kind, RefusalKind
from .gateway import Gateway
from .glob import WrongRule
from .record import Exchange
from .served import Front
from .serving import serve
from .tls import Authority
from .transport import Transport
from .triggered import event as triggered
from .writing import NotificationWriter, probe_of

__all__ = [
    "EFFECTS",
    "KINDS",
    "Authority",
    "Coverage",
    "Diagnosis",
    "Exchange",
    "Fault",
    "FaultRule",
    "Faults",
    "Front",
    "Gateway",
    "Kind",
    "Level",
    "NotificationWriter",
    "RefusalKind",
    "Transport",
    "WrongRule",
    "at_home",
    "coverage",
    "explain_signature",
    "from_home",
    "probe_of",
    "serve",
    "triggered",
]
