"""What the command says while it serves."""

from __future__ import annotations

from .._base import Text, Words

INVITATION = Text(
    """\
页面：{url}/

密钥保存在 {folder}，重启后不变（--new-keys 换新）。
在设置了这些变量的终端里：
    from wechatpay import WeChatPay
    wxpay = WeChatPay.from_env()
    wxpay.v3.pay.transactions.native.post(json=…)
另一个终端：wechatpay doctor --env-file {settings}

服务中，按 Ctrl-C 结束。
""",
    """\
The page: {url}/

The keys are kept in {folder}, and stay the same after a restart (--new-keys makes new ones).
In a shell that has these variables:
    from wechatpay import WeChatPay
    wxpay = WeChatPay.from_env()
    wxpay.v3.pay.transactions.native.post(json=…)
In any other: wechatpay doctor --env-file {settings}

Serving until Ctrl-C.
""",
)
CLOSED = Text("已结束。", "Closed.")
NOT_KEPT = Text(
    "无法写入 {folder}（{why}）：这次的密钥不会保存。",
    "{folder} cannot be written to ({why}): this time's keys will not be kept.",
)
OTHER_PORT = Text(
    "上次的端口 {port} 已被占用，这次使用另一个。",
    "Last time's port {port} is taken: another one is used this time.",
)
NO_BROWSER = Text("这里没有浏览器，请自行打开：{url}", "There is no browser here; open {url}")
LOST = Text("无应答", "no answer")
FAULT = Text("故障", "fault")
WORDS: Words = {
    "acknowledged": Text("已确认", "acknowledged"),
    "refused": Text("被拒绝", "refused"),
    "timed out": Text("超时", "timed out"),
    "unreachable": Text("无法连接", "unreachable"),
    "not sent": Text(
        "未发送：不是本机地址，也不在 --allow-host 之列",
        "not sent: neither this machine nor --allow-host",
    ),
    "again": Text("{seconds} 秒后重发", "again in {seconds} s"),
    "probe": Text("签名探测", "probe"),
}
"""What came of a notification, by its outcome."""
