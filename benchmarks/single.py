"""One measurement in a fresh interpreter: `python single.py WHAT FOLDER`; prints JSON.

All are seconds of CPU time, which others on the machine change little.
"""

from __future__ import annotations

import sys
import time

# Nothing else up here: what is imported already costs nothing to import.
LIBRARIES = (
    "httpx",
    "cryptography.hazmat.primitives.asymmetric.padding",
    "cryptography.hazmat.primitives.hashes",
    "cryptography.hazmat.primitives.serialization",
)
"""What a client on httpx and cryptography cannot do without."""


def importing(*names: str) -> float:
    """Return the seconds that importing these modules takes."""
    started = time.process_time()
    for name in names:
        __import__(name)
    return time.process_time() - started


def libraries(_: str) -> dict[str, float]:
    """Time the import of the libraries alone."""
    return {"import": importing(*LIBRARIES)}


def client(folder: str) -> dict[str, float]:
    """Time the import of `wechatpay`, and the first client that is made."""
    seconds = importing("wechatpay")
    from pathlib import Path

    from keys import KEY_ID, MCHID, SERIAL, Keys

    from wechatpay import WeChatPay

    keys = Keys(Path(folder))
    private, certs = keys.merchant, {KEY_ID: keys.platform_public}
    started = time.process_time()
    wxpay = WeChatPay(MCHID, SERIAL, private, certs)
    made = time.process_time() - started
    wxpay.close()
    return {"import": seconds, "client": made}


def chain(folder: str) -> dict[str, float]:
    """Time the way from a client to the finished URL, seven segments long, in two spellings."""
    from pathlib import Path

    from keys import KEY_ID, MCHID, SERIAL, Keys

    from wechatpay import WeChatPay
    from wechatpay._call import OPTIONS
    from wechatpay._chain import fill

    keys = Keys(Path(folder))
    wxpay = WeChatPay(MCHID, SERIAL, keys.merchant, {KEY_ID: keys.platform_public})
    base = "https://api.mch.weixin.qq.com/"
    template = "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"

    def finished(node: object) -> str:
        return base + fill(str(node), {"authorization_code": "1234323JKHDFE1243252"}, OPTIONS)

    def attributes() -> str:
        permissions = wxpay.v3.payscore.partner.permissions
        return finished(permissions.authorizationCode._authorization_code_.terminate)

    def text() -> str:
        return finished(wxpay[template])

    if attributes() != text():
        raise AssertionError("the two spellings lead to different URLs")
    return {"attributes": each(attributes), "text": each(text)}


def rsa(folder: str) -> dict[str, float]:
    """Time one signature and one verification with RSA-2048."""
    from pathlib import Path

    from floor import HASH, PADDING, Floor
    from keys import Keys

    private = Floor(Keys(Path(folder))).private
    public, message = private.public_key(), b"m" * 200
    signature = private.sign(message, PADDING, HASH)
    return {
        "sign": each(lambda: private.sign(message, PADDING, HASH)),
        "verify": each(lambda: public.verify(signature, message, PADDING, HASH)),
    }


def notification(folder: str) -> dict[str, float]:
    """Time reading a notification, by turns with plain cryptography that does no more than that."""
    import statistics
    from pathlib import Path

    from keys import APIV3_KEY, KEY_ID, MCHID, SERIAL, Keys
    from notices import Floor, payment

    from wechatpay import WeChatPay

    keys = Keys(Path(folder))
    headers, body = payment(keys)
    floor = Floor(keys)
    certs = {KEY_ID: keys.platform_public}
    with WeChatPay(MCHID, SERIAL, keys.merchant, certs, apiv3_key=APIV3_KEY) as wxpay:
        if floor.read(headers, body) != wxpay.notification(headers, body).resource:
            raise AssertionError("the two read different things")
        readers = (lambda: floor.read(headers, body)), (lambda: wxpay.notification(headers, body))
        pairs = [[each(read, 5) for read in readers] for _ in range(15)]
    plain, ours = map(statistics.median, zip(*pairs, strict=True))
    ratio = statistics.median(plain / ours for plain, ours in pairs)
    return {"floor": plain, "ours": ours, "ratio": ratio}


def each(function, series: int = 15) -> float:
    """Return the seconds that a call of a function takes, the median of many short series."""
    import statistics
    import timeit

    timer = timeit.Timer(function, timer=time.process_time)
    number = max(1, int(0.005 / (timer.timeit(10) / 10)))
    return statistics.median(timer.repeat(series, number)) / number


if __name__ == "__main__":
    known = {made.__name__: made for made in (libraries, client, chain, rsa, notification)}
    measured = known[sys.argv[1]](sys.argv[2])
    import json

    print(json.dumps(measured))
