"""What the log is told of a notification that was not dealt with.

A failed handler is the application's own fault to find, and WeChat Pay, which called it, will not
tell: so its error's type is said, and where it was raised. Its text is not, for it may hold what it
was about, such as an openid; the text of this library's own errors never does.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from ._alarm import alarm
from .errors import SignatureProbe, VerificationError, WeChatPayError
from .replay import BeingHandled

__all__ = ["logger", "tell"]

logger = alarm("wechatpay.contrib")
_LONGEST_CHAIN = 5


def tell(about: str, error: BaseException) -> None:
    """Log what went wrong.

    Args:
        about: The notification, or whatever else is known of what failed.
        error: What was raised.
    """
    if isinstance(error, (SignatureProbe, BeingHandled)):
        logger.info("%s refused: %s", about, error)
    elif isinstance(error, VerificationError) and error.response is None:
        logger.warning("%s refused: %s", about, error)
    else:
        logger.error("%s not processed: %s", about, "caused by ".join(_chain(error)))


def _chain(error: BaseException) -> Iterator[str]:
    """The error and what it came of, each with its frames."""
    found: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if found is None:
            break
        text = f": {found}" if isinstance(found, WeChatPayError) else ""
        yield f"{type(found).__name__}{text}\n{''.join(traceback.format_tb(found.__traceback__))}"
        context = None if found.__suppress_context__ else found.__context__
        found = found.__cause__ or context
