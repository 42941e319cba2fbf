"""WeChat Pay's refusals of combined orders that single orders do not have."""

from __future__ import annotations

from ..._base import No, Text

WRONG_COUNT = No(
    400,
    "PARAM_ERROR",
    Text(
        "输入源“/body/sub_orders”映射到值字段“sub_orders”规则校验失败，条数 {count}",
        "{least} to {most}",
    ),
    "/sub_orders",
)
NOT_ITS_ORDERS = No(
    400,
    "INVALID_REQUEST",
    Text(
        "关单的子单信息与下单时不一致，请检查后再试",
        "not the {count} orders that it was placed with: all are closed, or none",
    ),
    "/sub_orders",
)
"""The official manual says that it fails, and that it may be a 500."""
