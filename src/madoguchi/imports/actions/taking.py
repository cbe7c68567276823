"""Records come in, a few in one transaction, each under a savepoint of its own.

What they became is written down in the same transaction, so an import may be killed anywhere and be begun again.
"""

from collections.abc import Sequence

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Standing, leave_as_it_was
from madoguchi.cases.models import Case, Priority, Status
from madoguchi.commerce.models import Order
from madoguchi.commerce.outside import keep_numbers, keep_outside, was_taken_here
from madoguchi.imports.actions.keeping import keep_rows
from madoguchi.imports.actions.target import IMPORT, Target
from madoguchi.imports.actions.telling import tell
from madoguchi.imports.actions.work import Work
from madoguchi.imports.models import Origin
from madoguchi.imports.origins import keys_of, origins_of
from madoguchi.imports.outcomes import Came, Outcome, kind_of, left_out_of, unreadable
from madoguchi.imports.records import Bad, Kept, Mail, Person, Record, Sale, Ticket
from madoguchi.infra import scope
from madoguchi.infra.event_log import carrying
from madoguchi.infra.prepared import plans_kept
from madoguchi.intake.actions import take_past
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.errors import MadoguchiError
from madoguchi.kernel.text import one_line
from madoguchi.search.actions import index

logger = structlog.get_logger()
_MOST_NAME = 200


def take(records: Sequence[Record], target: Target) -> list[Came]:
    """Bring records in: all of them that can come do. Raises only for trouble of the database or the machine."""
    if any(isinstance(one, Kept) for one in records):
        return keep_rows(records, company=target.company)
    with scope.acting_for([target.company]), carrying(), plans_kept():
        work = Work(target, origins_of(records, company=target.company, source=target.source))
        came = [came for record in records for came in _with_left_out(record, work)]
        Origin.objects.bulk_create(work.new)
        index(cases=work.cases, customers=work.customers, many=True)
        return came


def _with_left_out(record: Record, work: Work) -> list[Came]:
    left_out = left_out_of(record, work.origins)
    return [_careful(record, work), *left_out]


def _careful(record: Record, work: Work) -> Came:
    """One record that fails hinders no other; trouble of the database is no record's fault."""
    if isinstance(record, Bad | Kept):
        assert isinstance(record, Bad), "rows of what is kept come by themselves"
        return unreadable(record)
    since = len(work.new)
    try:
        with transaction.atomic():
            return _take(record, work)
    except (OperationalError, InterfaceError, OSError):
        raise
    except Exception as error:
        work.forget(since)
        if not isinstance(error, MadoguchiError):
            logger.warning("import_record_failed", place=record.place, exc_info=True)
        words = str(error) if isinstance(error, MadoguchiError) else f"{type(error).__name__}: {error}"
        return Came(kind_of(record), Outcome.FAILED, record.place, record.id, (words[:500],))


def _take(record: Ticket | Person | Sale | Mail, work: Work) -> Came:
    if isinstance(record, Sale):
        return _take_sale(record, work)
    if isinstance(record, Mail):
        return _take_mail(record, work)
    if isinstance(record, Person):
        return _take_person(record, work)
    is_new = tell(record, work)
    if is_new is None:
        return Came.of(record, Outcome.SKIPPED)
    reasons = (*record.left_out, *_unknown_assignee(record, work.target))
    return Came.of(record, Outcome.CREATED if is_new else Outcome.UPDATED, *reasons)


def _unknown_assignee(ticket: Ticket, target: Target) -> tuple[str, ...]:
    """Told once of each: somebody who does not work at this desk."""
    name = ticket.assignee
    if not name or target.person(name) or name in target.unknown:
        return ()
    target.unknown.add(name)
    return (
        _("Nobody at this desk is called %(name)s: nobody is responsible for such cases.") % {"name": name},
    )


def _take_person(person: Person, work: Work) -> Came:
    if keys_of(person)[0] in work.origins:
        return Came.of(person, Outcome.SKIPPED)
    _customer, is_new = work.customer(person, None)
    return Came.of(person, Outcome.CREATED if is_new else Outcome.UPDATED, *_cut(person))


def _cut(person: Person) -> tuple[str, ...]:
    """A name that is longer than we keep comes in all the same; that it was cut is told."""
    if len(one_line(person.name, most=_MOST_NAME + 1)) <= _MOST_NAME:
        return ()
    return (_("The name was too long: its first %(most)s characters were kept.") % {"most": _MOST_NAME},)


def _take_sale(sale: Sale, work: Work) -> Came:
    """An order comes once: what has become of it here since stands. Lots and serial numbers are often known later than
    the order, and come with a newer table.
    """
    key = keys_of(sale)[0]
    if key in work.origins:
        there = Order.objects.filter(pk=work.origins[key].order_id).first()
        news = there is not None and keep_numbers(there, sale.said, by=IMPORT)
        return Came.of(sale, Outcome.UPDATED if news else Outcome.SKIPPED)
    if was_taken_here(sale.said, company=work.target.company):
        return Came.of(sale, Outcome.SKIPPED, _("It was taken here, and stands as it is."))
    customer, _is_new = work.customer(sale.customer, sale.said.placed_at)
    made = keep_outside(customer, sale.said, desk=work.target.point.desk, by=IMPORT)
    work.remember(key, order_id=made.pk)
    return Came.of(sale, Outcome.CREATED)


def _take_mail(mail: Mail, work: Work) -> Came:
    [key] = keys_of(mail)
    if key in work.origins:
        return Came.of(mail, Outcome.SKIPPED)
    target, at = work.target, mail.at or clock.now()
    with clock.held_at(at):
        arrival = take_past(
            mail.raw,
            entry_point=target.point,
            source=f"import {mail.place}",
            also_ours=target.also_ours,
        )
        if arrival and arrival.case_id and arrival.state == Arrival.State.HANDLED:
            work.cases.add(arrival.case_id)
            if target.solved_before and at < target.solved_before:
                _solve(arrival.case_id)
    where = {"case_id": arrival.case_id, "message_id": arrival.message_id} if arrival else {}
    work.remember(key, **where)
    return _of_arrival(arrival, mail)


def _solve(case: int) -> None:
    row = Case.objects.get(pk=case)
    standing = Standing(Status.SOLVED, Priority(row.priority), row.tags, row.assignee_id, clock.now())
    leave_as_it_was(case, standing, by=IMPORT)


def _of_arrival(arrival: Arrival | None, mail: Mail) -> Came:
    """A mail that is kept out or set aside is here, and it is told where it waits."""
    state = arrival.state if arrival else Arrival.State.REPEATED
    if arrival is None or state == Arrival.State.REPEATED:
        return Came.of(mail, Outcome.SKIPPED)
    if state == Arrival.State.QUARANTINED:
        return Came.of(mail, Outcome.FAILED, _("In quarantine: %(reason)s") % {"reason": arrival.reason})
    if state == Arrival.State.SPAM:
        return Came.of(
            mail, Outcome.SKIPPED, _("In the list of spam: %(reason)s") % {"reason": arrival.reason}
        )
    if arrival.case_id is None:
        return Came.of(mail, Outcome.SKIPPED, arrival.reason)
    return Came.of(mail, Outcome.CREATED)
