"""`wechatpay api search|show`: the catalogue of every documented endpoint."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from .. import _completing, _output
from .._exits import Exit
from .._layout import columns, padded, width, wrapped
from ..words import language, text

if TYPE_CHECKING:
    from ...api import Content, Endpoint, Field, InternalCode

AsJson = Annotated[bool, typer.Option("--json", help="api.json")]
_VERBS = ("get", "post", "put", "patch", "delete")
_NAME_COLUMN = 40
_LINKS = 2


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="api.words")],
    as_json: AsJson = False,
) -> None:
    """List the endpoints that the words are likely to mean, the likeliest first."""
    from ... import api

    found = api.search(" ".join(words))
    if as_json:
        keys = ("verb", "path", "name")
        rows = [{key: getattr(each, key) for key in keys} for each in found]
        _output.dump(rows, pretty=_output.is_terminal())
    elif found:
        head = (text("api.verb"), text("api.path"), text("api.name"))
        _output.table(head, [(each.verb.upper(), each.path, each.name) for each in found])
    if not found:
        meant = api.suggestion(" ".join(words))
        hint = text("api.did_you_mean").format(meant) if meant else ""
        _output.error(text("api.nothing_found") + hint)
        raise typer.Exit(Exit.REFUSED)


def _first(ctx: Any, incomplete: str) -> list[str]:
    verbs = [verb for verb in _VERBS if verb.startswith(incomplete)]
    return [*verbs, *_completing.paths(ctx, incomplete)]


def _second(ctx: Any, incomplete: str) -> list[str]:
    ctx.params["verb"] = ctx.params.get("first")
    return _completing.paths(ctx, incomplete)


def show(
    first: Annotated[
        str, typer.Argument(metavar="[VERB]", help="api.show_verb", autocompletion=_first)
    ],
    second: Annotated[
        str | None, typer.Argument(metavar="PATH", help="api.show_path", autocompletion=_second)
    ] = None,
    as_json: AsJson = False,
    open_page: Annotated[bool, typer.Option("--open", help="api.open")] = False,
) -> None:
    """Show what is documented of a path, or what the number at a Request-ID's end means."""
    from ... import api

    code = api.internal_code(first) if second is None else None
    if code is not None:
        _show_code(code, as_json=as_json)
        return
    path = second or first
    verbs = _VERBS if second is None else (first.lower(),)
    path = path.partition("?")[0].removeprefix("/")
    found = [each for verb in verbs if (each := api.endpoint(verb, path))]
    if not found:
        from ..._chain import meant

        _output.error(f"{text('api.not_documented')} {meant(verbs[0].upper(), path)}")
        raise typer.Exit(Exit.REFUSED)
    if open_page:
        page = next((page for each in found for page in each.docs), None)
        if page is None or not webbrowser.open(page):
            _output.error(page or text("api.no_page"))
            raise typer.Exit(Exit.REFUSED)
        return
    if as_json:
        _output.dump([_data(each) for each in found], pretty=_output.is_terminal())
        return
    for number, each in enumerate(found):
        if number:
            _output.put()
        for line in _page(each):
            _output.put(line)


def _show_code(code: InternalCode, *, as_json: bool) -> None:
    """Say what the number at the end of a Request-ID means."""
    if as_json:
        _output.dump(code._asdict(), pretty=_output.is_terminal())
        return
    _output.put(f"{code.number}  {code.message}")
    _output.put(f"  {code.meaning}")
    _output.put(f"  {', '.join(code.products)}")


def _page(endpoint: Endpoint) -> Iterator[str]:
    yield f"{endpoint.verb.upper()} {endpoint.path}"
    yield f"  {endpoint.name}"
    for fact in _facts(endpoint):
        yield from (f"  {line}" for line in wrapped(fact, columns() - 2))
    for page in endpoint.docs[:_LINKS]:
        yield f"  {page}"
    if len(endpoint.docs) > _LINKS:
        yield f"  {text('api.more_pages', count=len(endpoint.docs) - _LINKS)}"
    for group in endpoint.body.one_of:
        yield f"  {text('api.one_of', names=' | '.join(group))}"
    yield from _tree(text("api.placeholders"), endpoint.placeholders)
    yield from _tree(text("api.query"), endpoint.query)
    yield from _tree(text("api.headers"), endpoint.headers)
    yield from _tree(_titled("api.body", endpoint.body), endpoint.body.fields)
    yield from _tree(_titled("api.reply", endpoint.reply), endpoint.reply.fields)
    errors = (*endpoint.errors, *endpoint.public_errors)
    if errors:
        yield ""
        yield text("api.errors")
        for each in errors:
            yield f"  {each.status or ''} {each.code}{'*' * each.repeatable}"


def _titled(key: str, content: Content) -> str:
    status = f" {content.status}" if content.status else ""
    return f"{text(key)}{status} ({content.kind})"


def _facts(endpoint: Endpoint) -> Iterator[str]:
    """What is special about calling it."""
    for name, value in endpoint.options._asdict().items():
        if value:
            shown = "" if value is True else f": {value}"
            yield f"{text(f'api.option.{name}')}{shown}"
    if endpoint.idempotency_key:
        within = ".within" if endpoint.idempotency_period else ""
        about = {"name": endpoint.idempotency_key, "within": endpoint.idempotency_period}
        yield text(f"api.idempotency_key{within}", **about)
    if endpoint.is_query and endpoint.verb != "get":
        yield text("api.is_query")
    for step in endpoint.lifecycle:
        instead = " → ".join(step.superseded_by)
        yield " ".join(filter(None, [f"{text('api.lifecycle')}: {step.flag}", step.date, instead]))


def _tree(title: str, fields: Sequence[Field]) -> Iterator[str]:
    if not fields:
        return
    yield ""
    yield title
    rows = list(_rows(fields, 1))
    indent = min(max(width(left) for left, _ in rows) + 2, _NAME_COLUMN, columns() // 2)
    for left, right in rows:
        first, *rest = wrapped(right, columns() - indent)
        if width(left) + 2 > indent:
            yield left
            first, left = first, ""
        yield (padded(left, indent) + first).rstrip()
        yield from (" " * indent + line for line in rest)


def _rows(fields: Sequence[Field], depth: int) -> Iterator[tuple[str, str]]:
    for one in fields:
        yield "  " * depth + one.name, _described(one)
        yield from _rows(one.fields, depth + 1)
        for condition, variant in one.variants:
            yield "  " * (depth + 1) + f"({condition})", ""
            yield from _rows(variant, depth + 2)


def _described(field: Field) -> str:
    required = text("api.required") if field.required else ""
    partners = text("api.partners") if field.partners else ""
    parts = [f"{field.type}{required}{partners}"]
    if field.json:
        parts.append(text("api.json_inside", kind=field.json))
    if field.encrypted:
        parts.append(text("api.encrypted", key=field.encrypted))
    for name in ("format", "const", "default", "min_length", "max_length", "unit", "pattern"):
        value = getattr(field, name)
        if value is not None:
            parts.append(f"{text(f'api.{name}')} {value}")
    if field.enum:
        parts.append(" | ".join(map(str, field.enum)))
    if field.example and not field.enum and field.const is None:
        parts.append(text("api.example", example=field.example))
    meaning = field.meaning.get(language(), "")
    return " · ".join(filter(None, (", ".join(parts), meaning)))


def _data(endpoint: Endpoint) -> dict[str, Any]:
    """The whole entry, as JSON has it; what says nothing is left out."""
    names = ("verb", "path", "name", "tags", "groups", "roles", "modes", "placeholders", "query")
    later = ("headers", "body", "reply", "error", "errors", "is_query", "idempotency_key")
    last = ("idempotency_period", "options", "lifecycle", "docs", "updated")
    return {
        name: plain
        for name in (*names, *later, *last)
        if (plain := _plain(getattr(endpoint, name)))
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        found = {name: plain for name, each in value._asdict().items() if (plain := _plain(each))}
        if found.pop("words", None):
            found["meaning"] = value.meaning
        return found
    if isinstance(value, tuple):
        items: tuple[Any, ...] = cast("Any", value)
        return [_plain(each) for each in items]
    return value
