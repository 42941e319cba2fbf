"""Worlds without a sandbox around them: for those who look at the domain alone."""

from __future__ import annotations

from wechatpay.sandbox._families import Families
from wechatpay.sandbox._parts import members
from wechatpay.sandbox._world import World


def attend(world: World) -> None:
    """Let every family live in a world, as a sandbox does."""
    for member in members(Families):
        member.attend(world)
