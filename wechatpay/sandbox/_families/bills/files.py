"""Files behind a `download_url`."""

from __future__ import annotations

from ..._endpoint import EndpointReply, EndpointRoute, IncomingCall, downloads
from .bills import Bills


def file(call: IncomingCall) -> EndpointReply:
    """Give the file of a token, which an endpoint with a `download_url` handed out."""
    token = call.query["token"]
    content = Bills(call.world).content(token) or downloads.content(token, call.world.keys)
    if call.query.get("tartype", "").lower() == "gzip":
        return EndpointReply(200, downloads.pack(content), downloads.PACKED, signed=False)
    return EndpointReply(200, content, downloads.TEXT, signed=False)


ROUTES = (EndpointRoute("GET", downloads.PATH, file),)
