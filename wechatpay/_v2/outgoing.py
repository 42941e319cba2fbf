"""What an APIv2 request carries: its fields, the merchant number, the nonce and the signatures.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011985891
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .. import xml
from .._call import Outgoing, UploadRule
from ..crypto import digest
from ..errors import ConfigurationError
from .fields import MERCHANT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._call import Call, Exchange
    from .._wire import Sink

_XML = "text/xml; charset=utf-8"
_USUAL_UPLOAD = UploadRule("media", "media_hash", None)


def outgoing(exchange: Exchange, mchid: str, secret: str, sink: Sink | None = None) -> Outgoing:
    """Return what is sent for a call, signed: its `xml`, else its `media`, else its query.

    Args:
        exchange: The call, and where it may go.
        mchid: The client's merchant number.
        secret: The APIv2 key.
        sink: Where the answer's body goes as it comes.

    Raises:
        ConfigurationError: The fields are another merchant's.
        TypeError: The call has what APIv2 cannot carry.
    """
    call, headers, body, params = exchange.call, {"Accept": "*/*"}, b"", None
    if call.json is not None:
        raise TypeError(f"json= is for v3 paths; {call.shown_path} takes xml=")
    if call.xml is not None:
        body, headers["Content-Type"] = xml.dumps(_signed(call, call.xml, mchid, secret)), _XML
    elif call.media is not None:
        # Few calls upload, so the others do not pay for importing it.
        from .. import media

        form = media.flat_form(
            media.of(call.media),
            call.rule.upload or _USUAL_UPLOAD,
            lambda fields: _signed(call, fields, mchid, secret),
        )
        body, headers["Content-Type"] = form.content, form.content_type
    elif call.content is not None:
        body, headers["Content-Type"] = call.content, _XML
    else:
        params = _signed_params(call, mchid, secret)
    hosts = exchange.route.hosts.of(call)
    return Outgoing(hosts, call.target(params), headers, body, call.mutual_tls, sink=sink)


def _signed_params(call: Call, mchid: str, secret: str) -> dict[str, Any] | None:
    if call.params is None and call.query:
        raise TypeError(
            f"the query of {call.shown_path} carries a signature: pass params as a mapping"
        )
    if call.params is None and call.method != "GET":
        return None  # the caller passed nothing, so there is nothing to sign
    fields = {
        name: xml.text(value, name)
        for name, value in (call.params or {}).items()
        if value is not None
    }
    return _signed(call, fields, mchid, secret)


def _signed(call: Call, given: Mapping[str, Any], mchid: str, secret: str) -> dict[str, Any]:
    """Return the fields, what the endpoint wants besides, and their signature."""
    rule = call.rule
    fields = {name: value for name, value in given.items() if value is not None}
    named = [name for name in MERCHANT_FIELDS if name in fields]
    for name in named:
        if str(fields[name]) != mchid:
            raise ConfigurationError(f"{name} is not this client's mchid, {mchid}")
    if not named:
        fields[rule.merchant_field] = mchid
    if not (rule.nonceless if call.nonceless is None else call.nonceless):
        fields.setdefault("nonce_str", os.urandom(16).hex())
    if rule.sign_type is not None:
        fields.setdefault("sign_type", rule.sign_type)
    if call.agent_secret is not None:
        fields["workwx_sign"] = digest.workwx_sign(fields, call.agent_secret)
    if rule.signless:
        return fields
    covered = rule.signed_fields or fields
    message = {name: fields[name] for name in covered if name in fields}
    fields["sign"] = digest.sign(message, secret, fields.get("sign_type", "MD5"))
    return fields
