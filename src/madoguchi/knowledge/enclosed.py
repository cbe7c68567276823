"""Pictures and files within articles: what may be one, and how the Markdown of an article names it. Pure.

`![what it shows](files/NAME)` is a picture, `[what it is](files/NAME)` a file to save. A name tells nothing of what it
was called, so that two never meet, and lies beside the words wherever an archive is unfolded.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from madoguchi.kernel.pictures import may_be_shown, size_of

MOST_PICTURE, MOST_FILE = 5_000_000, 20_000_000
# What all articles of a company may hold together; an archive of them stays one that the command line brings in.
MOST_OF_COMPANY = 400_000_000
_OF_KIND: Final = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
PICTURES: Final = frozenset(_OF_KIND.values())
_ZIP, _PDF = b"PK\x03\x04", b"%PDF-"
# A text begins as it likes; a zero in it says that it is none.
FILES: Final = {"pdf": _PDF, "docx": _ZIP, "xlsx": _ZIP, "pptx": _ZIP, "zip": _ZIP, "csv": b"", "txt": b""}
NAME: Final = re.compile(r"[0-9a-f]{12}\.(?:" + "|".join([*sorted(PICTURES), *FILES]) + ")")
_NAMED: Final = re.compile(rf"(?<![\w/.-])files/({NAME.pattern})(?![\w-])")
_PICTURE: Final = re.compile(rf"!\[([^\[\]\n]{{0,300}})\]\(<?files/({NAME.pattern})")


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a picture or a file of an article is fetched by whoever reads it, and how large a picture is, in dots."""

    url: str
    width: int | None = None
    height: int | None = None


def names_in(text: str) -> list[str]:
    """The names of pictures and files in the words of an article, each once, in their order."""
    return list(dict.fromkeys(_NAMED.findall(text)))


def undescribed(text: str) -> Iterator[str]:
    """The pictures of which nothing says what they show, for who does not see them."""
    for words, name in _PICTURE.findall(text):
        if not words.strip() or "{{" in words:
            yield name


def is_picture(name: str) -> bool:
    """Whether something with this name is shown, not saved."""
    return name.rpartition(".")[2] in PICTURES


def ending_of(filename: str, content: bytes) -> str:
    """What the name of these bytes ends with: that of a picture that does no harm, or of a file that is what it is
    called; empty for anything else.
    """
    kind = may_be_shown(content)
    if kind and size_of(content):
        return _OF_KIND.get(kind, "")
    ending = filename.rpartition(".")[2].casefold()
    magic = FILES.get(ending)
    if magic is None or not content.startswith(magic) or (not magic and b"\0" in content):
        return ""
    return ending


def new_name(ending: str) -> str:
    """A name that nothing else has."""
    return f"{secrets.token_hex(6)}.{ending}"
