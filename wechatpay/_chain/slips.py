"""What was meant by a call that cannot work: habits from other libraries, and typos.

It is loaded when somebody makes one, and not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from .hints import documented

METHODS = ("get", "post", "put", "patch", "delete")
OF_THE_CLIENT = (
    *("aclose", "close", "decrypt", "decrypt_fields", "download", "download_async", "encrypt"),
    *("encrypt_async", "from_env", "micropay", "notification", "notification_async"),
    *("notification_v2", "paysign"),
)
"""What a client has beside its paths."""
_ORDER = "wxpay.v3.pay.transactions.outTradeNo._out_trade_no_"
_REFUNDS = "wxpay.v3.refund.domestic.refunds"
ELSEWHERE = {
    "pay": "wxpay.v3.pay.transactions.native.post(json=…), or jsapi, app, h5 in place of native",
    "query": f'{_ORDER}.get(out_trade_no=…, params={{"mchid": …}})',
    "close": f'{_ORDER}.close.post(out_trade_no=…, json={{"mchid": …}})',
    "refund": f"{_REFUNDS}.post(json=…)",
    "query_refund": f"{_REFUNDS}._out_refund_no_.get(out_refund_no=…)",
    "callback": "wxpay.notification(headers, body)",
    "sign": "wxpay.paysign.jsapi(appid, prepay_id)",
    "trade_bill": 'wxpay.v3.bill.tradebill.get(params={"bill_date": …})',
    "fundflow_bill": 'wxpay.v3.bill.fundflowbill.get(params={"bill_date": …})',
    "download_bill": "wxpay.download(url, to)",
    "image_upload": "wxpay.v3.merchant.media.upload.post(media=path)",
    "video_upload": "wxpay.v3.merchant.media.videoUpload.post(media=path)",
    "combine_pay": "wxpay.v3.combineTransactions.native.post(json=…), or jsapi, app, h5",
    "transfer_batch": "wxpay.v3.transfer.batches.post(json=…)",
    "certificates": "wxpay.v3.certificates.get()",
}
"""Methods of the package wechatpayv3, and what takes their place."""


def called(path: str) -> str:
    """Return the message for a call of a path that does not end with a verb.

    Args:
        path: The template.
    """
    last = path.rpartition("/")[2]
    verb = last.replace("-", "") if "-" in last else last
    for known in (verb, last.replace("-", "_")):
        name = known.removesuffix("_async")
        if name in METHODS:
            return f"a path is not called; the verb is written .{known}(…)"
    verbs = documented(path)
    if verbs:
        one = verbs[0]
        how = "json=…" if one in ("post", "put", "patch") else "…"
        others = f" ({' or '.join(verbs)})" if len(verbs) > 1 else ""
        return f"a path is not called, it ends with a verb{others}: .{one}({how})"
    if "/" not in path:
        if path in ELSEWHERE:
            return instead(path)
        close = get_close_matches(path, OF_THE_CLIENT, 1, 0.75)
        if close:
            return f"a client has no {path}(); did you mean wxpay.{close[0]}?"
        return (
            f"a client has no {path}(), and a path is not called: it begins with v3 or v2 and ends "
            "with a verb, as wxpay.v3.certificates.get()"
        )
    return f"a path is not called, it ends with a verb: {', '.join(METHODS)}, or one with _async"


def instead(name: str) -> str:
    """Return what takes the place of a method of the package wechatpayv3."""
    return f"{name}(…) is wechatpayv3's; here it is {ELSEWHERE[name]}"


def positional(values: Iterable[object]) -> str:
    """Return the message for a verb's arguments that have no names."""
    first = next(iter(values))
    if isinstance(first, Mapping):
        return "no positional arguments: .post(json={…}), not .post({'json': {…}})"
    if isinstance(first, (str, int)):
        return "no positional arguments: .get(transaction_id=…), by its placeholder's name"
    return "no positional arguments: each has a name, as json=…"
