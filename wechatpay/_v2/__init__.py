"""The APIv2 dialect: XML that carries its own signature, both ways."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from .answer import BLANK as BLANK
    from .dialect import V2 as V2
    from .fields import MERCHANT_FIELDS as MERCHANT_FIELDS
else:
    __getattr__ = lazy(
        __name__,
        {
            "answer": "BLANK",
            "dialect": "V2",
            "fields": "MERCHANT_FIELDS",
        },
    )
