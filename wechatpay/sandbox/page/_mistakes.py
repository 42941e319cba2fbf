"""What others say about mistakes, in English, and the same in Chinese.

Sentences with something particular in them, such as a number of bytes, are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    # Signatures
    "the signature is not base64": "签名不是 base64",
    "it was signed with SHA-1, not with SHA-256": "用了 SHA-1 签名，而不是 SHA-256",
    "it was signed with MD5, not with SHA-256": "用了 MD5 签名，而不是 SHA-256",
    "it was signed with SHA-384, not with SHA-256": "用了 SHA-384 签名，而不是 SHA-256",
    "it was signed with SHA-512, not with SHA-256": "用了 SHA-512 签名，而不是 SHA-256",
    "what was signed is no SHA-256 digest in PKCS #1 v1.5": (
        "签名内容不是 PKCS #1 v1.5 的 SHA-256 摘要"
    ),
    "something else was signed, with the right key": "密钥正确，但签名的是别的内容",
    "it was made with another private key than this certificate's": "签名所用私钥与证书不匹配",
    "it was padded as PSS, not as PKCS #1 v1.5": "填充用了 PSS，而不是 PKCS #1 v1.5",
    "the whole upload was signed, not its meta": "签名了整个上传请求体，而不只是 meta",
    "the verb was written small": "请求方法写成了小写",
    "the verb was written with a capital": "请求方法只有首字母大写",
    "the random string was written small": "随机串写成了小写",
    "the random string was written in capitals": "随机串写成了大写",
    "the random string was left out": "漏掉了随机串",
    "the newline at the end is missing": "末尾缺少换行符",
    "there is a newline too many at the end": "末尾多了一个换行符",
    "the lines end with CR LF": "行尾用了 CR LF",
    "the lines end with a backslash and an n, no newlines": "行尾是反斜杠加 n，而不是换行符",
    "the lines were joined without newlines": "各行之间没有换行符",
    "the digest was signed, not the message": "签名的是摘要，而不是消息本身",
    "the query was left out": "漏掉了查询参数",
    "the path was signed percent-decoded": "路径在签名前被解码了",
    "the query was signed percent-decoded": "查询参数在签名前被解码了",
    "path and query were signed percent-decoded": "路径和查询参数在签名前被解码了",
    "the path was encoded once more": "路径被重复编码了",
    "the path was encoded otherwise": "路径的编码方式不同",
    "the query was sorted": "查询参数被重新排序了",
    "the query was encoded otherwise": "查询参数的编码方式不同",
    "a question mark without a query was signed": "没有查询参数，却签名了问号",
    "the slash before the path was left out": "漏掉了路径开头的斜杠",
    "a slash was put after the path": "路径末尾多了斜杠",
    "the slash after the path was left out": "漏掉了路径末尾的斜杠",
    "a slash too many was put before the path": "路径开头多了一个斜杠",
    "v3 was left out of the path": "路径漏掉了 v3",
    "the whole URL was signed": "签名了完整的网址",
    "the host was signed with the path": "签名的路径里带上了域名",
    "the body was left out": "漏掉了请求体",
    "the body was signed with a newline at its end": "签名的请求体末尾多了换行符",
    "the body was signed without the white space around it": "签名的请求体去掉了首尾空白",
    "the body was signed in GBK": "签名的请求体用了 GBK 编码",
    "the body was signed without its byte order mark": "签名的请求体没有字节顺序标记（BOM）",
    "the JSON of the body was written anew": "请求体的 JSON 被重新序列化了",
    "the body was signed as a form": "请求体按表单格式签名了",
    "the timestamp was left out": "漏掉了时间戳",
    "the timestamp was signed in milliseconds": "时间戳用了毫秒",
    # Faults
    "a fault happens once at least: times=1": "故障至少发生一次",
    "a probability is above 0 and up to 1": "概率应大于 0%，不超过 100%",
    "seconds are a finite number": "秒数应为有限的数字",
    "a delay is not below zero": "延迟不能小于零",
    "header is the name of one, such as Wechatpay-Nonce": (
        "请填写应答头的名称，例如 Wechatpay-Nonce"
    ),
    "a path pattern is like v3/pay/** or v3/refund/*/refunds, without spaces": (
        "路径模式形如 v3/pay/** 或 v3/refund/*/refunds，不含空格"
    ),
    "in a path pattern, ** stands alone between slashes": "路径模式中，** 应独占一段",
}
"""The sentences in Chinese, by the sentence in English."""
