"""How WeChat Pay says no: every status, code and wording of the sandbox stands in this file.

The codes and statuses are documented. So are the messages of `SIGN_ERROR` and the shape of
`sign_information`; the messages of `PARAM_ERROR` are worded as merchants report them, and
those of refunds that are refused are the sandbox's own where no merchant reported any. `detail` is
laid out as documented, `{field, value, issue, location}`; live replies are known to leave it out,
and to nest `issue` one level deeper under `detail` in a `SIGN_ERROR`. The body of a 404 or 405 for
a path that does not exist is the sandbox's own: live ones are empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._base.refusal import Refusal

NOT_DECRYPTED = "平台私钥解密失败"

_SHOWN_OF_THE_BODY = 8  # characters; what live replies are seen to show


def no_such_path() -> Refusal:
    """404: no endpoint has this path."""
    detail = {"field": "path", "issue": "no such endpoint", "location": "url"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在", detail)


def wrong_verb(allowed: str) -> Refusal:
    """405: the path is right, the verb is not."""
    detail = {"field": "method", "issue": f"use {allowed}", "location": "url"}
    return Refusal(405, "INVALID_REQUEST", "请求方法不正确", detail)


def anonymous_client() -> Refusal:
    """400: every request has to name its software and what it accepts."""
    detail = {"field": "User-Agent", "issue": "Accept and User-Agent are required"}
    message = "Http头缺少Accept或User-Agent"
    return Refusal(400, "INVALID_REQUEST", message, {**detail, "location": "header"})


def no_certificates() -> Refusal:
    """404: the merchant has to do with WeChat Pay's public key, not with certificates.

    Merchants report a 403 and a 500 as well.
    """
    message = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"
    return Refusal(404, "RESOURCE_NOT_EXISTS", message)


def too_frequent() -> Refusal:
    """429: not accepted, because there were too many."""
    return Refusal(429, "FREQUENCY_LIMITED", "频率超限，请稍后重试")


def system_error() -> Refusal:
    """500: something is wrong at WeChat Pay's; it does not say whether anything happened."""
    return Refusal(500, "SYSTEM_ERROR", "系统异常，请稍后重试")


def bad_authorization(issue: str) -> Refusal:
    """401: the header is missing, or not written as it has to be."""
    message = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
    return _sign_error(message, "Authorization", issue)


def bad_scheme(expected: str) -> Refusal:
    """401: not a way of signing that WeChat Pay knows."""
    return _sign_error("Http头Authorization认证类型不正确", "Authorization", f"use {expected}")


def unknown_merchant() -> Refusal:
    """401: no merchant has this number."""
    return _sign_error("商户未申请过证书。", "mchid", "no such merchant")


def unknown_certificate() -> Refusal:
    """401: the merchant has no certificate with this serial number."""
    message = "商户证书序列号有误。请使用签名私钥匹配的证书序列号"
    return _sign_error(message, "serial_no", "no such certificate")


def clock_skew(seconds: int) -> Refusal:
    """401: signed more than five minutes from now."""
    message = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
    return _sign_error(message, "timestamp", f"{seconds:+d} s from the server's clock")


def replay() -> Refusal:
    """401: the same random string a second time. Whether WeChat Pay minds is not documented."""
    return _sign_error("Http头Authorization中的nonce_str重复", "nonce_str", "seen before")


def wrong_signature(method: str, target: str, message: bytes) -> Refusal:
    """401: the signature does not cover what was received; the detail shows what was."""
    text = message.decode("utf-8", "replace")
    *head, body = text.split("\n", 4)
    shown = "\n".join([*head, body[:-1][:_SHOWN_OF_THE_BODY], ""])
    refusal = _sign_error("错误的签名，验签失败", "signature", "sign not match")
    refusal.detail["sign_information"] = {
        "method": method,
        "url": target,
        "truncated_sign_message": shown,
        "sign_message_length": len(message),
    }
    return refusal


def unknown_platform_key(name: str) -> Refusal:
    """400: `Wechatpay-Serial` names none of WeChat Pay's keys."""
    detail = {"field": "Wechatpay-Serial", "value": name, "issue": "no such key"}
    message = "平台证书序列号Wechatpay-Serial错误"
    return Refusal(400, "PARAM_ERROR", message, {**detail, "location": "header"})


def no_platform_key() -> Refusal:
    """400: something is encrypted, and `Wechatpay-Serial` does not say for which key."""
    detail = {"field": "Wechatpay-Serial", "value": "", "issue": "required", "location": "header"}
    message = "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)"
    return Refusal(400, "PARAM_ERROR", message, detail)


def not_encrypted(field: str, location: str) -> Refusal:
    """400: a sensitive field is not encrypted, or not for the key that the request names."""
    issue = "not encrypted with the key that Wechatpay-Serial names"
    return wrong_parameter(NOT_DECRYPTED, field=field, value="", issue=issue, location=location)


def none_of(names: Sequence[str]) -> Refusal:
    """400: one of several parameters has to be there."""
    message = f"输入源“/body”中，{'、'.join(names)}至少填写一个"
    issue, field = f"give {' or '.join(names)}", f"/{names[0]}"
    return wrong_parameter(message, field=field, value="", issue=issue, location="body")


def not_an_upload(issue: str) -> Refusal:
    """400: the body is not a form with a file and what is said about it."""
    message = "请求体不是合法的multipart/form-data"
    return wrong_parameter(message, field="/", value="", issue=issue, location="body")


def wrong_digest(field: str, value: object) -> Refusal:
    """400: the file is not the one that `meta` tells of."""
    message = "文件的摘要值与meta中的不一致"
    issue = "not the digest of the file"
    return wrong_parameter(message, field=field, value=value, issue=issue, location="body")


def no_such_file(token: str) -> Refusal:
    """404: no download was ever given this token."""
    detail = {"field": "token", "value": token, "issue": "no such file", "location": "query"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "文件不存在或下载链接已失效", detail)


def wrong_parameter(
    message: str, *, field: str, value: object, issue: str, location: str
) -> Refusal:
    """400: one parameter is missing or cannot be right."""
    detail = {"field": field, "value": value, "issue": issue, "location": location}
    return Refusal(400, "PARAM_ERROR", message, detail)


def not_json(issue: str) -> Refusal:
    """400: the body is not a JSON object in the characters that WeChat Pay takes."""
    message = "请求体不是合法的JSON"
    return wrong_parameter(message, field="/", value="", issue=issue, location="body")


def foreign_merchant(field: str, value: object, location: str) -> Refusal:
    """400: the parameters speak for another merchant than the signature."""
    message = "http header中的mchid与post payload中的mchid不匹配"
    issue = "not the merchant who signed"
    return wrong_parameter(message, field=field, value=value, issue=issue, location=location)


def no_such_authorization(code: str) -> Refusal:
    """404: no user ever agreed under this authorization code.

    The table of this endpoint says `ORDER_NOT_EXIST`; the general one, this.
    """
    detail = {"field": "authorization_code", "value": code, "issue": "no such authorization"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "授权协议不存在", {**detail, "location": "url"})


def no_such_order(field: str, value: str) -> Refusal:
    """404: no order has this number."""
    detail = {"field": field, "value": value, "issue": "no such order", "location": "url"}
    return Refusal(404, "ORDER_NOT_EXIST", "订单不存在", detail)


def order_number_used(out_trade_no: str) -> Refusal:
    """403: the number belongs to an order with other particulars."""
    return _order(403, "OUT_TRADE_NO_USED", "商户订单号重复", out_trade_no, "other particulars")


def order_paid(out_trade_no: str) -> Refusal:
    """400: the order is paid."""
    return _order(400, "ORDERPAID", "该订单已支付", out_trade_no, "already paid")


def order_closed(out_trade_no: str) -> Refusal:
    """400: the order is closed."""
    return _order(400, "ORDER_CLOSED", "该订单已关闭", out_trade_no, "closed")


def order_being_paid(out_trade_no: str) -> Refusal:
    """400: the customer is typing his password; the code is the one that merchants report."""
    message, issue = "用户支付中，请稍后再试", "being paid"
    return _order(400, "USERPAYING", message, out_trade_no, issue)


def order_reversed(out_trade_no: str) -> Refusal:
    """400: the order was reversed; the code is APIv2's."""
    return _order(400, "ORDERREVERSED", "该订单已撤销", out_trade_no, "reversed")


def not_reversible(out_trade_no: str) -> Refusal:
    """400: only what is paid with a payment code can be reversed."""
    message, issue = "仅付款码支付的订单可以撤销", "not paid with a payment code"
    return _order(400, "INVALID_REQUEST", message, out_trade_no, issue)


def order_refunded(out_trade_no: str) -> Refusal:
    """400: a part of the order was refunded, so that it cannot be reversed."""
    return _order(400, "INVALID_REQUEST", "订单已发生退款", out_trade_no, "refunded")


def order_shared(out_trade_no: str) -> Refusal:
    """400: a part of the order was shared, so that it cannot be reversed."""
    return _order(400, "INVALID_REQUEST", "订单已分账", out_trade_no, "shared")


def no_such_refund(field: str, value: str) -> Refusal:
    """404: no refund has this number."""
    detail = {"field": field, "value": value, "issue": "no such refund"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在", {**detail, "location": "url"})


def no_order_to_refund(number: str) -> Refusal:
    """404: there is no order to be refunded."""
    issue, field = "no such order", "/out_trade_no"
    return _refund(404, "RESOURCE_NOT_EXISTS", "订单不存在", field, number, issue)


def refund_of_nothing() -> Refusal:
    """400: a refund has to name its order, by either number."""
    message = "输入源“/body/transaction_id”和“/body/out_trade_no”二选一必填"
    issue, field = "give transaction_id or out_trade_no", "/transaction_id"
    return wrong_parameter(message, field=field, value="", issue=issue, location="body")


def refund_unpaid(out_trade_no: str) -> Refusal:
    """400: what was not paid cannot be refunded."""
    return _refund(400, "INVALID_REQUEST", "订单未支付", "/out_trade_no", out_trade_no, "not paid")


def refund_differs(out_refund_no: str) -> Refusal:
    """400: the number belongs to a refund of another amount, or of another order."""
    issue = "other particulars than before"
    message = "订单金额或退款金额与之前请求不一致，请核实后再试"
    return _refund(400, "INVALID_REQUEST", message, "/out_refund_no", out_refund_no, issue)


def refund_of_another_total(total: int) -> Refusal:
    """400: the order's amount, as the refund names it, is not the order's."""
    issue, field = "not the order's amount", "/amount/total"
    message = "订单金额或退款金额与之前请求不一致，请核实后再试"
    return _refund(400, "INVALID_REQUEST", message, field, total, issue)


def refund_too_much(refund: int, left: int) -> Refusal:
    """400: no more can be refunded than was paid."""
    message = "退款金额大于可退金额" if left else "订单已全额退款"
    issue = f"{left} left to refund"
    return _refund(400, "INVALID_REQUEST", message, "/amount/refund", refund, issue)


def refund_of_what_is_shared(refund: int, held: int) -> Refusal:
    """403: the merchant has not got the money, for others have their share of it."""
    issue = f"{held} left that is not shared: have a share returned first"
    message = "基本账户余额不足，请充值后重新发起"
    return _refund(403, "NOT_ENOUGH", message, "/amount/refund", refund, issue)


def refund_over(out_refund_no: str, status: str) -> Refusal:
    """400: the refund has come to its end."""
    message = "退款单状态不允许此操作"
    return _refund(400, "INVALID_REQUEST", message, "/out_refund_no", out_refund_no, status)


def refund_not_abnormal(out_refund_no: str, status: str) -> Refusal:
    """400: only an abnormal refund can be sent elsewhere."""
    message = "退款单状态不是退款异常"
    return _refund(400, "INVALID_REQUEST", message, "/out_refund_no", out_refund_no, status)


def refund_of_another_number(out_refund_no: str) -> Refusal:
    """400: WeChat Pay's number and the merchant's are those of different refunds."""
    issue, message = "not this refund's number", "退款单号与商户退款单号不匹配"
    return _refund(400, "INVALID_REQUEST", message, "/out_refund_no", out_refund_no, issue)


def too_many_refunds(most: int) -> Refusal:
    """400: an order is refunded in so many parts at most."""
    issue, message = f"at most {most} refunds of one order", f"一笔订单最多部分退款{most}次"
    return _refund(400, "INVALID_REQUEST", message, "/out_refund_no", "", issue)


def _refund(status: int, code: str, message: str, field: str, value: object, issue: str) -> Refusal:
    detail = {"field": field, "value": value, "issue": issue, "location": "body"}
    return Refusal(status, code, message, detail)


def _order(status: int, code: str, message: str, out_trade_no: str, issue: str) -> Refusal:
    detail = {"field": "/out_trade_no", "value": out_trade_no, "issue": issue, "location": "body"}
    return Refusal(status, code, message, detail)


def _sign_error(message: str, field: str, issue: str) -> Refusal:
    detail = {"field": field, "issue": issue, "location": "authorization"}
    return Refusal(401, "SIGN_ERROR", message, detail)
