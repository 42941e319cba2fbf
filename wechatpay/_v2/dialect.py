"""The APIv2 dialect: XML that carries its own signature, both ways.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011985891
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._call import Line, Verdict, deliver, into_sink, refusal_of
from ..errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from .._call import Call, Steps
    from .bill import BillSink


class V2:
    """The dialect of every path that begins with `v2/`."""

    def __init__(self, mchid: str, secret: str | None) -> None:
        """Take what the client was configured with; without `secret` every call is refused."""
        self._mchid = mchid
        self._secret = secret

    def exchange(self, line: Line, call: Call) -> Steps:
        """Make a call: sign the fields, send them, and return the answer once it is verified.

        With a `sink`, a bill goes there as it comes, any other answer once it is verified. What is
        a URL for a browser (`papay/entrustweb`, `appauth/authindex`) is made and not called: the
        answer is the redirect to it.

        Raises:
            ConfigurationError: There is no APIv2 key, or the fields are another merchant's.
            TransportError: No whole answer came.
            APIError: WeChat Pay refused.
            VerificationError: The answer is not provably WeChat Pay's.
        """
        if call.sink is None:
            return self._exchange(line, call)
        if call.rule.browser_redirect:
            raise TypeError(f"sink= takes a body, and {call.spoken} is a URL for a browser")
        # Most calls pour nothing, so they do not pay for importing it.
        from .._wire import Sink
        from .bill import BillSink

        if call.rule.reply != "text":
            return into_sink(call, Sink(call.sink), self._exchange(line, call))
        call.stream = bill = BillSink(call.sink)
        return into_sink(call, bill, self._exchange(line, call, bill))

    def _exchange(self, line: Line, call: Call, bill: BillSink | None = None) -> Steps:
        secret = self._secret
        if secret is None:
            raise ConfigurationError(
                f"{call.spoken} is an APIv2 call, which is signed with the APIv2 key: pass secret"
            )
        # An APIv3 merchant never comes here, and does not pay for importing these.
        from . import answer, outgoing

        content = outgoing.outgoing(call, self._mchid, secret)
        if call.rule.browser_redirect:
            if content.body:
                raise TypeError(f"{call.spoken} is a URL for a browser: pass its fields as params=")
            return _redirect(line, call)
        reply = yield from deliver(line, call, content.headers, content.body, None)
        if not reply.is_success:
            raise refusal_of(call, reply)
        if bill is not None and not bill.is_bill:
            reply = bill.unpoured(reply)
        is_bill = bill is not None and bill.is_bill
        verified = not is_bill and answer.judge(call, reply, secret)
        reply.extensions["wechatpay"] = _verdict(call, reply, verified=verified)
        return reply


def _redirect(line: Line, call: Call) -> httpx.Response:
    """Return the redirect that a browser is to be sent; nothing was called to get it."""
    import httpx

    url = line.hosts.of(call)[0] + call.target + call.rule.fragment
    request = line.build(call.method, url, {}, b"", None)
    reply = httpx.Response(302, headers={"Location": url}, request=request)
    reply.extensions["wechatpay"] = _verdict(call, reply, verified=False)
    return reply


def _verdict(call: Call, reply: httpx.Response, *, verified: bool) -> Verdict:
    request_id = reply.headers.get("Request-ID")
    return Verdict(verified=verified, serial=None, request_id=request_id, rule=call.rule)
