"""The values that documented pages show as examples, sent to every endpoint of what moves money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._base import BEIJING
from wechatpay.sandbox._families import Families
from wechatpay.sandbox._parts import members

from .documented import V3, Caller
from .shown import shown

pytestmark = pytest.mark.usefixtures("at_once")

_FAMILIES = (
    "accounts",
    "transfers",
    "coupons",
    "vouchers",
    "ecommerce",
    "applyments",
    "product_coupons",
)
_MISSING = ("RESOURCE_NOT_EXISTS", "NOT_FOUND", "ORDER_NOT_EXIST", "NO_STATEMENT_EXIST")
_REFUSED = {
    "date": "no page shows 20141030 for it, and those that say how it is written have hyphens",
    "/transfer_scene_report_infos": "one of a scene's two reports, and the page shows both",
    "/authorization_id": "an authorization that nobody gave",
    "/associated_order_info": "an order and one of pay score, and the page wants one",
    "/out_authorization_no": "the number of another page's example",
    "/out_recharge_no": "the number of another page's example",
    "/total_num": "two hundred parts, of which the page shows one",
}
"""What is not taken, by where it is, and why."""


def test_what_pages_show_is_taken() -> None:
    """Only what a page contradicts itself, or what has to be there before, is refused."""
    families = [each for each in members(Families) if each.name in _FAMILIES]
    ours = {(one.method.lower(), one.template) for each in families for one in each.parts.routes}
    endpoints = [each for each in V3 if (each.verb, each.path) in ours]
    with Sandbox() as sandbox:
        sandbox.allow_old_transfers()
        now = sandbox.world.clock.moment().astimezone(BEIJING)
        noon = now.replace(hour=12) + timedelta(days=1)  # at night nothing is withdrawn
        sandbox.advance((noon - now).total_seconds())
        caller, refused, numbers = Caller(sandbox), dict[str, str](), count(1)
        for each in endpoints:
            if each.body.kind == "multipart":
                continue
            asked = shown(each)
            if "bill_date" in asked.query:  # what is shown gets older every day
                day = f"{sandbox.world.clock.moment() - timedelta(days=3):%Y-%m-%d}"
                asked = replace(asked, query={**asked.query, "bill_date": day})
            if "out_bill_no" in asked.body:  # pages of several kinds of transfers show the same one
                asked = replace(asked, body={**asked.body, "out_bill_no": f"plfk{next(numbers)}"})
            said = caller.send(asked)
            if said.status_code >= 400 and said.json()["code"] not in _MISSING:
                refused[f"{each.verb} {each.path}"] = str(said.json()["detail"]["field"])
    assert len(endpoints) > 170
    assert {name: at for name, at in refused.items() if at not in _REFUSED} == {}
    assert _REFUSED.keys() <= set(refused.values())
