"""What no notification came for, asked for by many machines: a store for `wechatpay.followup`.

    pip install "wechatpay-openapi[redis]"
    export REDIS_URL=redis://127.0.0.1:6379/0       # and WECHATPAY_… for the client

    python examples/follow_up_redis.py 1217752501201407033233368018    # expect this order
    python examples/follow_up_redis.py                                 # every minute, by cron

Each number is in three places: a sorted set by when it is due, one by when it is given up, and a
hash that counts how often it was asked for. Taking what is due is one script in Redis, so that no
two machines take the same number.
"""

import json
import os
import sys
from typing import Any

import redis

from wechatpay import Notification, WeChatPay
from wechatpay.followup import Expected, FollowUp, order
from wechatpay.replay import RedisGuard

TAKE = """
local found = redis.call('zrangebyscore', KEYS[1], '-inf', ARGV[1], 'limit', 0, ARGV[2])
local taken = {}
for i, name in ipairs(found) do
    redis.call('zadd', KEYS[1], ARGV[3], name)
    taken[i] = {name, tonumber(redis.call('hget', KEYS[2], name) or '0')}
end
return taken
"""


class RedisStore:
    """What is expected, in Redis."""

    def __init__(self, client: redis.Redis, prefix: str = "wechatpay:follow-up:") -> None:
        self._client = client
        self._due, self._until, self._times = (
            f"{prefix}{name}" for name in ("due", "until", "times")
        )

    def add(self, expected: Expected, due: float, until: float, /) -> None:
        """Keep one; one that is kept already stays as it is."""
        name = json.dumps(expected)
        self._client.zadd(self._due, {name: due}, nx=True)
        self._client.zadd(self._until, {name: until}, nx=True)

    def take(self, now: float, limit: int, held: float, /) -> list[tuple[Expected, int]]:
        """Return what is due, and hold it for the caller."""
        taken: Any = self._client.eval(TAKE, 2, self._due, self._times, now, limit, held)
        return [(Expected(*json.loads(name)), int(times)) for name, times in taken]

    def put_off(self, expected: Expected, due: float, /) -> None:
        """Have one asked for again, if nobody has removed it."""
        name = json.dumps(expected)
        if self._client.zadd(self._due, {name: due}, xx=True, ch=True):
            self._client.hincrby(self._times, name, 1)

    def remove(self, expected: Expected, /) -> None:
        """Forget one."""
        name = json.dumps(expected)
        self._client.zrem(self._due, name)
        self._client.zrem(self._until, name)
        self._client.hdel(self._times, name)

    def expire(self, now: float, /) -> list[Expected]:
        """Forget all whose time is over."""
        names: Any = self._client.zrangebyscore(self._until, "-inf", now)
        over = [Expected(*json.loads(name)) for name in names]
        for expected in over:
            self.remove(expected)
        return over


def fulfil(notification: Notification) -> None:
    """Do what is to be done when an order is paid."""
    print(notification.event_type, notification.resource.get("out_trade_no"))


def main() -> None:
    """Expect the orders that are named, or ask for what is due."""
    client = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
    with WeChatPay.from_env() as wxpay:
        follow_up = FollowUp(wxpay, RedisStore(client), fulfil, RedisGuard(client))
        for number in sys.argv[1:]:
            follow_up.expect(order(os.environ["WECHATPAY_MCHID"], number))
        print(follow_up.run())


if __name__ == "__main__":
    main()
