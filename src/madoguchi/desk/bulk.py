"""Changing many cases: which are chosen, what can be done to them, and what it would do."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.batches import acts
from madoguchi.batches.actions import MOST_CASES
from madoguchi.batches.corrections import article_of, how_far
from madoguchi.batches.fills import fields_for_many
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.batches.queries import Group, absent_for, preview, with_tasks_left
from madoguchi.cases.lists import CasePage, Place, lines_of
from madoguchi.cases.models import Priority, Status
from madoguchi.cases.queries import visible
from madoguchi.companies.models import Desk
from madoguchi.desk.lists import Row, Wanted, cases_searched, cases_wanted, rows_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.macros.absence import Questions
from madoguchi.macros.models import Macro
from madoguchi.macros.verbs import NOT_ALLOWED
from madoguchi.people.queries import people_by_id, staff_of_desks
from madoguchi.views.filter_form import Choice
from madoguchi.views.orders import NEWEST

SHOWN, AT_ONCE, MOST_TICKED = 100, 500, 500
# A look at a filter of which there are few goes through many cases: no request takes more of them than this.
MOST_LOOKS = MOST_CASES // AT_ONCE + 2
Verb = Batch.Verb


@dataclass(slots=True)
class Bulk:
    """What somebody is about to do: to which cases (or all of a list), what, and what is wrong with that.

    All of a list are those from `place` on; `further` is where the next look would begin, and `shown` names what the
    preview showed. `fills` are words for own fields by their label.
    """

    ticked: list[int] = field(default_factory=list)
    all: bool = False
    verb: str = ""
    values: dict[str, str] = field(default_factory=dict)
    fills: dict[str, str] = field(default_factory=dict)
    do: str = ""
    place: Place | None = None
    further: Place | None = None
    shown: str = ""
    confirmed: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def value(self) -> str:
        """What the chosen verb takes."""
        said = self.values.get(self.verb, "")
        return "" if said == "nobody" else said

    @classmethod
    def read(cls, data: QueryDict) -> "Bulk":
        """What a form says; nothing is chosen where it says nothing."""
        named = [int(one) for one in data.getlist("case")[:MOST_TICKED] if one.isdecimal() and len(one) < 19]
        values = {verb: data.get(f"value.{verb}", "").strip() for verb in Verb.values}
        fills = {
            name.removeprefix("fill."): data.get(name, "").strip()
            for name in data
            if name.startswith("fill.")
        }
        do = data.get("do", "")
        begins = "" if do == "show" else data.get("further" if do == "further" else "place", "")
        return cls(
            ticked=list(dict.fromkeys(named)),
            all=bool(data.get("all")),
            verb=data.get("verb", "") or (Verb.FILL.value if any(fills.values()) else ""),
            values=values,
            fills=fills,
            do=do,
            place=Place.read(begins),
            shown=data.get("shown", ""),
            confirmed=data.getlist("confirmed"),
        )


@dataclass(frozen=True, slots=True)
class VerbForm:
    """One thing that can be done, and what it asks: a list to choose from, or a word."""

    value: str
    label: str
    chosen: bool
    said: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class FillForm:
    """An own field that can be filled in: a list to choose from, or words; whether a case needs it to be solved."""

    label: str
    kind: str
    required: bool
    said: str
    choices: list[Choice]


def choose_cases(bulk: Bulk, wanted: Wanted, *, actor: Actor, desks: Sequence[Desk]) -> list[int]:
    """The cases that are meant, at most so many that one batch takes and as far as a bounded look at the list goes;
    `bulk` then knows where it began and where the next would begin. A few queries.
    """
    if not bulk.all or wanted.text:
        return bulk.ticked
    found: list[int] = []
    bulk.further = bulk.place
    for _look in range(MOST_LOOKS):
        size = min(AT_ONCE, MOST_CASES - len(found))
        asked = replace(wanted, size=size, before=bulk.further, sorted=NEWEST)
        page = cases_wanted(asked, actor=actor, desks=desks)
        assert isinstance(page, CasePage)  # the newest first
        if page.cases and not found:
            bulk.place = Place(page.cases[0].touched_at, page.cases[0].id + 1)
        found += [line.id for line in page.cases]
        bulk.further = page.next
        if page.next is None or len(found) == MOST_CASES:
            break
    return found


def name_of(bulk: Bulk, cases: Iterable[int], groups: Iterable[Group]) -> str:
    """What tells this act, on these cases and with this to become of them, from any other."""
    fates = [f"{group.state} {group.count}" for group in groups]
    fills = [f"{label}={words}" for label, words in sorted(bulk.fills.items()) if words]
    said = [bulk.verb, bulk.value, *fills, *fates, *map(str, sorted(cases))]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def require_shown(bulk: Bulk, name: str) -> None:
    """Nothing is done that nobody has seen before. Raises Conflict where it is not what the preview showed."""
    if bulk.shown != name:
        raise Conflict(_("This is not what was shown before. Look at it again, then start."))


def rows_to_tick(
    bulk: Bulk, wanted: Wanted, *, actor: Actor, desks: Sequence[Desk]
) -> tuple[list[Row], bool]:
    """The rows to choose from: those ticked already, then the list's newest; and whether the list goes on."""
    asked = replace(wanted, size=SHOWN, before=None)
    find = cases_searched if wanted.text else cases_wanted
    page = find(asked, actor=actor, desks=desks)
    listed = {line.id for line in page.cases}
    elsewhere = visible(actor).filter(pk__in=[pk for pk in bulk.ticked if pk not in listed])
    more = lines_of(list(elsewhere.values_list("pk", flat=True))) if set(bulk.ticked) - listed else []
    return rows_of([*more, *page.cases], actor=actor, wanted=wanted), bool(page.next)


def foreseen(bulk: Bulk, cases: Sequence[int], *, actor: Actor) -> list[Group]:
    """What would become of the cases. Raises Refused for a verb or value that makes no sense."""
    act = acts.wanted(bulk.verb, bulk.value, fills=bulk.fills, by=actor)
    return [replace(group, reason=reason_words(group.reason)) for group in preview(act, cases, by=actor)]


def tasks_left(bulk: Bulk, cases: Sequence[int], *, actor: Actor) -> int:
    """How many cases would be ended although tasks are left in them. Raises Refused as `foreseen`."""
    act = acts.wanted(bulk.verb, bulk.value, fills=bulk.fills, by=actor)
    return with_tasks_left(act, cases, by=actor)


def absent(bulk: Bulk, cases: Sequence[int], *, actor: Actor) -> Questions:
    """Who would be given cases and is not here, as questions. Raises Refused as `foreseen`."""
    act = acts.wanted(bulk.verb, bulk.value, fills=bulk.fills, by=actor)
    return absent_for(act, cases, by=actor)


def reason_words(reason: str) -> str:
    """Why nothing is done, in words."""
    return _("You may not change this case.") if reason == NOT_ALLOWED else reason


def result_rows(rows: Iterable[BatchRow]) -> list[tuple[BatchRow, str, str, str]]:
    """Rows with the number of their case, that of the one it went on in if it did, and why nothing was done, or whom a
    correction has not reached.
    """
    shown = list(rows)
    far = how_far(shown)
    return [(row, *_numbers(row), far.get(row.pk) or reason_words(row.reason)) for row in shown]


def _numbers(row: BatchRow) -> tuple[str, str]:
    prefix = row.case.company.prefix
    return row.case.spoken_number(prefix), row.into.spoken_number(prefix) if row.into else ""


def desks_meant(bulk: Bulk, wanted: Wanted, *, actor: Actor, desks: Sequence[Desk]) -> list[Desk]:
    """The desks of the cases that are ticked; nothing ticked: those of the list. One query, where any is ticked."""
    among = {desk.pk for desk in desks if wanted.desk in (None, desk.pk)}
    if bulk.ticked and not bulk.all:
        among = set(visible(actor).filter(pk__in=bulk.ticked).values_list("desk_id", flat=True))
    return [desk for desk in desks if desk.pk in among]


def fill_forms(bulk: Bulk, meant: Sequence[Desk]) -> list[FillForm]:
    """The own fields that all of these desks have, with what was typed, the needed ones first. One query."""
    return [
        FillForm(
            one.label,
            one.kind,
            one.required,
            bulk.fills.get(one.label, ""),
            [Choice(choice, choice, choice == bulk.fills.get(one.label)) for choice in one.choices],
        )
        for one in fields_for_many(meant)
    ]


def people_to_choose(meant: Sequence[Desk], *, actor: Actor) -> dict[str, str]:
    """Who can become responsible for cases of these desks: whoever works at one where the actor assigns, and the actor.
    At most one query.
    """
    leads = [desk.pk for desk in meant if _may(actor, Permission.CASE_ASSIGN, desk)]
    people = {"nobody": _("Nobody in particular")}
    if any(_may(actor, Permission.CASE_UPDATE, desk) for desk in meant):
        people[str(actor.id)] = actor.name
    return people | {str(one.pk): one.name for one in (staff_of_desks(leads) if leads else ())}


def _may(actor: Actor, permission: Permission, desk: Desk) -> bool:
    return actor.may(permission, company=desk.company_id, desk=desk.pk)


def macros_to_choose(*, actor: Actor) -> dict[str, str]:
    """The macros that may be run on many cases, each with the desk that it is for. One query."""
    return {
        str(one.pk): f"{one.name} ({one.desk.name})" if one.desk else one.name
        for one in acts.macros_for_many(actor)
    }


def verb_forms(
    bulk: Bulk, *, people: dict[str, str], desks: Sequence[Desk], macros: dict[str, str], fills: bool = False
) -> list[VerbForm]:
    """What can be done, with what each asks."""
    several = len({desk.company_id for desk in desks}) > 1
    each: dict[str, dict[str, str]] = {
        Verb.ASSIGN: people,
        Verb.STATUS: {str(value): str(label) for value, label in Status.choices},
        Verb.PRIORITY: {str(value): str(label) for value, label in Priority.choices},
        Verb.DESK: {str(d.pk): f"{d.company.name} {d.name}" if several else d.name for d in desks},
        Verb.MACRO: macros,
    }
    hidden = {Verb.MERGE, Verb.CORRECT, *(() if macros else (Verb.MACRO,)), *(() if fills else (Verb.FILL,))}
    return [
        VerbForm(
            value=verb,
            label=str(verb.label),
            chosen=verb == bulk.verb,
            said=bulk.values.get(verb, ""),
            choices=[
                Choice(value, name, value == bulk.values.get(verb))
                for value, name in each.get(verb, {}).items()
            ],
        )
        for verb in Verb
        if verb not in hidden
    ]


def may_bulk(actor: Actor) -> bool:
    """Whether the actor may change any case at all."""
    return actor.may_anywhere(Permission.CASE_UPDATE)


def said_of(batch: Batch, *, desks: Sequence[Desk], actor: Actor) -> str:
    """What a batch does, in words, as far as the actor may read them. One query where it names a person."""
    label, value = str(Verb(batch.verb).label), batch.value
    filled = [_("%(what)s: %(value)s") % {"what": one, "value": said} for one, said in batch.fills.items()]
    if batch.verb in (Verb.MERGE, Verb.FILL):
        return _("、").join(filled) or label
    if batch.verb == Verb.ASSIGN:
        found = people_by_id([int(value)]) if value else {}
        value = next((one.name for one in found.values()), _("Nobody in particular"))
    elif batch.verb == Verb.STATUS:
        value = str(Status(value).label)
    elif batch.verb == Verb.PRIORITY:
        value = str(Priority(int(value)).label)
    elif batch.verb == Verb.DESK:
        value = next((desk.name for desk in desks if str(desk.pk) == value), value)
    elif batch.verb == Verb.CORRECT:
        seen = articles_in_sight(actor).filter(pk=article_of(batch))
        value = seen.values_list("title", flat=True).first() or ""
    elif batch.verb == Verb.MACRO:
        value = Macro.objects.values_list("name", flat=True).filter(pk=value).first() or value
    return _("、").join([*filled, _("%(what)s: %(value)s") % {"what": label, "value": value}])


def tallies(states: dict[str, int]) -> list[tuple[str, str, int]]:
    """How many rows came to each state, in words, those that are there."""
    return [
        (state, str(label), states[state]) for state, label in BatchRow.State.choices if states.get(state)
    ]
