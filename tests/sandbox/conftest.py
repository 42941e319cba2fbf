"""What the sandbox's tests share."""

from __future__ import annotations

import pytest

from wechatpay.sandbox import Gateway, Sandbox

from .merchant import Merchant


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox in process."""
    return Sandbox()


@pytest.fixture
def gateway(sandbox: Sandbox) -> Gateway:
    """Its gateway."""
    return sandbox.gateway


@pytest.fixture
def merchant(sandbox: Sandbox) -> Merchant:
    """Its merchant."""
    return Merchant(sandbox.config)
