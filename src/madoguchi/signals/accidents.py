"""Words of what may be a serious accident of a product (重大製品事故): death, carbon monoxide, injuries of thirty
days or that leave something behind, fire. A company's own words add to them and cannot take them away. Pure.

What is serious: 消費生活用製品安全法2条6項 and 同法施行令5条. A pattern is read folded, as the text is
(`kernel/folding`), so that width, case, kana and forms of kanji compare equal, and ends where a denial could begin. In
doubt it counts.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from madoguchi.kernel.folding import fold
from madoguchi.signals.lexicon import DEATH, GRAVEST, NO_FIRE, Found, find, folded, is_denied, read_lexicon

GAS, WOUND, LASTING, FIRE = "中毒", "重傷", "後遺障害", "火災"
SORTS: Final = frozenset({DEATH, GAS, WOUND, LASTING, FIRE})

_WHO: Final = (
    "(?:父|母|親|夫|妻|主人|家内|旦那|息子|娘|子|こども|子ども|赤ちゃん|孫|祖父|祖母|おじいちゃん|おばあちゃん|兄|弟|姉|妹|家族"
    "|友人|知人|人|方|者|名|様|さん)"
)
_HURT: Final = "(?:火傷|やけど|熱傷|怪我|けが)"
_LIMB: Final = "(?:手|足|指|指先|腕|脚|耳|先)"
_BURNS: Final = (
    "(?:服|袖|髪|カーテン|布団|毛布|床|壁|畳|コード|コンセント|本体|基板"
    "|電池|バッテリー|充電器|プラグ|油)(?:から|など)?[にへ]?"
)
_TOYS: Final = "の?(?:おもちゃ|玩具|ミニカ|トミカ|模型|絵本|ぬいぐるみ)"
_ALARM: Final = (
    "(?:中毒)?(?:警報|検知|チェッカ|センサ|アラーム|濃度計|測定)(?!.{0,5}(?:鳴|なり|なっ|作動|反応))"
)
# Its sort, what it is called, and how it is written.
_WRITTEN: Final = (
    (DEATH, "死亡", "死亡(?!保険|届|診断|証明|給付|退会|時の)|心肺停止|即死|溺死|焼死|感電死|窒息死|中毒死"),
    (
        DEATH,
        "亡くなる",
        f"亡くな(?=[りっらる])|{_WHO}[がはも](?:[^。、]{{0,12}}で)?なくな(?=りました|ってしま|られ)",
    ),
    (DEATH, "死ぬ", f"{_WHO}[がはも](?:[^。、]{{0,12}}で)?死(?=ん[だで]|にま|にかけ|にそう)|息を引き取"),
    (DEATH, "命を落とす", "(?:命|いのち)を(?:落と|おと|失|うしな)(?=[しっい])"),
    (GAS, "一酸化炭素", f"(?:一酸化|いっさんか)(?:炭素|たんそ)(?!{_ALARM})"),
    (GAS, "CO中毒", f"(?<![a-z])co(?:ガス)?中毒(?!{_ALARM})|ガス中毒"),
    (WOUND, "全治", "(?<![安完])全治(?!具)|(?<![ぁ-ん])ぜんち(?=[0-9一二三四五六七八九十])"),
    (
        WOUND,
        "意識を失う",
        "(?<![一-鿿])(?<!コスト)(?:意識|いしき)(?:を(?:失|うしな)(?=[いっう])|を?(?:不明|ふめい)|が(?:[な無](?=[いくか])|ありませ|もうろう|朦朧|戻ら))",
    ),
    (
        WOUND,
        "気を失う",
        "気を(?:失|うしな)(?=[いっう])|集中治療室|手術を受け|失神|窒息(?!の(?:おそれ|恐れ|危険))|ちっそく|(?:溺|おぼ)れ(?=[たて])",
    ),
    (WOUND, "重傷", f"重傷|重体|重態|重篤|じゅうしょう(?=[をでの])|(?:大|ひどい|酷い|[23二三]度の?){_HURT}"),
    (WOUND, "骨折", "(?<!お)(?:骨折|こっせつ)(?!り)|骨が折れ|骨にひび|(?<!お)骨を折(?=っ)"),
    (WOUND, "切断", f"{_LIMB}[をがの][^。、]{{0,4}}(?:切断|せつだん|切り落と)|{_LIMB}がちぎれ"),
    (WOUND, "救急搬送", f"救急搬送|救急で運ば|(?:救急|きゅうきゅう)(?:車|しゃ)(?!{_TOYS})"),
    (LASTING, "失明", "失明|しつめい|目が見えなくな|視力を失"),
    (
        LASTING,
        "後遺症",
        "後遺(?=症|障)|こういしょう|(?:障害|障がい|まひ|麻痺)が(?:残|のこ)(?=[りっる])|一生残る",
    ),
    (
        FIRE,
        "火災",
        "火災(?!保険|報知|警報|感知|対策|予防|訓練)|火事(?!場の)|出火|失火|全焼|半焼|延焼|類焼|引火|小火(?=[がに騒])|(?<![ぁ-ん])ぼや(?=[がに騒])",
    ),
    (FIRE, "発火", "(?<!自)発火|(?<![ぁ-ん])はっか(?=しま|した|して)"),
    (FIRE, "爆発", "(?:爆発|ばくはつ)(?!的)"),
    (
        FIRE,
        "火が出る",
        "(?<!顔から)(?<!口から)火が(?:出|で|上が|あが|燃え|噴)(?=ま(?!せん)|[たてりっ])|(?<!口から)火を(?:噴|吹|ふ)(?=[いき])|火柱が|炎が(?:上が|あが|出)(?=[りったて])",
    ),
    (FIRE, "火がつく", f"{_BURNS}[^。、]{{0,4}}火が(?:付|つ|着|点|移|うつ)(?=[いきっりえ])"),
    (
        FIRE,
        "燃える",
        "(?:(?<![によ])(?<!よく)|(?<=[急手全]に)|(?<=一気に)|(?<=すぐに))燃え(?=た|て(?!きた)|ま(?!せん)|そう|かけ)"
        "|燃え(?=上が|あが|移|うつ|広が|ひろが|出し|だし)|焼け落ち",
    ),
    (FIRE, "煙が出る", "(?:煙|けむり)が(?:出|で)(?=ま(?!せん)|[たて])"),
)
_ENGLISH: Final = (
    (
        DEATH,
        "died",
        r"passed away|was killed|death"
        r"|(?:he|she|father|mother|husband|wife|son|daughter|child|baby)(?: has| was)? (?:died|dead|killed)",
    ),
    (GAS, "carbon monoxide", r"carbon monoxide(?! (?:alarm|detector|monitor)s?)"),
    (
        WOUND,
        "unconscious",
        r"unconscious|lost consciousness|in a coma|suffocated|amputated|fractured"
        r"|broke (?:his|her|my) (?:arm|leg|hand|wrist)",
    ),
    (
        LASTING,
        "lasting injury",
        r"(?:permanent|lasting) (?:injury|damage to (?:his|her|my)|disability)"
        r"|blinded|lost (?:his|her|my) (?:sight|eyesight|vision)",
    ),
    (
        FIRE,
        "caught fire",
        rf"fire{NO_FIRE}|burst into flames|burn(?:ed|t) down",
    ),
)
# How bad it was: what it is called on a report, and how it is written.
_HARM: Final = (
    ("やけど", f"{_HURT.replace('|怪我|けが', '')}|水ぶくれ|みずぶくれ"),
    ("けが", "怪我|(?<!届)けが(?!れ)|負傷"),
    *(
        (word, word)
        for word in ("出血", "打撲", "捻挫", "骨折", "感電", "中毒", "窒息", "失明", "後遺症", "意識不明")
    ),
    *(
        (word, word)
        for word in ("死亡", "重傷", "重体", "手術", "入院", "通院", "病院", "受診", "救急車", "救急搬送")
    ),
    ("", "全治[^、。をのと]{1,8}"),
)
_READ_HARM: Final = tuple((word, re.compile(fold(pattern))) for word, pattern in _HARM)
_READ: Final = tuple((sort, word, re.compile(fold(pattern))) for sort, word, pattern in _WRITTEN)
_READ_ENGLISH: Final = tuple(
    (sort, word, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])")) for sort, word, pattern in _ENGLISH
)
# Under these sorts the patterns find these words, and know more of what stands around them. A company that keeps one of
# them under a sort of its own has it found as it stands.
_READ_HERE: Final = frozenset((sort, word) for sort, words in read_lexicon(GRAVEST).items() for word in words)
# Of a death, that it came of an illness, or is told where a contract ends and nothing that is sold had to do with it.
_ILLNESS: Final = re.compile(
    fold("(?:病気|がん|癌|ガン|老衰|寿命|肺炎|心不全|脳梗塞|病院|入院先)で[^。]{0,4}$")
)
_AFTER_A_DEATH: Final = re.compile(
    fold(
        "解約|退会|休止|名義|相続|喪中|香典|供養|お供え|法要|法事|葬|遺品|命日|弔|仏壇|回忌|周忌|お悔やみ|返品の期限"
    )
)
_OF_A_PRODUCT: Final = re.compile(
    fold(
        "使用|使っ|つかっ|事故|中毒|爆発|火事|火災|出火|感電|挟ま|はさま|溺|吸っ|飲ん|食べ|転落|転倒|商品|製品|御社|貴社|せい|原因|により|によって"
    )
)


def find_grave(
    text: str, lexicon: Mapping[str, Sequence[str]], *, unless: re.Pattern[str] | None = None
) -> Found:
    """The grave words of a text: those of a company's lexicon, and those of serious accidents whatever it holds. A
    Japanese word does not count where `unless` matches (folded) right behind it.
    """
    others = {
        sort: [one for one in words if (sort, one) not in _READ_HERE] for sort, words in lexicon.items()
    }
    own = find(text, others, unless=unless)
    plain, latin = folded(text)
    stands = [(sort, word) for sort, word, written in _READ if _counts(sort, written, plain, unless)]
    stands += [(sort, word) for sort, word, written in _READ_ENGLISH if written.search(latin)]
    words = (*own.words, *(word for sort, word in stands if sort not in own.sorts))
    return Found(
        tuple(dict.fromkeys(words)), tuple(dict.fromkeys((*own.sorts, *(sort for sort, _word in stands))))
    )


def harm_told(text: str) -> tuple[str, ...]:
    """What a text says of how bad the harm was: words of injuries and of treatment, not denied, each once. Pure."""
    plain, _latin = folded(text)
    stands = ((word, match) for word, written in _READ_HARM for match in written.finditer(plain))
    told = (word or match[0] for word, match in stands if not is_denied(plain, match.end(), None))
    return tuple(dict.fromkeys(told))


def _counts(sort: str, written: re.Pattern[str], plain: str, unless: re.Pattern[str] | None) -> bool:
    for match in written.finditer(plain):
        if not is_denied(plain, match.end(), unless) and not (sort == DEATH and _elsewhere(plain, match)):
            return True
    return False


def _elsewhere(plain: str, match: re.Match[str]) -> bool:
    """Whether a death is of something else than of what is sold."""
    said = re.split("[。!?]", plain[max(0, match.start() - 80) : match.end()])[-1]
    if _ILLNESS.search(plain[max(0, match.start() - 12) : match.start()]):
        return True
    return bool(_AFTER_A_DEATH.search(plain)) and not _OF_A_PRODUCT.search(said)
