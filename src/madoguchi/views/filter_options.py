"""What the builder of filters offers: fields, what may be asked of them, and the values there are, in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case, Priority, Status
from madoguchi.cases.queries import visible
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.fields.models import Field
from madoguchi.fields.queries import fields_by_id, fields_to_find
from madoguchi.fields.references import names_of, orders_meant, products_meant
from madoguchi.fields.values import levels_to_choose
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.case_number import read_case_number
from madoguchi.people.queries import staff_of_desks
from madoguchi.views.filter_form import DATE, REFERRING, Box, Choice, Line, is_number, lines_in
from madoguchi.views.filters import EVENT, ME, MOST_CHOICES, NOBODY, TIMES, own_field

# How an id stands in a box where nothing can be called by a name; people write # before numbers of orders.
_ID = "id:"
Words = Mapping[str, str | Promise]

FIELDS: Words = {
    "status": _("Status"),
    "priority": _("Priority"),
    "assignee": _("Responsible"),
    "desk": _("Desk"),
    "tags": _("Tags"),
    "feelings": _("Feeling"),
    "subject": _("Subject"),
    "customer": _("Customer of a case"),
    "channel": _("Channel"),
    "language": _("Language"),
    "undelivered": _("Came back undelivered"),
}
# What only somebody who looks can ask, and no rule.
FOR_READERS: Words = {"unread": _("Unread")}
MOMENTS: Words = {
    "opened": _("Opened"),
    "touched": _("Last activity"),
    "waiting": _("Customer waiting since"),
    "first_reply": _("First answer"),
    "solved": _("Solved at"),
    "event": _("Something that happened"),
}
ASKED: Words = {
    "in": _("is any of"),
    "not_in": _("is none of"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "yes": _("yes"),
    "no": _("no"),
    "since": _("since"),
    "before": _("before"),
    "known": _("was ever"),
    "unknown": _("was never"),
    "not_since": _("not since"),
    "not_before": _("not before"),
}
# Of a desk's own fields.
ASKED_OWN: Words = {
    "in": _("is any of"),
    "not_in": _("is none of"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "least": _("is at least"),
    "not_least": _("is not at least"),
    "most": _("is at most"),
    "not_most": _("is not at most"),
    "over": _("is more than"),
    "not_over": _("is not more than"),
    "under": _("is less than"),
    "not_under": _("is not less than"),
    "on": _("is on"),
    "not_on": _("is not on"),
    "since": _("is on or after"),
    "not_since": _("is not on or after"),
    "before": _("is before"),
    "not_before": _("is not before"),
    "known": _("is filled in"),
    "unknown": _("is empty"),
}
JOINED: Words = {
    "all": _("All of these hold"),
    "any": _("At least one of these holds"),
    "not_any": _("None of these holds"),
    "not_all": _("Not all of these hold"),
}
WHEN: Words = {
    "today": _("the beginning of today"),
    "yesterday": _("the beginning of yesterday"),
    "this_week": _("the beginning of this week"),
    "this_month": _("the beginning of this month"),
    "m": _("so many minutes ago"),
    "h": _("so many hours ago"),
    "d": _("so many days ago"),
    DATE: _("a date and time"),
}
DAYS_NAMED: Words = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "this_week": _("Monday of this week"),
    "this_month": _("the first of this month"),
    "d": _("so many days ago"),
    DATE: _("a date"),
}
EVENTS: Words = {
    "message.received": _("The customer wrote"),
    "message.written": _("We answered"),
    "message.sent": _("A message left"),
    "message.failed": pgettext_lazy("happened", "A message could not be delivered"),
    "message.bounced": pgettext_lazy("happened", "A message came back"),
    "message.taken_back": _("An answer was taken back"),
    "note.added": _("A note was written"),
    "case.opened": _("The case was opened"),
    "case.assigned": _("The person responsible changed"),
    "case.status": _("The status changed"),
    "case.changed": _("Priority, tags, feeling, subject or desk changed"),
    "case.customer": _("The case became another customer’s"),
    "case.handed_off": _("Words were left on handing over"),
    "case.took_in": _("Another case was merged in"),
    "case.continued": _("The case was merged into another"),
    "case.unmerged": _("A merge was undone"),
    "case.linked": _("The case was linked to another"),
    "case.unlinked": _("A link to another case was taken away"),
    "case.told_apart": _("The case was said to be no duplicate"),
    "case.link_ended": _("The link to the customer's page was ended"),
    "message.source_read": pgettext_lazy("happened", "A message was read as it came in or left"),
    "file.held": pgettext_lazy("happened", "A harmful file was held back"),
    "clock.warned": _("A promised time was running out"),
    "clock.breached": _("A promised time ran out"),
}


def choices(words: Words, chosen: str | Iterable[str]) -> list[Choice]:
    """Words as things to choose, some of them chosen."""
    picked = {chosen} if isinstance(chosen, str) else set(chosen)
    return [Choice(value, str(label), value in picked) for value, label in words.items()]


def own_fields(box: Box, shown: Sequence[int] = (), *, actor: Actor, desks: Sequence[Desk]) -> list[Field]:
    """The desks' own fields that the actor may ask of, and those that are asked of or shown already. One query."""
    named = [own[1] for line in lines_in(box) if (own := own_field(line.field))]
    return fields_to_find([desk.pk for desk in desks], also=[*named, *shown], actor=actor)


def own_choices(fields: Sequence[Field]) -> Words:
    """The desks' own fields, by the names that conditions have for them; of which desk, where there are several."""
    several = len({field.desk_id for field in fields}) > 1
    return {
        f"{field.kind}:{field.pk}": f"{field.desk.name}: {field.label}" if several else field.label
        for field in fields
    }


def dress(box: Box, *, actor: Actor, desks: Sequence[Desk], own: Sequence[Field] = ()) -> None:
    """Put on every line what a page shows of it. One query where people are to be chosen."""
    lines, by_id = list(lines_in(box)), {field.pk: field for field in own}
    people: dict[str, str] = {}
    if any(line.field == "assignee" for line in lines):
        people = {str(one.pk): one.name for one in staff_of_desks([desk.pk for desk in desks])}
    for line in lines:
        line.op = line.op or line.may_ask[0]
        asked = own_field(line.field)
        words, whens = (ASKED_OWN, DAYS_NAMED) if asked else (ASKED, WHEN)
        line.whens = [(value, str(label)) for value, label in whens.items()]
        line.operators = choices({op: words[op] for op in line.may_ask}, line.op)
        line.choices = _own_values(line, by_id.get(asked[1])) if asked else _values(line, people, desks)


def name_references(box: Box, *, actor: Actor) -> None:
    """Say what the lines of a filter refer to: customers by the newest case of each that the actor may read, products
    and orders as we call them. One query for each kind of which there are any.
    """
    _name_cases(box, actor)
    lines = [(line, own[0]) for line in _of_shop(box) if (own := own_field(line.field))]
    names = names_of([{kind: one} for line, kind in lines for one in line.ids], actor=actor).known
    for line, kind in lines:
        called = [names.get((kind, one), f"{_ID}{one}") for one in line.ids]
        line.text = ("\n" if line.shape == "products" else "、").join(called)


def _name_cases(box: Box, actor: Actor) -> None:
    lines = [line for line in lines_in(box) if line.shape == "cases" and line.ids]
    if not lines:
        return
    wanted = {one for line in lines for one in line.ids}
    newest = (
        visible(actor).filter(customer__in=wanted).order_by("customer", "-opened_at").distinct("customer")
    )
    numbers = {case.customer_id: _number(case) for case in newest.select_related("company")}
    for line in lines:
        line.text = "、".join(numbers.get(one, f"{_ID}{one}") for one in line.ids)


def find_references(box: Box, *, actor: Actor) -> None:
    """Take what was written for what it means: numbers of cases for their customers, and codes or names of products and
    numbers of orders for these, all of the company's own. Of a line with more than a filter takes nothing is looked up.
    Two queries if there are any cases, one for each line of orders, five for each of products.
    """
    referring = [line for line in lines_in(box) if line.shape in REFERRING and line.asks_value]
    for line in referring:
        line.values = _lines(line.text) if line.shape == "products" else _listed(line.text)
    few = [line for line in referring if len(line.values) <= MOST_CHOICES]
    _find_customers([line for line in few if line.shape == "cases"], actor)
    of_shop = [(line, own[1]) for line in few if line.shape != "cases" and (own := own_field(line.field))]
    fields = fields_by_id(pk for _line, pk in of_shop) if of_shop else {}
    for line, pk in of_shop:
        if pk in fields:
            _take(line, _meant(line, fields[pk], actor))


def _take(line: Line, meant: Mapping[str, int]) -> None:
    """Have ids for the words that mean something; what means nothing, or several things, stays as it was written."""
    line.ids = list(dict.fromkeys(meant[one] for one in line.values if one in meant))
    line.values = [one for one in line.values if one not in meant]


def _of_shop(box: Box) -> list[Line]:
    return [line for line in lines_in(box) if line.shape in ("products", "orders")]


def _meant(line: Line, field: Field, actor: Actor) -> dict[str, int]:
    if line.shape == "orders":
        return orders_meant(field, line.values, actor=actor)
    found = products_meant(line.values, company=field.company_id)
    return {one: each[0].pk for one, each in found.items() if len(each) == 1}


def _find_customers(lines: Sequence[Line], actor: Actor) -> None:
    written = [one for line in lines for one in line.values]
    known = (_customers_of_cases(written, actor) | _customers_by_id(written)) if written else {}
    words = _("There is no case “%(said)s”. Write the number of one of the customer's cases, such as A-123.")
    for line in lines:
        _take(line, known)
        line.problem = str(words) % {"said": line.values[0]} if line.values else ""


def _customers_of_cases(written: Iterable[str], actor: Actor) -> dict[str, int]:
    numbers = {one: number for one in written if (number := read_case_number(one))}
    counts = {number.count for number in numbers.values()}
    cases = visible(actor).filter(number__in=counts).select_related("company") if counts else []
    by_number = {(case.company.prefix, case.number): case.customer_id for case in cases}
    known = {one: by_number.get((n.prefix, n.count)) for one, n in numbers.items()}
    return {one: customer for one, customer in known.items() if customer}


def _customers_by_id(written: Iterable[str]) -> dict[str, int]:
    """Those of the actor's companies that are shown so, for no case of theirs can be named."""
    ids = {one: int(pk) for one in written if (pk := one.removeprefix(_ID)) != one and is_number(pk)}
    ours = Customer.objects.filter(pk__in=ids.values()).values_list("pk", flat=True) if ids else ()
    there = set(ours)
    return {one: pk for one, pk in ids.items() if pk in there}


def _lines(text: str) -> list[str]:
    return [one.strip() for one in text.splitlines() if one.strip()]


def _listed(text: str) -> list[str]:
    return text.replace("、", " ").replace(",", " ").split()


def _number(case: Case) -> str:
    return case.spoken_number(case.company.prefix)


def _values(line: Line, people: Mapping[str, str], desks: Sequence[Desk]) -> list[Choice]:
    if line.field == EVENT:
        return choices(EVENTS, line.kind)
    if line.field in TIMES or line.shape != "choices":
        return []
    several = len({desk.company_id for desk in desks}) > 1
    each: dict[str, Words] = {
        "status": _labels(Status),
        "priority": _labels(Priority),
        "channel": _labels(EntryPoint.Kind),
        "feelings": _labels(Feeling),
        "assignee": {ME: _("Whoever looks"), NOBODY: _("Nobody"), **people},
        "desk": {str(d.pk): f"{d.company.name} {d.name}" if several else d.name for d in desks},
    }
    return choices(each[line.field], line.values)


def _own_values(line: Line, field: Field | None) -> list[Choice]:
    """The choices of a field, every level of a tree, and those that the filter has of former days."""
    if line.shape != "choices":
        return []
    offered = field.choices if field else []
    levels = levels_to_choose(offered) if field and field.kind == Field.Kind.TREE else offered
    return choices({one: one for one in dict.fromkeys([*levels, *line.values])}, line.values)


def _labels(kind: Any) -> Words:
    return {str(value): label for value, label in kind.choices}
