"""Many merchants' notifications in a Redis Stream, handled by as many workers as it takes.

    pip install "wechatpay-openapi[redis]"
    export REDIS_URL=redis://127.0.0.1:6379/0
    python examples/notification_queue.py worker-1      # one on each machine; ended by Ctrl-C

Whoever receives notifications calls `put` and answers with what it returns: that takes a signature
and one command of Redis, however long the work is. A worker that dies leaves its message to the
others, and a message that comes twice is handled once. Redis has to keep what it was given
(`appendonly yes`), for WeChat Pay is told of success once it is there.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import redis

from wechatpay import WeChatPay, WeChatPayError, notification
from wechatpay.replay import BeingHandled, RedisGuard, once

STREAM, GROUP = "wechatpay:notifications", "shop"
LEASE = 60.0  # seconds that a worker may take for one message before another gets it
KEPT = 1_000_000  # messages that the stream keeps, those dealt with included


def put(
    client: redis.Redis, wxpay: WeChatPay, headers: Mapping[str, str], body: bytes
) -> notification.Reply:
    """Verify a notification, put it into the stream, and return the answer to WeChat Pay.

    Args:
        client: Redis.
        wxpay: The client of the merchant whose `notify_url` this is.
        headers: The request's.
        body: The request's raw bytes.
    """
    try:
        told = wxpay.notification(headers, body)
        message = {"id": told.id, "event": told.event_type, "resource": json.dumps(told.resource)}
        client.xadd(STREAM, {**message}, maxlen=KEPT, approximate=True)
    except (WeChatPayError, redis.RedisError) as error:
        return notification.reply_to(error)
    return notification.SUCCESS


def work(
    client: redis.Redis,
    guard: RedisGuard,
    worker: str,
    handle: Callable[[str, dict[str, Any]], object],
    lease: float = LEASE,
) -> int:
    """Deal with what dead workers left and with what is new; return how many messages there were.

    Args:
        client: Redis.
        guard: Knows what was handled; its lease should be this one.
        worker: A name that no other worker has.
        handle: Gets the event's type and the resource. It may be called a second time for a
            message whose worker died between its end and the mark, so it looks at the order's
            own record first.
        lease: Seconds after which a message that another worker has is taken from it.
    """
    client.xautoclaim(STREAM, GROUP, worker, min_idle_time=int(lease * 1000), count=10)
    waiting: Any = client.xreadgroup(GROUP, worker, {STREAM: "0"}, count=10)
    fresh: Any = client.xreadgroup(GROUP, worker, {STREAM: ">"}, count=10, block=100)
    messages = [one for _, found in [*waiting, *fresh] for one in found]
    for number, fields in messages:
        told = {name.decode(): value.decode() for name, value in fields.items()}
        try:
            with once(guard, told["id"]) as first:
                if first:
                    handle(told["event"], json.loads(told["resource"]))
        except BeingHandled:
            continue  # another worker has its repetition; this one is looked at again later
        client.xack(STREAM, GROUP, number)
    return len(messages)


def prepare(client: redis.Redis) -> None:
    """Make the stream and its group of workers, where they are not there yet."""
    try:
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def fulfil(event: str, resource: dict[str, Any]) -> None:
    """Do what is to be done, if the order's own record does not say that it was."""
    print(event, resource.get("out_trade_no"))


def main() -> None:
    """Work until interrupted."""
    client = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
    prepare(client)
    guard = RedisGuard(client, lease=LEASE)
    while True:
        work(client, guard, sys.argv[1], fulfil)


if __name__ == "__main__":
    main()
