"""What must be known of the event loop at hand, on asyncio and on trio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any, cast

_finishing: set[asyncio.Task[None]] = set()


def running_loop() -> object:
    """Return what stands for the running event loop: asyncio's own, or trio's token."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        import trio

        return trio.lowlevel.current_trio_token()


def is_asyncio(loop: object) -> bool:
    """Tell whether this is an asyncio loop."""
    return isinstance(loop, asyncio.AbstractEventLoop)


def is_over(loop: object) -> bool:
    """Tell whether this loop will never run again, as far as it says so."""
    return isinstance(loop, asyncio.AbstractEventLoop) and loop.is_closed()


def finish_soon(loop: object, generator: AsyncGenerator[Any, Any]) -> None:
    """Have a loop, this thread's or another's, close an asynchronous generator of its own."""
    # Between asking whether it is over and now, a loop of another thread may have ended.
    with contextlib.suppress(RuntimeError):
        if isinstance(loop, asyncio.AbstractEventLoop):
            loop.call_soon_threadsafe(_finish, loop, generator)
            return
        import trio

        token = cast("trio.lowlevel.TrioToken", loop)
        token.run_sync_soon(trio.lowlevel.spawn_system_task, generator.aclose)


def _finish(loop: asyncio.AbstractEventLoop, generator: AsyncGenerator[Any, Any]) -> None:
    async def finish() -> None:
        await generator.aclose()

    task = loop.create_task(finish())
    # A loop itself holds its tasks only weakly.
    _finishing.add(task)
    task.add_done_callback(_finishing.discard)
