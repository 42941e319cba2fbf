"""What each written page is about, in a sentence: for search engines, previews and `llms.txt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wechatpay.api import Endpoint

    from .words import Language

__all__ = ["description_of", "description_of_endpoint"]

_PAGES: dict[str, dict[Language, str]] = {
    "index": {
        "en": "WeChat Pay's merchant API for Python: the path is the API, typed, verified, "
        "with a sandbox.",
        "zh": "微信支付商户 API 的 Python 客户端：路径就是 API，类型完整，逐个应答验签，自带沙箱。",
    },
    "start": {
        "en": "From an empty directory to a paid order in five minutes, without a merchant number.",
        "zh": "五分钟从空目录到一笔已支付的订单，不需要商户号。",
    },
    "examples": {
        "en": "Programs to copy: payments, refunds, transfers, sharing, bills, onboarding, "
        "whole shops.",
        "zh": "可以直接复制的程序：支付、退款、转账、分账、账单、进件和完整的商户系统。",
    },
    "keys": {
        "en": "Which key is which, where it comes from, and the modes of certificate and "
        "public key.",
        "zh": "各种密钥分别是什么、从哪里来，平台证书模式与微信支付公钥模式。",
    },
    "promises": {
        "en": "What is public and stays as it is, for how long, and what every extra brings.",
        "zh": "哪些是公开且会保持不变的，保持多久，以及每个额外组件带来什么。",
    },
    "from-php": {
        "en": "From WeChat Pay's official PHP SDK, call by call.",
        "zh": "从微信支付官方 PHP SDK 迁移，逐个调用对照。",
    },
    "from-wechatpayv3": {
        "en": "From the package wechatpayv3: every one of its methods and what takes its place.",
        "zh": "从 wechatpayv3 迁移：它的每个方法及对应写法。",
    },
    "from-wechatpy": {
        "en": "From wechatpy's WeChatPay, APIv2 method by method.",
        "zh": "从 wechatpy 的 WeChatPay 迁移，APIv2 逐个方法对照。",
    },
    "calls": {
        "en": "How a call is made, what an answer is, which errors there are, and what is "
        "tried again.",
        "zh": "怎样发起请求，应答是什么，有哪些错误，什么会自动重试。",
    },
    "notifications": {
        "en": "Verify, decrypt and answer notifications, with FastAPI, Django, Flask or Quart.",
        "zh": "回调通知的验签、解密和回复，支持 FastAPI、Django、Flask、Quart。",
    },
    "followup": {
        "en": "When no notification comes: open orders, refunds and transfers are asked for, once.",
        "zh": "收不到通知怎么办：对未完结的订单、退款、转账主动查单，只处理一次。",
    },
    "replay": {
        "en": "Handle each notification once, with many workers, in memory or in Redis.",
        "zh": "多进程下每个通知只处理一次，用内存或 Redis。",
    },
    "sensitive": {
        "en": "Names, numbers and accounts are encrypted on the way out and opened on the way in.",
        "zh": "姓名、证件号、账号等敏感信息的自动加密与解密。",
    },
    "files": {
        "en": "Upload pictures and videos; download bills and receipts, checked and whole.",
        "zh": "上传图片视频；下载账单回单，校验完整。",
    },
    "bills": {
        "en": "Read trade and fund-flow bills row by row, however long they are.",
        "zh": "逐行读取交易账单和资金账单，多大都行。",
    },
    "paysign": {
        "en": "The signed parameters that start a payment in a page, a mini program or an app.",
        "zh": "在网页、小程序、App 里调起支付的签名参数。",
    },
    "merchants": {
        "en": "Service providers, many merchants on one pool of connections, and brands.",
        "zh": "服务商、多个商户共用连接池、品牌。",
    },
    "apiv2": {
        "en": "APIv2: XML, MD5 and HMAC, mutual TLS, payment by code, its notifications.",
        "zh": "APIv2：XML、MD5 与 HMAC、双向证书、付款码支付及其通知。",
    },
    "typing": {
        "en": "What mypy, pyright and editors know of every endpoint, and what each field means.",
        "zh": "mypy、pyright 和编辑器对每个接口知道什么，每个字段的含义。",
    },
    "sandbox": {
        "en": "A WeChat Pay of your own: what it simulates, its page, its faults, its clock.",
        "zh": "自己的微信支付：模拟了什么、网页、故障、时钟。",
    },
    "testing": {
        "en": "Test your shop against the sandbox with pytest: payments, refunds, lost answers.",
        "zh": "用 pytest 对着沙箱测试商户系统：支付、退款、丢失的应答。",
    },
    "command-line": {
        "en": "The command wechatpay: calls, bills, keys, signatures, a sandbox, tools for "
        "assistants.",
        "zh": "命令 wechatpay：请求、账单、密钥、签名、沙箱，以及给编程助手的工具。",
    },
    "assistants": {
        "en": "For coding agents: a skill to copy into a project, and tools by MCP that move "
        "no money.",
        "zh": "给编程助手：可复制到项目的技能，以及不会动钱的 MCP 工具。",
    },
    "production": {
        "en": "What to check before you take real money.",
        "zh": "上线前自检。",
    },
    "observing": {
        "en": "Logs, records of every call, OpenTelemetry, Prometheus and Sentry.",
        "zh": "日志、每次调用的记录、OpenTelemetry、Prometheus、Sentry。",
    },
    "performance": {
        "en": "What a call costs, how many a second there can be, and what makes the difference.",
        "zh": "一次调用的开销、每秒能有多少次、差别在哪里。",
    },
    "distributed": {
        "en": "A million transfers by many workers: numbers, states and queues that lose nothing.",
        "zh": "多个 worker 完成一百万笔转账：单号、状态和不丢消息的队列。",
    },
    "security": {
        "en": "What is signed, verified and hidden, and what an attacker would meet.",
        "zh": "签了什么、验了什么、藏了什么，攻击者会遇到什么。",
    },
    "endpoints": {
        "en": "Every documented endpoint, with its call, fields, meanings, refusals and "
        "official page.",
        "zh": "每个有文档的接口：写法、字段、含义、错误码和官方文档。",
    },
    "reference": {
        "en": "What each public module has, from its docstrings.",
        "zh": "每个公开模块的内容（英文）。",
    },
}


def description_of(name: str, language: Language) -> str:
    """Return what a written page is about, or nothing for one that nobody wrote."""
    return _PAGES.get(name, {}).get(language, "")


def description_of_endpoint(endpoint: Endpoint, language: Language) -> str:
    """Return what an endpoint's page is about."""
    products = ", ".join(endpoint.tags)
    call = f"{endpoint.verb.upper()} {endpoint.path}"
    if language == "zh":
        return f"{endpoint.name}（{call}）：Python 写法、字段含义、示例、应答和错误码。{products}"
    begin = f"{call} ({endpoint.name}) in Python"
    return f"{begin}: fields and their meaning, examples, refusals. {products}"
