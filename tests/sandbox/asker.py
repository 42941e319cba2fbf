"""A merchant who asks for things one after the other, by a clock that only tests move."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from wechatpay import api
from wechatpay.api import Field
from wechatpay.sandbox import Answer, Sandbox
from wechatpay.sandbox._endpoint import Document, Request, Spec, Tree, fields
from wechatpay.sandbox._endpoint.documented import tree_of
from wechatpay.sandbox._front.endpoints import router

from .merchant import Merchant, read

NOON = 1767240000.0
"""12:00 on 2026-01-01 in Beijing, a Thursday."""
OWN, SUB = "1900000109", "1230000109"
"""The sandbox's merchant, and one of its sub-merchants."""
OPENING = 100_000_000
"""What every account begins with, in fen."""
_SOMETIMES = ("mchid", "authorization_id", "authorize_time", "recharge_channel")
"""What notifications lack if they are a partner's, or if what they tell of never came so far."""
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)


def documented(method: str, target: str) -> Document | None:
    """Return what the catalogue says of the endpoint that a request is for."""
    request = Request(method, f"/{target}".encode(), (), b"")
    route, _ = router(Sandbox).find(request)
    return route.document


def check(said: Mapping[str, Any], documented: Sequence[Field], where: str) -> None:
    """Check that an answer has documented fields only, all that it must, of the right types."""
    tree = tree_of(tuple(documented))
    fields.check(said, _checked(tree), where)
    undocumented = said.keys() - tree.keys()
    assert not undocumented, (where, undocumented)
    missing = {each.name for each in documented if each.required} - said.keys()
    assert not missing, (where, missing)
    for each in documented:
        for one in _objects(said.get(each.name)):
            check(one, each.fields, f"{where}/{each.name}")


def _is_shaped(told: Mapping[str, Any], documented: Sequence[Field]) -> bool:
    """Whether a notification has documented fields only, and all that it must."""
    needed = {each.name for each in documented if each.required and each.name not in _SOMETIMES}
    return needed <= told.keys() <= {each.name for each in documented}


def _checked(tree: Tree) -> dict[str, Spec]:
    """Values of what is documented as closed or not: an answer has no others."""
    kept = ("type", "required")
    return {
        name: cast("Spec", {key: it for key, it in spec.items() if key in kept})
        for name, spec in tree.items()
    }


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
    return [each for each in items if isinstance(each, dict)]


class Asker:
    """Signs and sends.

    Args:
        sandbox: Where to.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.merchant = Merchant(sandbox.config)

    def answer(
        self, method: str, target: str, body: object = None, *, sealed: bool = False
    ) -> Answer:
        """Ask for something.

        Args:
            method: The verb.
            target: The path, without the slash at its beginning, and the query.
            body: The body.
            sealed: Whether something in it is encrypted.
        """
        now = str(int(self.sandbox.world.clock.wall()))
        serial = next(iter(self.merchant.platform)) if sealed else None
        gateway = self.sandbox.gateway
        return self.merchant.call(gateway, method, f"/{target}", body, serial=serial, timestamp=now)

    def ask(self, method: str, target: str, body: object = None, *, sealed: bool = False) -> Any:
        """Ask for something that is granted, and return what is answered."""
        answer = self.answer(method, target, body, sealed=sealed)
        assert answer.status in (200, 202, 204), answer.body.decode()
        said = read(answer) if answer.body else None
        if document := documented(method, target):
            check(said or {}, document.endpoint.reply.fields, f"{method} {target}")
        return said

    def get(self, target: str) -> Any:
        """Query something that is there."""
        return self.ask("GET", target)

    def post(self, target: str, body: object = None, *, sealed: bool = False) -> Any:
        """Have something done."""
        return self.ask("POST", target, body, sealed=sealed)

    def refused(
        self, method: str, target: str, body: object = None, *, sealed: bool = False
    ) -> str:
        """Ask for something that is refused, and return the status and the code."""
        answer = self.answer(method, target, body, sealed=sealed)
        assert answer.status >= 400, answer.body.decode()
        return f"{answer.status} {read(answer)['code']}"

    def seal(self, text: str) -> str:
        """Encrypt something for WeChat Pay."""
        (key,) = self.merchant.platform.values()
        return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode()

    def open(self, text: str) -> str:
        """Decrypt what WeChat Pay has encrypted."""
        return self.merchant.key.decrypt(base64.b64decode(text), _OAEP).decode()

    def told(self, event_type: str) -> list[dict[str, Any]]:
        """Return what the merchant was told of such events, oldest first."""
        told = [each.event for each in self.sandbox.notifications]
        found = [dict(each.resource) for each in told if each.event_type == event_type]
        shapes = [each.resource for each in api.notifications() if event_type == each.event_type]
        for each in found:
            assert not shapes or any(_is_shaped(each, shape) for shape in shapes), each
        return found

    def balance(self, account: str = "BASIC", mchid: str = OWN) -> tuple[int, int]:
        """Return what there is on an account more than at the beginning, and what is pending."""
        if mchid == OWN:
            found = self.get(f"v3/merchant/fund/balance/{account}")
        else:
            found = self.get(f"v3/ecommerce/fund/balance/{mchid}?account_type={account}")
        return found["available_amount"] - OPENING, found["pending_amount"]
