"""WeChat Pay's front door, without I/O: a request's bytes in, a signed reply's bytes out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from .._base import Mode, Refusal, Text
from .._endpoint import Answer, EndpointReply, EndpointRoute, Headers, IncomingCall, Request
from .._families import Families
from .._parts import Family, members
from .._world import World
from . import refusals, v2, words
from .endpoints import chain_path, find, router
from .faults import NO_FAULT, Faults, InjectedFault
from .judge import Judge, Judgement
from .record import Exchange, History
from .seal import Sealed, Sealer, bad_gateway, no_answer

_LOG = logging.getLogger("wechatpay.sandbox")
PAGE_HEADER = "Sandbox-Page"
"""Where an answer's request is shown to people; only a sandbox's answers have it."""
_HELD = b"/sandbox/notifications/held/"
_OWN = b"/sandbox/"
"""What is asked of the sandbox itself, and never fails on demand: it may be to end a fault."""
_ERRORS = {429: words.TOO_FREQUENT, 500: words.SYSTEM_ERROR}


class Outcome(NamedTuple):
    """What came of a request.

    Attributes:
        reply: What is said; `None` if it was not carried out.
        code: The error code; empty if all is well.
        verdict: What the judge found; `None` if it did not come so far.
        internal: WeChat Pay's own number for the error.
        warnings: What was taken, but may not be by WeChat Pay.
    """

    reply: EndpointReply | None = None
    code: str = ""
    verdict: Judgement | None = None
    internal: int = 0
    warnings: tuple[Text, ...] = ()

    @classmethod
    def of(
        cls, refusal: Refusal, verdict: Judgement | None, warnings: Iterable[Text] = ()
    ) -> Outcome:
        """Say no."""
        reply = EndpointReply.of(refusal.payload, refusal.status)
        return cls(reply, refusal.code, verdict, refusal.internal, tuple(warnings))


class Gateway:
    """Answers requests as WeChat Pay does; any number of threads may ask at once.

    Args:
        world: What it remembers; by default a new world, in memory.
        mode: Which of WeChat Pay's keys are in use.
        history: How many exchanges are kept.
        families: The families, as bases of a class; the sandbox's own by default.

    Raises:
        ValueError: There is no such mode.

    Attributes:
        world: What it remembers.
        faults: What goes wrong on demand.
        page_url: Where its page is, without a slash at the end; empty where there is none.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        mode: Mode = "public-key",
        history: int = 1000,
        families: type[Family] = Families,
    ) -> None:
        self.world: World = world or World.open()
        self.world.keys.switch(mode)
        self._families = families
        for member in members(families):
            member.attend(self.world)
        self.faults: Faults = Faults()
        self.page_url: str = ""
        clock = self.world.clock.wall
        self._judge = Judge(self.world.keys, clock)
        self._sealer = Sealer(self.world.keys, clock)
        self._history = History(history)

    @property
    def exchanges(self) -> list[Exchange]:
        """The latest exchanges, oldest first."""
        return self._history.latest()

    def watch(self, watcher: Callable[[Exchange], object]) -> None:
        """Have each exchange shown to someone, from now on, in the thread that answers it."""
        self._history.watch(watcher)

    def handle(
        self,
        method: str,
        target: bytes,
        headers: Headers,
        body: bytes = b"",
        *,
        certificate: str | None = None,
        secure: bool = True,
    ) -> Answer:
        """Answer one request.

        Args:
            method: The verb.
            target: Path and query, exactly as sent.
            headers: The header lines, names and values, exactly as sent.
            body: The body, exactly as sent.
            certificate: The serial number of the certificate that the client showed for mutual TLS,
                empty for none; `None` where nobody could show one.
            secure: Whether it came by TLS, or by a front where that makes no difference.

        Returns:
            The reply, signed; what is wrong with the request is a reply as well. Its `fate` and
            `delay` are for the front to carry out.
        """
        request = Request(method, target, tuple(headers), body, certificate, secure)
        injected = NO_FAULT
        if self.faults and not request.path.startswith(_OWN):
            injected = self._injected(request)
        if injected.kind == "rotation":
            self.world.rotate()
        carried_out = injected.effect.processed or injected.effect.refuses
        outcome = self._carry_out(request, injected) if carried_out else Outcome()
        if injected.effect.status in _ERRORS:
            outcome = self._error(request, injected.effect.status, outcome.verdict)
        for each in outcome.warnings:
            path = request.path.decode("latin-1")
            _LOG.warning("%s %s: %s", request.method, path, each.en)
        sealed = self._seal(request, outcome, injected)
        asks = method == "GET" or request.path.startswith(_HELD)
        if asks and request.path.startswith(_OWN) and not outcome.code:
            # Requests that only ask what the sandbox knows would soon fill its history.
            return sealed.answer
        number = self._history.number()
        sealed = self._linked(sealed, number)
        self._history.add(self._record(number, request, outcome, sealed, injected))
        return sealed.answer

    def _injected(self, request: Request) -> InjectedFault:
        """Return the fault to inject into a request."""
        route = find(self._families, request)
        codes: Mapping[str, int] = {}
        if route and route.document:
            codes = refusals.codes(route.document)
        return self.faults.injected(request.method, chain_path(self._families, request), codes)

    def _carry_out(self, request: Request, injected: InjectedFault) -> Outcome:
        verdict, world = None, self.world
        warnings: list[Text] = []
        try:
            route, values = router(self._families).find(request)
            route = _refusing(route, injected)
            if route.is_v2:
                answered = v2.answer(route, request, values, world, warnings)
                return Outcome(*answered, warnings=tuple(warnings))
            if not (request.header("user-agent") and request.header("accept")):
                raise words.ANONYMOUS_CLIENT()
            verdict = self._judge.judge(request, route.covered(request))
            if verdict.refusal:
                raise verdict.refusal
            named = request.header("wechatpay-serial")
            known = self._known(request)
            if named and not known:
                raise words.UNKNOWN_PLATFORM_KEY(named)
            key = world.keys.platform[known] if known else None
            call = route.understand(
                request, values, world, key=key, url=request.origin, warnings=warnings
            )
            return Outcome(route.respond(call), verdict=verdict, warnings=tuple(warnings))
        except Refusal as refusal:
            return Outcome.of(refusal, verdict, warnings)
        except Exception:  # noqa: BLE001
            path = request.path.decode("latin-1")
            _LOG.exception("the sandbox has no answer for %s %s", request.method, path)
            return self._error(request, 500, verdict)

    def _error(self, request: Request, status: int, verdict: Judgement | None) -> Outcome:
        route = find(self._families, request)
        if route and route.is_v2:
            return Outcome(*v2.error(route, request, status, self.world), verdict)
        return Outcome.of(_ERRORS[status](), verdict)

    def _known(self, request: Request) -> str | None:
        """Return the id of the platform key that a request names."""
        return self.world.keys.known(request.header("wechatpay-serial"), self.world.clock())

    def _seal(self, request: Request, outcome: Outcome, injected: InjectedFault) -> Sealed:
        if injected.effect.status == 502:
            return bad_gateway(injected)
        if outcome.reply is None:
            return no_answer(injected)
        keys = self.world.keys
        signer = self._known(request) or keys.signer
        if injected.kind == "rotation":
            signer = keys.certificate.serial
        reply = outcome.reply
        if injected.kind == "wrong-signature":
            reply = v2.spoiled(reply)
        return self._sealer.seal(reply, signer, internal=outcome.internal, injected=injected)

    def _linked(self, sealed: Sealed, number: int) -> Sealed:
        """Add to an answer where its request is shown, if there is a page."""
        answer = sealed.answer
        if not self.page_url or not answer.status:
            return sealed
        link = (PAGE_HEADER, f"{self.page_url}/page/requests/{number}")
        return replace(sealed, answer=replace(answer, headers=(*answer.headers, link)))

    def _record(
        self,
        number: int,
        request: Request,
        outcome: Outcome,
        sealed: Sealed,
        injected: InjectedFault,
    ) -> Exchange:
        answer, verdict = sealed.answer, outcome.verdict
        return Exchange(
            at=self.world.clock(),
            method=request.method,
            target=request.target.decode("utf-8", "replace"),
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
            ),
            body=request.body,
            message=verdict.message if verdict else b"",
            verified=verdict is not None and verdict.refusal is None,
            verdict=_in_words(verdict),
            diagnosis=verdict.diagnosis if verdict else None,
            certificate=request.certificate or "",
            status=answer.status,
            code=outcome.code,
            signer=sealed.signer,
            reply_headers=answer.headers,
            reply_body=answer.body,
            reply_message=sealed.message,
            request_id=answer.header("request-id"),
            fault="" if injected.rule is None else str(injected.rule),
            number=number,
            warnings=outcome.warnings,
        )


def _refusing(route: EndpointRoute, injected: InjectedFault) -> EndpointRoute:
    """Return an endpoint that says no on demand: to what is right, before or after all."""
    code = injected.rule.code if injected.rule else None
    if code is None or route.document is None:
        return route
    said, document = route.handler, route.document

    def refuse(call: IncomingCall) -> EndpointReply:
        if injected.effect.processed:
            said(call)
        raise refusals.refusal(document, code)

    return replace(route, handler=refuse)


def _in_words(verdict: Judgement | None) -> str:
    if verdict is None:
        return "not looked at"
    return verdict.refusal.detail["issue"] if verdict.refusal else "signature right"
