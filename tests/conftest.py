"""What the tests share: throw-away keys, made once, and clients that are closed at the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from gateway import (
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Authority,
    Gateway,
    Identity,
    certificate_identity,
    public_key_identity,
    rsa_key,
)
from hypothesis import HealthCheck, settings
from soak import TIMES, runs, spread
from ways import Way

from wechatpay import WeChatPay
from wechatpay._wire import transports

pytest_plugins = ["merchant_directory", "redis_server", "untraced"]


def pytest_configure(config: pytest.Config) -> None:
    """Know what is said of nothing that is wrong.

    Python 3.10 says it of a TLS connection that is closing while its loop ends, Hypothesis on 3.14
    and newer of a generator of its own, which it takes for one that nobody holds.
    """
    if sys.version_info < (3, 11):
        said = "ignore:unclosed transport <asyncio.sslproto:ResourceWarning"
        config.addinivalue_line("filterwarnings", said)
    if sys.version_info >= (3, 14):
        said = "ignore:It looks like `register_random` was passed an object"
        config.addinivalue_line("filterwarnings", said)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run one test more at a time than there are cores: many wait for other processes."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to `make soak` what is tried in every combination; a test that was named is run."""
    if any("::" in each for each in config.args):
        return
    kept, left = spread(items)
    if TIMES == 1 and left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Have no test named by a key, which is another one in each process; pytest 9 has none so."""
    return argname if isinstance(val, (str, bytes)) and len(val) > 100 else None


# A machine that is busy with something else is not a fault of what is tested. The share that all
# runs is always the same one, so that a change is judged by what it changes; `make soak` is random.
settings.register_profile(
    "share",
    deadline=None,
    derandomize=TIMES == 1,
    max_examples=runs(40),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("share")


@pytest.fixture(scope="session", autouse=True)
def folder_of_the_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the command of the sandbox keep its keys in no folder of the developer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def one_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one root, which certifies nothing: no test meets a server that others know.

    Reading all of certifi's takes 50 ms, and whoever makes an HTTP client reads them.
    """
    roots = tmp_path_factory.mktemp("roots") / "cacert.pem"
    roots.write_text(Authority().pem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(roots))
        patch.setenv("SSL_CERT_FILE", str(roots))
        yield


@pytest.fixture(autouse=True)
def transport_of_the_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every client that a test makes use the transport of the test's parameter `way`."""
    spec = getattr(request.node, "callspec", None)
    way = None if spec is None else spec.params.get("way")
    if isinstance(way, Way) and way.transport != transports.DEFAULT:
        monkeypatch.setattr(transports, "DEFAULT", way.transport)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long one waits between tries is for `test_exchange`; elsewhere it only takes time."""
    monkeypatch.setattr("wechatpay._call.exchange.BACKOFF", 0.001)


NOWHERE = "http://127.0.0.1:9/"
"""Nobody listens there: a test that ought not to send anything fails at once if it does."""


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> float:
    """The time, which stands still, on a whole second."""
    now = float(int(time.time()))
    monkeypatch.setattr(time, "time", lambda: now)
    return now


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A WeChat Pay that answers by script, on loopback."""
    with Gateway() as gateway:
        yield gateway


@pytest.fixture(scope="session")
def merchant_key() -> RSAPrivateKey:
    """The merchant's private key."""
    return rsa_key("merchant")


@pytest.fixture(scope="session")
def public_key() -> Identity:
    """WeChat Pay as a merchant knows it by its public key."""
    return public_key_identity()


@pytest.fixture(scope="session")
def certificate() -> Identity:
    """WeChat Pay as a merchant knows it by a platform certificate."""
    return certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1)


@pytest.fixture
def make_client(
    merchant_key: RSAPrivateKey, public_key: Identity
) -> Iterator[Callable[..., WeChatPay]]:
    """Makes a working client but for what it is told, and closes it after the test."""
    made: list[WeChatPay] = []

    def make(**overrides: Any) -> WeChatPay:
        arguments: dict[str, Any] = {
            "mchid": MCHID,
            "serial": MERCHANT_SERIAL,
            "private_key": merchant_key,
            "certs": {PUBLIC_KEY_ID: public_key.key.public_key()},
            "base_url": NOWHERE,
            "retries": 0,
        }
        made.append(WeChatPay(**{**arguments, **overrides}))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def wxpay(make_client: Callable[..., WeChatPay]) -> WeChatPay:
    """A client that is never asked to send anything."""
    return make_client()
