"""Words about a customer that a note does not need, or that belittle them. Pure.

A list of our own: it finds words, not what is meant by them, so it only asks. What is kept all the same is kept by a
person. What counts as sensitive follows 個人情報保護法2条3項 (要配慮個人情報), which needs the customer's own consent
(20条2項), and what neighbouring guidelines call 機微.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Why(StrEnum):
    """What is doubtful about a word."""

    SENSITIVE = "sensitive"
    BELITTLING = "belittling"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word as it was written, and what is doubtful about it."""

    word: str
    why: Why


_SENSITIVE: Final = (
    "人種|国籍|本籍|在日|同和|被差別|部落出身|門地|宗教|信者|信仰|学会員|支持政党|党員|労働組合|"
    "前科|逮捕歴|犯罪歴|服役|病歴|持病|うつ病|鬱病|精神病|精神疾患|統合失調|発達障害|認知症|"
    "障害者|障がい者|身体障害|知的障害|精神障害|妊娠|HIV|(?:がん|癌)患者|同性愛|性的指向|性自認|"
    "離婚|母子家庭|父子家庭|生活保護|多重債務|自己破産"
)
_BELITTLING: Final = (
    "クレーマー|モンスター(?:客|カスタマー)|気違い|きちがい|キチガイ|基地外|頭がおかしい|頭のおかしい|"
    "馬鹿|バカ(?!ンス|ラ|ロ)|アホ|ブス|デブ|ババア|ジジイ|老害|外人|ホモ|オカマ|オネエ|貧乏人|成金|"
    "うざい|ウザい|ウザイ|キモい|キモイ|ゴネ得|ヒステリー"
)
_WORDS: Final = {
    Why.SENSITIVE: re.compile(_SENSITIVE, re.IGNORECASE),
    Why.BELITTLING: re.compile(_BELITTLING),
}


def doubts_about(text: str) -> list[Doubt]:
    """The doubtful words of a note, each once, as they come."""
    read = unicodedata.normalize("NFKC", text)
    found = sorted(_found(read))
    return list({doubt.word: doubt for _place, doubt in found}.values())


def _found(text: str) -> Iterator[tuple[tuple[int, str], Doubt]]:
    for why, words in _WORDS.items():
        for hit in words.finditer(text):
            yield (hit.start(), why.value), Doubt(hit.group(), why)
