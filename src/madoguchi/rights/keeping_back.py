"""Which parts of a disclosure can be kept back, and a disclosure without them (個人情報保護法33条2項)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import models

from madoguchi.cases.models import Case
from madoguchi.commerce.models import Order
from madoguchi.rights.models import Request
from madoguchi.rights.person import Person
from madoguchi.voice.models import Call

# The items of 33条2項, as the paper and the page name them.
ITEMS: Final[Mapping[int, str]] = {
    1: "本人又は第三者の生命、身体、財産その他の権利利益を害するおそれ(1号)",
    2: "業務の適正な実施に著しい支障を及ぼすおそれ(2号)",
    3: "他の法令に違反することとなる場合(3号)",
}
NOTES, MEMO = "notes", "memo"
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that can be kept back as a whole: `notes`, `memo`, `case:12`, `call:7` or `order:3`, by id."""

    key: str
    called: str


def parts_of(request: Request) -> list[Part]:
    """What of a disclosure can be kept back. Some queries for who the person is, and three more."""
    person = Person(request.customer)
    cases = Case.objects.filter(pk__in=person.cases).select_related("company").order_by("pk")
    calls = Call.objects.filter(pk__in=person.calls).order_by("pk")
    orders = Order.objects.filter(pk__in=person.orders).select_related("company").order_by("pk")
    return [
        Part(MEMO, "メモ"),
        Part(NOTES, "社内メモ・引き継ぎ"),
        *(Part(f"case:{c.pk}", f"用件 {c.spoken_number(c.company.prefix)} {c.subject}") for c in cases),
        *(Part(f"call:{c.pk}", f"通話 {c.offered_at:%Y-%m-%d}") for c in calls),
        *(Part(f"order:{o.pk}", f"注文 {o.spoken_number}") for o in orders),
    ]


def kept_back(withheld: Iterable[Mapping[str, Any]]) -> dict[str, set[int]]:
    """What is kept back, by kind: ids, and an empty set for what is kept back whatever its id."""
    found: dict[str, set[int]] = {}
    for one in withheld:
        kind, _colon, pk = str(one["part"]).partition(":")
        found.setdefault(kind, set()).update({int(pk)} if pk else ())
    return found


def told_apart(withheld: Sequence[Mapping[str, Any]]) -> list[Told]:
    """What the disclosure says of what is kept back: how much by which item, and not what."""
    items = sorted({int(one["item"]) for one in withheld})
    return [
        {"item": item, "law": ITEMS[item], "parts": sum(1 for one in withheld if one["item"] == item)}
        for item in items
    ]


def is_kept_back(row: models.Model, without: Mapping[str, Collection[int]]) -> bool:
    """Whether a row says something of what is kept back: of such a case, order or call, or a note or hand-off."""
    of = {
        "case": (getattr(row, "case_id", None),),
        "order": (getattr(row, "order_id", None),),
        "call": (getattr(row, "call_id", None), getattr(row, "origin_id", None)),
    }
    if any(set(ids) & set(without.get(kind, ())) for kind, ids in of.items()):
        return True
    return "notes" in without and row._meta.label in ("cases.HandOff", "cases.Note")


def is_memo_kept_back(row: models.Model, without: Mapping[str, Collection[int]]) -> bool:
    """Whether the memo, which is kept back, stands in this row."""
    return "memo" in without and row._meta.label in (
        "customers.Customer",
        "customers.Join",
        "infra.EventWords",
    )
