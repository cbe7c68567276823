"""Promises in the words of an answer: what is said to be done by when, and when that is. Pure.

Only what is said by us, of what is to come, without a condition, and with a time that can be reckoned is a promise.
What the customer said, asks or is asked for, what is past, and what stands in quotation marks is none.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from madoguchi.kernel.hours import Calendar
from madoguchi.promises.spoken_times import Moment, moments_in

MOST_FOUND, MOST_LETTERS = 5, 20_000
# Nobody writes a longer sentence; the time that reading one takes grows with its square.
_LONGEST_SENTENCE = 1_000


class Kind(StrEnum):
    """What is promised."""

    REPLY = "reply"
    CALL_BACK = "call_back"
    REFUND = "refund"
    SHIPMENT = "shipment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A promise as it is said: its sentence, the words that say when, what it is about, and when it is due."""

    words: str
    when: str
    kind: Kind
    due_at: datetime


_KINDS = (
    (Kind.REFUND, r"返金|払い戻し|払戻|振込|振り込|refund"),
    (Kind.CALL_BACK, r"電話|折り?返し|お掛け|おかけ|架電|\bcall\b|\bphone\b"),
    (Kind.SHIPMENT, r"発送|出荷|お届け|配送|配達|お送り|送付|ship|dispatch|deliver"),
    (
        Kind.REPLY,
        r"連絡|返信|返事|回答|お答え|案内|報告|お知らせ|メール|\breply\b|get back|respond|answer|let you know|email",
    ),
    (
        Kind.OTHER,
        r"対応|手配|交換|修理|処理|完了|調査|調べ|確認|手続|復旧|改善|用意|準備|伺|訪問|差し?上げ|修正|更新|反映|発行|解決"
        r"|fix|resolve|replace|complete|finish|update|send|arrange",
    ),
)
# Our will, or what is going to be. Said politely, and not of the past.
_WILL = re.compile(
    r"(?:いたし|致し|し|申し上げ|差し?上げ|[いきぎちにびみりえけげせてねべめれ])ます|させていただきます|させて頂きます"
    r"|予定|見込み?|見通し|お約束|所存|つもり|いたす|致す|できる|出来る"
    r"|\b(?:will|we'll|I'll|we're going to|promise|expect to)\b",
    re.IGNORECASE,
)
# What makes it no promise: before our word, and right behind it.
_NOT = re.compile(
    r"(?:下|くだ)さい|お願い|いただ(?:け|いた|きた)|頂(?:け|いた|きた)|いただきますよう|頂きますよう|ますよう"
    r"|場合|でしたら|ましたら|なら(?:ば|、)|[えけげせてねべめれ]ば|たら|もし|万一|とのこと|とおっしゃ|と仰|と伺|とうかが|ご希望"
    r"|ご返[送品](?:は|を|が)|営業(?!日)|受け?付け?|ません|かね|できない|出来ない|難し"
    r"|\b(?:if|please|could you|can you|would you|unless|cannot|can't|won't|unable|you said|you asked)\b",
    re.IGNORECASE,
)
_NOT_BEHIND = re.compile(
    r"(?:です)?(?:でした|だった|でございました)|ません|か(?:[。?？、と]|$)|でしょうか|(?:こと)?(?:は|が)(?:ござい|あり)ません"
    r"|(?:です)?と(?:の|伺|聞|うかが|おっしゃ|仰|いう|いった|幸い|助かり|申して|ご(?:連絡|案内|説明)(?:を)?(?:いただ|頂))"
    r"|よう(?:お|に)|のあった|しておりました|かもしれ|は(?:立|た)って|かどうか|\s*not\b|\s*(?:not|never)\b",
    re.IGNORECASE,
)
# What the customer is to do for us; 「させていただきます」 is ours.
_THEIRS = re.compile(r"(?<!せて)(?:いただ|頂)きます$")
# Words under this are what others wrote.
_FOREIGN = re.compile(
    r"^\s*(?:[-_=]{3,}.*(?:Original|元の|転送|Forwarded).*|On .{5,80} wrote:"
    r"|\d{4}年.{3,60}(?:のメール|書きました|wrote).*)$",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"「[^」\n]*」|『[^』\n]*』|“[^”\n]*”|\"[^\"\n]*\"|（[^）\n]*例[^）\n]*）")
_END = re.compile(r"(?<=[。．!?！？\n])|(?<=[a-z0-9]\.)\s+(?=[A-Z])")


def promises_in(text: str, *, at: datetime, calendar: Calendar) -> list[Spoken]:
    """The promises of an answer that is written at this moment, in their order; each time once.

    Days and hours are those of the desk's calendar.
    """
    found: dict[tuple[datetime, Kind], Spoken] = {}
    for sentence in _sentences(text[:MOST_LETTERS]):
        for spoken in _of_sentence(sentence, at, calendar):
            found.setdefault((spoken.due_at, spoken.kind), spoken)
    return list(found.values())[:MOST_FOUND]


def kind_of(words: str) -> Kind | None:
    """What a sentence says will be done; None where it names nothing that we do."""
    return next((kind for kind, said in _KINDS if re.search(said, words, re.IGNORECASE)), None)


def _of_sentence(sentence: str, at: datetime, calendar: Calendar) -> Iterator[Spoken]:
    plain = _QUOTED.sub("　", unicodedata.normalize("NFKC", sentence)).replace("’", "'")
    said_from = 0
    for moment in moments_in(plain, at=at, calendar=calendar):
        will = _will_for(plain, moment)
        if will is None or moment.due_at <= at:
            continue
        clause, end = plain[said_from : will.end()], max(will.end(), moment.end)
        kind = kind_of(clause) or kind_of(plain[said_from:])
        # Where our word stands before the time, “not” stands between them.
        denied = any(_NOT_BEHIND.match(plain[place:]) for place in (will.end(), end))
        if kind and not denied and not _THEIRS.search(clause) and not _NOT.search(clause):
            yield Spoken(sentence.strip()[:200], moment.words, kind, moment.due_at)
            said_from = end


def _will_for(plain: str, moment: Moment) -> re.Match[str] | None:
    """Our word that a moment belongs to: the first behind it; in English it may stand before."""
    behind = _WILL.search(plain, moment.end)
    return behind or (_WILL.search(plain, 0, moment.begin) if plain.isascii() else None)


def _sentences(text: str) -> Iterator[str]:
    foreign = _FOREIGN.search(text)
    own = text[: foreign.start()] if foreign else text
    lines = [line for line in own.splitlines() if not line.lstrip().startswith((">", "＞", "|", "｜"))]
    # A line that ends in the middle of a sentence goes on in the next one.
    joined = re.sub(r"(?<![。．.!?！？\n])\n(?=\S)", "", "\n".join(lines))
    for sentence in _END.split(joined):
        for begin in range(0, len(sentence), _LONGEST_SENTENCE):
            if (piece := sentence[begin : begin + _LONGEST_SENTENCE]).strip():
                yield piece
