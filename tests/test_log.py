"""One line a call: verb, template, outcome, request id, milliseconds, tries; and nothing else."""

from __future__ import annotations

import logging
import re

import anyio
import pytest
from gateway import APIV3_KEY, Answer, Gateway, certificate_identity, certificate_list
from patience import until_async
from ways import Ask, Way, client_of, each_async_way, each_way

from wechatpay import PathError, WeChatPayError

TEMPLATE = "v3/pay/transactions/id/{transaction_id}"
ID = "08F7AB4E1D5F2C3A-268435456"


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    """Every logger tells what it tells at `INFO`."""
    caplog.set_level(logging.INFO)


def line(caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    """Return the only line that was logged, by anybody."""
    (record,) = caplog.records
    assert record.name == "wechatpay"
    return record


OUTCOMES: dict[str, tuple[Answer, str]] = {
    "well": (Answer(), f"200 {ID} # ms, 1 try"),
    "empty": (Answer(204, b""), f"204 {ID} # ms, 1 try"),
    "no id": (Answer(headers={"Request-ID": None}), "200 - # ms, 1 try"),
    "odd id": (Answer(headers={"Request-ID": 'signature="QUJD"'}), "200 - # ms, 1 try"),
    "refused": (Answer(404, {"code": "ORDER_NOT_EXIST"}), f"404 ORDER_NOT_EXIST {ID} # ms, 1 try"),
    "page": (Answer(502, b"<html>"), f"502 APIError {ID} # ms, 3 tries"),
    "lost": (Answer(fault="reset"), "TransportError - # ms, 3 tries"),
    "unsigned": (Answer(signed=False), "VerificationError - # ms, 1 try"),
}


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_one_line(
    gateway: Gateway, way: Way, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever comes of a call, and however often it was tried, it is one line of the client's."""
    gateway.default, expected = OUTCOMES[outcome]
    with client_of(gateway) as wxpay:
        node = wxpay[TEMPLATE]
        try:
            way.call(node, transaction_id="4200001234", params={"mchid": "1230000109"})
        except WeChatPayError:
            assert line(caplog).levelno == logging.WARNING
        else:
            assert line(caplog).levelno == logging.INFO
    text = re.sub(r"\d+ ms", "# ms", caplog.messages[0])
    assert text == f"GET {TEMPLATE} {expected}"


@pytest.mark.parametrize(
    ("path", "spoken"),
    [
        ("v3/pay/transactions/id/4200001234567890", "v3/pay/transactions/id/…"),
        ("v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons", "favor/users/…/coupons"),
        ("v3/certificates", "v3/certificates"),
    ],
)
def test_value_in_a_path_is_not_spoken(
    gateway: Gateway, path: str, spoken: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A path written out may hold an order number or an openid: such a segment is left out."""
    with client_of(gateway) as wxpay:
        wxpay[path].get()
    assert f"{spoken} 200" in line(caplog).getMessage()
    assert gateway.requests[0].target == f"/{path}"


@each_way
def test_fetching_certificates_is_part_of_the_call(
    gateway: Gateway, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    """It makes no line of its own."""
    gateway.identity = certificate_identity(0x51)
    gateway.routes["/v3/certificates"] = certificate_list([gateway.identity])
    with client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay:
        way.send(Ask(wxpay["v3/x"]), Ask(wxpay["v3/y"]))
    assert [one.split()[1] for one in caplog.messages] == ["v3/x", "v3/y"]


@each_async_way
def test_cancelled_call_is_told(
    gateway: Gateway, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    """A call that nobody waits for any more may have gone out, so it is in the log."""
    gateway.default = Answer(fault="hang")

    async def main() -> None:
        async with client_of(gateway) as wxpay, anyio.create_task_group() as group:
            group.start_soon(wxpay["v3/x"].post_async)
            await until_async(lambda: len(gateway.requests) == 1)
            group.cancel_scope.cancel()

    way.run(main)
    assert re.fullmatch(r"POST v3/x abandoned - \d+ ms, 1 try", line(caplog).getMessage())


def test_no_line_where_none_is_wanted(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """The logger's level is the application's to set."""
    caplog.set_level(logging.WARNING, "wechatpay")
    with client_of(gateway) as wxpay:
        wxpay["v3/x"].get()
    assert caplog.records == []


def test_mistake_before_the_call_is_none(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    """What was never a call is not logged: its error says it all."""
    with client_of(gateway) as wxpay, pytest.raises(PathError):
        wxpay["v3/x/{id}"].get()
    assert caplog.records == []
    assert gateway.requests == []


def test_library_is_silent_by_itself() -> None:
    """Without a configuration of logging nothing is printed: a handler that does nothing is set."""
    handlers = logging.getLogger("wechatpay").handlers
    assert any(isinstance(one, logging.NullHandler) for one in handlers)
