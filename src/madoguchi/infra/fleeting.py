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
    """That something is otherwise now at a case, and who may be told (one `person`, or all); no word of what."""

    kind: str
    company: int
    desk: int
    case: int
    person: int | None = None


def tell(news: News) -> None:
    """Tell the screens of every process, after the commit."""
    words = json.dumps(said_of(news), separators=(",", ":"))
    fetch_all("SELECT pg_notify(%s, %s)", [CHANNEL, words])


def said_of(news: News) -> dict[str, str | int]:
    """What is told of news: a person only where it is for one."""
    return {name: value for name, value in asdict(news).items() if value is not None}


def news_in(words: Iterable[str]) -> Iterator[News]:
    """The news among the words that came over the channel, each once."""
    for word in dict.fromkeys(words):
        if word.startswith("{"):
            with suppress(ValueError, KeyError):  # a newer process may tell what we do not know
                said = json.loads(word)
                known = {field.name: said[field.name] for field in fields(News) if field.name != "person"}
                yield News(**known, person=said.get("person"))
