"""Short words of kana that also stand within others: けが in お届けが, やけど in なんやけど, くそ in 早くそちら.

All of it is folded (`folding.fold`). What stands before tells one from the other; in doubt it is the word.
"""

import re
from functools import lru_cache
from typing import Final

from madoguchi.kernel.folding import fold

# Behind these けが is the end of another word and a particle: お届けが, 受付けが, だけが, わけが, きっかけが …
_ENDS_IN_KE: Final = (
    "届受付掛開空助分避向続焼抜預化溶負賭漬設砕欠老裂退怠更授請除透懸傾架着就点突聞酒"
    "だわふむよあぬぼこつづさざ"
)
_KE_GA: Final = (
    f"(?<![{_ENDS_IN_KE}])(?<!おま)(?<!日や)(?<!っか)(?<!出か)(?<!見せか)(?<!追いか)(?<!問いか)(?<!声か)"
)
# Behind a word these make another of it, or a thing that is sold: お骨折り, 爆発的, 出血大サービス, 火災保険.
_BEHIND: Final = {
    "けが": "(?!れ|わし)",
    "骨折": "(?!り)",
    "爆発": "(?!的)",
    "出血": "(?!大?サービス|価格|覚悟)",
    "火災": "(?!保険|報知|警報|感知|対策|予防|訓練)",
    "火事": "(?!場の)",
    "救急車": "(?!の?(?:おもちゃ|玩具|ミニカ|トミカ|模型|絵本|ぬいぐるみ))",
    "入院": "(?!着|セット|準備|用品|見舞|保険|給付|祝)",
}
_BEHIND_FOLDED: Final = {fold(word): fold(pattern) for word, pattern in _BEHIND.items()}
_BEFORE: Final = {
    "けが": _KE_GA,
    # そうやけど, なんやけど: as people in the west of Japan say “but”.
    "やけど": "(?<![んうと])",
    # 早くそちら, よくその, なくそれ.
    "くそ": "(?:(?<![ぁ-ゖ一-鿿々])|(?<=この)|(?<=その)|(?<=まじ)|(?<=んな))",
}
_BEGINNINGS: Final = tuple(_BEFORE)
_APART: Final = "\x1e"


def itself(word: str) -> str:
    """A pattern for a word, folded, that does not find it as a part of another."""
    folded = fold(word)
    before = next((before for begins, before in _BEFORE.items() if folded.startswith(begins)), "")
    return before + re.escape(folded) + _BEHIND_FOLDED.get(folded, "")


def folded(text: str) -> str:
    """A text folded, in which a mark stands before such a word where one stands behind white space: what ends the line
    above is no part of it (ありがとう, and then やけど).
    """
    parts = [fold(part) for part in text.split()]
    if not any(part.startswith(_BEGINNINGS) for part in parts[1:]):
        return fold(text)
    return "".join(_APART + part if part.startswith(_BEGINNINGS) else part for part in parts)


@lru_cache(maxsize=2_000)
def pattern_of(word: str) -> re.Pattern[str]:
    """The same, made once."""
    return re.compile(itself(word))
