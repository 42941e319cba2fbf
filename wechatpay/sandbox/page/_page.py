"""The page as an ASGI application: who may come in, in which language, and where to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from .._base import Refusal, Words
from .._control import Control
from .._front import at_home, from_home
from .._parts import Member, Missing, Mistake, PageRoute, Redirect, Shown, View, Visit, members
from . import (
    _actions,
    _clock,
    _endpoints,
    _faults,
    _language,
    _notifications,
    _requests,
    _start,
)
from ._headers import HEADERS
from ._language import Language, Speech
from ._settings import SettingsFolder
from ._templates import Templates
from ._touched import history
from .words import WORDS

Endpoint = Callable[[Request], Awaitable[Response]]

_PREFIX = "/page"
_MOST_FIELDS = 50
_A_YEAR = 365 * 24 * 3600
_MISSING = Shown("message.html", {"title": "missing.title", "text": "missing.text"}, 404)
_REFUSED = Shown("message.html", {"title": "refused.title", "text": "refused.text"}, 403)


class Page:
    """The page of a sandbox.

    Args:
        sandbox: What it is about.
        host: Where it was told to listen.
        write: Writes the sandbox's keys to a folder, and returns the variables that lead to it.
        public_url: How others reach it; empty if that is not different.
    """

    def __init__(
        self,
        sandbox: Control,
        host: str,
        write: Callable[[Path], dict[str, str]],
        *,
        public_url: str = "",
    ) -> None:
        self._sandbox = sandbox
        self._host = host
        self._public = urlsplit(public_url)
        self._settings = SettingsFolder(sandbox, write)
        self._families = members(type(sandbox))
        self._words = words_of(self._families)
        self._templates = Templates(self._families)
        routes = [Route("/page/style.css", self._answer_style)]
        routes += [
            Route(place.path, self._endpoint(place.view), methods=[place.method])
            for place in self._places()
        ]
        self._router = Router(routes, redirect_slashes=False, default=self._nowhere)

    def __contains__(self, path: str) -> bool:
        """Tell whether a path is the page's, and no endpoint of WeChat Pay's."""
        return path in ("/", _PREFIX) or path.startswith(f"{_PREFIX}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope, receive)
        allowed = at_home(request.headers.get("host", ""), self._host, self._public.netloc)
        if request.method not in ("GET", "HEAD"):
            origin = f"{self._public.scheme}://{self._public.netloc}"
            allowed = allowed and from_home(request.headers, scope["scheme"], origin)
        if allowed:
            await self._router(scope, receive, guarded)
        else:
            await self._response(request, _REFUSED)(scope, receive, guarded)

    def close(self) -> None:
        """Remove the files that were made for the settings."""
        self._settings.close()

    def _places(self) -> Iterable[PageRoute]:
        yield from _start.places(self._sandbox, self._settings)
        for family in self._families:
            yield from family.parts.places
        yield from _actions.places(self._families)
        for each in (_requests, _notifications, _faults, _clock):
            yield from each.places(self._sandbox)
        yield from _endpoints.PLACES

    def _endpoint(self, view: View) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            raw = await request.body() if request.method == "POST" else b""
            try:
                # Shops are waited for, and may ask the sandbox meanwhile.
                seen = await run_in_threadpool(self._seen, view, self._visit(request, raw))
            except Missing:
                seen = _MISSING
            except Mistake as mistake:
                seen = Shown("message.html", {"title": "mistake.title", "text": mistake.why}, 400)
            except Refusal as refusal:
                seen = Shown("refusal.html", {"refusal": refusal}, refusal.status)
            return self._response(request, seen)

        return endpoint

    def _seen(self, view: View, visit: Visit) -> Shown | Redirect:
        """See something, with the cards that families add to it, and its history."""
        seen = view(visit)
        if isinstance(seen, Redirect):
            return seen
        kind, thing = (seen.about.kind, seen.about.thing) if seen.about else (seen.template, None)
        cards = [
            card
            for family in self._families
            for card in family.parts.cards
            if card.on == kind.removesuffix(".html")
        ]
        values = {
            **seen.values,
            "cards": [(card.template, card.values(visit, thing)) for card in cards],
        }
        if seen.about:
            more = [each for card in cards for each in card.happened(visit, thing)]
            values["happened"] = history(self._sandbox, seen.about, more)
        return seen._replace(values=values)

    def _visit(self, request: Request, raw: bytes) -> Visit:
        try:
            text = raw.decode("utf-8", "replace")
            form = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError as error:
            raise Mistake("mistake.form") from error
        return Visit(self._sandbox.world, request.path_params, request.query_params, dict(form))

    def _response(self, request: Request, seen: Shown | Redirect) -> Response:
        if isinstance(seen, Redirect):
            return RedirectResponse(seen.to, 303)
        asked = _language.chosen(request.query_params.get("lang"))
        language = (
            asked
            or _language.chosen(request.cookies.get(_language.COOKIE))
            or _language.accepted(request.headers.get("accept-language", ""))
        )
        values = {**self._about(request, language), **seen.values}
        text = self._templates.render(seen.template, values)
        response = HTMLResponse(text, seen.status)
        if asked:
            response.set_cookie(_language.COOKIE, asked, _A_YEAR, httponly=True, samesite="strict")
        return response

    def _about(self, request: Request, language: Language) -> Mapping[str, Any]:
        """What every template knows."""
        path = quote(request.scope["path"]) if request.method == "GET" else "/"
        query = [pair for pair in request.query_params.multi_items() if pair[0] != "lang"]
        switch = urlencode([*query, ("lang", _language.other(language))])
        clock = self._sandbox.world.clock
        return {
            "say": Speech(language, self._words),
            "tag": _language.TAGS[language],
            "other_tag": _language.TAGS[_language.other(language)],
            "switch": f"{path}?{switch}",
            "path": path,
            "query": request.query_params,
            "now": clock(),
            "ahead": clock.ahead,
            "failing": len(self._sandbox.faults),
        }

    async def _answer_style(self, _: Request) -> Response:
        return Response(self._templates.style, media_type="text/css")

    async def _nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(Request(scope), _MISSING)(scope, receive, send)


def words_of(families: tuple[Member, ...]) -> Words:
    """Return all that the page says, by name: the frame's words, and every family's."""
    return {
        name: text
        for words in (WORDS, *(each.parts.words for each in families))
        for name, text in words.items()
    }
