"""The customers of the sample world: customer `k` is the same person however many there are."""

import tomllib
from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any

from madoguchi.sample.corpus import phrases
from madoguchi.sample.grammar import Chance, pick, stream
from madoguchi.sample.world import TEXTS, sample_world

_PEOPLE, _RETURNS = 1, 2
_ADVERTISERS = 67
_FIRMS = {"electronics": 0.12, "apparel": 0.02, "cosmetics": 0.01}
# Prime to every power of ten: neighbours get distant numbers, and below a million nobody gets another's.
_SPREAD = 7919


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """One customer. `family` is how letters address them, `organisation` the firm they write for.

    `spam` is which unwanted letter this one sends; -1 for everybody else.
    """

    index: int
    company: str
    name: str
    kana: str
    family: str
    full: str
    organisation: str
    email: str
    phone: str
    prefecture: str
    language: str
    created_at: datetime
    spam: int


@dataclass(frozen=True, slots=True)
class _Names:
    common: tuple[tuple[str, ...], ...]
    usual: tuple[tuple[str, ...], ...]
    rare: tuple[tuple[str, ...], ...]
    given: tuple[tuple[str, ...], ...]
    foreign: tuple[tuple[str, ...], ...]
    foreign_kanji: tuple[tuple[str, ...], ...]
    firm_heads: tuple[tuple[str, ...], ...]
    firm_tails: tuple[tuple[str, ...], ...]
    long_firms: tuple[tuple[str, ...], ...]
    prefectures: tuple[tuple[str, ...], ...]
    mail_hosts: tuple[str, ...]
    places: tuple[str, ...]
    carriers: tuple[str, ...]


@cache
def names() -> _Names:
    """All names, read once."""
    data = tomllib.loads((TEXTS / "names.toml").read_text("utf-8"))
    rows: dict[str, Any] = {k: _rows(v) if isinstance(v, str) else tuple(v) for k, v in data.items()}
    return _Names(**rows)


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    lines = text.strip().splitlines()
    return tuple(tuple(line.split("｜") if "｜" in line else line.split()) for line in lines)


@cache
def _company_bounds() -> tuple[tuple[float, ...], tuple[tuple[str, str], ...]]:
    companies = sample_world().companies
    return tuple(accumulate(c.share for c in companies)), tuple((c.key, c.trade) for c in companies)


def customer_of_case(index: int) -> int:
    """Whose case this is: every other case brings somebody new, the rest come from those before them.

    One in eight comes back again and again, as in life.
    """
    newest = index // 2
    if index % 2 == 0:
        return newest
    chance = stream(0, _RETURNS, index)
    back = newest - int(chance() * min(newest + 1, 240))
    return back - back % 8 if chance() < 0.3 else back


def count_for(cases: int) -> int:
    """How many customers this many cases have."""
    return (cases + 1) // 2


def make_customer(index: int, *, seed: int, since: datetime) -> SampleCustomer:
    """Customer `index`. They have been in the company's records since some day before `since`."""
    chance = stream(seed, _PEOPLE, index)
    bounds, companies = _company_bounds()
    company, trade = companies[bisect(bounds, chance() * bounds[-1])]
    kind, spam = chance(), _spam(index)
    if spam >= 0:
        card = _advertiser(index, phrases().spam[spam].sender)
    elif kind < _FIRMS[trade]:
        card = _firm(chance, index)
    elif kind > 0.975:
        card = _foreigner(chance, index)
    else:
        card = _person(chance, index)
    prefecture, area = _place(chance)
    return SampleCustomer(
        index=index,
        company=company,
        phone=_phone(chance, index, area),
        prefecture=prefecture,
        created_at=_registered(chance, since),
        spam=spam,
        **card,
    )


def _place(chance: Chance) -> tuple[str, str]:
    """Populous prefectures stand first and come up more often."""
    rows = names().prefectures
    prefecture, area = rows[int(chance() ** 1.8 * len(rows))]
    return prefecture, area


def _registered(chance: Chance, since: datetime) -> datetime:
    return (since - timedelta(seconds=int(chance() * 94_608_000))).astimezone(UTC)


def _person(chance: Chance, index: int) -> dict[str, str]:
    family, given = _family(chance), pick(chance, names().given)
    host, style, own = pick(chance, names().mail_hosts), chance(), index * _SPREAD % 1_000_000
    if style < 0.4:
        local = f"{given[2]}.{family[2]}{own}"
    elif style < 0.7:
        local = f"{family[2]}-{given[2][0]}{own}"
    else:
        local = f"{given[2]}{own}"
    return {
        "name": f"{family[0]} {given[0]}",
        "kana": f"{family[1]} {given[1]}",
        "family": family[0],
        "full": f"{family[0]} {given[0]}",
        "organisation": "",
        "email": f"{local}@{host}",
        "language": "ja",
    }


def _family(chance: Chance) -> tuple[str, ...]:
    which = chance()
    if which < 0.55:
        return pick(chance, names().common)
    return pick(chance, names().usual if which < 0.92 else names().rare)


def _foreigner(chance: Chance, index: int) -> dict[str, str]:
    if chance() < 0.4:
        name, kana, local = pick(chance, names().foreign_kanji)
        letters, language = name, "ja"
    else:
        name, kana, local, letters = pick(chance, names().foreign)
        language = "en" if chance() < 0.6 else "ja"
    shown = letters if language == "en" else name
    return {
        "name": shown,
        "kana": kana,
        "family": shown.split()[0] if language == "ja" and " " in shown else shown,
        "full": shown,
        "organisation": "",
        "email": f"{local}{index}@{pick(chance, names().mail_hosts)}",
        "language": language,
    }


def _firm(chance: Chance, index: int) -> dict[str, str]:
    family, given = _family(chance), pick(chance, names().given)
    if chance() < 0.12:
        firm, kana, host = pick(chance, names().long_firms)
    else:
        head, tail = pick(chance, names().firm_heads), pick(chance, names().firm_tails)
        form = pick(chance, ("株式会社{}", "有限会社{}", "{}株式会社", "{}", "合同会社{}"))
        firm = form.format(head[0] + tail[0])
        kana, host = "", f"{head[1]}-{tail[1]}"
    return {
        "name": f"{firm} {family[0]} {given[0]}",
        "kana": kana or f"{family[1]} {given[1]}",
        "family": family[0],
        "full": f"{family[0]} {given[0]}",
        "organisation": firm,
        "email": f"{family[2]}@{host}{index}.example",
        "language": "ja",
    }


def _spam(index: int) -> int:
    """Every so many customers one is none: which letter it sends, or -1."""
    turn, rest = divmod(index, _ADVERTISERS)
    return turn % len(phrases().spam) if rest == _ADVERTISERS - 1 else -1


def _advertiser(index: int, sender: tuple[str, str, str, str]) -> dict[str, str]:
    firm, full, kana, address = sender
    return {
        "name": f"{firm} {full}".strip(),
        "kana": kana,
        "family": full.partition(" ")[0] or firm,
        "full": full or firm,
        "organisation": firm if full else "",
        "email": f"{address}{index}.example",
        "language": "ja",
    }


def unlisted_phone(index: int) -> str:
    """The mobile number of a customer who has not told the company any."""
    digits = f"{index * _SPREAD % 10_000_000:07}"
    return f"0{9 - index % 3}0-0{digits[:3]}-{digits[3:]}"


def _phone(chance: Chance, index: int, area: str) -> str:
    """A number that cannot belong to anybody: in Japan no number goes on with 0 after its prefix."""
    kind = chance()
    if kind < 0.25:
        return ""
    if kind < 0.85 or len(area) > 3:
        return unlisted_phone(index)
    width = 8 - len(area)
    digits = f"0{index * _SPREAD % 10 ** (width + 1):0{width + 1}}"
    return f"{area}-{digits[:-4]}-{digits[-4:]}"
