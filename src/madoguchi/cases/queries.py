"""Reading cases: one by its number, lists by view, the timeline of one, counts for the rail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from madoguchi.cases.links import is_linked
from madoguchi.cases.lists import CaseLine, CasePage, Place, Reader, View, counted, lines_of, lines_of_view
from madoguchi.cases.look_models import Seen
from madoguchi.cases.models import (
    Attachment,
    Case,
    Draft,
    DraftFile,
    Mention,
    Merge,
    Message,
    Note,
    PendingAnswer,
    PendingFile,
    ReplyTime,
    Split,
)
from madoguchi.cases.policies import may_note
from madoguchi.cases.reply_time import left_after, slot_of, slots
from madoguchi.fields.models import Field, Matter
from madoguchi.fields.queries import Wanted, wanted_of
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused

PAGE, MOST_NOTES = 50, 500
_State = PendingAnswer.State
OPEN_STATES = (_State.SCHEDULED, _State.AWAITING, _State.HELD, _State.RETURNED)
_PENDING = PreparedQuery(
    lambda: (
        PendingAnswer.objects.filter(case=Slot("case"), state__in=OPEN_STATES)
        .select_related("user", "changed_by", "decided_by")
        .order_by("id")
    )
)
# Older figures are of no use: nobody measures any more.
_REPLY_TIMES_HOLD = timedelta(days=1)
_NEWEST_ANSWERS = 500
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_BY_NUMBER = PreparedQuery(
    lambda: (
        Case.objects.filter(company__prefix=Slot("prefix"), number=Slot("number"))
        .select_related("company", "desk__company", "window", "entry_point__desk", "customer", "assignee")
        .annotate(
            names_reader=Exists(_unseen_mentions(Slot("person"))),
            is_linked=is_linked(OuterRef("pk")),
            has_pending=Exists(PendingAnswer.objects.filter(case=OuterRef("pk"), state__in=OPEN_STATES)),
            has_form=Exists(Field.objects.filter(desk=OuterRef("desk")))
            | Exists(Matter.objects.filter(desk=OuterRef("desk"))),
        )
    )
)
_OTHERS = PreparedQuery(
    lambda: (
        Case.objects.filter(
            Q(company__among=Slot("companies")) | Q(desk__among=Slot("desks")), customer=Slot("customer")
        )
        .exclude(id=Slot("case"))
        .select_related("company")
        .order_by("-opened_at")
    )
)
_MESSAGES = PreparedQuery(
    lambda: (
        Message.objects.filter(case=Slot("case"), at__lt=Slot("before"))
        .select_related("user", "contact")
        .annotate(has_files=Exists(Attachment.objects.filter(message=OuterRef("pk"))))
        .order_by("-at", "-id")
    )
)
_FILES = PreparedQuery(lambda: Attachment.objects.filter(message__among=Slot("messages")).order_by("id"))
_NOTES = PreparedQuery(
    lambda: (
        Note.objects.filter(case=Slot("case"), at__gte=Slot("since"), at__lt=Slot("before"))
        .select_related("user")
        .order_by("at", "id")
    )
)

_TOGETHER = """
    SELECT person.id, person.name, at.since, false, NULL::bigint
    FROM cases_presence AS at JOIN people_user AS person ON person.id = at.user_id
    WHERE at.case_id = %(case)s AND at.seen_at > %(gone)s
    UNION ALL
    SELECT person.id, person.name, held.since, true, held.taken_from_id
    FROM cases_replylock AS held JOIN people_user AS person ON person.id = held.user_id
    WHERE held.case_id = %(case)s AND held.seen_at > %(gone)s
    ORDER BY 3, 1
"""


def visible(actor: Actor) -> QuerySet[Case]:
    """Every case that the actor may read."""
    wide = actor.companies_with(Permission.CASE_READ)
    single = actor.desks_with(Permission.CASE_READ)
    return Case.objects.filter(Q(company_id__in=wide) | Q(desk_id__in=single))


def answerable(actor: Actor) -> QuerySet[Case]:
    """Every case that a person may answer: `policies.may_reply` for many."""
    wide = actor.companies_with(Permission.CASE_REPLY)
    single = actor.desks_with(Permission.CASE_REPLY)
    return Case.objects.filter(Q(company_id__in=wide) | Q(desk_id__in=single), continued_in=None)


def cases_withheld(company: int) -> set[int]:
    """The cases of customers whose data is used no more: lists that leave the house are without them. One query."""
    found = Case.objects.filter(company=company, customer__use_stopped_at__isnull=False)
    return set(found.values_list("pk", flat=True))


def case_by_number(written: str, *, actor: Actor, prefix: str = "") -> Case:
    """The case of this spoken number, with desk, customer and person responsible at hand; a number without letters is
    one of the company of this `prefix`.

    Raises NotFound when there is none, or none that the actor may see.
    """
    number = read_case_number(written, prefix=prefix)
    if number is None:
        raise NotFound(written)
    case = _BY_NUMBER.first({"prefix": number.prefix, "number": number.count, "person": actor.id})
    if case is None or not _may_read(actor, case):
        raise NotFound(written)
    return case


def pending_of(case: Case) -> list[PendingAnswer]:
    """The answers of a case that are written and have not begun to leave, with their files. No query where it is known
    that there are none, else two.
    """
    found = _PENDING.rows({"case": case.pk}) if case.has_pending else []
    prefetch_related_objects(found, "files")
    return found


def pending_answer(id_: int, *, actor: Actor) -> PendingAnswer:
    """An answer that waits or waited, of a case that the actor may read. Raises NotFound."""
    rows = PendingAnswer.objects.select_related("case__company", "case__desk", "case__customer")
    found = rows.filter(pk=id_, case__in=visible(actor)).first()
    if found is None:
        raise NotFound(id_)
    return found


def pending_file(id_: int, *, actor: Actor) -> PendingFile:
    """A file that is to leave with an answer that waits or waited, for the desk's people alone. Raises NotFound."""
    rows = PendingFile.objects.select_related("answer__case").filter(answer__case__in=visible(actor))
    found = rows.filter(pk=id_).first()
    if found is None or not may_note(actor, found.answer.case):
        raise NotFound(id_)
    return found


def page_of(
    view: View,
    *,
    desks: Sequence[int],
    person: int | None,
    worked: Sequence[int] = (),
    approved: Sequence[int] = (),
    before: Place | None = None,
    size: int = PAGE,
) -> CasePage:
    """A page of a view over these desks, newest activity first, what runs out soonest first. One query, at any number
    of cases.

    Answers that wait are seen at desks where the person works (`worked`), others' at those where they approve them.
    """
    reader = Reader(person, worked, approved)
    lines = lines_of_view(view, desks=desks, reader=reader, before=before, most=size + 1)
    return _page(lines, size, by_due=view == View.DUE)


def filled_of(cases: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The values that desks of their own want to know of these cases, by the field's id. One query."""
    return dict(Case.objects.filter(pk__in=list(cases)).values_list("pk", "filled"))


def page_with_tag(
    tag: str, *, desks: Sequence[int], before: Place | None = None, size: int = PAGE
) -> CasePage:
    """A page of the cases that bear a tag, newest activity first."""
    found = Case.objects.filter(tags__contains=[tag], desk_id__in=desks)
    return page_among(found, before=before, size=size)


def page_among(found: QuerySet[Case], *, before: Place | None = None, size: int = PAGE) -> CasePage:
    """A page of any set of cases, newest activity first. Two queries."""
    if before:
        earlier = Q(touched_at__lt=before.touched_at) | Q(touched_at=before.touched_at, id__lt=before.id)
        found = found.filter(earlier)
    ids = found.order_by("-touched_at", "-id").values_list("id", flat=True)[: size + 1]
    return _page(lines_of(list(ids)), size)


def counts(
    *,
    desks: Sequence[int],
    person: int | None,
    worked: Sequence[int] = (),
    approved: Sequence[int] = (),
) -> dict[str, int]:
    """How many cases each view holds, and each desk (`desk:ID`, active ones), and how many notes name the person
    that they have not seen (`mentions`); how many answers wait for their time, for this person's word, or came back to
    them. Counted up to 1,000. One query.
    """
    return counted(desks=desks, reader=Reader(person, worked, approved))


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was said in a case, oldest first, and the files of its messages; `earlier` is the moment to ask before
    for what came earlier.
    """

    messages: list[Message]
    files: dict[int, list[Attachment]]
    notes: list[Note]
    earlier: datetime | None


def timeline(case: Case, *, before: datetime | None = None, most: int = 50) -> Timeline:
    """The last `most` messages of a case before a moment, and the notes among them. Two queries, and one
    for files where there are any.
    """
    place = {"case": case.pk, "before": before or END}
    newest = _MESSAGES.rows(place, most=most + 1)
    kept, more = newest[:most][::-1], len(newest) > most
    files: dict[int, list[Attachment]] = {}
    with_files = [message.pk for message in kept if message.has_files]
    for file in _FILES.rows({"messages": with_files}) if with_files else ():
        files.setdefault(file.message_id, []).append(file)
    notes = _NOTES.rows(place | {"since": kept[0].at if more else BEGINNING}, most=MOST_NOTES)
    return Timeline(kept, files, notes, kept[0].at if more else None)


def reply_times(desk: int) -> list[ReplyTime]:
    """What a desk's first answers took lately, by part of the week, the week as a whole first; none when nobody has
    measured for a day.
    """
    order = slots()
    fresh = ReplyTime.objects.filter(desk=desk, measured_at__gte=clock.now() - _REPLY_TIMES_HOLD)
    return sorted(fresh, key=lambda row: order.index(row.slot))


def reply_time(desk: int, *, at: datetime) -> int | None:
    """In how many seconds a desk lately answered four of five that turned to it in this part of the week; where those
    are few, four of five at all hours, and no less than those few. None when nothing can be promised. One query, by
    index.
    """
    here = slot_of(at)
    return next((row.seconds for row in reply_times(desk) if row.slot == here), None)


def likely_answered(case: Case) -> datetime | None:
    """By when somebody who has waited for a first answer as long as in this case is likely to have it (P80), as the
    newest answers of the desk in 90 days say; None where there was an answer, or they are too few. One query.
    """
    if case.first_replied_at is not None:
        return None
    now = clock.now()
    waited = now - case.opened_at
    rows = Case.objects.filter(desk=case.desk_id, opened_at__gte=now - timedelta(days=90))
    longer = rows.filter(first_replied_at__gt=F("opened_at") + waited).order_by("-opened_at")
    took = longer.values_list("opened_at", "first_replied_at")[:_NEWEST_ANSWERS]
    answers = [(answered - opened).total_seconds() for opened, answered in took if answered]
    left = left_after(waited.total_seconds(), answers)
    return None if left is None else now + timedelta(seconds=left)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at a case, and since when."""

    id: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Together:
    """Who has a case open and who of them writes the answer; `taken_from` wrote it before and was relieved."""

    lookers: list[Colleague]
    writer: Colleague | None
    taken_from: int | None


def together(case: int) -> Together:
    """Who is at a case just now. One query."""
    rows = fetch_all(_TOGETHER, {"case": case, "gone": gone_before()})
    at = [(Colleague(id_, name, since), writes, taken_from) for id_, name, since, writes, taken_from in rows]
    writing = next(((one, taken_from) for one, writes, taken_from in at if writes), (None, None))
    return Together([one for one, writes, _taken in at if not writes], *writing)


def read_upto(case: Case) -> int:
    """Up to which message (by id) anybody of us has read a case; 0 for none. One query."""
    return Seen.objects.filter(case_id=case.pk).aggregate(upto=Max("message"))["upto"] or 0


def gone_before() -> datetime:
    """Who has not been heard of since counts as gone."""
    return clock.now() - timedelta(seconds=settings.REPLY_LOCK_SECONDS)


def draft_of(case: Case, *, kind: str, person: int) -> Draft | None:
    """The answer being written to this case, whoever writes it (`reply`), or the person's own `note`."""
    found = Draft.objects.filter(case=case, kind=kind).prefetch_related("files")
    return found.filter(user_id=person).first() if kind == "note" else found.first()


def draft_file(case: Case, file: int, *, person: int) -> DraftFile:
    """A file beside the answer being written, or beside what is kept for the person. Raises NotFound."""
    theirs = Q(draft__kind="reply") | Q(draft__user_id=person)
    found = DraftFile.objects.filter(theirs, pk=file, draft__case=case).first()
    if found is None:
        raise NotFound(file)
    return found


def attachment(id_: int, *, actor: Actor) -> Attachment:
    """An attachment of a case that the actor may read. Raises NotFound, or NotAllowed for one that is held back, or
    waits to be checked, unless the actor looks after quarantine.
    """
    rows = Attachment.objects.select_related("message__case")
    found = rows.filter(pk=id_, message__case__in=visible(actor)).first()
    if found is None:
        raise NotFound(id_)
    case = found.message.case
    if not may_open(actor, [found], case):
        raise NotAllowed(_("This file is held back. Whoever looks after quarantine can release it to you."))
    return found


def may_open(actor: Actor, attachments: Iterable[Attachment], case: Case) -> bool:
    """Whether a reader of the case may open all of these files."""
    keeper = actor.may(Permission.QUARANTINE, company=case.company_id, desk=case.desk_id)
    return keeper or all(file.may_be_opened for file in attachments)


def other_cases(case: Case, *, actor: Actor, most: int = 5) -> list[Case]:
    """The customer's other cases that the actor may read, newest first."""
    readable = {
        "companies": list(actor.companies_with(Permission.CASE_READ)),
        "desks": list(actor.desks_with(Permission.CASE_READ)),
    }
    return _OTHERS.rows(readable | {"customer": case.customer_id, "case": case.pk}, most=most)


def merge_of(id_: int, *, actor: Actor) -> Merge:
    """A merge of cases that the actor may read. Raises NotFound."""
    rows = Merge.objects.select_related("case__company", "into__company")
    found = rows.filter(pk=id_, into__in=visible(actor)).first()
    if found is None:
        raise NotFound(id_)
    return found


def merge_to_undo(case: Case) -> Merge:
    """The merge by which a person let this case go on in another one. Raises Refused where there is none."""
    stands = Merge.objects.select_related("case__company", "into__company").filter(case=case, undone_at=None)
    found = stands.order_by("-pk").first()
    if found is None:
        raise Refused(_("Nobody has merged this case into another one. There is nothing to undo."))
    return found


def split_of(id_: int, *, actor: Actor) -> Split:
    """A split of cases that the actor may read. Raises NotFound."""
    found = _splits().filter(pk=id_, case__in=visible(actor), into__in=visible(actor)).first()
    if found is None:
        raise NotFound(id_)
    return found


def split_to_undo(case: Case) -> Split:
    """The split by which this case began. Raises Refused where there is none."""
    found = _splits().filter(into=case).first()
    if found is None:
        raise Refused(_("This case was not split off from another one. There is nothing to undo."))
    return found


def asked_of(case: Case) -> Wanted:
    """What the desk wants to know of a case. Two queries; none where it is known that the desk asks nothing."""
    if not (case.has_form or case.filled):
        return Wanted([], [], None, [])
    return wanted_of(desk=case.desk_id, matter=case.matter_id, filled=case.filled)


def _splits() -> QuerySet[Split]:
    return Split.objects.select_related("case__company", "into__company")


def _unseen_mentions(person: Slot) -> QuerySet[Mention]:
    return Mention.objects.filter(case=OuterRef("pk"), user=person, seen_at=None)


def _may_read(actor: Actor, case: Case) -> bool:
    wide, single = actor.companies_with(Permission.CASE_READ), actor.desks_with(Permission.CASE_READ)
    return case.company_id in wide or case.desk_id in single


def _page(lines: list[CaseLine], size: int, *, by_due: bool = False) -> CasePage:
    last = lines[size - 1] if len(lines) > size else None
    return CasePage(lines[:size], Place.after(last, by_due=by_due) if last else None)
