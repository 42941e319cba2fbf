"""The page of one endpoint, and the list of all, as HTML from the catalogue."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pygments import highlight
from pygments.formatters import HtmlFormatter

from wechatpay._call import DEFAULT_BASE_URL

from .spelling import code_of
from .words import WORDS, Language, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wechatpay.api import Endpoint, Field

__all__ = ["body_of", "listing", "name_of", "text_of", "title_of"]

_PYTHON: Any = import_module("pygments.lexers").PythonLexer()
_HTML: HtmlFormatter[str] = HtmlFormatter()
_BREAK = "<wbr>"
_BY_THE_CLIENT = "Wechatpay-Serial"
"""The header with which a client says whose key it encrypted with."""


def name_of(endpoint: Endpoint) -> str:
    """Return the name of an endpoint's page: its file's, below the language's, without `.html`."""
    path = endpoint.path.replace("{", "_").replace("}", "_")
    return f"endpoints/{endpoint.verb}/{path}" + "_empty_" * path.endswith("/")


def title_of(endpoint: Endpoint, language: Language) -> str:
    """Return a page's title: the official one in Chinese, for English the verb and the path."""
    if language == "zh":
        return endpoint.name
    return f"{endpoint.verb.upper()} {endpoint.path}"


def text_of(endpoint: Endpoint) -> str:
    """Return what the page is found by: path, titles, products, its fields' names, its refusals."""
    fields = (*endpoint.placeholders, *endpoint.query, *endpoint.body.fields)
    names = dict.fromkeys(_names(fields))
    return " ".join(
        (
            endpoint.verb.upper(),
            endpoint.path,
            endpoint.name,
            *endpoint.tags,
            *endpoint.groups,
            *names,
            *(one.code for one in endpoint.errors),
        )
    )


def body_of(endpoint: Endpoint, language: Language) -> str:
    """Return the inside of an endpoint's page."""
    words = WORDS[language]
    parts = [
        f"<h1>{_breakable(title_of(endpoint, language))}</h1>",
        _address(endpoint, language),
        *_facts(endpoint, words),
    ]
    if not endpoint.options.browser_redirect:
        parts += _call(endpoint, words)
    for heading, anchor, fields in (
        (words.placeholders, "placeholders", endpoint.placeholders),
        (words.query, "query", endpoint.query),
        (words.headers, "headers", _without(endpoint.headers, _BY_THE_CLIENT)),
        (words.body, "body", endpoint.body.fields),
    ):
        if fields:
            parts += [_heading(anchor, heading), _table(fields, words)]
    parts += (*_answer(endpoint, words), *_errors(endpoint, words))
    if endpoint.docs:
        parts += [_heading("official", words.official), _links(endpoint, words)]
    return "\n".join(parts)


def listing(endpoints: Iterable[Endpoint], language: Language) -> str:
    """Return links to the pages of endpoints, by product, each product's folded up."""
    words = WORDS[language]
    products: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        for product in endpoint.tags or endpoint.groups[:1] or (words.ungrouped,):
            products.setdefault(product, []).append(endpoint)
    return "\n".join(
        f'<details class="product"><summary>{escape(product)} <small>{len(found)}</small></summary>'
        f"<ul>{''.join(map(_entry, found))}</ul></details>"
        for product, found in sorted(products.items())
    )


def _entry(endpoint: Endpoint) -> str:
    return (
        f'<li><a href="{name_of(endpoint)}.html">{escape(endpoint.name)}</a> '
        f"<code>{endpoint.verb.upper()} {_breakable(endpoint.path)}</code></li>"
    )


def _address(endpoint: Endpoint, language: Language) -> str:
    host = endpoint.options.host if endpoint.options.host_required else DEFAULT_BASE_URL
    address = f"{host.rstrip('/')}/{endpoint.path.removeprefix('v2/')}"
    official = f'<p lang="zh-CN">{escape(endpoint.name)}</p>' if language == "en" else ""
    return (
        f'{official}<p class="address"><b>{endpoint.verb.upper()}</b> '
        f"<code>{_breakable(address)}</code></p>"
    )


def _facts(endpoint: Endpoint, words: Words) -> Iterator[str]:
    labels = (*endpoint.tags, *(words.modes.get(one, one) for one in endpoint.modes))
    if labels:
        spans = " ".join(f'<span class="label">{escape(one)}</span>' for one in labels)
        yield f'<p class="labels">{spans}</p>'
    options = endpoint.options
    notes = [
        note
        for holds, note in (
            (options.browser_redirect, words.redirect),
            (options.mutual_tls, words.mutual_tls),
            (options.unsigned, words.unsigned),
            (options.nonceless, words.nonceless),
            (options.stream, words.stream),
            (endpoint.is_query and endpoint.verb != "get", words.asks),
        )
        if holds
    ]
    if options.host and not options.host_required:
        notes.append(words.host.format(f"<code>{escape(options.host)}</code>"))
    if endpoint.idempotency_key:
        told = words.same_call_within if endpoint.idempotency_period else words.same_call
        key = f"<code>{endpoint.idempotency_key}</code>"
        notes.append(told.format(key, endpoint.idempotency_period))
    notes += [words.one_of.format(_coded(group)) for group in endpoint.body.one_of]
    notes += [
        " ".join(
            (
                f"<strong>{words.lifecycle[step.flag]}</strong>",
                escape(step.date),
                *(
                    f"{words.superseded_by} <code>{escape(one)}</code>"
                    for one in step.superseded_by
                ),
            )
        )
        for step in endpoint.lifecycle
    ]
    if notes:
        yield f"<ul>{''.join(f'<li>{note}</li>' for note in notes)}</ul>"


def _call(endpoint: Endpoint, words: Words) -> Iterator[str]:
    code = code_of(endpoint)
    yield _heading("call", words.call)
    yield f"<p>{words.required_only}</p>" if "={" in code.call else ""
    yield _code(words.sync, code.call)
    yield _code(words.asynchronous, code.awaited)
    yield _code(words.as_string, "\n".join(f"node = {one}" for one in code.strings))


def _code(caption: str, code: str) -> str:
    marked = highlight(code, _PYTHON, _HTML)
    return (
        '<div class="literal-block-wrapper docutils container"><div class="code-block-caption">'
        f'<span class="caption-text">{caption}</span></div>'
        f'<div class="highlight-python notranslate">{marked}</div></div>'
    )


def _answer(endpoint: Endpoint, words: Words) -> Iterator[str]:
    reply = endpoint.reply
    status = f" {reply.status}" if reply.status else ""
    yield _heading("answer", words.answer)
    yield f"<p><code>{escape(reply.kind)}{status}</code></p>"
    if reply.fields:
        yield _table(reply.fields, words)


def _heading(anchor: str, text: str) -> str:
    link = f'<a class="headerlink" href="#{anchor}" title="#">¶</a>'
    return f'<h2 id="{anchor}">{escape(text)}{link}</h2>'


def _table(fields: Iterable[Field], words: Words) -> str:
    head = "".join(
        f"<th>{one}</th>" for one in (words.field, words.type, words.required, words.notes)
    )
    rows = "".join(_rows(fields, words))
    return (
        '<div class="table-wrapper docutils container"><table class="docutils fields">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _rows(fields: Iterable[Field], words: Words, above: str = "") -> Iterator[str]:
    for field in fields:
        name = f"<span>{_breakable(above)}</span>{_breakable(field.name)}"
        # On a phone there is no heading above it, so it says there itself what it is about.
        required = f' data-word="{words.required}">{words.yes}' if field.required else ">"
        yield (
            f"<tr><td><code>{name}</code></td><td>{escape(field.type)}</td>"
            f"<td{required}</td>"
            f"<td>{_meaning(field, words)}{words.between.join(_notes(field, words))}</td></tr>"
        )
        below = f"{above}{field.name}{'[]' if field.type.startswith('array') else ''}."
        yield from _rows(field.fields, words, below)
        for when, variant in field.variants:
            yield f'<tr><td colspan="4"><em>{words.when.format(escape(when))}</em></td></tr>'
            yield from _rows(variant, words, below)


def _meaning(field: Field, words: Words) -> str:
    """Return what a field is, and something that may stand in it, above what else is noted."""
    meaning = field.meaning.get("zh" if words.locale.startswith("zh") else "en")
    example = "" if field.enum or field.const is not None else field.example
    shown = f"{words.example} <code>{escape(example)}</code>" if example else ""
    parts = [one for one in (escape(meaning or ""), shown) if one]
    return f'<p class="meaning">{words.between.join(parts)}</p>' if parts else ""


def _notes(field: Field, words: Words) -> Iterator[str]:
    if field.encrypted:
        yield f"<strong>{words.encrypted.get(field.encrypted, words.encrypted_otherwise)}</strong>"
    if field.sensitive:
        yield words.sensitive
    if field.partners:
        yield words.partners
    if field.const is not None:
        yield f"{words.only} <code>{escape(field.const)}</code>"
    if field.enum:
        yield f"{words.values if field.closed else words.known} {_coded(field.enum, ' ')}"
    if field.default is not None:
        yield f"{words.default} <code>{escape(str(field.default))}</code>"
    if field.json:
        yield words.json_inside
    elif field.format:
        yield f"<code>{escape(field.format)}</code>"
    if field.max_length is not None:
        yield words.longest.format(field.max_length)
    unit = words.unit.format(words.units.get(field.unit or "", field.unit))
    if field.unit and unit not in " ".join(field.meaning.values()):
        yield escape(unit)
    if field.pattern:
        yield f"<code>{escape(field.pattern)}</code>"
    for group in field.one_of:
        yield words.one_of.format(_coded(group))


def _coded(names: Iterable[object], between: str = ", ") -> str:
    return between.join(f"<code>{escape(str(one))}</code>" for one in names)


def _errors(endpoint: Endpoint, words: Words) -> Iterator[str]:
    errors = (*endpoint.errors, *endpoint.public_errors)
    if not errors:
        return
    yield _heading("errors", words.errors)
    heads = "".join(f"<th>{one}</th>" for one in (words.status, words.code, words.repeatable))
    rows = "".join(
        f"<tr><td>{one.status or ''}</td><td><code>{escape(one.code)}</code></td>"
        f"<td>{words.yes if one.repeatable else ''}</td></tr>"
        for one in errors
    )
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _links(endpoint: Endpoint, words: Words) -> str:
    links = "".join(f'<li><a href="{one}">{_breakable(one)}</a></li>' for one in endpoint.docs)
    updated = f"<p>{words.updated.format(escape(endpoint.updated))}</p>" if endpoint.updated else ""
    return f"<ul>{links}</ul>{updated}"


def _without(fields: Iterable[Field], name: str) -> list[Field]:
    return [one for one in fields if one.name != name]


def _names(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from _names(field.fields)


def _breakable(text: str) -> str:
    """Escape a path, and let a line end after its slashes and underscores."""
    whole = escape(text)
    for mark in "/_.":
        whole = whole.replace(mark, mark + _BREAK)
    return whole
