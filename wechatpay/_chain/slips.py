"""What was meant by a call that cannot work: habits from other libraries, and typos.

It is loaded only after such a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from ..api import endpoints, search
from .hints import attribute, documented, spelled
from .verbs import METHODS

OF_THE_CLIENT = (
    *("aclose", "close", "decrypt", "decrypt_fields", "download", "download_async", "encrypt"),
    *("encrypt_async", "from_env", "micropay", "notification", "notification_async"),
    *("notification_v2", "paysign"),
)
"""A client's own methods."""
_NOTIFICATION = "wxpay.notification(headers, body)"


def called(path: str) -> str:
    """Return the message for a call of a path that does not end with a verb.

    Args:
        path: The template.
    """
    before, _, last = path.rpartition("/")
    verb = last.replace("-", "") if "-" in last else last
    for known in (verb, last.replace("-", "_")):
        name = known.removesuffix("_async")
        if name in METHODS:
            return f"a path is not called; the verb is written .{known}(…)"
    for one in (path, before):
        if one and documented(one):
            ways = " or ".join(map(spelled, documented(one)))
            return f"a path is not called, it ends with a verb: {ways}"
    if successor := _of_wechatpy(path):
        return f"{path.replace('/', '.')}(…) is wechatpy's; here it is {successor}"
    if not before:
        return _of_a_client(path)
    if not path.startswith(("v2/", "v3/")):
        return f"a path begins with v3 or v2, and ends with a verb: {', '.join(METHODS)}"
    return f"a path is not called, it ends with a verb: {', '.join(METHODS)}, or one with _async"


def _of_wechatpy(path: str) -> str:
    """Return what takes the place of a method of wechatpy; empty if it has no such method."""
    from .elsewhere import WECHATPY

    lines = (line.partition(" ") for line in WECHATPY.splitlines())
    after = next((after for name, _, after in lines if name == path), "")
    return spelled(documented(after)[0]) if after.startswith("v2/") else after


def _of_a_client(segment: str) -> str:
    """Return the message for the call of a name that a client does not have."""
    name, snake = attribute(segment), segment.replace("-", "_")
    for one in (snake, snake.removesuffix("_async")):
        if successors(one):
            return instead(one)
    close = get_close_matches(snake, OF_THE_CLIENT, 1, 0.75)
    if close:
        return f"a client has no {name}(); did you mean wxpay.{close[0]}?"
    words = snake.split("_")
    if {"notify", "webhook"} & {*words}:
        return f"a client has no {name}(); did you mean {_NOTIFICATION}?"
    found = search(" ".join(words))
    if found:
        return f"a client has no {name}(); did you mean {spelled(found[0])}?"
    return (
        f"a client has no {name}(), and a path is not called: it begins with v3 or v2 and ends "
        "with a verb, as wxpay.v3.certificates.get()"
    )


def instead(name: str) -> str:
    """Return what takes the place of a method of the package wechatpayv3."""
    return f"{name}(…) is wechatpayv3's; here it is {' or '.join(successors(name))}"


def successors(name: str) -> list[str]:
    """Return what takes the place of a method of wechatpayv3; nothing if it has no such method."""
    from .elsewhere import CALLS, OWN

    if name in OWN:
        return [OWN[name]]
    calls = [line.split(" ")[1:] for line in CALLS.splitlines() if line.startswith(f"{name} ")]
    known = {(one.verb, one.path): one for one in endpoints()} if calls else {}
    return [spelled(known[verb, path]) for verb, path in calls]


def positional(path: str, values: Iterable[object]) -> str:
    """Return the message for a verb's arguments that have no names.

    Args:
        path: The template that the verb belongs to.
        values: What came without a name.
    """
    first = next(iter(values))
    if isinstance(first, Mapping):
        written = "{'json': {…}}" if "json" in first else "{…}"
        return f"no positional arguments: .post(json={{…}}), not .post({written})"
    names = [one[1:-1] for one in path.split("/") if one.startswith("{")]
    if isinstance(first, (str, int)) and names:
        return f"no positional arguments: .get({names[0]}=…), by its placeholder's name"
    return "no positional arguments: each has a name, as json=…"
