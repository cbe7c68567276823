"""News that is over as soon as it is told: who is looking, who has begun to write. No log keeps it.

It goes to the live screens on the channel of the log, when the transaction commits.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields

from madoguchi.infra.event_log import CHANNEL
from madoguchi.infra.prepared import fetch_all


@dataclass(frozen=True, slots=True)
class News:
    """That something is otherwise now at a case, and who may be told; no word of what."""

    kind: str
    company: int
    desk: int
    case: int


def tell(news: News) -> None:
    """Tell the screens of every process, after the commit."""
    words = json.dumps(asdict(news), separators=(",", ":"))
    fetch_all("SELECT pg_notify(%s, %s)", [CHANNEL, words])


def news_in(words: Iterable[str]) -> Iterator[News]:
    """The news among the words that came over the channel, each once."""
    for word in dict.fromkeys(words):
        if word.startswith("{"):
            with suppress(ValueError, KeyError):  # a newer process may tell what we do not know
                said = json.loads(word)
                yield News(**{field.name: said[field.name] for field in fields(News)})
