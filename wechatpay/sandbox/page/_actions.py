"""What forms do as the customer: every action of every family, and then the page goes on."""

from __future__ import annotations

import re
from functools import partial

from .._endpoint import IncomingCall, fields
from .._parts import Action, Member, PageRoute, Redirect, Visit

_OF_THE_PAGE = re.compile(r"/|/page[^\\\s]*")


def places(families: tuple[Member, ...]) -> tuple[PageRoute, ...]:
    """Return the places, one for each action."""
    return tuple(
        PageRoute("POST", f"/page/{each.route.template}", partial(_do, each))
        for family in families
        for each in family.actions
        if each.route.method == "POST"
    )


def _do(action: Action, visit: Visit) -> Redirect:
    """Do it, with the fields of the form as the request's."""
    tree = action.route.body_tree or {}
    given = [(name, text) for name, text in visit.form.items() if name in tree and text.strip()]
    body = fields.read(given, tree)
    fields.check(body, tree, "body")
    action.route.handler(IncomingCall(visit.world, visit.path, {}, body))
    to = visit.typed("to")
    return Redirect(to if _OF_THE_PAGE.fullmatch(to) else "/")
