"""Keeping the index as the data is. All of it may be done twice, and by several processes at once."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection, transaction

from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.folding import SEPARATOR, indexed
from madoguchi.search.keys import keys_of
from madoguchi.search.models import Document, Progress
from madoguchi.search.sources import Entry, entries_of

_KNOWN = """
    SELECT source_id, kind, field, id, text FROM search_document
    WHERE source_id = ANY (%s::bigint[]) AND kind IN ('case', 'customer')
"""
_IDS = "SELECT nextval(pg_get_serial_sequence('search_document', 'id')) FROM generate_series(1, %s)"
_INSERT = """
    INSERT INTO search_document (id, kind, field, source_id, company_id, case_id, customer_id, at, text)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::timestamptz[], %s::text[])
    ON CONFLICT (source_id, kind, field) DO NOTHING RETURNING id
"""
_MOVE = """
    UPDATE search_document AS d SET case_id = moved.case_id
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS moved (source_id, kind, case_id)
    WHERE d.source_id = moved.source_id AND d.kind = moved.kind AND d.case_id <> moved.case_id
"""
BATCH = 200
_KINDS_THAT_CHANGE = ("case", "customer")


@transaction.atomic
def index(*, cases: Iterable[int], customers: Iterable[int] = (), anew: bool = False) -> int:
    """Make search find what these cases and customers hold now; returns how many documents were written.

    What is indexed already costs little, unless it is to be replaced (`anew`).
    """
    cases = list(cases)
    if anew:
        Document.objects.filter(case_id__in=cases).delete()
    found = entries_of(cases, customers)
    texts = {entry.key: SEPARATOR.join(map(indexed, entry.parts)) for entry in found}
    _move([entry for entry in found if entry.kind not in _KINDS_THAT_CHANGE])
    gone, same = _compare(found, texts)
    if gone:
        Document.objects.filter(pk__in=gone).delete()
    new = [entry for entry in found if entry.key not in same]
    return _write(new, [texts[entry.key] for entry in new])


def index_all(*, most: int = BATCH) -> Iterator[int]:
    """Index all cases from where somebody stopped, so many at a time; tells up to which case it has come.

    It may be stopped anywhere, and several may do it: each takes what comes next.
    """
    while (done := _index_next(most)) is not None:
        yield done


def index_again() -> None:
    """Begin with all cases anew. What is indexed stays to be found until its case has its turn."""
    Progress.objects.update_or_create(id=1, defaults={"done": 0, "finished": False, "anew": True})


@transaction.atomic
def leave_to_worker(*, after: int) -> None:
    """Cases after this one came by no event: the worker indexes them, and until then searches say so."""
    progress, _made = Progress.objects.select_for_update().get_or_create(id=1, defaults={"done": after})
    progress.done = after if progress.finished else min(progress.done, after)
    progress.finished = False
    progress.save()


def _index_next(most: int) -> int | None:
    with scope.everywhere(reason="the index is over the cases of all companies"):
        progress = Progress.objects.select_for_update().filter(finished=False).first()
        if progress is None:
            return None
        rest = Case.objects.filter(pk__gt=progress.done).order_by("pk")
        ids = list(rest.values_list("pk", flat=True)[:most])
        index(cases=ids, anew=progress.anew)
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
    for source, kind, field, id_, text in fetch_all(_KNOWN, [list(sources)]):
        key = (source, kind, field)
        if texts.get(key) == text:
            same.add(key)
        elif (source, kind) in mine:
            gone.append(id_)
    return gone, same


def _move(said: Sequence[Entry]) -> None:
    """What was said and is indexed already goes with its case, should it have moved to another."""
    if said:
        fetch_all(_MOVE, [[e.source for e in said], [e.kind for e in said], [e.case for e in said]])


def _write(entries: Sequence[Entry], texts: Sequence[str]) -> int:
    if not entries:
        return 0
    ids = [id_ for (id_,) in fetch_all(_IDS, [len(entries)])]
    rows = [
        (id_, e.kind, e.field, e.source, e.company, e.case, e.customer, e.at)
        for id_, e in zip(ids, entries, strict=True)
    ]
    written = {id_ for (id_,) in fetch_all(_INSERT, [*map(list, zip(*rows, strict=True)), list(texts)])}
    with connection.cursor() as cursor, cursor.copy("COPY search_posting FROM STDIN") as copy:
        for id_, entry, text in zip(ids, entries, texts, strict=True):
            if id_ in written:
                keys = keys_of(text, document=id_, company=entry.company)
                copy.write_row((id_, entry.company, f"{{{','.join(map(str, keys))}}}"))
    return len(written)
