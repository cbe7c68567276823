"""Words that raise suspicion of harassment, by sort, and what takes it away again. Pure.

A line is a sort by its name and its words, as with grave words: `threat: 殺すぞ、家に行くぞ`. What a customer tells of
others ("the clerk said …"), denies or apologises for is no harassment by them: whoever complains of rude words must
be able to repeat them.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from madoguchi.kernel.folding import fold
from madoguchi.signals.lexicon import find, read_lexicon

USUAL = """\
threat: 殺すぞ、殺してやる、ぶっ殺、殺されたい、火をつけてやる、火をつけるぞ、家に行くぞ、会社に行くぞ
threat: 乗り込むぞ、ただじゃおかない、ただで済むと思う、痛い目に、夜道に気をつけ、爆破する、爆破してやる
threat: kill you、hurt you
abuse: 死ね、馬鹿野郎、バカ野郎、ばか者、クズ野郎、このクズ、人間のクズ、ゴミ野郎、役立たず、給料泥棒
abuse: 頭おかしい、頭が悪い、ふざけるな、ふざけんな、無能、能無し、黙れ、idiot、moron、stupid bitch
apology: 土下座、坊主にし、詫び状を書け、自宅まで謝り、謝りに来い、誠意を見せろ
sexual: 下着の色、下着は何、スリーサイズ、彼氏はいる、彼氏いる、抱きたい、抱かせ、裸の写真、エッチな、喘い
sexual: セックス、sexy voice、your underwear
slander: 名前を晒す、名前を晒し、顔を晒、実名で書き込、実名で拡散、録音をネットに、個人名を載せ
privacy: お前の住所、あなたの自宅、自宅を教え、お前の家、待ち伏せ、後をつけ、個人の携帯を教え
rank: 俺を誰だと、私を誰だと、社長と知り合い、クビにしてやる、クビにさせ、議員に知り合い
demand: 慰謝料百万、百万円払え、金を払え、一生無料にしろ、全額以上返せ、ただにしろ
dignity: 女のくせに、女じゃ話にならない、男を出せ、外国人は出るな、日本人を出せ、低学歴
"""
# Behind a word, folded: it is told of others, denied, or only thought of.
_NOT_THEIRS = re.compile(
    fold(
        r"[」』\"”]?(?:な?ど)?(?:は)?(?:と|って|とか)(?:、)?(?:[^。、]{0,8}(?:に|から|が))?(?:言わ|いわ|怒鳴ら|書か|呼ば|聞か|きか|ののしら|罵ら|脅さ|返さ)れ"
        r"|[」』\"”]?(?:と|って)(?:いう)?(?:言葉|発言|暴言|態度|対応)(?:を(?:受け|され|浴び|言われ)|が|は)"
        r"|(?:と|って)?(?:は|も)?(?:言って|いって|思って|考えて|申して)(?:い|は|おり)?(?:ません|ない)"
        r"|(?:する|す|した|して|いる|い)?(?:つもり|気|わけ)(?:では|じゃ|は|も)?(?:あり|ござい)?(?:ません|ない)"
        r"|(?:ば(?!いい|よ)|ない|なかった|ずに|ぬ)|(?:して|て)?(?:ほしい|欲しい)わけで"
        r"|(?:と|って)?(?:言って|いって|思って|考えて)(?:い|お)るわけで"
        r"|(?:される|された|されそう|にされ)|(?:と|って)?(?:言って|いって|言い|申し上げ)[^。]{0,6}(?:申し訳|すみません|ごめん|失礼)"
    )
)


def read(text: str, *, sorts: Collection[str]) -> Mapping[str, Sequence[str]]:
    """The words of each sort. Raises ValueError, naming the line that makes no sense or names no sort (from 1)."""
    lexicon = read_lexicon(text)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and line.replace("：", ":").partition(":")[0].strip() not in sorts:
            raise ValueError(str(number))
    return lexicon


def suspicious(text: str, lexicon: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Which words of which sort stand in what a customer newly wrote, and are their own."""
    found: dict[str, list[str]] = {}
    for sort, words in lexicon.items():
        stands = find(text, {sort: words}, unless=_NOT_THEIRS).words
        if stands:
            found[sort] = list(stands)
    return found
