"""Transports of your own: what opens a client's connections, beside those that come with it.

    from wechatpay.transport import Transport, register

    register(Transport("mine", open=MyPool, open_async=MyAsyncPool))
    wxpay = WeChatPay(…, transport="mine")

A pool is made with a `Route`, and is asked by `send(request, attempt)` to send one request once.
What it tells the `Attempt` is what decides whether a call that failed is repeated: see `Pool`.
"""

from __future__ import annotations

from ._wire import AsyncPool, Attempt, Body, Pool, Route, Stage, Transport, register

__all__ = ["AsyncPool", "Attempt", "Body", "Pool", "Route", "Stage", "Transport", "register"]
