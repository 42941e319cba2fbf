"""Which endpoints match some words, the likeliest first.

The documentation site's search uses the same words and the same standing: see `docs.builder`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._entries import Endpoint

__all__ = ["FILLERS", "SYNONYMS", "likeliest", "standing", "suggestion"]

SYNONYMS: tuple[tuple[str, ...], ...] = (
    (
        *("回调", "回调通知", "支付通知", "退款通知", "支付回调", "退款回调", "异步通知", "通知"),
        *(
            "notification",
            "notifications",
            "webhook",
            "webhooks",
            "callback",
            "callbacks",
            "notify",
        ),
    ),
    ("关闭订单", "关单", "取消订单", "close order", "cancel order", "cancel payment", "close"),
    (
        "小程序",
        "小程序支付",
        "公众号",
        "公众号支付",
        "jsapi",
        "mini program",
        "miniprogram",
        "official account",
    ),
    ("扫码", "扫码支付", "二维码", "native", "qr code", "qrcode"),
    ("h5", "h5支付", "网页支付", "手机网页", "手机网页支付", "mweb"),
    ("app", "app支付", "in-app", "in-app payment"),
    ("付款码", "付款码支付", "条码支付", "被扫", "刷卡支付", "micropay", "codepay", "barcode"),
    (
        *("下单", "统一下单", "预下单", "预支付", "创建订单", "发起支付", "unifiedorder", "prepay"),
        *("place order", "create order", "new order", "pay"),
    ),
    (
        *("查单", "查询订单", "订单查询", "订单号查询", "支付结果", "支付结果查询", "查询支付结果"),
        *("支付状态", "订单状态", "query order", "order query", "order status", "payment status"),
    ),
    ("撤销", "撤销订单", "reverse", "reversal"),
    ("撤销转账", "取消转账", "cancel transfer"),
    (
        "退款",
        "部分退款",
        "全额退款",
        "服务商退款",
        "refund",
        "refunds",
        "partial refund",
        "full refund",
    ),
    (
        *("查询退款", "退款查询", "查询单笔退款", "退款状态", "退款结果", "query refund"),
        *("refund query", "refund status"),
    ),
    ("合单", "合单支付", "combine", "combined", "combined order", "combined payment"),
    ("转账", "商家转账", "付款到零钱", "企业付款", "转账到零钱", "transfer", "payout"),
    ("商家转账", "transfer to wallet", "transfer to balance", "transfer money"),
    ("分账", "profitsharing", "profit sharing", "split", "split payment"),
    (
        *("账单", "对账单", "对账", "下载账单", "bill", "bills", "download bill", "statement"),
        *("reconciliation"),
    ),
    ("投诉", "消费者投诉", "complaint", "complaints"),
    ("代金券", "优惠券", "立减金", "coupon", "favor", "voucher", "vouchers"),
    ("商家券", "busifavor"),
    ("支付分", "微信支付分", "先享后付", "免押", "payscore", "pay score"),
    ("进件", "特约商户进件", "入驻", "applyment", "onboarding", "merchant onboarding"),
    ("电商收付通", "收付通", "二级商户", "ecommerce"),
    ("服务商", "多商户", "子商户", "特约商户", "partner", "service provider", "merchants"),
    (
        *("委托代扣", "代扣", "自动扣款", "自动续费", "签约", "papay", "contract", "auto debit"),
        *("subscription", "recurring"),
    ),
    ("分期", "instal", "instalment", "installment"),
    ("境外", "海外", "跨境", "global", "oversea", "overseas", "cross border"),
    (
        "平台证书",
        "平台证书下载",
        "证书下载",
        "下载证书",
        "certificates",
        "platform certificate",
        "download certificate",
    ),
    ("微信支付公钥", "公钥", "公钥模式", "public key"),
    ("密钥", "私钥", "证书", "商户证书", "api证书", "apiv3密钥", "keys", "private key"),
    ("敏感字段", "敏感信息", "加密", "解密", "sensitive", "encrypt", "decrypt"),
    ("验签", "验证签名", "签名验证"),
    ("signature", "verify", "verification"),
    ("类型", "类型提示", "type hints", "typing", "types", "mypy", "pyright"),
    ("调起支付", "拉起支付", "paysign", "choosewxpay", "requestpayment"),
    ("上传", "上传图片", "图片上传", "upload", "image"),
    ("下载", "download"),
    ("红包", "现金红包", "redpack", "red packet", "red envelope"),
    ("发票", "电子发票", "fapiao", "invoice"),
    ("提现", "withdraw", "withdrawal"),
    ("余额", "balance"),
    ("电子回单", "回单", "elecsign", "receipt"),
    ("押金", "deposit"),
    ("沙箱", "沙盒", "仿真", "模拟", "sandbox", "simulator", "mock"),
    ("测试", "单元测试", "testing", "pytest", "test"),
    ("命令行", "command line", "cli"),
    ("上线", "上线检查", "production", "checklist", "go live", "launch"),
    ("重试", "retry", "retries"),
    ("错误", "错误码", "报错", "异常", "error", "errors", "exception", "exceptions"),
    ("代理", "http代理", "proxy", "proxies", "https_proxy"),
    ("日志", "监控", "log", "logs", "logging", "monitoring", "tracing", "opentelemetry"),
    ("迁移", "migrate", "migration", "from wechatpayv3", "from php", "from wechatpy"),
    ("限流", "频率限制", "rate limit", "frequency", "429"),
    ("超时", "timeout", "timeouts"),
    ("异步", "async", "asyncio", "await"),
    ("助手", "智能体", "大模型", "agent", "agents", "llm", "mcp", "skill"),
    ("幂等", "防重", "防重复处理", "idempotent", "replay"),
    ("国密", "sm2", "sm3", "sm4", "shangmi"),
    ("性能", "performance", "benchmark", "speed"),
    ("停车", "parking"),
    ("批量转账", "transfer/batches", "batch transfer", "batch transfers"),
    ("报关", "海关", "海关报关", "customs"),
    ("提交回复", "回复用户", "回复投诉", "投诉回复", "reply to complaint", "complaint reply"),
    ("品牌", "brand"),
)
"""Words that mean the same in a search."""

FILLERS = (
    *(
        "怎么",
        "如何",
        "怎样",
        "怎么办",
        "什么是",
        "微信支付",
        "微信",
        "接口",
        "接口文档",
        "文档",
        "说明",
    ),
    *(
        "申请",
        "调用",
        "使用",
        "实现",
        "发起",
        "进行",
        "功能",
        "api",
        "请求",
        "接收",
        "处理",
        "接入",
    ),
    *("how", "to", "do", "does", "i", "the", "a", "an", "of", "in", "on", "for", "with", "and"),
    *("can", "my", "is", "are", "what", "where", "when", "wechat", "weixin", "endpoint", "payment"),
    *("from", "use", "using", "move", "moving", "switch", "switching"),
)
"""Words that say nothing of what is looked for, where others stand beside them."""

_FIRST = 45
_STANDING = {
    **{("post", f"v3/pay/transactions/{one}"): _FIRST for one in ("native", "app", "h5")},
    ("post", "v3/pay/transactions/jsapi"): _FIRST + 1,
    ("post", "v3/pay/partner/transactions/jsapi"): 30,
    ("post", "v3/refund/domestic/refunds"): _FIRST,
    ("post", "v3/fund-app/mch-transfer/transfer-bills"): _FIRST,
    ("post", "v3/applyment4sub/applyment/"): _FIRST,
    ("post", "v3/profitsharing/orders"): 40,
    ("post", "v3/payscore/serviceorder"): 40,
    ("get", "v3/bill/tradebill"): 40,
    ("get", "v3/merchant-service/complaints-v2"): 40,
    ("post", "v3/transfer/batches"): 30,
    ("post", "v3/combine-transactions/jsapi"): 30,
    ("post", "v3/marketing/paygiftactivity/unique-threshold-activity"): 30,
    ("post", "v3/marketing/busifavor/stocks"): 40,
    ("post", "v3/marketing/favor/coupon-stocks"): 40,
    ("post", "v2/mmpaymkttransfers/sendredpack"): 40,
}
"""How likely an endpoint is to be the one that is meant: those that begin a product."""
_ROOMS = (
    ("v3/pay/transactions/", 40),
    ("v3/refund/domestic/", 40),
    ("v3/bill/", 32),
    ("v3/certificates", 30),
    ("v3/fund-app/mch-transfer/transfer-bills/", 28),
    ("v3/combine-transactions/", 26),
    ("v3/pay/partner/", 25),
    ("v3/profitsharing/", 25),
    ("v3/payscore/", 22),
    ("v3/merchant-service/", 22),
    ("v3/merchant/fund/", 22),
    ("v3/new-tax-control-fapiao/", 22),
    ("v3/fund-app/", 20),
    ("v3/applyment4sub/", 20),
    ("v3/marketing/favor/", 20),
    ("v3/marketing/busifavor/", 18),
    ("v3/ecommerce/", 15),
    ("v3/global/", 0),
    ("v3/refunds", 0),
    ("v3/", 10),
    ("v2/pay/", 5),
    ("v2/", 2),
    ("", 0),
)
"""The same for all others, by the product that they belong to."""
_ENDED = 20
_SAME, _IN_TITLE, _AT_START, _IN_PATH, _IN_PRODUCT = 10, 30, 5, 20, 15
_WHOLE = 15
_SYNONYM = 0.8
_CUT = 0.9
_CHINESE = re.compile("[\u3400-\u9fff]+")
_SHORT = 3
"""Words of so many letters or fewer must be whole in a path: not `app` in `applyment`."""


def standing(endpoint: Endpoint) -> int:
    """Return how likely an endpoint is to be the one that is meant, apart from any words."""
    path = endpoint.path
    room = next(value for prefix, value in _ROOMS if path.startswith(prefix))
    value = _STANDING.get((endpoint.verb, path), room)
    return value - (_ENDED if endpoint.lifecycle else 0)


def likeliest(endpoints: Iterable[Endpoint], text: str) -> tuple[Endpoint, ...]:
    """Return the endpoints that have every word of a text, or a synonym of it, likeliest first."""
    terms = _terms([word.strip("/") for word in text.lower().split()])
    worth = {each: _worth(each, terms) for each in endpoints} if terms else {}
    found = [each for each, one in worth.items() if one]
    return tuple(sorted(found, key=lambda each: -worth[each]))


def suggestion(endpoints: Iterable[Endpoint], text: str) -> str | None:
    """Return what may have been meant by a text that finds nothing, or `None`."""
    known = set(_known())
    for each in endpoints:
        known.update(re.findall(r"[a-z]{3,}", each.path.lower()), [each.name.lower()])
    meant = [_close(word, known) for word in text.lower().split()]
    return " ".join(one for one in meant if one) if meant and all(meant) else None


def _terms(words: list[str]) -> list[str]:
    """Return the words that say something; a phrase of the synonyms is one, the longest first."""
    found: list[str] = []
    while words:
        length = len(words)
        while length > 1 and " ".join(words[:length]) not in _known():
            length -= 1
        found.append(" ".join(words[:length]))
        words = words[length:]
    return [one for one in found if one not in FILLERS] or found


@cache
def _known() -> frozenset[str]:
    return frozenset(word for group in SYNONYMS for word in group)


def _close(word: str, known: set[str]) -> str | None:
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(known), 1, 0.6)
    return close[0] if close else None


def _worth(endpoint: Endpoint, terms: list[str]) -> float:
    """How well an endpoint fits all words; 0 if it does not have one of them."""
    title, path, products = _searchable(endpoint)
    total = 0.0
    for term in terms:
        best = _worth_of_any(term, title, path, products)
        known, others = cut(term)
        parts = [_worth_of_any(part, title, path, products) for part in known]
        if parts and all(parts):
            others_too = sum(_worth_of(one, title, path, products) for one in others)
            best = max(best, _CUT * (sum(parts) + others_too))
        if not best:
            return 0.0
        total += best
    return max(total + standing(endpoint), 1)


def _worth_of_any(term: str, *texts: str) -> float:
    """How well an endpoint fits a word, or one that means the same."""
    own = _worth_of(term, *texts)
    return max((own, *(_SYNONYM * _worth_of(word, *texts) for word in alternatives(term))))


@cache
def cut(run: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of the synonyms within Chinese, which has no spaces, and what is left.

    The longest word from the left counts, and what says nothing is left out.
    """
    known: list[str] = []
    rest = ""
    at = 0
    while at < len(run):
        ends = [end for end in range(len(run), at + 1, -1) if _CHINESE.fullmatch(run[at:end])]
        word = next((run[at:end] for end in ends if run[at:end] in _known() | {*FILLERS}), "")
        if word and word not in FILLERS and word != run:
            known.append(word)
        rest += " " if word else run[at]
        at += len(word) or 1
    return tuple(known), tuple(one for one in rest.split() if len(one) > 1) if known else ()


def _worth_of(word: str, title: str, path: str, products: str) -> int:
    worth = _IN_PRODUCT if word in products else 0
    if word in title:
        worth += _IN_TITLE + _AT_START * title.startswith(word) + _SAME * (title == word)
    if word in path and (len(word) > _SHORT or re.search(rf"\b{re.escape(word)}\b", path)):
        worth += _IN_PATH + _WHOLE * (word in re.split("[ /]", path))
    return worth


@cache
def alternatives(term: str) -> tuple[str, ...]:
    """Return the words that mean the same as one."""
    groups = [group for group in SYNONYMS if term in group]
    return tuple(dict.fromkeys(word for group in groups for word in group if word != term))


@cache
def _searchable(endpoint: Endpoint) -> tuple[str, str, str]:
    products = " ".join((*endpoint.tags, *endpoint.groups))
    return endpoint.name.lower(), f"{endpoint.verb} {endpoint.path}".lower(), products.lower()
