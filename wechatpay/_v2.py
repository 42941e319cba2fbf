"""The APIv2 dialect: XML that carries its own signature, both ways.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011985891
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ._exchange import Line, deliver
from ._refusal import QUERY_FIRST, refusal
from ._verification import Verdict
from .errors import APIError, ConfigurationError, VerificationError

if TYPE_CHECKING:
    import httpx

    from ._call import Call
    from ._exchange import Steps

_MERCHANT_FIELDS = ("mch_id", "mchid", "combine_mch_id")
_HEADERS = {"Accept": "*/*", "Content-Type": "text/xml; charset=utf-8"}
_UNDECIDED = frozenset({"SYSTEMERROR", "BANKERROR", "USERPAYING"})
"""Error codes after which a payment may still have happened, or happen."""


class V2:
    """The dialect of every path that begins with `v2/`."""

    def __init__(self, mchid: str, secret: str | None) -> None:
        """Take what the client was configured with; without `secret` every call is refused."""
        self._mchid = mchid
        self._secret = secret

    def exchange(self, line: Line, call: Call) -> Steps:
        """Make a call: sign the fields, send them, and return the answer once it is verified.

        Raises:
            ConfigurationError: There is no APIv2 key, or the fields are another merchant's.
            TransportError: No whole answer came.
            APIError: WeChat Pay refused.
            VerificationError: The answer is not provably WeChat Pay's.
        """
        if self._secret is None:
            raise ConfigurationError(
                f"{call.spoken} is an APIv2 call, which is signed with the APIv2 key: pass secret"
            )
        body = self._body(call, self._secret)
        reply = yield from deliver(line, call, _HEADERS, body, None)
        if not reply.is_success:
            raise refusal(call, reply)
        verified = self._judge(call, reply, self._secret)
        request_id = reply.headers.get("Request-ID")
        verdict = Verdict(verified=verified, serial=None, request_id=request_id)
        reply.extensions["wechatpay"] = verdict
        return reply

    def _body(self, call: Call, secret: str) -> bytes:
        if call.json is not None:
            raise TypeError(f"json= is for v3 paths; {call.spoken} takes xml=")
        if call.sink is not None:
            raise TypeError(f"sink= is for v3 paths; {call.spoken} gives its answer in memory")
        if call.media is not None:
            raise TypeError(f"media= is for v3 paths; {call.spoken} takes content=, made by you")
        if call.xml is None:
            if call.content is None and call.params is not None:
                call.put_params(self._signed(call, call.params, secret))
            return call.content or b""
        # An APIv3 merchant never comes here, and does not pay for importing it.
        from . import xml

        return xml.dumps(self._signed(call, call.xml, secret))

    def _signed(self, call: Call, given: Any, secret: str) -> dict[str, Any]:
        """Return the fields with the merchant number, the nonce and the signature among them."""
        from .crypto import digest

        fields = {name: value for name, value in dict(given).items() if value is not None}
        named = [name for name in _MERCHANT_FIELDS if name in fields]
        for name in named:
            if str(fields[name]) != self._mchid:
                raise ConfigurationError(f"{name} is not this client's mchid, {self._mchid}")
        if not named:
            fields["mch_id"] = self._mchid
        nonceless = call.rule.nonceless if call.nonceless is None else call.nonceless
        if not nonceless:
            fields.setdefault("nonce_str", os.urandom(16).hex())
        if call.rule.sign_type is not None:
            fields.setdefault("sign_type", call.rule.sign_type)
        covered = call.rule.signed_fields
        message = {name: fields[name] for name in covered if name in fields} if covered else fields
        fields["sign"] = digest.sign(message, secret, fields.get("sign_type", "MD5"))
        return fields

    def _judge(self, call: Call, reply: httpx.Response, secret: str) -> bool:
        """Tell whether the answer was verified; an answer that is not XML cannot be."""
        if not reply.content.lstrip().startswith(b"<"):
            if call.rule.reply is None:
                raise self._distrusted(call, reply, "the answer is not XML")
            return False
        from . import xml
        from .crypto import digest

        try:
            fields = xml.loads(reply.content)
        except xml.XMLError as error:
            raise self._distrusted(call, reply, str(error)) from None
        if fields.get("return_code") != "SUCCESS":
            raise self._refused(call, reply, fields.get("return_code"), fields.get("return_msg"))
        failed = fields.get("result_code", "SUCCESS") != "SUCCESS"
        may_lack_sign = call.rule.unsigned or failed
        if not (may_lack_sign and "sign" not in fields) and not digest.verify(fields, secret):
            raise self._distrusted(call, reply, "the answer's sign is missing or wrong")
        if failed:
            raise self._refused(call, reply, fields.get("err_code"), fields.get("err_code_des"))
        return "sign" in fields

    def _distrusted(self, call: Call, reply: httpx.Response, why: str) -> VerificationError:
        unknown = not call.is_safe
        return VerificationError(
            f"{why}: not provably WeChat Pay's" + (f". {QUERY_FIRST}" if unknown else ""),
            response=reply,
            outcome_unknown=unknown,
        )

    def _refused(self, call: Call, reply: httpx.Response, code: Any, message: Any) -> APIError:
        code, message = (x if isinstance(x, str) and x else None for x in (code, message))
        unknown = code in _UNDECIDED and not call.is_safe
        words = [f"{call.method} {call.spoken}: {code or '(no code)'}", (message or "")[:300]]
        return APIError(
            ". ".join(filter(None, [*words, QUERY_FIRST if unknown else ""])),
            status_code=reply.status_code,
            code=code,
            message=message,
            request_id=reply.headers.get("Request-ID"),
            response=reply,
            outcome_unknown=unknown,
        )
