"""A user's authorization ends: one call, in three spellings, sync and async."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import words
from ._steps import Step, run
from ._transcript import source

if TYPE_CHECKING:
    from wechatpay import WeChatPay

    from .. import Sandbox
    from ._transcript import Transcript

body: dict[str, str] = {"service_id": "500001", "sub_mchid": "1230000109", "reason": "撤销原因"}

_PATH = "/v3/payscore/partner/permissions/authorization-code/1234323JKHDFE1243252/terminate"


def by_attributes(wxpay: WeChatPay) -> Any:
    """The path as a chain of attributes."""
    return wxpay.v3.payscore.partner.permissions.authorizationCode._authorization_code_.terminate


def by_chain(wxpay: WeChatPay) -> Any:
    """The path as a string."""
    return wxpay.chain(
        "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"
    )


def by_key(wxpay: WeChatPay) -> Any:
    """The path as a key."""
    return wxpay[
        "v3/payscore/partner/permissions/authorization-code/<authorization_code>/terminate"
    ]


def post(terminate: Any) -> Any:
    """The call itself."""
    return terminate.post(authorization_code="1234323JKHDFE1243252", json=body)


async def post_async(terminate: Any) -> Any:
    """The same, for an event loop."""
    return await terminate.post_async(authorization_code="1234323JKHDFE1243252", json=body)


STEPS = tuple(Step(call, "POST", _PATH, 204) for call in (post, post_async))


def tell(sandbox: Sandbox, wxpay: WeChatPay, transcript: Transcript) -> None:
    """Make the call in all its spellings."""
    transcript.heading(words.TERMINATE)
    transcript.code(f"body = {json.dumps(body, ensure_ascii=False)}")
    for spelling in (by_attributes, by_chain, by_key):
        transcript.code(f"terminate = {source(spelling)}")
        for step in STEPS:
            run(step, sandbox, transcript, spelling(wxpay))
    same = by_attributes(wxpay) == by_chain(wxpay) == by_key(wxpay)
    transcript.check("three spellings, one path", same)
