"""A family in one folder, registered by one line: it gets everything that the others have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from wechatpay import APIError, WeChatPay, bill
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._parts import Family, Parts, action, members

from .stamps import StampFamily

_DAY = 86400


class StampSandbox(Sandbox, StampFamily):
    """The one line."""


@pytest.fixture
def sandbox() -> Iterator[StampSandbox]:
    """A sandbox that knows stamps."""
    with StampSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def wxpay(sandbox: StampSandbox) -> WeChatPay:
    """Its client."""
    return sandbox.client()


def _issue(wxpay: WeChatPay, **more: object) -> str:
    number: str = wxpay["v3/stamps/cards"].post(json={"places": 3, **more}).json()["card_no"]
    return number


def _state(wxpay: WeChatPay, number: str) -> tuple[int, str]:
    card = wxpay["v3/stamps/cards/{card_no}"].get(card_no=number).json()
    return card["stamps"], card["state"]


def test_routes_and_words(wxpay: WeChatPay) -> None:
    """Its endpoints are signed and checked as all are, and say no in its words."""
    number = _issue(wxpay)
    assert _state(wxpay, number) == (0, "OPEN")
    with pytest.raises(APIError) as caught:
        _issue(wxpay, places=0)
    assert caught.value.detail
    assert caught.value.detail["field"] == "/places"
    with pytest.raises(APIError) as caught:
        _state(wxpay, "78")
    assert (caught.value.status_code, caught.value.code) == (404, "RESOURCE_NOT_EXISTS")


def test_action(sandbox: StampSandbox, wxpay: WeChatPay) -> None:
    """What the customer does is a method with a type, and the same as a request."""
    number = _issue(wxpay)
    state: str = sandbox.add_stamp(number)
    assert state == "OPEN"
    request = wxpay["sandbox/stamps/{card_no}/add"]
    assert request.post(card_no=number, json={"stamps": 2}).json() == {"state": "FULL"}
    assert _state(wxpay, number) == (3, "FULL")
    for wrong in ({"stamps": 0}, {"stamps": "2"}, {}):
        with pytest.raises(APIError) as caught:
            request.post(card_no=number, json=wrong)
        assert caught.value.status_code == 400


@pytest.mark.usefixtures("still")
def test_notification_and_bill(sandbox: StampSandbox, wxpay: WeChatPay, tmp_path: Path) -> None:
    """The merchant is notified, and the money is in the bill."""
    told, today = list[str](), f"{sandbox.world.clock.moment():%Y-%m-%d}"
    sandbox.mount(
        "https://shop.example/",
        lambda headers, body: told.append(wxpay.notification(headers, body).event_type),
    )
    sandbox.add_stamp(_issue(wxpay, notify_url="https://shop.example/notify"), 9)
    sandbox.settle()
    assert told == ["STAMPS.FULL"]
    sandbox.advance(2 * _DAY)
    said = wxpay.v3.bill.fundflowbill.get(params={"bill_date": today}).json()
    wxpay.download(said.get("download_url", ""), tmp_path / "bill.csv")
    (flow,) = bill.fund_flows(tmp_path / "bill.csv")
    assert (flow.business_name, str(flow.amount)) == ("集点", "0.03")


def test_agenda(sandbox: StampSandbox, wxpay: WeChatPay) -> None:
    """What it put on the agenda happens when it is due."""
    first, second = _issue(wxpay), _issue(wxpay)
    sandbox.add_stamp(first, 3)
    sandbox.advance(7 * _DAY)
    assert (_state(wxpay, first), _state(wxpay, second)) == ((3, "FULL"), (0, "LAPSED"))


def test_page() -> None:
    """Its page is in the menu, in both languages, with a button for what the customer does."""
    with (
        StampSandbox(port=0) as sandbox,
        httpx.Client(trust_env=False) as client,
        sandbox.client() as wxpay,
    ):
        number = _issue(wxpay)
        page = f"{sandbox.url}/page/stamps"
        start = client.get(sandbox.url, params={"lang": "zh"}).text
        assert '<a href="/page/stamps">集点卡</a>' in start
        seen = client.get(page, params={"lang": "en"}).text
        assert all(words in seen for words in (number, "Open", "Add a stamp"))
        add, to = f"{sandbox.url}/page/sandbox/stamps/{number}/add", "/page/stamps"
        done = client.post(add, data={"stamps": "3", "to": to}, follow_redirects=True)
        assert (done.url.path, "Full" in done.text) == (to, True)
        clock = client.get(f"{sandbox.url}/page/clock", params={"lang": "en"}).text
        assert "A card lapses" in clock


def test_others_do_not_know_it() -> None:
    """A sandbox without the family has none of it."""
    assert not hasattr(Sandbox, "add_stamp")
    assert "stamps" not in {member.name for member in members(Sandbox)}
    assert "stamps" in {member.name for member in members(StampSandbox)}


def test_two_families_do_not_collide() -> None:
    """Of two families with the same action, request, word or folder, the sandbox says so."""

    class Other(Family, parts=Parts()):
        @action("stamps/{card_no}/add")
        def add_stamp(self, card_no: str) -> None:
            """Do nothing."""

    class Both(StampSandbox, Other):  # type: ignore[misc]
        """A sandbox with both."""

    with pytest.raises(TypeError, match=r"POST sandbox/stamps.*add_stamp\(\)"):
        Both()
