"""Writing complaints down, changing, closing and reopening them, and telling of those whose time has run out."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import set_priority
from madoguchi.cases.models import Case, Priority
from madoguchi.complaints import policies
from madoguchi.complaints.events import (
    ComplaintChanged,
    ComplaintClosed,
    ComplaintMade,
    ComplaintOverdue,
    ComplaintReopened,
)
from madoguchi.complaints.models import Complaint
from madoguchi.infra.due import tell_each_due
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems, Refused
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.people.queries import works_at

LONGEST, MOST_OF_CASE = 10_000, 20
FARTHEST = timedelta(days=366)
TEXTS = ("facts", "demand", "manner", "corrective", "answer")
_CLOCK = system("complaints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is written of a complaint; `secondary_to` is the complaint (id) whose handling it is about."""

    facts: str
    severity: int | None
    due_at: datetime | None
    demand: str = ""
    manner: str = ""
    responsible: int | None = None
    corrective: str = ""
    answer: str = ""
    secondary_to: int | None = None


@transaction.atomic
def make_complaint(case: Case, written: Written, *, by: Actor) -> Complaint:
    """Write a complaint down. The gravest make the case urgent.

    Raises NotAllowed for who does not work the case, and Refused for what makes no sense.
    """
    _require(case, by)
    # Two that are written at once are counted one after the other.
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)
    if Complaint.objects.filter(case=case).count() >= MOST_OF_CASE:
        raise Refused(_("This case has too many complaints already."), field="facts")
    columns = _columns(case, written, None)
    due: datetime = columns["due_at"]
    one = Complaint.objects.create(
        company_id=case.company_id, case=case, made_by_id=by.id, made_at=clock.now(), next_at=due, **columns
    )
    more = {"severity": one.severity, "responsible": one.responsible_id, "secondary_to": one.secondary_to_id}
    record(ComplaintMade(**_about(one), **more), by=by)
    _urgent_if_critical(one, case, by)
    return one


@transaction.atomic
def change_complaint(one: Complaint, written: Written, *, version: int | None = None, by: Actor) -> None:
    """Write on a complaint. Raises as `make_complaint`, and Conflict where it is closed, or not any more as who changes
    it has seen it (`version`; None: however it is).
    """
    case = _held(one, by)
    if one.state != Complaint.State.OPEN or version not in (None, one.version):
        raise Conflict(_("Somebody else has changed this complaint meanwhile. Look at it again."))
    columns = _columns(case, written, one)
    changed = [name for name, value in columns.items() if getattr(one, name) != value]
    if not changed:
        return
    if "due_at" in changed:
        columns["next_at"] = columns["due_at"]
    _set(one, **columns)
    fields = [name.removesuffix("_id") for name in changed]
    given = one.responsible_id if "responsible_id" in changed else None
    record(ComplaintChanged(**_about(one), fields=fields, responsible=given), by=by)
    _urgent_if_critical(one, case, by)


@transaction.atomic
def settle_complaint(one: Complaint, written: Written, *, version: int | None = None, by: Actor) -> None:
    """Write on a complaint and close it, both or neither. Raises as `change_complaint` and `close_complaint`."""
    change_complaint(one, written, version=version, by=by)
    close_complaint(one, by=by)


@transaction.atomic
def close_complaint(one: Complaint, *, by: Actor) -> None:
    """Say that a complaint is over: it must say who was responsible, what is mended and what the customer was answered.

    Raises NotAllowed, Conflict for one that is not open, Refused naming what is missing.
    """
    _held(one, by)
    if one.state != Complaint.State.OPEN:
        raise Conflict(_("Somebody else has changed this complaint meanwhile. Look at it again."))
    _require_settled(one)
    _set(one, state=Complaint.State.CLOSED, closed_at=clock.now(), next_at=None)
    record(ComplaintClosed(**_about(one)), by=by)


@transaction.atomic
def reopen_complaint(one: Complaint, *, by: Actor) -> bool:
    """A complaint is not over after all; whether that is news. Raises NotAllowed."""
    _held(one, by)
    if one.state == Complaint.State.OPEN:
        return False
    later = one.due_at if one.due_at > clock.now() else None
    _set(one, state=Complaint.State.OPEN, closed_at=None, next_at=later)
    record(ComplaintReopened(**_about(one)), by=by)
    return True


def tell_overdue() -> int:
    """Tell of complaints of all companies whose time has run out, each once; returns of how many."""
    return tell_each_due(Complaint, _tell, reason="complaints of any company may be due")


@transaction.atomic
def _tell(pk: int, now: datetime) -> bool:
    rows = Complaint.objects.select_for_update(of=["self"], skip_locked=True).select_related(
        "case__continued_in"
    )
    one = rows.filter(pk=pk, next_at__lte=now, state=Complaint.State.OPEN).first()
    if one is None:
        return False
    Complaint.objects.filter(pk=pk).update(next_at=None)
    record(ComplaintOverdue(**_about(one), responsible=one.responsible_id), by=_CLOCK)
    return True


def _require_settled(one: Complaint) -> None:
    words = {
        "responsible": _("who is responsible"),
        "corrective": _("what is mended"),
        "answer": _("what the customer was answered"),
    }
    first, *others = [name for name in words if not getattr(one, name)] or [""]
    if first:
        named = "、".join(words[name] for name in (first, *others))
        further = dict.fromkeys(others, _("Write this before it is closed."))
        words_ = _("Before it is closed, write: %(missing)s.") % {"missing": named}
        raise Refused(words_, field=first, others=further)


def _columns(case: Case, written: Written, one: Complaint | None) -> dict[str, Any]:
    """What is kept of what was written. Raises Refused, with all that is wrong."""
    said, wrong = asdict(written), Problems()
    texts = {name: wrong.of(partial(_text, said[name], name), "") for name in TEXTS}
    columns = texts | {
        "severity": wrong.of(lambda: _severity(written), None),
        "due_at": wrong.of(lambda: _due(written, one), None),
        "responsible_id": wrong.of(lambda: _responsible(case, written, one), None),
        "secondary_to_id": wrong.of(lambda: _first(case, written.secondary_to, one), None),
    }
    wrong.end()
    return columns


def _text(written: str, name: str) -> str:
    text = blot_card_numbers(clean(written)).strip()
    if name == "facts" and not text:
        raise Refused(_("Write what happened."), field=name)
    if len(text) > LONGEST:
        raise Refused(_("This is longer than 10,000 characters. Shorten it."), field=name)
    return text


def _severity(written: Written) -> int | None:
    if written.severity not in Complaint.Severity.values:
        raise Refused(_("Say how grave it is."), field="severity")
    return written.severity


def _due(written: Written, one: Complaint | None) -> datetime | None:
    """By when; one that is written on may be late already."""
    now, due = clock.now(), written.due_at
    if due is None or due > now + FARTHEST or (one is None and due <= now):
        raise Refused(_("Choose a time that is to come, within a year."), field="due")
    return due


def _responsible(case: Case, written: Written, one: Complaint | None) -> int | None:
    """Who is; whoever was before may have left since."""
    person = written.responsible
    known = person in (None, one.responsible_id if one else None)
    if not known and not works_at(person or 0, desk=case.desk_id, company=case.company_id):
        raise Refused(_("This person does not work at this desk."), field="responsible")
    return person


def _first(case: Case, first: int | None, one: Complaint | None) -> int | None:
    """The complaint whose handling another is about: one of this customer, written down before. Raises Refused."""
    if first is None:
        return None
    earlier = Complaint.objects.filter(pk=first, case__customer=case.customer_id)
    if one is not None:
        earlier = earlier.filter(pk__lt=one.pk)
    if not earlier.exists():
        raise Refused(_("Choose an earlier complaint of this customer."), field="secondary_to")
    return first


def _urgent_if_critical(one: Complaint, case: Case, by: Actor) -> None:
    if one.severity == Complaint.Severity.CRITICAL:
        set_priority(case, to=Priority.URGENT, by=by)


def _require(case: Case, by: Actor) -> None:
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)


def _held(one: Complaint, by: Actor) -> Case:
    """The case where it is worked on; the complaint as it is, kept from others who would change it."""
    rows = Complaint.objects.select_for_update(of=["self"])
    one.refresh_from_db(from_queryset=rows.select_related("case__desk", "case__continued_in__desk"))
    _require(one.home, by)
    return one.home


def _set(one: Complaint, **values: Any) -> None:
    for name, value in values.items():
        setattr(one, name, value)
    one.version += 1
    one.save()


def _about(one: Complaint) -> dict[str, Any]:
    return {**one.home.where, "complaint": one.pk}
