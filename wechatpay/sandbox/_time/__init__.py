"""Time: the clock, what is going to happen, and notifications on their way to the merchant."""

from __future__ import annotations

from .agenda import Agenda, Appointment
from .clock import Clock, seconds, wall
from .courier import Judge
from .delivery import Attempt, Delivery
from .events import Event, Events, Form
from .listener import HeldNotification
from .mounted import Function, shop
from .notifier import Notifier, Writer

__all__ = [
    "Agenda",
    "Appointment",
    "Attempt",
    "Clock",
    "Delivery",
    "Event",
    "Events",
    "Form",
    "Function",
    "HeldNotification",
    "Judge",
    "Notifier",
    "Writer",
    "seconds",
    "shop",
    "wall",
]
