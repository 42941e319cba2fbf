"""Values that look like WeChat Pay's, made up from a field's name and a number.

The same number gives the same value. None of them means anything.
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

OTHER_MCHID = "1230000109"
"""A merchant for fields that cannot be about the merchant who asks."""

_LETTERS = string.digits + string.ascii_letters
_OWN = re.compile(r"(sp_|combine_)?mch_?id")
_MOST_CENTS = 10_000
_FUTURE = re.compile("expire|end|until|deadline")
_COUNT = re.compile("(^|_)(count|sequence)$")
_TIME = re.compile(r"(^|_)time(stamp)?(_|$)|_at$")


@dataclass(frozen=True, slots=True)
class Wish:
    """The field that needs a value, and all that the value depends on.

    Attributes:
        name: The field's name.
        number: Any number from 0 up; the same one gives the same value.
        mchid: The merchant who asks.
        origin: Where the sandbox is.
        day: The beginning of the day.
    """

    name: str
    number: int
    mchid: str
    origin: str
    day: datetime

    @property
    def moment(self) -> datetime:
        """A moment of yesterday, or of a day in a month's time."""
        days = 30 if _FUTURE.search(self.name) else -1
        return self.day + timedelta(days=days, seconds=self.number % 86_400)

    @property
    def digits(self) -> str:
        """The number in hexadecimal, 32 digits."""
        return f"{self.number % 16**32:032x}"

    def letters(self, length: int) -> str:
        """Return the number in letters and digits."""
        number, found = self.number, ""
        for _ in range(length):
            number, index = divmod(number, len(_LETTERS))
            found += _LETTERS[index]
        return found


def text(wish: Wish, form: str) -> str:
    """Make up a text.

    Args:
        wish: What it may depend on.
        form: The catalogue's hint at its format, such as `rfc3339`; or nothing.
    """
    if make := _BY_FORM.get(form):
        return make(wish)
    return next(make for pattern, make in _PATTERNS if pattern.search(wish.name))(wish)


def integer(wish: Wish) -> int:
    """Make up a number; one that is a time is in seconds since 1970.

    A list has one item, so that what counts items is 1, and so is an item's place.
    """
    if _COUNT.search(wish.name):
        return 1
    if _TIME.search(wish.name):
        return int(wish.moment.timestamp())
    return 1 + wish.number % _MOST_CENTS


def url(wish: Wish) -> str:
    """Make up an address at the sandbox, where there is nothing."""
    return f"{wish.origin}/sandbox/{wish.name}/{wish.digits}"


def _rfc3339(wish: Wish) -> str:
    return wish.moment.isoformat()


def _date(wish: Wish) -> str:
    return f"{wish.moment:%Y-%m-%d}"


def _count(wish: Wish) -> str:
    return f"{1 + wish.number % 10**18}"


def _base64(wish: Wish) -> str:
    return base64.b64encode(bytes.fromhex(wish.digits)).decode()


def _number(wish: Wish) -> str:
    number = wish.number
    return f"42{number % 10**8:08d}{wish.day:%Y%m%d}{number // 10**8 % 10**10:010d}"


_Make = Callable[[Wish], str]
_BY_FORM: Mapping[str, _Make] = {
    "rfc3339": _rfc3339,
    "date": _date,
    "base64": _base64,
    "MediaId": lambda wish: wish.letters(20),
    "MediaUrl": url,
    "url": url,
    **dict.fromkeys(("integer", "int32", "int64", "uint64", "numeric"), _count),
}
_BY_NAME: Mapping[str, _Make] = {
    r"mch_?id$": lambda wish: wish.mchid if _OWN.fullmatch(wish.name) else OTHER_MCHID,
    r"appid$": lambda wish: f"wx{wish.digits[:16]}",
    r"openid$|unionid$": lambda wish: f"o{wish.letters(21):0<27}",
    r"^prepay_id$": lambda wish: f"wx{wish.day:%Y%m%d}{wish.number % 10**26:026d}",
    r"^code_url$": lambda wish: f"weixin://wxpay/bizpayurl?pr={wish.letters(9)}",
    r"url$": url,
    r"currency$|fee_type$": lambda wish: "CNY",  # noqa: ARG005
    r"sha256|digest|hash|md5": lambda wish: wish.digits,
    r"phone|mobile": lambda wish: f"1380013{wish.number % 10**4:04d}",
    r"mail$": lambda wish: f"user{wish.number % 10**4}@example.com",
    _TIME.pattern: _rfc3339,
    r"date": _date,
    r"(_|^)(id|no|number|code|sn)$": _number,
    r"name|desc|reason|remark|title|message|content|address|memo|note": (
        lambda wish: f"沙箱{wish.number % 10**4:04d}"
    ),
    r"": lambda wish: wish.digits,
}
_PATTERNS = tuple((re.compile(pattern), make) for pattern, make in _BY_NAME.items())
