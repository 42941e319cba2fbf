"""Notifications: encrypted, signed, and brought to the merchant, as long as that is this machine.

Whatever is not on loopback is never requested: an order may name the `notify_url` of a real shop.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import httpx
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ._authorization import SCHEME
from ._keys import BEIJING, Keys, sign
from ._messages import Answer
from ._state import Event

LIMIT = 5.0
"""Seconds that a merchant may take to answer."""
_MINUTE, _HOUR = 60, 3600
SCHEDULE = (
    *(15, 15, 30, 3 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE, 30 * _MINUTE, 30 * _MINUTE),
    *(30 * _MINUTE, 60 * _MINUTE, 3 * _HOUR, 3 * _HOUR, 3 * _HOUR, 6 * _HOUR, 6 * _HOUR),
)
"""Seconds after which WeChat Pay tries again, each time; then it gives up."""

Outcome = Literal["acknowledged", "refused", "timed out", "unreachable"]
State = Literal["under way", "acknowledged", "to be repeated", "given up", "not sent"]

_PROBE = "WECHATPAY/SIGNTEST/"
_ATTEMPTS_AT_ONCE = 16


@dataclass(frozen=True)
class Attempt:
    """One request to the merchant.

    Attributes:
        at: When, in seconds since 1970.
        request_id: Its `Request-ID`.
        outcome: What came of it. Only 200 and 204 within five seconds acknowledge.
        status: The HTTP status, if there was one.
        seconds: How long the merchant took.
    """

    at: float
    request_id: str
    outcome: Outcome
    status: int | None
    seconds: float


@dataclass(frozen=True)
class Delivery:
    """One notification, and what was done to deliver it until now.

    Attributes:
        id: The notification's id, the same in every attempt.
        event: What it tells, and where it is to go.
        body: The request's body.
        attempts: The requests that have ended, oldest first.
        probe: Whether its signature is a wrong one on purpose.
    """

    id: str
    event: Event
    body: bytes = field(repr=False)
    attempts: tuple[Attempt, ...] = ()
    probe: bool = False

    @property
    def state(self) -> State:
        """Where it is."""
        if not on_loopback(self.event.url):
            return "not sent"
        if not self.attempts:
            return "under way"
        if self.attempts[-1].outcome == "acknowledged":
            return "acknowledged"
        return "given up" if self.due_in is None else "to be repeated"

    @property
    def due_in(self) -> int | None:
        """Seconds after which WeChat Pay would try again; `None` if it would not."""
        tries = len(self.attempts)
        done = not tries or self.probe or self.attempts[-1].outcome == "acknowledged"
        return None if done or tries > len(SCHEDULE) else SCHEDULE[tries - 1]


class Notifier:
    """Delivers notifications, from threads of its own.

    Args:
        keys: Who holds which key.
        signer: The id of the key that signs.
        clock: Seconds since 1970.
        history: How many notifications are kept.
    """

    def __init__(
        self, keys: Keys, signer: str, clock: Callable[[], float], history: int = 1000
    ) -> None:
        self._keys = keys
        self._signer = signer
        self._clock = clock
        self._history = history
        self._lock = threading.Lock()
        self._deliveries: dict[str, Delivery] = {}
        self._under_way: set[Future[None]] = set()
        self._threads: ThreadPoolExecutor | None = None

    @property
    def deliveries(self) -> list[Delivery]:
        """The latest notifications, oldest first."""
        with self._lock:
            return list(self._deliveries.values())

    def post(self, event: Event, *, probe: bool = False) -> str:
        """Begin to deliver a notification, and return its id."""
        number = str(uuid.uuid4())
        moment = datetime.fromtimestamp(int(self._clock()), BEIJING)
        delivery = Delivery(number, event, self._body(number, event, moment), probe=probe)
        with self._lock:
            self._deliveries[number] = delivery
            while len(self._deliveries) > self._history:
                del self._deliveries[next(iter(self._deliveries))]
        if on_loopback(event.url):
            self._start(delivery)
        return number

    def settle(self) -> None:
        """Wait until every attempt that is under way has ended."""
        with self._lock:
            under_way = set(self._under_way)
        wait(under_way)

    def repeat(self) -> None:
        """Try again what is to be repeated, without the waiting, and wait for the outcome."""
        self.settle()
        for delivery in self.deliveries:
            if delivery.due_in is not None:
                self._start(delivery)
        self.settle()

    def close(self) -> None:
        """Wait for what is under way, and end the threads."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads:
            threads.shutdown()

    def _start(self, delivery: Delivery) -> None:
        with self._lock:
            if self._threads is None:
                name = "wechatpay-notifications"
                self._threads = ThreadPoolExecutor(_ATTEMPTS_AT_ONCE, thread_name_prefix=name)
            future = self._threads.submit(self._attempt, delivery)
            self._under_way.add(future)
        future.add_done_callback(self._ended)

    def _ended(self, future: Future[None]) -> None:
        with self._lock:
            self._under_way.discard(future)

    def _attempt(self, delivery: Delivery) -> None:
        at, request_id = self._clock(), f"{secrets.token_hex(20).upper()}-0"
        headers = self._headers(delivery, int(at), request_id)
        started = time.monotonic()
        status, outcome = _send(delivery.event.url, headers, delivery.body)
        attempt = Attempt(at, request_id, outcome, status, time.monotonic() - started)
        with self._lock:
            if latest := self._deliveries.get(delivery.id):  # else it is history
                attempts = (*latest.attempts, attempt)
                self._deliveries[delivery.id] = replace(latest, attempts=attempts)

    def _body(self, id: str, event: Event, moment: datetime) -> bytes:
        nonce, associated_data = secrets.token_hex(6), event.original_type
        ciphertext = AESGCM(self._keys.apiv3_key.encode()).encrypt(
            nonce.encode(), _dump(event.resource), associated_data.encode()
        )
        return _dump(
            {
                "id": id,
                "create_time": moment.isoformat(),
                "resource_type": "encrypt-resource",
                "event_type": event.event_type,
                "summary": event.summary,
                "resource": {
                    "original_type": event.original_type,
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": base64.b64encode(ciphertext).decode(),
                    "associated_data": associated_data,
                    "nonce": nonce,
                },
            }
        )

    def _headers(self, delivery: Delivery, now: int, request_id: str) -> dict[str, str]:
        timestamp, nonce = str(now), secrets.token_hex(16)
        message = Answer.signed(timestamp, nonce, delivery.body)
        signature = sign(self._keys.platform[self._signer], message)
        return {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "User-Agent": "Mozilla/4.0",
            "Request-ID": request_id,
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self._signer,
            "Wechatpay-Signature": _PROBE + signature if delivery.probe else signature,
            "Wechatpay-Signature-Type": SCHEME,
        }


def on_loopback(url: str) -> bool:
    """Tell whether a URL leads to this machine, whatever any name server says."""
    try:
        parsed = httpx.URL(url)
        address = ipaddress.ip_address("127.0.0.1" if parsed.host == "localhost" else parsed.host)
    except (httpx.InvalidURL, ValueError):
        return False
    return address.is_loopback and parsed.scheme in ("http", "https")


def _send(url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, Outcome]:
    """Make the request, and judge the reply; what it says beside its status does not matter."""
    end = time.monotonic() + LIMIT
    tls = httpx.URL(url).scheme == "https"  # without it, no authorities need to be loaded
    try:
        with (
            httpx.Client(timeout=LIMIT, trust_env=False, verify=tls) as client,
            client.stream("POST", url, headers=headers, content=body) as response,
        ):
            for _ in response.iter_raw():
                if time.monotonic() > end:
                    break
    except httpx.TimeoutException:
        return None, "timed out"
    except httpx.HTTPError:
        return None, "unreachable"
    if time.monotonic() > end:
        return response.status_code, "timed out"
    return response.status_code, "acknowledged" if response.status_code in (200, 204) else "refused"


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
