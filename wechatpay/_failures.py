"""What the log says of a notification that was not processed.

Nobody but the application can find out why its handler failed, so the log has the error's type and
where it was raised. It does not have the error's text, which may hold data such as an openid; the
text of this library's own errors never does.
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
    """The error and what caused it, each with its frames."""
    found: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if found is None:
            break
        text = f": {found}" if isinstance(found, WeChatPayError) else ""
        yield f"{type(found).__name__}{text}\n{''.join(traceback.format_tb(found.__traceback__))}"
        context = None if found.__suppress_context__ else found.__context__
        found = found.__cause__ or context
