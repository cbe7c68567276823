"""Structures gone wrong: boundaries, nesting, alternatives."""

import base64
from collections.abc import Sequence

from madoguchi.channels.email.structure import DEEPEST, MOST_PARTS
from madoguchi.channels.email.tests.crooked.case import crooked
from madoguchi.channels.email.tests.crooked.heads import head
from madoguchi.channels.email.tests.mails import joined, part

PLAIN = part("Content-Type: text/plain; charset=utf-8", body="平文".encode())
RICH = part("Content-Type: text/html; charset=utf-8", body="<p>装飾</p>".encode())
PICTURE = part("Content-Type: image/png", 'Content-Disposition: inline; filename="a.png"', body=b"PNG")
PDF = part("Content-Type: application/pdf", 'Content-Disposition: attachment; filename="a.pdf"', body=b"%PDF")
FOOTER = part("Content-Type: text/plain; charset=utf-8", body="名簿の脚注".encode())


def mixed(parts: Sequence[bytes], kind: str = "mixed", boundary: str = "b1", more: str = "") -> bytes:
    """A mail of these parts."""
    return whole(joined(parts, boundary), f"multipart/{kind}; boundary={boundary}{more}")


def whole(body: bytes, content_type: str, *headers: str) -> bytes:
    """A mail with this body under this Content-Type."""
    return head("Subject: x", *headers, f"Content-Type: {content_type}").removesuffix(b"words") + body


def nested(kind: str, parts: Sequence[bytes], boundary: str) -> bytes:
    return part(f"Content-Type: multipart/{kind}; boundary={boundary}", body=joined(parts, boundary))


_FIRST_LINE = b"--b1\r\n"
_BOUNDARIES = [
    crooked(
        "no end",
        mixed([PLAIN, PDF]).replace(b"--b1--\r\n", b""),
        text="平文",
        names=["a.pdf"],
        warnings=["broken-structure"],
    ),
    crooked(
        "blanks behind the boundary",
        mixed([PLAIN, PDF]).replace(b"--b1", b"--b1 "),
        text="平文",
        names=["a.pdf"],
        warnings=[],
    ),
    crooked(
        "no end inside",
        mixed([nested("alternative", [PLAIN, RICH], "c").replace(b"--c--\r\n", b""), PDF]),
        text="平文",
        html="<p>装飾</p>\n",
        names=["a.pdf"],
    ),
    crooked(
        "no beginning",
        mixed([PLAIN, PDF]).replace(_FIRST_LINE, b"", 1),
        text="平文",
        names=["a.pdf"],
        warnings=["broken-structure"],
    ),
    crooked(
        "an early end",
        mixed([PLAIN, PDF]).replace(
            b"\r\n--b1\r\nContent-Type: app", b"\r\n--b1--\r\n\r\n--b1\r\nContent-Type: app"
        ),
        text="平文",
        names=["a.pdf"],
    ),
    crooked(
        "no boundary named",
        whole(joined([PLAIN, PDF]), "multipart/mixed"),
        text="平文",
        names=["a.pdf"],
        warnings=["broken-structure"],
    ),
    crooked(
        "another boundary named",
        whole(joined([PLAIN, PDF]), "multipart/mixed; boundary=zz"),
        text="平文",
        names=["a.pdf"],
        warnings=["broken-structure"],
    ),
    crooked(
        "parts encoded all together in base64",
        whole(
            base64.encodebytes(joined([PLAIN, PDF])),
            "multipart/mixed; boundary=b1",
            "Content-Transfer-Encoding: base64",
        ),
        text="平文",
        names=["a.pdf"],
    ),
    crooked(
        "parts encoded all together, and nothing within",
        whole(
            base64.encodebytes("平文".encode()),
            "multipart/mixed; boundary=b1",
            "Content-Transfer-Encoding: base64",
        ),
        text="平文",
        names=[],
        warnings=["broken-structure"],
    ),
    crooked(
        "no type named",
        head("Subject: x").removesuffix(b"words") + joined([PLAIN, PDF]),
        text="平文",
        names=["a.pdf"],
    ),
    crooked(
        "a boundary that begins as another",
        mixed([nested("alternative", [PLAIN, RICH], "b1x"), PDF]),
        text="平文",
        html="<p>装飾</p>",
        names=["a.pdf"],
        warnings=[],
    ),
    crooked(
        "the same boundary twice",
        mixed([part("Content-Type: multipart/alternative; boundary=b1", body=b""), PLAIN, RICH, PDF]),
        text="平文",
        html="<p>装飾</p>",
        names=["a.pdf"],
    ),
    crooked(
        "blanks behind boundaries",
        mixed([PLAIN, PDF]).replace(b"--b1\r\n", b"--b1 \t\r\n"),
        text="平文",
        names=["a.pdf"],
        warnings=[],
    ),
    crooked(
        "a boundary of letters beyond ASCII",
        mixed([PLAIN, PDF], boundary="境界"),
        text="平文",
        names=["a.pdf"],
        warnings=[],
    ),
    crooked(
        "line ends of one kind in the head, of another below",
        mixed([PLAIN, PDF]).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n", 5),
        text="平文",
        names=["a.pdf"],
    ),
    crooked(
        "only CR", mixed([PLAIN, PDF]).replace(b"\r\n", b"\r"), text="平文", names=["a.pdf"], warnings=[]
    ),
    crooked(
        "words before and behind the parts",
        mixed([PLAIN]).replace(_FIRST_LINE, b"see below\r\n" + _FIRST_LINE, 1) + b"virus free",
        text="平文",
        warnings=[],
    ),
    crooked(
        "no parts at all",
        whole("ただの文".encode(), "multipart/mixed; boundary=b1"),
        text="ただの文",
        warnings=["broken-structure"],
    ),
    crooked("parts without headers", mixed([b"\r\none", b"\r\ntwo"]), text="one\ntwo", warnings=[]),
    crooked(
        "a part without a blank line",
        mixed([b"no headers here", PDF]),
        text="no headers here",
        names=["a.pdf"],
    ),
    crooked("the type misspelt", whole(b"words", "plain"), text="words"),
    crooked(
        "no semicolon",
        whole("返品".encode("cp932"), "text/plain charset=shift_jis"),
        text="返品",
        warnings=[],
    ),
    crooked(
        "HTML that does not say so",
        head("Subject: x").removesuffix(b"words") + b"<html><body><p>one<p>two</body></html>",
        text="one\n\ntwo",
    ),
]
_WAYS_TO_SAY_IT = [
    crooked(
        "Outlook: related in alternative",
        mixed([PLAIN, nested("related", [RICH, PICTURE], "r")], "alternative"),
        text="平文",
        html="<p>装飾</p>",
        names=["a.png"],
    ),
    crooked(
        "Outlook: alternative in related",
        mixed([nested("alternative", [PLAIN, RICH], "a"), PICTURE], "related"),
        text="平文",
        html="<p>装飾</p>",
        names=["a.png"],
    ),
    crooked(
        "Apple: mixed in alternative",
        mixed([PLAIN, nested("mixed", [RICH, PDF, RICH], "m")], "alternative"),
        text="平文",
        html="<p>装飾</p>\n<p>装飾</p>",
        names=["a.pdf"],
    ),
    crooked(
        "Apple: pictures between words",
        mixed([PLAIN, PICTURE, FOOTER]),
        text="平文\n名簿の脚注",
        html="",
        names=["a.png"],
    ),
    crooked(
        "an empty plain part beside full HTML",
        mixed([part("Content-Type: text/plain", body=b" \r\n"), RICH], "alternative"),
        text="装飾",
        html="<p>装飾</p>",
    ),
    crooked(
        "HTML with a preheader",
        whole(
            '<html><body><div style="display:none;max-height:0;mso-hide:all">お知らせ…&zwnj;&nbsp;</div>'
            '<span style="font-size:0">開封確認</span><p>交換してください。</p></body></html>'.encode(),
            "text/html; charset=utf-8",
        ),
        text="交換してください。",
        warnings=[],
    ),
    crooked(
        "plain words that only say where to look",
        mixed(
            [
                part(
                    "Content-Type: text/plain; charset=utf-8",
                    body="このメールはHTML形式です。HTML対応のソフトでご覧ください。".encode(),
                ),
                RICH,
            ],
            "alternative",
        ),
        text="装飾",
        html="<p>装飾</p>",
    ),
    crooked("HTML first", mixed([RICH, PLAIN], "alternative"), text="平文", html="<p>装飾</p>"),
    crooked(
        "HTML with a mailing list's footer",
        mixed([RICH, FOOTER]),
        text="装飾\n名簿の脚注",
        html='<p>装飾</p>\n<div style="white-space: pre-wrap">名簿の脚注</div>',
    ),
    crooked(
        "AMP is left out",
        mixed([PLAIN, part("Content-Type: text/x-amp-html", body=b"<html amp4email>"), RICH], "alternative"),
        text="平文",
        html="<p>装飾</p>",
        files=[],
    ),
    crooked("enriched text", whole(b"<bold>one</bold> <<two>", "text/enriched"), text="one <two>"),
    crooked(
        "words that have a file name",
        mixed([part('Content-Type: text/plain; name="message.txt"', body=b"hello")]),
        text="hello",
        names=["message.txt"],
    ),
    crooked(
        "a named text beside the words",
        mixed([PLAIN, part('Content-Type: text/plain; name="log.txt"', body=b"log")]),
        text="平文",
        names=["log.txt"],
    ),
    crooked(
        "flowed lines",
        whole("返品に \r\nついて \r\n> 引用".encode(), "text/plain; charset=utf-8; format=flowed; delsp=yes"),
        text="返品について\n> 引用",
    ),
]


def _deep(levels: int) -> bytes:
    inner = PLAIN
    for level in range(levels):
        inner = nested("mixed", [inner], f"d{level}")
    return mixed([inner])


_BOMBS = [
    crooked("as deep as one may go", _deep(DEEPEST - 1), text="平文", warnings=[]),
    crooked("too deep", _deep(DEEPEST + 5), warnings=["cut-nesting"]),
    crooked(
        "too many parts",
        mixed([PLAIN] * (MOST_PARTS + 5)),
        text="\n".join(["平文"] * (MOST_PARTS - 1)),
        warnings=["cut-parts"],
    ),
    crooked(
        "too many recipients",
        head("To: " + ", ".join(f"a{n}@x.jp" for n in range(1_005))),
        to=[("", f"a{n}@x.jp") for n in range(1_000)],
        warnings=["cut-recipients"],
    ),
    crooked(
        "a header too long",
        head("X-Long: " + "x" * 300_000, "Subject: x"),
        subject="x",
        text="words",
        warnings=["cut-header"],
    ),
    crooked(
        "headers without end",
        head(*(f"X-{n}: {'x' * 1_000}" for n in range(1_200)), "Subject: never read"),
        subject="",
        text="words",
        warnings=["cut-header"],
    ),
    crooked(
        "marks heaped on one letter",
        whole(("が" + "\u0323\u0301" * 50_000).encode(), "text/plain; charset=utf-8"),
        text="が" + "\u0323" * 15 + "\u0301" * 15,
        warnings=[],
    ),
    crooked(
        "very many pieces of HTML",
        mixed([part("Content-Type: text/html", body=b"<b>" * 100 + b"x")] * 900),
        text=" ".join("x" * 900),
        warnings=[],
    ),
    crooked(
        "rubbish without end",
        whole(b"\x1b$B" + b"\x80" * 300_000, "text/plain; charset=iso-2022-jp"),
        warnings=["charset-repaired"],
    ),
    crooked(
        "uuencode that begins again and again",
        whole(b"begin 644 a\r\n" * 100_000, "text/plain"),
        files=[],
        warnings=[],
    ),
    crooked("names without addresses", head("To: " + "a," * 90_000), to=[], warnings=[]),
    crooked(
        "no mail",
        b"\x7fELF\x00\x00" + bytes(range(256)),
        text="",
        files=[],
        warnings=["not-a-mail", "no-sender", "date-unreadable"],
    ),
]
SHAPES = [*_BOUNDARIES, *_WAYS_TO_SAY_IT, *_BOMBS]
