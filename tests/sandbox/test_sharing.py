"""Profit sharing: what was paid goes to whom it should, once, and never more of it.

`make soak` drives it at random for longer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from soak import runs

from wechatpay.sandbox import Answer, Gateway, Refusal, Sandbox
from wechatpay.sandbox._families.payments import Orders
from wechatpay.sandbox._families.refunds import Refunds, RefundState
from wechatpay.sandbox._families.sharing import Share, Sharing
from wechatpay.sandbox._world import World

from .merchant import NATIVE, ORDER, Merchant, read

pytestmark = pytest.mark.usefixtures("at_once")

_SHARING = "/v3/profitsharing"
_STAFF: dict[str, Any] = {"type": "PERSONAL_OPENID", "account": "oUpF8uMuAJO"}
_STORE: dict[str, Any] = {"type": "MERCHANT_ID", "account": "1900000110"}
_TO_SHARE = {**ORDER, "settle_info": {"profit_sharing": True}}


@pytest.fixture
def paid(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> str:
    """WeChat Pay's number for a paid order of 100, with two receivers known."""
    merchant.call(gateway, "POST", NATIVE, _TO_SHARE)
    for receiver in (_STAFF, _STORE):
        body = {"appid": "wxd678efh567hg6787", "relation_type": "STAFF", **receiver}
        assert merchant.call(gateway, "POST", f"{_SHARING}/receivers/add", body).status == 200
    number: str = sandbox.pay(ORDER["out_trade_no"])["transaction_id"]
    return number


def _share(
    gateway: Gateway,
    merchant: Merchant,
    paid: str,
    *parts: tuple[dict[str, Any], int],
    number: str = "share-1",
    last: bool = False,
) -> Answer:
    receivers = [{**who, "amount": fen, "description": "提成"} for who, fen in parts]
    body = {
        "appid": "wxd678efh567hg6787",
        "transaction_id": paid,
        "out_order_no": number,
        "receivers": receivers,
        "unfreeze_unsplit": last,
    }
    return merchant.call(gateway, "POST", f"{_SHARING}/orders", body)


def _unfreeze(gateway: Gateway, merchant: Merchant, paid: str, number: str = "rest") -> Answer:
    body = {"transaction_id": paid, "out_order_no": number, "description": "解冻"}
    return merchant.call(gateway, "POST", f"{_SHARING}/orders/unfreeze", body)


def _left(gateway: Gateway, merchant: Merchant, paid: str) -> int:
    target = f"{_SHARING}/transactions/{paid}/amounts"
    left: int = read(merchant.call(gateway, "GET", target))["unsplit_amount"]
    return left


def _find(gateway: Gateway, merchant: Merchant, paid: str, number: str = "share-1") -> Answer:
    target = f"{_SHARING}/orders/{number}?transaction_id={paid}"
    return merchant.call(gateway, "GET", target)


def _refused(answer: Answer, status: int, code: str, field: str) -> None:
    said = read(answer)
    assert (answer.status, said["code"], said["detail"]["field"]) == (status, code, field)


def test_share_is_taken_on_then_done(gateway: Gateway, merchant: Merchant, paid: str) -> None:
    """A share is answered as being processed; asked for, each part has its result."""
    taken = read(_share(gateway, merchant, paid, (_STAFF, 30), (_STORE, 20)))
    assert taken["state"] == "PROCESSING"
    assert [part["result"] for part in taken["receivers"]] == ["PENDING", "PENDING"]
    done = read(_find(gateway, merchant, paid))
    assert done == read(_share(gateway, merchant, paid, (_STAFF, 30), (_STORE, 20)))
    assert (done["state"], done["order_id"]) == ("FINISHED", taken["order_id"])
    assert [(part["account"], part["amount"], part["result"]) for part in done["receivers"]] == [
        ("oUpF8uMuAJO", 30, "SUCCESS"),
        ("1900000110", 20, "SUCCESS"),
    ]
    assert _left(gateway, merchant, paid) == 49  # the fee is WeChat Pay's
    _refused(_find(gateway, merchant, "4200"), 404, "RESOURCE_NOT_EXISTS", "out_order_no")


def test_who_was_never_added_gets_nothing(gateway: Gateway, merchant: Merchant, paid: str) -> None:
    """A receiver that is not known, or no longer, is a refusal, and nobody gets anything.

    Official manual of profit sharing: 分账接收方关系不存在，请检查参数中每个接收方的关系
    """
    body = {"appid": "wxd678efh567hg6787", **_STAFF}
    deleted = merchant.call(gateway, "POST", f"{_SHARING}/receivers/delete", body)
    assert read(deleted) == _STAFF
    answer = _share(gateway, merchant, paid, (_STAFF, 30), (_STORE, 20))
    _refused(answer, 400, "INVALID_REQUEST", "/receivers")
    assert read(answer)["message"].startswith("分账接收方关系不存在")
    assert _left(gateway, merchant, paid) == 99


def test_relation_of_ones_own_is_told(gateway: Gateway, merchant: Merchant) -> None:
    """A receiver of a `CUSTOM` relation is added with it, in ten characters at most."""
    own = {"appid": "wxd678efh567hg6787", "relation_type": "CUSTOM", **_STORE}
    for told, status in (({}, 400), ({"custom_relation": "代理商"}, 200)):
        answer = merchant.call(gateway, "POST", f"{_SHARING}/receivers/add", {**own, **told})
        assert answer.status == status
    own["custom_relation"] = "代" * 11
    answer = merchant.call(gateway, "POST", f"{_SHARING}/receivers/add", own)
    assert read(answer)["detail"]["field"] == "/custom_relation"


def test_receivers_are_of_known_kinds(gateway: Gateway, merchant: Merchant, paid: str) -> None:
    """A share to another kind of account is a 400 `PARAM_ERROR`."""
    answer = _share(gateway, merchant, paid, ({**_STORE, "type": "BANK"}, 10))
    assert (answer.status, read(answer)["code"]) == (400, "PARAM_ERROR")


def test_no_more_than_is_left(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant, paid: str
) -> None:
    """What was shared or refunded cannot be shared again; too many receivers are told of first."""
    many = [(_STAFF, 3)] * 51
    _refused(_share(gateway, merchant, paid, *many), 400, "PARAM_ERROR", "/receivers")
    _share(gateway, merchant, paid, (_STAFF, 50))
    _refused(
        _share(gateway, merchant, paid, (_STAFF, 51), number="2"), 403, "NOT_ENOUGH", "/receivers"
    )
    refund = {
        "transaction_id": paid,
        "out_refund_no": "refund-1",
        "amount": {"refund": 40, "total": 100, "currency": "CNY"},
    }
    merchant.call(gateway, "POST", "/v3/refund/domestic/refunds", refund)
    assert _left(gateway, merchant, paid) == 10
    _refused(
        _share(gateway, merchant, paid, (_STAFF, 11), number="2"), 403, "NOT_ENOUGH", "/receivers"
    )


@pytest.mark.parametrize("last", [True, False])
def test_rest_is_set_free(gateway: Gateway, merchant: Merchant, paid: str, last: bool) -> None:
    """What is left goes to the merchant, with the last share or by itself; that is the end."""
    _share(gateway, merchant, paid, (_STAFF, 30), last=last)
    if not last:
        assert read(_unfreeze(gateway, merchant, paid))["state"] == "PROCESSING"
        assert read(_unfreeze(gateway, merchant, paid))["state"] == "FINISHED"
    rest = read(_find(gateway, merchant, paid, "share-1" if last else "rest"))["receivers"][-1]
    assert (rest["type"], rest["account"], rest["amount"]) == ("MERCHANT_ID", "1900000109", 69)
    assert _left(gateway, merchant, paid) == 0
    _refused(
        _share(gateway, merchant, paid, (_STAFF, 1), number="2"), 403, "NOT_ENOUGH", "/receivers"
    )
    nothing = _unfreeze(gateway, merchant, paid, "again")
    _refused(nothing, 403, "NOT_ENOUGH", "/transaction_id")


def test_same_number_is_the_same_share(gateway: Gateway, merchant: Merchant, paid: str) -> None:
    """With other particulars the number of a share, or of a release, is refused."""
    _share(gateway, merchant, paid, (_STAFF, 30))
    again = _share(gateway, merchant, paid, (_STAFF, 31))
    _refused(again, 400, "INVALID_REQUEST", "/out_order_no")
    again = _unfreeze(gateway, merchant, paid, "share-1")
    _refused(again, 400, "INVALID_REQUEST", "/out_order_no")


def test_only_what_was_ordered_so(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """An order that did not ask for profit sharing, or was not paid, is not shared."""
    merchant.call(gateway, "POST", NATIVE, ORDER)
    _refused(
        _share(gateway, merchant, "4200", (_STAFF, 1)), 404, "ORDER_NOT_EXIST", "transaction_id"
    )
    paid = sandbox.pay(ORDER["out_trade_no"])["transaction_id"]
    _refused(
        _share(gateway, merchant, paid, (_STAFF, 1)), 400, "INVALID_REQUEST", "/transaction_id"
    )


@pytest.mark.parametrize("by", ["out_order_no", "order_id"])
def test_merchants_give_back(gateway: Gateway, merchant: Merchant, paid: str, by: str) -> None:
    """A merchant returns its share, in parts, at most what it got; once for each number."""
    order_id = read(_share(gateway, merchant, paid, (_STORE, 30)))["order_id"]
    named = {by: {"out_order_no": "share-1", "order_id": order_id}[by]}

    def give_back(number: str, fen: int, **change: str) -> Answer:
        body = {**named, "out_return_no": number, "return_mchid": "1900000110"}
        body |= {"amount": fen, "description": "用户退款", **change}
        return merchant.call(gateway, "POST", f"{_SHARING}/return-orders", body)

    assert read(give_back("return-1", 20))["result"] == "PROCESSING"
    done = read(give_back("return-1", 20))
    assert (done["result"], done["out_order_no"]) == ("SUCCESS", "share-1")
    target = f"{_SHARING}/return-orders/return-1?out_order_no=share-1"
    assert read(merchant.call(gateway, "GET", target)) == done
    _refused(give_back("return-1", 21), 400, "INVALID_REQUEST", "/out_return_no")
    _refused(give_back("return-2", 11), 400, "INVALID_REQUEST", "/amount")
    _refused(give_back("return-2", 1, return_mchid="2"), 400, "INVALID_REQUEST", "/amount")
    assert give_back("return-2", 10).status == 200
    target = f"{_SHARING}/return-orders/return-1?out_order_no=share-2"
    answer = merchant.call(gateway, "GET", target)
    _refused(answer, 404, "RESOURCE_NOT_EXISTS", "out_return_no")


def _refund(gateway: Gateway, merchant: Merchant, paid: str, fen: int, number: str) -> Answer:
    amount = {"refund": fen, "total": 100, "currency": "CNY"}
    refund = {"transaction_id": paid, "out_refund_no": number, "amount": amount}
    return merchant.call(gateway, "POST", "/v3/refund/domestic/refunds", refund)


def test_what_is_shared_is_returned_before_it_is_refunded(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant, paid: str
) -> None:
    """A refund takes what the merchant still has, set free or not; the rest has to come back."""
    _share(gateway, merchant, paid, (_STORE, 60), last=True)
    refused = _refund(gateway, merchant, paid, 41, "refund-1")
    _refused(refused, 403, "NOT_ENOUGH", "/amount/refund")
    left = "40 left that is not shared: have a share returned first"
    assert read(refused)["detail"]["issue"] == left
    assert _refund(gateway, merchant, paid, 40, "refund-1").status == 200
    _refused(_refund(gateway, merchant, paid, 1, "refund-2"), 403, "NOT_ENOUGH", "/amount/refund")
    body: dict[str, Any] = {"out_order_no": "share-1", "out_return_no": "return-1"}
    body |= {"return_mchid": "1900000110"}
    body |= {"amount": 60, "description": "用户退款"}
    assert merchant.call(gateway, "POST", f"{_SHARING}/return-orders", body).status == 200
    assert _refund(gateway, merchant, paid, 60, "refund-2").status == 200
    order = Orders(sandbox.world).find_paid(None, paid)
    assert (order.refunded, order.kept, order.shared) == (100, 0, 0)


def test_what_was_set_free_was_not_given(gateway: Gateway, merchant: Merchant, paid: str) -> None:
    """The merchant cannot return to itself what was set free."""
    _unfreeze(gateway, merchant, paid)
    body: dict[str, Any] = {"out_order_no": "rest", "out_return_no": "return-1"}
    body |= {"return_mchid": "1900000109", "amount": 1, "description": "用户退款"}
    answer = merchant.call(gateway, "POST", f"{_SHARING}/return-orders", body)
    _refused(answer, 400, "INVALID_REQUEST", "/amount")


def test_what_is_shared_is_not_reversed(sandbox: Sandbox) -> None:
    """An order paid with a payment code cannot be reversed while others have a part of it."""
    world = sandbox.world
    code = {"mchid": world.keys.mchid, "payer": {"auth_code": "130061098828009406"}}
    order = Orders(world).charge({**_TO_SHARE, **code})
    sharing = Sharing(world)
    sharing.add(_STORE)
    part = {**_STORE, "amount": 1, "description": ""}
    asked = {"transaction_id": order.transaction_id, "out_order_no": "1", "receivers": [part]}
    sharing.share({**asked, "unfreeze_unsplit": False})
    with pytest.raises(Refusal, match="订单已分账"):
        Orders(world).reverse(order.merchant, order.number)
    back = {"out_order_no": "1", "out_return_no": "1", "amount": 1, "description": ""}
    sharing.give_back({**back, "return_mchid": _STORE["account"]})
    assert Orders(world).reverse(order.merchant, order.number).returned == 100


def test_shares_at_once(sandbox: Sandbox, paid: str) -> None:
    """Of shares asked for at the same time, none forgets another."""
    sharing = Sharing(sandbox.world)

    def share(number: int) -> None:
        part = {**_STORE, "amount": 1, "description": ""}
        asked = {"transaction_id": paid, "out_order_no": str(number), "receivers": [part]}
        sharing.share({**asked, "unfreeze_unsplit": False})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(share, range(40)))
    assert Orders(sandbox.world).find_paid(None, paid).shared == 40


def test_unknown_numbers(gateway: Gateway, merchant: Merchant, paid: str) -> None:
    """Shares and returns that nobody asked for are a 404."""
    unknown = 404, "RESOURCE_NOT_EXISTS"
    _refused(_find(gateway, merchant, paid), *unknown, "out_order_no")
    target = f"{_SHARING}/return-orders/1?out_order_no=1"
    _refused(merchant.call(gateway, "GET", target), *unknown, "out_return_no")
    body = {"order_id": "3008", "out_return_no": "1", "return_mchid": "1900000110", "amount": 1}
    body |= {"description": "用户退款"}
    back = merchant.call(gateway, "POST", f"{_SHARING}/return-orders", body)
    _refused(back, *unknown, "out_order_no")


_fen = st.integers(1, 60)
_numbers = st.sampled_from("abcde")
_receivers = st.sampled_from([_STAFF, _STORE, {"type": "MERCHANT_ID", "account": "stranger"}])
_parts = st.lists(st.tuples(_receivers, _fen), max_size=3)


class Shares(RuleBasedStateMachine):
    """A merchant who shares, refunds, reverses, sets free and takes back without any plan."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World.open()
        self.sharing, self.orders = Sharing(self.world), Orders(self.world)
        self.sharing.add(_STAFF)
        self.sharing.add(_STORE)
        code = {"mchid": self.world.keys.mchid, "payer": {"auth_code": "130061098828009406"}}
        self.paid: str = self.orders.charge({**_TO_SHARE, **code}).transaction_id

    def teardown(self) -> None:
        """Forget it all."""
        self.world.close()

    @rule(number=_numbers, parts=_parts, last=st.booleans())
    def share(self, number: str, parts: list[tuple[dict[str, Any], int]], last: bool) -> None:
        """Share something."""
        asked = {
            "transaction_id": self.paid,
            "out_order_no": number,
            "receivers": [{**who, "amount": fen, "description": ""} for who, fen in parts],
            "unfreeze_unsplit": last,
        }
        self._try(lambda: self.sharing.share(asked))

    @rule(number=_numbers)
    def unfreeze(self, number: str) -> None:
        """Set free what is left."""
        asked = {"transaction_id": self.paid, "out_order_no": number, "description": ""}
        self._try(lambda: self.sharing.unfreeze(asked))

    @rule(number=_numbers, fen=_fen, reason=st.sampled_from(["", "CLOSED", "PROCESSING"]))
    def refund(self, number: str, fen: int, reason: str) -> None:
        """Refund a part."""
        amount = {"refund": fen, "total": 100, "currency": "CNY"}
        asked = {"transaction_id": self.paid, "out_refund_no": number, "amount": amount}
        self._try(lambda: Refunds(self.world).ask({**asked, "reason": reason}))

    @rule(number=_numbers, status=st.sampled_from(["SUCCESS", "CLOSED"]))
    def end_refund(self, number: str, status: RefundState) -> None:
        """Let a refund end."""
        self._try(lambda: Refunds(self.world).end(number, status))

    @rule()
    def reverse(self) -> None:
        """Reverse the order."""
        self._try(lambda: self.orders.reverse(self.world.keys.mchid, ORDER["out_trade_no"]))

    @rule(number=_numbers, share=_numbers, fen=_fen)
    def give_back(self, number: str, share: str, fen: int) -> None:
        """Take back a part."""
        asked: dict[str, Any] = {"out_order_no": share, "out_return_no": number, "amount": fen}
        asked |= {"return_mchid": _STORE["account"], "description": ""}
        self._try(lambda: self.sharing.give_back(asked))

    @invariant()
    def money_is_where_it_can_be(self) -> None:
        """No more was shared than was paid, and no more came back than a receiver got.

        What was paid is with the customer, with the receivers, or with the merchant.
        """
        shares = [Share.load(each) for each in self.world.store.find("share")]
        returned = self.world.store.find("share return")
        assert sum(share.spent for share in shares) <= 100
        assert sum(share.given_away for share in shares) + self.sharing.left(self.order) <= 100
        assert sum(share.freed is not None for share in shares) <= 1
        got = sum(share.given(_STORE["account"]) for share in shares)
        back = sum(each["asked"]["amount"] for each in returned)
        assert back <= got
        refunds = Refunds(self.world).of_order(self.order)
        refunded = sum(refund.fen for refund in refunds if refund.status != "CLOSED")
        assert self.order.shared == sum(share.given_away for share in shares) - back
        assert self.order.refunded == refunded
        assert 0 <= self.order.held <= self.order.kept <= 100
        assert refunded + self.order.returned + self.order.shared + self.order.held == 100
        assert self.sharing.left(self.order) <= self.order.held

    @property
    def order(self) -> Any:
        """The order, as it is now."""
        return self.orders.find_paid(None, self.paid)

    def _try(self, call: Any) -> None:
        kinds = ("share", "share return", "order", "refund")
        before = [self.world.store.find(kind) for kind in kinds]
        try:
            call()
        except Refusal:
            assert [self.world.store.find(kind) for kind in kinds] == before


TestShares = Shares.TestCase
TestShares.settings = settings(max_examples=runs(10), stateful_step_count=20)
