"""Words by which customers show how they feel, or what they need in being spoken with. Pure; it only suggests."""

from collections.abc import Iterable

from django.utils import translation

from madoguchi.cases.feelings import Feeling
from madoguchi.kernel.text import fold
from madoguchi.signals.lexicon import find, read_lexicon

USUAL = """\
anger: 許せない、許せません、腹が立、腹立たし、頭にき、怒って、怒り、いい加減にし、ふざけるな、ふざけんな
anger: あり得ない対応
anger: ありえない対応、納得できない、納得できません、納得がいか、どうなってるん、どうなっているん、何度言え、何回言え
anger: 責任者を出、上の人を出、上司を出、馬鹿にし、誠意がない、誠意が感じ、unacceptable、furious、outrageous、fed up
anxiety: 不安です、不安で、不安に、心配です、心配で、心配に、怖くて、怖いです、大丈夫でしょうか、眠れない、眠れません
anxiety: どうしたらいいか、どうすればいいか、詐欺では、worried、anxious、afraid that
elderly: 年寄り、高齢、年金暮らし、老眼、七十代、八十代、九十代、70代、80代、90代、70歳、80歳、90歳、elderly
hearing: 耳が遠、耳が悪、耳が不自由、耳の聞こえ、聞こえにく、聞こえづら、聞き取りにく、聞き取れな、難聴、補聴器
hearing: 聴覚、手話、ろう者、電話リレー、筆談、hard of hearing、hearing aid、deaf
haste: 至急、大至急、早急、急いで、急ぎで、急ぎます、一刻も早く、今すぐ、今日中、本日中、明日までに、間に合わな
haste: 間に合いますか、間に合うか、urgent、urgently、as soon as possible、asap
"""
_LEXICON = read_lexicon(USUAL)


def read_feelings(written: str) -> dict[Feeling, list[str]]:
    """Words of a desk's own: a line is a feeling as it is called here, a colon, and words between commas. Raises
    ValueError, naming the line that makes no sense (from 1).
    """
    read: dict[Feeling, list[str]] = {}
    for number, line in enumerate(written.splitlines(), 1):
        for called, words in read_lexicon(line, at=number).items():
            if (feeling := _called(called)) is None:
                raise ValueError(str(number))
            read.setdefault(feeling, []).extend(words)
    return read


def felt_in(texts: Iterable[str], *, own: str = "") -> dict[Feeling, list[str]]:
    """Which words of which feeling stand in what a customer newly wrote, the usual ones and `own` ones of the desk, in
    the order of feelings.
    """
    text, more = "\n".join(texts), read_feelings(own)
    words = {one: find(text, {one: [*_LEXICON.get(one, ()), *more.get(one, ())]}).words for one in Feeling}
    return {feeling: list(found) for feeling, found in words.items() if found}


def _called(name: str) -> Feeling | None:
    for language in ("ja", "en"):
        with translation.override(language):
            for one in Feeling:
                if fold(name) in (fold(one.value), fold(str(one.label))):
                    return one
    return None
