"""pytest fixtures: a WeChat Pay of your own for each test. Installed is enough, nothing to import.

    def test_a_paid_order_is_shipped(wechatpay_sandbox):
        shop = Shop(wechatpay_sandbox.client())
        number = shop.order("tea")
        wechatpay_sandbox.pay(number)
        assert shop.ask(number) == "paid"

A marker passes arguments on to `wechatpay.sandbox.Sandbox`:

    @pytest.mark.wechatpay(mode="certificate")
    def test_with_platform_certificates(wechatpay_client): ...

Fixtures, each new for every test:

- `wechatpay_sandbox`: a sandbox in this process, without a socket.
- `wechatpay_client`: a client that is its merchant, sync and async.
- `wechatpay_server`: a sandbox on a free port of loopback (extra `sandbox`), for what runs in
  other processes.
- `wechatpay_env`: the `WECHATPAY_…` variables with which `WeChatPay.from_env()` reaches that
  server, set while the test runs: processes that it starts inherit them.

`pytest -p no:wechatpay` turns all of it off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Every test run of an environment loads this module: what it costs is put off until it is used.
if TYPE_CHECKING:
    from wechatpay.sandbox import Sandbox

    from . import WeChatPay

__all__ = ["wechatpay_client", "wechatpay_env", "wechatpay_sandbox", "wechatpay_server"]

_MARKER = "wechatpay(**arguments): arguments of Sandbox for this test's wechatpay_… fixtures"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def wechatpay_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A WeChat Pay in this process, and one merchant that it knows."""
    from wechatpay.sandbox import Sandbox

    with Sandbox(**_arguments(request)) as sandbox:
        yield sandbox


@pytest.fixture
def wechatpay_client(wechatpay_sandbox: Sandbox) -> WeChatPay:
    """A client that is the merchant of `wechatpay_sandbox`; the sandbox closes it."""
    return wechatpay_sandbox.client()


@pytest.fixture
def wechatpay_server(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A WeChat Pay on loopback: `.url` says where, `.config` how to reach it."""
    from wechatpay.sandbox import Sandbox

    arguments: dict[str, Any] = {"port": 0, **_arguments(request)}
    with Sandbox(**arguments) as sandbox:
        yield sandbox


@pytest.fixture
def wechatpay_env(
    wechatpay_server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """The environment in which `WeChatPay.from_env()` is the merchant of `wechatpay_server`."""
    from wechatpay.sandbox import settings

    folder = tmp_path / "wechatpay"
    folder.mkdir(mode=0o700)
    variables = settings.write(wechatpay_server, folder)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def _arguments(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """What the marker nearest to the test says."""
    marker = request.node.get_closest_marker("wechatpay")
    return marker.kwargs if marker else {}
