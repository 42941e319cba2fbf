"""The words of keys and certificates: of WeChat Pay's refusals and of notifications."""

from __future__ import annotations

from ..._base import No, Text

NO_CERTIFICATES = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text(
        "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥",
        "this merchant uses WeChat Pay's public key",
    ),
)
"""The merchant has no certificates. Merchants report a 403 and a 500 as well."""
ECHOED = Text("回显成功", "Echoed")
"""The summary of the notification."""
