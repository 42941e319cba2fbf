"""Run on an installed package, away from the checkout: does it work, and is it whole?"""

import asyncio
import importlib.metadata
import sys
from typing import Any

import wechatpay
from wechatpay import api
from wechatpay.sandbox import Sandbox

NUMBER = "1217752501201407033233368018"


def main(version: str) -> None:
    """Make sure that this version is what is installed, and that it works."""
    assert wechatpay.__version__ == version == importlib.metadata.version("wechatpay-openapi")
    assert "site-packages" in wechatpay.__file__, wechatpay.__file__
    assert len(api.endpoints()) > 1000
    order()


def order() -> None:
    """Order, pay and query in the sandbox, sync and async."""
    with Sandbox() as sandbox:
        wxpay = sandbox.client()
        body: Any = {
            "appid": "wxd678efh567hg6787",
            "mchid": "1900000109",
            "description": "Image形象店-深圳腾大-QQ公仔",
            "out_trade_no": NUMBER,
            "notify_url": "https://www.example.com/wechatpay/notify",
            "amount": {"total": 100, "currency": "CNY"},
        }
        wxpay["v3/pay/transactions/native"].post(json=body)
        sandbox.pay(NUMBER)
        query: Any = wxpay["v3/pay/transactions/out-trade-no/{out_trade_no}"]

        async def ask() -> str:
            answer = await query.get_async(out_trade_no=NUMBER, params={"mchid": "1900000109"})
            state: str = answer.json()["trade_state"]
            return state

        assert asyncio.run(ask()) == "SUCCESS"


if __name__ == "__main__":
    main(sys.argv[1])
