"""How WeChat Pay says no under APIv2, where every answer has the status 200.

What is wrong with the message itself is a `return_msg` and nothing else; the words are those of the
documented error codes. What is wrong with what it asks for is an `err_code` with `err_code_des`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._base.refusal import Refusal
from .wording import NOT_DECRYPTED


class OldRefusal(Refusal):
    """WeChat Pay's no under APIv2.

    Attributes:
        fields: What else the answer has.
        failed: Whether the message itself is wrong, so that the answer is a `return_msg`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        *,
        failed: bool = False,
    ) -> None:
        super().__init__(200, code, message, {"issue": f"{code}: {message}"})
        self.fields: dict[str, str] = dict(fields or {})
        self.failed = failed


ERRORS = {
    429: OldRefusal("FREQUENCY_LIMITED", "频率限制"),
    500: OldRefusal("SYSTEMERROR", "系统超时"),
}
"""What is said with a status of 200, by the status that APIv3 has for it."""


def no_message() -> Refusal:
    """There is nothing in the body."""
    return _failed("POST_DATA_EMPTY", "post数据为空")


def not_xml() -> Refusal:
    """The body is not XML in one level."""
    return _failed("XML_FORMAT_ERROR", "XML格式错误")


def wrong_signature() -> Refusal:
    """The signature does not cover the fields, or is of the wrong kind."""
    return _failed("SIGNERROR", "签名错误")


def unknown_merchant() -> Refusal:
    """No merchant has this number."""
    return _failed("MCHID_NOT_EXIST", "MCHID不存在")


def lacking(name: str) -> Refusal:
    """A field is not there that has to be."""
    return _failed("LACK_PARAMS", f"缺少参数{name}")


def wrong_field(refusal: Refusal) -> Refusal:
    """A field is there that cannot be right."""
    field, issue = str(refusal.detail["field"]).strip("/"), refusal.detail["issue"]
    if issue == "required":
        return lacking(field)
    if refusal.message == NOT_DECRYPTED:
        issue = "not encrypted with the key of risk/getpublickey"
    return _failed("PARAM_ERROR", f"参数错误：{field}（{issue}）")


def wrong_file(name: str) -> Refusal:
    """The file is not the one whose digest is given."""
    return _failed("PARAM_ERROR", f"参数错误：{name}（not the digest of the file）")


def no_certificate() -> Refusal:
    """The client showed no certificate where mutual TLS is asked for."""
    return _failed("CERT_ERROR", "No required SSL certificate was sent")


def _failed(code: str, message: str) -> Refusal:
    return OldRefusal(code, message, failed=True)
