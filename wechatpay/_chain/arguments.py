"""What was meant by an argument that does not exist: another library's, or a typo.

It is loaded only when such an argument is passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_OPTIONS = {
    "data": "did you mean json= for APIv3 or xml= for APIv2?",
    "payload": "did you mean json= for APIv3 or xml= for APIv2?",
    "body": "did you mean json= for APIv3 or xml= for APIv2?",
    "form": "did you mean xml= for APIv2?",
    "formparams": "did you mean xml= for APIv2?",
    "file": "did you mean media=?",
    "files": "did you mean media=?",
    "filename": "did you mean media=?",
    "stream": "did you mean sink=?",
    "savepath": "did you mean sink=?",
    "serial": "the client puts Wechatpay-Serial into the headers by itself",
    "auth": "the client signs by itself",
    "sign": "the client signs by itself",
    "verify": "the client verifies every answer",
    "cert": "did you mean merchant=(cert, key) of WeChatPay(…)?",
    "proxy": "did you mean http_client= of WeChatPay(…), or HTTPS_PROXY in the environment?",
    "proxies": "did you mean http_client= of WeChatPay(…), or HTTPS_PROXY in the environment?",
    "retries": "did you mean retries= of WeChatPay(…)?",
    "retry": "did you mean retries= of WeChatPay(…)?",
    "followredirects": "redirects are never followed: a signature must not travel on",
    "allowredirects": "redirects are never followed: a signature must not travel on",
    "debug": "the log `wechatpay` and on_call= of WeChatPay(…) show each call",
    "sandbox": "did you mean Sandbox().client(), from wechatpay.sandbox?",
    "cookies": "WeChat Pay uses no cookies",
    "idempotencykey": "your own number in the body, such as out_trade_no, makes it the same call",
}
"""What to pass in place of other libraries' options, by name without case and underscores."""
_ARGUMENTS = {
    "appid": "did you mean appid, a field of each order?",
    "notifyurl": "did you mean notify_url, a field of each order?",
    "certserialno": "did you mean serial?",
    "certserial": "did you mean serial?",
    "serialno": "did you mean serial?",
    "serialnumber": "did you mean serial?",
    "merchantserial": "did you mean serial?",
    "merchantserialnumber": "did you mean serial?",
    "merchantid": "did you mean mchid?",
    "merchantno": "did you mean mchid?",
    "mchkey": "did you mean secret, the APIv2 key?",
    "merchantkey": "did you mean secret, the APIv2 key?",
    "key": "did you mean secret, the APIv2 key?",
    "apikey": "did you mean secret, the APIv2 key, or apiv3_key?",
    "keypath": "did you mean private_key, which takes a path too?",
    "privatekeypath": "did you mean private_key, which takes a path too?",
    "mchcert": "did you mean merchant=(cert, key)?",
    "mchkeypath": "did you mean merchant=(cert, key)?",
    "cert": "did you mean merchant=(cert, key)?",
    "certpath": "did you mean merchant=(cert, key)?",
    "certdir": "did you mean certs, which takes a directory?",
    "platformcerts": "did you mean certs?",
    "platformcertificates": "did you mean certs?",
    "publickey": 'did you mean certs={"PUB_KEY_ID_…": key}?',
    "publickeyid": 'did you mean certs={"PUB_KEY_ID_…": key}?',
    "publickeypath": 'did you mean certs={"PUB_KEY_ID_…": key}?',
    "wechatpaypublickey": 'did you mean certs={"PUB_KEY_ID_…": key}?',
    "wechatpaytype": "the product is in the path, as wxpay.v3.pay.transactions.native",
    "partnermode": "partners call paths of their own, wxpay.v3.pay.partner.…",
    "proxy": "did you mean http_client and async_http_client, or HTTPS_PROXY in the environment?",
    "proxies": "did you mean http_client and async_http_client, or HTTPS_PROXY in the environment?",
    "session": "did you mean http_client?",
    "logger": "it logs as `wechatpay`",
    "sandbox": "did you mean Sandbox().client(), from wechatpay.sandbox?",
}
"""The same for the arguments of other libraries' clients."""


def option(name: str, known: Iterable[str]) -> str:
    """Return what was meant by an unknown argument of a call; empty if unclear."""
    return _OPTIONS.get(_folded(name)) or _close(name, known)


def argument(name: str, known: Iterable[str]) -> str:
    """Return the message for an argument that a client does not take."""
    meant = _ARGUMENTS.get(_folded(name)) or _close(name, known)
    return f"a client takes no {name}" + (f"; {meant}" if meant else "")


def _close(name: str, known: Iterable[str]) -> str:
    """Return the known name that is the same but for its spelling, or else close to it."""
    folded = {_folded(one): one for one in known}
    close = get_close_matches(_folded(name), folded, 1)
    return f"did you mean {folded[close[0]]}?" if close else ""


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
