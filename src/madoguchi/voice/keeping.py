"""What is done with recordings after a call: they lie encrypted, whoever listens is told of in the log, and they go
when their time is over.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.companies.models import Company
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.forgetting import days_ago
from madoguchi.infra.models import Event
from madoguchi.infra.named_files import is_named
from madoguchi.infra.stopping import is_stopping
from madoguchi.intake.actions import empty, lighten
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.voice.events import RecordingHeard, RecordingsGone, RecordingTermSet
from madoguchi.voice.models import Recording, RecordingTerm
from madoguchi.voice.phones import PHONE
from madoguchi.voice.policies import may_set_recording_term
from madoguchi.voice.queries import MOST_DAYS, TERM_WAITS, as_it_counts, case_of, recording_days

# Browsers fetch a long recording part by part, and again when somebody goes back in it: that is one listening.
ONE_LISTENING = timedelta(hours=1)
LEAST_DAYS = 1
AT_ONCE = 100
# Which of these cases keep their recordings all the same.
Spared = Callable[[Collection[int]], Collection[int]]
# The raw bytes of a call without its sound, which `keep` keeps.
WithoutSound = Callable[..., bytes]


@dataclass
class Walk:
    """How far the recordings were looked through today: none that was found encrypted comes to lie open again, but by
    a restore, for which all processes end. A new day begins anew, for one that was moved here may be seen late.
    """

    day: date = date.min
    last: int = 0


def seal_recordings(without_sound: WithoutSound, *, walk: Walk | None = None) -> int:
    """Encrypt the recordings that lie open in the file store: those of before, put back from a backup, or moved here.
    The raw bytes of such calls may bear their sound, and are kept without it. Returns how many. May be done at any
    time, and ended in the middle.
    """
    walk = walk or Walk()
    if walk.day != clock.today():
        walk.day, walk.last = clock.today(), 0
    sealed = 0
    while kept := _some_after(walk.last):
        for pk, company, digest, message in kept:
            if is_stopping():
                return sealed
            if files.lies_open(digest, company=company):
                with scope.acting_for([company]), transaction.atomic():
                    lighten(message or 0, partial(without_sound, keep=partial(_kept, company)))
                files.seal(digest, company=company)
                sealed += 1
            walk.last = pk
    return sealed


def _some_after(last: int) -> list[tuple[int, int, str, int | None]]:
    with scope.everywhere(reason="recordings of any company may lie open"):
        rows = Recording.objects.filter(pk__gt=last).order_by("pk")
        return list(rows.values_list("pk", "company_id", "sha256", "call__message_id")[:AT_ONCE])


def _kept(company: int, sound: bytes) -> files.Kept:
    return files.put_sealed([sound], company=company)


@transaction.atomic
def note_listening(case: Case, sha256: str, *, by: Actor) -> bool | None:
    """A person is given a file of a case to listen to or to save: where it was recorded on a call, or written down of
    what was, the log tells it, once an hour. Whether it did; None for any other file.
    """
    its = Q(sha256=sha256) | Q(transcript=sha256)
    one = Recording.objects.filter(its, company=case.company_id).first()
    if one is None:
        return None
    if by.id is None:
        return False
    lately = Event.objects.filter(case_id=case.pk, kind=RecordingHeard.kind, actor_id=by.id)
    if lately.filter(data__recording=one.pk, at__gt=clock.now() - ONE_LISTENING).exists():
        return False
    record(RecordingHeard(**case.where, call=one.call_id, recording=one.pk), by=by)
    return True


@transaction.atomic
def set_recording_days(company: Company, *, days: int | None, by: Actor) -> None:
    """Say for how many days a company keeps recordings; None: as long as the calls. Those that are older go, and do
    not come back: so a time that is shorter than what counts begins seven days later, and to say meanwhile what counts
    takes it back. A longer one counts at once.

    Raises NotAllowed, or Refused for what is out of bounds.
    """
    if not may_set_recording_term(by, company=company.pk):
        raise NotAllowed(Permission.RIGHTS)
    if days is not None and not LEAST_DAYS <= days <= MOST_DAYS:
        words = _("Write a number from %(least)s to %(most)s.") % {"least": LEAST_DAYS, "most": MOST_DAYS}
        raise Refused(words, field="days")
    held = RecordingTerm.objects.select_for_update().filter(company=company).first()
    kept = as_it_counts(held)
    if kept.said == days:
        return
    begins = clock.now() + TERM_WAITS if kept.is_shortened_by(days) else None
    if days is None:
        RecordingTerm.objects.filter(company=company).delete()
    else:
        said = {"days": days, "days_before": kept.now if begins else None, "begins_at": begins}
        RecordingTerm.objects.update_or_create(company=company, defaults=said)
    when = begins.isoformat() if begins else ""
    record(RecordingTermSet(company=company.pk, days=days or 0, begins_at=when), by=by)


def let_recordings_go(*, spared: Spared) -> int:
    """Delete what was recorded longer ago than its company keeps it, some calls a transaction; returns how many
    recordings. Cases that are `spared` keep theirs. May be done at any time, and ended in the middle.
    """
    with scope.everywhere(reason="each company says how long its recordings are kept"):
        companies = list(RecordingTerm.objects.values_list("company_id", flat=True))
    return sum(_let_go_of(company, spared) for company in companies)


def _let_go_of(company: int, spared: Spared) -> int:
    gone, last = 0, 0
    while not is_stopping():
        with scope.acting_for([company]), transaction.atomic():
            days = recording_days([company]).get(company)  # anew each time: it may be longer by now
            if days is None:
                break
            old = Recording.objects.select_for_update(skip_locked=True, of=("self",)).select_related("call")
            rows = list(old.filter(at__lt=days_ago(days), call__gt=last).order_by("call_id", "pk")[:AT_ONCE])
            if not rows:
                break
            last = rows[-1].call_id
            gone += _delete(company, rows, days, spared)
    return gone


def _delete(company: int, rows: Iterable[Recording], days: int, spared: Spared) -> int:
    by_call = [(call, list(theirs)) for call, theirs in groupby(rows, lambda row: row.call)]
    cases = {call.pk: case for call, _theirs in by_call if (case := case_of(call))}
    staying = set(spared([case.pk for case in cases.values()]))
    gone = 0
    for call, theirs in by_call:
        case = cases.get(call.pk)
        if case and case.pk in staying:
            continue
        hashes = {row.sha256 for row in theirs} | {row.transcript for row in theirs if row.transcript}
        _forget(company, hashes)
        Recording.objects.filter(pk__in=[row.pk for row in theirs]).delete()
        where = case.where if case else {"company": company, "desk": call.desk_id}
        record(RecordingsGone(**where, call=call.pk, count=len(theirs), days=days), by=PHONE)
        transaction.on_commit(partial(_drop_files, company, hashes))
        gone += len(theirs)
    return gone


def _forget(company: int, hashes: Collection[str]) -> None:
    """The files of messages that are these recordings, and the raw bytes, in which those from before have the sound."""
    attached = Attachment.objects.filter(company=company, sha256__in=hashes)
    for message in Message.objects.filter(pk__in=attached.values("message")).values_list("pk", flat=True):
        empty(message)
    attached.delete()


def _drop_files(company: int, hashes: Collection[str]) -> None:
    for sha256 in sorted(hashes):
        with scope.acting_for([company]):
            files.drop_unless(partial(_is_named, sha256), sha256, company=company)


def _is_named(sha256: str) -> bool:
    return Recording.objects.filter(sha256=sha256).exists() or is_named(sha256)
