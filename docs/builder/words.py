"""What the generated pages say, in both languages."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["LANGUAGES", "WORDS", "Language", "Words"]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Words(NamedTuple):
    """The words of one language; an attribute's name says what they are for."""

    locale: str
    call: str
    sync: str
    asynchronous: str
    as_string: str
    required_only: str
    placeholders: str
    query: str
    headers: str
    body: str
    answer: str
    field: str
    type: str
    required: str
    partners: str
    notes: str
    yes: str
    values: str
    only: str
    default: str
    longest: str
    unit: str
    units: dict[str, str]
    example: str
    between: str
    modes: dict[str, str]
    theme: dict[str, str]
    known: str
    one_of: str
    asks: str
    same_call: str
    same_call_within: str
    errors: str
    status: str
    code: str
    repeatable: str
    json_inside: str
    encrypted: dict[str, str]
    encrypted_otherwise: str
    sensitive: str
    when: str
    official: str
    updated: str
    mutual_tls: str
    unsigned: str
    nonceless: str
    host: str
    redirect: str
    stream: str
    lifecycle: dict[str, str]
    superseded_by: str
    no_fields: str
    search: str
    copy: str
    copied: str
    not_found: str
    first_page: str
    nothing_found: str
    did_you_mean: str
    other_language: str
    endpoints: str
    ungrouped: str


WORDS: dict[Language, Words] = {
    "en": Words(
        locale="en",
        call="The call",
        sync="Blocking",
        asynchronous="Asynchronous",
        as_string="The path as a string",
        required_only="Shown with the required fields only.",
        placeholders="Placeholders",
        query="Query",
        headers="Headers",
        body="Body",
        answer="Answer",
        field="Field",
        type="Type",
        required="Required",
        partners="Service providers have to give it.",
        notes="Notes",
        yes="yes",
        values="one of",
        only="always",
        default="default",
        longest="at most {} characters",
        unit="in {}",
        units={"second": "seconds", "minute": "minutes", "day": "days"},
        example="such as",
        between="; ",
        modes={"direct": "merchants", "partner": "service providers", "brand": "brands"},
        theme={},
        known="known values",
        one_of="One of these is enough: {}.",
        asks="A query: it is retried automatically after a 5xx.",
        same_call="Repeated with the same {}, it is the same call.",
        same_call_within="Repeated with the same {} within {}, it is the same call.",
        errors="Refusals",
        status="Status",
        code="Code",
        repeatable="May be repeated as it is",
        json_inside="JSON in a string",
        encrypted={
            "wechatpay-public-key": "encrypted for you, with WeChat Pay's key",
            "merchant-certificate": "encrypted; open it with <code>decrypt_fields</code>",
            "bank-transfer-rsa-public-key": "encrypted, with the key of risk/getpublickey",
            "apiv3-key": "encrypted with the APIv3 key",
            "md5-of-apiv2-key": "encrypted with the MD5 of the APIv2 key",
        },
        encrypted_otherwise="encrypted",
        sensitive="sensitive",
        when="where {}",
        official="Official documentation",
        updated="last changed there on {}",
        mutual_tls="Needs the merchant's certificate (mutual TLS): pass <code>merchant=</code>.",
        unsigned="Answers without a signature: <code>verified</code> is <code>False</code>.",
        nonceless="Its message has no <code>nonce_str</code>.",
        host="Documented host: {}",
        redirect="Not a call: an address to send the customer's browser to.",
        stream="Answers with a file: <code>sink=</code> writes it to disk.",
        lifecycle={
            "superseded": "superseded",
            "offline": "switched off",
            "private": "by invitation",
            "restricted": "restricted",
            "discarded": "abandoned",
            "gray-release": "being rolled out",
        },
        superseded_by="use instead",
        no_fields="None.",
        search="Search",
        copy="Copy",
        copied="Copied",
        not_found="There is no page at this address.",
        first_page="First page",
        nothing_found="Nothing found.",
        did_you_mean="Did you mean",
        other_language="中文",
        endpoints="Endpoints",
        ungrouped="Others",
    ),
    "zh": Words(
        locale="zh_CN",
        call="调用",
        sync="同步",
        asynchronous="异步",
        as_string="用字符串写路径",
        required_only="示例只列必填字段。",
        placeholders="路径参数",
        query="查询参数",
        headers="请求头",
        body="请求体",
        answer="应答",
        field="字段",
        type="类型",
        required="必填",
        partners="服务商必填。",
        notes="说明",
        yes="是",
        values="取值",
        only="固定为",
        default="默认",
        longest="最长 {} 个字符",
        unit="单位{}",
        units={"fen": "分", "yuan": "元", "second": "秒", "minute": "分钟", "day": "天"}
        | {"percent of 10,000": "万分之一"},
        example="如",
        between="；",
        modes={"direct": "直连商户", "partner": "服务商", "brand": "品牌"},
        theme={
            "Next": "下一页",
            "Previous": "上一页",
            "Home": "首页",
            "On this page": "本页内容",
            "Back to top": "回到顶部",
            "Index": "索引",
        },
        known="已知取值",
        one_of="以下字段至少传一个：{}。",
        asks="只查询，遇到 5xx 会自动重试。",
        same_call="用同一个 {} 重复调用，就是同一次调用。",
        same_call_within="在期限（{1}）内用同一个 {0} 重复调用，就是同一次调用。",
        errors="错误码",
        status="状态码",
        code="错误码",
        repeatable="可以原样重试",
        json_inside="字符串里是 JSON",
        encrypted={
            "wechatpay-public-key": "自动用微信支付的公钥加密",
            "merchant-certificate": "密文，用 <code>decrypt_fields</code> 解密",
            "bank-transfer-rsa-public-key": "用 risk/getpublickey 返回的公钥加密",
            "apiv3-key": "用 APIv3 密钥加密",
            "md5-of-apiv2-key": "用 APIv2 密钥的 MD5 加密",
        },
        encrypted_otherwise="密文",
        sensitive="敏感信息",
        when="适用于 {}",
        official="官方文档",
        updated="官方最近更新于 {}",
        mutual_tls="需要商户证书（双向 TLS）：构造客户端时传 <code>merchant=</code>。",
        unsigned="应答不带签名：<code>verified</code> 为 <code>False</code>。",
        nonceless="报文里没有 <code>nonce_str</code>。",
        host="官方文档所写的域名：{}",
        redirect="这不是接口调用，而是让用户浏览器跳转的地址。",
        stream="应答是文件：用 <code>sink=</code> 直接写到磁盘。",
        lifecycle={
            "superseded": "已被取代",
            "offline": "已下线",
            "private": "仅限受邀商户",
            "restricted": "受限",
            "discarded": "已废弃",
            "gray-release": "灰度中",
        },
        superseded_by="请改用",
        no_fields="无。",
        search="搜索",
        copy="复制",
        copied="已复制",
        not_found="这个地址没有页面。",
        first_page="首页",
        nothing_found="没有找到。",
        did_you_mean="你要找的是不是",
        other_language="English",
        endpoints="接口",
        ungrouped="其他",
    ),
}
