"""Whose appid it is, and whose openid: what a merchant may name together.

The sandbox's merchant has bound every appid that is written like one. A user's openid is another
one under each appid: the first that it is seen with is the one that it belongs to. Those of the
documentation's samples, which are shown with many, belong to all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..._base import No
from ..._world import World
from . import words
from .order import CUSTOMER

_APPID = re.compile("wx[0-9A-Za-z]{0,30}")
_OPENID = re.compile("o[0-9A-Za-z_*-]{0,127}")
_SAMPLE = re.compile(rf"{CUSTOMER}|.*[*].*")
_KIND = "openid"
_PAYERS = ("payer", "combine_payer_info")
_PAIRS = (
    ("appid", "openid"),
    ("combine_appid", "openid"),
    ("sp_appid", "sp_openid"),
    ("sub_appid", "sub_openid"),
)


def check(
    world: World, parameters: Mapping[str, Any], *, another: No = words.ANOTHER_APPID
) -> None:
    """Check that appids are the merchant's, and that openids are of these appids.

    Args:
        world: Where it is remembered which openid belongs to which appid.
        parameters: A body; who pays is in it, or in an object of its own.
        another: How another's appid is refused.

    Raises:
        Refusal: 400 `APPID_MCHID_NOT_MATCH` or `PARAM_ERROR`.
    """
    where = next((name for name in _PAYERS if parameters.get(name)), "")
    users: Mapping[str, Any] = parameters[where] if where else parameters
    above = f"/{where}" if where else ""
    for appid, openid in _PAIRS:
        if named := parameters.get(appid):
            if not is_bound(named):
                raise another(named, at=f"/{appid}")
            if user := users.get(openid):
                refuse_unless_known(world, named, user, at=f"{above}/{openid}")


def check_elsewhere(world: World, parameters: Mapping[str, Any]) -> None:
    """Check the same where no page has `APPID_MCHID_NOT_MATCH`: all but payments.

    Raises:
        Refusal: 400 `PARAM_ERROR`.
    """
    check(world, parameters, another=words.APPID_NOT_BOUND)


def refuse_unless_known(world: World, appid: str, openid: str, *, at: str) -> None:
    """Check that an openid is a user's under an appid.

    Raises:
        Refusal: 400 `PARAM_ERROR`: it is none, or another appid's.
    """
    if not is_openid(openid) or not belongs(world, appid, openid):
        raise words.ANOTHER_OPENID(openid, at=at)


def is_bound(appid: str) -> bool:
    """Tell whether an appid is one of the merchant's."""
    return bool(_APPID.fullmatch(appid))


def is_openid(text: str) -> bool:
    """Tell whether an openid is written like one."""
    return bool(_OPENID.fullmatch(text))


def belongs(world: World, appid: str, openid: str) -> bool:
    """Tell whether an openid is a user's under an appid; a new one is from now on."""
    if _SAMPLE.fullmatch(openid):
        return True
    with world.store.transaction():
        known = world.store.get(_KIND, openid)
        if known is None:
            world.store.put(_KIND, openid, {"appid": appid})
        return known is None or known["appid"] == appid
