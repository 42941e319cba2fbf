"""The client's arguments, checked and loaded."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast

from .._v3 import (
    Keyring,
    KeySigner,
    PlatformKey,
    Scheme,
    Signer,
    brand_scheme,
    check_serial,
    check_theirs,
    merchant_scheme,
    platform_key,
)
from .._wire import Pair, chosen
from ..crypto import (
    RSA,
    PrivateKeySource,
    PublicKeySource,
    Suite,
    load_private_key,
    path_of,
)
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._v3 import Trust

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

Certs = Union[Mapping[str, PublicKeySource], str, "os.PathLike[str]", None]

T = TypeVar("T")

_NUMBER = r"[0-9A-Za-z_-]{1,31}"
"""What can be a merchant's or a brand's number: their exact form is not documented."""
_APIV3_KEY_LENGTH = 32
_QUOTES = b"\"' \t\r\n"
PREFIX = "WECHATPAY_"
"""What the names of the environment's variables begin with."""
_TRUST: tuple[Trust, ...] = ("download", "signed", "pinned")


def trimmed(value: T) -> T:
    """Return a text without the blanks and line ends that files and `echo` leave around it."""
    return cast("T", value.strip()) if isinstance(value, (str, bytes)) else value


def check_mchid(mchid: object) -> str:
    """Return the merchant number.

    Raises:
        ConfigurationError: It is not one.
    """
    mchid = trimmed(mchid)
    if not isinstance(mchid, str) or not re.fullmatch(_NUMBER, mchid):
        raise ConfigurationError('mchid must be the merchant number as text, such as "1900000109"')
    return mchid


def check_scheme(mchid: object, brand_id: object, secret: str | None, certs: object) -> Scheme:
    """Return who signs, and by which scheme.

    Raises:
        ConfigurationError: It is neither of the two, or a brand has what only merchants have, or
            not what it needs.
    """
    if brand_id is None:
        return merchant_scheme(check_mchid(mchid))
    if mchid is not None or secret is not None:
        raise ConfigurationError(
            "brand_id makes a brand's client, which has neither mchid nor secret: a merchant has "
            "other keys, so make another client for its calls"
        )
    if not isinstance(brand_id, str) or not re.fullmatch(_NUMBER, brand_id):
        raise ConfigurationError("brand_id must be the brand's number as text, 品牌ID")
    if certs is None:
        raise ConfigurationError(
            "a brand's answers are signed with WeChat Pay's public key: pass "
            'certs={"PUB_KEY_ID_…": "pub_key.pem"}; there are no certificates to download'
        )
    return brand_scheme(brand_id)


def check_trust(trust: object) -> Trust | None:
    """Return what makes a platform certificate trusted; `None` if the keys are to decide.

    Raises:
        ConfigurationError: It is not one of the three.
    """
    for known in _TRUST:
        if trust == known:
            return known
    if trust is None:
        return None
    raise ConfigurationError(f"trust must be one of {', '.join(map(repr, _TRUST))}")


def check_lent(merchant: object, http_client: object, async_http_client: object) -> None:
    """Check clients of the user's own: their kind, and that no certificate is passed beside them.

    Raises:
        ConfigurationError: One is not what it has to be, has an `auth` of its own, or would never
            show the merchant's certificate.
    """
    _check_kind(http_client, "http_client", "Client", "close")
    _check_kind(async_http_client, "async_http_client", "AsyncClient", "aclose")
    if merchant is not None and (http_client, async_http_client) != (None, None):
        raise ConfigurationError(
            "merchant= is shown on this client's own connections only: give the certificate to "
            "your http_client (verify=an ssl.SSLContext with load_cert_chain), and leave merchant "
            "out"
        )


def _check_kind(client: object, name: str, kind: str, close: str) -> None:
    methods = ("build_request", "send", close)
    if client is not None and (
        isinstance(client, type) or not all(callable(getattr(client, one, None)) for one in methods)
    ):
        given = client.__name__ if isinstance(client, type) else type(client).__name__
        found = f"the class {given}" if isinstance(client, type) else f"of the type {given}"
        raise ConfigurationError(
            f"{name} must be an httpx.{kind}(), or one of httpx2, and is {found}"
        )
    if getattr(client, "auth", None) is not None:
        # Basic, digest or whatever: it replaces `Authorization`, and may send a POST twice.
        raise ConfigurationError(
            f"{name} has auth=, which would replace the signature: make one without; the login for "
            "a proxy belongs in proxy="
        )


def effective_trust(trust: Trust | None, ring: Keyring) -> Trust:
    """Return what is trusted with these keys, and check that there is one to verify with.

    With the public key at hand, the APIv3 key need not be trusted: while a merchant switches
    between the two, the request names the public key, and the list comes signed with it.

    Raises:
        ConfigurationError: A list has to be signed with a key that is held, and there is none.
    """
    if trust is None:
        public = any(one.is_public_key for one in ring.keys.values())
        return "signed" if public else "download"
    if trust == "signed" and not ring.keys:
        raise ConfigurationError(
            'trust="signed" takes a list of certificates that a key in certs has signed: pass '
            'certs={"PUB_KEY_ID_…": "pub_key.pem"}'
        )
    return trust


def check_retries(retries: object) -> int:
    """Return the number of retries.

    Raises:
        ConfigurationError: It is not a whole number from 0 up.
    """
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise ConfigurationError("retries must be a whole number, 0 or more")
    return retries


def choose_transport(choice: object, lent: tuple[object, object]) -> Pair:
    """Return what opens a client's connections.

    Raises:
        ConfigurationError: There is no such transport, it is not installed, or the client is given
            connections of the user's own as well.
    """
    if choice is not None and lent != (None, None):
        raise ConfigurationError(
            "transport and a client of your own exclude each other: http_client and "
            "async_http_client bring their connections, so leave transport (or "
            f"{PREFIX}TRANSPORT) out"
        )
    return chosen(choice)


def named_transport(value: str | None) -> object:
    """Return the `transport` argument that a variable spells: a pair has a comma in between."""
    if value is None or "," not in value:
        return value
    return tuple(one.strip() for one in value.split(","))


def carriers(pair: Pair, lent: tuple[object, object]) -> str:
    """Return what carries a client's calls, for people."""
    names = [
        transport.name if client is None else f"your own {type(client).__module__.split('.')[0]}"
        for transport, client in zip(pair, lent, strict=True)
    ]
    return " and ".join(dict.fromkeys(names))


def check_apiv3_key(key: object) -> bytes | None:
    """Return the APIv3 key as bytes.

    Raises:
        ConfigurationError: It is not 32 bytes long.
    """
    if key is None:
        return None
    if not isinstance(key, (str, bytes)):
        raise ConfigurationError(f"apiv3_key must be text, not {type(key).__name__}")
    raw = key.encode(errors="surrogatepass") if isinstance(key, str) else key
    if len(raw) != _APIV3_KEY_LENGTH:
        raw = raw.removeprefix(BOM_UTF8).strip()
    if len(raw) != _APIV3_KEY_LENGTH:
        quoted = len(raw.strip(_QUOTES)) == _APIV3_KEY_LENGTH
        raise ConfigurationError(
            f"apiv3_key must be {_APIV3_KEY_LENGTH} bytes, not {len(raw)}; "
            + (
                "there are quotation marks around it"
                if quoted
                else "it is the one set under 账户中心 → API安全 → APIv3密钥, and not the APIv2 key"
            )
        )
    return raw


def check_secret(secret: object) -> str | None:
    """Return the APIv2 key.

    Raises:
        ConfigurationError: It is not text, empty, or has white space in it.
    """
    if secret is None:
        return None
    if not isinstance(secret, str):
        raise ConfigurationError(f"secret must be text, not {type(secret).__name__}")
    if not secret or re.search(r"\s", secret):
        held = f"has white space among its {len(secret)} characters" if secret else "is empty"
        raise ConfigurationError(
            f"secret must be the APIv2 key, and this one {held}; it is the one set under "
            "账户中心 → API安全 → APIv2密钥"
        )
    return secret


def make_keyring(certs: object, apiv3_key: bytes | None) -> tuple[Keyring, Path | None]:
    """Return WeChat Pay's keys, and the directory that downloaded ones are kept in.

    Raises:
        ConfigurationError: A key or an id cannot be right.
    """
    if certs is None:
        return Keyring(), None
    if isinstance(certs, Mapping):
        entries = cast("Mapping[object, Any]", certs).items()
        keys = [platform_key(_text(key_id), source) for key_id, source in entries]
        return Keyring(keys), None
    directory = _directory(certs)
    if directory is None:
        raise ConfigurationError(
            'certs must say which key has which id: {"PUB_KEY_ID_…": "pub_key.pem"}; or be a '
            "directory of keys"
        )
    from .._v3 import load_keys

    keys, written = load_keys(directory)
    if not keys and apiv3_key is None:
        # A string that names nothing may be a secret in the wrong place.
        empty = f"{repr(str(directory))[1:-1]} holds no certificate and no PUB_KEY_ID_….pem"
        raise ConfigurationError(
            f"certs: {empty if directory.exists() else 'there is no such directory'}; with "
            "apiv3_key the certificates are downloaded into it"
        )
    return Keyring(keys, written), directory


def make_signer(
    serial: str | None,
    private_key: PrivateKeySource | Signer | None,
    certs: Iterable[PlatformKey],
    password: str = "",
) -> Signer | None:
    """Return what signs the merchant's requests, if anything does.

    Args:
        serial: The merchant API certificate's serial number.
        private_key: Its key, or what signs in its place.
        certs: WeChat Pay's keys, which must be others.
        password: What opens a PKCS#12 file: the merchant number.

    Raises:
        ConfigurationError: The key or its serial number cannot be right.
    """
    certs = list(certs)
    ids = [one.id for one in certs]
    if private_key is None:
        if serial is not None:
            raise ConfigurationError("serial is of use only with private_key; pass both")
        return None
    if callable(getattr(private_key, "sign", None)) and hasattr(private_key, "serial"):
        signer = cast("Signer", private_key)
        check_serial(signer.serial, ids)
        if serial is not None and trimmed(serial) != signer.serial:
            raise ConfigurationError("serial is not the one that the Signer has: leave it out")
        return signer
    number = check_serial(serial, ids)
    source = cast("PrivateKeySource", private_key)
    own = KeySigner(number, load_private_key(source, password=password))
    check_theirs(certs, own.public_key)
    return own


def check_suite(signer: Signer | None, keys: Iterable[PlatformKey]) -> Suite:
    """Return the algorithms of the merchant's key and of WeChat Pay's; see `one_suite`."""
    return one_suite(signer.suite if isinstance(signer, KeySigner) else None, keys)


def one_suite(own: Suite | None, keys: Iterable[PlatformKey]) -> Suite:
    """Return the algorithms of a merchant's key, if it is at hand, and of WeChat Pay's keys.

    Raises:
        ConfigurationError: They differ: a merchant has RSA keys or SM2 keys, not both.
    """
    given = {"private_key": own} if own is not None else {}
    given |= {f"certs[{one.id!r}]": one.suite for one in keys}
    suites = set(given.values())
    if len(suites) > 1:
        named = ", ".join(f"{name} {suite.name}" for name, suite in given.items())
        raise ConfigurationError(
            f"keys of two kinds: {named}. A merchant's key and WeChat Pay's are of one kind"
        )
    return suites.pop() if suites else RSA


def _directory(certs: object) -> Path | None:
    """Return a directory, or a path where nothing is yet; `None` for a file or PEM text."""
    path = path_of(certs)
    with suppress(OSError, ValueError):
        if path is not None and (path.is_dir() or not path.exists()):
            return path
    return None


def _text(key_id: object) -> str:
    if not isinstance(key_id, str):
        raise ConfigurationError(f"an id in certs must be text, not {type(key_id).__name__}")
    return key_id
