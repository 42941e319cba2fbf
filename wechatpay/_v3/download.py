"""Files behind a `download_url`: bills, receipts, invoices.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4013071238
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .._call import Call, Exchange, Outgoing, Verdict, logged, refusal_of, transmit
from .._wire import Sink
from ..errors import PathError

if TYPE_CHECKING:
    import httpx

    from .._call import Route, Steps
    from .._wire import Progress, Target
    from .dialect import V3

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADERS = {"Accept": "*/*"}


def fetching(
    v3: V3, url: str, to: Target, sha1: str | None, progress: Progress | None
) -> Callable[[Route], Steps[httpx.Response]]:
    """Return how to fetch a `download_url` into a file, unpacked; see `WeChatPay.download`.

    Raises:
        PathError: It is no URL, or one that is not encrypted on its way.
    """
    call, sink = call_of(url), Sink(to, unpack=True, progress=progress)

    def begin(route: Route) -> Steps[httpx.Response]:
        exchange = Exchange(call, route)
        return logged(exchange, download(v3, exchange, sink, sha1))

    return begin


def call_of(url: str) -> Call:
    """Return the call that a `download_url` stands for; its host is the call's base URL.

    Raises:
        PathError: It is no URL, or one that is not encrypted on its way.
    """
    split = urlsplit(url)
    secure = split.scheme == "https" or (split.scheme == "http" and split.hostname in _LOOPBACK)
    if not secure or not split.hostname or "@" in split.netloc:
        raise PathError("a download_url is https://host/path?query", template=split.path)
    path = split.path[1:].replace("{", "%7B").replace("}", "%7D")
    if path.startswith("v2/"):  # it is the URL's own, and not there to pick a dialect
        path = f"v2/{path}"
    call = Call.asked("GET", path, {"params": split.query})
    # What a download_url gives is documented to be unsigned; the SHA-1 that came with it counts.
    rule = call.rule._replace(unsigned=True, stream=True, base_url=None, mutual_tls=False)
    return call._replace(base_url=f"{split.scheme}://{split.netloc}/", rule=rule)


def download(v3: V3, exchange: Exchange, sink: Sink, sha1: str | None) -> Steps[httpx.Response]:
    """Fetch a file into a sink; only WeChat Pay's API hosts, and this client's, see a signature.

    Raises:
        ConfigurationError: There is no key to sign with.
        TransportError: No whole file came.
        APIError: The answer is no.
        VerificationError: It is not the file that `sha1` promises.
    """
    call = exchange.call
    base_url = call.base_url or ""
    try:
        if exchange.route.hosts.knows(base_url):
            reply = yield from v3.answer(exchange, sink)
        else:
            sent = Outgoing((base_url,), call.target(), _HEADERS, b"", mutual_tls=False, sink=sink)
            reply = yield from transmit(exchange, sent, None)
            if not reply.is_success:
                raise refusal_of(call, reply)
            request_id = reply.headers.get("Request-ID")
            reply.extensions["wechatpay"] = Verdict(
                verified=False, serial=None, request_id=request_id
            )
        sink.finish(sha1)
    finally:
        sink.discard()
    return reply
