"""What coding agents are given: tools by MCP, asked by a real client, and the skill."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import anyio
import pytest
from gateway import Answer, Gateway
from mcp import Client, StdioServerParameters, stdio_client

from wechatpay import ConfigurationError
from wechatpay.api import Field, endpoints, notifications
from wechatpay.cli._settings import Settings, gather
from wechatpay.cli.assistant import Allowed, Merchant, folder
from wechatpay.cli.assistant.masking import NUMBERS, cleaned, masked
from wechatpay.cli.assistant.server import build
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox.settings import write

from .conftest import Run

NUMBER = "1217752501201407033233368018"
ORDER: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "A cup of tea",
    "out_trade_no": NUMBER,
    "notify_url": "https://shop.example/wechatpay/notify",
    "amount": {"total": 100},
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
}
JSAPI = "v3/pay/transactions/jsapi"
REFUND = "v3/refund/domestic/refunds"
STATE = "v3/payscore/user-service-state"


class Asked:
    """The tools of a merchant, each asked by a client of the official SDK."""

    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant
        self._server = build(merchant)

    def tools(self) -> set[str]:
        """Return the names of the tools that there are."""

        async def ask() -> set[str]:
            async with Client(self._server) as client:
                return {tool.name for tool in (await client.list_tools()).tools}

        return anyio.run(ask)

    def __call__(self, tool: str, **arguments: Any) -> Any:
        """Return what a tool answers: its result, or its error as text."""

        async def ask() -> Any:
            async with Client(self._server) as client:
                return await client.call_tool(tool, arguments)

        answer = anyio.run(ask)
        if answer.is_error:
            return answer.content[0].text
        found = answer.structured_content
        return found["result"] if set(found or {}) == {"result"} else found


@pytest.fixture
def asked() -> Iterator[Asked]:
    """A merchant without settings: it has a sandbox of its own."""
    merchant = Merchant(Settings({}), Allowed(()))
    yield Asked(merchant)
    merchant.close()


def real(gateway: Gateway, env: Path, *allow: str, personal: bool = False) -> Merchant:
    """Return a merchant that the tools have to take for a real one, at a local gateway."""
    merchant = Merchant(gather(env, {}), Allowed(allow), live=True, personal=personal)
    assert merchant.is_real  # on this machine, but no sandbox answers there
    return merchant


def test_it_talks_to_a_sandbox_of_its_own(asked: Asked) -> None:
    """Without settings an order is placed, paid and queried, and no money can move."""
    assert "no money moves" in asked.merchant.described
    placed = asked("call", verb="post", path=JSAPI, body=ORDER)
    assert placed["data"]["prepay_id"]
    assert asked("pay_as_customer", out_trade_no=NUMBER)["data"]["trade_state"] == "SUCCESS"
    found = asked("query_order", out_trade_no=NUMBER)
    assert found["data"]["trade_state"] == "SUCCESS"
    assert "data" in found["note"]
    again = asked("query_order", transaction_id=found["data"]["transaction_id"])
    assert again["data"]["out_trade_no"] == NUMBER
    path = "v3/pay/transactions/out-trade-no/{out_trade_no}"
    asking = {"values": {"out_trade_no": NUMBER}, "query": {"mchid": "1900000109"}}
    assert asked("ask", path=path, **asking)["data"] == found["data"]


def test_who_somebody_is_is_masked(asked: Asked) -> None:
    """An openid is not shown unless personal data was asked for."""
    asked("call", verb="post", path=JSAPI, body=ORDER)
    asked("pay_as_customer", out_trade_no=NUMBER)
    assert asked("query_order", out_trade_no=NUMBER)["data"]["payer"] == {"openid": "***"}
    merchant = Merchant(Settings({}), Allowed(()), personal=True)
    shown = Asked(merchant)
    shown("call", verb="post", path=JSAPI, body=ORDER)
    shown("pay_as_customer", out_trade_no=NUMBER)
    found = shown("query_order", out_trade_no=NUMBER)
    assert found["data"]["payer"] == ORDER["payer"]
    merchant.close()


def test_masks_reach_everywhere() -> None:
    """Names, openids and sealed fields are masked in lists and objects; goods and codes are not."""
    secret = {"user_name": "张三", "sp_openid": "o1", "id_card_number": 1, "用户标识": "o2"}
    for value in (secret, [secret], {"a": [{"b": secret}]}, {"a": json.dumps([secret])}):
        told = json.dumps(masked(value), ensure_ascii=False)
        assert told.count("***") == 4
        assert not re.search("张三|o1|o2", told)
    kept = {"goods_name": "tea", "out_trade_no": "1", "name": None, "state": True, "a": "[no"}
    assert masked(kept) == kept
    assert masked({"refund_recv_accout_0": "x", "phone": {"a": ["1", None]}}) == {
        "refund_recv_accout_0": "***",
        "phone": {"a": ["***", None]},
    }


OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
LIKE_A_PERSON = [OPENID, "13800138000", "+86 138-0013-8000", "11010519491231002X", "a.b@c.example"]


@pytest.mark.parametrize("text", [*LIKE_A_PERSON, "6222021234567890128"])
def test_what_looks_like_a_person_is_masked_in_any_text(text: str) -> None:
    """A telephone, an openid, a card, an address are masked in a text; an order's number is not."""
    assert masked({"attach": f"call {text}!"}) == {"attach": "call ***!"}
    assert cleaned(f"user {text} is not known") == "user *** is not known"
    assert masked({"tags": [f"{text}", 7]}) == {"tags": ["***", 7]}
    assert masked({"out_trade_no": "13800138000"}) == {"out_trade_no": "13800138000"}


def test_the_catalogue_says_first_what_is_masked() -> None:
    """A mark of the field at its place counts, whatever its name; so do the values of a list."""
    fields = (
        Field("thing", "string", sensitive=True),
        Field("sealed", "object", encrypted="wechatpay-public-key"),
        Field("card_name", "string", enum=("GOLD",)),
        Field("list", "array<object>", fields=(Field("note", "string"),)),
        Field("free", "object"),
        Field("either", "object", variants=(("a is b", (Field("remark", "string"),)),)),
        Field("coupon_text_$n", "string"),
    )
    value = {
        "thing": "张三",
        "sealed": {"x": "y", "z": [1]},
        "card_name": "GOLD",
        "list": [{"note": "hello", "who": "李四", "state": "PAID", "at": "2026-01-31", "n": 7}],
        "free": {"note": "hello"},
        "either": {"remark": "hello"},
        "coupon_text_3": "hello",
        "who": "王五",
        "count": 13800138000,
    }
    assert masked(value, fields) == {
        "thing": "***",
        "sealed": {"x": "***", "z": ["***"]},
        "card_name": "GOLD",
        "list": [{"note": "hello", "who": "***", "state": "PAID", "at": "2026-01-31", "n": 7}],
        "free": {"note": "hello"},
        "either": {"remark": "hello"},
        "coupon_text_3": "hello",
        "who": "***",
        "count": "***",
    }


@pytest.mark.untraced
def test_no_documented_answer_shows_a_person() -> None:
    """Whatever field of an answer or notification holds it, no openid, telephone or name comes out.

    A name cannot be told from a word, so it stands where the catalogue says that it is one.
    """
    trees = [one.reply.fields for one in endpoints()] + [one.resource for one in notifications()]
    for fields in trees:
        shown = json.dumps(masked(planted(fields), fields), ensure_ascii=False)
        assert not [text for text in (*LIKE_A_PERSON, "张三") if text in shown]


def planted(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return an answer with somebody in every text, but for what has an order's or other number."""
    found: dict[str, Any] = {}
    for field in fields:
        if field.fields:
            inner = planted(field.fields)
            found[field.name] = [inner] if field.type.startswith("array<") else inner
        elif field.encrypted or field.sensitive or field.name in ("openid", "user_name"):
            found[field.name] = f"张三 {OPENID}"
        elif field.type == "string" and not field.enum and not field.name.endswith(NUMBERS):
            found[field.name] = " ".join(LIKE_A_PERSON)
    return found


def test_no_tool_moves_money_of_a_real_merchant(gateway: Gateway, env: Path) -> None:
    """Without --allow there is no tool that changes anything; asking still works."""
    merchant = real(gateway, env)
    asked = Asked(merchant)
    names = asked.tools()
    assert not names & {"call", "pay_as_customer"}
    assert gateway.requests.pop(0).target == "/sandbox/status"  # which is none, so it is real
    assert "can only be asked" in merchant.described
    with pytest.raises(ConfigurationError, match="without --allow"):
        merchant.call("post", REFUND, {}, {}, {"out_refund_no": "1"})
    for tool in names - {"guide", "search_endpoints"}:
        answer = asked(tool, **_arguments(tool))
        assert answer is not None
    assert {request.method for request in gateway.requests} <= {"GET", "POST"}
    posted = [one for one in gateway.requests if one.method == "POST"]
    assert {one.target.partition("?")[0] for one in posted} <= {"/v3/security/echo"}
    merchant.close()


def _arguments(tool: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "show_endpoint": {"verb": "post", "path": REFUND},
        "check_body": {"verb": "post", "path": REFUND, "body": {}},
        "explain_error": {"code": "NOT_ENOUGH", "verb": "post", "path": REFUND},
        "explain_signature": {"verb": "post", "url": "/v3/pay", "authorization": "none"},
        "read_notification": {"headers": {}, "body": "{}"},
        "query_order": {"out_trade_no": NUMBER},
        "read_bill": {"day": "2026-01-31"},
        "ask": {"path": "v3/certificates"},
    }
    return given.get(tool, {})


def test_what_was_allowed_is_called(gateway: Gateway, env: Path) -> None:
    """A call that --allow names is made, and no other; questions by POST need no leave."""
    gateway.routes[f"/{REFUND}"] = Answer(body={"refund_id": "1", "user_received_account": "x"})
    gateway.routes["/sandbox/status"] = Answer(404, {"code": "NOT_FOUND", "message": "m"})
    gateway.routes["/pay/orderquery"] = Answer(404, {"code": "X", "message": "m"})
    merchant = real(gateway, env, f"post {REFUND}")
    asked = Asked(merchant)
    assert REFUND in merchant.described
    answer = asked("call", verb="post", path=REFUND, body={"out_refund_no": "1"})
    assert answer["data"] == {"refund_id": "1", "user_received_account": "***"}
    gateway.routes[f"/{REFUND}"] = Answer(400, {"code": "X", "message": "13800138000 is no user"})
    refused = asked("call", verb="post", path=REFUND, body={"out_refund_no": "1"})
    assert "*** is no user" in refused
    assert "without --allow" in asked("call", verb="post", path=JSAPI, body=ORDER)
    assert {one.target for one in gateway.requests if one.method == "POST"} == {f"/{REFUND}"}
    merchant.close()


@pytest.mark.parametrize("rule", ["post v3/**", "post", "get v3/certificates", "post v3/nowhere"])
def test_leave_is_given_by_name_alone(rule: str) -> None:
    """A wildcard, a question and a path that is not documented cannot be allowed."""
    with pytest.raises(ConfigurationError, match="--allow takes"):
        Allowed([rule])


def test_settings_without_live_are_not_used(gateway: Gateway, env: Path) -> None:
    """A real merchant's settings lead to a sandbox all the same, unless --live is given."""
    settings = Settings({**gather(env, {}).variables, "BASE_URL": "https://api.mch.weixin.qq.com"})
    merchant = Merchant(settings, Allowed(()))
    asked = Asked(merchant)
    assert merchant.sandbox is not None
    assert not merchant.is_real
    found = {one["name"] for one in asked("run_doctor")}
    assert "private_key" in found
    assert "server" not in found
    assert not gateway.requests
    merchant.close()
    live = Merchant(settings, Allowed(()), live=True)
    assert live.is_real
    assert "REAL" in live.described
    live.close()


def test_a_sandbox_of_another_process_is_used(tmp_path: Path) -> None:
    """Settings that lead to a sandbox on this machine are followed; its customer can be played."""
    with Sandbox(port=0) as sandbox:
        variables = write(sandbox, tmp_path)
        found = {name.removeprefix("WECHATPAY_"): value for name, value in variables.items()}
        merchant = Merchant(Settings(found), Allowed(()))
        asked = Asked(merchant)
        assert "on this machine" in merchant.described
        asked("call", verb="post", path=JSAPI, body=ORDER)
        paid = asked("call", verb="post", path=f"sandbox/pay/{NUMBER}")
        assert paid["data"]["trade_state"] == "SUCCESS"
        probed = asked("call", verb="post", path="sandbox/notifications/probes", body={"rate": 1})
        assert (probed["data"], sandbox.probe_rate) == (None, 1)
        merchant.close()


def test_endpoints_are_found_and_shown(asked: Asked) -> None:
    """Search knows synonyms; an endpoint is shown with its call, meanings and refusals."""
    assert asked("search_endpoints", words="退款")[0]["path"] == REFUND
    shown = asked("show_endpoint", verb="post", path=REFUND, language="zh")
    assert shown["call"] == "wxpay.v3.refund.domestic.refunds.post(json={…})"
    assert shown["body"]["out_refund_no"]["meaning"].startswith("商户退款单号")
    assert any("NOT_ENOUGH" in one for one in shown["refusals"])
    path = "v3/pay/transactions/id/{transaction_id}"
    call = asked("show_endpoint", verb="get", path=path)["call"]
    assert call == "wxpay.v3.pay.transactions.id._transaction_id_.get(transaction_id=…, params={…})"
    assert "did you mean" in asked("show_endpoint", verb="get", path="v3/pay/transactions/idd")
    assert "no such path" in asked("show_endpoint", verb="get", path="x")


def test_a_body_is_held_against_the_catalogue(asked: Asked) -> None:
    """Everything wrong is named at once: missing, misspelt, of another type, too long, unknown."""
    fine = asked("check_body", verb="post", path=JSAPI, body=ORDER)
    assert fine == {"wrong": [], "fine": True}
    body = {
        **ORDER,
        "descripton": "x",
        "amount": {"total": "1", "currency": 5},
        "limit_pay": "no_credit",
        "detail": {"goods_detail": [{"quantity": True}]},
        "payer": {"openid": "o", "identity": {"type": "IDCARD", "number": "1", "name": "a"}},
    }
    wrong = asked("check_body", verb="post", path=JSAPI, body=body)["wrong"]
    for part in (
        "descripton is not documented; did you mean description?",
        "amount.total has to be of type integer: What is paid in all, in fen",
        "limit_pay has to be a list",
        "goods_detail[0].merchant_goods_id is required",
        "goods_detail[0].quantity has to be of type",
    ):
        assert any(part in one for one in wrong), part
    settlement = {"verb": "post", "path": "v3/apply4sub/sub_merchants/1/modify-settlement"}
    assert any(
        "bank_name is longer than 128" in one
        for one in asked("check_body", **settlement, body={"bank_name": "x" * 129})["wrong"]
    )
    sharing = {"verb": "post", "path": "v3/profitsharing/orders", "body": {"out_order_no": "ä"}}
    told = asked("check_body", **sharing)["wrong"]
    assert any("out_order_no does not match" in one for one in told)
    refund = asked("check_body", verb="post", path=REFUND, body={"funds_account": "x"})["wrong"]
    assert any("funds_account" in one and "one of AVAILABLE" in one for one in refund)
    partner = asked(
        "check_body", verb="post", path="v3/pay/partner/transactions/jsapi", body={"payer": {}}
    )
    assert any("payer.(sp_openid or sub_openid) is required" in one for one in partner["wrong"])
    either = asked(
        "check_body",
        verb="post",
        path="v3/pay/partner/transactions/jsapi",
        body={"payer": {"sub_openid": "o"}},
    )
    assert not any("payer" in one for one in either["wrong"])
    receivers = "v3/profitsharing/receivers/add"
    assert not asked("check_body", verb="post", path=receivers, body={"name": "x"})["fine"]
    asking = {"verb": "get", "path": "v3/bill/tradebill"}
    assert asked("check_body", **asking)["wrong"][0].startswith("query: bill_date is required")


def test_an_error_is_explained(asked: Asked) -> None:
    """What a code means, whether it is documented there, and what has to stay the same."""
    found = asked("explain_error", code="NOT_ENOUGH", verb="post", path=REFUND)
    assert found["documented_here"] is True
    assert found["keep_the_same"] == "out_refund_no"
    assert asked("explain_error", code="X")["meaning"].startswith("No general meaning")
    other = asked("explain_error", code="X", verb="get", path="v3/certificates")
    assert other["documented_here"] is False
    assert "refused: 404 ORDER_NOT_EXIST" in asked("query_order", out_trade_no="none-such")


def test_a_failed_signature_is_explained(asked: Asked) -> None:
    """The mistake is named that the signature proves; a right one is said to be right."""
    sandbox = asked.merchant.sandbox
    assert isinstance(sandbox, Sandbox)
    asked("call", verb="post", path=JSAPI, body=ORDER)
    exchange = sandbox.exchanges[-1]
    header = next(value for name, value in exchange.headers if name.lower() == "authorization")
    sent = {"verb": "post", "authorization": header}
    body, target = exchange.body.decode(), exchange.target
    right = asked("explain_signature", url=f"https://x.example{target}", body=body, **sent)
    assert right["found"] == "the signature is right"
    wrong = asked("explain_signature", url=f"{target}?a=1", body=body, **sent)
    assert "query" in wrong["found"]
    assert wrong["differs_from"].startswith("line 2")
    none = {**sent, "authorization": ""}
    assert asked("explain_signature", url=target, **none)["found"] == "the header is missing"


def test_a_notification_is_read(asked: Asked) -> None:
    """It is verified and opened, and its payer masked; a forgery is refused in a sentence."""
    sandbox = asked.merchant.sandbox
    assert isinstance(sandbox, Sandbox)
    seen: list[tuple[Any, bytes]] = []
    sandbox.mount("https://shop.example/", lambda headers, body: seen.append((headers, body)))
    asked("call", verb="post", path=JSAPI, body=ORDER)
    asked("pay_as_customer", out_trade_no=NUMBER)
    sandbox.settle()
    headers, body = seen[0]
    given = {str(name): str(value) for name, value in dict(headers).items()}
    found = asked("read_notification", headers=given, body=body.decode())
    assert found["data"]["event_type"] == "TRANSACTION.SUCCESS"
    assert found["data"]["resource"]["payer"] == {"openid": "***"}
    assert isinstance(asked("read_notification", headers={}, body="{}"), str)


def test_a_bill_is_read(asked: Asked) -> None:
    """Its rows are counted, the first are shown with users masked, and it adds up."""
    from datetime import timedelta

    sandbox = asked.merchant.sandbox
    assert isinstance(sandbox, Sandbox)
    asked("call", verb="post", path=JSAPI, body=ORDER)
    day = asked("pay_as_customer", out_trade_no=NUMBER)["data"]["success_time"][:10]
    sandbox.advance(timedelta(days=2))
    found = asked("read_bill", day=day)["data"]
    assert found["rows"] == 1
    assert found["first"][0]["商户订单号"] == NUMBER
    assert found["first"][0]["用户标识"] == "***"
    assert found["summary"]


def test_files_and_browsers_are_not_for_tools(asked: Asked) -> None:
    """What takes or answers a file is refused, and so is what is not documented."""
    assert "file" in asked("ask", path="v3/billdownload/file", query={"token": "x"})
    assert "no GET v3/nowhere" in asked("ask", path="v3/nowhere")
    assert "no POST v3/nowhere" in asked("call", verb="post", path="v3/nowhere")


def test_apiv2_answers_are_read(asked: Asked) -> None:
    """A call of APIv2 takes its fields as the body, and answers with fields."""
    asked("call", verb="post", path=JSAPI, body=ORDER)
    body = {"appid": ORDER["appid"], "out_trade_no": NUMBER}
    found = asked("call", verb="post", path="v2/pay/orderquery", body=body)
    assert found["data"]["trade_state"] == "NOTPAY"


def test_an_empty_answer_has_its_status(asked: Asked) -> None:
    """Where WeChat Pay answers with nothing, the status is told."""
    asked("call", verb="post", path=JSAPI, body=ORDER)
    path = "v3/pay/transactions/out-trade-no/{out_trade_no}/close"
    values = {"out_trade_no": NUMBER}
    body = {"mchid": "1900000109"}
    closed = asked("call", verb="post", path=path, values=values, body=body)
    assert closed["data"] == {"status": 204}
    assert "refused: 404" in asked("call", verb="get", path="v3/certificates")


def test_doctor_without_settings(asked: Asked) -> None:
    """There is nothing to check but that it is a sandbox."""
    assert asked("run_doctor")[0]["name"] == "sandbox"
    assert asked("guide").startswith("---\nname: wechatpay")


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A setting that is wrong is one sentence of the tool that needs it."""
    merchant = Merchant(Settings({"PRIVATE_KEY": str(tmp_path / "none.pem")}), Allowed(()))
    told = Asked(merchant)("explain_signature", verb="get", url="/", authorization="")
    assert isinstance(told, str)
    merchant.close()


def test_the_command_serves_over_standard_input(tmp_path: Path) -> None:
    """`wechatpay mcp` is a process that a client starts, asks and ends; it logs nobody's openid."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WECHATPAY_")}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "wechatpay", "mcp"], env=environment, cwd=tmp_path
    )

    asked = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "service_id": "500001", "appid": "wx1"}

    async def ask(errors: TextIO) -> tuple[set[str], Any, str]:
        async with Client(stdio_client(server, errlog=errors)) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            found = await client.call_tool("search_endpoints", {"words": "退款"})
            await client.call_tool("ask", {"path": STATE, "query": asked})
            return names, found.structured_content, client.instructions or ""

    with (tmp_path / "errors").open("w+", encoding="utf-8") as errors:
        names, found, instructions = anyio.run(ask, errors)
        errors.seek(0)
        assert "oUpF8" not in errors.read()
    assert {"guide", "call", "pay_as_customer"} <= names
    assert found["result"][0]["path"] == REFUND
    assert "no money moves" in instructions


def test_the_command_needs_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the SDK it is said which extra it is."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    result = run("mcp")
    assert result.code == 3
    assert "wechatpay-openapi[mcp]" in result.err
    assert run("mcp", "--allow", "post v3/**").code == 3


def test_the_command_ends_with_its_input(run: Run) -> None:
    """The command ends when its input ends."""
    assert run("mcp").code == 0


def test_the_skill_is_copied(run: Run, tmp_path: Path) -> None:
    """It is printed where the skill is; it is copied whole, and what is there is not lost."""
    assert run("skill").out.strip() == str(folder())
    place = Path(run("skill", "install").out.strip())
    assert (place / "SKILL.md").read_text("utf-8") == (folder() / "SKILL.md").read_text("utf-8")
    assert (place / "references" / "checks.md").is_file()
    assert run("skill", "install").code == 0
    (place / "SKILL.md").write_text("mine", "utf-8")
    refused = run("skill", "install")
    assert (refused.code, "--force" in refused.err) == (3, True)
    assert run("skill", "install", "--force").code == 0
    assert (place / "SKILL.md").read_text("utf-8") != "mine"
    elsewhere = run("skill", "install", "--into", tmp_path / "skills").out.strip()
    assert Path(elsewhere) == tmp_path / "skills" / "wechatpay"


def test_the_skills_links_lead_somewhere() -> None:
    """Each page that is linked is there, and each page is linked."""
    first = (folder() / "SKILL.md").read_text("utf-8")
    linked = set(re.findall(r"\]\((references/[\w-]+\.md)\)", first))
    assert linked == {f"references/{one.name}" for one in (folder() / "references").iterdir()}
