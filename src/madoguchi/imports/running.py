"""One import from its first record to its last: looked at beforehand, or done, a few records at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from madoguchi.customers.models import Identity
from madoguchi.imports.actions import Target, digests_of, keep_others_out, let_others_in, note_run, take
from madoguchi.imports.actions.keeping import keep_rows
from madoguchi.imports.csv_table import open_csv
from madoguchi.imports.freshdesk import open_freshdesk
from madoguchi.imports.kept_tables import KINDS, open_kept
from madoguchi.imports.mbox import open_mbox
from madoguchi.imports.models import Origin
from madoguchi.imports.origins import Key, keys_of, origins_of
from madoguchi.imports.osticket import open_osticket
from madoguchi.imports.outcomes import Came, Outcome, left_out_of, unreadable
from madoguchi.imports.records import Bad, Kept, Knowledge, Person, Record, Ticket, said_in, size_of
from madoguchi.imports.reports import Report
from madoguchi.imports.sources import Meter, Opener, Source
from madoguchi.imports.zammad import open_zammad
from madoguchi.imports.zendesk import open_zendesk
from madoguchi.infra import scope
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel.identity import IdentityKind, canonical

# So many records a transaction, fewer where they hold much: other work waits for the counter of case numbers until it
# ends, and all of them are held in memory.
AT_ONCE = 50
MOST_SAID = 500
MOST_BYTES = 8_000_000
SOURCES: dict[str, Opener] = {
    "mbox": open_mbox,
    "csv": open_csv,
    "zendesk": open_zendesk,
    "freshdesk": open_freshdesk,
    "zammad": open_zammad,
    "osticket": open_osticket,
    **{kind: partial(open_kept, kind) for kind in KINDS},
}
Progress = Callable[[int], None]
Portioned = TypeVar("Portioned", bound=Record | Knowledge)
_Handler = Callable[[Sequence[Record], Target], list[Came]]


def run(
    source: Source, target: Target, *, report: Report, progress: Progress, files: Sequence[Path] = ()
) -> bool:
    """Bring in what has not come yet; whether it came to its end. Raises Refused while another import runs.

    It may be killed anywhere and be begun again. Asked to stop, it ends after the record at hand. That it ran, and what
    was in the `files`, is written into the log, however it ended, unless it was killed or lost the database.
    """
    keep_others_out(target.company)
    try:
        return _run_noted(source, target, report, progress, digests_of(files))
    finally:
        let_others_in(target.company)


def _run_noted(
    source: Source, target: Target, report: Report, progress: Progress, files: dict[str, str]
) -> bool:
    try:
        finished = _go_through(source, target, take, report, progress)
    except BaseException:
        with suppress(DatabaseError, InterfaceError):  # what ended it is what is to be told
            note_run(target, files=files, counts=report.counts, finished=False)
        raise
    note_run(target, files=files, counts=report.counts, finished=finished)
    return finished


def preview(source: Source, target: Target, *, report: Report, progress: Progress) -> bool:
    """Say what `run` would do, and change nothing; whether it came to its end."""
    return _go_through(source, target, foresee, report, progress)


def _go_through(source: Source, target: Target, handle: _Handler, report: Report, progress: Progress) -> bool:
    meter, told = Meter(), 0
    records = _until_stopped(source.records(meter))
    for some in in_portions(records):
        for came in handle(some, target):
            report.note(came)
        progress(meter.done - told)
        told = meter.done
    return not is_stopping()


def in_portions(records: Iterable[Portioned]) -> Iterator[list[Portioned]]:
    """A few records at a time, as few as hold much: only one alone may hold more than a portion should."""
    portion: list[Portioned] = []
    said = held = 0
    for record in records:
        portion.append(record)
        said, held = said + said_in(record), held + size_of(record)
        if len(portion) >= AT_ONCE or said >= MOST_SAID or held >= MOST_BYTES:
            yield portion
            portion, said, held = [], 0, 0
    if portion:
        yield portion


def _until_stopped(records: Iterator[Record]) -> Iterator[Record]:
    for record in records:
        yield record
        if is_stopping():
            return


def foresee(records: Sequence[Record], target: Target) -> list[Came]:
    """What would become of these records; nothing changes."""
    if any(isinstance(one, Kept) for one in records):
        return keep_rows(records, company=target.company, only_look=True)
    with scope.acting_for([target.company]):
        known = set(origins_of(records, company=target.company, source=target.source))
        return [came for record in records for came in _foreseen(record, known)]


def _foreseen(record: Record, known: set[Key]) -> list[Came]:
    left_out = left_out_of(record, known)
    return [_fate(record, known), *left_out]


def _fate(record: Record, known: set[Key]) -> Came:
    """What would become of a record; what it brings counts as known to those after it."""
    if isinstance(record, Bad):
        return unreadable(record)
    keys = keys_of(record)
    is_here = keys[0] in known
    outcome = _fate_of_known(keys, known) if is_here else _fate_of_new(record)
    known.update(keys)
    told = record.left_out if isinstance(record, Ticket) and outcome != Outcome.SKIPPED else ()
    return Came.of(record, outcome, *told)


def _fate_of_known(keys: Sequence[Key], known: set[Key]) -> Outcome:
    grown = any(key not in known for key in keys if key[0] != Origin.Kind.CUSTOMER)
    return Outcome.UPDATED if grown else Outcome.SKIPPED


def _fate_of_new(record: Record) -> Outcome:
    if not isinstance(record, Person):
        return Outcome.CREATED
    reached = Q(pk=None)
    for kind, written in ((IdentityKind.EMAIL, record.emails), (IdentityKind.PHONE, record.phones)):
        reached |= Q(kind=kind.value, value__in=[canonical(kind, one)[:254] for one in written])
    return Outcome.UPDATED if Identity.objects.filter(reached).exists() else Outcome.CREATED
