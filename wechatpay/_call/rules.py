"""What differs from endpoint to endpoint, as one small table.

Most of WeChat Pay's endpoints behave alike. Those that do not (an answer without a signature, a
client certificate, another host, fields to encrypt) are listed in `wechatpay._call.rules_table`,
which is made from the catalogue in `wechatpay.api`. No code of the client decides by the path of an
endpoint; its first segment alone picks the dialect. The table is loaded by the first `rule_of`,
never by an import.

`unsigned` is inferred from WeChat Pay's tables and samples and from two SDKs' lists, not promised
by its documentation; for ``v2/mmpaysptrans/pay_bank`` those sources contradict each other.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from .._tree import PathTree


class EncryptedField(NamedTuple):
    """Where one sensitive field is, and whose key it is encrypted with.

    Attributes:
        place: The part of the call; ``meta`` is the JSON part of an upload.
        path: Names from the top, joined by ``/``; ``*`` stands for each item of a list.
        key: ``platform``, encrypt with WeChat Pay's key before sending; ``merchant``, decrypt with
            the merchant's private key; ``bank``, encrypt with the key that APIv2's
            ``risk/getpublickey`` gives.
        padding: RSA-OAEP, or the older PKCS#1 v1.5.
    """

    place: Literal["query", "body", "meta", "response"]
    path: str
    key: Literal["platform", "merchant", "bank"] = "platform"
    padding: Literal["oaep", "pkcs1"] = "oaep"


class UploadRule(NamedTuple):
    """How an endpoint takes a file.

    Attributes:
        part: The name of the file's part of the form.
        digest: The name of the file's digest: in ``meta``, or a form field under APIv2.
        filename: The name of the file's name in ``meta``, if it wants one.
        algorithm: The name and value in ``meta`` that say how the digest is computed, where that
            is not SHA-256 (MD5 under APIv2).
        names: What the file's name has to match, where that is documented.
    """

    part: str = "file"
    digest: str = "sha256"
    filename: str | None = "filename"
    algorithm: tuple[str, str] | None = None
    names: str | None = None


class Rule(NamedTuple):
    """How one endpoint differs from an ordinary one; every default is the ordinary case.

    Attributes:
        unsigned: The answer carries no signature (APIv3) or no ``sign`` (APIv2).
        digest_header: The answer's signature covers ``{"sha1":"<this header>"}``, not its body.
        mutual_tls: The call needs the merchant's client certificate.
        merchant_field: The name of the merchant number in the APIv2 message.
        nonceless: The APIv2 message has no ``nonce_str``.
        signless: The APIv2 message has no ``sign``.
        signed_fields: Only these fields take part in the APIv2 signature; empty means all.
        sign_type: What the APIv2 message has to say of its signature: the only type that the
            endpoint accepts, or the one to name where naming one is required.
        base_url: The host and prefix to call, where the default host does not serve the endpoint.
        browser_redirect: A URL to send a browser to, not a call.
        fragment: What that URL ends with.
        stream: The answer is a file.
        reply: The form of the answer where it is not the dialect's own (``json``, ``text``).
        lists: Elements of the APIv2 answer that are lists, even of one.
        upload: How the endpoint takes a file, if it does.
        encrypted: Its sensitive fields.
        asks: It only asks, although it is not a GET: many POSTs of APIv2 do.
    """

    unsigned: bool = False
    digest_header: str | None = None
    mutual_tls: bool = False
    merchant_field: str = "mch_id"
    nonceless: bool = False
    signless: bool = False
    signed_fields: tuple[str, ...] = ()
    sign_type: Literal["MD5", "HMAC-SHA256"] | None = None
    base_url: str | None = None
    browser_redirect: bool = False
    fragment: str = ""
    stream: bool = False
    reply: Literal["json", "text"] | None = None
    lists: tuple[str, ...] = ()
    upload: UploadRule | None = None
    encrypted: tuple[EncryptedField, ...] = ()
    asks: bool = False


ORDINARY: Final = Rule()

_tree: PathTree[Rule] | None = None


# A path is looked up segment by segment, and most calls go to the same few.
@lru_cache(maxsize=256)
def rule_of(verb: str, path: str) -> Rule:
    """Return the rule for an endpoint, `ORDINARY` if nothing is special about it or known.

    Args:
        verb: In either case.
        path: A template or a percent-encoded path, without leading slash and query, that starts
            with ``v2/`` or ``v3/``; or with ``hk/`` or ``global/`` when it is written out. In that
            case the rule's ``base_url`` does not have the prefix again. With a slash at its end
            that is not documented, or without one that is, it is judged as what is documented.
    """
    return (_tree or _load()).find(verb.upper(), path.split("/"), near=True) or ORDINARY


def _load() -> PathTree[Rule]:
    global _tree
    from .rules_table import TABLE

    tree: PathTree[Rule] = PathTree()
    for row in TABLE.splitlines():
        verb, path, rule = row.split(" ", 2)
        tree.add(verb, path, _rule(json.loads(rule)))
    _tree = tree
    return tree


def _rule(found: dict[str, Any]) -> Rule:
    for name in ("signed_fields", "lists"):
        if name in found:
            found[name] = tuple(found[name])
    if "upload" in found:
        part, digest, filename, algorithm, names = found["upload"]
        found["upload"] = UploadRule(part, digest, filename, algorithm and tuple(algorithm), names)
    if "encrypted" in found:
        found["encrypted"] = tuple(EncryptedField(*each.split()) for each in found["encrypted"])
    return Rule(**found)
