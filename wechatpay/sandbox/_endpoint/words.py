"""How WeChat Pay refuses a request's parameters.

Codes and statuses are documented; the words of `PARAM_ERROR` are those that merchants report, the
others the sandbox's own. `detail` is laid out as documented, `{field, value, issue, location}`;
live replies are known to leave it out. The body of a 404 or 405 for a path that does not exist is
the sandbox's own: live ones are empty.
"""

from __future__ import annotations

from .._base import No, Text

_PARAM = "PARAM_ERROR"
_WHERE = "输入源“/{place}{pointer}”映射到"

NO_SUCH_PATH = No(
    404, "RESOURCE_NOT_EXISTS", Text("请求的资源不存在", "no such endpoint"), "path", "url"
)
WRONG_VERB = No(405, "INVALID_REQUEST", Text("请求方法不正确", "use {allowed}"), "method", "url")
NO_PLATFORM_KEY = No(
    400,
    _PARAM,
    Text("HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)", "required"),
    "Wechatpay-Serial",
    "header",
)
"""Something is encrypted, and nothing says for which key."""
NOT_DECRYPTED = No(
    400,
    _PARAM,
    Text("平台私钥解密失败", "not encrypted with the key that Wechatpay-Serial names"),
)
NONE_OF = No(400, _PARAM, Text("输入源“/body{above}”中，{names.zh}至少填写一个", "give {names.en}"))
UNDOCUMENTED = No(
    400,
    _PARAM,
    Text("请求中含有未在API文档中定义的参数", "not documented"),
    internal=270924358,
)
"""A field that no page has, or a null: which ones, `detail.value` tells."""
LACKING = Text(
    "没有 {names}：一份非官方索引或服务商的文档说必填，微信支付可能会拒绝",
    "{names}: missing; one unofficial index or the page for service providers requires it, "
    "so WeChat Pay may refuse it",
)
NOT_KNOWN = Text(
    "文档中没有 {names}：微信支付可能会拒绝",
    "{names}: not documented, and WeChat Pay may refuse it",
)
MEANT = Text("（是否应为 {names}？）", "; did you mean {names}?")
NOT_JSON = No(400, _PARAM, Text("请求体不是合法的JSON", "not JSON in UTF-8"), "/")
NOT_AN_OBJECT = No(400, _PARAM, Text("请求体不是合法的JSON", "not a JSON object"), "/")
TOO_WIDE = No(
    400,
    _PARAM,
    Text("请求体不是合法的JSON", "a character of more than three bytes, such as an emoji"),
    "/",
)
FOREIGN_MERCHANT = No(
    400,
    _PARAM,
    Text("http header中的mchid与post payload中的mchid不匹配", "not the merchant who signed"),
)

OWN_MERCHANT = No(
    400,
    _PARAM,
    Text("子商户mchid不能与自身mchid相同", "the service provider itself"),
    "/sub_mchid",
    internal=268443705,
)

# Uploads and downloads
NOT_A_FORM = No(
    400,
    _PARAM,
    Text(
        "请求体不是合法的multipart/form-data",
        "Content-Type must be multipart/form-data with a boundary",
    ),
    "/",
)
NO_BOUNDARY = No(
    400,
    _PARAM,
    Text("请求体不是合法的multipart/form-data", "does not begin and end with the boundary"),
    "/",
)
NO_NAME = No(400, _PARAM, Text("请求体不是合法的multipart/form-data", "a part without a name"), "/")
NO_PART = No(400, _PARAM, Text("请求体不是合法的multipart/form-data", "no part named {name}"), "/")
WRONG_DIGEST = No(400, _PARAM, Text("文件的摘要值与meta中的不一致", "not the digest of the file"))
NAME_TOO_LONG = No(
    400, _PARAM, Text("文件名超过{most}个字符", "the name has more than {most} characters")
)
WRONG_SUFFIX = No(
    400, _PARAM, Text("文件名后缀不正确，支持：{suffixes}", "the name ends in none of {suffixes}")
)
EMPTY_FILE = No(400, _PARAM, Text("文件内容为空", "the file is empty"))
FILE_TOO_LARGE = No(400, _PARAM, Text("文件大小超过{most}M", "larger than {most} MB"))
NO_SUCH_FILE = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("文件不存在或下载链接已失效", "no such file"),
    "token",
    "query",
)

# One parameter
TYPES = {
    "string": Text("字符串", "string"),
    "binary": Text("字符串", "string"),
    "integer": Text("64 位有符号整数", "integer"),
    "number": Text("数值", "number"),
    "boolean": Text("布尔值", "boolean"),
    "object": Text("对象", "object"),
    "array": Text("数组", "array"),
}
"""What the types of parameters are called."""
REQUIRED = No(
    400,
    _PARAM,
    Text(f"{_WHERE}字段“{{name}}”必填性规则校验失败，此字段为必填项", "required"),
)
WRONG_TYPE = No(
    400,
    _PARAM,
    Text(f"{_WHERE}目标字段“{{name}}”中，此字段需要一个合法的{{called.zh}}", "not {called.en}"),
)
TOO_SHORT = No(
    400,
    _PARAM,
    Text(
        f"{_WHERE}值字段“{{name}}”字符串规则校验失败，字符数 {{length}}，小于最小值 {{least}}",
        "shorter than {least}",
    ),
)
TOO_LONG = No(
    400,
    _PARAM,
    Text(
        f"{_WHERE}值字段“{{name}}”字符串规则校验失败，字符数 {{length}}，大于最大值 {{most}}",
        "longer than {most}",
    ),
)
NO_SUCH_TEXT = No(
    400,
    _PARAM,
    Text(
        f"{_WHERE}值字段“{{name}}”字符串规则校验失败，取值必须为 {{allowed.zh}}",
        "none of {allowed.en}",
    ),
)
NO_SUCH_NUMBER = No(
    400,
    _PARAM,
    Text(
        f"{_WHERE}数值字段“{{name}}”规则校验失败，取值必须为 {{allowed.zh}}", "none of {allowed.en}"
    ),
)
NO_MATCH = No(
    400,
    _PARAM,
    Text(
        f"{_WHERE}值字段“{{name}}”字符串规则校验失败，字符串必须匹配正则表达式“{{pattern}}”",
        "does not match {pattern}",
    ),
)
NOT_AN_ADDRESS = No(
    400,
    _PARAM,
    Text(
        f"{_WHERE}值字段“{{name}}”字符串规则校验失败，此字段需要一个合法的IP地址",
        "not an IP address",
    ),
)
TOO_SMALL = No(
    400,
    _PARAM,
    Text(f"{_WHERE}数值字段“{{name}}”规则校验失败，值低于最小值 {{least}}", "less than {least}"),
)
NOT_JSON_INSIDE = No(
    400,
    _PARAM,
    Text(f"{_WHERE}值字段“{{name}}”字符串规则校验失败，字符串必须是合法的JSON", "not JSON"),
)
