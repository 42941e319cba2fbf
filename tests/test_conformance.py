"""Every documented call in every spelling, over a real socket: what arrives is what is documented.

Nothing here is checked with the client's own code: APIv3 signatures with plain cryptography over
the raw bytes that came, APIv2 signatures with `hashlib` and `hmac` over the XML or query.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import keyword
import re
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import httpx
import pytest
from gateway import MCHID, Answer, Gateway, Request, rsa_key
from soak import TIMES

from wechatpay import Node, WeChatPay

SECRET = "192006250b4c09247ec02edce69f6a2d"
VALUE, ENCODED = "o_Up/F8?u#M 100%中~", "o_Up%2FF8%3Fu%23M%20100%25%E4%B8%AD~"
PARAMS, QUERY = {"a": "1 2", "b": "中"}, "a=1%202&b=%E4%B8%AD"
BODY = {"reason": "撤销原因", "amount": {"total": 1}}
XML = {"body": "支付 <测试> & co", "total_fee": "1", "attach": ""}
UPLOAD = b"--x\r\nContent-Disposition: form-data; name=meta\r\n\r\n{}\r\n--x--\r\n\x00\xff"
CHOSEN = "X-Case"
NUMBER = {
    "v2/mmpaymkttransfers/promotion/transfers": "mchid",
    "v2/pay/combinedorder": "combine_mch_id",
    "v2/pay/querycombinedorder": "combine_mch_id",
}
"""What APIv2 calls the merchant number, where that is not `mch_id`."""


class Case(NamedTuple):
    """One documented call.

    Attributes:
        number: Its line.
        verb: The verb.
        path: The URI template.
        attributes: The chain as the PHP documentation spells it.
        arguments: The names of what the documented call passes.
    """

    number: int
    verb: str
    path: str
    attributes: list[str]
    arguments: list[str]

    @property
    def is_v2(self) -> bool:
        """Whether it is of the old dialect."""
        return self.path.startswith("v2/")

    @property
    def prefix(self) -> str:
        """The path of the base URL that it names, if it names one; half of them have `hk/`."""
        return "hk/" if "base_uri" in self.arguments and self.number % 2 else ""

    @property
    def target(self) -> str:
        """What has to be on the request line."""
        path = self.path.removeprefix("v2/").replace("{empty}", "")
        path = self.prefix + re.sub(r"\{\w+\}", ENCODED, path)
        return f"/{path}?{QUERY}" if "query" in self.arguments else f"/{path}"

    def options(self, base_url: str) -> dict[str, Any]:
        """Return the arguments of the call."""
        given: dict[str, Any] = {
            name: VALUE for name in re.findall(r"\{(\w+)\}", self.path) if name != "empty"
        }
        possible: dict[str, Any] = {
            "json": {"json": BODY},
            "xml": {"xml": XML},
            "query": {"query": PARAMS},
            "body": {"content": UPLOAD},
            "base_uri": {"base_uri": base_url + self.prefix},
            "security": {"security": True},
            "nonceless": {"nonceless": True},
        }
        for name in self.arguments:
            given |= possible.get(name, {})
        return {**given, "headers": {CHOSEN: str(self.number)}}


CASES = [
    Case(number, **json.loads(line))
    for number, line in enumerate(
        (Path(__file__).parent / "conformance" / "chain.jsonl").read_text().splitlines()
    )
]


def by_attributes(wxpay: WeChatPay, case: Case) -> Node:
    """Spell a call as the documentation does; Python's keywords get an underscore."""
    names = [f"{name}_" if keyword.iskeyword(name) else name for name in case.attributes]
    found: Any = reduce(getattr, names, wxpay)
    assert isinstance(found, Node)
    return found


SPELLINGS: dict[str, Callable[[WeChatPay, Case], Node]] = {
    "attributes": by_attributes,
    "chain": lambda wxpay, case: wxpay.chain(case.path),
    "brackets": lambda wxpay, case: wxpay[case.path.replace("{", "<").replace("}", ">")],
}


def v2_sign(fields: dict[str, str]) -> str:
    """Sign fields as APIv2 does."""
    pairs = [f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name]]
    text = "&".join([*pairs, f"key={SECRET}"]).encode()
    if fields.get("sign_type") == "HMAC-SHA256":
        return hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest().upper()
    return hashlib.md5(text).hexdigest().upper()


def v2_answer() -> Answer:
    """Return a signed answer of the old dialect."""
    fields = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "nonce_str": "5K8264ILTKCH16CQ2502",
    }
    fields["sign"] = v2_sign(fields)
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return Answer(200, f"<xml>{inner}</xml>".encode(), signed=False)


def respond(request: Request) -> Answer:
    """Answer in the dialect of the question."""
    return Answer() if "authorization" in request.headers else OLD


OLD = v2_answer()


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """One gateway for all calls."""
    with Gateway() as gateway:
        gateway.default = respond
        yield gateway


def faults(case: Case, request: Request) -> Iterator[str]:
    """Yield what is wrong with a request."""
    # An APIv2 query carries its own signature, behind what the caller gave.
    target = request.target.partition("&mch_id=")[0] if case.is_v2 else request.target
    if (request.method, target) != (case.verb.upper(), case.target):
        yield f"{request.method} {request.target} is not {case.verb} {case.target}"
    if case.is_v2:
        yield from v2_faults(case, request)
        return
    if not request.is_signed_by(rsa_key("merchant")):
        yield "not signed over what was sent"
    if request.claims["mchid"] != MCHID:
        yield f"mchid is {request.claims['mchid']}"
    body = json.dumps(BODY, ensure_ascii=False, separators=(",", ":")).encode()
    expected = {"json": body, "body": UPLOAD}
    if request.body != next((expected[name] for name in case.arguments if name in expected), b""):
        yield f"another body: {request.body!r}"


def v2_faults(case: Case, request: Request) -> Iterator[str]:
    """Yield what is wrong with a request of the old dialect, but for its target."""
    if "authorization" in request.headers:
        yield "an Authorization header"
    if "query" in case.arguments:
        fields = dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True))
        given = PARAMS
    else:
        fields = {one.tag: one.text or "" for one in ElementTree.fromstring(request.body)}
        given = {name: value for name, value in XML.items() if value}
    if not given.items() <= fields.items():
        yield f"fields lost in {fields}"
    if fields.get(NUMBER.get(case.path, "mch_id")) != MCHID:
        yield f"no merchant number in {fields}"
    if ("nonce_str" in fields) is ("nonceless" in case.arguments):
        yield f"nonce_str is {fields.get('nonce_str')}"
    if fields.get("sign") != v2_sign(fields):
        yield "not signed over what was sent"


@pytest.mark.soak
@pytest.mark.untraced
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_documented_call_arrives(
    make_client: Callable[..., WeChatPay], gateway: Gateway, spelling: str, is_async: bool
) -> None:
    """The documented path, values percent-encoded, the body as given, and a signature over all.

    `make test` spells every third call so, and of all spellings together every one.
    """
    cases = CASES if TIMES > 1 else CASES[[*SPELLINGS].index(spelling) :: len(SPELLINGS)]
    assert len(CASES) == 519
    wxpay = make_client(base_url=gateway.url, secret=SECRET)
    del gateway.requests[:]
    answers: dict[int, httpx.Response] = {}

    def call(case: Case, verb: str) -> Any:
        node = SPELLINGS[spelling](wxpay, case)
        return getattr(node, verb)(**case.options(gateway.url))

    async def in_turn(cases: list[Case]) -> None:
        for case in cases:
            answers[case.number] = await call(case, f"{case.verb}_async")

    async def all_at_once() -> None:
        await asyncio.gather(*(in_turn(cases[start::16]) for start in range(16)))
        await wxpay.aclose()

    if is_async:
        asyncio.run(all_at_once())
    else:
        answers |= {case.number: call(case, case.verb) for case in cases}

    assert sorted(answers) == [case.number for case in cases]
    assert {one.status_code for one in answers.values()} == {200}
    arrived = {int(one.headers[CHOSEN.lower()]): one for one in gateway.requests}
    assert len(gateway.requests) == len(arrived) == len(cases)
    wrong = [
        (case.path, *found) for case in cases if (found := [*faults(case, arrived[case.number])])
    ]
    assert wrong == []
