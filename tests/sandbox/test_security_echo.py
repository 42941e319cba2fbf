"""The echo: what is said comes back, and is told to the merchant."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from wechatpay.sandbox import Gateway, Sandbox

from .merchant import Merchant, read

_ECHO = "/v3/security/echo"
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)


def _sealed(merchant: Merchant, text: str) -> str:
    (key,) = merchant.platform.values()
    return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode()


def _opened(merchant: Merchant, text: str) -> str:
    return merchant.key.decrypt(base64.b64decode(text), _OAEP).decode()


def test_echo(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """The plain text comes back as such, the secret one encrypted for the merchant, both ways."""
    (serial,) = merchant.platform
    body = {"echo_message": "hello", "encrypted_echo_message": _sealed(merchant, "秘密")}
    body |= {"notify_url": "https://www.weixin.qq.com/v3/test"}
    said = read(merchant.call(gateway, "POST", _ECHO, body, serial=serial))
    assert said["echo_message"] == "hello"
    assert _opened(merchant, said["encrypted_echo_message"]) == "秘密"
    (told,) = sandbox.notifications
    assert (told.event.event_type, told.event.original_type) == (
        "SECURITY_ECHO.SUCCESS",
        "security",
    )
    assert told.event.resource["echo_message"] == "hello"
    assert _opened(merchant, told.event.resource["encrypt_echo_message"]) == "秘密"


def test_echo_without_a_secret(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """What is not given does not come back, and without an address nobody is told."""
    body = {"echo_message": "hello"}
    assert read(merchant.call(gateway, "POST", _ECHO, body)) == body
    assert sandbox.notifications == []
    body |= {"notify_url": "https://www.weixin.qq.com/v3/test"}
    merchant.call(gateway, "POST", _ECHO, body)
    (told,) = sandbox.notifications
    assert told.event.resource == {"echo_message": "hello"}


def test_echo_has_to_be_encrypted(gateway: Gateway, merchant: Merchant) -> None:
    """A secret in plain text is refused."""
    (serial,) = merchant.platform
    body = {"echo_message": "hello", "encrypted_echo_message": "秘密"}
    answer = merchant.call(gateway, "POST", _ECHO, body, serial=serial)
    assert (answer.status, read(answer)["code"]) == (400, "PARAM_ERROR")


def test_client_echoes() -> None:
    """The client encrypts, and reads what comes back."""
    with Sandbox() as sandbox, sandbox.client() as wxpay:
        secret = wxpay.encrypt("秘密")
        response = wxpay.v3.security.echo.post(
            json={"echo_message": "hello", "encrypted_echo_message": secret}
        )
        said = wxpay.decrypt_fields(response)
        assert said == {"echo_message": "hello", "encrypted_echo_message": "秘密"}
