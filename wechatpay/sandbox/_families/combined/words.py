"""How WeChat Pay says no to combined orders, where that is not said of single ones too."""

from __future__ import annotations

from ..._base import No, Text

WRONG_COUNT = No(
    400,
    "PARAM_ERROR",
    Text(
        "输入源“/body/sub_orders”映射到值字段“sub_orders”规则校验失败，条数 {count}",
        "1 to {most}",
    ),
    "/sub_orders",
)
