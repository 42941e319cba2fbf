"""What the catalogue knows, as frozen records."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["CatalogueError", "Content", "ErrorCode", "Field", "Grade", "Lifecycle", "Options"]

Grade: TypeAlias = Literal["person", "official", "two", "one"]
"""Who says what a field has to be, from the strongest: a person who read the official page, an
official SDK or sample, two independent sources, one."""


class CatalogueError(ValueError):
    """A catalogue file that is not as its format says.

    Attributes:
        file: The file's name.
        line: The line's number, from 1; 0 when it is about the file.
        field: The way to the value at fault, such as ``body/amount/total``.
    """

    def __init__(self, file: str, line: int, field: str, problem: str) -> None:
        super().__init__(file, line, field, problem)
        self.file: str = file
        self.line: int = line
        self.field: str = field

    def __str__(self) -> str:
        file, line, field, problem = self.args
        return f"{file}, line {line}, {field or 'line'}: {problem}"


class Field(NamedTuple):
    """One field of a query, a body, an answer or a notification.

    Attributes:
        name: Its name on the wire. ``$n`` and ``$m`` stand for numbers.
        type: ``string integer number boolean object binary`` or ``array<…>`` of one of these.
        required: Whether the documentation says it is always there.
        enum: The official values (of the items, if it is an array).
        fields: What an object, or the items of an array of objects, are made of.
        variants: Alternatives to ``fields``: what they depend on, and the fields.
        json: The type inside, when the value is JSON in a string (``fields`` are that one's).
        encrypted: With whose key the value is encrypted, such as ``wechatpay-public-key``.
        format: A hint such as ``rfc3339``, ``date`` or ``base64``.
        const: The only value there is.
        default: The value that leaving it out means.
        max_length: In characters.
        padding: ``pkcs1`` where the encryption is not RSA-OAEP.
        item_name: What the documentation calls an item of the list; not a key on the wire.
        cdata: Whether the documentation wraps it in CDATA.
        sensitive: Whether the documentation calls it sensitive, though it is not encrypted.
        signed: What kind of signature the value itself is.
        source: The only source that has the field, if not both do.
        closed: Whether ``enum`` has all values. Otherwise it has the known ones, and others have to
            be expected.
        one_of: Names of ``fields``, in groups; of each group one has to be there.
        partners: Whether service providers have to give it, at an endpoint that direct merchants,
            who have none, call too.
        min_length: In characters.
        pattern: A regular expression that the whole value matches.
        unit: ``fen``, ``yuan``, ``second``, ….
        example: A value that the documentation shows, or another possible one.
        grade: Who says whether it is required. Grade ``one`` is a single unofficial source: types
            follow it, but no request should be refused because of it.
        words: What it means, in Chinese and in English; `meaning` has them by language.
    """

    name: str
    type: str
    required: bool = False
    enum: tuple[str | int, ...] = ()
    fields: tuple[Field, ...] = ()
    variants: tuple[tuple[str, tuple[Field, ...]], ...] = ()
    json: str | None = None
    encrypted: str | None = None
    format: str | None = None
    const: str | None = None
    default: str | int | None = None
    max_length: int | None = None
    padding: str | None = None
    item_name: str | None = None
    cdata: bool = False
    sensitive: bool = False
    signed: str | None = None
    source: str | None = None
    closed: bool = False
    one_of: tuple[tuple[str, ...], ...] = ()
    partners: bool = False
    min_length: int | None = None
    pattern: str | None = None
    unit: str | None = None
    example: str | None = None
    grade: Grade = "one"
    words: tuple[str, str] | None = None

    @property
    def meaning(self) -> dict[str, str]:
        """What it is, with its unit and limits, in this project's own words.

        By language, ``zh`` and ``en``; empty where nobody has written it yet.
        """
        return dict(zip(("zh", "en"), self.words or (), strict=False))


class Content(NamedTuple):
    """A request's or an answer's body.

    Attributes:
        kind: ``json xml multipart``, of an answer also ``empty csv binary redirect``; ``none``.
        fields: The fields at its top.
        status: An answer's HTTP status; 0 where that says nothing.
        one_of: Names of ``fields``, in groups; of each group one has to be there.
    """

    kind: str = "none"
    fields: tuple[Field, ...] = ()
    status: int = 0
    one_of: tuple[tuple[str, ...], ...] = ()


class ErrorCode(NamedTuple):
    """One documented refusal.

    Attributes:
        code: Its code, such as ``NOT_ENOUGH``.
        status: Its HTTP status; 0 where that is not documented, and under APIv2.
        repeatable: Whether the same call may be repeated as it is, with the same numbers, be it
            later or after its cause is gone.
    """

    code: str
    status: int = 0
    repeatable: bool = False


class Lifecycle(NamedTuple):
    """One step in an endpoint's life, such as ``offline`` or ``private``.

    Attributes:
        flag: The state it entered.
        date: When, as officially written: ``2021.11.10``, ``2020``, or nothing.
        superseded_by: Paths to use instead, some with a verb in front.
    """

    flag: str
    date: str = ""
    superseded_by: tuple[str, ...] = ()


class Options(NamedTuple):
    """How calling an endpoint differs from calling an ordinary one.

    Attributes:
        mutual_tls: It needs the merchant's client certificate.
        nonceless: The APIv2 message has no ``nonce_str``.
        unsigned: The answer is not signed; inferred, not promised by the documentation.
        signed_digest: The header with the digest that the answer's signature covers.
        signed_fields: The only fields that take part in the APIv2 signature.
        stream: The answer is a file.
        host: A documented base URL other than the default one.
        host_required: Whether the default base URL does not serve it.
        browser_redirect: It is a URL to send a browser to, not a call.
        fragment: What that URL ends with.
        timeout: A documented field that is not part of the message (``number``).
    """

    mutual_tls: bool = False
    nonceless: bool = False
    unsigned: bool = False
    signed_digest: str = ""
    signed_fields: tuple[str, ...] = ()
    stream: bool = False
    host: str = ""
    host_required: bool = False
    browser_redirect: bool = False
    fragment: str = ""
    timeout: str = ""
