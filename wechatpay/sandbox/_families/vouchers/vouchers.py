"""The merchants' own coupons of a world: stocks, codes, and what users have of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..._time import Event
from ..._world import World
from . import words
from .voucher import Voucher

_STOCK, _CODE, _VOUCHER, _ADDRESS = (
    "voucher stock",
    "voucher code",
    "voucher",
    "voucher address",
)
_UPLOADED = "MERCHANT_UPLOAD"
_ASKED = "MERCHANT_API"


class Vouchers:
    """The stocks, by WeChat Pay's number, and their coupons, by code."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def make(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Make a stock; with the same number again, it is the same one.

        Raises:
            Refusal: The number is taken by other parameters.
        """
        with self._store.transaction():
            for known in self._store.find(_STOCK, number=asked["out_request_no"]):
                if known["asked"] != dict(asked):
                    raise words.STOCK_TAKEN(asked["out_request_no"])
                return known
            number = str(1_200_000 + self._store.next(_STOCK))
            now = self._world.clock.moment().isoformat()
            stock = {"stock_id": number, "create_time": now, "asked": dict(asked), "sent": 0}
            stock["terms"] = dict(asked)
            return self._keep(stock)

    def find(self, stock_id: str) -> dict[str, Any]:
        """Find a stock.

        Raises:
            Refusal: There is none.
        """
        found = self._store.get(_STOCK, stock_id)
        if found is None:
            raise words.NO_SUCH_STOCK(stock_id, at="stock_id")
        return found

    def state(self, stock: Mapping[str, Any]) -> str:
        """Tell where a stock is: it runs until its time is over."""
        _, end = _times(stock)
        over = self._world.clock.moment() > datetime.fromisoformat(end)
        return "STOPED" if over else "RUNNING"

    def change(self, stock_id: str, change: Mapping[str, Any]) -> None:
        """Change what a stock says of itself.

        Raises:
            Refusal: There is none.
        """
        with self._store.transaction():
            stock = self.find(stock_id)
            terms: dict[str, Any] = stock["terms"]
            for name, value in change.items():
                if name == "out_request_no":
                    continue
                old = terms.get(name)
                terms[name] = {**old, **value} if isinstance(old, dict) else value
            self._keep(stock)

    def set_budget(self, stock_id: str, asked: Mapping[str, Any]) -> dict[str, int]:
        """Change how many of a stock can be sent, in all and in a day.

        Raises:
            Refusal: There is none, or it is not what the merchant takes it to be.
        """
        with self._store.transaction():
            stock = self.find(stock_id)
            rule = stock["terms"]["stock_send_rule"]
            for name in ("max_coupons", "max_coupons_by_day"):
                current, target = asked.get(f"current_{name}"), asked.get(f"target_{name}")
                if current is not None and current != rule.get(name):
                    raise words.ANOTHER_BUDGET(current, at=f"/current_{name}")
                if target is not None:
                    rule[name] = target
            self._keep(stock)
            by_day: int = rule.get("max_coupons_by_day", 0)
            return {"max_coupons": rule["max_coupons"], "max_coupons_by_day": by_day}

    def upload(self, stock_id: str, codes: list[str]) -> tuple[list[str], list[str]]:
        """Add codes, and return those that are new, and those that were there.

        Raises:
            Refusal: There is no such stock, or it takes none.
        """
        with self._store.transaction():
            if self.find(stock_id)["asked"]["coupon_code_mode"] != _UPLOADED:
                raise words.NO_CODES(stock_id)
            now = self._world.clock.moment().isoformat()
            new: list[str] = []
            for code in dict.fromkeys(codes):
                if self._store.get(_CODE, f"{stock_id}/{code}") is None:
                    self._put_code(stock_id, {"coupon_code": code, "upload_time": now})
                    new.append(code)
            return new, [code for code in dict.fromkeys(codes) if code not in new]

    def codes(self, stock_id: str) -> list[dict[str, Any]]:
        """Return the codes of a stock, as they were uploaded."""
        return self._store.find(_CODE, stock_id=stock_id)

    def code(self, stock_id: str, code: str) -> dict[str, Any]:
        """Find an uploaded code.

        Raises:
            Refusal: There is none.
        """
        found = self._store.get(_CODE, f"{stock_id}/{code}")
        if found is None:
            raise words.NO_SUCH_VOUCHER(code, at="coupon_code", location="url")
        return found

    def delete_code(self, stock_id: str, code: str) -> str:
        """Forget an uploaded code that nobody has, and return when that was.

        Raises:
            Refusal: There is none, or a user has it.
        """
        with self._store.transaction():
            if "openid" in self.code(stock_id, code):
                raise words.DISPATCHED(code)
            self._store.delete(_CODE, f"{stock_id}/{code}")
            return self._world.clock.moment().isoformat()

    def send(self, stock_id: str, openid: str, number: str, code: str = "") -> Voucher:
        """Send a user a coupon; with the same number again, it is the same one.

        Args:
            stock_id: Of which stock.
            openid: To whom.
            number: The merchant's number for it.
            code: Its code, where the merchant makes them.

        Raises:
            Refusal: There is no such stock, its time is over, or there are no more: in all, for
                this user, or of codes.
        """
        with self._store.transaction():
            for known in self._store.find(_VOUCHER, request=f"{stock_id}/{number}"):
                return self._load(known)
            stock = self.find(stock_id)
            rule = stock["terms"]["stock_send_rule"]
            if self.state(stock) != "RUNNING":
                raise words.NOT_UNDER_WAY(stock_id)
            had = self._store.count(_VOUCHER, of=f"{stock_id}/{openid}")
            if had >= rule["max_coupons_per_user"]:
                raise words.USER_HAS_ENOUGH(openid)
            if stock["sent"] >= rule["max_coupons"]:
                raise words.ALL_SENT(stock_id)
            begin, end = _times(stock)
            code = self._next_code(stock, openid, code)
            now = self._world.clock.moment().isoformat()
            times = {"receive_time": now, "send_request_no": number}
            made = Voucher(code, stock_id, openid, begin, end, "SENDED", times)
            self._keep({**stock, "sent": stock["sent"] + 1})
            self._put(made)
            self._tell(stock, made, now)
            return made

    def of(self, openid: str) -> list[Voucher]:
        """Return a user's coupons, oldest first."""
        return [self._load(each) for each in self._store.find(_VOUCHER, openid=openid)]

    def latest(self, limit: int = 20, skip: int = 0) -> list[Voucher]:
        """Return a page of all coupons, newest first."""
        return [self._load(each) for each in self._store.latest(_VOUCHER, limit=limit, skip=skip)]

    def stocks(self) -> list[dict[str, Any]]:
        """Return the latest stocks, newest first."""
        return self._store.latest(_STOCK)

    def named(self, code: str, stock_id: str | None = None, openid: str | None = None) -> Voucher:
        """Find a coupon by its code.

        Raises:
            Refusal: There is none, of this stock and of this user.
        """
        for each in self._store.find(_VOUCHER, code=code):
            if stock_id in (None, each["stock_id"]) and openid in (None, each["openid"]):
                return self._load(each)
        raise words.NO_SUCH_VOUCHER(code, at="/coupon_code")

    def step(self, found: Voucher, transition: Callable[[Voucher, datetime], Voucher]) -> Voucher:
        """Let something become of a coupon."""
        with self._store.transaction():
            found = self.named(found.code, found.stock_id, found.openid)  # as it is by now
            return self._put(transition(found, self._world.clock.moment()))

    def set_address(self, mchid: str, url: str) -> dict[str, str]:
        """Say where it is told what users received."""
        now = self._world.clock.moment().isoformat()
        self._store.put(_ADDRESS, mchid, {"notify_url": url})
        return {"update_time": now, "notify_url": url, "mchid": mchid}

    def address(self, mchid: str) -> str | None:
        """Tell where it is told what users received; `None` if that was never said."""
        found = self._store.get(_ADDRESS, mchid)
        return found["notify_url"] if found else None

    def _next_code(self, stock: Mapping[str, Any], openid: str, code: str) -> str:
        mode, stock_id = stock["asked"]["coupon_code_mode"], stock["stock_id"]
        if mode == _ASKED:
            if not code or self._store.get(_VOUCHER, f"{stock_id}/{code}"):
                raise words.CODE_NEEDED(code)
            return code
        if mode != _UPLOADED:
            return f"{secrets.randbelow(10**16):016d}"
        for each in self._store.find(_CODE, available=stock_id):
            now = self._world.clock.moment().isoformat()
            self._put_code(stock_id, {**each, "dispatched_time": now, "openid": openid})
            taken: str = each["coupon_code"]
            return taken
        raise words.ALL_SENT(stock_id)

    def _tell(self, stock: Mapping[str, Any], made: Voucher, time: str) -> None:
        if url := self.address(stock["asked"]["belong_merchant"]):
            told = {
                "event_type": "EVENT_TYPE_BUSICOUPON_SEND",
                "coupon_code": made.code,
                "stock_id": made.stock_id,
                "send_time": time,
                "openid": made.openid,
                "send_channel": "BUSICOUPON_SEND_CHANNEL_API",
                "send_merchant": self._world.keys.mchid,
            }
            self._world.tell(Event("COUPON.SEND", "coupon", words.RECEIVED.zh, told, url))

    def _keep(self, stock: dict[str, Any]) -> dict[str, Any]:
        number = stock["asked"]["out_request_no"]
        self._store.put(_STOCK, stock["stock_id"], stock, number=number)
        return stock

    def _put_code(self, stock_id: str, code: Mapping[str, Any]) -> None:
        free = "" if "openid" in code else stock_id
        key = f"{stock_id}/{code['coupon_code']}"
        self._store.put(_CODE, key, code, stock_id=stock_id, available=free)

    def _load(self, document: Mapping[str, Any]) -> Voucher:
        return Voucher(**document).lapse(self._world.clock.moment())

    def _put(self, made: Voucher) -> Voucher:
        self._store.put(
            _VOUCHER,
            f"{made.stock_id}/{made.code}",
            asdict(made),
            code=made.code,
            openid=made.openid,
            of=f"{made.stock_id}/{made.openid}",
            request=f"{made.stock_id}/{made.known['send_request_no']}",
        )
        return made


def _times(stock: Mapping[str, Any]) -> tuple[str, str]:
    times = stock["terms"]["coupon_use_rule"]["coupon_available_time"]
    return times["available_begin_time"], times["available_end_time"]
