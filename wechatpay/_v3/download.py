"""Files behind a `download_url`: bills, receipts, invoices.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4013071238
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .._call import Call, Exchange, Outgoing, Verdict, logged, refusal_of, transmit
from .._wire import Sink
from .downloadable import address, parts_of

if TYPE_CHECKING:
    import httpx

    from .._call import ClientRoute, Steps
    from .._wire import Progress, Target
    from .dialect import V3
    from .downloadable import Downloadable, FilePart

_HEADERS = {"Accept": "*/*"}


def fetching(
    v3: V3, given: Downloadable, to: Target, sha1: str | None, progress: Progress | None
) -> Callable[[ClientRoute], Steps[httpx.Response]]:
    """Return how to fetch what is asked for into a file, unpacked; see `WeChatPay.download`.

    Raises:
        PathError: It cannot be downloaded.
        ConfigurationError: It is encrypted, and there is no private key to open it with.
        DecryptionError: It is encrypted for another certificate.
    """
    parts = parts_of(given, sha1)
    calls = [call_of(part.url) for part in parts]
    keys = [v3.open_key(part.sealed_key) if part.sealed_key else b"" for part in parts]

    def begin(route: ClientRoute) -> Steps[httpx.Response]:
        exchanges = [Exchange(call, route) for call in calls]
        if len(parts) > 1 or keys[0]:
            return _joined(v3, list(zip(parts, keys, exchanges, strict=True)), to, progress)
        sink = Sink(to, unpack=True, progress=progress)
        return logged(exchanges[0], download(v3, exchanges[0], sink, parts[0].sha1))

    return begin


def _joined(
    v3: V3,
    wanted: list[tuple[FilePart, bytes, Exchange]],
    to: Target,
    progress: Progress | None,
) -> Steps[httpx.Response]:
    """Fetch the parts of one file, open what is sealed, and put the whole in place at the end."""
    # Few merchants have such bills, so the others do not pay for importing this.
    from .encrypted_file import JoinedFile, open_into

    bill = JoinedFile(to)
    replies: list[httpx.Response] = []
    try:
        for part, key, exchange in wanted:
            with bill.scratch() as scratch:
                sink = Sink(scratch if key else bill.file, unpack=not key, progress=progress)
                steps = download(v3, exchange, sink, None if key else part.sha1)
                replies.append((yield from logged(exchange, steps)))
                if key:
                    yield from open_into(scratch, key, part, bill.file)
        bill.keep()
    finally:
        bill.discard()
    return replies[-1]


def call_of(url: str) -> Call:
    """Return the call that a `download_url` stands for; its host is the call's base URL.

    Raises:
        PathError: It is not a URL, or one that is not encrypted on its way.
    """
    origin, path, query = address(url)
    path = path.replace("{", "%7B").replace("}", "%7D")
    if path.startswith("v2/"):  # it is the URL's own, and not there to pick a dialect
        path = f"v2/{path}"
    call = Call.asked("GET", path, {"params": query})
    # What a download_url gives is documented to be unsigned; the SHA-1 that came with it counts.
    rule = call.rule._replace(unsigned=True, stream=True, base_url=None, mutual_tls=False)
    return call._replace(base_url=origin, rule=rule)


def download(v3: V3, exchange: Exchange, sink: Sink, sha1: str | None) -> Steps[httpx.Response]:
    """Fetch a file into a sink; only WeChat Pay's API hosts, and this client's, see a signature.

    Raises:
        ConfigurationError: There is no key to sign with.
        TransportError: No whole file came.
        APIError: WeChat Pay refused, or something between here and there did.
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
