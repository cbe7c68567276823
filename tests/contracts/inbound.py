"""One customer's message in the shape of each channel. A new channel adds its own to `INBOUND`."""

import base64
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from madoguchi.channels.line.saying import Saying as LineSaying
from madoguchi.channels.line.saying import encode as encode_line
from madoguchi.channels.phone import record
from madoguchi.channels.webchat.saying import Saying
from madoguchi.channels.webchat.saying import encode as encode_saying
from madoguchi.channels.webform.submission import Answer, Submission, encode
from madoguchi.kernel.channel import Channel, File, Party

OURS = "support@shop.example"
TOKEN = "abc123def456"
VISITOR = "visitor-0123456789abcdef"
LINE_USER = f"U{'0123456789abcdef' * 2}"
NAME = "髙橋 ガク"
WRITER = Party("gaku@home.example", NAME)
SUBJECT = "炊飯器のプラグについて"
TEXT = "ブレーカーが落ちます。カードは 4111 1111 1111 1111 です。"
BLOTTED = "ブレーカーが落ちます。カードは ■■■■ ■■■■ ■■■■ 1111 です。"
FILE = File("写真.txt", "text/plain", "こわれた部品".encode())
# What is too long to be carried lies in the store already.
_KEPT = replace(FILE, content=b"", kept=hashlib.sha256(FILE.content).hexdigest(), kept_size=FILE.size)


@dataclass(frozen=True, slots=True)
class Written:
    """What the customer writes; texts come decomposed, as Macs and some phones send them."""

    text: str = TEXT
    token: str = ""
    sent: int = 1

    @property
    def decomposed(self) -> str:
        return unicodedata.normalize("NFD", self.text)


@dataclass(frozen=True, slots=True)
class InboundShape:
    """How a channel's raw bytes are made. `by_another_way` is the same message after another journey.

    `sender` and `subject` are what it says of these, `clue` by what an answer finds its case.
    """

    channel: Channel
    raw: Callable[[Written], bytes]
    by_another_way: Callable[[Written], bytes]
    sender: Party = WRITER
    subject: str = SUBJECT
    clue: tuple[str, str] = ("token", TOKEN)


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _word(text: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(_nfd(text).encode()).decode()}?="


def _mail(written: Written, *received: str) -> bytes:
    answers = f"In-Reply-To: <c.{written.token}.9f@shop.example>\r\n" if written.token else ""
    attached = base64.encodebytes(FILE.content).decode().replace("\n", "\r\n")
    head = "".join(f"Received: {line}\r\n" for line in received)
    return (
        f"{head}From: {_word(NAME)} <gaku@home.example>\r\nTo: {OURS}\r\nSubject: {_word(SUBJECT)}\r\n"
        f"Date: Sun, 22 Nov 2026 10:15:30 +0900\r\nMessage-ID: <m{written.sent}@home.example>\r\n{answers}"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{written.decomposed}\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Disposition: attachment; filename*=UTF-8''%E5%86%99%E7%9C%9F.txt\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{attached}--b--\r\n"
    ).encode()


def _form(written: Written) -> bytes:
    return encode(
        Submission(
            token=f"sending-{written.sent}",
            case_token=written.token,
            name=_nfd(NAME),
            address="gaku@home.example",
            subject=_nfd(SUBJECT),
            text=written.decomposed,
            language="ja",
            answers=(Answer(label="機種", value=_nfd("ガス")),),
            files=(FILE,),
        )
    )


def _call(written: Written) -> bytes:
    return record.encode(
        record.CallRecord(
            uid=f"call-{written.sent}",
            caller="+819012345678",
            name=_nfd(NAME),
            token=written.token,
            subject=_nfd(SUBJECT),
            text=written.decomposed,
            language="ja",
            files=(_KEPT,),
        )
    )


def _said(written: Written, *, page: str = "https://shop.example/") -> bytes:
    return encode_saying(
        Saying(
            id=f"said-{written.sent}",
            visitor=VISITOR,
            called=_nfd(NAME),
            text=written.decomposed,
            language="ja",
            page=page,
            files=(FILE,),
        )
    )


def _by_line(written: Written, *, called: str = NAME) -> bytes:
    return encode_line(
        LineSaying(
            id=f"44470867970{written.sent}",
            user=LINE_USER,
            called=_nfd(called),
            text=written.decomposed,
            language="ja",
            at="2026-11-22T10:15:30+09:00",
            follows="line.444708679700@madoguchi.invalid",
            files=(FILE,),
        )
    )


INBOUND = [
    InboundShape(
        Channel.EMAIL,
        raw=lambda w: _mail(w, "from a.example by mx.shop.example; Sun, 22 Nov 2026 10:15:31 +0900"),
        by_another_way=lambda w: _mail(w, "from backup.example by mx2.shop.example; Mon, 23 Nov 2026", "x"),
    ),
    InboundShape(Channel.FORM, raw=_form, by_another_way=_form),
    # Whoever calls has a number and no address.
    InboundShape(Channel.PHONE, raw=_call, by_another_way=_call, sender=Party("", NAME)),
    InboundShape(
        Channel.CHAT,
        raw=_said,
        by_another_way=lambda w: _said(w, page="https://shop.example/cart"),
        sender=Party(VISITOR, NAME),
        subject="",
        clue=("message_id", f"chat.{VISITOR}@madoguchi.invalid"),
    ),
    # They may call themselves otherwise by the time it is handed in again.
    InboundShape(
        Channel.LINE,
        raw=_by_line,
        by_another_way=lambda w: _by_line(w, called="gaku"),
        sender=Party(LINE_USER, NAME),
        subject="",
        clue=("message_id", "line.444708679700@madoguchi.invalid"),
    ),
]
