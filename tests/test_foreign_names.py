"""Names that somebody imports out of habit: each says what takes its place."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import wechatpay
from wechatpay._chain import imported


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WeChatPayType", "the product is in the path, as wxpay.v3.pay.transactions.native"),
        ("AsyncWeChatPay", "from wechatpay import WeChatPay: one client does both"),
        (
            "Builder",
            "from wechatpay import WeChatPay, and WeChatPay(…) in place of Builder::factory([…])",
        ),
        ("Sandbox", "from wechatpay.sandbox import Sandbox"),
        ("WechatPay", "from wechatpay import WeChatPay"),
        ("ApiError", "from wechatpay import APIError"),
    ],
)
def test_an_import_out_of_habit_names_what_is_meant(name: str, meant: str) -> None:
    """A name of another library, or one in other capitals, is told from ours."""
    with pytest.raises(ImportError, match=re.escape(f"wechatpay has no {name}: {meant}")):
        exec(f"from wechatpay import {name}")


def test_any_other_name_is_simply_not_there() -> None:
    """Who only looks whether a name is there is not answered by an ImportError."""
    assert not hasattr(wechatpay, "nothing_like_it")
    assert not hasattr(wechatpay, "__wrapped__")
    assert not hasattr(wechatpay, "_Builder")


def test_what_is_said_can_be_imported() -> None:
    """Each module and name that is offered is there."""
    for name in ("MicroPay", "PaySign", "Sandbox", "Transformer", "WeChatPayException"):
        said = re.fullmatch(r"from (\S+) import (\w+)", imported(name, wechatpay.__all__))
        assert said
        module, what = said.groups()
        exec(f"from {module} import {what}")
    for module in ("aes", "rsa"):
        importlib.import_module(f"wechatpay.crypto.{module}")


def test_a_module_is_no_foreign_name() -> None:
    """A module of the package is imported from it, though a name of its own is like it: `media`."""
    for module in pkgutil.iter_modules(wechatpay.__path__):
        if not module.name.startswith("_") and module.name not in wechatpay.__all__:
            with pytest.raises(AttributeError):
                vars(wechatpay)["__getattr__"](module.name)
