"""The APIv3 dialect: what is signed and sealed, and whether an answer is to be believed."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from .certificates import (
        NO_CERTIFICATES as NO_CERTIFICATES,
        Source as Source,
        Trust as Trust,
        load_keys as load_keys,
        store_keys as store_keys,
        unseal_keys as unseal_keys,
    )
    from .dialect import V3 as V3
    from .download import fetching as fetching
    from .downloadable import Downloadable as Downloadable
    from .keyring import (
        Keyring as Keyring,
        PlatformKey as PlatformKey,
        check_serial as check_serial,
        check_theirs as check_theirs,
        platform_key as platform_key,
    )
    from .outgoing import sealed as sealed
    from .scheme import (
        Scheme as Scheme,
        authorization as authorization,
        brand_scheme as brand_scheme,
        merchant_scheme as merchant_scheme,
        signed_with as signed_with,
    )
    from .sensitive import (
        Ciphertext as Ciphertext,
        changed as changed,
        notified_fields as notified_fields,
    )
    from .signer import KeySigner as KeySigner, Signer as Signer
    from .verification import (
        WINDOW as WINDOW,
        check_headers as check_headers,
        verify as verify,
    )
else:
    __getattr__ = lazy(
        __name__,
        {
            "certificates": "NO_CERTIFICATES Source Trust load_keys store_keys unseal_keys",
            "dialect": "V3",
            "download": "fetching",
            "downloadable": "Downloadable",
            "keyring": "Keyring PlatformKey check_serial check_theirs platform_key",
            "outgoing": "sealed",
            "scheme": "Scheme authorization brand_scheme merchant_scheme signed_with",
            "sensitive": "Ciphertext changed notified_fields",
            "signer": "KeySigner Signer",
            "verification": "WINDOW check_headers verify",
        },
    )
