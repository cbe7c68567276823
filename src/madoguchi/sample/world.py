"""The organisations and staff of the sample world, read from texts/world.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Company:
    """A company, the trade that its customers write about, and its share of all cases."""

    key: str
    name: str
    brand: str
    brand_en: str
    domain: str
    prefix: str
    trade: str
    hue: int
    share: float


@dataclass(frozen=True, slots=True)
class Operator:
    """Who employs people that answer; `own_of` is the company's key when it is the company itself."""

    key: str
    name: str
    own_of: str
    domain: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk with its published address and form, and the hours it is staffed (by weekday, Monday first)."""

    key: str
    company: str
    name: str
    kind: str
    public_name: str
    greeting: str
    address: str
    form: str
    phone: str
    medium: str
    hours: str
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One published way to a desk."""

    desk: str
    company: str
    kind: str
    address: str
    sender_name: str
    medium: str


@dataclass(frozen=True, slots=True)
class Engagement:
    """Who answers at a desk, under which operating model, seeing which customer fields."""

    operator: str
    desk: str
    model: str
    masked: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One person of staff. `organisation` is a company's or operator's key; administrators have none."""

    key: str
    name: str
    kana: str
    email: str
    role: str
    organisation: str
    desks: tuple[str, ...]

    @property
    def family(self) -> str:
        """The family name, by which colleagues and customers call them."""
        return self.name.split()[0]


@dataclass(frozen=True, slots=True)
class Template:
    """A reply template; an empty desk means every desk of the company."""

    company: str
    desk: str
    name: str
    body: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is the same however many cases there are."""

    companies: tuple[Company, ...]
    operators: tuple[Operator, ...]
    desks: tuple[Desk, ...]
    entry_points: tuple[EntryPoint, ...]
    engagements: tuple[Engagement, ...]
    people: tuple[Person, ...]
    templates: tuple[Template, ...]

    def company(self, key: str) -> Company:
        """The company of this key."""
        return next(c for c in self.companies if c.key == key)

    def desk(self, key: str) -> Desk:
        """The desk of this key."""
        return next(d for d in self.desks if d.key == key)

    def staff_of(self, desk: str, *roles: str) -> tuple[Person, ...]:
        """The people in these roles who work at the desk."""
        return tuple(p for p in self.people if desk in p.desks and p.role in roles)


@cache
def sample_world() -> World:
    """The sample world. Read once; it never depends on chance."""
    data = tomllib.loads((TEXTS / "world.toml").read_text("utf-8"))
    desks = tuple(Desk(**_frozen(row)) for row in data["desk"])
    companies = tuple(Company(**row) for row in data["company"])
    operators = tuple(Operator(**row) for row in data["operator"])
    domains = {o.key: o.domain for o in operators} | {c.key: c.domain for c in companies}
    return World(
        companies=companies,
        operators=operators,
        desks=desks,
        entry_points=tuple(point for desk in desks for point in _entry_points(desk)),
        engagements=tuple(Engagement(**_frozen(row)) for row in data["engagement"]),
        people=tuple(_person(line, domains) for line in data["people"]["list"].strip().splitlines()),
        templates=tuple(Template(**row) for row in data["template"]),
    )


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _entry_points(desk: Desk) -> tuple[EntryPoint, EntryPoint, EntryPoint]:
    return (
        EntryPoint(desk.key, desk.company, "email", desk.address, desk.public_name, desk.medium),
        EntryPoint(desk.key, desk.company, "form", desk.form, desk.public_name, "お問い合わせページ"),
        EntryPoint(desk.key, desk.company, "phone", desk.phone, desk.public_name, desk.medium),
    )


def _person(line: str, domains: dict[str, str]) -> Person:
    name, kana, letters, role, organisation, desks = (part.strip() for part in line.split("|"))
    return Person(
        key=letters,
        name=name,
        kana=kana,
        email=f"{letters}@{domains.get(organisation, 'madoguchi.example')}",
        role=role,
        organisation=organisation,
        desks=tuple(desks.split()),
    )
