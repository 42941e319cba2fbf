"""Which endpoints the tests of this folder really ask, and whether anything came of it.

Where the environment variable `SANDBOX_ASKED` names a file, each endpoint that grants a request is
written to it: of one that does something, only if the sandbox remembers something else after it.
"""

from __future__ import annotations

import os
from pathlib import Path

from wechatpay.sandbox._endpoint import EndpointReply, EndpointRoute, IncomingCall

VARIABLE = "SANDBOX_ASKED"


def watch() -> None:
    """Begin to write, if there is a file to write to."""
    file = os.environ.get(VARIABLE)
    if file is None:
        return
    seen: set[str] = set()
    respond = EndpointRoute.respond

    def watched(route: EndpointRoute, call: IncomingCall) -> EndpointReply:
        before = _changes(call)
        reply = respond(route, call)
        worked = route.method == "GET" or _changes(call) > before
        name = f"{route.method.lower()} {route.document.endpoint.path if route.document else ''}"
        if reply.status < 300 and worked and route.simulated and name not in seen:
            seen.add(name)
            with Path(file).open("a") as asked:
                asked.write(f"{name}\n")
        return reply

    setattr(EndpointRoute, "respond", watched)  # noqa: B010


def _changes(call: IncomingCall) -> int:
    return call.world.store._connection().total_changes
