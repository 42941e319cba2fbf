"""pytest fixtures: a WeChat Pay of its own for each test. pytest finds them without an import.

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

Each is there for a class, a module and a session too, such as `wechatpay_module_sandbox` and
`wechatpay_session_env`: made once, closed at the scope's end. A marker of the class, or the
module's `pytestmark`, says how; a session has none.

`pytest -p no:wechatpay` turns all of it off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import pytest

# Every test run where this package is installed loads this module, so it imports little itself.
if TYPE_CHECKING:
    from wechatpay.sandbox import Sandbox

    from . import WeChatPay

__all__ = [
    "wechatpay_class_client",
    "wechatpay_class_env",
    "wechatpay_class_sandbox",
    "wechatpay_class_server",
    "wechatpay_client",
    "wechatpay_env",
    "wechatpay_module_client",
    "wechatpay_module_env",
    "wechatpay_module_sandbox",
    "wechatpay_module_server",
    "wechatpay_sandbox",
    "wechatpay_server",
    "wechatpay_session_client",
    "wechatpay_session_env",
    "wechatpay_session_sandbox",
    "wechatpay_session_server",
]

_Scope = Literal["function", "class", "module", "session"]

_MARKER = "wechatpay(**arguments): arguments of Sandbox for this test's wechatpay_… fixtures"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def _fixtures(scope: _Scope) -> tuple[Any, Any, Any, Any]:
    """Return the four fixtures of a scope."""
    infix = "" if scope == "function" else f"{scope}_"

    @pytest.fixture(scope=scope, name=f"wechatpay_{infix}sandbox")
    def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
        """A WeChat Pay in this process, and one merchant that it knows."""
        from wechatpay.sandbox import Sandbox

        with Sandbox(**_arguments(request)) as made:
            yield made

    @pytest.fixture(scope=scope, name=f"wechatpay_{infix}client")
    def client(request: pytest.FixtureRequest) -> WeChatPay:
        """A client that is the merchant of the sandbox in this process, which closes it."""
        made: Sandbox = request.getfixturevalue(f"wechatpay_{infix}sandbox")
        return made.client()

    @pytest.fixture(scope=scope, name=f"wechatpay_{infix}server")
    def server(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
        """A WeChat Pay on loopback: `.url` says where, `.config` how to reach it."""
        from wechatpay.sandbox import Sandbox

        arguments: dict[str, Any] = {"port": 0, **_arguments(request)}
        with Sandbox(**arguments) as made:
            yield made

    @pytest.fixture(scope=scope, name=f"wechatpay_{infix}env")
    def env(
        request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Mapping[str, str]]:
        """The environment in which `WeChatPay.from_env()` is the merchant of the server."""
        from wechatpay.sandbox import settings

        made: Sandbox = request.getfixturevalue(f"wechatpay_{infix}server")
        folder = tmp_path_factory.mktemp("wechatpay")
        variables = settings.write(made, folder)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            yield variables

    return sandbox, client, server, env


# pytest looks for fixtures among a module's names.
wechatpay_sandbox: Any
wechatpay_client: Any
wechatpay_server: Any
wechatpay_env: Any
wechatpay_class_sandbox: Any
wechatpay_class_client: Any
wechatpay_class_server: Any
wechatpay_class_env: Any
wechatpay_module_sandbox: Any
wechatpay_module_client: Any
wechatpay_module_server: Any
wechatpay_module_env: Any
wechatpay_session_sandbox: Any
wechatpay_session_client: Any
wechatpay_session_server: Any
wechatpay_session_env: Any
wechatpay_sandbox, wechatpay_client, wechatpay_server, wechatpay_env = _fixtures("function")
(
    wechatpay_class_sandbox,
    wechatpay_class_client,
    wechatpay_class_server,
    wechatpay_class_env,
) = _fixtures("class")
(
    wechatpay_module_sandbox,
    wechatpay_module_client,
    wechatpay_module_server,
    wechatpay_module_env,
) = _fixtures("module")
(
    wechatpay_session_sandbox,
    wechatpay_session_client,
    wechatpay_session_server,
    wechatpay_session_env,
) = _fixtures("session")


def _arguments(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """What the marker nearest to the test says."""
    marker = request.node.get_closest_marker("wechatpay")
    return marker.kwargs if marker else {}
