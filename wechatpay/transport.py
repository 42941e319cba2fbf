"""What you need to write a transport of your own, which opens a client's connections.

    from wechatpay.transport import Transport, register

    register(Transport("mine", open=MyPool, open_async=MyAsyncPool))
    wxpay = WeChatPay(…, transport="mine")

A pool is made with a `Route`; its `send(request, attempt)` sends one request once. What it reports
to the `Attempt` decides whether a failed call may be repeated, and whether its outcome is unknown:
see `Pool`.
"""

from __future__ import annotations

from ._wire import AsyncPool, Attempt, Body, Pool, Route, Stage, Transport, register

__all__ = ["AsyncPool", "Attempt", "Body", "Pool", "Route", "Stage", "Transport", "register"]
