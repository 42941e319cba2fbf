"""How WeChat Pay says that it does not let a request in, and what can be wrong with a signature.

The codes and statuses are documented, and so are the messages of `SIGN_ERROR` and the shape of
`sign_information`; live replies nest `issue` one level deeper under `detail` in a `SIGN_ERROR`.
Under APIv2 every answer has the status 200; the words are those of the documented error codes.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._base import No, OldNo, Text, Words

_SIGN = "SIGN_ERROR"
_HEADER = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"

ANONYMOUS_CLIENT = No(
    400,
    "INVALID_REQUEST",
    Text("Http头缺少Accept或User-Agent", "Accept and User-Agent are required"),
    "User-Agent",
    "header",
)
TOO_FREQUENT = No(
    429,
    "FREQUENCY_LIMITED",
    Text("频率超限，请稍后重试", "too many requests"),
)
SYSTEM_ERROR = No(
    500, "SYSTEM_ERROR", Text("系统异常，请稍后重试", "WeChat Pay has an internal error")
)
UNKNOWN_PLATFORM_KEY = No(
    400,
    "PARAM_ERROR",
    Text("平台证书序列号Wechatpay-Serial错误", "no such key"),
    "Wechatpay-Serial",
    "header",
)

# Authorization
NO_HEADER = No(401, _SIGN, Text(_HEADER, "the header is missing"), "Authorization", "authorization")
NO_PAIRS = No(
    401,
    _SIGN,
    Text(_HEADER, 'write name="value" pairs, commas between, no spaces'),
    "Authorization",
    "authorization",
)
NOT_ALL_PAIRS = No(
    401,
    _SIGN,
    Text(_HEADER, "write {names}, each of them once"),
    "Authorization",
    "authorization",
)
WRONG_PAIR = No(
    401, _SIGN, Text(_HEADER, "{name} must be {form.en}"), "Authorization", "authorization"
)
FORMS: Mapping[str, Text] = {
    "mchid": Text("1 到 32 位数字", "1 to 32 digits"),
    "serial_no": Text("1 到 64 位字母和数字", "1 to 64 letters and digits"),
    "timestamp": Text("自 1970 年起的秒数", "seconds since 1970"),
    "nonce_str": Text("1 到 32 位字母和数字", "1 to 32 letters and digits"),
    "signature": Text("base64", "base64"),
}
"""What each value of the header has to be."""
WRONG_SCHEME = No(
    401,
    _SIGN,
    Text("Http头Authorization认证类型不正确", "use {expected}"),
    "Authorization",
    "authorization",
)
UNKNOWN_MERCHANT = No(
    401, _SIGN, Text("商户未申请过证书。", "no such merchant"), "mchid", "authorization"
)
UNKNOWN_CERTIFICATE = No(
    401,
    _SIGN,
    Text("商户证书序列号有误。请使用签名私钥匹配的证书序列号", "no such certificate"),
    "serial_no",
    "authorization",
)
CLOCK_SKEW = No(
    401,
    _SIGN,
    Text(
        "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
        "{seconds:+d} s from the server's clock",
    ),
    "timestamp",
    "authorization",
)
REPLAY = No(
    401,
    _SIGN,
    Text("Http头Authorization中的nonce_str重复", "seen before"),
    "nonce_str",
    "authorization",
)
"""The same random string a second time. Whether WeChat Pay minds is not documented."""
WRONG_SIGNATURE = No(
    401, _SIGN, Text("错误的签名，验签失败", "sign not match"), "signature", "authorization"
)
"""The signature does not cover what was received; the detail shows what was."""

# APIv2
OLD_ERRORS = {
    429: OldNo("FREQUENCY_LIMITED", Text("频率限制", "too many requests")),
    500: OldNo("SYSTEMERROR", Text("系统超时", "WeChat Pay has an internal error")),
}
"""What is said with a status of 200, by the status that APIv3 has for it."""
NO_MESSAGE = OldNo("POST_DATA_EMPTY", Text("post数据为空", "nothing in the body"), failed=True)
NOT_XML = OldNo("XML_FORMAT_ERROR", Text("XML格式错误", "not XML of one level"), failed=True)
OLD_WRONG_SIGNATURE = OldNo("SIGNERROR", Text("签名错误", "wrong signature"), failed=True)
OLD_UNKNOWN_MERCHANT = OldNo(
    "MCHID_NOT_EXIST", Text("MCHID不存在", "no such merchant"), failed=True
)
WRONG_FILE = OldNo(
    "PARAM_ERROR",
    Text("参数错误：{name}（与文件的摘要不符）", "{name}: not the digest of the file"),
    failed=True,
)
NO_CERTIFICATE = OldNo(
    "CERT_ERROR",
    Text("No required SSL certificate was sent", "No required SSL certificate was sent"),
    failed=True,
)
"""The client showed no certificate where mutual TLS is asked for."""
LACKING = OldNo("LACK_PARAMS", Text("缺少参数{name}", "{name} is missing"), failed=True)
UNDOCUMENTED_FIELD = OldNo(
    "PARAM_ERROR",
    Text("请求中含有未在API文档中定义的参数（{names}）", "{names}: not documented"),
    failed=True,
)
WRONG_FIELD = OldNo(
    "PARAM_ERROR", Text("参数错误：{field}（{issue}）", "{field}: {issue}"), failed=True
)
NOT_FOR_THE_BANK = Text(
    "未用 risk/getpublickey 返回的公钥加密",
    "not encrypted with the key of risk/getpublickey",
)

PROBED = Text("支付成功", "Payment succeeded")
"""What a probe says."""

# What was signed instead
MISTAKES: Words = {
    "none": Text("签名正确", "the signature is right"),
    "not base64": Text("签名不是 base64", "the signature is not base64"),
    "wrong size": Text(
        "签名有 {length} 字节；用这把密钥签名应为 {size} 字节",
        "the signature has {length} bytes; one by this key has {size}",
    ),
    "another digest": Text(
        "用了 {digest} 签名，而不是 SHA-256", "it was signed with {digest}, not with SHA-256"
    ),
    "not SHA-256": Text(
        "签名内容不是 PKCS #1 v1.5 的 SHA-256 摘要",
        "what was signed is not a SHA-256 digest in PKCS #1 v1.5",
    ),
    "SM2": Text(
        "SM2 签名只能看出对不对，看不出签的是什么",
        "an SM2 signature tells only whether it fits, not what was signed",
    ),
    "something else": Text(
        "密钥正确，但签名的是别的内容", "something else was signed, with the right key"
    ),
    "another key": Text(
        "签名所用私钥与证书不匹配",
        "it was made with another private key than this certificate's",
    ),
    "PSS": Text("填充用了 PSS，而不是 PKCS #1 v1.5", "it was padded as PSS, not as PKCS #1 v1.5"),
    "upload": Text(
        "签名了整个上传请求体，而不只是 meta", "the whole upload was signed, not its meta"
    ),
    "small verb": Text("请求方法写成了小写", "the verb was written in lower case"),
    "capital verb": Text("请求方法只有首字母大写", "the verb was written with a capital"),
    "another verb": Text("签名的是另一个请求方法 {verb}", "another verb was signed, {verb}"),
    "small nonce": Text("随机串写成了小写", "the random string was written in lower case"),
    "capital nonce": Text("随机串写成了大写", "the random string was written in upper case"),
    "no nonce": Text("漏掉了随机串", "the random string was left out"),
    "no newline": Text("末尾缺少换行符", "the newline at the end is missing"),
    "two newlines": Text("末尾多了一个换行符", "there is one newline too many at the end"),
    "CR LF": Text("行尾用了 CR LF", "the lines end with CR LF"),
    "backslash n": Text(
        "行尾是反斜杠加 n，而不是换行符",
        "the lines end with a backslash and an n, not with newlines",
    ),
    "no newlines": Text("各行之间没有换行符", "the lines were joined without newlines"),
    "digest": Text("签名的是摘要，而不是消息本身", "the digest was signed, not the message"),
    "no line": Text("缺少 {line} 这一行", "the line of the {line} is missing"),
    "another order": Text("各行的顺序不对：{lines}", "the lines are in another order: {lines}"),
    "no query": Text("漏掉了查询参数", "the query was left out"),
    "decoded path": Text("路径在签名前被解码了", "the path was signed percent-decoded"),
    "decoded query": Text("查询参数在签名前被解码了", "the query was signed percent-decoded"),
    "decoded": Text("路径和查询参数在签名前被解码了", "path and query were signed percent-decoded"),
    "path encoded twice": Text("路径被重复编码了", "the path was percent-encoded twice"),
    "path encoding": Text("路径的编码方式不同", "the path was percent-encoded differently"),
    "sorted query": Text("查询参数被重新排序了", "the query was sorted"),
    "query encoding": Text("查询参数的编码方式不同", "the query was percent-encoded differently"),
    "question mark": Text(
        "没有查询参数，却签名了问号", "a question mark without a query was signed"
    ),
    "no slash before": Text("漏掉了路径开头的斜杠", "the slash before the path was left out"),
    "slash after": Text("路径末尾多了斜杠", "a slash was put after the path"),
    "no slash after": Text("漏掉了路径末尾的斜杠", "the slash after the path was left out"),
    "two slashes": Text("路径开头多了一个斜杠", "there is one slash too many before the path"),
    "no v3": Text("路径漏掉了 v3", "v3 was left out of the path"),
    "URL": Text("签名了完整的网址", "the whole URL was signed"),
    "host": Text("签名的路径里带上了域名", "the host was signed with the path"),
    "no body": Text("漏掉了请求体", "the body was left out"),
    "made-up body": Text(
        "没有发送请求体，却签名了 {body}", "{body} was signed as the body, but none was sent"
    ),
    "body with newline": Text(
        "签名的请求体末尾多了换行符", "the body was signed with a newline at its end"
    ),
    "stripped body": Text(
        "签名的请求体去掉了首尾空白", "the body was signed without the white space around it"
    ),
    "GBK": Text("签名的请求体用了 GBK 编码", "the body was signed in GBK"),
    "no BOM": Text(
        "签名的请求体没有字节顺序标记（BOM）", "the body was signed without its byte order mark"
    ),
    "JSON rewritten": Text("请求体的 JSON 被重新序列化了", "the body's JSON was serialized again"),
    "form": Text("请求体按表单格式签名了", "the body was signed as a form"),
    "no timestamp": Text("漏掉了时间戳", "the timestamp was left out"),
    "another timestamp": Text(
        "签名的时间戳与请求头相差 {off:+d} 秒",
        "another timestamp was signed, {off:+d} s from the header's",
    ),
    "milliseconds": Text("时间戳用了毫秒", "the timestamp was signed in milliseconds"),
    "both": Text("{first.zh}；{second.zh}", "{first.en}, and {second.en}"),
}
"""What can be wrong with a signature."""

# Refusals on demand
REFUSALS: Mapping[str, tuple[int, Text]] = {
    code: (status, Text(zh, en))
    for status, code, zh, en in (
        (202, "USERPAYING", "用户支付中，需要输入密码", "the customer is typing the password"),
        (400, "PARAM_ERROR", "参数错误", "a parameter is wrong"),
        (400, "INVALID_REQUEST", "无效请求", "invalid request"),
        (400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配", "not an appid of this merchant's"),
        (400, "MCH_NOT_EXISTS", "商户号不存在", "no such merchant"),
        (400, "ORDER_CLOSED", "订单已关闭", "the order is closed"),
        (400, "ORDERPAID", "该订单已支付", "the order is paid"),
        (400, "ALREADY_EXISTS", "数据已存在", "it exists already"),
        (400, "RESOURCE_ALREADY_EXISTS", "资源已存在", "it exists already"),
        (400, "AUTH_CODE_ERROR", "每个二维码仅限使用一次，请刷新再试", "the code is used"),
        (400, "AUTH_CODE_INVALID", "收银员扫描的不是微信支付的条码", "not a payment code"),
        (400, "AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试", "the code has expired"),
        (400, "INVALID_ORDER_STATE", "当前订单状态不合法", "not in this state"),
        (400, "NO_STATEMENT_EXIST", "账单文件不存在", "there is no bill"),
        (400, "STATEMENT_CREATING", "账单生成中，请稍后再试", "the bill is being made"),
        (401, "SIGN_ERROR", "签名错误", "wrong signature"),
        (403, "ACCOUNT_ERROR", "账号异常", "the account is in an abnormal state"),
        (403, "CONTRACT_NOT_EXIST", "合约不存在", "no such contract"),
        (403, "NO_AUTH", "商户无权限", "the merchant may not do this"),
        (403, "NOT_ENOUGH", "余额不足", "not enough money"),
        (403, "OUT_TRADE_NO_USED", "商户订单号重复", "the number is used"),
        (403, "REQUEST_BLOCKED", "请求被拒绝", "the request is blocked"),
        (403, "RULE_LIMIT", "业务规则限制", "a rule forbids it"),
        (403, "TRADE_ERROR", "交易错误", "the payment failed"),
        (403, "USER_ACCOUNT_ABNORMAL", "用户账户异常", "the user's account is abnormal"),
        (404, "NOT_FOUND", "记录不存在", "no such record"),
        (404, "ORDER_NOT_EXIST", "订单不存在", "no such order"),
        (404, "RESOURCE_NOT_EXISTS", "查询的资源不存在", "no such thing"),
        (429, "FREQUENCY_LIMITED", "频率超限，请稍后重试", "too many requests"),
        (429, "FREQUENCY_LIMIT_EXCEED", "频率超限，请稍后重试", "too many requests"),
        (429, "RATELIMIT_EXCEED", "接口限频，请降频后重试", "too many requests"),
        (429, "RATELIMIT_EXCEEDED", "接口限频，请降频后重试", "too many requests"),
        (500, "BANK_ERROR", "银行系统异常", "the bank has an error"),
        (500, "INVALID_TRANSACTIONID", "订单号非法", "not an order number"),
        (500, "OPENID_MISMATCH", "openid和appid不匹配", "an openid of another appid"),
        (500, "SYSTEM_ERROR", "系统错误", "WeChat Pay has an internal error"),
        (503, "SERVICE_UNAVAILABLE", "服务不可用", "not available"),
    )
}
"""Documented codes, with their usual status and words."""
OLD_REFUSALS: Words = {
    "ACCOUNTERROR": Text("账号异常", "the account is in an abnormal state"),
    "BANKERROR": Text("银行系统异常", "the bank has an error"),
    "NOAUTH": Text("商户无权限", "the merchant may not do this"),
    "NOTENOUGH": Text("余额不足", "not enough money"),
    "ORDERCLOSED": Text("订单已关闭", "the order is closed"),
    "ORDERNOTEXIST": Text("订单不存在", "no such order"),
    "ORDERREVERSED": Text("订单已撤销", "the order was reversed"),
    "REFUNDNOTEXIST": Text("退款订单查询失败", "no such refund"),
    "RULELIMIT": Text("业务规则限制", "a rule forbids it"),
    "SYSTEMERROR": Text("系统错误", "WeChat Pay has an internal error"),
}
"""Codes as APIv2 and the pages of combined orders spell them."""
REFUSED_THERE: Mapping[str, Words] = {
    "v3/fund-app/": {
        "NOT_ENOUGH": Text(
            "商户运营账户资金不足，充值后可以原单号发起重试，请勿更换商户单号",
            "not enough money on the operation account: top it up, and use the same number",
        ),
    },
    "v3/refund/": {
        "NOT_ENOUGH": Text("基本账户余额不足，请充值后重新发起", "not enough money: top it up"),
        "USER_ACCOUNT_ABNORMAL": Text("用户账户注销", "the user's account is gone"),
    },
    "v3/transfer/": {
        "NO_AUTH": Text(
            "当前商户号接入升级版本功能，暂不支持使用升级前功能，"
            "请在产品中心-商家转账-前往功能查看接口文档",
            "this merchant has the newer product",
        ),
    },
}
"""What some endpoints say differently, by how their paths begin."""
NO_SUCH_ENDPOINT = Text("没有文档记载的接口符合 {path}", "no documented endpoint matches {path}")
NO_SUCH_CODE = Text(
    "{path} 的文档中没有错误码 {code}；可选：{codes}",
    "{path} has no documented code {code}; it has {codes}",
)
NO_CODE = Text("{kind} 需要错误码：code=NOT_ENOUGH", "{kind} takes a code, such as code=NOT_ENOUGH")
NO_CODE_TAKEN = Text("{kind} 不需要错误码", "{kind} takes no code")

# Faults
NO_SUCH_FAULT = Text("没有这种故障；可选：{kinds}", "no such fault; choose from {kinds}")
WRONG_VERB = Text(
    "请求方法形如 post，或用 * 表示所有方法",
    "write a verb such as post, or * for all verbs",
)
WRONG_TIMES = Text("故障至少发生一次：times=1", "a fault happens at least once: times=1")
WRONG_PROBABILITY = Text("概率应大于 0，不超过 1（100%）", "a probability is above 0 and at most 1")
NO_SECONDS = Text("{kind} 不需要秒数", "{kind} takes no seconds")
WRONG_SECONDS = Text("秒数应为有限的数字", "seconds have to be a finite number")
WRONG_DELAY = Text("延迟不能小于零", "a delay cannot be below zero")
WRONG_HEADER = Text(
    "请填写应答头的名称，例如 Wechatpay-Nonce",
    "write the name of a header of the answer, such as Wechatpay-Nonce",
)
NO_HEADER_TAKEN = Text("{kind} 不需要应答头", "{kind} takes no header")
NOT_A_RULE = Text(
    "先写请求方法、路径模式和故障，再写 name=value",
    "write a verb, a path pattern and a fault, then name=value pairs",
)
NOT_A_PAIR = Text(
    "故障之后是 name=value，每个至多一次：{names}",
    "after the fault come name=value pairs, each once: {names}",
)
NOT_A_NUMBER = Text("{name} 应为数字", "{name} is a number")
NOT_A_PATTERN = Text(
    "路径模式形如 v3/pay/** 或 v3/refund/*/refunds，不含空格",
    "a path pattern is like v3/pay/** or v3/refund/*/refunds, without spaces",
)
NOT_ALONE = Text("路径模式中，** 应独占一段", "in a path pattern, ** stands alone between slashes")
KINDS: Words = {
    "delay": Text(
        "请求照常处理，应答延迟若干秒",
        "the request is carried out, the answer comes `seconds` later",
    ),
    "refused": Text(
        "连接被拒绝（服务器须先读到路径，改为直接挂断）",
        "nobody listens; a server, which had to listen to know the path, hangs up instead",
    ),
    "reset-before": Text("连接中断，请求未处理", "the connection breaks, nothing happened"),
    "reset-after": Text(
        "连接中断，请求已处理，应答丢失",
        "the connection breaks, all happened, the answer is lost",
    ),
    "truncated": Text("请求已处理，应答只到一半", "all happened, half of the answer comes"),
    "429": Text("429 FREQUENCY_LIMITED，请求未处理", "429 FREQUENCY_LIMITED, nothing happened"),
    "500": Text("500 SYSTEM_ERROR，请求未处理", "500 SYSTEM_ERROR, nothing happened"),
    "500-after": Text("500 SYSTEM_ERROR，但请求已处理", "500 SYSTEM_ERROR, but all happened"),
    "502": Text(
        "502 与 HTML 页面，无签名，请求未处理",
        "502 and a page of HTML, unsigned, nothing happened",
    ),
    "502-after": Text(
        "502 与 HTML 页面，无签名，但请求已处理",
        "502 and a page of HTML, unsigned, but all happened",
    ),
    "wrong-signature": Text("应答签名与内容不符", "the answer's signature is over something else"),
    "missing-header": Text("应答缺少一个应答头", "the answer lacks a header, `header`"),
    "unknown-key": Text("应答使用了未知的密钥 ID", "the answer names a key that nobody has"),
    "skewed-clock": Text(
        "微信支付的时钟偏差若干秒，负数为偏慢",
        "WeChat Pay's clock is `seconds` ahead, or behind if below zero",
    ),
    "probe": Text(
        "故意错误的签名，WECHATPAY/SIGNTEST/",
        "the signature is wrong on purpose, WECHATPAY/SIGNTEST/",
    ),
    "refusal": Text(
        "接口文档中的错误码 code，请求未处理",
        "the endpoint refuses with its documented `code`, nothing happened",
    ),
    "refusal-after": Text(
        "接口文档中的错误码 code，但请求已处理",
        "the endpoint refuses with its documented `code`, but all happened",
    ),
    "rotation": Text(
        "从此应答起更换平台证书签名",
        "a new platform certificate signs from here on, this answer included",
    ),
}
"""What each kind of fault does."""
