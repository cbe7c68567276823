"""Who of ours is rung outside for a call that a carrier holds: whoever is free at the desk where it is, by its turn."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from madoguchi.channels.phone.models import CarriedCall
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.people.queries import staff_of_desks
from madoguchi.voice.dividing import place_of
from madoguchi.voice.models import Call
from madoguchi.voice.outgoing import may_call_more
from madoguchi.voice.outside import note_rung, outside_phones
from madoguchi.voice.phones import is_anybody_free, take_phone

# Who waits and was heard of within so long has the first right to whoever is free.
HEARD_OF = timedelta(seconds=20)


def taken(row: CarriedCall, *, desk: int, ahead: int, at: datetime) -> int:
    """Whose telephone rings for a caller now (0: nobody's): at a `desk` that is wished, else at the one that the rules
    name among operators. Who waits there longer has the first right.

    Callers ask every few seconds, and mostly nobody is free: only where somebody is, the company's calls of the day are
    counted, one after another.
    """
    point = row.entry_point
    company, people = point.company_id, outside(point)
    where = desk or place_of(row.uid, point.desk_id, among=people)
    if not where or (ahead and _somebody_before(row, where, at)):
        return 0
    if not is_anybody_free(desk=where, company=company, among=people) or not may_call_more(company):
        return 0
    person = take_phone(desk=where, company=company, call=row.uid, among=people)
    if person:
        note_rung(row.uid, company=company)
    return person or 0


def outside(point: EntryPoint) -> Mapping[int, str]:
    """Who of the company's desks is rung outside, and where: whose turn it is among them, the desk of a call says."""
    desks = Desk.objects.filter(company_id=point.company_id).values_list("pk", flat=True)
    return outside_phones(staff_of_desks(list(desks)).values("pk"))


def ahead_of(row: CarriedCall) -> int:
    """How many wait in the same queue, and did so before."""
    rows = CarriedCall.objects.filter(entry_point_id=row.entry_point_id, queue=row.queue, over_at=None)
    return rows.filter(waits_since__lt=row.waits_since).exclude(pk=row.pk).count()


def _somebody_before(row: CarriedCall, desk: int, at: datetime) -> bool:
    """Whether somebody waits longer at this desk who asks again within moments."""
    rows = CarriedCall.objects.filter(entry_point_id=row.entry_point_id, over_at=None)
    rows = rows.filter(waits_since__lt=row.waits_since, seen_at__gt=at - HEARD_OF).exclude(pk=row.pk)
    return rows.filter(uid__in=Call.objects.filter(desk=desk).values("uid")).exists()
