"""What the demo says, in the language of the terminal; what was expected is English in both."""

from __future__ import annotations

from .._base import Text

SANDBOX = Text("沙箱", "sandbox")
MERCHANT = Text("商户号", "merchant")
SHOP = Text("商户系统", "shop")
SIGNED = Text("签名内容", "signed")
JUDGED = Text("验签结果", "judged")
VERIFIED = Text("应答验签", "verified")
PATH = Text("路径", "path")
ANSWER = Text("应答", "answer")
NOTIFIED = Text("通知", "notified")
OPENED = Text("解密", "opened")
SUMMARY = Text("汇总", "summary")
WRONG = Text("不符", "WRONG")
RIGHT = Text("签名正确", "signature right")
WITH = Text("密钥 {serial}", "with {serial}")
AT = Text("{event}，发往 {url}", "{event} at {url}")
ROW = Text("{number}  {moved} 元，手续费 {fee}", "{number}  {moved} yuan, fee {fee}")
WHAT_WAS_SIGNED = Text(
    "客户端签名的内容，以沙箱收到的为准", "what the client signed, as the sandbox received it"
)
WHAT_IS_THOUGHT = Text("沙箱对该签名的判断", "what the sandbox thinks of that signature")
WHAT_WAS_VERIFIED = Text(
    "沙箱签名的内容，已由客户端验签", "what the sandbox signed, as the client verified it"
)
TERMINATE = Text(
    "解除用户授权：三种写法，同步和异步",
    "A user's authorization ends: three spellings, sync and async",
)
ORDER = Text("下单，用户付款", "An order, which the customer pays")
SCANNED = Text("用户扫码并付款", "the customer scans the code, and pays")
REFUND = Text("退回一部分", "A part of it goes back")
BILL = Text("第二天上午：账单", "The next morning: the bill")
FINE = Text("全部符合", "all as it should be")
NOT_FINE = Text("{count} 项不符", "{count} WRONG")
CHECKED = Text("检查了 {count} 项，{verdict}。", "{count} expectations checked, {verdict}.")
