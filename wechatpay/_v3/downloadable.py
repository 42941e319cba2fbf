"""What may be downloaded: a URL, an entry of an answer's list, or the whole answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Union, cast
from urllib.parse import urlsplit

from ..errors import PathError

if TYPE_CHECKING:
    import httpx

Downloadable = Union[str, Mapping[str, Any], "httpx.Response"]
"""A URL, a mapping that has one or lists some, or a response whose JSON is such a mapping."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_URL = r"[!-\[\]-~\u00a1-\ud7ff\uf900-\U0010ffff]+"
"""No white space, no control characters, no halves of surrogate pairs, no backslash."""
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = rf"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*|(?=.{{1,254}}$){_LABEL}(?:\.{_LABEL})*\.?"
_SHA1 = r"[0-9A-Fa-f]{40}"
_NO_URL = "a download_url is https://host/path?query"
_FORMS = (
    "download takes a download_url, an entry of download_bill_list, or the answer that they came in"
)


class FilePart(NamedTuple):
    """One file to fetch.

    Attributes:
        url: Where it is.
        sha1: What its SHA-1 has to be, unpacked; `None` if that is not known.
        sealed_key: What it was encrypted with, itself encrypted for the merchant; empty if it is
            not encrypted.
        nonce: What goes with that key.
    """

    url: str
    sha1: str | None
    sealed_key: str = ""
    nonce: str = ""

    def __repr__(self) -> str:
        return f"<FilePart of {urlsplit(self.url).hostname}>"


def parts_of(given: object, sha1: str | None = None) -> list[FilePart]:
    """Return the files that are asked for, in the order in which they make one.

    Args:
        given: A `download_url`, a mapping that has one, an answer with a `download_bill_list`, or
            a response with one of these as its JSON.
        sha1: The hash of a single file, where it is not among what was given.

    Raises:
        PathError: It is none of these, or a part is missing.
    """
    if sha1 is not None and not (
        isinstance(cast("object", sha1), str) and re.fullmatch(_SHA1, sha1)
    ):
        raise PathError("sha1 is not a SHA-1, which has 40 hexadecimal digits")
    if isinstance(given, str):
        return [FilePart(given, sha1)]
    if not isinstance(given, Mapping) and callable(getattr(given, "json", None)):
        try:
            given = cast("Any", given).json()
        except (ValueError, RecursionError):
            given = None
    if not isinstance(given, Mapping):
        raise PathError(f"{_FORMS}, not {type(given).__name__}")
    fields = cast("Mapping[str, object]", given)
    listed = fields.get("download_bill_list")
    if listed is None:
        return [_part(fields, sha1)]
    entries = cast("list[object]", listed) if isinstance(listed, list) else []
    if not entries or not all(isinstance(one, Mapping) for one in entries):
        raise PathError(f"{_FORMS}; this download_bill_list has no entries")
    return [_part(one, None) for one in _in_order(cast("list[Mapping[str, object]]", entries))]


def _in_order(entries: list[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The entries by their numbers, of which none may be missing."""
    given = [entry.get("bill_sequence", 1) for entry in entries]
    numbers = list(range(1, len(entries) + 1))
    if {type(one) for one in given} != {int} or sorted(cast("Any", given)) != numbers:
        raise PathError(
            f"download_bill_list has {len(entries)} entries, and their bill_sequence is not 1 to "
            f"{len(entries)}: a bill with a part missing is not a bill"
        )
    return sorted(entries, key=lambda entry: cast("int", entry.get("bill_sequence", 1)))


def _part(entry: Mapping[str, object], sha1: str | None) -> FilePart:
    texts = {
        name: entry[name]
        for name in ("download_url", "hash_value", "hash_type", "encrypt_key", "nonce")
        if entry.get(name) is not None
    }
    wrong = next((name for name, value in texts.items() if not isinstance(value, str)), None)
    if wrong is not None or "download_url" not in texts:
        raise PathError(f"{_FORMS}; {wrong or 'download_url'} is not a text there")
    found = cast("dict[str, str]", texts)
    kind, digest = found.get("hash_type", "SHA1"), found.get("hash_value", sha1)
    if kind.upper() != "SHA1" or (digest is not None and not re.fullmatch(_SHA1, digest)):
        raise PathError("hash_value is not a SHA-1, the only hash_type that is documented")
    if ("encrypt_key" in found) != ("nonce" in found):
        raise PathError("an encrypted file has an encrypt_key and a nonce, and one is missing")
    return FilePart(
        found["download_url"], digest, found.get("encrypt_key", ""), found.get("nonce", "")
    )


def address(url: str) -> tuple[str, str, str]:
    """Return a `download_url`'s origin with a slash at its end, its path, and its query.

    Raises:
        PathError: It is not a URL, or one that is not encrypted on its way.
    """
    try:
        split = urlsplit(url)
        has_port = split.port != 0
    except ValueError:  # an invalid address in brackets, or an invalid port
        raise PathError(_NO_URL) from None
    secure = split.scheme == "https" or (split.scheme == "http" and split.hostname in _LOOPBACK)
    has_dots = {".", ".."} & set(split.path.split("/"))
    if not (secure and has_port and _is_url(url)) or "@" in split.netloc or has_dots:
        raise PathError(_NO_URL)
    return f"{split.scheme}://{split.netloc}/", split.path[1:], split.query


def _is_url(text: str) -> bool:
    """Tell whether httpx could send to it: what cannot be looked up is not a host."""
    import httpx

    try:
        host = httpx.URL(text).raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        return False
    return re.fullmatch(_URL, text) is not None and re.fullmatch(_HOST, host) is not None
