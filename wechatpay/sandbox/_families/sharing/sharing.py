"""Profit sharing: parts of a payment go to receivers, the rest is set free for the merchant.

A share is carried out when it is asked for, and answered as `PROCESSING` then; a query tells what
came of it. What is documented: a minute has to pass after the payment (30 seconds on a
platform); receivers have to be known, each once in a request of at most 50, of which an order has
at most 50; all that was ever shared of a payment is at most 30 % of what was not refunded, unless
more is arranged (`set_sharing_ratio`), and at most what is left of it without the fee; after 30
days (180 on a platform) what is left is set free. What others have of a payment can only be
refunded once they have returned it: that is the sandbox's own rule, where WeChat Pay would take it
from the merchant's balance.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012525205
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ..._parts import fee_in_fen
from ..._time import Appointment, seconds
from ..._world import World
from ..payments import PAID, Order, Orders, identity
from . import words

_SHARE, _RECEIVER, _RETURN = "share", "share receiver", "share return"
_WHOLE = 10_000
_NEVER = "1970-01-01T08:00:00+08:00"  # when nothing has ended: that time is always there

SETTLED, SETTLED_OF_A_PLATFORM = 60, 30
"""Seconds after the payment from which it can be shared."""
FREE, FREE_OF_A_PLATFORM = 30 * 86400, 180 * 86400
"""Seconds after the payment at which what is left is set free by itself."""
RATIO = 3000
"""How much of a payment can be shared, in ten-thousandths, unless it is arranged otherwise."""
MOST = 50
"""How many receivers there are in a request at most, and how many requests of a payment."""

_WHOSE = {"PERSONAL_OPENID": "appid", "PERSONAL_SUB_OPENID": "sub_appid"}
"""The appid under which a user's account is an openid."""
_SETTING, _END = "share ratio", "sharing ends"

Result = Literal["SUCCESS", "CLOSED"]


@dataclass(frozen=True)
class Part:
    """What one receiver gets, or does not.

    Attributes:
        type: `MERCHANT_ID`, `PERSONAL_OPENID` or `PERSONAL_SUB_OPENID`.
        account: Who, as the type says.
        amount: How much, in fen.
        description: What for.
        detail_id: WeChat Pay's number for it.
        result: What came of it.
        fail_reason: Why nothing did.
    """

    type: str
    account: str
    amount: int
    description: str
    detail_id: str
    result: Result = "SUCCESS"
    fail_reason: str = ""

    def shown(self, time: str, *, done: bool) -> dict[str, Any]:
        """Return what is answered about it."""
        shown = asdict(self)
        del shown["fail_reason"]
        if not done:
            shown["result"] = "PENDING"
        return {**shown, "create_time": time, "finish_time": time if done else _NEVER}


@dataclass(frozen=True)
class Share:
    """One order to share, or to set free what is left.

    Attributes:
        asked: The parameters it was asked for with.
        order_id: WeChat Pay's number for it.
        time: When it was asked for.
        parts: Who gets what.
        freed: How much of it is the merchant's own, in fen: that is the last part then; `None` if
            more can be shared.
        platform: Whether it was asked for as a platform.
    """

    asked: Mapping[str, Any] = field(repr=False)
    order_id: str
    time: str
    parts: tuple[Part, ...]
    freed: int | None = None
    platform: bool = False

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Share:
        """Make one of what the store holds."""
        fields: dict[str, Any] = {**document}
        fields["parts"] = tuple(Part(**part) for part in document["parts"])
        return cls(**fields)

    @property
    def spent(self) -> int:
        """How much of the payment went, in fen."""
        return sum(part.amount for part in self.parts if part.result == "SUCCESS")

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_order_no"]
        return number

    @property
    def given_away(self) -> int:
        """How much of the payment went to others, in fen."""
        return self.spent - (self.freed or 0)

    def merchants(self) -> list[tuple[str, int]]:
        """Which merchants got how much of it, in fen; what was set free is not given."""
        given = self.parts if self.freed is None else self.parts[:-1]
        got = (each for each in given if each.type == "MERCHANT_ID" and each.result == "SUCCESS")
        return [(each.account, each.amount) for each in got]

    def given(self, mchid: str) -> int:
        """How much of it a merchant got, in fen; what was set free is not given."""
        return sum(fen for account, fen in self.merchants() if account == mchid)

    def shown(self, *, done: bool) -> dict[str, Any]:
        """Return what is answered: when it is taken on, and when it is done."""
        names = ("sub_mchid", "transaction_id", "out_order_no")
        return {
            **{name: self.asked[name] for name in names if name in self.asked},
            "order_id": self.order_id,
            "state": "FINISHED" if done else "PROCESSING",
            "receivers": [part.shown(self.time, done=done) for part in self.parts],
        }


@dataclass(frozen=True)
class Return:
    """What a merchant gave back of its share.

    Attributes:
        asked: The parameters it was asked for with.
        order_id: WeChat Pay's number for the share.
        out_order_no: The merchant's number for the share.
        return_id: WeChat Pay's number for the return.
        time: When it was asked for, and done.
    """

    asked: Mapping[str, Any] = field(repr=False)
    order_id: str
    out_order_no: str
    return_id: str
    time: str

    def shown(self, *, done: bool) -> dict[str, Any]:
        """Return what is answered: when it is taken on, and when it is done."""
        names = ("sub_mchid", "out_return_no", "return_mchid", "amount", "description")
        return {
            **{name: self.asked[name] for name in names if name in self.asked},
            "order_id": self.order_id,
            "out_order_no": self.out_order_no,
            "return_id": self.return_id,
            "result": "SUCCESS" if done else "PROCESSING",
            "create_time": self.time,
            "finish_time": self.time if done else _NEVER,
        }


class Sharing:
    """The receivers, the shares and what was returned."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._orders = Orders(world)

    def add(self, receiver: Mapping[str, Any]) -> None:
        """Add a receiver; adding one again changes nothing but its name.

        Raises:
            Refusal: The appid is not the merchant's, a user's openid is another appid's, or a
                relation of the merchant's own is not told.
        """
        identity.check_elsewhere(self._world, receiver)
        if receiver.get("relation_type") == "CUSTOM" and not receiver.get("custom_relation"):
            raise words.RELATION_NEEDED()
        appid = receiver.get(_WHOSE.get(receiver["type"], ""))
        if appid is not None:
            identity.refuse_unless_known(self._world, appid, receiver["account"], at="/account")
        self._store.put(_RECEIVER, _receiver(receiver), {**receiver})

    def delete(self, receiver: Mapping[str, Any]) -> None:
        """Forget a receiver; a missing one is not an error."""
        self._store.delete(_RECEIVER, _receiver(receiver))

    def share(self, asked: Mapping[str, Any], *, platform: bool = False) -> tuple[Share, bool]:
        """Share a payment; with the same number again, it is the same share.

        Args:
            asked: The parameters.
            platform: Whether receivers are a platform's, for all its merchants.

        Returns:
            The share, and whether it is a new one.

        Raises:
            Refusal: There is no such payment, it is not to be shared, less is left of it, or the
                number is taken by other parameters.
        """
        with self._store.transaction():
            order = self._order(asked)
            if known := self._known(asked):
                return known, False
            self._refuse_too_soon(order, SETTLED_OF_A_PLATFORM if platform else SETTLED)
            receivers: list[Mapping[str, Any]] = asked.get("receivers", [])
            if not 1 <= len(receivers) <= MOST:
                raise words.WRONG_COUNT(len(receivers), most=MOST)
            left = self.left(order)
            wanted: int = sum(receiver["amount"] for receiver in receivers)
            if wanted > left or not left:
                raise words.TOO_MUCH(wanted, left=left)
            self._check(order, "" if platform else asked.get("sub_mchid", ""), receivers)
            most = order.due * self.ratio // _WHOLE
            if self.given(order) + wanted > most:
                raise words.OVER_RATIO(wanted, most=most)
            parts = [self._part(receiver) for receiver in receivers]
            if not asked["unfreeze_unsplit"]:
                return self._keep(asked, order, parts, platform=platform), True
            rest = left - wanted
            parts.append(self._rest(order, rest, words.FREED.zh))
            return self._keep(asked, order, parts, rest, platform=platform), True

    def unfreeze(self, asked: Mapping[str, Any]) -> tuple[Share, bool]:
        """Set free what is left of a payment; with the same number again, it is the same.

        Raises:
            Refusal: As `share`.
        """
        with self._store.transaction():
            order = self._order(asked)
            if known := self._known(asked):
                return known, False
            self._refuse_too_soon(order, SETTLED)
            rest = self.left(order)
            if not rest:
                raise words.NOTHING_TO_FREE("")
            parts = [self._rest(order, rest, asked["description"])]
            return self._keep(asked, order, parts, rest), True

    @property
    def ratio(self) -> int:
        """How much of a payment can be shared, in ten-thousandths."""
        ratio: int = (self._store.get(_SETTING, "") or {"ratio": RATIO})["ratio"]
        return ratio

    def arrange(self, ratio: int) -> None:
        """Say how much of a payment can be shared, in ten-thousandths."""
        self._store.put(_SETTING, "", {"ratio": ratio})

    def attend(self) -> None:
        """See to it that what nobody shares is set free in the end."""
        self._world.agenda.do(_END, self._end)
        PAID.add(self._world, self._note)

    def _note(self, order: Order) -> None:
        paid = seconds(order.success_time)
        if order.shareable and paid is not None:
            self._appoint(order, paid + FREE)

    def _appoint(self, order: Order, moment: float) -> None:
        number = order.transaction_id
        self._world.agenda.at(moment, _END, transaction_id=number)

    def _end(self, appointment: Appointment) -> None:
        """Set free what is left; a platform has more time, and is known by what it shared."""
        with self._store.transaction():
            order = self._orders.find_paid(None, appointment.payload["transaction_id"])
            late = (seconds(order.success_time) or 0.0) + FREE_OF_A_PLATFORM
            is_platforms = any(share.platform for share in self._shares(order))
            if is_platforms and self._world.clock() < late:
                self._appoint(order, late)
            elif left := self.left(order):
                number = f"AUTO{order.transaction_id}"
                asked = {"transaction_id": order.transaction_id, "out_order_no": number}
                parts = [self._rest(order, left, words.LAPSED.zh)]
                self._keep(asked, order, parts, left)

    def find(self, out_order_no: str, transaction_id: str | None = None) -> Share:
        """Find a share by the merchant's number.

        Args:
            out_order_no: The number.
            transaction_id: WeChat Pay's number for the payment; `None` for any.

        Raises:
            Refusal: There is none, of this payment.
        """
        found = self._store.get(_SHARE, out_order_no)
        if found is None or transaction_id not in (None, found["asked"]["transaction_id"]):
            raise words.NO_SUCH_SHARE(out_order_no)
        return Share.load(found)

    def latest(self, limit: int = 20, skip: int = 0) -> list[Share]:
        """Return a page of all shares, newest first."""
        return [Share.load(each) for each in self._store.latest(_SHARE, limit=limit, skip=skip)]

    def between(self, start: float, end: float) -> tuple[list[Share], list[Return]]:
        """Return what was shared, and what was returned, from a moment to before another."""
        shares = self._store.between(_SHARE, "done_at", start, end)
        returns = self._store.between(_RETURN, "done_at", start, end)
        return [Share.load(each) for each in shares], [Return(**each) for each in returns]

    def given(self, order: Order) -> int:
        """Tell how much of a payment ever went to others, in fen."""
        return sum(each.given_away for each in self._shares(order))

    def _shares(self, order: Order) -> list[Share]:
        found = self._store.find(_SHARE, transaction_id=order.transaction_id)
        return [Share.load(each) for each in found]

    def numbered(self, asked: Mapping[str, Any]) -> Share:
        """Find a share by the merchant's number, `out_order_no`, or WeChat Pay's, `order_id`.

        Raises:
            Refusal: There is none.
        """
        if number := asked.get("out_order_no"):
            return self.find(number)
        found = self._store.find(_SHARE, order_id=asked.get("order_id", ""))
        if not found:
            raise words.NO_SUCH_SHARE(asked.get("order_id", ""))
        return Share.load(found[0])

    def returns(self, share: Share) -> list[Return]:
        """Return what was given back of a share, oldest first."""
        return [Return(**each) for each in self._store.find(_RETURN, order_id=share.order_id)]

    def left(self, order: Order) -> int:
        """Tell how much of a payment can still be shared, in fen: the fee is WeChat Pay's.

        Raises:
            Refusal: The payment is not to be shared.
        """
        if not order.placed.get("settle_info", {}).get("profit_sharing"):
            raise words.NOT_SHAREABLE(order.transaction_id)
        shares = self._shares(order)
        if any(share.freed is not None for share in shares):
            return 0
        # What was returned is the merchant's own: it is not shared a second time.
        return max(order.due - fee_in_fen(order.due) - sum(share.spent for share in shares), 0)

    def _refuse_too_soon(self, order: Order, after: int) -> None:
        if self._world.clock() < (seconds(order.success_time) or 0.0) + after:
            raise words.TOO_SOON("", seconds=after)

    def _check(self, order: Order, sub_mchid: str, receivers: list[Mapping[str, Any]]) -> None:
        """Check the receivers of a share.

        Raises:
            Refusal: One is named twice, there were too many, or one was never added.
        """
        named = {(each["type"], each["account"]) for each in receivers}
        if len(named) < len(receivers):
            raise words.TWICE("")
        if len(self._shares(order)) >= MOST:
            raise words.TOO_MANY("", most=MOST)
        sub = {"sub_mchid": sub_mchid} if sub_mchid else {}
        for each in receivers:
            if self._store.get(_RECEIVER, _receiver({**each, **sub})) is None:
                raise words.UNKNOWN("")

    def give_back(self, asked: Mapping[str, Any]) -> tuple[Return, bool]:
        """Have a merchant return a part of its share; with the same number again, it is the same.

        Returns:
            The return, and whether it is a new one.

        Raises:
            Refusal: There is no such share, the merchant did not get as much, or the number is
                taken by other parameters.
        """
        number: str = asked["out_return_no"]
        with self._store.transaction():
            if found := self._store.get(_RETURN, number):
                if found["asked"] != dict(asked):
                    raise words.RETURN_DIFFERS(number)
                return Return(**found), False
            share = self.numbered(asked)
            mchid, amount = asked["return_mchid"], asked["amount"]
            earlier = self._store.find(_RETURN, order_id=share.order_id, return_mchid=mchid)
            left = share.given(mchid) - sum(each["asked"]["amount"] for each in earlier)
            if amount > left:
                raise words.RETURN_TOO_MUCH(amount, left=left)
            made = Return(
                asked=dict(asked),
                order_id=share.order_id,
                out_order_no=share.asked["out_order_no"],
                return_id=self._number(_RETURN),
                time=self._world.clock.moment().isoformat(),
            )
            self._store.put(
                _RETURN,
                number,
                vars(made),
                order_id=share.order_id,
                return_mchid=mchid,
                done_at=seconds(made.time),
            )
            self._orders.write(self._order(share.asked).share(-amount))
            return made, True

    def find_return(self, out_return_no: str, out_order_no: str) -> Return:
        """Find a return by the merchant's numbers, its own and the share's.

        Raises:
            Refusal: There is none, of this share.
        """
        found = self._store.get(_RETURN, out_return_no)
        if found is None or found["out_order_no"] != out_order_no:
            raise words.NO_SUCH_RETURN(out_return_no)
        return Return(**found)

    def _order(self, asked: Mapping[str, Any]) -> Order:
        merchant = asked.get("sub_mchid", self._world.keys.mchid)
        return self._orders.find_paid(merchant, asked["transaction_id"])

    def _known(self, asked: Mapping[str, Any]) -> Share | None:
        found = self._store.get(_SHARE, asked["out_order_no"])
        if found and found["asked"] != dict(asked):
            raise words.SHARE_DIFFERS(asked["out_order_no"])
        return Share.load(found) if found else None

    def _part(self, receiver: Mapping[str, Any]) -> Part:
        names = ("type", "account", "amount", "description")
        part = {name: receiver[name] for name in names}
        return Part(**part, detail_id=self._number("share detail"))

    def _rest(self, order: Order, amount: int, description: str) -> Part:
        number = self._number("share detail")
        return Part("MERCHANT_ID", order.merchant, amount, description, number)

    def _keep(
        self,
        asked: Mapping[str, Any],
        order: Order,
        parts: list[Part],
        freed: int | None = None,
        *,
        platform: bool = False,
    ) -> Share:
        time = self._world.clock.moment().isoformat()
        number = self._number(_SHARE)
        share = Share(dict(asked), number, time, tuple(parts), freed, platform)
        self._store.put(
            _SHARE,
            asked["out_order_no"],
            asdict(share),
            transaction_id=asked["transaction_id"],
            order_id=share.order_id,
            done_at=seconds(time),
        )
        order = order.share(share.given_away)
        self._orders.write(order if freed is None else order.free(time))
        return share

    def _number(self, name: str) -> str:
        return self._world.number("3008", name, 12)


def _receiver(receiver: Mapping[str, Any]) -> str:
    """What tells a receiver from others; a service provider's are each sub-merchant's own."""
    return "/".join((receiver.get("sub_mchid", ""), receiver["type"], receiver["account"]))
