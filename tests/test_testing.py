"""The pytest plugin, as it is used: by someone else's tests."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

SHOP = '''
    import os
    import subprocess
    import sys

    import pytest
    from wechatpay import WeChatPay

    ORDER = {
        "appid": "wxd678efh567hg6787", "mchid": "1900000109", "description": "A cup of tea",
        "out_trade_no": "20260101000001", "notify_url": "https://shop.example/notify",
        "amount": {"total": 100},
    }


    @pytest.mark.parametrize("again", range(2))
    def test_each_has_its_own(wechatpay_sandbox, wechatpay_client, again):
        wechatpay_client.v3.pay.transactions.native.post(json=ORDER)
        assert wechatpay_sandbox.pay("20260101000001")["trade_state"] == "SUCCESS"
        assert len(wechatpay_sandbox.exchanges) == 1


    @pytest.mark.wechatpay(mode="certificate")
    def test_marked(wechatpay_sandbox, wechatpay_client):
        assert "certs" not in wechatpay_sandbox.config
        wechatpay_client.v3.pay.transactions.native.post(json=ORDER)
        assert [x.method for x in wechatpay_sandbox.exchanges] == ["GET", "POST"]


    PROGRAM = """
    from wechatpay import WeChatPay
    with WeChatPay.from_env() as wxpay:
        print(wxpay.v3.certificates.get().status_code)
    """


    def test_from_the_environment(wechatpay_env, wechatpay_server):
        with WeChatPay.from_env() as wxpay:
            answer = wxpay.v3.pay.transactions.native.post(json=ORDER)
        assert answer.extensions["wechatpay"]["verified"]
        assert wechatpay_env.items() <= os.environ.items()
        assert wechatpay_server.exchanges[0].verified


    def test_afterwards_it_is_as_before():
        assert "WECHATPAY_MCHID" not in os.environ
'''


SCOPES = """
    import os

    import pytest
    from wechatpay import APIError, WeChatPay

    pytestmark = pytest.mark.wechatpay(mchid="1900000110")
    seen = []


    def ask(client):
        with pytest.raises(APIError):
            client.v3.pay.transactions.id._transaction_id_.get(
                transaction_id="1", params={"mchid": "1900000110"}
            )


    @pytest.mark.wechatpay(mchid="1900000111")
    class TestOfAClass:
        @pytest.mark.parametrize("again", range(2))
        def test_it_is_one(self, wechatpay_class_sandbox, wechatpay_class_client, again):
            ask(wechatpay_class_client)
            assert len(wechatpay_class_sandbox.exchanges) == again + 1
            assert wechatpay_class_sandbox.config["mchid"] == "1900000111"
            seen.append(wechatpay_class_client)


    class TestOfAnotherClass:
        def test_it_is_another(self, wechatpay_class_sandbox, wechatpay_class_client):
            ask(wechatpay_class_client)
            assert len(wechatpay_class_sandbox.exchanges) == 1
            with pytest.raises(RuntimeError, match="closed"):
                seen[0].v3.certificates.get()


    @pytest.mark.parametrize("again", range(2))
    def test_of_a_module(wechatpay_module_env, wechatpay_module_server, again):
        with WeChatPay.from_env() as wxpay:
            ask(wxpay)
        assert os.environ["WECHATPAY_MCHID"] == "1900000110"
        assert len(wechatpay_module_server.exchanges) == again + 1


    @pytest.mark.parametrize("again", range(2))
    def test_of_a_session(wechatpay_session_sandbox, wechatpay_session_client, again):
        ask(wechatpay_session_client)
        assert len(wechatpay_session_sandbox.exchanges) == again + 1
        assert wechatpay_session_sandbox.config["mchid"] == "1900000109"
"""


def test_the_fixtures_serve_the_tests_of_others(pytester: pytest.Pytester) -> None:
    """Each test has a sandbox of its own, made as its marker says, in process or on loopback."""
    pytester.makepyfile(SHOP)
    arguments = ("-p", "no:cacheprovider", "--strict-markers")
    pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=5)


def test_fixtures_of_wider_scopes(pytester: pytest.Pytester) -> None:
    """A class, a module or a session has one of its own, made as its marker says, and closed."""
    pytester.makepyfile(SCOPES)
    arguments = ("-p", "no:cacheprovider", "--strict-markers", "-W", "error")
    pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=7)


def test_the_plugin_is_there_without_being_asked_for() -> None:
    """Whoever installs the package has the fixtures, and loads no sandbox before they are used."""
    (plugin,) = entry_points(group="pytest11", name="wechatpay")
    assert plugin.value == "wechatpay.testing"
    program = "import sys, wechatpay.testing; print([m for m in sys.modules if 'sandbox' in m])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.strip() == b"[]"
