"""A subscription that is to go on otherwise: the form, and what is read to the customer before it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from madoguchi.commerce.actions import WAYS_TO_PAY
from madoguchi.commerce.altering import Otherwise, as_it_would_be, whats_new
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.models import Order, Subscription
from madoguchi.commerce.subscriptions import MOST_EVERY, ahead_of
from madoguchi.desk.subscribing import RHYTHMS, day_in, rhythm_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number

# To whom and where, by the field of the record that a data scope keeps back.
_TO = {"recipient": "name", "postcode": "address", "address": "address", "phone": "phone"}
_MOST_SAID = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Altering:
    """The form with what was typed; with `read` it is what is read to the customer, who agrees at `total`.

    `kept` are the fields that this reader does not see: left empty, they stay as they are.
    """

    one: Subscription
    typed: Mapping[str, str]
    kept: frozenset[str]
    read: str = ""
    total: int = 0
    new: Sequence[str] = ()
    problem: str = ""
    wrong: str = ""

    @property
    def rhythms(self) -> list[tuple[str, str]]:
        """What can be chosen for an interval, that of now too."""
        offered = [(f"{n} {unit}", rhythm_of(n, unit)) for unit, n in RHYTHMS]
        now = f"{self.one.every} {self.one.unit}"
        there = any(value == now for value, _words in offered)
        return offered if there else [(now, rhythm_of(self.one.every, self.one.unit)), *offered]

    @property
    def payments(self) -> list[tuple[str, str]]:
        """The ways to pay, in words."""
        return [(str(value), str(words)) for value, words in Order.Payment.choices if value in WAYS_TO_PAY]


def first_typed(one: Subscription, *, actor: Actor) -> Altering:
    """The form as it opens: as it goes on now, as far as this reader sees whom and where it goes to."""
    kept = _kept_from(one, actor)
    to = {name: "" if name in kept else getattr(one, name) for name in _TO}
    typed = {
        "due": one.next_on.isoformat(),
        "quantity": str(one.quantity),
        "rhythm": f"{one.every} {one.unit}",
        "next_on": ahead_of(one).isoformat(),
        "payment": one.payment,
    }
    return Altering(one=one, typed={**typed, **to}, kept=kept)


def typed_again(
    one: Subscription, form: Mapping[str, str], *, actor: Actor, error: Exception | None = None
) -> Altering:
    """The form with what was typed, and what was wrong with it."""
    first = first_typed(one, actor=actor)
    typed = {name: form.get(name, value)[:_MOST_SAID] for name, value in first.typed.items()}
    return replace(first, typed=typed, problem=str(error or ""), wrong=getattr(error, "field", ""))


def read_back(one: Subscription, form: Mapping[str, str], *, actor: Actor) -> Altering:
    """What is read to the customer. Raises Refused and Conflict as `as_it_would_be`."""
    new = as_it_would_be(one, otherwise_of(one, form, actor=actor))
    again = typed_again(one, form, actor=actor)
    return replace(again, read=_words_of(one, new), total=new.total, new=whats_new(one, new))


def otherwise_of(one: Subscription, form: Mapping[str, str], *, actor: Actor, said: str = "") -> Otherwise:
    """What was typed, as the action takes it. Raises Refused for a number or a day that is none."""
    kept = _kept_from(one, actor)
    every, _space, unit = form.get("rhythm", "").partition(" ")
    quantity = whole_number(form.get("quantity", ""), most_digits=4)
    if quantity is None:
        raise Refused(_("Write how many."), field="quantity")
    day = day_in(form.get("next_on", ""))
    if day is None:
        raise Refused(_("Choose a day from tomorrow on, within a year."), field="next_on")
    to = {name: form.get(name, "")[:_MOST_SAID] for name in _TO}
    return Otherwise(
        due=day_in(form.get("due", "")) or one.next_on,
        quantity=quantity,
        every=whole_number(every, most_digits=2) or 0,
        unit=unit if unit in MOST_EVERY else "",
        next_on=None if day == ahead_of(one) else day,
        payment=form.get("payment", ""),
        total=whole_number(form.get("total", ""), most_digits=10),
        said=said,
        **{name: value for name, value in to.items() if value.strip() or name not in kept},
    )


def _kept_from(one: Subscription, actor: Actor) -> frozenset[str]:
    data_scope = actor.data_scope(company=one.company_id)
    unseen = data_scope.masked | data_scope.hidden
    return frozenset(name for name, field in _TO.items() if field in unseen)


def _words_of(one: Subscription, new: Subscription) -> str:
    """What is read, line by line, and kept as it was read: without whom and where, which stand beside it."""
    told = {
        "what": f"{new.variant} × {new.quantity}",
        "rhythm": rhythm_of(new.every, new.unit),
        "day": f"{ahead_of(new):%Y-%m-%d}",
        "total": yen(new.total),
        "payment": Order.Payment(new.payment).label,
        "before": yen(one.total),
    }
    parts = [
        "" if one.cancelled_at else _("This is a subscription: it goes on until it is cancelled."),
        _("What is sent: %(what)s, %(rhythm)s."),
        _("The next order is made on %(day)s.") if one.state == one.State.ACTIVE else "",
        _("Each order comes to %(total)s with tax and shipping. Paid: %(payment)s."),
        _("Until now each came to %(before)s.") if new.total != one.total else "",
        _("It goes to another place than before.") if "place" in whats_new(one, new) else "",
    ]
    return "\n".join(part % told for part in parts if part)
