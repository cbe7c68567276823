"""Japanese mails of the usual sizes, the same for the same count."""

import random
import re
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

PARTS = (
    "お世話になっております。先週そちらで購入した品についてお尋ねします。",
    "昨日から電源が入らなくなりました。コンセントを変えても同じです。",
    "サイズが合わなかったので、ひとつ大きいものと交換していただけますか。",
    "領収書の宛名を会社名に変更していただきたく、ご連絡いたしました。",
    "配送状況を確認したのですが、三日前から動いていないようです。",
    "週末に必要なため、できるだけ早くお返事をいただけると助かります。",
    "お忙しいところ恐れ入りますが、どうぞよろしくお願いいたします。",
)
_CHARSETS = ("utf-8", "utf-8", "iso-2022-jp", "shift_jis")
_NUMBER = re.compile(rb"^Message-ID: <m(\d+)@", re.MULTILINE)
_ANSWERS = re.compile(rb"^In-Reply-To: <m(\d+)@", re.MULTILINE)
START = datetime(2026, 8, 1, tzinfo=UTC)


def make(count: int, *, to: str, seed: int = 1) -> list[bytes]:
    """`count` mails of about 2 to 4 KB; three in ten answer an earlier one of their sender."""
    dice = random.Random(seed)
    mails: list[bytes] = []
    threads: list[list[int]] = []
    for number in range(count):
        earlier = threads[dice.randrange(number)] if number > 20 and dice.random() < 0.3 else []
        threads.append([*earlier, number])
        mails.append(_mail(dice, threads[number], to))
    return mails


def in_order(raw: list[bytes], order: str) -> list[bytes]:
    """Mails as they come: in the order of sending, shuffled (always alike), or as a backlog, the newest first."""
    if order == "shuffled":
        return random.Random(2).sample(raw, len(raw))
    return raw[::-1] if order == "backlog" else raw


def parents(raw: list[bytes]) -> dict[int, int]:
    """Which mail each answer answers, by their numbers."""
    found = ((_NUMBER.search(mail), _ANSWERS.search(mail)) for mail in raw)
    return {int(number[1]): int(answers[1]) for number, answers in found if number and answers}


def _mail(dice: random.Random, thread: list[int], to: str) -> bytes:
    """The last mail of a thread: who wrote the first wrote them all."""
    charset = dice.choice(_CHARSETS)
    *earlier, number = thread
    sender = thread[0]
    subject = f"{'Re: ' if earlier else ''}ご注文 {24000 + sender} について"
    head = [
        f"Received: from mx{number}.home.example by mail.shop.example with ESMTPS id q{number}",
        f"From: {Header('高橋 美咲', charset).encode()} <customer{sender}@home.example>",
        f"To: <{to}>",
        f"Subject: {Header(subject, charset).encode()}",
        f"Date: {format_datetime(START + timedelta(seconds=number))}",
        f"Message-ID: <m{number}@home.example>",
        "MIME-Version: 1.0",
        f"Content-Type: text/plain; charset={charset}",
        f"Content-Transfer-Encoding: {'7bit' if charset == 'iso-2022-jp' else '8bit'}",
    ]
    if earlier:
        named = [f"<m{each}@home.example>" for each in earlier]
        head += [f"In-Reply-To: {named[-1]}", f"References: {' '.join(named)}"]
    body = "\n".join(dice.choice(PARTS) for _ in range(dice.randint(8, 24)))
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body.replace("\n", "\r\n").encode(charset) + b"\r\n"
