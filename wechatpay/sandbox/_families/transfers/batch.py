"""One batch of the old transfers (商家转账到零钱), at one moment.

    ACCEPTED → FINISHED      each of its parts was received, or failed

A part fails if its `transfer_remark` is a reason to fail, such as `NAME_NOT_CORRECT`: that is the
sandbox's own rule, for the user is not there.

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4012716434, for merchants who have the
permission since before 2025-01-15: https://pay.weixin.qq.com/doc/v3/merchant/4015273741
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

NAME_NEEDED = 200_000
"""From so many fen on, a part needs its user's name."""
NAME_REFUSED = 30
"""Below so many fen it must not have one."""
REASONS = frozenset(
    {
        "ACCOUNT_FROZEN",
        "REAL_NAME_CHECK_FAIL",
        "NAME_NOT_CORRECT",
        "OPENID_INVALID",
        "TRANSFER_QUOTA_EXCEED",
        "DAY_RECEIVED_QUOTA_EXCEED",
        "MONTH_RECEIVED_QUOTA_EXCEED",
        "DAY_RECEIVED_COUNT_EXCEED",
        "PRODUCT_AUTH_CHECK_FAIL",
        "OVERDUE_CLOSE",
        "ID_CARD_NOT_CORRECT",
        "ACCOUNT_NOT_EXIST",
        "TRANSFER_RISK",
    }
)
"""Why a part fails."""


@dataclass(frozen=True)
class Batch:
    """One batch.

    Attributes:
        asked: The parameters it was asked for with.
        mchid: Whose money it is.
        batch_id: WeChat Pay's number for it.
        create_time: When it was asked for.
        detail_ids: WeChat Pay's numbers for its parts.
        status: Where it is.
    """

    asked: Mapping[str, Any] = field(repr=False)
    mchid: str
    batch_id: str
    create_time: str
    detail_ids: tuple[str, ...]
    status: Literal["ACCEPTED", "FINISHED"] = "ACCEPTED"

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_batch_no"]
        return number

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Its parts, with their numbers, states and reasons."""
        details = zip(self.asked["transfer_detail_list"], self.detail_ids, strict=True)
        return [{**each, **_end(each), "detail_id": detail_id} for each, detail_id in details]

    def finish(self) -> Batch:
        """Let the money be received."""
        return replace(self, status="FINISHED")

    def failed(self) -> int:
        """How much of it went wrong, in fen."""
        return sum(_fen(each) for each in self.parts if each["detail_status"] == "FAIL")

    def report(self) -> dict[str, Any]:
        """Return what a query says of all of it."""
        good = [each for each in self.parts if each["detail_status"] == "SUCCESS"]
        names = (
            "appid",
            "batch_name",
            "batch_remark",
            "total_amount",
            "total_num",
            "sub_appid",
            "transfer_scene_id",
            "authorization_type",
            "sp_appid",
            "transfer_purpose",
            "transfer_scene",
        )
        won = sum(map(_fen, good))
        return {
            **{name: self.asked[name] for name in names if name in self.asked},
            "out_batch_no": self.number,
            "batch_id": self.batch_id,
            "batch_status": self.status,
            "batch_type": "API",
            "create_time": self.create_time,
            "update_time": self.create_time,
            "success_amount": won,
            "success_num": len(good),
            "fail_amount": self.asked["total_amount"] - won,
            "fail_num": self.asked["total_num"] - len(good),
        }


def _fen(part: Mapping[str, Any]) -> int:
    fen: int = part["transfer_amount"]
    return fen


def _end(part: Mapping[str, Any]) -> dict[str, str]:
    reason = part["transfer_remark"]
    if reason in REASONS:
        return {"detail_status": "FAIL", "fail_reason": reason}
    return {"detail_status": "SUCCESS"}
