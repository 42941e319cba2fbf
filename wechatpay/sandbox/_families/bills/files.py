"""Files behind a `download_url`."""

from __future__ import annotations

from ..._endpoint import downloads as _downloads
from ..._endpoint.reply import Reply
from ..._endpoint.routes import Call, Route
from . import Bills


def file(call: Call) -> Reply:
    """Give the file of a token, which an endpoint with a `download_url` handed out."""
    token = call.query["token"]
    content = Bills(call.world).content(token) or _downloads.content(token, call.world.keys)
    if call.query.get("tartype", "").lower() == "gzip":
        return Reply(200, _downloads.pack(content), _downloads.PACKED, signed=False)
    return Reply(200, content, _downloads.TEXT, signed=False)


ROUTES = (Route("GET", _downloads.PATH, file),)
