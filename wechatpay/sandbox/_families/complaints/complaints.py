"""The complaints of a world: made, answered, ended, and told to the merchant.

The merchant is told of whatever the documentation has an `action_type` for, of what it did itself
as well. WeChat Pay's own answers to merchants say that it tells no more of that: do not rely on it.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012289719
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from ..._time import Event, seconds
from ..._world import World
from ..payments import Order, Orders
from ..payscore import ServiceOrders
from ..refunds import Refunds
from . import words
from .complaint import Complaint

_KIND, _LOG, _URL = "complaint", "complaint log", "complaint notification"
_USER, _MERCHANT, _PLATFORM = "投诉人", "商户", "微信支付"
_ACTS: Mapping[str, tuple[str, str]] = {
    "CREATE_COMPLAINT": (_USER, "USER_CREATE_COMPLAINT"),
    "CONTINUE_COMPLAINT": (_USER, "USER_CONTINUE_COMPLAINT"),
    "MERCHANT_RESPONSE": (_MERCHANT, "MERCHANT_RESPONSE"),
    "MERCHANT_CONFIRM_COMPLETE": (_MERCHANT, "MERCHANT_CONFIRM_COMPLETE"),
    "MERCHANT_APPROVE_REFUND": (_MERCHANT, "MERCHANT_APPROVE_REFUND"),
    "MERCHANT_REJECT_REFUND": (_MERCHANT, "MERCHANT_REFUSE_RERUND"),
    "REFUND_SUCCESS": (_PLATFORM, "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE"),
}
"""What happened, as a notification tells it: who did it, and how the history tells it."""
_EVENTS = {
    True: ("COMPLAINT.CREATE", words.MADE),
    False: ("COMPLAINT.STATE_CHANGE", words.CHANGED),
}


class Complaints:
    """The complaints, by WeChat Pay's numbers.

    A complaint is read as it is by now: when a refund that was granted has arrived, it is done.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._orders, self._refunds = Orders(world), Refunds(world)

    @property
    def url(self) -> str | None:
        """Where the merchant wants to be notified; `None` if it never said."""
        found = self._store.get(_URL, "")
        return found["url"] if found else None

    def set_url(self, url: str, *, new: bool) -> None:
        """Set where the merchant wants to be notified, for the first time or again.

        Raises:
            Refusal: It was set already, or never was.
        """
        with self._store.transaction():
            if new and self.url:
                raise words.URL_SET(url)
            if not new and not self.url:
                raise words.NO_URL()
            self._store.put(_URL, "", {"url": url})

    def delete_url(self) -> None:
        """Forget where the merchant wants to be notified.

        Raises:
            Refusal: It never said.
        """
        with self._store.transaction():
            if not self.url:
                raise words.NO_URL()
            self._store.delete(_URL, "")

    def make(self, merchant: str, out_trade_no: str, text: str, *, refund: bool) -> Complaint:
        """Let the customer complain about an order, or again.

        Args:
            merchant: Who was paid: a direct merchant's `mchid`, or a partner's `sub_mchid`.
            out_trade_no: The merchant's number for the order.
            text: What the customer says.
            refund: Whether the customer wants back what the merchant kept.

        Raises:
            Refusal: There is no such order, or it was never paid.
        """
        with self._store.transaction():
            order = self._orders.find(merchant, out_trade_no)
            if not order.transaction_id:
                raise words.UNPAID(out_trade_no)
            wanted = order.kept if refund else 0
            due = self._arrived(order) + wanted
            found = self._store.find(_KIND, transaction_id=order.transaction_id)
            if found:
                again = self._looked_at(Complaint(**found[0])).again(text, wanted, due)
                return self._keep(again, "CONTINUE_COMPLAINT", text)
            moment = self._world.clock.moment()
            made = Complaint(
                complaint_id=self._world.number("200201820", _KIND, 10),
                merchant=merchant,
                order={
                    "transaction_id": order.transaction_id,
                    "out_trade_no": order.number,
                    "amount": order.total,
                },
                openid=next(iter(order.payer().values())),
                time=moment.isoformat(),
                text=text,
                wanted=wanted,
                due=due,
            )
            return self._keep(made, "CREATE_COMPLAINT", text)

    def find(self, complaint_id: str) -> Complaint:
        """Find a complaint.

        Raises:
            Refusal: There is none.
        """
        return self._looked_at(self._get(complaint_id))

    def between(self, start: float, end: float, merchant: str = "") -> list[Complaint]:
        """Return the complaints that were first made within some time, oldest first.

        Args:
            start: From when, in seconds since 1970.
            end: Before when.
            merchant: The one who is complained about; anyone if empty.
        """
        found = [Complaint(**each) for each in self._store.between(_KIND, "at", start, end)]
        return [self._looked_at(each) for each in found if merchant in ("", each.merchant)]

    def history(self, complaint_id: str) -> list[dict[str, Any]]:
        """Return what was said and done, oldest first.

        Raises:
            Refusal: There is no such complaint.
        """
        complaint = self.find(complaint_id)
        return self._store.find(_LOG, complaint_id=complaint.complaint_id)

    def report(self, complaint: Complaint) -> dict[str, Any]:
        """Return what a query answers about a complaint, with the pay-score order if it is one."""
        report = complaint.report(fully_refunded=self._order(complaint).kept == 0)
        paid = ServiceOrders(self._world).find_paid(complaint.order["transaction_id"])
        if paid is None:
            return report
        served = {"order_id": paid.order_id, "out_order_no": paid.number, "state": paid.stage}
        return {**report, "service_order_info": [served]}

    def respond(
        self, complaint_id: str, mchid: str, text: str, images: Sequence[str] = ()
    ) -> Complaint:
        """Let the merchant answer.

        Raises:
            Refusal: There is no such complaint about this merchant, or it is done.
        """
        return self._act(complaint_id, mchid, Complaint.answer, "MERCHANT_RESPONSE", text, images)

    def complete(self, complaint_id: str, mchid: str) -> Complaint:
        """Let the merchant say that it is done.

        Raises:
            Refusal: There is no such complaint about this merchant, or it is done already.
        """
        return self._act(complaint_id, mchid, Complaint.complete, "MERCHANT_CONFIRM_COMPLETE")

    def approve(self, complaint_id: str, remark: str) -> Complaint:
        """Let the merchant grant the refund that the customer wants, and has to be made then.

        Raises:
            Refusal: There is no such complaint, or no refund to decide on.
        """
        step = partial(Complaint.judge, verdict="APPROVE")
        return self._act(complaint_id, None, step, "MERCHANT_APPROVE_REFUND", remark)

    def reject(self, complaint_id: str, reason: str, images: Sequence[str] = ()) -> Complaint:
        """Let the merchant refuse the refund that the customer wants, which ends the complaint.

        Raises:
            Refusal: There is no such complaint, or no refund to decide on.
        """
        step = partial(Complaint.judge, verdict="REJECT")
        return self._act(complaint_id, None, step, "MERCHANT_REJECT_REFUND", reason, images)

    def latest(self, limit: int = 20, skip: int = 0) -> list[Complaint]:
        """Return a page of all complaints, newest first."""
        found = self._store.latest(_KIND, limit=limit, skip=skip)
        return [self._looked_at(Complaint(**each)) for each in found]

    def _act(
        self,
        complaint_id: str,
        mchid: str | None,
        step: Callable[[Complaint], Complaint],
        action: str,
        text: str = "",
        images: Sequence[str] = (),
    ) -> Complaint:
        with self._store.transaction():
            complaint = self.find(complaint_id)
            if mchid not in (None, complaint.merchant):
                raise words.ANOTHER_MERCHANT(mchid)
            return self._keep(step(complaint), action, text, images)

    def _looked_at(self, complaint: Complaint) -> Complaint:
        """End it if a refund that was granted has arrived: that is noticed when it is looked at."""
        if not complaint.settled(self._arrived(self._order(complaint))):
            return complaint
        with self._store.transaction():
            # Read again: of two who look at once, the other may have noticed it, and told of it.
            complaint = self._get(complaint.complaint_id)
            if complaint.state == "PROCESSED":
                return complaint
            return self._keep(complaint.complete(), "REFUND_SUCCESS")

    def _get(self, complaint_id: str) -> Complaint:
        found = self._store.get(_KIND, complaint_id)
        if found is None:
            raise words.NO_SUCH_COMPLAINT(complaint_id)
        return Complaint(**found)

    def _keep(
        self, complaint: Complaint, action: str, text: str = "", images: Sequence[str] = ()
    ) -> Complaint:
        """Write a complaint and what was done, and tell the merchant."""
        number, lookups = complaint.complaint_id, {"at": seconds(complaint.time)}
        transaction_id = complaint.order["transaction_id"]
        document = asdict(complaint)
        self._store.put(_KIND, number, document, **lookups, transaction_id=transaction_id)
        operator, operate_type = _ACTS[action]
        log_id = f"{number}{self._store.next(_LOG):010d}"
        log = {
            "log_id": log_id,
            "operator": operator,
            "operate_time": self._world.clock.moment().isoformat(),
            "operate_type": operate_type,
            "operate_details": text,
            "image_list": list(images),
        }
        self._store.put(_LOG, log_id, log, complaint_id=number)
        if url := self.url:
            new = action == "CREATE_COMPLAINT"
            name, summary = _EVENTS[new]
            resource = {"complaint_id": number, "action_type": action}
            self._world.tell(Event(name, "complaint", summary.zh, resource, url))
        return complaint

    def _order(self, complaint: Complaint) -> Order:
        return self._orders.find(complaint.merchant, complaint.order["out_trade_no"])

    def _arrived(self, order: Order) -> int:
        refunds = self._refunds.of_order(order)
        return sum(refund.fen for refund in refunds if refund.status == "SUCCESS")
