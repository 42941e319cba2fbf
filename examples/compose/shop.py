"""The shop of compose.yaml: any number of it may run, for Redis knows what was paid."""

import os
import secrets
from typing import Any

from fastapi import FastAPI, HTTPException
from redis.asyncio import Redis

from wechatpay import Notification, WeChatPay
from wechatpay.contrib.fastapi import notified
from wechatpay.replay import AsyncRedisGuard

URL = os.environ["SHOP_URL"]
PRICE = 100  # in fen, a hundredth of a yuan

wxpay = WeChatPay.from_env()
redis = Redis.from_url(os.environ["SHOP_REDIS"], decode_responses=True)
app = FastAPI(title="A small shop")


@app.post("/orders")
async def order() -> dict[str, Any]:
    """Sell a cup of tea; the customer pays by scanning a QR code of what `code_url` says."""
    number = secrets.token_hex(16)
    response = await wxpay.v3.pay.transactions.native.post_async(
        json={
            "appid": "wxd678efh567hg6787",
            "mchid": os.environ["WECHATPAY_MCHID"],
            "description": "A cup of tea",
            "out_trade_no": number,
            "notify_url": f"{URL}/wechatpay/notify",
            "amount": {"total": PRICE, "currency": "CNY"},
        }
    )
    await redis.set(f"order:{number}", "waiting")
    return {"number": number, **response.json()}


@app.get("/orders/{number}")
async def show(number: str) -> dict[str, Any]:
    """Show where an order is."""
    state = await redis.get(f"order:{number}")
    if state is None:
        raise HTTPException(404)
    return {"number": number, "state": state}


@app.post("/wechatpay/notify")
@notified(wxpay, guard=AsyncRedisGuard(redis))
async def notify(notification: Notification) -> None:
    """Take note of what WeChat Pay says; if this fails, WeChat Pay says it again."""
    resource = notification.resource
    if resource["amount"]["total"] != PRICE:
        raise ValueError("not the price")
    await redis.set(f"order:{resource['out_trade_no']}", "paid")
