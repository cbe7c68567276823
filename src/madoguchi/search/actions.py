"""Keeping the index as the data is. All of it may be done twice, and by several processes at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from django.db import connection, transaction
from django.db.models import Max
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.cases.models import Case, Message
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.folding import SEPARATOR, indexed
from madoguchi.search.keys import keys_of
from madoguchi.search.kinds import kind_of
from madoguchi.search.models import Document, FileText, Progress
from madoguchi.search.sources import Entry, entries_of

_KNOWN = """
    SELECT source_id, kind, field, id, text, customer_id FROM search_document
    WHERE source_id = ANY (%s::bigint[]) AND kind IN ('case', 'customer')
"""
_IDS = "SELECT nextval(pg_get_serial_sequence('search_document', 'id')) FROM generate_series(1, %s)"
_INSERT = """
    INSERT INTO search_document (id, kind, field, source_id, company_id, case_id, customer_id, at, text)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::timestamptz[], %s::text[])
    ON CONFLICT (source_id, kind, field) DO NOTHING RETURNING id
"""
_NEW_FILES = """
    SELECT a.id, a.company_id, a.filename, a.content_type
    FROM cases_message AS m JOIN cases_attachment AS a ON a.message_id = m.id
        LEFT JOIN search_filetext AS t ON t.attachment_id = a.id
    WHERE m.case_id = ANY (%s::bigint[]) AND t.attachment_id IS NULL
"""
_NOTE_FILES = """
    INSERT INTO search_filetext (attachment_id, company_id, state, tries, text, next_try_at)
    SELECT *, 'waiting', 0, '', %s::timestamptz FROM unnest(%s::bigint[], %s::bigint[])
    ON CONFLICT DO NOTHING RETURNING attachment_id
"""
_MOVE = """
    UPDATE search_document AS d SET case_id = moved.case_id
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS moved (source_id, kind, case_id)
    WHERE d.source_id = moved.source_id AND d.kind = moved.kind AND d.case_id <> moved.case_id
"""
_COPY = "COPY search_posting FROM STDIN"
# How much of what is new waits in a list, which every search reads too, before it is put where it belongs: the more
# at once, the less it costs. Catching up puts all of a step there at its end.
_LITTLE, _MUCH, _NOTHING = "512kB", "256MB", "64kB"
_WAITS = "SELECT set_config('gin_pending_list_limit', %s, true)"
_MEMORY = "SELECT set_config('work_mem', '32MB', true)"
# A step takes well under a second, so that who has to stop soon can.
BATCH = 50
_KINDS_THAT_CHANGE = ("case", "customer")
_QUEUES = {"search.catch_up": "default", "search.read_files": "files"}


@transaction.atomic
def index(
    *, cases: Iterable[int], customers: Iterable[int] = (), anew: bool = False, many: bool = False
) -> int:
    """Make search find what these cases and customers hold now; returns how many documents were written.

    What is indexed already costs little, unless it is to be replaced (`anew`): then what is found stands in the order
    in which it stood. Who has `many` says so: it is quicker.
    """
    cases, customers = list(cases), list(customers)
    places = _places(cases) if anew else {}
    if anew:
        Document.objects.filter(case_id__in=cases).delete()
    if _note_files(cases) and not many:
        _begin("search.read_files")
    found = entries_of(cases, customers)
    _forget_others(found, cases, customers)
    texts = {entry.key: SEPARATOR.join(map(indexed, entry.parts)) for entry in found}
    _move([entry for entry in found if entry.kind not in _KINDS_THAT_CHANGE])
    gone, same = _compare(found, texts)
    if gone:
        Document.objects.filter(pk__in=gone).delete()
    new = [entry for entry in found if entry.key not in same]
    return _write(new, [texts[entry.key] for entry in new], places=places, many=many)


@transaction.atomic
def keep_text(waiting: FileText, *, text: str | None) -> None:
    """Keep what is written in a file and make it be found; without a text the file is at fault and not tried again."""
    with scope.acting_for([waiting.company_id]):
        state = FileText.State.UNREADABLE if text is None else FileText.State.READ
        mine = FileText.objects.filter(pk=waiting.pk, state=FileText.State.WAITING)
        if mine.update(state=state, text=text or "") and text:
            index(cases=Message.objects.filter(attachments=waiting.pk).values_list("case_id", flat=True))


def give_up_reading(waiting: FileText) -> None:
    """What kept failing for reasons that are not in the file itself is not tried again by itself; the doctor tells."""
    with scope.acting_for([waiting.company_id]):
        mine = FileText.objects.filter(pk=waiting.pk, state=FileText.State.WAITING)
        mine.update(state=FileText.State.GIVEN_UP)


def read_given_up_again() -> int:
    """Have the files that were given up read from the start; returns how many."""
    with scope.everywhere(reason="the files of all companies are tried again"):
        again = FileText.objects.filter(state=FileText.State.GIVEN_UP)
        return again.update(state=FileText.State.WAITING, tries=0, next_try_at=clock.now())


def index_all(*, most: int | None = None) -> Iterator[int]:
    """Index all cases from where somebody stopped, so many at a time; tells up to which case it has come.

    It may be stopped anywhere, and several may do it: each takes what comes next.
    """
    while (done := _index_next(most or BATCH)) is not None:
        yield done


def index_again() -> None:
    """Begin with all cases anew. What is indexed stays to be found, and in its place, until its case has its turn."""
    with transaction.atomic(), scope.everywhere(reason="the index is over the cases of all companies"):
        progress, made = Progress.objects.select_for_update().get_or_create(id=1)
        last = Case.objects.aggregate(last=Max("pk"))["last"] or 0
        progress.known = last if made or progress.finished else max(progress.known, progress.done)
        progress.last, progress.done, progress.finished, progress.anew = last, 0, False, True
        progress.save()


@transaction.atomic
def leave_to_worker(*, after: int) -> None:
    """Cases after this one came by no event: the worker indexes them soon, and until then searches say so."""
    progress, _made = Progress.objects.select_for_update().get_or_create(id=1, defaults={"done": after})
    progress.done = after if progress.finished else min(progress.done, after)
    progress.finished, progress.last = False, None
    progress.known = min(progress.known, after)
    progress.save()
    _begin("search.catch_up")


def _begin(job: str) -> None:
    """Have a periodic job done now, unless it waits to be done anyway."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(job, queueing_lock=job, lock=job, queue=_QUEUES[job]).defer(timestamp=0)


def _index_next(most: int) -> int | None:
    with scope.everywhere(reason="the index is over the cases of all companies"):
        progress = Progress.objects.select_for_update().filter(finished=False).first()
        if progress is None:
            return None
        rest = Case.objects.filter(pk__gt=progress.done).order_by("pk")
        ids = list(rest.values_list("pk", flat=True)[:most])
        index(cases=ids, anew=progress.anew, many=True)
        progress.done, progress.finished = (ids[-1], False) if ids else (progress.done, True)
        progress.anew = progress.anew and not progress.finished
        progress.save()
        return progress.done if ids else None


def _compare(
    found: Sequence[Entry], texts: dict[tuple[int, str, str], str]
) -> tuple[list[int], set[tuple[int, str, str]]]:
    """Documents that say what is so no more, by id, and the keys of those that are right as they are."""
    sources = {entry.source for entry in found if entry.kind in _KINDS_THAT_CHANGE}
    mine = {(entry.source, entry.kind) for entry in found}
    gone, same = [], set()
    whose = {entry.key: entry.customer for entry in found}
    for source, kind, field, id_, text, customer in fetch_all(_KNOWN, [list(sources)]):
        key = (source, kind, field)
        if texts.get(key) == text and whose.get(key) == customer:
            same.add(key)
        elif (source, kind) in mine:
            gone.append(id_)
    return gone, same


def _forget_others(found: Sequence[Entry], cases: Sequence[int], customers: Sequence[int]) -> None:
    """Cases and customers that hold nothing to be found any more are found no more."""
    if gone := set(cases) - {entry.case for entry in found}:
        Document.objects.filter(case_id__in=gone).delete()
    if left := set(customers) - {entry.source for entry in found if entry.kind == "customer"}:
        Document.objects.filter(kind="customer", source_id__in=left).delete()


def _move(said: Sequence[Entry]) -> None:
    """What was said and is indexed already goes with its case, should it have moved to another."""
    if said:
        fetch_all(_MOVE, [[e.source for e in said], [e.kind for e in said], [e.case for e in said]])


def _note_files(cases: Sequence[int]) -> int:
    """Files of these cases that may hold words wait to be read from now on; returns how many do."""
    rows = fetch_all(_NEW_FILES, [cases]) if cases else []
    noted = [(id_, company) for id_, company, name, type_ in rows if kind_of(name, type_)]
    if noted:
        fetch_all(_NOTE_FILES, [clock.now(), *map(list, zip(*noted, strict=True))])
    return len(noted)


def _places(cases: Sequence[int]) -> dict[tuple[int, str, str], int]:
    """The ids of what these cases have in the index, by which it stands among all others."""
    rows = Document.objects.filter(case_id__in=cases).values_list("source_id", "kind", "field", "pk")
    return {(source, kind, field): id_ for source, kind, field, id_ in rows}


def _write(
    entries: Sequence[Entry], texts: Sequence[str], *, places: Mapping[tuple[int, str, str], int], many: bool
) -> int:
    if not entries:
        return 0
    fresh = iter(fetch_all(_IDS, [sum(entry.key not in places for entry in entries)]))
    ids = [places[entry.key] if entry.key in places else next(fresh)[0] for entry in entries]
    rows = [
        (id_, e.kind, e.field, e.source, e.company, e.case, e.customer, e.at)
        for id_, e in zip(ids, entries, strict=True)
    ]
    written = {id_ for (id_,) in fetch_all(_INSERT, [*map(list, zip(*rows, strict=True)), list(texts)])}
    postings = [
        (id_, entry.company, text)
        for id_, entry, text in zip(ids, entries, texts, strict=True)
        if id_ in written
    ]
    if many:
        fetch_all(_MEMORY, [])
        _post(postings[:-1], waiting=_MUCH)
    _post(postings[-1:] if many else postings, waiting=_NOTHING if many else _LITTLE)
    return len(written)


def _post(postings: Sequence[tuple[int, int, str]], *, waiting: str) -> None:
    """Write the keys of documents (id, company, text); the list of what is new may grow so long."""
    fetch_all(_WAITS, [waiting])
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for id_, company, text in postings:
            keys = keys_of(text, document=id_, company=company)
            copy.write_row((id_, company, f"{{{','.join(map(str, keys))}}}"))
