"""One call in six spellings, and the story of a purchase, over HTTP: `make demo`.

It starts a sandbox on loopback and makes real calls. For each it prints what was called (the very
source that runs), the path it became, the message that was signed, how both sides judged the
other's signature, and the answer. It exits non-zero if anything is not as it should be.
"""

from __future__ import annotations

import sys
from typing import TextIO

from wechatpay import WeChatPay

from .. import Sandbox
from . import _purchase, _terminate, words
from ._shop import Shop
from ._transcript import Transcript


def main(out: TextIO | None = None) -> int:
    """Run the demo, and return its exit status; it is printed to standard output by default."""
    transcript = Transcript(out or sys.stdout)
    with Sandbox(port=0) as sandbox, WeChatPay(**sandbox.config) as wxpay, Shop(wxpay) as shop:
        transcript.field(words.SANDBOX, sandbox.url, depth=0)
        transcript.field(words.MERCHANT, sandbox.config["mchid"], depth=0)
        transcript.field(words.SHOP, shop.url, depth=0)
        transcript.blank()
        transcript.field(words.SIGNED, words.WHAT_WAS_SIGNED, depth=0)
        transcript.field(words.JUDGED, words.WHAT_IS_THOUGHT, depth=0)
        transcript.field(words.VERIFIED, words.WHAT_WAS_VERIFIED, depth=0)
        _terminate.tell(sandbox, wxpay, transcript)
        _purchase.tell(sandbox, wxpay, shop, transcript)
    return transcript.summary()
