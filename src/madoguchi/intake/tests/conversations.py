"""Small conversations, one for each way by which a mail finds its case, or must not.

Each begins with a mail of 美咲's, `m0@home.example`, and our answer to it. Its letters follow; where each ends is named
by a letter: `a` is her case, any other is a new one. In braces stands what only this run knows: the `token` and
`number` of her case, the `id` of our answer, and of our address `local` and `domain`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from madoguchi.channels.email.tests.mails import joined, part
from madoguchi.channels.email.tests.test_threading import thread_index_of

MISAKI, STRANGER = "misaki@home.example", "stranger@evil.example"
FIRST = (
    "From: 美咲 <misaki@home.example>\nSubject: 炊飯器\nMessage-ID: <m0@home.example>\n\n電源が入りません。\n"
)


@dataclass(frozen=True)
class Conversation:
    """What comes after our answer, where each of it ends, and what it is taken for."""

    name: str
    letters: Sequence[str]
    ends_in: str
    taken_for: Sequence[str]


def letter(*headers: str, sender: str = MISAKI, subject: str = "別の件名", body: str = "届きました。") -> str:
    return "\n".join([f"From: {sender}", f"Subject: {subject}", *headers, "", body, ""])


def goes(name: str, *letters: str, to: str = "a", taken_for: Sequence[str] = ("",)) -> Conversation:
    return Conversation(
        name, letters, to, taken_for if len(taken_for) == len(letters) else [""] * len(letters)
    )


def report(action: str, status: str) -> str:
    """A delivery report by the standard, which returns the head of our answer."""
    fields = f"Final-Recipient: rfc822; {MISAKI}\nAction: {action}\nStatus: {status}".encode()
    parts = [
        part("Content-Type: text/plain", body=b"about your mail"),
        part(
            "Content-Type: message/delivery-status", body=b"Reporting-MTA: dns; mx.example\r\n\r\n" + fields
        ),
        part("Content-Type: text/rfc822-headers", body=b"Message-ID: <{id}>\r\n\r\n"),
    ]
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"'
    return letter(kind, sender="MAILER-DAEMON@mx.example", body=joined(parts).decode())


RECEIPT = letter(
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="b1"',
    body=joined(
        [
            part("Content-Type: text/plain", body=b"read"),
            part(
                "Content-Type: message/disposition-notification",
                body=b"Original-Message-ID: <{id}>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n",
            ),
        ]
    ).decode(),
)
_TOKEN = "{local}+c.{token}@{domain}"
_ANSWERED = f"Thread-Index: {thread_index_of(bytes(range(16)), answers=1)}"
_BEGUN = f"Thread-Index: {thread_index_of(bytes(range(16)))}"

HOME = [
    goes("our token in To", letter(f"To: {_TOKEN}")),
    goes("our token in Cc", letter("To: boss@home.example", f"Cc: {_TOKEN}")),
    goes("our token in Bcc", letter("To: boss@home.example", f"Delivered-To: {_TOKEN}")),
    goes("our token in capitals", letter("To: {local}+C.{token}@{domain}".replace("local", "LOCAL"))),
    goes("our Message-ID in In-Reply-To", letter("In-Reply-To: <{id}>")),
    goes("our Message-ID in References alone", letter("References: <{id}>")),
    goes("our Message-ID, no record of which is left", letter("In-Reply-To: <c.{token}.zz9@{domain}>")),
    goes("their own mail in In-Reply-To", letter("In-Reply-To: <m0@home.example>")),
    goes("several in In-Reply-To", letter("In-Reply-To: <gone@home.example> <m0@home.example>")),
    goes("words in In-Reply-To", letter('In-Reply-To: Your message of "Sat, 1 Aug" <m0@home.example>')),
    goes("the last of the References", letter("References: <x@home.example> <m0@home.example>")),
    goes("the first of many References", letter(f"References: <m0@home.example> {'<y@z.example> ' * 40}")),
    goes("References over lines", letter("References: <x@home.example>\n\t<m0@home.example>\n <y@z.example>")),
    goes(
        "the nearest of two known ones", letter(f"Cc: {MISAKI}", sender=STRANGER),
        letter("References: <m0@home.example> <m1@home.example>"), to="bb",
    ),
    goes("Outlook's Thread-Index alone", letter(_BEGUN), letter(_ANSWERED), to="bb"),
    goes("Outlook's Thread-Index of a stranger", letter(_BEGUN), letter(_ANSWERED, sender=STRANGER), to="bc"),
    goes("Outlook's Thread-Topic is a subject", letter("Thread-Topic: 炊飯器"), to="b"),
    goes("the number in the subject", letter(subject="Re: [{number}] 炊飯器")),
    goes("the number in full-width letters", letter(subject="Re: 【{wide}】")),
    goes("the number in the text", letter(body="[{number}] の件です。")),
    goes("another subject on an old thread", letter("In-Reply-To: <{id}>", subject="Fw: 領収書")),
    goes("our address in Cc alone", letter("To: boss@home.example", "Cc: {address}", "In-Reply-To: <{id}>")),
    goes(
        "a server that rewrote our Message-ID",
        letter("In-Reply-To: <0100@mail.relay.example>", "References: <m0@home.example> <0100@mail.relay.example>"),
    ),
    goes(
        "a server that rewrote our Message-ID, and nothing but the number",
        letter("In-Reply-To: <0100@mail.relay.example>", subject="Re: 炊飯器 [{number}]"),
    ),
    goes("another address of theirs", letter("In-Reply-To: <{id}>", sender="misaki@work.example")),
    goes(
        "an answer before its mail",
        letter("In-Reply-To: <late@home.example>"), letter("Message-ID: <late@home.example>"), to="bb",
    ),
    goes(
        "two answers to what never comes",
        letter("In-Reply-To: <never@home.example>"), letter("References: <never@home.example>"), to="bb",
    ),
]  # fmt: skip
APART = [
    goes("a stranger who knows the id of a mail", letter("In-Reply-To: <m0@home.example>", sender=STRANGER), to="b"),
    goes("the nearest of two known ones, where they stand in none", letter(sender=STRANGER),
         letter("References: <m1@home.example>"), to="bc"),
    goes(
        "an answer to a circular whose id somebody took",
        letter("Message-ID: <circular@shop.example>", sender=STRANGER),
        letter("In-Reply-To: <circular@shop.example>"), to="bc",
    ),
    goes("the same subject", letter(subject="Re: 炊飯器"), to="b"),
    goes("a stranger who guesses the number", letter(sender=STRANGER, subject="Re: [{number}]"), to="b"),
    goes("a stranger who writes the number", letter(sender=STRANGER, body="[{number}]"), to="b"),
    goes("a number that is nobody's", letter(subject="[{prefix}-99999]"), to="b"),
    goes("a token of another house", letter("To: support+c.{token}@other.example"), to="b"),
    goes("a token that is none", letter("To: {local}+c.aaaaaaaaaaaaaaaa@{domain}"), to="b"),
    goes(
        "strangers who answer one circular",
        letter("In-Reply-To: <circular@shop.example>"),
        letter("In-Reply-To: <circular@shop.example>", sender=STRANGER), to="bc",
    ),
    goes("two mails from one draft of Outlook", letter(_BEGUN), letter(_BEGUN), to="bc"),
]  # fmt: skip
ROBOTS = [
    goes(
        "an absence note",
        letter("In-Reply-To: <{id}>", "Auto-Submitted: auto-replied"), taken_for=["auto-reply"],
    ),
    goes("an absence note of Exchange", letter("In-Reply-To: <{id}>", "X-Auto-Response-Suppress: All"),
         taken_for=["auto-reply"]),
    goes("an absence note of old", letter("References: <{id}>", "X-Autoreply: yes"), taken_for=["auto-reply"]),
    goes("nobody's mail", letter("In-Reply-To: <{id}>", "Return-Path: <>"), taken_for=["auto-reply"]),
    goes("a mailing list", letter("List-Id: <news.shop.example>"), to="b", taken_for=["list"]),
    goes("bulk mail", letter("Precedence: bulk"), to="b", taken_for=["list"]),
    goes("another robot of our kind", letter("X-Madoguchi-Loop: 1"), to="b", taken_for=["loop"]),
    goes("our own answer come back", letter("Message-ID: <{id}>", sender="{address}"), taken_for=["repeated"]),
    goes("a bounce for good", report("failed", "5.1.1"), taken_for=["bounced"]),
    goes("a bounce for now", report("delayed", "4.2.2"), taken_for=["delayed"]),
    goes("a receipt of the server", report("relayed", "2.0.0"), taken_for=["delivered"]),
    goes("a receipt of the reader", RECEIPT, taken_for=["read"]),
    goes(
        "a bounce of nothing of ours",
        letter("Return-Path: <>", sender="MAILER-DAEMON@mx.example", subject="failure notice"), to="b",
        taken_for=["bounce"],
    ),
]  # fmt: skip
ALL = [*HOME, *APART, *ROBOTS]
