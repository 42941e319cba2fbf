"""Files behind a `download_url`."""

from __future__ import annotations

from ..._endpoint import Call, Reply, Route, downloads
from .bills import Bills


def file(call: Call) -> Reply:
    """Give the file of a token, which an endpoint with a `download_url` handed out."""
    token = call.query["token"]
    content = Bills(call.world).content(token) or downloads.content(token, call.world.keys)
    if call.query.get("tartype", "").lower() == "gzip":
        return Reply(200, downloads.pack(content), downloads.PACKED, signed=False)
    return Reply(200, content, downloads.TEXT, signed=False)


ROUTES = (Route("GET", downloads.PATH, file),)
