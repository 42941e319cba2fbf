"""What is said of stamps."""

from __future__ import annotations

from wechatpay.sandbox._base import No, Text, Words

NO_SUCH_CARD = No(
    404, "RESOURCE_NOT_EXISTS", Text("集点卡不存在", "no such card"), "card_no", "url"
)
FULL = No(400, "INVALID_REQUEST", Text("集点卡已集满", "it is {state}"), "card_no", "url")
NOTICE = Text("集点卡已集满", "A card is full")
WORDS: Words = {
    "menu.stamps": Text("集点卡", "Stamp cards"),
    "card.none": Text("还没有集点卡。", "There are no cards yet."),
    "card.OPEN": Text("收集中", "Open"),
    "card.FULL": Text("已集满", "Full"),
    "card.LAPSED": Text("已过期", "Lapsed"),
    "do.add_stamp": Text("盖章", "Add a stamp"),
    "agenda.card lapses": Text("集点卡到期", "A card lapses"),
}
