"""The APIv2 dialect: XML that carries its own signature, both ways.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011985891
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._call import Verdict, into_sink, refusal_of, transmit
from ..errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from .._call import Call, Exchange, Outgoing, Steps
    from .bill import BillSink


class V2:
    """The dialect of every path that begins with `v2/`."""

    def __init__(self, mchid: str, secret: str | None) -> None:
        """Take what the client was configured with; without `secret` every call is refused."""
        self._mchid = mchid
        self._secret = secret

    def carry_out(self, exchange: Exchange) -> Steps[httpx.Response]:
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
        call = exchange.call
        if call.sink is None:
            return self._carry_out(exchange)
        if call.rule.browser_redirect:
            raise TypeError(f"sink= takes a body, and {call.shown_path} is a URL for a browser")
        # Most calls have no sink, so they do not pay for importing it.
        from .._wire import Sink
        from .bill import BillSink

        if call.rule.reply != "text":
            return into_sink(Sink(call.sink), self._carry_out(exchange), as_it_comes=False)
        bill = BillSink(call.sink)
        return into_sink(bill, self._carry_out(exchange, bill), as_it_comes=True)

    def _carry_out(self, exchange: Exchange, bill: BillSink | None = None) -> Steps[httpx.Response]:
        call, secret = exchange.call, self._secret
        if secret is None:
            raise ConfigurationError(
                f"{call.shown_path} is an APIv2 call, which is signed with the APIv2 key: pass "
                "secret"
            )
        # An APIv3 merchant never comes here, and does not pay for importing these.
        from .answer import judge
        from .outgoing import outgoing

        sent = outgoing(exchange, self._mchid, secret, bill)
        if call.rule.browser_redirect:
            if sent.body:
                raise TypeError(
                    f"{call.shown_path} is a URL for a browser: pass its fields as params="
                )
            return _redirect(exchange, sent)
        reply = yield from transmit(exchange, sent, None)
        if not reply.is_success:
            raise refusal_of(call, reply)
        if bill is not None and not bill.is_bill:
            reply = bill.with_body(reply)
        is_bill = bill is not None and bill.is_bill
        if bill is not None and is_bill:
            bill.digests.check(reply.headers.get("Digest"))
        verified = not is_bill and judge(call, reply, secret)
        if bill is None and call.rule.reply == "text" and reply.headers.get("Digest"):
            from .bill import check_digest

            check_digest(reply)
        reply.extensions["wechatpay"] = _verdict(call, reply, verified=verified)
        return reply


def _redirect(exchange: Exchange, sent: Outgoing) -> httpx.Response:
    """Return the redirect that a browser is to be sent; nothing was called to get it."""
    import httpx

    call = exchange.call
    base, target = sent.base_urls[0], sent.target + call.rule.fragment
    request = exchange.route.build(call.method, base, target, {}, b"", None)
    reply = httpx.Response(302, headers={"Location": base + target}, request=request)
    reply.extensions["wechatpay"] = _verdict(call, reply, verified=False)
    return reply


def _verdict(call: Call, reply: httpx.Response, *, verified: bool) -> Verdict:
    request_id = reply.headers.get("Request-ID")
    return Verdict(verified=verified, serial=None, request_id=request_id, rule=call.rule)
