"""What the sandbox prints, logs and looks like shows no personal data, and no key."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._terminal import Lines

_NAME, _PHONE, _REMARK = "欧阳某某甲", "13812345678", "只给一个人看的备注"
_TRANSFER: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "out_bill_no": "b1",
    "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
    "transfer_amount": 400,
    "transfer_remark": _REMARK,
    "transfer_scene_id": "1005",
    "transfer_scene_report_infos": [
        {"info_type": "岗位类型", "info_content": "外卖员"},
        {"info_type": "报酬说明", "info_content": "配送费"},
    ],
    "notify_url": "https://shop.example/notify",
    "user_name": _NAME,
}


@pytest.mark.parametrize("sm", [False, True], ids=["RSA", "SM"])
def test_what_the_sandbox_shows(sm: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Its lines, its log, and the `repr` of what it keeps: of a call taken and of one refused."""
    caplog.set_level(logging.DEBUG)
    screen = io.StringIO()
    with Sandbox(sm=sm) as sandbox:
        lines = Lines(screen, "http://127.0.0.1:1")
        sandbox.watch(lines.exchange, lines.delivery)
        wxpay: Any = sandbox.client()
        bills = wxpay["v3/fund-app/mch-transfer/transfer-bills"]
        assert bills.post(json=_TRANSFER).status_code == 200
        sandbox.confirm_transfer("b1")
        wrong = {**_TRANSFER, "out_bill_no": "b2", "transfer_amount": "much", "user_name": _PHONE}
        with pytest.raises(Exception, match="PARAM_ERROR") as caught:
            bills.post(json=wrong)
        shown = [
            screen.getvalue(),
            caplog.text,
            str(caught.value),
            repr(sandbox),
            repr(wxpay),
            repr(sandbox.exchanges),
            repr(sandbox.notifications),
        ]
        secrets = [_NAME, _PHONE, _REMARK, sandbox.config["apiv3_key"], "WECHATPAY2-"]
    text = "\n".join(shown)
    assert "transfer-bills" in text
    assert "MCHTRANSFER.BILL.FINISHED" in text
    assert [one for one in secrets if one in text] == []
