"""What a written page is looked for by, in either language, beside its title and headings."""

# ruff: noqa: E501  Chinese is wide, and a page's topics are one list.
from __future__ import annotations

__all__ = ["topics_of"]

_TOPICS = {
    "start": (
        "安装, 快速开始, 快速入门, 快速上手, 入门, 教程, 新手, 第一次, 上手, install, installation, "
        "pip, quickstart, quick start, getting started, tutorial, first steps, hello world, begin"
    ),
    "examples": "示例, 示例代码, 例子, 样例, 示例程序, example, examples, sample, samples, demo",
    "keys": (
        "签名, 签名错误, 签名失败, 证书, 商户证书, 证书序列号, 序列号, 平台证书序列号, 私钥, 商户私钥, 公钥, "
        "商户号, 密钥, api密钥, apiv3密钥, apiv2密钥, 环境变量, 证书过期, 证书到期, 更换证书, 更换密钥, 密钥轮换, "
        "signature, sign, sign_error, wrong signature, signature error, rotate keys, key rotation, "
        "rotate certificate, renew certificate, expired certificate, certificate, certificates, serial, serial number, private key, public key, mchid, "
        "merchant id, merchant number, api key, apiv3 key, environment variables, pem, hsm, kms"
    ),
    "calls": (
        "错误, 错误码, 错误处理, 异常, 报错, 重试, 超时, 限流, 结果未知, 未知结果, 系统错误, 签名错误, 重复请求, "
        "单号重复, 异步, 线程, 线程安全, 协程, 代理, 连接池, 请求头, error, errors, error code, "
        "error codes, error handling, exception, retry, retries, timeout, rate limit, param_error, "
        "system_error, sign_error, frequency_limited, idempotency, idempotent, thread safe, "
        "thread safety, threads, concurrency, async, asyncio, proxy, connection pool, httpx"
    ),
    "notifications": (
        "回调, 回调通知, 回调验签, 回调地址, 回调解密, 支付通知, 支付回调, 支付成功通知, 支付结果通知, 退款结果通知, 退款通知, 退款回调, 异步通知, "
        "通知, 通知地址, 验签, 验签失败, 解密, 重复通知, 时间戳, fastapi, django, flask, quart, "
        "starlette, webhook, webhooks, callback, notification, notify_url, notify url, "
        "verify signature, signature verification, verify webhook, decrypt, duplicate notification"
    ),
    "followup": (
        "漏单, 补单, 掉单, 丢单, 轮询, 主动查询, 主动查单, 定时查单, 定时任务, 没收到回调, 收不到回调, 没有收到回调, "
        "收不到通知, 没收到通知, 回调丢失, 通知丢失, 对账, celery, apscheduler, polling, poll, "
        "missing notification, missed notification, lost notification, lost webhook, "
        "missing webhook, no notification, no callback, reconcile, reconciliation, cron, scheduler"
    ),
    "replay": (
        "幂等, 防重放, 重放, 重放攻击, 重复通知, 去重, 防重, redis, replay, replay attack, deduplicate, "
        "deduplication, duplicate notification, idempotency, exactly once"
    ),
    "distributed": "队列, 消息队列, 多进程, 分布式, celery, queue, workers, distributed, processes",
    "testing": "测试, 单元测试, 自动化测试, unit test, unit tests, unit testing, fixture, mock, pytest",
    "sandbox": (
        "沙箱, 沙盒, 沙箱环境, 仿真, 仿真测试, 模拟, 测试环境, 本地调试, 本地开发, 内网穿透, 调试, docker, sandbox, "
        "simulator, mock server, fake server, test environment, local development, develop locally, ngrok, "
        "test mode, test account, debug"
    ),
    "command-line": "命令行, 终端, 自动补全, 诊断, doctor, cli, terminal, command line, completion",
    "typing": "类型, 类型提示, 类型检查, 代码提示, 自动补全, 补全, mypy, pyright, autocomplete, editor, ide",
    "sensitive": (
        "敏感字段, 敏感信息, 敏感信息加密, 敏感信息加解密, 加密, 解密, 加密手机号, 身份证, 加密身份证, 加密姓名, encrypt, "
        "encryption, decrypt, sensitive data, personal data, encrypt name, oaep, wechatpay-serial"
    ),
    "paysign": (
        "调起支付, 拉起支付, 唤起支付, 支付参数, 支付签名, prepay_id, paysign, choosewxpay, "
        "requestpayment, wx.requestpayment, wx.choosewxpay, invoke payment, start payment, "
        "getbrandwcpayrequest"
    ),
    "merchants": (
        "服务商, 服务商模式, 子商户, 多商户, 多商户号, 多个商户号, 品牌, 国密, partner, service provider, "
        "sub merchant, sub-merchant, sub merchants, multiple merchants, multi merchant, multi-merchant, brand, sm2"
    ),
    "files": "上传, 上传图片, 图片上传, 文件上传, 上传文件, upload, upload image, image upload, media",
    "bills": (
        "账单, 对账单, 下载账单, 账单下载, 下载对账单, 对账单下载, 交易账单下载, 对账, 加密账单, bill, bills, statement, "
        "statements, download bill, reconciliation, csv, pandas, excel"
    ),
    "apiv2": "v2, apiv2, 老接口, 旧接口, xml, md5",
    "observing": (
        "日志, 监控, 链路追踪, 指标, 埋点, log, logs, logging, monitoring, metrics, tracing, "
        "opentelemetry, prometheus, sentry"
    ),
    "performance": "性能, 并发, 吞吐, 连接池, 压测, 加速, performance, benchmark, speed, throughput, slow",
    "production": (
        "上线, 上线检查, 上线清单, 部署, 生产环境, 接入质量, production, checklist, go live, launch, deploy, "
        "deployment, best practices, serverless, litestar"
    ),
    "security": "安全, 漏洞, 威胁模型, security, vulnerability, threat model, ssrf",
    "promises": "兼容性, 版本, 升级, 版本支持, compatibility, versions, semver, upgrade, python version",
    "assistants": (
        "助手, 智能体, 大模型, 人工智能, agent, agents, ai, ai assistant, llm, mcp, skill, llms.txt, "
        "claude, cursor, copilot, codex"
    ),
    "from-php": "php, 迁移, 迁移指南, guzzle, wechatpay-php, migrate, migration, from php",
    "from-wechatpayv3": "wechatpayv3, 迁移, migrate, migration, from wechatpayv3",
    "from-wechatpy": "wechatpy, 迁移, migrate, migration, from wechatpy",
}


def topics_of(name: str) -> str:
    """Return the topics of a page, each between bars; empty if it has none of its own."""
    topics = _TOPICS.get(name, "")
    return f"|{'|'.join(topics.split(', '))}|" if topics else ""
