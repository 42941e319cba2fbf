"""The catalogue's entries: records that read the rest of their line when it is first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from ._format import DataLine, Reader
from ._records import Content, ErrorCode

if TYPE_CHECKING:
    from ._records import Field, Lifecycle, Options

__all__ = ["Endpoint", "Event"]


class _Entry(ABC):
    """An immutable record whose later attributes are parsed together, on first use."""

    _KEYS: ClassVar[tuple[str, ...]]
    _key: tuple[str, ...]
    _line: DataLine

    def __init__(self, key: tuple[str, ...], line: DataLine) -> None:
        vars(self).update(zip(self._KEYS, key, strict=True), _key=key, _line=line)

    @abstractmethod
    def _read(self, reader: Reader) -> dict[str, Any]: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in type(self).__annotations__:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        reader = Reader(self._line)
        state = self._read(reader)
        reader.finish((*self._KEYS, *state))
        vars(self).update(state)
        return state[name]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"the catalogue cannot be changed: {name} was not set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"the catalogue cannot be changed: {name} was not deleted")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._line == other._line

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {' '.join(self._key)}>"


class Endpoint(_Entry):
    """One documented operation.

    Attributes:
        verb: In lower case.
        path: A template, with the leading ``v2/`` (which is not sent) or ``v3/``.
        name: Its official title.
        tags: The products it belongs to, as officially named.
        groups: The chapters of the documentation it is in.
        roles: Who may call it, as officially named.
        modes: ``direct``, ``partner``.
        placeholders: One field for each placeholder of the path, in its order.
        query: The fields of the query.
        headers: Documented request headers, apart from the common ones.
        body: What is sent.
        reply: The answer of a success.
        error: The answer of a failure, where it differs from the dialect's own.
        errors: The endpoint's own documented refusals; empty if none is known.
        is_query: Whether the call only asks and changes nothing: every GET, and those POSTs of
            APIv2 for which that was checked.
        idempotency_key: The field whose value makes a repeated call the same one, such as
            ``out_refund_no``; empty where no source says so.
        idempotency_period: For how long, such as ``6 days``; empty where no source says.
        options: What is special about calling it.
        lifecycle: Steps such as its withdrawal; empty for an endpoint in ordinary use.
        docs: Official pages.
        updated: When those last changed, as officially written.
    """

    _KEYS = ("verb", "path", "name")
    _PUBLIC: ClassVar = (
        ("PARAM_ERROR", 400),
        ("INVALID_REQUEST", 400),
        ("SIGN_ERROR", 401),
        ("SYSTEM_ERROR", 500),
    )
    verb: str
    path: str
    name: str
    tags: tuple[str, ...]
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    modes: tuple[str, ...]
    placeholders: tuple[Field, ...]
    query: tuple[Field, ...]
    headers: tuple[Field, ...]
    body: Content
    reply: Content
    error: Content | None
    errors: tuple[ErrorCode, ...]
    is_query: bool
    idempotency_key: str
    idempotency_period: str
    options: Options
    lifecycle: tuple[Lifecycle, ...]
    docs: tuple[str, ...]
    updated: str

    @property
    def written(self) -> str:
        """The path with the values of its constant placeholders, which attributes cannot spell."""
        path = self.path
        if '"const"' in self._line.text:  # a line is not read for one that has none
            for each in [one for one in self.placeholders if one.const is not None]:
                path = path.replace(f"{{{each.name}}}", str(each.const))
        return path

    @property
    def public_errors(self) -> tuple[ErrorCode, ...]:
        """WeChat Pay's general refusals that are not in `errors`: any call of APIv3 may get them.

        After SYSTEM_ERROR the same call may be repeated if it only asks, or if a number of it makes
        a repeated call the same one (`idempotency_key`).
        """
        if self.path.startswith("v2/"):
            return ()
        own = {each.code for each in self.errors}
        again = self.is_query or bool(self.idempotency_key)
        return tuple(
            ErrorCode(code, status, again and status == HTTPStatus.INTERNAL_SERVER_ERROR)
            for code, status in self._PUBLIC
            if code not in own
        )

    def _read(self, reader: Reader) -> dict[str, Any]:
        return {
            **{key: reader.texts(key) for key in ("tags", "groups", "roles", "modes", "docs")},
            "placeholders": reader.placeholders("placeholders", self.path),
            "query": reader.tree("query"),
            "headers": reader.tree("headers"),
            "body": reader.content("body") or Content(),
            "reply": reader.content("reply") or Content(),
            "error": reader.content("error"),
            "errors": reader.errors("errors"),
            "is_query": reader.flag("is_query") or self.verb == "get",
            "idempotency_key": reader.text("idempotency_key"),
            "idempotency_period": reader.text("idempotency_period"),
            "options": reader.options("options"),
            "lifecycle": reader.lifecycle("lifecycle"),
            "updated": reader.text("updated"),
        }


class Event(_Entry):
    """One documented notification.

    Attributes:
        version: ``v2`` or ``v3``.
        event_type: Its official type; most of APIv2's have none, and this is a name given here.
        name: Its official title.
        event_types: Every ``event_type`` it may arrive with.
        original_types: Every ``original_type`` its resource may have.
        encrypted_field: Where in the message the ciphertext is, such as ``body.req_info``.
        resource: The fields of what is encrypted.
        variants: Alternatives to ``resource``, each with the condition for it.
        body: The fields of the message as it arrives.
        reply: The fields of the answer that is expected.
        docs: Official pages.
    """

    _KEYS = ("version", "event_type", "name")
    version: str
    event_type: str
    name: str
    event_types: tuple[str, ...]
    original_types: tuple[str, ...]
    encrypted_field: str
    resource: tuple[Field, ...]
    variants: tuple[tuple[str, tuple[Field, ...]], ...]
    body: tuple[Field, ...]
    reply: tuple[Field, ...]
    docs: tuple[str, ...]

    def _read(self, reader: Reader) -> dict[str, Any]:
        return {
            **{key: reader.texts(key) for key in ("event_types", "original_types", "docs")},
            **{key: reader.tree(key) for key in ("resource", "body", "reply")},
            "encrypted_field": reader.text("encrypted_field"),
            "variants": reader.variants("variants"),
        }
