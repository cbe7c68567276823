"""What a customer asked for in writing, at hand while their order is taken: their words, products that they name with
how many of each, and where it is to go. Only offered: whoever takes the order puts each in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from madoguchi.cases.blotted import blotter_of
from madoguchi.cases.models import Case, Message
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.mentioned import Mentioned, products_mentioned
from madoguchi.commerce.places_said import Place, place_mentioned
from madoguchi.customers.queries import view_of
from madoguchi.desk.orders import Typed
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.places import is_same_place

_MOST_MESSAGES, _MOST_SHOWN, _SHORT = 3, 2_000, 300
# What is kept from a reader is not offered to them either.
_KEPT_WITH = {"recipient": "name", "postcode": "address", "address": "address", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Named:
    """A product that is named, as it is offered: `put` is what a press of its button sends."""

    name: str
    price: str
    count: int
    put: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was written, newest first, the products named in it that are not put down yet, and where it is to go in
    words, empty where that is not said or stands in the form already; `unread` of its lines were not understood, and
    `unsure` says that a name may stand in it, which is said as long as that address stands in the form.
    """

    words: Sequence[str]
    products: Sequence[Named]
    place: str
    unread: Sequence[str] = ()
    unsure: bool = False

    @property
    def is_short(self) -> bool:
        """Whether all of it may stand open above the form."""
        return sum(map(len, self.words)) <= _SHORT


def asked_in(case: Case, typed: Typed, *, actor: Actor) -> Asked | None:
    """What the customer wrote in the case, beside the form as it is typed; None where they wrote nothing. Two queries,
    two more where anything is kept from the reader.
    """
    texts = _written(case)
    if not texts:
        return None
    blot = blotter_of(case, actor=actor)
    chosen = dict(typed.pieces)
    named = [one for one in _named(texts, case) if one.variant.pk not in chosen]
    place = _place(texts, case, actor=actor)
    told = (place.recipient, place.postcode and f"〒{place.postcode}", place.address, place.phone)
    stands = is_same_place(place.address, typed.said.get("address", ""))
    return Asked(
        [blot(text)[:_MOST_SHOWN] for text in texts],
        [
            Named(str(one.variant), yen(one.variant.unit_price), one.count, f"{one.variant.pk}:{one.count}")
            for one in named
        ],
        "" if stands or not place.address else " ".join(filter(None, told)),
        [blot(line) for line in place.unread] if place.address else [],
        place.unsure and bool(place.address),
    )


def with_place(case: Case, typed: Typed, *, actor: Actor) -> Typed:
    """The form with where the customer wrote that it is to go; what they did not write stays as it is typed."""
    place = _place(_written(case), case, actor=actor)
    read = {name: getattr(place, name) for name in _KEPT_WITH}
    if place.address and not place.postcode:
        # The postcode that stood there belongs to the address that stood there.
        typed = replace(typed, said=typed.said | {"postcode": ""})
    return replace(typed, said=typed.said | {name: value for name, value in read.items() if value})


def _written(case: Case) -> list[str]:
    """What the customer wrote last, newest first. What was said on the phone is nobody's writing."""
    rows = case.messages.filter(author=Message.Author.CUSTOMER, automatic="").exclude(channel=Channel.PHONE)
    said = rows.order_by("-id").values_list("new_text", "text")[:_MOST_MESSAGES]
    return [words for new, text in said if (words := (new or text).strip())]


def _named(texts: Sequence[str], case: Case) -> list[Mentioned]:
    """Each once, by what was written last."""
    return products_mentioned("\n".join(texts), company=case.company_id)


def _place(texts: Sequence[str], case: Case, *, actor: Actor) -> Place:
    """The newest place that is written, without what is kept from the reader."""
    found = next((place for text in texts if (place := place_mentioned(text)).address), Place())
    person = view_of(case.customer, actor=actor)
    unseen = person.masked | person.hidden
    if found.unsure and "name" in unseen:
        return Place()
    kept: dict[str, Any] = {name: "" for name, what in _KEPT_WITH.items() if what in unseen}
    return replace(found, **kept)
