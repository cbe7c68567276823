"""Who of ours is thanked by name in what a customer writes. Pure.

Mails thank for whatever came before, and address whoever wrote by name: it counts only where both are one sentence
about what that person did.
"""

import re
import unicodedata
from collections.abc import Mapping

_SENTENCE = re.compile(r"[^。．！!？?\n]+")
_THANKS = re.compile(r"ありがと|有難う|感謝|助かり|救われ|うれし|嬉し|気持ちよ|気持ち良")
_DID = re.compile(r"対応|応対|説明|案内|おかげ|お陰|親切|丁寧|親身|優し|やさし|気遣い|心遣い|教えて|助けて")
# Wished, missed or asked for is no thanks for what was done.
_NOT = re.compile(
    r"ない|なく|なかった|ません|いただければ|頂ければ|くだされば|下されば|ほしい|欲しい|お願い|残念"
)
_CALLED = r"\s*(?:さん|さま|様|氏|ちゃん)\s*(?:の|に|が|は|から)"


def thanked_in(text: str, names: Mapping[int, str]) -> set[int]:
    """The people (by id, with their whole names) whom a text thanks for what they did."""
    found: set[int] = set()
    for sentence in _SENTENCE.findall(unicodedata.normalize("NFKC", text)):
        if _THANKS.search(sentence) and _DID.search(sentence) and not _NOT.search(sentence):
            found |= {person for person, name in names.items() if _is_called(name, sentence)}
    return found


def _is_called(name: str, sentence: str) -> bool:
    """Whether somebody stands there by the whole name or the family's, as one of whom something is told."""
    parts = unicodedata.normalize("NFKC", name).split()
    called = "|".join(re.escape(one) for one in {parts[0], "".join(parts)}) if parts else ""
    return bool(called) and re.search(rf"(?<![一-龥々ァ-ヶー])(?:{called}){_CALLED}", sentence) is not None
