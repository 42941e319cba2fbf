"""Permissions of pay-score users: asked for, given, ended, and told to the merchant."""

from __future__ import annotations

from typing import Any

import pytest

from wechatpay.sandbox import Answer, Gateway, Refusal, Sandbox

from .merchant import TERMINATE, TERMINATION, Merchant, read

_CUSTOMER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
_BASES = {"direct": "/v3/payscore/permissions", "partner": "/v3/payscore/partner/permissions"}
_ASKED: dict[str, Any] = {
    "service_id": "500001",
    "appid": "wxd678efh567hg6787",
    "authorization_code": "code-1",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
}
_SUB = {"sub_mchid": "1230000109", "sub_appid": "wxsub"}
_DIRECT, _PARTNER = _ASKED, {**_ASKED, **_SUB}


class Shop:
    """A merchant who asks for permissions, directly or as a partner."""

    def __init__(self, sandbox: Sandbox, merchant: Merchant, mode: str) -> None:
        self.sandbox, self._merchant = sandbox, merchant
        self._base = _BASES[mode]
        self.asked = {"direct": _DIRECT, "partner": _PARTNER}[mode]
        self.named = {"service_id": "500001"}
        self.named |= {"sub_mchid": "1230000109"} if mode == "partner" else {}
        self._mode = mode

    def call(self, method: str, path: str, payload: object = None) -> Answer:
        """Send something."""
        return self._merchant.call(self.sandbox.gateway, method, self._base + path, payload)

    def ask(self, **change: object) -> Answer:
        """Ask for a permission."""
        return self.call("POST", "", {**self.asked, **change})

    def query(self, code: str = "code-1", **change: str) -> Answer:
        """Query by code."""
        return self.call("GET", f"/authorization-code/{code}?{_text({**self.named, **change})}")

    def terminate(self, code: str = "code-1", **change: str) -> Answer:
        """End by code."""
        body = {**self.named, "reason": "撤销原因", **change}
        return self.call("POST", f"/authorization-code/{code}/terminate", body)

    def query_user(self, openid: str = _CUSTOMER, **change: str) -> Answer:
        """Query by user."""
        named = {**self.named, "appid": "wxd678efh567hg6787", **change}
        if self._mode == "direct":
            return self.call("GET", f"/openid/{openid}?{_text(named)}")
        return self.call("GET", f"/search?{_text({**named, 'openid': openid})}")

    def terminate_user(self, openid: str = _CUSTOMER) -> Answer:
        """End by user."""
        body = {**self.named, "appid": "wxd678efh567hg6787", "reason": "撤销原因"}
        if self._mode == "direct":
            return self.call("POST", f"/openid/{openid}/terminate", body)
        return self.call("POST", "/terminate", {**body, "openid": openid})


def _text(values: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in values.items() if value)


def _refused(answer: Answer, status: int, code: str, issue: str) -> None:
    said = read(answer)
    assert (answer.status, said["code"], said["detail"]["issue"]) == (status, code, issue)


@pytest.fixture(params=list(_BASES))
def shop(request: pytest.FixtureRequest, sandbox: Sandbox, merchant: Merchant) -> Shop:
    """A direct merchant, and a partner."""
    return Shop(sandbox, merchant, request.param)


def test_permission_is_asked_for_given_and_ended(shop: Shop) -> None:
    """A permission is `UNBINDUSER`, `AVAILABLE` and `UNAVAILABLE`; both changes are notified."""
    assert read(shop.ask())["apply_permissions_token"]
    found = read(shop.query())
    assert found == {
        **shop.asked,
        "mchid": "1900000109",
        "authorization_state": "UNBINDUSER",
    }
    shop.sandbox.authorize("code-1")
    given = read(shop.query())
    assert given.pop("authorization_success_time")
    assert given == {**found, "authorization_state": "AVAILABLE", "openid": _CUSTOMER}
    assert read(shop.query_user()) == read(shop.query())
    assert shop.terminate().status == shop.terminate().status == 204
    ended = read(shop.query())
    assert ended["authorization_state"] == "UNAVAILABLE"
    assert ended["cancel_authorization_time"]
    opened, closed = (told.event for told in shop.sandbox.notifications)
    assert opened.event_type == "PAYSCORE.USER_OPEN_SERVICE"
    assert closed.event_type == "PAYSCORE.USER_CLOSE_SERVICE"
    assert opened.resource["user_service_status"] == "USER_OPEN_SERVICE"
    assert closed.resource["user_service_status"] == "USER_CLOSE_SERVICE"
    assert len(str(closed.resource["openorclose_time"])) == 14
    assert closed.resource["authorization_code"] == "code-1"


def test_permission_is_ended_by_its_user(shop: Shop) -> None:
    """The merchant ends it by openid, or the user does; who never agreed has none."""
    shop.ask()
    _refused(shop.terminate(), 400, "INVALID_ORDER_STATE", "no user agreed")
    _refused(shop.terminate_user(), 404, "RESOURCE_NOT_EXISTS", "no such authorization")
    assert read(shop.query_user())["authorization_state"] == "UNAVAILABLE"
    shop.sandbox.authorize("code-1")
    assert shop.terminate_user().status == shop.terminate_user().status == 204
    assert read(shop.query_user())["authorization_state"] == "UNAVAILABLE"
    shop.sandbox.authorize("code-1")
    assert read(shop.query_user())["authorization_state"] == "AVAILABLE"
    shop.sandbox.end_authorization("code-1")
    assert read(shop.query())["authorization_state"] == "UNAVAILABLE"
    assert len(shop.sandbox.notifications) == 4


def test_code_is_one_users(shop: Shop) -> None:
    """A code asked for with other content is refused, and so is a second user."""
    first = read(shop.ask())["apply_permissions_token"]
    assert read(shop.ask())["apply_permissions_token"] != first
    _refused(
        shop.ask(service_id="500002"), 400, "INVALID_REQUEST", "not the same content as before"
    )
    shop.sandbox.authorize("code-1", "somebody")
    shop.sandbox.authorize("code-1", "somebody")
    with pytest.raises(Refusal) as caught:
        shop.sandbox.authorize("code-1", "somebody else")
    assert caught.value.detail["issue"] == "another user's"
    assert len(shop.sandbox.notifications) == 1


def test_user_has_an_hour(shop: Shop) -> None:
    """What was asked for more than an hour ago has to be asked for again."""
    shop.ask()
    shop.sandbox.advance(3600)
    with pytest.raises(Refusal) as caught:
        shop.sandbox.authorize("code-1")
    assert caught.value.detail["issue"] == "asked too long ago"
    shop.ask()
    shop.sandbox.authorize("code-1")
    assert read(shop.query())["authorization_state"] == "AVAILABLE"


def test_permission_is_for_one_service(shop: Shop) -> None:
    """By another service, or to a direct merchant for a partner's, there is no such permission."""
    shop.ask()
    shop.sandbox.authorize("code-1")
    for answer in (shop.query(service_id="500002"), shop.terminate(service_id="500002")):
        _refused(answer, 404, "RESOURCE_NOT_EXISTS", "no such authorization")
    assert read(shop.query_user(service_id="500002"))["authorization_state"] == "UNAVAILABLE"
    assert shop.query(code="code-2").status == 404


def test_modes_do_not_mix(sandbox: Sandbox, merchant: Merchant) -> None:
    """What a partner asked for is not a direct merchant's."""
    Shop(sandbox, merchant, "partner").ask()
    assert Shop(sandbox, merchant, "direct").query().status == 404


def test_several_permissions_of_a_user(shop: Shop) -> None:
    """Of a user's permissions the one that holds counts, and then the latest."""
    for code in ("code-1", "code-2"):
        shop.ask(authorization_code=code)
        shop.sandbox.authorize(code)
        shop.sandbox.advance(1)
    assert read(shop.query_user())["authorization_code"] == "code-2"
    shop.terminate("code-2")
    assert read(shop.query_user())["authorization_code"] == "code-1"


def test_partner_names_a_user_by_either_name(sandbox: Sandbox, merchant: Merchant) -> None:
    """A user is found by `sub_openid` too; with neither name the call is refused."""
    shop = Shop(sandbox, merchant, "partner")
    shop.ask()
    sandbox.authorize("code-1", sub_openid="sub-user")
    found = read(shop.query_user("", sub_openid="sub-user", sub_appid="wxsub"))
    assert (found["openid"], found["sub_openid"]) == (_CUSTOMER, "sub-user")
    _refused(shop.query_user(""), 400, "PARAM_ERROR", "give openid or sub_openid")


def test_user_agrees_without_being_asked(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant
) -> None:
    """Under a code that nobody asked with, a user agrees to any service, and nobody is notified."""
    sandbox.authorize("A-new_code*1")
    shop = Shop(sandbox, merchant, "direct")
    assert read(shop.query("A-new_code*1"))["service_id"] == "500001"
    path = TERMINATE.format("A-new_code*1")
    assert merchant.call(gateway, "POST", path, TERMINATION).status == 204
    assert read(shop.query("A-new_code*1"))["authorization_state"] == "UNAVAILABLE"
    assert sandbox.notifications == []
    shop.ask(authorization_code="A-new_code*1")
    assert read(shop.query("A-new_code*1"))["authorization_state"] == "UNBINDUSER"


def test_who_does_not_want_to_be_notified_is_not(shop: Shop) -> None:
    """Without a `notify_url`, nothing is sent."""
    shop.ask(notify_url=None)
    shop.sandbox.authorize("code-1")
    shop.terminate()
    assert shop.sandbox.notifications == []


def test_another_process_plays_the_user(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant
) -> None:
    """Two endpoints of the sandbox's own agree, and end it; unknown codes are refused."""
    path = "/sandbox/permissions/code-9/{}"
    assert merchant.call(gateway, "POST", path.format("end")).status == 404
    with pytest.raises(Refusal):
        sandbox.end_authorization("code-9")
    for name in ("agree", "end"):
        assert merchant.call(gateway, "POST", path.format(name)).status == 204
    assert read(Shop(sandbox, merchant, "direct").query("code-9"))["openid"] == _CUSTOMER


def test_permissions_outlive_the_sandbox(tmp_path: Any) -> None:
    """What a user agreed to is in the state file."""
    state = tmp_path / "state"
    with Sandbox(state=state) as sandbox:
        Shop(sandbox, Merchant(sandbox.config), "partner").ask()
        sandbox.authorize("code-1")
    with Sandbox(state=state) as again:
        shop = Shop(again, Merchant(again.config), "partner")
        assert read(shop.query())["authorization_state"] == "AVAILABLE"
