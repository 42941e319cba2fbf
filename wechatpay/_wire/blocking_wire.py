"""Sending, one thread at a time or many: the client's own connections, or a user's own client."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx

from .._locks import Lock
from .clients import HTTPClient, lend
from .failures import raised
from .lazy_http import place_of
from .network import Network, Origin, attempt_of, closed, origin_of
from .steps import Failure, Pause, Send, Wait

if TYPE_CHECKING:
    from .attempt import Attempt
    from .transports import Pool


class Wire:
    """Carries out what an exchange asks for, blocking."""

    def __init__(self, network: Network, client: HTTPClient | None) -> None:
        self._network = network
        self._client = client
        self._pools: dict[tuple[int, Origin], Pool] = {}
        self._lock = Lock()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there are connections that ought to be closed."""
        return bool(self._pools)

    def perform(self, step: Send | Pause | Wait) -> httpx.Response | None:
        """Send a request and return the reply, its body read; or wait.

        Raises:
            Failure: No whole reply came.
            ConfigurationError: None ever will: the environment or the user's client is wrong.
        """
        if not isinstance(step, Send):
            if isinstance(step, Wait) and step.thread == threading.get_ident():
                # The other caller is an awaited call in this thread's event loop, which cannot go
                # on while this one blocks it.
                raise Failure(sent=False, reason="timeout")
            time.sleep(step.seconds)
            return None
        if self._closed:
            raise closed()
        started, attempt = time.perf_counter(), attempt_of(step)
        try:
            reply = self._send(step, attempt)
        except Exception as error:
            found = raised(error, attempt, step)
            if found is error:
                raise
            raise found from error
        reply.elapsed = timedelta(seconds=time.perf_counter() - started)
        return reply

    def _send(self, step: Send, attempt: Attempt) -> httpx.Response:
        if self._client is not None:
            return lend(self._client, step.request, attempt)
        origin = origin_of(step.request, mutual_tls=step.mutual_tls)
        # A forked process must not write to its parent's connections.
        pool = self._pools.get((os.getpid(), origin)) or self._open(origin, place_of(step.request))
        return pool.send(step.request, attempt)

    def _open(self, origin: Origin, url: httpx.URL) -> Pool:
        # Before the lock, for it may read files and make a TLS context.
        route = self._network.route(origin, url)
        key = (os.getpid(), origin)
        with self._lock.now:
            if self._closed:
                raise closed()
            if key not in self._pools:
                self._pools[key] = self._network.transport.blocking.opener(route)
            return self._pools[key]

    def close(self) -> None:
        """Close every connection of the client's own; a user's client is the user's to close."""
        with self._lock.now:
            self._closed = True
        while self._pools:
            self._pools.popitem()[1].close()
