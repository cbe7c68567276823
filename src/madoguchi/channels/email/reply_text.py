"""Folds away what a reply repeats: quoted history and signatures, so that what is new is read first.

Only a tail is ever hidden, and only when its beginning is unmistakable; `new + hidden` is always the whole
text. When words follow a quotation (answers between the lines), when a mail is forwarded, or when nothing new
would remain, everything stays visible.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reply:
    """A text in two pieces: what the sender wrote now, and the tail that may be folded."""

    new: str
    hidden: str


_QUOTED: Final = re.compile(r"[ \u3000]?[>＞]")
_FORWARDED: Final = re.compile(
    r"[-=_ ]*(?:(?:Begin )?forwarded message|転送(?:された)?メッセージ)"
    r"[-=_: ]*$",
    re.IGNORECASE,
)
_ORIGINAL: Final = re.compile(
    r"(?:-{2,}|_{2,}|={2,})\s*"
    r"(?:Original (?:Message|Appointment)|(?:返信)?元のメッセージ|オリジナル\s?メッセージ)"
    r"\s*(?:-{2,}|_{2,}|={2,})\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION: Final = re.compile(
    r"(?:On\s.{6,300}\swrote\s?[:：]"
    r"|\d{4}[年/.-]\s?\d{1,2}[月/.-]\s?\d{1,2}.{0,250}(?:[>＞)]\s?[:：]|(?:のメール|が書いた|さんが書きました|wrote)\s?[:：])"
    r"|.{1,120}(?:さん|様|氏)?(?:は書きました|が書きました|は以下のように書きました|さんは書きました|からの引用)[:：。]?"
    r"|.{1,120}\swrote\s?[:：])\s*$",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTION_START: Final = re.compile(r"On\s.*\d|\d{4}[年/.-]")
_SENTENCE_ENDS: Final = ("。", ".", "!", "?", "！", "？")
_ORIGINAL_FIELDS: Final = (
    re.compile(r"[*\s]*(?:From|差出人|送信者|送信元)\s?[*]?\s?[:：]", re.IGNORECASE),
    re.compile(r"[*\s]*(?:Sent|Date|送信日時|日時|日付)\s?[*]?\s?[:：]", re.IGNORECASE),
    re.compile(r"[*\s]*(?:To|宛先)\s?[*]?\s?[:：]", re.IGNORECASE),
    re.compile(r"[*\s]*(?:Subject|件名)\s?[*]?\s?[:：]", re.IGNORECASE),
)
_DEVICE_LINE: Final = re.compile(
    r"(?:Sent from (?:my |Mail for |Yahoo|Outlook)|(?:Get )?Outlook for (?:iOS|Android)"
    r"|(?:私の)?(?:iPhone|iPad|Android|Galaxy|Xperia|携帯)[^。]{0,20}(?:から|より)送信"
    r"|(?:iOS|Android|iPhone)\s?版?\s?(?:の)?\s?Outlook.{0,20}(?:を入手|から送信)"
    r"|Windows 版のメール.{0,20}送信|Yahoo!メール.{0,20}(?:から|で)送信).{0,80}$",
    re.IGNORECASE,
)
_SIGNATURE_DASHES: Final = re.compile(r"--\s?$")
_RULER: Final = re.compile(r"\s*([-=_*＊━─―ー＝□■◇◆○●☆★♪+＋~〜～…・／/┏┗╋┯┷]\s?){5,}\s*$")
_CONTACT: Final = re.compile(
    r"〒|\bTEL\b|\bFAX\b|電話|携帯|https?://|[\w.+-]{1,64}@[\w-]{1,63}\.|\d{2,4}[-(（]\d{2,4}[-)）]\d{3,4}|株式会社|有限会社|\bMail\b",
    re.IGNORECASE,
)
_LONGEST_SIGNATURE: Final = 12
_MOST_SIGNATURES: Final = 3


def split_reply(text: str) -> Reply:
    """Split a reply before its quoted history and signature. Nothing is hidden when that is doubtful."""
    lines = text.split("\n")
    if any(_FORWARDED.match(line) for line in lines):
        return Reply(text, "")
    end = _trimmed(lines, len(lines))
    start = _history_start(lines, end)
    if start == end:  # perhaps the signature stands below the quotation
        start = _history_start(lines, _signature_start(lines, end))
    start = _signature_start(lines, start)
    while start < end and not lines[start].strip():
        start += 1
    if start >= end or not "".join(lines[:start]).strip():
        return Reply(text, "")
    cut = sum(len(line) + 1 for line in lines[:start])
    return Reply(text[:cut], text[cut:])


def _trimmed(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


# --- history --------------------------------------------------------------------------------------


def _history_start(lines: list[str], end: int) -> int:
    """Where the repeated conversation begins; `end` when none is certain."""
    quote = _closing_quote(lines, end)
    if quote < end:
        attribution = _attribution_above(lines, quote)
        if attribution < quote or end - quote > 1:
            return _unquoted_history(lines, attribution)
        return end
    return _unquoted_history(lines, end)


def _closing_quote(lines: list[str], end: int) -> int:
    """The first line of the quotation that runs, blank lines included, to the end."""
    start = end
    for index in range(end - 1, -1, -1):
        if _QUOTED.match(lines[index]):
            start = index
        elif lines[index].strip():
            break
    return start


def _attribution_above(lines: list[str], quote: int) -> int:
    """The first line of "On …, … wrote:" over a quotation, which mailers wrap over up to three lines."""
    last = _trimmed(lines, quote) - 1
    for first in range(last, max(-1, last - 3), -1):
        if first < 0 or not lines[first].strip():
            break
        if _ATTRIBUTION.match(" ".join(line.strip() for line in lines[first : last + 1])):
            # "On …" may have begun on the line above the one that matches by its end alone.
            return _wrapped_start(lines, first)
    return quote


def _wrapped_start(lines: list[str], first: int) -> int:
    for above in (first - 1, first - 2):
        if above >= 0 and _ATTRIBUTION_START.match(lines[above]) and _unfinished(lines[above:first]):
            return above
    return first


def _unfinished(lines: list[str]) -> bool:
    """Whether each line runs on into the next, as a wrapped one does and a sentence does not."""
    return all(line.strip() and not line.rstrip().endswith(_SENTENCE_ENDS) for line in lines)


def _unquoted_history(lines: list[str], end: int) -> int:
    """Outlook repeats everything below a block of header fields, or below an "Original Message" line."""
    for index in range(end):
        if _ORIGINAL.match(lines[index]) or _is_header_block(lines, index):
            return _above_rule(lines, index)
    return end


def _is_header_block(lines: list[str], index: int) -> bool:
    if not _ORIGINAL_FIELDS[0].match(lines[index]):
        return False
    block = [line for line in lines[index : index + 10] if line.strip()][:6]
    return sum(any(pattern.match(line) for line in block) for pattern in _ORIGINAL_FIELDS) >= 3


def _above_rule(lines: list[str], index: int) -> int:
    above = _trimmed(lines, index) - 1
    return above if above >= 0 and _RULER.match(lines[above]) else index


# --- signatures -----------------------------------------------------------------------------------


def _signature_start(lines: list[str], end: int) -> int:
    """Where the signature begins that ends at `end`; `end` itself when there is none."""
    start = end
    for _ in range(_MOST_SIGNATURES):
        last = _trimmed(lines, start)
        above = _one_signature(lines, last)
        if above == last:
            break
        start = above
    return start


def _one_signature(lines: list[str], end: int) -> int:
    for index in range(end - 1, max(-1, end - 2 - _LONGEST_SIGNATURE), -1):
        if _SIGNATURE_DASHES.fullmatch(lines[index]):
            return index
    if end and _DEVICE_LINE.match(lines[end - 1].strip()):
        return end - 1
    return _ruled_signature(lines, end)


def _ruled_signature(lines: list[str], end: int) -> int:
    """A card with contact data between two rulers at the very end, as Japanese business mail signs."""
    if not end or not _RULER.match(lines[end - 1]):
        return end
    for index in range(end - 3, max(-1, end - 2 - _LONGEST_SIGNATURE), -1):
        if _RULER.match(lines[index]):
            card = "\n".join(lines[index + 1 : end - 1])
            return index if _CONTACT.search(card) else end
    return end
