"""Own fields that are filled in before a case is changed, where it is asked for them and nothing stands there yet."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from madoguchi.cases.actions import fill
from madoguchi.cases.models import Case
from madoguchi.cases.policies import may_update
from madoguchi.cases.queries import asked_of
from madoguchi.companies.models import Desk
from madoguchi.fields.models import Field
from madoguchi.fields.values import asked, read_value
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.macros.verbs import NOT_ALLOWED, Act, Fate, do, foresee

MOST_FILLS = 50
# What refers to something is chosen case by case, and what holds data of a customer is of one customer.
FILLABLE = (Field.Kind.CHOICE, Field.Kind.TREE, Field.Kind.TEXT, Field.Kind.NUMBER, Field.Kind.DATE)


@dataclass(frozen=True, slots=True)
class FillAct:
    """Words for own fields by their label, the act that follows if there is one, and the forms known so far."""

    fills: Mapping[str, str]
    act: Act | None
    forms: dict[tuple[int, int | None], list[Field]] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """What the batch keeps."""
        return self.act.verb.value if self.act else "fill"

    @property
    def value(self) -> str:
        """What the batch keeps."""
        return self.act.value if self.act else ""

    def look_ahead(self, cases: Sequence[Case], *, by: Actor) -> None:
        """Find out at once what is asked of each of these cases, as it would stand filled in."""
        if self.act:
            self.act.look_ahead([self._filled(case) for case in cases], by=by)

    def fate(self, case: Case, *, by: Actor) -> tuple[Fate, str]:
        """What would become of a case, and why not; `run` agrees."""
        if not may_update(by, case):
            return Fate.REFUSED, NOT_ALLOWED
        try:
            wrote = self._to_write(case)
        except Refused as refused:
            return Fate.REFUSED, str(refused)
        if self.act is None:
            return self._alone(case, wrote)
        fate, reason = foresee(self.act, self._filled(case), by=by)
        return (Fate.DONE, "") if fate == Fate.SAME and wrote else (fate, reason)

    def run(self, case: Case, *, by: Actor) -> list[str]:
        """Fill in and do it, by the same actions as by hand; returns the labels of what was written. Raises what those
        raise, and Refused where there is nothing to fill in.
        """
        wrote = self._to_write(case)
        fate, reason = self._alone(case, wrote)
        if self.act is None and fate == Fate.REFUSED:
            raise Refused(reason)
        for one, words in wrote:
            fill(case, field=one.pk, written=words, by=by)
        if self.act:
            do(self.act, case, by=by)
        return [one.label for one, _words in wrote]

    def _alone(self, case: Case, wrote: Sequence[tuple[Field, str]]) -> tuple[Fate, str]:
        if wrote:
            return Fate.DONE, ""
        stands = any(one.label in self.fills for one in asked(self._form(case), case.filled))
        return (Fate.SAME, "") if stands else (Fate.REFUSED, _("The case is asked for none of these."))

    def _to_write(self, case: Case) -> list[tuple[Field, str]]:
        """What is written into which fields, in an order in which each is asked for. Raises Refused for words that a
        field does not take.
        """
        form, filled, found = self._form(case), dict(case.filled), list[tuple[Field, str]]()
        while left := [one for one in asked(form, filled) if self._takes(one, filled)]:
            for one in left:
                filled[one.key] = read_value(one, self.fills[one.label])
                found.append((one, self.fills[one.label]))
        return found

    def _takes(self, one: Field, filled: Mapping[str, object]) -> bool:
        return one.label in self.fills and may_be_filled(one) and one.key not in filled

    def _filled(self, case: Case) -> Case:
        as_filled = copy(case)
        try:
            wrote = self._to_write(case)
        except Refused:
            wrote = []  # said by `fate`
        values = {one.key: read_value(one, words) for one, words in wrote}
        as_filled.filled = {**case.filled, **values}
        return as_filled

    def _form(self, case: Case) -> list[Field]:
        key = (case.desk_id, case.matter_id)
        if key not in self.forms:
            self.forms[key] = asked_of(case).form
        return self.forms[key]


def may_be_filled(one: Field) -> bool:
    """Whether a field may be filled in for many cases at once."""
    return one.kind in FILLABLE and not one.holds


def read_fills(written: Mapping[str, str]) -> dict[str, str]:
    """What is to be filled in, without what is left empty. Raises Refused for too much."""
    found = {
        one_line(label, most=60): blot_card_numbers(one_line(words, most=501))
        for label, words in written.items()
    }
    found = {label: words for label, words in found.items() if label and words}
    if len(found) > MOST_FILLS:
        raise Refused(_("At most %(most)s own fields at once.") % {"most": MOST_FILLS})
    return found


def take_out(case: Case, labels: Sequence[str], *, by: Actor) -> None:
    """Empty the own fields again that were filled in, the last first. Raises Conflict where one is there no more."""
    for label in reversed(labels):
        found = next((one for one in asked(asked_of(case).form, case.filled) if one.label == label), None)
        if found is None:
            raise Conflict(_("“%(label)s” is not asked of this case any more.") % {"label": label})
        fill(case, field=found.pk, written="", by=by)


def fields_for_many(desks: Iterable[Desk]) -> list[Field]:
    """The own fields that all of these desks have, known by label and kind, the needed ones first: those of the first
    desk, needed where any needs them, with the choices that all offer. One query.
    """
    meant = {desk.pk for desk in desks}
    rows = Field.objects.filter(desk__in=meant, removed_at=None, kind__in=FILLABLE, holds="")
    each: dict[tuple[str, str], list[Field]] = {}
    for one in rows.order_by("place", "id"):
        each.setdefault((one.label, one.kind), []).append(one)
    found = [_as_one(some) for some in each.values() if len(some) == len(meant)]
    choosing = (Field.Kind.CHOICE, Field.Kind.TREE)
    offered = [one for one in found if one.choices or one.kind not in choosing]
    return sorted(offered, key=lambda one: not one.required)[:MOST_FILLS]


def _as_one(some: Sequence[Field]) -> Field:
    one = copy(some[0])
    one.required = any(each.required for each in some)
    one.choices = [choice for choice in one.choices if all(choice in each.choices for each in some)]
    return one
