"""What somebody says of files that they upload, as it is kept with them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from madoguchi.imports import running
from madoguchi.imports.csv_table import NAMES
from madoguchi.imports.kept_tables import KINDS
from madoguchi.imports.meanings import Meanings, priorities_meant, statuses_meant
from madoguchi.imports.sources import Asked, Source
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import is_address

LETTERS = ("utf-8", "cp932", "utf-16", "euc_jp")
_MOST_WORDS = 300


class Said(TypedDict, total=False):
    """`columns` are headings by field, empty for none; `statuses` and `priorities` meanings by the word of there;
    `letters` is a name of `LETTERS`, empty to find them out. For mail: former addresses of ours (`own`), and the day
    (ISO) before which what was last said is solved.
    """

    columns: dict[str, str]
    letters: str
    statuses: dict[str, str]
    priorities: dict[str, str]
    own: list[str]
    solved_before: str


def names_of(system: str) -> Mapping[str, Sequence[str]]:
    """What columns of a table of this system are called, by field; of what is no table none are."""
    return KINDS[system].names if system in KINDS else NAMES if system == "csv" else {}


def checked(said: Mapping[str, Any], *, system: str = "csv") -> Said:
    """The same, without what says nothing. Raises Refused for what no file can be read by."""
    columns = dict(said.get("columns", {}))
    if not columns.keys() <= names_of(system).keys():
        raise Refused(_("Choose one of the list."), field="columns")
    chosen = [heading for heading in columns.values() if heading]
    if len(set(chosen)) < len(chosen):
        raise Refused(_("Two things cannot stand in one column. Choose another for one of them."))
    letters = said.get("letters") or ""
    if letters and letters not in LETTERS:
        raise Refused(_("Choose one of the list."), field="letters")
    own = [address.strip() for address in said.get("own", ()) if address.strip()]
    wrong = next((address for address in own if not is_address(address)), None)
    if wrong:
        raise Refused(_("“%(address)s” is no mail address.") % {"address": wrong[:100]}, field="own")
    words = {
        name: dict(list(said.get(name, {}).items())[:_MOST_WORDS]) for name in ("statuses", "priorities")
    }
    day = str(said.get("solved_before") or "")
    found = Said(columns=columns, letters=letters, own=own, solved_before=day)
    found["statuses"], found["priorities"] = (_meant(words[name]) for name in ("statuses", "priorities"))
    meanings_of(found)
    return found


def open_source(system: str, paths: tuple[Path, ...], said: Said) -> Source:
    """Look at files as somebody says that they are to be read. Raises Refused."""
    asked = Asked(said.get("columns", {}), said.get("letters", ""), meanings_of(said))
    return running.SOURCES[system](paths, asked)


def meanings_of(said: Said) -> Meanings:
    """What statuses and priorities mean. Raises Refused for a meaning that there is not."""
    try:
        return Meanings(
            statuses_meant(_pairs(said.get("statuses", {}))),
            priorities_meant(_pairs(said.get("priorities", {}))),
        )
    except ValueError as error:
        raise Refused(str(error)) from None


def solved_before(said: Said) -> datetime | None:
    """The moment at which that day begins in Japan."""
    day = said.get("solved_before")
    return datetime.combine(date.fromisoformat(day), time(), TOKYO) if day else None


def _meant(words: Mapping[str, str]) -> dict[str, str]:
    return {word: meaning for word, meaning in words.items() if meaning}


def _pairs(words: Mapping[str, str]) -> Iterable[str]:
    return (f"{word}={meaning}" for word, meaning in words.items())
