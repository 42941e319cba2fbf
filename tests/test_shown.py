"""What tools show of frames and bytes: no key of the wrong length, and no warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gateway import MCHID, PUBLIC_KEY_ID, certificate_pem, private_pem, public_pem, rsa_key
from soak import TIMES

SECRET = "SECRET0123456789abcdef"
FAILING = f"""
import pytest
from wechatpay import WeChatPay
from wechatpay.crypto import aes, digest, sm4
SECRET = "".join(reversed("{SECRET[::-1]}"))
PEM = "-----BEGIN PRIVATE KEY-----" + SECRET + "-----END PRIVATE KEY-----"
FORMS = [
    lambda: WeChatPay("{MCHID}", apiv3_key=SECRET),
    lambda: WeChatPay("{MCHID}", secret=SECRET + " x"),
    lambda: WeChatPay("{MCHID}", serial="AB", private_key=PEM),
    lambda: WeChatPay("{MCHID}", serial="AB", private_key=SECRET),
    lambda: WeChatPay.from_env(mchid="{MCHID}", apiv3_key=SECRET),
    lambda: aes.decrypt("AAAA", SECRET, "x" * 12),
    lambda: aes.encrypt("AAAA", SECRET, "x" * 12),
    lambda: sm4.decrypt("AAAA", SECRET, "x" * 12),
    lambda: digest.sign(dict(a=[1]), SECRET),
]

@pytest.mark.parametrize("number", range(len(FORMS)))
def test(number):
    FORMS[number]()
"""


@pytest.mark.soak
@pytest.mark.parametrize("style", ["long"] if TIMES == 1 else ["auto", "long", "short"])
def test_pytest_shows_no_key(style: str, tmp_path: Path) -> None:
    """A test of the user's own that fails at a wrong key prints its frames, and not the key."""
    (tmp_path / "test_it.py").write_text(FAILING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--tb={style}", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "9 failed" in done.stdout, done.stdout + done.stderr
    assert SECRET not in done.stdout
    assert "apiv3_key must be 32 bytes, not 22" in done.stdout


MERCHANT = """
import sys
from pathlib import Path
from wechatpay import WeChatPay
certificate, key, theirs = (Path(name).read_bytes() for name in ("c.pem", "k.pem", "t.pem"))
for merchant in (
    (certificate, key), (certificate.decode(), key.decode()), (Path("c.pem"), "k.pem"),
    ("c.pem", (key, b"")), ("c.pem", ("k.pem", "")),
):
    with WeChatPay(sys.argv[1], "AB12", key, {sys.argv[2]: theirs}, merchant=merchant) as wxpay:
        wxpay._engine.get().check("GET", "v3/x", {"security": True}, awaited=False)
print("fine")
"""


def test_bytes_are_not_compared_with_text(tmp_path: Path) -> None:
    """`python -bb` makes that an error: a certificate may be given as either."""
    key = rsa_key("merchant")
    (tmp_path / "c.pem").write_text(certificate_pem(key, 0xAB12))
    (tmp_path / "k.pem").write_text(private_pem(key))
    (tmp_path / "t.pem").write_text(public_pem(rsa_key("platform")))
    done = subprocess.run(
        [sys.executable, "-bb", "-W", "error", "-c", MERCHANT, MCHID, PUBLIC_KEY_ID],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.stderr, done.stdout) == ("", "fine\n")
