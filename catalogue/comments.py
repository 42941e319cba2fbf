"""Facts that stand in a field's comment: lengths, units, examples, which of two is enough."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["said"]

_RANGE = re.compile(
    r"(?:string|类型[:：]\s*string|字符长度(?:限制)?(?:为)?|长度(?:限制)?(?:为)?)\s*"
    r"[\[【(（]\s*(\d+)\s*[,，~\-]\s*(\d+)\s*[\]】)）]",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"类型[:：]\s*string\s*[（(]\s*(\d+)\s*[)）]", re.IGNORECASE)
_MOST = re.compile(
    r"(?:最多(?:允许|支持)?|最长|不超过|上限|不得?多于)\s*(?:为|是)?\s*(\d+)\s*个?(?:中文)?(?:字符|字$|字[，。；])"
)
_UNITS = {
    "分": "fen",
    "元": "yuan",
    "秒": "second",
    "分钟": "minute",
    "小时": "hour",
    "天": "day",
    "万分比": "percent of 10,000",
    "百分比": "percent",
    "米": "metre",
}
_UNIT = re.compile(
    r"单位\s*(?:为|是)?\s*[:：]?\s*[“\"'【]?(分钟|万分比|百分比|小时|分|元|秒|天|米)(?![币别])"
)
_REQUIRED = re.compile(r"是否必填\s*[:：]\s*(是|否)(?!则)")
_BARE = re.compile(r"^[\s*]*(是|否)\s*$", re.MULTILINE)
_BARE_LENGTH = re.compile(r"^[\s*]*String\((\d+)\)\s*$", re.MULTILINE)
_CHOICE = re.compile(r"(?:与|和)\s*([a-z][a-z_]+)\s*(?:字段)?\s*(?:二选一|必填其一|二者选一)")
_EXAMPLE = re.compile(r"示例值\s*[:：]\s*([^\s，。；<>]{1,64})")
_PATTERNS = (
    (re.compile(r"只能(?:由|是)数字、大小写字母组成"), "[0-9A-Za-z]*"),
    (re.compile(r"只能是数字、大小写字母_-\*"), r"[0-9A-Za-z_\-*]*"),
    (re.compile(r"只能是数字、大小写字母_-\|\*@"), r"[0-9A-Za-z_\-|*@]*"),
)
_FORMATS = (
    (re.compile(r"rfc ?3339|YYYY-MM-DDTHH:mm:ss", re.IGNORECASE), "rfc3339"),
    (re.compile(r"格式[^。；]{0,8}(?:yyyy-MM-dd|YYYY-MM-DD)(?!T)"), "date"),
)


def said(comment: str) -> dict[str, Any]:
    """Return what a comment says of its field, by the names of `Item`'s attributes."""
    facts: dict[str, Any] = {}
    if match := _RANGE.search(comment):
        facts["min_length"], facts["max_length"] = map(int, match.groups())
    elif match := (
        _LENGTH.search(comment) or _BARE_LENGTH.search(comment) or _MOST.search(comment)
    ):
        facts["max_length"] = int(match[1])
    if match := _UNIT.search(comment):
        facts["unit"] = _UNITS[match[1]]
    if match := _REQUIRED.search(comment) or _BARE.search(comment):
        facts["required"] = match[1] == "是"
    if match := _CHOICE.search(comment):
        facts["choice"] = (match[1],)
        facts["required"] = False
    if match := _EXAMPLE.search(comment):
        facts["example"] = match[1]
    for pattern, value in _PATTERNS:
        if pattern.search(comment):
            facts["pattern"] = value
            break
    for pattern, value in _FORMATS:
        if pattern.search(comment):
            facts["format"] = value
            break
    return facts
