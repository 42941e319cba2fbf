"""The cryptography of WeChat Pay: `rsa` and `sm2` sign, `aes` and `sm4` seal, `digest` hashes."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from ._certificate import (
        load_certificate as load_certificate,
        merchant_number as merchant_number,
    )
    from ._given import as_pem as as_pem, path_of as path_of, read_file as read_file
    from ._suite import (
        RSA as RSA,
        SM as SM,
        PrivateKey as PrivateKey,
        PrivateKeySource as PrivateKeySource,
        PublicKey as PublicKey,
        PublicKeySource as PublicKeySource,
        Suite as Suite,
        load_private_key as load_private_key,
        load_public as load_public,
        suite_of as suite_of,
    )
else:
    __getattr__ = lazy(
        __name__,
        {
            "_certificate": "load_certificate merchant_number",
            "_given": "as_pem path_of read_file",
            "_suite": "RSA SM PrivateKey PrivateKeySource PublicKey PublicKeySource Suite "
            "load_private_key load_public suite_of",
        },
    )
