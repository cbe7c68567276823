"""What is written in a file: PDF, Word, Excel, PowerPoint, OpenDocument, plain text. Run as a process of its own.

Files come from strangers. So this process knows no settings and no database, and has little memory and time; of a
file that unfolds to more than it should only the beginning is read, and XML that declares anything is not read.
It takes a file on standard input, its kind as argument, and says the words on standard output.
"""

import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from xml.parsers import expat

import pypdf

from madoguchi.search.kinds import UNREADABLE

MOST_CHARACTERS = 100_000
MOST_PAGES = 200
MOST_MEMBERS, MOST_UNFOLDED = 200, 30_000_000
SECONDS, MEMORY = 20, 768 * 1024 * 1024

_PARTS = {
    "docx": r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml",
    "xlsx": r"xl/(workbook|sharedStrings|worksheets/sheet\d+|comments\d*)\.xml",
    "pptx": r"ppt/(slides/slide\d+|notesSlides/notesSlide\d+)\.xml",
    "opendocument": r"content\.xml",
}
_DEEPEST = 200
_HALF = re.compile("[｡-ﾟ]")
_ENDS = {"p", "h", "si", "is", "v", "tr", "table-row", "br", "comment"}


class Unreadable(Exception):
    """A file in which no words can be read: broken, under a password, or made to do harm."""


def text_in(content: bytes, *, kind: str) -> str:
    """The words in a file of this kind, not more than MOST_CHARACTERS of them. Raises Unreadable, and MemoryError."""
    try:
        return _joined(_READERS[kind](content, kind))
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # whatever a library makes of a stranger's file
        raise Unreadable(repr(error)) from error


def _joined(pieces: Iterable[str]) -> str:
    text: list[str] = []
    length = 0
    for piece in pieces:
        text.append(piece[: MOST_CHARACTERS - length])
        length += len(text[-1])
        if length >= MOST_CHARACTERS:
            break
    return "".join(text).strip()


def _in_pdf(content: bytes, _kind: str) -> Iterator[str]:
    document = pypdf.PdfReader(io.BytesIO(content))
    if document.is_encrypted and not document.decrypt(""):
        raise Unreadable("it asks for a password")
    for page in document.pages[:MOST_PAGES]:
        yield page.extract_text() + "\n"


def _in_plain(content: bytes, _kind: str) -> Iterator[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield content.decode("utf-16", "replace")
        return
    charsets = ["iso2022_jp_ext"] if b"\x1b$" in content else ["utf-8-sig"]
    possible = [text for charset in charsets for text in _decoded(content, charset)]
    possible = possible or [text for charset in ("cp932", "euc_jp") for text in _decoded(content, charset)]
    # Read with the wrong one, Japanese is full of half-width katakana.
    yield min(possible, key=lambda text: len(_HALF.findall(text)), default=content.decode("utf-8", "replace"))


def _decoded(content: bytes, charset: str) -> list[str]:
    try:
        return [content.decode(charset)]
    except UnicodeDecodeError:
        return []


def _in_html(content: bytes, kind: str) -> Iterator[str]:
    page = _Words()
    for text in _in_plain(content, kind):
        page.feed(text)
    page.close()
    yield from page.words


class _Words(HTMLParser):
    """The words of a page, without what it does and how it looks."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in ("script", "style")
        if tag in ("p", "div", "br", "tr", "li", "td", "th", "h1", "h2", "h3"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= bool(self._unseen and tag in ("script", "style"))

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def _in_office(content: bytes, kind: str) -> Iterator[str]:
    wanted = re.compile(_PARTS[kind])
    left = MOST_UNFOLDED
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [member for member in archive.infolist() if wanted.fullmatch(member.filename)]
        for member in members[:MOST_MEMBERS]:
            with archive.open(member) as file:
                unfolded = file.read(left + 1)
            left -= len(unfolded)
            if left < 0:
                return
            yield from _Sheet().words_of(unfolded)


class _Sheet:
    """The words of one XML part: paragraphs and cells in lines, text that is cut into runs put together again."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._within: list[str] = []
        self._shared = False

    def words_of(self, content: bytes) -> list[str]:
        """All of them. Raises Unreadable for a part that declares types or entities of its own."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._declared
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._say
        parser.Parse(content, True)
        return self.words

    def _declared(self, *_declaration: object) -> None:
        raise Unreadable("its XML declares something")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._within.append(name.rpartition(" ")[2])
        if len(self._within) > _DEEPEST:
            raise Unreadable("its XML has no bottom")
        if self._within[-1] == "c":
            self._shared = attributes.get("t") in ("s", "b", "e")
        if self._within[-1] == "sheet":
            self.words.append(attributes.get("name", "") + "\n")
        if self._within[-1] in ("tab", "s", "line-break"):
            self.words.append(" ")

    def _end(self, _name: str) -> None:
        if self._within.pop() in _ENDS:
            self.words.append("\n")

    def _say(self, data: str) -> None:
        here, around = self._within[-1], set(self._within)
        cell = here in ("t", "v") and "rPh" not in around and not (here == "v" and self._shared)
        if cell or (around & {"p", "h"} and here not in ("t", "v", "instrText") and data.strip()):
            self.words.append(data)


_READERS: dict[str, Callable[[bytes, str], Iterator[str]]] = {
    "pdf": _in_pdf,
    "html": _in_html,
    "plain": _in_plain,
    **dict.fromkeys(_PARTS, _in_office),
}


def _bound() -> None:
    """No more memory and time than this; where the system knows no such bounds, the parent's clock is left."""
    try:
        import resource  # not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read one file, within bounds; ends with UNREADABLE when it cannot be read."""
    _bound()
    try:
        words = text_in(sys.stdin.buffer.read(), kind=sys.argv[1])
    except Unreadable:
        raise SystemExit(UNREADABLE) from None
    sys.stdout.buffer.write(words.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
