"""Someone who does what documented pages show, in an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from wechatpay.sandbox import Sandbox

from .asker import check
from .documented import V3, Caller
from .shown import filled, shown

_CARRIED = ("_id", "_no", "_code", "sub_mchid")
_ENDPOINTS = {f"{each.verb} {each.path}": each for each in V3}

Known = dict[str, Any]
Step = tuple[str, Mapping[str, Any]] | str | Callable[[Sandbox, Known], Any]


class Pages:
    """Someone who does what pages show, in their order.

    Args:
        sandbox: Where.
        known: What is named from the start.
    """

    def __init__(self, sandbox: Sandbox, known: Mapping[str, Any]) -> None:
        self.sandbox = sandbox
        self.caller = Caller(sandbox)
        self.known: Known = dict(known)

    def follow(self, step: Step) -> None:
        """Take a step: make a call, or let something happen."""
        if callable(step):
            self.known |= step(self.sandbox, self.known) or {}
            return
        name = step if isinstance(step, str) else step[0]
        change: Mapping[str, Any] = {} if isinstance(step, str) else step[1]
        endpoint = _ENDPOINTS[name]
        asked = filled(shown(endpoint), {**self.known, **change})
        # One of several numbers is enough, and a page shows none in its query then.
        numbers = {name: it for name, it in self.known.items() if name.endswith(("_no", "_id"))}
        query, body = (
            {one.name for one in each} for each in (endpoint.query, endpoint.body.fields)
        )
        more = {name: it for name, it in {**numbers, **change}.items() if name in query}
        added = {name: it for name, it in change.items() if name in body}
        given = {**asked.body, **added}
        kept = {name: value for name, value in given.items() if value is not None}
        asked = replace(asked, query={**asked.query, **more}, body=kept)
        reply = self.caller.send(asked)
        assert reply.is_success, (name, asked, reply.text)
        said: Known = reply.json() if reply.content else {}
        check(said, endpoint.reply.fields, name)
        self._carry(said)

    def _carry(self, said: Any) -> None:
        for name, value in said.items():
            inner = value[0] if isinstance(value, list) and value else value  # pyright: ignore[reportUnknownVariableType]
            if isinstance(inner, dict):
                self._carry(inner)
            elif name.endswith(_CARRIED) and isinstance(value, str | int):
                self.known[name] = value
