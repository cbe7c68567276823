"""In which language words are that are not Japanese: by their script, and by the small words of those that share one.

Pure. What it does not know for sure is English, which more people read.
"""

import re
from typing import Final

from madoguchi.kernel.languages import Language

# Each script names its language by the share of letters that are in it.
_SCRIPTS: Final[dict[Language, re.Pattern[str]]] = {
    "ko": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}
_OTHER_CYRILLIC: Final = re.compile("[іїєґўјљњћђџѓќ]", re.IGNORECASE)
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff]")
# Words that Chinese letters have and Japanese written without kana has not.
_CHINESE: Final = re.compile(
    "[你您她们們这吗嗎呢吧啊什怎哪很请谢没还给让嘛咱]|這|我[的要想們是在有買买]|[^目標準公私法知性]的[商订訂包衣東东產产]|請[問您幫協]|謝謝|還[沒是有]"
    "|(?:退|發|发|订|訂|換|换|收)(?:貨|货|款|單|单|到)|(?:運|运)(?:費|费)|客服|發票|发票|為何|为何|如何[^に]|沒有|一下|[幾几][時时]|想[問问]|不能[^力]|可以|麻煩|已[经經]"
)
_CHARSETS: Final[dict[str, Language]] = {"gb18030": "zh-Hans", "big5hkscs": "zh-Hant"}
_VIETNAMESE: Final = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_FEW_VIETNAMESE: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+")
_SMALL_WORDS: Final[dict[Language, str]] = {
    "en": " the i my is are was have has not and to of for you your it please this that with be can in on ",
    "id": " saya yang dan tidak untuk belum sudah apakah kapan terima kasih pesanan mohon dengan ini itu bisa akan dari"
    " kami selamat barang anda ",
    "tl": " ang mga po ako hindi ng sa ko na wala pa ay kailan salamat ninyo namin order niyo sana ito kong lang ",
    "pt": " não meu minha pedido o os um uma e em do da que para com por você obrigado obrigada ainda gostaria olá está"
    " recebi bom dia ",
    "es": " el los las mi pedido un una y en del que para con por no gracias hola dónde cuándo está todavía quiero"
    " buenos días he llegado quisiera ",
    "fr": " le les ma mon une et est en du des que pour avec je nous vous pas merci bonjour où commande reçu ai suis ",
    "de": " der die das ich mein meine ist und nicht ein eine zu mit für sie wir bitte danke guten tag wo wann habe"
    " bestellung noch hallo viele grüße ",
}
_FEW_WORDS: Final = 3


def language_abroad(text: str, charset: str) -> Language:
    """The language of a text that is known not to be Japanese; `charset` is the one it came in."""
    letters = sum(map(len, _WORD.findall(text)))
    for language, script in _SCRIPTS.items():
        if len(script.findall(text)) * 3 > letters:
            return "en" if language == "ru" and _OTHER_CYRILLIC.search(text) else language
    if len(_IDEOGRAPH.findall(text)) * 3 > letters and is_chinese(text, charset):
        return _chinese(text, charset)
    if len(_VIETNAMESE.findall(text)) >= _FEW_VIETNAMESE:
        return "vi"
    return _by_small_words(text)


def is_chinese(text: str, charset: str) -> bool:
    """Whether ideographs without kana are Chinese: by their charset, by what only Chinese letters say, or by letters
    that Japan's charsets do not have.
    """
    if charset in _CHARSETS:
        return True
    ideographs = "".join(_IDEOGRAPH.findall(text))
    return bool(_CHINESE.search(text)) or not all(_is_in(letter, "cp932") for letter in ideographs)


def _chinese(text: str, charset: str) -> Language:
    """Simplified or traditional, by the letters that only one of the two charsets has, and by the mail's own."""
    ideographs = _IDEOGRAPH.findall(text)
    simplified = sum(_is_in(one, "gb2312") and not _is_in(one, "big5") for one in ideographs)
    traditional = sum(_is_in(one, "big5") and not _is_in(one, "gb2312") for one in ideographs)
    if simplified != traditional:
        return "zh-Hans" if simplified > traditional else "zh-Hant"
    return _CHARSETS.get(charset, "zh-Hans")


def _by_small_words(text: str) -> Language:
    """The language whose small words stand there most often; English where no other has clearly more."""
    words = [f" {word.lower()} " for word in _WORD.findall(text)]
    counts = {language: sum(word in small for word in words) for language, small in _SMALL_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    others = max(counts[language] for language in counts if language != best)
    return best if counts[best] >= _FEW_WORDS and counts[best] > others else "en"


def _is_in(letter: str, charset: str) -> bool:
    try:
        letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
