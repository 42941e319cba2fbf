"""The cryptography of WeChat Pay: `rsa` (signatures), `aes` (sealed data), `digest` (hashes)."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from ._certificate import (
        load_certificate as load_certificate,
        merchant_number as merchant_number,
    )
    from ._given import path_of as path_of, read_file as read_file
else:
    __getattr__ = lazy(
        __name__,
        {"_certificate": "load_certificate merchant_number", "_given": "path_of read_file"},
    )
