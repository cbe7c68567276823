"""What can be imported from: each source is a function that looks at its files and says how they are read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from madoguchi.imports.meanings import Meanings
from madoguchi.imports.records import Record


@dataclass(slots=True)
class Meter:
    """How many bytes have been read."""

    done: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says of the files, where it is not to be guessed: which column is which field (empty: none), the
    letters, what statuses and priorities mean, and where attachments lie.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    letters: str = ""
    meanings: Meanings = field(default_factory=Meanings)
    attachments: Path | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Files that were looked at: how many bytes there are, what was guessed of them, and their records, read one after
    the other and never all at once. Each call of `records` begins anew.
    """

    size: int
    records: Callable[[Meter], Iterator[Record]]
    guessed: Mapping[str, str] = field(default_factory=dict)


Opener = Callable[[tuple[Path, ...], Asked], Source]
