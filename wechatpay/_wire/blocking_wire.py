"""Sending, one thread at a time or many: the client's own connections, or a user's httpx client."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta

import httpx

from .network import (
    KEEPALIVE,
    Network,
    Origin,
    closed,
    is_network_error,
    may_have_been_sent,
    origin_of,
    proxy_for,
)
from .sink import is_failure_of, receive
from .steps import Failure, Pause, Send

MOST_CONNECTIONS = 100
"""Connections to one host at most, from all threads together."""


class Wire:
    """Carries out what an exchange asks for, blocking.

    With connections of its own it uses httpx's transports directly: of what `httpx.Client` adds to
    them (cookies, redirects, authentication, hooks) nothing is wanted here, and it costs a quarter.
    """

    def __init__(self, network: Network, client: httpx.Client | None) -> None:
        self._network = network
        self._client = client
        self._transports: dict[tuple[int, Origin], httpx.HTTPTransport] = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there are connections that ought to be closed."""
        return bool(self._transports)

    def perform(self, step: Send | Pause) -> httpx.Response | None:
        """Send a request and return the reply, its body read; or wait.

        Raises:
            Failure: No whole reply came.
        """
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        if self._closed:
            raise closed()
        try:
            return self._send(step) if self._client is None else self._lend(self._client, step)
        except Exception as error:
            if not is_network_error(error) or is_failure_of(step.sink, error):
                raise
            raise Failure(sent=may_have_been_sent(error)) from error

    def _send(self, step: Send) -> httpx.Response:
        request, started = step.request, time.perf_counter()
        origin = origin_of(request, mutual_tls=step.mutual_tls)
        # A forked process must not write to its parent's connections.
        transport = self._transports.get((os.getpid(), origin)) or self._open(origin)
        reply = transport.handle_request(request)
        reply.request = request
        try:
            reply = receive(reply, step.sink)
        finally:
            reply.close()
        reply.elapsed = timedelta(seconds=time.perf_counter() - started)
        return reply

    def _lend(self, client: httpx.Client, step: Send) -> httpx.Response:
        if step.sink is None:
            return client.send(step.request, follow_redirects=False)
        reply = client.send(step.request, follow_redirects=False, stream=True)
        try:
            return receive(reply, step.sink)
        finally:
            reply.close()

    def _open(self, origin: Origin) -> httpx.HTTPTransport:
        context = self._network.context(origin)
        with self._lock:
            if self._closed:
                raise closed()
            key = (os.getpid(), origin)
            if key not in self._transports:
                self._transports[key] = httpx.HTTPTransport(
                    verify=context,
                    proxy=proxy_for(origin),
                    limits=httpx.Limits(
                        max_connections=MOST_CONNECTIONS,
                        max_keepalive_connections=MOST_CONNECTIONS,
                        keepalive_expiry=KEEPALIVE,
                    ),
                )
            return self._transports[key]

    def close(self) -> None:
        """Close every connection of the client's own; a user's client is the user's to close."""
        with self._lock:
            self._closed = True
        while self._transports:
            self._transports.popitem()[1].close()
