"""Locks and tickets: after a fork, after a signal, and when a call would wait for itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Generator
from typing import Any

import pytest
from gateway import APIV3_KEY, Answer, Gateway, certificate_identity, certificate_list
from patience import LONG
from ways import client_of

from wechatpay._locks import Lock, Ticket, TicketHolder, _after_fork
from wechatpay._v3 import Keyring
from wechatpay._v3.certificates import refresh

PLATFORM = certificate_identity(0xA1)
forks = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


def in_a_fork(work: Any) -> int:
    """Do something in a forked process, and return its exit status; it is killed if it hangs."""
    child = os.fork()
    if child == 0:  # pragma: no cover  another process
        signal.alarm(60)
        try:
            work()
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_ticket_is_one_callers() -> None:
    """Nobody else gets it until it is given back."""
    ticket, first, second = Ticket(), TicketHolder(), TicketHolder()
    assert ticket.take(first)
    assert ticket.take(first)
    assert not ticket.take(second)
    assert ticket.thread == threading.get_ident()
    ticket.give_back(second)
    assert ticket.holder is first
    ticket.give_back(first)
    assert ticket.thread is None
    assert ticket.take(second)


def test_a_ticket_ends_with_its_holder() -> None:
    """Whoever is gone without giving it back holds it no more."""
    ticket, first = Ticket(), TicketHolder()
    assert ticket.take(first)
    del first
    assert ticket.holder is None
    assert ticket.take(TicketHolder())


@forks
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_locks_and_tickets_are_free_in_a_fork() -> None:
    """Locks that another thread of the parent holds are free in the child."""
    lock, ticket, claim = Lock(), Ticket(), TicketHolder()

    def work() -> None:
        with lock.now:
            assert ticket.take(TicketHolder())

    assert ticket.take(claim)
    with lock.now:
        assert in_a_fork(work) == 0
    assert ticket.holder is claim


@forks
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_fork_inside_a_lock_leaves_it_twice() -> None:
    """In the child too, where the lock that was left is not the one that others see."""
    lock = Lock()

    def both() -> None:
        with lock.now:
            pass

    with lock.now:
        status = in_a_fork(both)
    assert status == 0


@forks
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_client_works_in_a_fork_made_while_a_thread_refreshed(gateway: Gateway) -> None:
    """The child downloads the certificates itself, and its calls are answered."""
    at_work, go_on = threading.Event(), threading.Event()
    certificates = certificate_list([PLATFORM])

    def slow(_: Any) -> Answer:
        at_work.set()
        go_on.wait(LONG)
        return certificates

    gateway.routes["/v3/certificates"] = slow
    gateway.identity = PLATFORM
    with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
        node: Any = wxpay["v3/x"]
        thread = threading.Thread(target=lambda: node.get())
        thread.start()
        assert at_work.wait(LONG)
        gateway.routes["/v3/certificates"] = certificates

        def work() -> None:
            assert node.get().status_code == 200

        # The gateway's loop is in a thread of the parent, which goes on there.
        go_on.set()
        assert in_a_fork(work) == 0
        thread.join()


def never() -> Generator[Any, Any, Any]:
    """Be a download that is interrupted."""
    raise KeyboardInterrupt
    yield


def test_a_signal_leaves_no_ticket_behind() -> None:
    """Wherever in a refresh it comes, the next one gets the ticket."""

    class Interrupted(Ticket):
        def take(self, holder: TicketHolder) -> bool:
            super().take(holder)
            raise KeyboardInterrupt  # as a handler does, once the ticket is taken

    for ticket, download in ((Interrupted(), None), (Ticket(), never)):
        ring = Keyring()
        ring.ticket = ticket
        with pytest.raises(KeyboardInterrupt):
            list(refresh(ring, download or never, lambda: True))
        assert ring.ticket.holder is None


def test_a_blocking_call_does_not_wait_for_its_own_event_loop(gateway: Gateway) -> None:
    """It fetches certificates itself: who fetches them already goes on only when it returns."""
    gateway.routes["/v3/certificates"] = certificate_list([PLATFORM])
    gateway.identity = PLATFORM

    async def main() -> str:
        async with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
            node: Any = wxpay["v3/x"]
            call = asyncio.create_task(node.get_async())
            while wxpay._engine.get().v3.ring.ticket.holder is None:
                await asyncio.sleep(0)
            sealed = wxpay.encrypt("张三")
            assert (await call).status_code == 200
            again = await wxpay.encrypt_async("张三")
            assert again.serial == sealed.serial
            return sealed.serial

    assert asyncio.run(main()) == PLATFORM.id
    assert len([one for one in gateway.requests if one.target == "/v3/certificates"]) == 2


def test_every_lock_is_new_after_a_fork() -> None:
    """What runs in a child first puts a lock that is open in place of each."""
    lock = Lock()
    before = lock.now
    with lock.now:
        _after_fork()
        assert lock.now is not before
        assert not lock.now.locked()
    assert not before.locked()
