"""What customers write about, read from texts/*.toml into pools that are quick to draw from."""

import tomllib
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from madoguchi.sample.grammar import Chance, Pool, QuotedPool, pool, quoted_pool
from madoguchi.sample.world import TEXTS, sample_world

WAIT, SHIP, CUSTOMER, DELIVERED = "W", "S", "C", "D"
_PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}


@dataclass(frozen=True, slots=True)
class Item:
    """A product that a company sells."""

    kinds: frozenset[str]
    short: str
    model: str
    price: int
    part: str
    core: str
    colours: tuple[str, ...]
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """One turn of a conversation: who speaks (A, W, S: we; C, D: the customer), and what may be said."""

    who: str
    texts: Pool
    names_dates: bool
    before_customer: bool
    before_ship: bool
    speaks_of_photo: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that customers write about to one desk, with all its turns."""

    key: str
    desk: str
    category: str
    tags: tuple[str, ...]
    items: tuple[Item, ...]
    lag: tuple[int, int]
    trouble: bool
    angry: bool
    down: bool
    priority: int
    firm: float
    language: str
    photo: float
    files: tuple[str, ...]
    outfiles: tuple[str, ...]
    subject: Pool
    opening: QuotedPool
    detail: Pool
    ask: Pool
    brief: Pool
    note: Pool
    arcs: tuple[tuple[Beat, ...], ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one company, drawn by weight."""

    topics: tuple[Topic, ...]
    bounds: tuple[float, ...]
    english: Topic

    def draw(self, chance: Chance) -> Topic:
        """One topic; the commoner the weightier."""
        return self.topics[bisect(self.bounds, chance() * self.bounds[-1])]


@dataclass(frozen=True, slots=True)
class Spam:
    """A letter that nobody asked for; the sender's firm, name, reading and address."""

    sender: tuple[str, str, str, str]
    subject: Pool
    body: Pool


@dataclass(frozen=True, slots=True)
class Phrases:
    """How people begin, ask, thank and end, whatever it is about."""

    customer: dict[str, Pool]
    agent: dict[str, Pool]
    notes: dict[str, Pool]
    ack: dict[str, str]
    further: dict[str, tuple[tuple[Pool, Pool], ...]]
    spam: tuple[Spam, ...]


@cache
def topics_of(company: str) -> Topics:
    """The topics of a company: its trade's own, and those that every shop knows."""
    trade = sample_world().company(company).trade
    own, shared = _read(trade), _read("shared")
    items = tuple(_item(row["kind"], one) for row in own["item"] for one in row["list"])
    weighted = [(row["weight"], _topic(row, row["desk"], items)) for row in _whole(own["topic"])]
    for row in _whole(shared["topic"]):
        desks = [(d, w) for d, w in row["desks"].items() if d.startswith(company)]
        weighted += [(weight, _topic(row, desk, items)) for desk, weight in desks]
    japanese = [(w, t) for w, t in weighted if t.language == "ja"]
    return Topics(
        topics=tuple(topic for _, topic in japanese),
        bounds=tuple(accumulate(weight for weight, _ in japanese)),
        english=next(topic for _, topic in weighted if topic.language == "en"),
    )


@cache
def phrases() -> Phrases:
    """The phrases that every topic is framed with."""
    data = _read("phrases")
    return Phrases(
        customer={name: pool(texts) for name, texts in data["customer"].items()},
        agent={name: pool(texts) for name, texts in data["agent"].items()},
        notes={name: pool(texts) for name, texts in data["notes"].items()},
        ack=data["ack"],
        further={
            trade: tuple((pool([asked]), pool([answered])) for asked, answered in pairs)
            for trade, pairs in data["further"].items()
        },
        spam=tuple(
            Spam(tuple(row["sender"]), pool([row["subject"]]), pool([row["body"]])) for row in data["spam"]
        ),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / f"{name}.toml").read_text("utf-8"))


def _whole(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Topics that extend another take from it what they do not say themselves."""
    by_key: dict[str, dict[str, Any]] = {}
    for row in rows:
        by_key[row["key"]] = by_key.get(row.get("extends", ""), {}) | row
    return list(by_key.values())


def _item(kinds: list[str], row: dict[str, Any]) -> Item:
    return Item(
        kinds=frozenset(kinds),
        short=row["short"],
        model=row["model"],
        price=row["price"],
        part=row["part"] or "付属品",
        core=row.get("core", "部品"),
        colours=tuple(row["colours"]),
        sizes=tuple(row.get("sizes", ())),
    )


def _topic(row: dict[str, Any], desk: str, items: tuple[Item, ...]) -> Topic:
    wanted = set(row.get("items", ()))
    return Topic(
        key=row["key"],
        desk=desk,
        category=row["category"],
        tags=tuple(row["tags"]),
        items=tuple(item for item in items if not wanted or wanted & item.kinds),
        lag=(row["lag"][0], row["lag"][1]),
        trouble=row["trouble"],
        angry=row.get("angry", False),
        down=row.get("down", False),
        priority=_PRIORITIES[row.get("priority", "normal")],
        firm=row.get("firm", 0.0),
        language=row.get("language", "ja"),
        photo=row["photo"],
        files=tuple(row["files"]),
        outfiles=tuple(row.get("outfiles", ())),
        subject=pool(row["subject"]),
        opening=quoted_pool(row["opening"]),
        detail=pool(row["detail"]),
        ask=pool(row["ask"]),
        brief=pool(row["brief"]),
        note=pool(row["note"]),
        arcs=tuple(_arc(beats) for beats in row["arc"]),
    )


def _arc(beats: list[list[str]]) -> tuple[Beat, ...]:
    following = [who for who, *_ in beats[1:]] + [""]
    return tuple(
        Beat(
            who,
            pool(texts),
            _any(texts, "{ship}", "{eta}"),
            after in (CUSTOMER, DELIVERED),
            after == SHIP,
            _any(texts, "写真"),
        )
        for (who, *texts), after in zip(beats, following, strict=True)
    )


def _any(texts: list[str], *words: str) -> bool:
    return any(word in text for text in texts for word in words)
