"""Words about a customer that a note does not need, or that belittle them. Pure.

A list of our own: it finds words, not what is meant by them, so it only asks. What is kept all the same is kept by a
person. What counts as sensitive follows 個人情報保護法2条3項 (要配慮個人情報), which needs the customer's own consent
(20条2項), and what neighbouring guidelines call 機微.

Short words also stand within others (ブス in サブスク, 信者 in 送信者): what stands before and behind tells them apart.
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


# Not within a longer word of the same letters.
_KANJI: Final = "(?<![一-鿿々])"
_KANA: Final = "(?<![ァ-ヺー])"
_SENSITIVE: Final = (
    rf"(?:{_KANJI}|(?<=色))人種(?![別類目子])|(?<!多)国籍(?!料理)|本籍|"
    # 不在日, 滞在日数, 所在日本, 現在日時.
    r"(?<![不滞現存所駐実健潜介点散混])在日(?![数時程])|"
    # 協同和解, 一同和やかに.
    r"(?<![協共合一])同和(?![解食室牛文訳風紙菓服やら])|被差別|部落出身|"
    # 専門地域, 部門地図, 虎ノ門地区.
    rf"{_KANJI}(?<![ノヶ])門地(?![域区図方点下上元価])|宗教|"
    # 送信者, 受信者, 発信者.
    r"(?<![送受発返通着配交電往確])信者|信仰|(?<![医化科学工理文語法農薬史])学会員|支持政党|党員|労働組合|"
    # 午前科目, 以前科学館.
    r"(?<![午以])前科(?![目学])|逮捕歴|犯罪歴|(?<![衣和洋被制])服役|病歴|(?<![維支])持病(?![院棟室床])|"
    r"うつ病|鬱病|精神病|精神疾患|統合失調|発達障害|認知症|"
    r"障害者|障がい者|身体障害|知的障害|精神障害|妊娠|(?<![A-Z])HIV(?![A-Z])|(?:がん|癌)患者|"
    r"同性愛|性的指向|性自認|(?<!距)離婚|母子家庭|父子家庭|生活保護(?!者会)|多重債務|自己破産"
)
_BELITTLING: Final = (
    # ディスクレーマー.
    r"(?<!ス)クレーマー|モンスター(?:客|カスタマー)|"
    # 雰囲気違い, 行きちがい, 米軍基地外周.
    rf"{_KANJI}気違い|(?:(?<![一-鿿々ぁ-ゖ])|(?<=の))きちがい|{_KANA}キチガイ|{_KANJI}基地外(?![周部側])|"
    # 冒頭がおかしい, 先頭, 店頭.
    rf"{_KANJI}頭[がの]おかしい|"
    # 群馬鹿沢, 南相馬鹿島.
    r"(?<![群相但対])馬鹿(?![島沼沢児野角売貝])|"
    # サブスク, デブリ, アホウドリ, バカンス, メアホスト, ホモジナイザー; バカ売れ, アホ毛, ホモ牛乳.
    rf"{_KANA}(?:バカヤロー|バカヤロウ|クソババア|クソジジイ|ドブス|ドアホ|"
    r"バカ(?![売貝高])|アホ(?!毛)|ブス|デブ|ババア|ジジイ|ホモ(?!牛乳)|オカマ|オネエ)(?![ァ-ヺー])|老害|"
    # 案外人, 海外人気, その外人数.
    rf"(?:{_KANJI}|(?<=不良))外人(?![気材数工事件口員物間形])|貧乏人|"
    # 助成金, 達成金額, 合成金属.
    rf"(?:{_KANJI}|(?<=土地)|(?<=俄))成金(?![額具属型])|"
    # お惣菜 (おそうざい), 錠剤, 東西.
    rf"(?<![おこそとよほどごろょゅゆじ])うざい|{_KANA}ウザ[いイ]|{_KANA}キモ[いイ]|{_KANA}ゴネ得|"
    r"ヒステリー(?!シス)"
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
