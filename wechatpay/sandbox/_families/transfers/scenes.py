"""What a transfer's scene asks for: what has to be reported of it, and what its user may be shown.

There is no closed list of scenes: each is applied for. Of those whose particulars are documented
they have to be exactly these; of any other, whatever is reported is taken.

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4013774588 and …/4013774589 (2025-07-15);
what 1005 asks for is what merchants report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import words

REPORTED: Mapping[str, set[str]] = {
    "1000": {"活动名称", "奖励说明"},
    "1005": {"岗位类型", "报酬说明"},
    "1011": {"赔付原因"},
}
"""The `info_type` of what has to be reported, by scene."""
PERCEIVED: Mapping[str, frozenset[str]] = {
    "1000": frozenset({"活动奖励", "现金奖励"}),
    "1011": frozenset({"退款", "商家赔付"}),
}
"""What `user_recv_perception` can be, by scene."""


def check(asked: Mapping[str, Any]) -> None:
    """Check that a transfer reports what its scene asks for.

    Raises:
        Refusal: It does not, or its user would be shown what the scene does not know.
    """
    scene: str = asked.get("transfer_scene_id") or ""
    infos: list[Mapping[str, Any]] = asked.get("transfer_scene_report_infos") or []
    reported = [str(each.get("info_type")) for each in infos]
    expected = REPORTED.get(scene)
    if expected and (set(reported) != expected or len(reported) != len(expected)):
        raise words.WRONG_REPORT("", expected="、".join(sorted(expected)))
    shown, known = asked.get("user_recv_perception"), PERCEIVED.get(scene)
    if shown and known and shown not in known:
        raise words.UNKNOWN_PERCEPTION(shown)
