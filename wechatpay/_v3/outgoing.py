"""What an APIv3 request carries: its body, what of that is signed, and its headers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from .._call import Outgoing, serialise
from ..errors import ConfigurationError
from .sensitive import Ciphertext, changed, serials

if TYPE_CHECKING:
    from .._call import Call, EncryptedField, Exchange
    from .._wire import Sink
    from ..crypto.rsa import Padding
    from .keyring import Keyring, PlatformKey


def outgoing(
    exchange: Exchange, ring: Keyring, *, encrypt: bool, sink: Sink | None = None
) -> Outgoing:
    """Return what is sent for a call, with its sensitive fields encrypted.

    Args:
        exchange: The call, and where it may go.
        ring: WeChat Pay's keys; what is encrypted is for the current one.
        encrypt: Whether the fields that the catalogue marks are encrypted.
        sink: Where the answer's body goes as it comes.

    Raises:
        ConfigurationError: A field cannot be encrypted, or was with more than one key; or one that
            is not documented has a name that is encrypted wherever it is.
        ValueError: The body is nested too deeply, or contains itself.
    """
    call = exchange.call
    key = ring.current(time.time())
    seal = _Seal(call, key if encrypt else None)
    headers = {
        "Accept": "*/*" if call.rule.stream else "application/json",
        "Content-Type": "application/json",
    }
    params = None
    if seal.concerns("query") and call.query:
        if call.params is None:
            raise ConfigurationError(
                f"{call.shown_path} encrypts fields of its query: pass a mapping"
            )
        params = seal.apply("query", call.params)
    body = call.content or b""
    signed = body
    try:
        if call.json is not None:
            tree = seal.apply("body", call.json)
            body = signed = serialise(tree)
            if encrypt:
                # Queries have no body, so they do not pay for importing it.
                from .clear_text import check

                check(call, tree, body)
        elif call.media is not None:
            # Few calls upload, so the others do not pay for importing it.
            from .. import media

            upload = call.rule.upload or media.USUAL
            made = media.form(media.of(call.media), upload, lambda meta: seal.apply("meta", meta))
            body, signed, headers["Content-Type"] = made.content, made.meta, made.content_type
    except RecursionError:
        raise ValueError("what is sent is nested too deeply, or contains itself") from None
    serial = seal.serial or (key.id if key is not None and key.is_public_key else None)
    if serial is not None:
        headers["Wechatpay-Serial"] = serial
    hosts = exchange.route.hosts.of(call)
    return Outgoing(hosts, call.target(params), headers, body, call.mutual_tls, signed, sink)


def sealed(text: str, key: PlatformKey, padding: Padding = "oaep") -> Ciphertext:
    """Encrypt a text with one of WeChat Pay's keys.

    Raises:
        ValueError: The text is longer than the key takes.
        TypeError: It is not text.
    """
    if not isinstance(cast("object", text), str):
        raise TypeError(f"what is encrypted is text, not {type(text).__name__}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError("what is encrypted holds half of a surrogate pair: not text") from None
    return Ciphertext(key.suite.encrypt(text, key.key, padding), key.id)


class _Seal:
    """The sensitive fields of one call, and the key that they are encrypted with.

    Attributes:
        serial: The id of the key that something was encrypted with, if anything was.
    """

    def __init__(self, call: Call, key: PlatformKey | None) -> None:
        self.serial: str | None = None
        self._fields = [one for one in call.rule.encrypted if one.key == "platform"]
        self._key = key

    def concerns(self, place: str) -> bool:
        """Tell whether a field in this part of the call is to be encrypted."""
        if self._key is None or not self._fields:
            return False
        return any(field.place == place for field in self._fields)

    def apply(self, place: str, tree: Any) -> Any:
        """Return a part of the call with its sensitive fields encrypted."""
        if self._key is not None and self._fields:
            fields = [one for one in self._fields if one.place == place]
            tree = changed(tree, fields, self._encrypted)
        for serial in serials(tree):
            if self.serial not in (None, serial):
                raise ConfigurationError(
                    f"fields are encrypted with two keys, {self.serial} and {serial}; one call "
                    "names one key"
                )
            self.serial = serial
        return tree

    def _encrypted(self, field: EncryptedField, text: str) -> str:
        if isinstance(text, Ciphertext) or self._key is None:
            return text
        try:
            return sealed(text, self._key, field.padding)
        except ValueError as error:
            raise ConfigurationError(f"{field.path}: {error}") from None
