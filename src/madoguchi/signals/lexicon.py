"""Grave words: the usual ones, how a company writes its own, and finding them in a text. Pure.

A line is a sort and its words: `負傷: けが、火傷、injured`. Width, case and kana compare equal; a word of Latin letters
counts only where it stands alone, so that `fire` is not in `Firefox`, nor けが in お届けが (`kernel/within`). A
Japanese word that is plainly denied right behind it, or is a place or an employer there, does not count; in doubt
it does.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from madoguchi.kernel import within
from madoguchi.kernel.folding import fold
from madoguchi.kernel.text import fold as fold_width
from madoguchi.kernel.text import one_line
from madoguchi.kernel.within import pattern_of

MOST_LINES, MOST_WORDS = 40, 400
# What 消費生活用製品安全法2条6項 and its order call a serious accident: death, what takes thirty days or longer to heal
# or stays for good, poisoning by carbon monoxide, fire. Looked for whatever words a company keeps.
GRAVEST = """\
死亡: 亡くなった、亡くなりました、亡くなって、死亡、死にました、死んでしま、息を引き取、passed away、was killed、death
中毒: 一酸化炭素、CO中毒、ガス中毒、carbon monoxide
後遺障害: 後遺症、後遺障害、失明、麻痺が残、permanent injury、blinded
重傷: 指を切断、指が切断、腕を切断、足を切断、手を切断
重傷: 全治、重傷、重体、意識を失、意識不明、意識がなくな、意識がなかった、集中治療室、手術を受け、unconscious
火災: 火が出、火を噴、炎が出、炎が上、燃えた、燃えました、燃えて、燃え出、燃え上、燃え移、fire、burst into flames
"""
# What harms people, leaks, spreads or goes to third parties is seen to at once, and so is who means to leave.
USUAL = """\
負傷: けが、怪我、火傷、やけど、負傷、出血、救急車、入院、骨折、injured、injury、hospital、burned myself、bleeding
火災: 煙がし、焦げ臭、焦げくさ、焦げたにお、焦げた臭、焦げたようなにお、焦げたような臭
火災: 火事、火災、発火、出火、発煙、煙が出、爆発、感電、fire、smoke、exploded、explosion、electric shock
漏えい: 情報漏えい、情報漏洩、個人情報が漏、情報流出、個人情報の流出、不正アクセス、不正利用、data leak、data breach
水漏れ: ガス漏れ、水漏れ、液漏れ、漏電、gas leak、water leak
警察: 警察、被害届、消防署、police
公的機関: 消費者センター、消費生活センター、国民生活センター、消費者庁、保健所、consumer affairs
報道: 新聞社、テレビ局、週刊誌、マスコミ、報道機関、newspaper、the press、journalist
SNS: SNS、ツイッター、Twitter、インスタ、拡散、炎上、晒し、口コミに書、go viral、social media
解約: 解約したい、解約します、解約を希望、解約希望、解約をお願い、解約の手続、解約させて
解約: cancel my contract、cancel my subscription
退会: 退会したい、退会します、退会を希望、退会希望、退会をお願い、退会の手続、退会させて、close my account
弁護士: 弁護士、訴訟、訴え、裁判、損害賠償、内容証明、慰謝料、lawyer、attorney、sue you、legal action、lawsuit
"""
USUAL += GRAVEST
_LATIN = re.compile(r"[a-z0-9][a-z0-9 .'-]*")
# Behind a word, folded: it is said not to be so. What is asked, doubted or offered as a bargain is not denied.
_DENIED = re.compile(
    fold(
        r"(?:人)?(?:(?:や|・|とか)[^。、はがをもに]{1,6})?(?:など|等|とか)?(?:では|じゃ|は|も|が|を|に)?(?:特に|一切|全く|まったく)?"
        r"(?:(?:あり|ござい|い)ません|な(?:い(?:です|ので)|かった)|(?:し|なっ|っ|され|起き|出)?て(?:は)?(?:いま|おりま)せん"
        r"|(?:し|なっ|され|起き|出)?て(?:い)?ない|(?:し|なり|され|起き|出)?ませんでした|(?:る|する)(?:つもり|気)はありません)"
        r"(?:でした|です)?+(?!か|でしょう|とは|と言え|わけ|はず|代わり|かわり|条件)"
    )
)
# Behind a word, folded: a place on the way, or where somebody works, is not whom they turn to.
_PLACE = re.compile(
    fold(
        r"(?:署|事務所|本部|本社)?(?:の(?:すぐ)?(?:近く|隣|となり|向かい|そば|前|裏|横|斜め)"
        r"|(?:に|で)(?:勤め|勤務|つとめ|働|はたら)|勤務|前の|(?:から|まで)徒歩)"
    )
)
# Behind a death, folded: what is to be done about what somebody left, and no accident.
_BEREAVED = re.compile(
    fold(
        r"(?:(?:父|母|祖父|祖母|主人|夫|妻|家族|本人|契約者|会員)の)?[^。!?]{0,30}(?:解約|退会|名義|相続|解除|停止|手続|香典|法事|仏壇|葬儀)"
    )
)
DEATH: Final = "死亡"
# Behind `fire`: Fire TV Stick and fire alarms burn nobody.
NO_FIRE = "(?! (?:tv|stick|hd|tablets?|sale|alarms?|extinguishers?))"
_BETWEEN = re.compile(r"[、,，]")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the words as the lexicon writes them, and their sorts, each once and in its order."""

    words: tuple[str, ...]
    sorts: tuple[str, ...]


def read_lexicon(text: str, *, at: int = 1) -> Mapping[str, Sequence[str]]:
    """The words of each sort. Raises ValueError, naming the line that makes no sense (the first is `at`)."""
    read: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), at):
        if not line.strip():
            continue
        sort, colon, rest = line.replace("：", ":").partition(":")
        words = [one_line(word, most=60) for word in _BETWEEN.split(rest)]
        kept = [word for word in words if len(fold(word)) > 1]
        if not (colon and one_line(sort) and kept) or len(kept) != len([w for w in words if w]):
            raise ValueError(str(number))
        read.setdefault(one_line(sort, most=60), []).extend(kept)
    if len(read) > MOST_LINES or sum(map(len, read.values())) > MOST_WORDS:
        raise ValueError("")
    return read


def find(text: str, lexicon: Mapping[str, Sequence[str]], *, unless: re.Pattern[str] | None = None) -> Found:
    """The words of a lexicon that stand in a text. A Japanese word does not count where `unless` matches (folded) right
    behind it.
    """
    plain, latin = folded(text)
    stands = [
        (word, sort)
        for sort, words in lexicon.items()
        for word in words
        if _stands(word, plain, latin, _BEREAVED if sort == DEATH else unless)
    ]
    return Found(
        tuple(dict.fromkeys(word for word, _sort in stands)),
        tuple(dict.fromkeys(sort for _word, sort in stands)),
    )


def folded(text: str) -> tuple[str, str]:
    """A text as Japanese words are looked for in it, and as those of Latin letters are."""
    return within.folded(text), " ".join(fold_width(text).replace("’", "'").split())


def _stands(word: str, plain: str, latin: str, unless: re.Pattern[str] | None) -> bool:
    wide = fold_width(word)
    if _LATIN.fullmatch(wide):
        behind = NO_FIRE if wide == "fire" else ""
        alone = rf"(?<![a-z0-9]){re.escape(wide)}(?![a-z0-9]){behind}"
        return re.search(alone, latin) is not None
    return any(not is_denied(plain, match.end(), unless) for match in pattern_of(word).finditer(plain))


def is_denied(plain: str, end: int, unless: re.Pattern[str] | None = None) -> bool:
    """Whether a word that ends there in a folded text is denied, is a place, or is what `unless` says."""
    return any(one.match(plain, end) for one in (_DENIED, _PLACE, *([unless] if unless else [])))
