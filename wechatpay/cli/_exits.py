"""What the process's exit status says, for scripts."""

from __future__ import annotations

from enum import IntEnum

from ..errors import (
    ConfigurationError,
    DecryptionError,
    PathError,
    TransportError,
    VerificationError,
    WeChatPayError,
)


class Exit(IntEnum):
    """The exit statuses; `wechatpay --help` tells them too.

    Attributes:
        OK: All is well.
        REFUSED: WeChat Pay said no, and nothing was done.
        USAGE: The command line is not valid.
        CONFIGURATION: A key, a number or a settings file is missing or cannot be right.
        NO_ANSWER: No answer came, and nothing was done: it may be sent again.
        NOT_VERIFIED: An answer or a notification is not verified, or does not decrypt.
        UNKNOWN: The call may have been carried out: query before it is sent again.
        FILE: A file cannot be read or written, or is not what it should be.
        INTERRUPTED: Ctrl-C.
        BROKEN_PIPE: The reader of the output has gone.
    """

    OK = 0
    REFUSED = 1
    USAGE = 2
    CONFIGURATION = 3
    NO_ANSWER = 4
    NOT_VERIFIED = 5
    UNKNOWN = 6
    FILE = 7
    INTERRUPTED = 130
    BROKEN_PIPE = 141


_KINDS: tuple[tuple[type[Exception], Exit], ...] = (
    (ConfigurationError, Exit.CONFIGURATION),
    (PathError, Exit.USAGE),
    (TransportError, Exit.NO_ANSWER),
    (VerificationError, Exit.NOT_VERIFIED),
    (DecryptionError, Exit.NOT_VERIFIED),
    (OSError, Exit.FILE),
)


def exit_of(error: Exception) -> Exit:
    """Return the exit status for an error; an unknown outcome comes before all others."""
    from ..bill import BillError

    if getattr(error, "outcome_unknown", False):
        return Exit.UNKNOWN
    if isinstance(error, BillError):
        return Exit.FILE
    found = (code for kind, code in _KINDS if isinstance(error, kind))
    # What is left is an APIError, or an option of the wrong kind that the client refused.
    left = Exit.REFUSED if isinstance(error, WeChatPayError) else Exit.USAGE
    return next(found, left)
