"""What forms do as the customer: every action of every family, and then the page goes on."""

from __future__ import annotations

import re
from functools import partial

from .._endpoint import Call, fields
from .._parts import Action, Member, Moved, Place, Visit

_OF_THE_PAGE = re.compile(r"/|/page[^\\\s]*")


def places(families: tuple[Member, ...]) -> tuple[Place, ...]:
    """Return the places, one for each action."""
    return tuple(
        Place("POST", f"/page/{each.route.template}", partial(_do, each))
        for family in families
        for each in family.actions
        if each.route.method == "POST"
    )


def _do(action: Action, visit: Visit) -> Moved:
    """Do it, with the fields of the form as the request's."""
    tree = action.route.body_tree or {}
    given = [(name, text) for name, text in visit.form.items() if name in tree and text.strip()]
    body = fields.read(given, tree)
    fields.check(body, tree, "body")
    action.route.handler(Call(visit.world, visit.path, {}, body))
    to = visit.typed("to")
    return Moved(to if _OF_THE_PAGE.fullmatch(to) else "/")
