"""Headers gone wrong."""

import base64

from madoguchi.channels.email.tests.crooked.case import Crooked, crooked
from madoguchi.channels.email.tests.mails import jis_as_windows_writes_it, word

_SUBJECT = "返品について"
_UTF_8 = base64.b64encode(_SUBJECT.encode()).decode()
_DATE = b"Date: Fri, 1 Mar 2024 10:15:30 +0900\r\n"
_FROM = b"From: Taro <taro@home.example>\r\n"


def head(*lines: str | bytes) -> bytes:
    """A mail with a good sender and date, these lines, and one word as its body."""
    more = b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines)
    return _FROM + _DATE + more + b"\r\nwords"


def subject(name: str, raw: str | bytes, read: str) -> Crooked:
    line = b"Subject: " + (raw.encode() if isinstance(raw, str) else raw)
    return crooked(f"subject: {name}", head(line), subject=read, text="words", warnings=[])


def to(name: str, raw: str | bytes, *read: tuple[str, str]) -> Crooked:
    line = b"To: " + (raw.encode() if isinstance(raw, str) else raw)
    return crooked(f"to: {name}", head(line), to=list(read))


def date(name: str, raw: str, read: str | None) -> Crooked:
    return crooked(f"date: {name}", _FROM + f"Date: {raw}\r\n\r\nwords".encode(), date=read)


def _cut(start: int, end: int) -> str:
    return f"=?utf-8?B?{base64.b64encode(_SUBJECT.encode()[start:end]).decode()}?="


def _cut_jis(start: int, end: int) -> str:
    return f"=?iso-2022-jp?B?{base64.b64encode(_JIS[start:end]).decode()}?="


_JIS = _SUBJECT.encode("iso-2022-jp")
_SUBJECTS = [
    subject("raw JIS", _JIS, _SUBJECT),
    subject("raw Shift_JIS", _SUBJECT.encode("cp932"), _SUBJECT),
    subject("raw EUC-JP", _SUBJECT.encode("euc-jp"), _SUBJECT),
    subject("raw UTF-8", _SUBJECT.encode(), _SUBJECT),
    subject("a character cut by two words", f"{_cut(0, 4)} {_cut(4, 99)}", _SUBJECT),
    subject("a character cut by two words that touch", f"{_cut(0, 4)}{_cut(4, 99)}", _SUBJECT),
    subject("an escape sequence cut off", f"{_cut_jis(0, 7)}\r\n {_cut_jis(7, 99)}", _SUBJECT),
    subject("words encoded once more", word(word(_SUBJECT), "utf-8"), _SUBJECT),
    subject("words that touch", word(_SUBJECT) + word(_SUBJECT), _SUBJECT * 2),
    subject("words within text", f"Re:{word(_SUBJECT)}(2)", f"Re:{_SUBJECT}(2)"),
    subject("words in quotation marks", f'"{word(_SUBJECT)}"', f'"{_SUBJECT}"'),
    subject("blanks in a word", f"=?utf-8?B? {_UTF_8} ?=", _SUBJECT),
    subject("a word folded in its middle", f"=?utf-8?B?{_UTF_8[:8]}\r\n {_UTF_8[8:]}?=", _SUBJECT),
    subject("blanks in a Q word", "=?utf-8?Q?=E8=BF=94 =E5=93=81?=", "返 品"),
    subject(
        "padding lost", f"=?utf-8?B?{base64.b64encode('返品ab'.encode()).decode().rstrip('=')}?=", "返品ab"
    ),
    subject("the end lost", f"=?utf-8?B?{_UTF_8}", _SUBJECT),
    subject("a question mark in a Q word", "=?utf-8?Q?really??=", "really?"),
    subject("a language (RFC 2231)", f"=?utf-8*ja?B?{_UTF_8}?=", _SUBJECT),
    subject("an unknown charset", f"=?x-none?B?{_UTF_8}?=", _SUBJECT),
    subject("an unknown encoding", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    subject("says Shift_JIS, is UTF-8", f"=?shift_jis?B?{_UTF_8}?=", _SUBJECT),
    subject(
        "says JIS, is cp932",
        f"=?iso-2022-jp?B?{base64.b64encode('①㈱髙﨑'.encode('cp932')).decode()}?=",
        "①㈱髙﨑",
    ),
    subject(
        "Windows' characters in JIS",
        f"=?iso-2022-jp?B?{base64.b64encode(jis_as_windows_writes_it('①㈱髙﨑 ｶﾅ')).decode()}?=",
        "①㈱髙﨑 ｶﾅ",
    ),
    subject("GB2312", word("你好", "gb2312"), "你好"),
    subject("UTF-16", f"=?utf-16?B?{base64.b64encode(_SUBJECT.encode('utf-16')).decode()}?=", _SUBJECT),
    subject("UTF-7 by its old name", "=?unicode-1-1-utf-7?Q?+j9RUwQ-?=", "返品"),
    subject("a picture character as two halves", "=?utf-8?Q?=ED=A0=BD=ED=B8=80?=", "😀"),
    subject(
        "half of a picture character",
        "=?utf-8?Q?=E8=BF=94=E5=93=81=ED=A0=BD=E8=BF=94=E5=93=81?=",
        "返品\ufffd返品",
    ),
    subject("half of one in UTF-16", "=?utf-16be?B?j9RUwTBu2D0wSphYMEQ=?=", "返品の\ufffdお願い"),
    subject("composed late (NFD)", "=?utf-8?B?44GL44KZ?=", "が"),
    subject("control characters", "=?utf-8?Q?a=0Ab=00c?=", "a bc"),
    subject("tabs and folds", "one\r\n\ttwo\r\n   three", "one two three"),
]
_ADDRESSES = [
    to("a carrier's address with dots", "山田 <a..b.@docomo.ne.jp>", ("山田", "a..b.@docomo.ne.jp")),
    to("the same in quotation marks", '"a..b."@docomo.ne.jp', ("", "a..b.@docomo.ne.jp")),
    to("a dot in front", ".abc@ezweb.ne.jp", ("", ".abc@ezweb.ne.jp")),
    to("a full-width comma between", "a@x.jp、b@x.jp", ("", "a@x.jp"), ("", "b@x.jp")),
    to(
        "full-width signs between, and names",
        "山田 <a@x.jp>，佐藤 <b@y.jp>； c@z.jp",
        *(("山田", "a@x.jp"), ("佐藤", "b@y.jp"), ("", "c@z.jp")),
    ),
    to("a full-width comma in a name", "株式会社山田、営業部 <a@x.jp>", ("株式会社山田、営業部", "a@x.jp")),
    to("a full-width comma in quotation marks", '"a@x.jp、営業部" <a@x.jp>', ("a@x.jp、営業部", "a@x.jp")),
    to("nobody named", "undisclosed-recipients:;"),
    to("a group", "friends: a@x.jp, B <b@x.jp>;, c@x.jp", ("", "a@x.jp"), ("B", "b@x.jp"), ("", "c@x.jp")),
    to("a comma in an encoded name", f"{word('山田, 太郎', 'utf-8')} <t@x.jp>", ("山田, 太郎", "t@x.jp")),
    to("a comma without quotation marks", "Yamada, Taro <t@x.jp>", ("Yamada, Taro", "t@x.jp")),
    to("an encoded name in quotation marks", f'"{word("山田")}" <t@x.jp>', ("山田", "t@x.jp")),
    to("name and address in one word", word("山田 <t@x.jp>", "utf-8"), ("山田", "t@x.jp")),
    to("raw Shift_JIS", "株式会社　表 <t@x.jp>".encode("cp932"), ("株式会社 表", "t@x.jp")),
    to("raw JIS in quotation marks", b'"' + "山田".encode("iso-2022-jp") + b'" <t@x.jp>', ("山田", "t@x.jp")),
    to("a firm in brackets", "(株)山田 <t@x.jp>", ("(株)山田", "t@x.jp")),
    to("a remark behind", "t@x.jp (Taro (the) Yamada)", ("Taro (the) Yamada", "t@x.jp")),
    to("no brackets", "Taro Yamada t@x.jp", ("Taro Yamada", "t@x.jp")),
    to("an open bracket", "Taro <t@x.jp", ("Taro", "t@x.jp")),
    to("brackets twice", "<<t@x.jp>>", ("", "t@x.jp")),
    to("no comma", "A <a@x.jp> B <b@x.jp>", ("A", "a@x.jp"), ("B", "b@x.jp")),
    to("semicolons", "a@x.jp; b@x.jp", ("", "a@x.jp"), ("", "b@x.jp")),
    to("blanks alone", "a@x.jp b@x.jp", ("", "a@x.jp"), ("", "b@x.jp")),
    to(
        "signs in a bare encoded word",
        "=?utf-8?Q?B=C3=BCrling,=20A;(B):?= <b@x.jp>",
        ("Bürling, A;(B):", "b@x.jp"),
    ),
    to("mailto", "Taro <mailto:t@x.jp>", ("Taro", "t@x.jp")),
    to("mailto in square brackets", "Taro [mailto:t@x.jp]", ("Taro", "t@x.jp")),
    to("full-width letters", "ｔａｒｏ＠ｘ．ｊｐ", ("", "taro@x.jp")),
    to("blanks in the address", "Taro <t @ x.jp>", ("Taro", "t@x.jp")),
    to("an address of letters beyond ASCII", "花子 <花子@例え.jp>", ("花子", "花子@例え.jp")),
    to("a colon in the name", "A:B <t@x.jp>", ("A:B", "t@x.jp")),
    to("nothing but a name", "root"),
    to("Outlook's quotes", "'山田 太郎' <t@x.jp>", ("山田 太郎", "t@x.jp")),
    to("Outlook's quotes in quotation marks", "\"'山田 太郎'\" <t@x.jp>", ("山田 太郎", "t@x.jp")),
    to(
        "quotes within",
        "'O' 'Neil <t@x.jp>, D'Arcy' <d@x.jp>",
        ("'O' 'Neil", "t@x.jp"),
        ("D'Arcy'", "d@x.jp"),
    ),
    to("signs alone in quotation marks", '":;," <t@x.jp>', (":;,", "t@x.jp")),
    to("signs alone in an encoded word", f"{word('、,', 'utf-8')} <t@x.jp>", ("、,", "t@x.jp")),
    to("brackets of full width", "佐藤 花子＜t@x.jp＞", ("佐藤 花子", "t@x.jp")),
    to("signs alone that a list left behind", ", ; <t@x.jp>", ("", "t@x.jp")),
]
_DATES = [
    date("JST by name", "Fri, 1 Mar 2024 10:15:30 JST", "2024-03-01T10:15:30+09:00"),
    date("JST in brackets", "Fri, 1 Mar 2024 10:15:30 (JST)", "2024-03-01T10:15:30+09:00"),
    date("ISO 8601", "2024-03-01T10:15:30+09:00", "2024-03-01T10:15:30+09:00"),
    date("year first", "2024/03/01 10:15:30 +0900", "2024-03-01T10:15:30+09:00"),
    date("a colon in the zone", "Fri, 1 Mar 2024 10:15:30 +09:00", "2024-03-01T10:15:30+09:00"),
    date("GMT and an offset", "Fri, 1 Mar 2024 10:15:30 GMT+0900", "2024-03-01T10:15:30+09:00"),
    date("Japanese words", "金, 1 3月 2024 10:15:30 +0900", "2024-03-01T10:15:30+09:00"),
    date("Japanese words alone", "2024年3月1日(金) 10:15:30", "2024-03-01T10:15:30+09:00"),
    date("half a day", "Friday, March 1, 2024 10:15:30 PM +0900", "2024-03-01T22:15:30+09:00"),
    date("noon by half days", "1 Mar 2024 12:15 PM +0900", "2024-03-01T12:15:00+09:00"),
    date("midnight by half days", "1 Mar 2024 12:15 a.m. +0900", "2024-03-01T00:15:00+09:00"),
    date("a leap second", "Fri, 1 Mar 2024 10:15:60 +0900", "2024-03-01T10:15:59+09:00"),
    date("parts of a second", "Fri, 1 Mar 2024 10:15:30.125 +0900", "2024-03-01T10:15:30+09:00"),
    date("two digits", "1 Mar 24 10:15 +0900", "2024-03-01T10:15:00+09:00"),
    date("no zone", "Fri, 1 Mar 2024 10:15:30", "2024-03-01T10:15:30+00:00"),
    date("a day that is none", "Fri, 32 Mar 2024 10:15:30 +0900", None),
    date("an hour that is none", "Fri, 1 Mar 2024 25:15:30 +0900", None),
    date("an offset that is none", "Fri, 1 Mar 2024 10:15:30 +9999", None),
    date("before there was mail", "Thu, 1 Jan 1970 00:00:00 +0000", None),
    date("far away", "Fri, 1 Mar 20240 10:15:30 +0900", None),
    date("words", "yesterday", None),
]
_LINES = [
    crooked(
        "a line without a colon among the headers",
        head("Subject: one", "this is no header", "To: b@x.jp"),
        subject="one",
        to=[("", "b@x.jp")],
        text="words",
        warnings=["broken-header"],
    ),
    crooked(
        "no blank line before the words",
        b"From: a@x.jp\r\n" + _DATE + b"Subject: one\r\nDear all,\r\nhello",
        subject="one",
        text="Dear all,\nhello",
        warnings=["broken-structure"],
    ),
    crooked(
        "mbox", b"From taro Fri Mar  1 10:15:30 2024\n" + head("Subject: one"), subject="one", text="words"
    ),
    crooked("a quoted mbox line", b">From taro Fri Mar  1 2024\n" + head("Subject: one"), subject="one"),
    crooked(
        "a blank before the first header", b" " + head("Subject: one"), sender=("Taro", "taro@home.example")
    ),
    crooked(
        "line ends of an old Mac", head("Subject: one").replace(b"\r\n", b"\r"), subject="one", text="words"
    ),
    crooked(
        "line ends doubled", head("Subject: one").replace(b"\r\n", b"\r\r\n"), subject="one", text="words"
    ),
    crooked("line ends mixed", head("Subject: one").replace(b"\r\n", b"\n", 2), subject="one", text="words"),
    crooked("saved as UTF-16", head("Subject: one").decode().encode("utf-16"), subject="one", text="words"),
    crooked("a space before the colon", head("Subject : one"), subject="one"),
    crooked(
        "header names in any case", head("SUBJECT: one", "cC: c@x.jp"), subject="one", cc=[("", "c@x.jp")]
    ),
    crooked("the same header twice", head("Subject: one", "Subject: two"), subject="one"),
    crooked("an endless subject", head("Subject: " + "x" * 100_000), subject="x" * 100_000, warnings=[]),
    crooked(
        "the charset of the words tells that of the headers",
        head(b"Subject: " + "вопрос".encode("cp1251"), "Content-Type: text/plain; charset=windows-1251"),
        subject="вопрос",
    ),
    crooked(
        "identifiers among words",
        head(
            "Message-ID: <a b@x>", "In-Reply-To: Your mail of Fri <b@x>", "References: <r@x>,<b@x>\r\n\t<c@x"
        ),
        message_id="ab@x",
        in_reply_to=["b@x"],
        references=["r@x", "b@x"],
    ),
    crooked(
        "identifiers without brackets",
        head("Message-ID: a@x", "References: b@x c@x"),
        references=["b@x", "c@x"],
    ),
    crooked(
        "nobody is the sender",
        b"From: MAILER DAEMON <>\r\n" + _DATE + b"\r\nfailed",
        sender=("MAILER DAEMON", ""),
        warnings=["no-sender"],
    ),
]

HEADS = [*_SUBJECTS, *_ADDRESSES, *_DATES, *_LINES]
