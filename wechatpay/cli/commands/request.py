"""`wechatpay request VERB PATH`: any call, documented or not."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import parse_qsl

import typer

from ...errors import WeChatPayError
from .. import _assignments, _completing, _inputs, _output, _verbose
from .._settings import Settings, configured
from ..words import language, text

if TYPE_CHECKING:
    import httpx

    from ...api import Endpoint

_ACCEPT_LANGUAGE = {"zh": "zh-CN", "en": "en"}


class Verb(str, Enum):
    """What may be asked of a path."""

    GET = "get"
    POST = "post"
    PUT = "put"
    PATCH = "patch"
    DELETE = "delete"


@configured
def request(
    settings: Settings,
    verb: Annotated[
        Verb, typer.Argument(metavar="VERB", help="request.verb", case_sensitive=False)
    ],
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="request.path", autocompletion=_completing.paths)
    ],
    misplaced: Annotated[
        list[str] | None, typer.Argument(metavar="", help="request.data", hidden=True)
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            *("--data", "-d"),
            metavar="NAME=VALUE",
            help="request.data",
            autocompletion=_completing.fields,
        ),
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", "-j", metavar="FILE", help="request.json")
    ] = None,
    xml_file: Annotated[
        str | None, typer.Option("--xml", "-x", metavar="FILE", help="request.xml")
    ] = None,
    placeholder: Annotated[
        list[str] | None,
        typer.Option(
            *("--path", "-p"),
            metavar="NAME=VALUE",
            help="request.placeholder",
            autocompletion=_completing.placeholders,
        ),
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option(
            *("--query", "-q"),
            metavar="NAME=VALUE",
            help="request.query",
            autocompletion=_completing.parameters,
        ),
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="HEADER", help="request.header")
    ] = None,
    media: Annotated[
        Path | None, typer.Option("--media", "-m", metavar="FILE", help="request.media")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="request.output")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", help="request.timeout")
    ] = None,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="request.decrypt")] = False,
    no_encrypt: Annotated[bool, typer.Option("--no-encrypt", help="request.no_encrypt")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="request.raw")] = False,
    pretty: Annotated[bool, typer.Option("--pretty", help="request.pretty")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="request.dry_run")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="request.verbose")] = False,
) -> None:
    """Make one call and print what comes back."""
    if misplaced:
        raise typer.BadParameter(text("usage.a_field", given=misplaced[0]))
    template, _, given = path.partition("?")
    is_v2 = template.removeprefix("/").startswith("v2/")
    endpoint = _documented(verb, template)
    body = _body(data or [], json_file, xml_file, endpoint, is_v2=is_v2)
    arguments: dict[str, Any] = _inputs.pairs(placeholder or [], "--path")
    params = {**_parsed(given), **_inputs.pairs(query or [], "--query")}
    options: dict[str, Any] = {
        "params": params or None,
        "headers": _inputs.headers(header or []),
        "timeout": timeout,
        "encrypt": False if no_encrypt else None,
    }
    if media is not None:
        from ...media import Media

        options["media"] = Media(media, meta=body)
    elif body is not None:
        options["xml" if is_v2 else "json"] = body if is_v2 else _with_nulls(body)
    if output is not None:
        options["sink"] = output
    if not is_v2:
        options["headers"].setdefault("Accept-Language", _ACCEPT_LANGUAGE[language()])
    _check(arguments)
    if dry_run:
        _show(verb, template, {**arguments, **options}, body)
        return
    with settings.client() as client:
        call = getattr(cast("Any", client).chain(template), verb.value)
        try:
            response: httpx.Response = call(**arguments, **options)
        except KeyboardInterrupt:
            if verb is not Verb.GET:
                _output.say(text("request.interrupted"))
            raise
        except WeChatPayError as error:
            refused: httpx.Response | None = getattr(error, "response", None)
            if verbose and refused is not None:
                _verbose.show(refused)
            raise
        except (TypeError, ValueError) as error:
            # An option that this endpoint does not take, or what JSON and UTF-8 do not know.
            raise typer.BadParameter(str(error)) from None
        if verbose:
            _verbose.show(response)
        _tell(response)
        content = response.content
        if decrypt:
            _output.dump(client.decrypt_fields(response), pretty=pretty or _output.is_terminal())
            return
    if output is not None:
        _output.say(text("file.written", path=output))
    else:
        _output.document(content, pretty=pretty or (_output.is_terminal() and not raw))


def _documented(verb: Verb, path: str) -> Endpoint | None:
    from ... import api

    return api.endpoint(verb.value, path)


def _parsed(query: str) -> dict[str, Any]:
    found = [f"{name}={value}" for name, value in parse_qsl(query, keep_blank_values=True)]
    return _inputs.pairs(found, "PATH")


def _check(arguments: dict[str, Any]) -> None:
    """Refuse a placeholder that would be taken for an option of the call."""
    from ..._call import OPTIONS

    for name in arguments.keys() & OPTIONS:
        raise typer.BadParameter(text("request.reserved", name=name))


def _body(
    data: list[str],
    json_file: str | None,
    xml_file: str | None,
    endpoint: Endpoint | None,
    *,
    is_v2: bool,
) -> dict[str, Any] | None:
    """Put the body together from a file and from assignments, which win."""
    if json_file is not None and xml_file is not None:
        raise typer.BadParameter(text("request.bodies"))
    if xml_file is not None and not is_v2:
        raise typer.BadParameter(text("request.xml_is_v2"))
    start: Any = None
    if json_file is not None:
        start = _inputs.document(json_file)
    elif xml_file is not None:
        start = _from_xml(xml_file)
    if not data:
        return cast("dict[str, Any] | None", start)
    if start is not None and not isinstance(start, dict):
        raise typer.BadParameter(text("request.not_an_object"))
    # APIv2 knows text only: what looks like a number may be an order number with zeros in front.
    fields = endpoint.body.fields if endpoint is not None and not is_v2 else None
    try:
        if endpoint is not None and endpoint.body.fields:
            for name, near in _assignments.unknown(data, endpoint.body.fields):
                key = "assign.meant" if near else "assign.unknown"
                _output.say(text(key, name=name, near=near))
        return _assignments.build(data, fields, start)
    except _assignments.AssignmentError as error:
        raise typer.BadParameter(str(error)) from None


def _with_nulls(value: Any) -> Any:
    """Return a body whose nulls are sent: one that is written on the command line is intended."""
    from ... import NULL

    given: Any = value
    if isinstance(value, dict):
        return {name: _with_nulls(given[name]) for name in given}
    if isinstance(value, list):
        return [_with_nulls(given[place]) for place in range(len(given))]
    return NULL if value is None else value


def _from_xml(source: str) -> Any:
    from ... import xml

    try:
        return xml.loads(_inputs.data(source))
    except xml.XMLError as error:
        raise typer.BadParameter(text("input.not_xml", source=source, why=error)) from None


def _show(verb: Verb, template: str, arguments: dict[str, Any], body: Any) -> None:
    """Print what would be sent, before it is encrypted and signed."""
    from ..._call import Call
    from ..._chain import literal

    arguments.pop("sink", None)
    call = Call.asked(verb.value.upper(), literal(template), arguments)
    _output.put(f"{call.method} /{call.target()}")
    if body is not None:
        _output.dump(body, pretty=True)


def _tell(response: httpx.Response) -> None:
    """Say on a terminal what came back beside the body."""
    if not _output.is_terminal(sys.stderr):
        return
    proof = response.extensions["wechatpay"]
    verified = "request.verified" if proof["verified"] else "request.unverified"
    parts = [f"{response.status_code} {response.reason_phrase}"]
    parts.append(text(verified, serial=proof["serial"] or "sign"))
    if proof["request_id"]:
        parts.append(f"Request-ID {proof['request_id']}")
    _output.say(" · ".join(parts))
