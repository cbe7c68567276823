"""What the parts of a mail hold: its words, its HTML and its files, in the order in which one reads them.

A part that needs special treatment has its place in `_LEAF_READERS`.
"""

import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from madoguchi.channels.email import charsets, phones
from madoguchi.channels.email.cms import signed_content
from madoguchi.channels.email.headers import parameters_of, text_of
from madoguchi.channels.email.html import to_text
from madoguchi.channels.email.invitation import invitation_as_text
from madoguchi.channels.email.rtf import words_of
from madoguchi.channels.email.structure import MOST_PARTS, Part
from madoguchi.channels.email.structure import structure as structure_of
from madoguchi.channels.email.tnef import TNEF, Tnef, TnefFile, read_tnef
from madoguchi.channels.email.transfer import Undone, revealed, undone, uuencoded

_CID: Final = re.compile(r"""\bcid:([^"'\s>)]+)""", re.IGNORECASE)
_META_CHARSET: Final = re.compile(rb"<meta\s[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_UNSAFE_IN_NAME: Final = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PERCENT_ENCODED: Final = re.compile(r"(?:%[8-9A-Fa-f][0-9A-Fa-f]){2}")
_TAGS: Final = re.compile(r"<<|<[^<>]{0,100}>")
_HEADER_LINE: Final = re.compile(rb"\s*[!-9;-~]+:")
_HTML_START: Final = re.compile(rb"\s*(?:<!doctype html|<html\b)", re.IGNORECASE)
_LOOK_ELSEWHERE: Final = re.compile(
    r"\W*(?:この|本)(?:電子)?メールは、?\s?HTML.{0,120}"
    r"|(?:This|Your) (?:e-?mail|message|client|program).{0,120}\bHTML\b.{0,120}",
    re.IGNORECASE | re.DOTALL,
)
_ARMOUR: Final = {"-----BEGIN PGP MESSAGE-----": "encrypted", "-----BEGIN PGP SIGNED MESSAGE-----": "signed"}
_EXTENSIONS: Final = mimetypes.MimeTypes()
# What the standard library has no name for, or an odd one.
_NAMES: Final = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "message/rfc822-headers": "headers.txt",
    "text/calendar": "invite.ics",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    TNEF: "winmail.dat",
    "text/plain": "text.txt",
    "image/jpeg": "image.jpg",
}
_SHOWN_ELSEWHERE: Final = frozenset({"text/x-amp-html", "text/watch-html"})
# More pieces with HTML among them are made readable as one.
_MOST_APART: Final = 50
_DEEPEST_TNEF: Final = 5
_MOST_ENVELOPES: Final = 3
_BYTES: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """A file that came along; `inline` when the HTML shows it in its place by its Content-ID."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    sha256: str
    inline: bool
    content_id: str


@dataclass(slots=True)
class Content:
    """The body as it is gathered from the parts; warnings are kept once each, in order."""

    text: str = ""
    html: str = ""
    attachments: list[ParsedAttachment] = field(default_factory=list)
    charset: str = ""
    warnings: dict[str, None] = field(default_factory=dict)
    is_of_au: bool = False
    envelopes: int = 0
    # Words that are shown when the mail has no others: an invitation's, a winmail.dat's, a named text's.
    spare: list["_Words"] = field(default_factory=list)

    def warn(self, word: str) -> None:
        self.warnings[word] = None


@dataclass(frozen=True, slots=True)
class _Words:
    """What one part says, as text, as HTML, or both."""

    text: str = ""
    html: str = ""

    def as_text(self) -> str:
        return self.text if self.text or not self.html else charsets.clean(to_text(self.html)).rstrip()

    def as_html(self) -> str:
        if self.html or not self.text:
            return self.html
        return f'<div style="white-space: pre-wrap">{escape(self.text, quote=False)}</div>'


_NOTHING: Final = _Words()


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One part without parts of its own, with its headers read."""

    part: Part
    content_type: str
    disposition: str
    filename: str

    @property
    def charset(self) -> str:
        return self.part.parameters.get("charset", "")


def gather(root: Part, content: Content) -> None:
    """Read all parts into `content`."""
    content.is_of_au = phones.is_of_au(root.first("from"))
    words = _read(root, content, is_root=True)
    if not words.text and not words.html:
        words = next(iter(content.spare), _NOTHING)
    content.text, content.html = words.as_text(), words.html
    content.attachments = list(_placed(content.attachments, content.html))


# --- the tree -------------------------------------------------------------------------------------


def _read(part: Part, content: Content, *, is_root: bool = False) -> _Words:
    if not part.parts and (whole := _encoded_whole(part, content)) is not None:
        return _read(whole, content, is_root=is_root)
    if not part.parts:
        return _read_leaf(part, content, is_root=is_root)
    if part.content_type in ("multipart/signed", "multipart/encrypted"):
        content.warn(part.content_type.removeprefix("multipart/"))
    if part.content_type == "multipart/alternative":
        shown = [child for child in part.parts if child.content_type not in _SHOWN_ELSEWHERE]
        return _best([_read(child, content) for child in shown or part.parts])
    return _one_after_another([_read(child, content) for child in part.parts])


def _encoded_whole(part: Part, content: Content) -> Part | None:
    """Parts that a gateway has encoded all together with what stands between them, which the standard forbids."""
    encoding = part.first("content-transfer-encoding")
    if not (encoding and part.content_type.startswith("multipart/") and content.envelopes < _MOST_ENVELOPES):
        return None
    inside = undone(part.body, encoding, lambda _word: None).content
    kind = part.first("content-type").encode("utf-8", "surrogateescape")
    content.envelopes += 1
    whole = structure_of(b"Content-Type: " + kind + b"\r\n\r\n" + inside, content.warn)
    return whole if whole.parts else None


def _best(words: list[_Words]) -> _Words:
    """The same said in several ways: the first text, and the last HTML, which is the richest.

    A text that only says where to look is none.
    """
    html = next((one.html for one in reversed(words) if one.html), "")
    texts = (one.text for one in words if one.text and not (html and _LOOK_ELSEWHERE.fullmatch(one.text)))
    return _Words(next(texts, ""), html)


def _one_after_another(words: list[_Words]) -> _Words:
    words = [one for one in words if one.text or one.html]
    if len(words) < 2:
        return words[0] if words else _NOTHING
    html = "\n".join(one.as_html() for one in words) if any(one.html for one in words) else ""
    if html and len(words) > _MOST_APART:
        return _Words(html=html)
    return _Words("\n".join(filter(None, (one.as_text() for one in words))), html)


def _read_leaf(part: Part, content: Content, *, is_root: bool) -> _Words:
    leaf = _leaf(part)
    if leaf.content_type == _BYTES and leaf.filename.lower().endswith(".p7m"):
        return _read_envelope(leaf, content)
    if leaf.disposition == "attachment" or (leaf.filename and not is_root):
        reader = _FILE_READERS.get(leaf.content_type, _attach)
        if leaf.filename.lower() == "winmail.dat":
            reader = _read_tnef
        return reader(leaf, content)
    if leaf.content_type == "text/plain" and not part.first("content-type") and _is_html(part):
        return _read_html(leaf, content)
    return _LEAF_READERS.get(leaf.content_type, _attach)(leaf, content)


def _is_html(part: Part) -> bool:
    return _HTML_START.match(part.raw, part.start, min(part.end, part.start + 200)) is not None


def _leaf(part: Part) -> _Leaf:
    disposition, more = parameters_of(part.first("content-disposition"))
    content_type = part.content_type
    if content_type.startswith("multipart/"):
        # Promised parts that never came: what is there is text.
        content_type = "text/plain"
    name = more.get("filename") or part.parameters.get("name") or more.get("name") or ""
    return _Leaf(part, content_type, disposition, _safe_filename(name))


def _undone(leaf: _Leaf, content: Content) -> Undone:
    encoding = leaf.part.first("content-transfer-encoding")
    body = leaf.part.body
    return undone(body, encoding, content.warn) if encoding else Undone(body)


def _bytes(leaf: _Leaf, content: Content) -> bytes:
    return _undone(leaf, content).content


# --- words ----------------------------------------------------------------------------------------


def _read_plain(leaf: _Leaf, content: Content) -> _Words:
    found = _undone(leaf, content)
    data = revealed(found.content, content.warn)
    data = _without_files(data, leaf.charset, content) if b"begin" in data else data
    text = _decode(data, leaf.charset, content)
    if found.above or found.below:
        above, below = (_added(words, leaf, content) for words in (found.above, found.below))
        text = f"{above}{_on_its_line(text) if below else text}{below}"
    if "-----BEGIN PGP" in text:
        for armour, word in _ARMOUR.items():
            if armour in text:
                content.warn(word)
    if leaf.part.parameters.get("format", "").lower() == "flowed":
        text = _unflow(text, delete_space=leaf.part.parameters.get("delsp", "").lower() == "yes")
    return _Words(text.rstrip())


def _read_html(leaf: _Leaf, content: Content) -> _Words:
    data = _undone(leaf, content)
    found = None if leaf.charset else _META_CHARSET.search(data.content[:2048])
    html = _decode(
        data.content, leaf.charset or (found[1].decode("ascii", "replace") if found else ""), content
    )
    above, below = (_Words(_added(words, leaf, content).strip("\n")) for words in (data.above, data.below))
    return _one_after_another([above, _Words(html=html if html.strip() else ""), below])


def _read_enriched(leaf: _Leaf, content: Content) -> _Words:
    words = _read_plain(leaf, content)
    return _Words(_TAGS.sub(lambda found: "<" if found[0] == "<<" else "", words.text).strip())


def _read_named_text(leaf: _Leaf, content: Content) -> _Words:
    """A text with a file name is a file; but it is the mail's words when there are no others."""
    if leaf.disposition != "attachment" and not content.spare:
        reader = _read_html if leaf.content_type == "text/html" else _read_plain
        content.spare.append(reader(leaf, Content()))
    return _attach(leaf, content)


def _read_invitation(leaf: _Leaf, content: Content) -> _Words:
    calendar = charsets.decode(_bytes(leaf, Content()), leaf.charset or charsets.UTF_8).text
    if text := invitation_as_text(calendar):
        content.spare.append(_Words(text))
    return _attach(leaf, content)


def _decode(data: bytes, charset: str, content: Content) -> str:
    found = charsets.decode(data, charset)
    if found.repaired:
        content.warn("charset-repaired")
    content.charset = content.charset or found.charset
    text = found.text
    if content.is_of_au and found.charset == charsets.ISO_2022_JP:
        text = phones.in_jis_of_au(text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _added(data: bytes, leaf: _Leaf, content: Content) -> str:
    """Words that were put around an encoded part on the way, in whatever charset they are."""
    return _decode(data, "" if data.isascii() else leaf.charset, content)


def _on_its_line(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _without_files(data: bytes, charset: str, content: Content) -> bytes:
    """A text without the files that are uuencoded in it."""
    kept, at = [], 0
    for name, file, (start, end) in uuencoded(data):
        kept.append(data[at:start])
        at = end
        filename = _safe_filename(charsets.decode_name(name, charset))
        _add(content, filename, _EXTENSIONS.guess_type(filename)[0] or "application/octet-stream", file)
    return b"".join([*kept, data[at:]])


def _unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that format=flowed broke (RFC 3676), so that paragraphs are whole again."""
    joined: list[str] = []
    flowing, depth = False, 0
    for line in text.split("\n"):
        quote = len(line) - len(line.lstrip(">"))
        words = line[quote:].removeprefix(" ")
        if not (flowing and quote == depth and words != "-- "):
            joined.append("\n" * bool(joined) + ">" * quote + " " * bool(quote))
        flowing, depth = words.endswith(" ") and words != "-- ", quote
        joined.append(words[:-1] if flowing and delete_space else words)
    return "".join(joined)


# --- files ----------------------------------------------------------------------------------------


def _attach(leaf: _Leaf, content: Content) -> _Words:
    found = _undone(leaf, content)
    data = found.content
    if data or leaf.filename:
        content_id = leaf.part.first("content-id").strip().strip("<>")
        _add(
            content,
            leaf.filename or _invented_filename(leaf, data, content),
            leaf.content_type,
            data,
            content_id,
        )
    above, below = (_added(words, leaf, content).strip() for words in (found.above, found.below))
    return _Words("\n".join(filter(None, (above, below))))


def _read_envelope(leaf: _Leaf, content: Content) -> _Words:
    """An S/MIME envelope: kept as it is, and read where it is only signed."""
    words, inside = _NOTHING, signed_content(_bytes(leaf, Content()))
    if inside is not None and content.envelopes < _MOST_ENVELOPES:
        content.envelopes += 1
        words = _read(structure_of(inside, content.warn), content, is_root=True)
    is_signed = inside is not None or leaf.part.parameters.get("smime-type") == "signed-data"
    content.warn("signed" if is_signed else "encrypted")
    return _one_after_another([words, _attach(leaf, content)])


def _attach_mail(leaf: _Leaf, content: Content) -> _Words:
    """An enclosed mail stays whole. Some wrap it in base64, which the standard forbids."""
    data = leaf.part.body
    if not _HEADER_LINE.match(data) and (unwrapped := _bytes(leaf, content)):
        data = unwrapped
    if data.strip() or leaf.filename:
        subject = leaf.filename or f"{_subject_of(data)}.eml"
        _add(content, subject, leaf.content_type, data, leaf.part.first("content-id").strip().strip("<>"))
    return _NOTHING


def _read_tnef(leaf: _Leaf, content: Content) -> _Words:
    """Outlook's winmail.dat: its files become files, its words the mail's where there are none."""
    found = read_tnef(_bytes(leaf, content))
    if found is None:
        return _attach(leaf, content)
    content.spare.append(_words_of_tnef(found))
    _add_tnef_files(found.files, content, depth=0)
    return _NOTHING


def _words_of_tnef(found: Tnef) -> _Words:
    if found.text.strip() or found.html.strip():
        return _Words(found.text.replace("\r\n", "\n").rstrip(), found.html)
    return _Words(words_of(found.rtf) if found.rtf else "")


def _add_tnef_files(files: list[TnefFile], content: Content, *, depth: int) -> None:
    for file in files:
        name = _safe_filename(file.filename)
        enclosed = read_tnef(file.content) if file.content_type == TNEF and depth < _DEEPEST_TNEF else None
        if enclosed is None:
            kind = file.content_type or _EXTENSIONS.guess_type(name)[0] or "application/octet-stream"
            _add(content, name, kind, file.content, file.content_id.strip("<>"))
        else:
            words = _words_of_tnef(enclosed).as_text().encode()
            _add(content, f"{name.removesuffix('.msg') or 'message'}.txt", "text/plain", words)
            _add_tnef_files(enclosed.files, content, depth=depth + 1)


def _add(content: Content, filename: str, content_type: str, data: bytes, content_id: str = "") -> None:
    number = len(content.attachments) + 1
    if number > MOST_PARTS:
        content.warn("cut-parts")
        return
    content.attachments.append(
        ParsedAttachment(
            filename=filename or f"attachment-{number}{_EXTENSIONS.guess_extension(content_type) or '.bin'}",
            content_type=content_type,
            content=data,
            sha256=hashlib.sha256(data).hexdigest(),
            inline=False,
            content_id=charsets.clean(content_id),
        )
    )


_FILE_READERS: Final[dict[str, Callable[[_Leaf, Content], _Words]]] = {
    "text/plain": _read_named_text,
    "text/html": _read_named_text,
    "text/calendar": _read_invitation,
    "application/ics": _read_invitation,
    "message/rfc822": _attach_mail,
    "message/global": _attach_mail,
    "application/ms-tnef": _read_tnef,
    "application/vnd.ms-tnef": _read_tnef,
    "application/pkcs7-mime": _read_envelope,
    "application/x-pkcs7-mime": _read_envelope,
}
_LEAF_READERS: Final[dict[str, Callable[[_Leaf, Content], _Words]]] = _FILE_READERS | {
    "text/plain": _read_plain,
    "text/markdown": _read_plain,
    "text/html": _read_html,
    "text/enriched": _read_enriched,
    "text/richtext": _read_enriched,
}


# --- names and places -----------------------------------------------------------------------------


def _safe_filename(raw: str) -> str:
    """A bare file name: decoded, without folders, controls and marks that turn the reading direction."""
    if _PERCENT_ENCODED.search(raw):
        raw = charsets.decode(unquote_to_bytes(raw.encode("utf-8", "surrogateescape"))).text
    name = _UNSAFE_IN_NAME.sub("", text_of(raw)) if raw else ""
    name = name[1:-1] if len(name) > 2 and name[0] == name[-1] == "'" else name
    name = name.replace("\\", "/").rpartition("/")[2].strip()
    if name in (".", ".."):
        return ""
    stem, dot, extension = name.rpartition(".")
    return name if len(name) <= 200 else f"{stem[: 199 - len(extension[:20])]}{dot}{extension[:20]}"


def _invented_filename(leaf: _Leaf, data: bytes, content: Content) -> str:
    known = _NAMES.get(leaf.content_type, "")
    return known if known and all(file.filename != known for file in content.attachments) else ""


def _subject_of(mail: bytes) -> str:
    enclosed = structure_of(mail[:_FOR_SUBJECT], lambda word: None)
    name = text_of(enclosed.first("subject")).replace("/", "_").replace("\\", "_")
    return _safe_filename(name[:80]) or "message"


_FOR_SUBJECT: Final = 50_000


def _placed(attachments: list[ParsedAttachment], html: str) -> Iterator[ParsedAttachment]:
    shown = {unquote(cid) for cid in _CID.findall(html)} if attachments and html else set()
    for file in attachments:
        shows = bool(file.content_id) and unquote(file.content_id) in shown
        yield replace(file, inline=True) if shows else file
