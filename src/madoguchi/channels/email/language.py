"""In which language a mail is written, and so acknowledged. Pure."""

import re
from typing import Final

from madoguchi.channels.email import charsets
from madoguchi.channels.email.abroad import is_chinese, language_abroad
from madoguchi.kernel.languages import Language

_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff6f\uff71-\uff9d]")
_JAPANESE: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_ADDRESSES: Final = re.compile(r"(?<![!-~])[!-~]*(?:://|@)[!-~]*")
# What a sentence has, and a name or a greeting has not.
_SENTENCE: Final = re.compile(
    "です|ます|ませ|した|して|たい|ない|くだ|下さ|願|ねが|ので|から|でしょ|だっ|って|れば|には|とは|では|という|ある|いる|する"
    "|[\u3041-\u9fff][をが]|。"
)
_ANSWER: Final = re.compile(
    r"(?<!\s)\s*+(?:(?:re|fwd?|aw|wg|sv|答复|回复|回覆|返信|転送)\s*+[:：]\s*+)+", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_ENGLISH: Final = re.compile(
    r"\b(?:thanks?|please|hello|hi|dear|sorry|where|when|how|what|why|can|my|your|the|is|are|order|refund|help)\b",
    re.IGNORECASE,
)
_FEW_LETTERS, _FEW_WORDS = 20, 3
# Of whoever begins in Japanese, so many times more may follow in other letters: a signature, a disclaimer.
_MOST_BESIDE: Final = 100


def language_of(text: str, subject: str, charset: str) -> Language:
    """The language to answer in, by the words of a mail and after them its subject; that of an answer may be ours.

    What is said first decides: signatures, disclaimers and quotes come after it. Ideographs alone may be Chinese,
    unless they come in a charset of Japan. Whoever wrote no letters at all is answered in Japanese.
    """
    body = [_ADDRESSES.sub("", line) for line in text.splitlines()]
    lines = list(body)
    if not _ANSWER.match(subject) or not _LETTER.search("".join(lines)):
        lines.append(_ADDRESSES.sub("", _ANSWER.sub("", subject)))
    if _is_japanese(lines, body, charset):
        return "ja"
    return language_abroad("\n".join(lines), charset)


def _is_japanese(lines: list[str], body: list[str], charset: str) -> bool:
    letters = "".join(_LETTER.findall("".join(lines)))
    japanese = len(_JAPANESE.findall(letters))
    others = len(letters) - japanese
    if not letters:
        return True
    if not japanese:
        return charsets.is_japanese(charset) and others < _FEW_LETTERS
    if not charsets.is_japanese(charset) and (kana := len(_KANA.findall(letters))) * 10 < japanese:
        return not kana and not is_chinese(letters, charset) and japanese >= others
    first = next(filter(None, map(_spoken_in, lines)), "")
    if first == "ja":
        return japanese * _MOST_BESIDE >= others
    if first == "en":
        return any(_spoken_in(line) == "ja" for line in body) and japanese * 2 >= others
    return japanese * 6 >= others


def _spoken_in(line: str) -> str:
    """The language of a line that says something; empty for a name, a number, a word or two."""
    letters = "".join(_LETTER.findall(line))
    japanese = len(_JAPANESE.findall(letters))
    others = len(letters) - japanese
    if _SENTENCE.search(line) and japanese * (2 if _ENGLISH.search(line) else 6) >= others:
        return "ja"
    words = _WORD.findall(_JAPANESE.sub(" ", line))
    return "en" if len(words) >= _FEW_WORDS or _ENGLISH.search(line) else ""
