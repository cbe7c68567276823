"""The work on an upload: looked at, or brought in, a few records in one transaction with what they came to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import override

from madoguchi.imports import kept, running
from madoguchi.imports.actions import articles
from madoguchi.imports.actions.keeping import keep_rows
from madoguchi.imports.actions.taking import take
from madoguchi.imports.actions.target import Busy, keep_others_out, let_others_in
from madoguchi.imports.actions.uploading import KEPT_DAYS, forget_files, note_end, target_for
from madoguchi.imports.as_before import said_before, shape_of
from madoguchi.imports.asking import open_source
from madoguchi.imports.csv_table import headings_of
from madoguchi.imports.findings import noted
from madoguchi.imports.kept_tables import KINDS
from madoguchi.imports.models import Upload, UploadLine
from madoguchi.imports.outcomes import Came
from madoguchi.imports.scheduling import is_scheduled, schedule
from madoguchi.imports.sources import Meter, Source
from madoguchi.infra import scope
from madoguchi.infra.forgetting import days_ago
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.kernel.errors import MadoguchiError
from madoguchi.knowledge.loose import Interrupted
from madoguchi.people.queries import actor_of

State = Upload.State
# A report of more lines names the first only: whoever has so many looks at the files themselves.
MOST_LINES = 10_000
MOST_BEGINNINGS = 3
Reading = Callable[[Meter], Iterator[Any]]
Handler = Callable[[Sequence[Any]], list[Came]]
logger = structlog.get_logger()


def work(upload_id: int, *, company: int) -> None:
    """Go on with an upload until it is through or stopped, or this process is to end.

    A few records are a transaction, in which what they came to is written down too: a worker may be killed anywhere,
    and another goes on. Raises what is the trouble with the database.
    """
    with scope.acting_for([company]):
        found = _begun(upload_id)
    if found is None:
        return
    with override(found.owner.language):
        try:
            _go_on(found)
        except Busy as busy:
            _leave(found, begun=0, trouble=str(busy))
        except Interrupted:
            _leave_for_later(found)
        except MadoguchiError as error:
            _leave(found, state=State.FAILED, ended_at=clock.now(), trouble=str(error)[:2000])
        except (OperationalError, InterfaceError):
            with suppress(OperationalError, InterfaceError):
                _leave(found, begun=found.begun - 1)
            raise


def resume_left_over() -> int:
    """Go on with every upload that is under way without a job; returns how many."""
    with scope.everywhere(reason="uploads of any company may have been left"):
        under_way = list(Upload.objects.filter(state__in=[State.LOOKING, State.RUNNING]).order_by("pk"))
    left = [found for found in under_way if not is_scheduled(found)]
    for found in left:
        with scope.acting_for([found.company_id]):
            schedule(found)
    return len(left)


def forget_old() -> int:
    """Throw away what was uploaded and left for so many days; returns how many uploads that were."""
    with scope.everywhere(reason="what was uploaded to any company goes after the same time"):
        old = list(Upload.objects.filter(thrown_away_at=None, ended_at__lt=days_ago(KEPT_DAYS)))
    for found in old:
        with scope.acting_for([found.company_id]):
            forget_files(found)
    return len(old)


def _begun(upload_id: int) -> Upload | None:
    """An upload that is under way, counted as begun: one that takes each worker with it is set aside."""
    found = Upload.objects.select_for_update(of=["self"]).select_related("owner", "desk").get(pk=upload_id)
    if not found.under_way:
        return None
    found.begun += 1
    if found.begun > MOST_BEGINNINGS:
        logger.error("upload_given_up", upload=found.pk, record=found.passed)
        with override(found.owner.language):
            words = _(
                "The program failed at these files several times. Whoever runs it finds more in its log."
            )
        found.state, found.trouble, found.ended_at = State.FAILED, words, clock.now()
    found.save(update_fields=["begun", "state", "trouble", "ended_at"])
    return found if found.under_way else None


def _go_on(found: Upload) -> None:
    ways = {articles.SYSTEM: _of_articles, **dict.fromkeys(KINDS, _of_kept)}
    reading, handle = ways.get(found.system, _of_cases)(found)
    if found.state == State.LOOKING:
        _go_through(found, reading, handle)
        return
    keep_others_out(found.company_id)
    try:
        _go_through(found, reading, handle)
    finally:
        let_others_in(found.company_id)


def _of_articles(found: Upload) -> tuple[Reading, Handler]:
    return articles.open_articles(found), partial(articles.settle, found)


def _of_kept(found: Upload) -> tuple[Reading, Handler]:
    looks, by = found.state == State.LOOKING, actor_of(found.owner)
    return _opened(found).records, partial(keep_rows, company=found.company_id, only_look=looks, by=by)


def _of_cases(found: Upload) -> tuple[Reading, Handler]:
    with scope.acting_for([found.company_id]):
        target = target_for(found)
    act = running.foresee if found.state == State.LOOKING else take
    return _opened(found).records, lambda some: act(some, target)


def _opened(found: Upload) -> Source:
    """The files as they are to be read; headings are kept even where nothing else is understood. Raises Refused."""
    paths = kept.paths_of(found)
    if found.system == "csv" or found.system in KINDS:
        _note_headings(found, headings_of(paths[0], found.asked.get("letters", "")))
    source = open_source(found.system, paths, found.asked)
    found.size = source.size
    found.found = {**found.found, "guessed": dict(source.guessed)}
    return source


def _note_headings(found: Upload, headings: Sequence[str]) -> None:
    """Keep them, and read the table as the last one that had the same; a person looks at that before it comes in."""
    about: dict[str, Any] = {"headings": list(headings), "shape": shape_of(headings)}
    with scope.acting_for([found.company_id]):
        before = said_before(found, about["shape"]) if found.state == State.LOOKING else {}
    if before:
        about["as_before"] = before.pop("day")
        found.asked = {**found.asked, **before}
    found.found = {**found.found, **about}
    _leave(found, found=found.found, asked=found.asked)


def _go_through(found: Upload, reading: Reading, handle: Handler) -> None:
    meter = Meter()
    records = islice(reading(meter), found.passed, None)
    for some in running.in_portions(records):
        with scope.acting_for([found.company_id]):
            if not _settled(found, some, handle, meter):
                return
        if is_stopping():
            with scope.acting_for([found.company_id]):
                schedule(found)
            return
    with scope.acting_for([found.company_id]):
        _end(found)


def _leave_for_later(found: Upload) -> None:
    """Let another process go on, where nobody has stopped it; that it was begun here counts as no failure."""
    _leave(found, begun=found.begun - 1)
    with scope.acting_for([found.company_id]):
        if _still(found):
            schedule(found)


def _settled(found: Upload, some: Sequence[Any], handle: Handler, meter: Meter) -> bool:
    """Look at these records, or bring them in; False where nobody wants that any more."""
    if not _still(found):
        return False
    came = handle(some)
    lines = found.found.get("lines", 0)
    found.found = noted(found.found, came, some if found.state == State.LOOKING else ())
    UploadLine.objects.bulk_create(_lines(found, came)[: max(MOST_LINES - lines, 0)])
    found.passed, found.read, found.begun, found.trouble = found.passed + len(some), meter.done, 0, ""
    found.save(update_fields=["found", "passed", "read", "size", "begun", "trouble"])
    return True


def _lines(found: Upload, came: Sequence[Came]) -> list[UploadLine]:
    return [
        UploadLine(
            company_id=found.company_id,
            upload=found,
            place=one.place[:300],
            record=one.id[:250],
            outcome=one.outcome.value,
            reason=reason[:600],
        )
        for one in came
        for reason in one.reasons
    ]


def _still(found: Upload) -> bool:
    """Whether it is to go on; nobody stops it before the transaction ends."""
    rows = Upload.objects.select_for_update(no_key=True)
    return rows.filter(pk=found.pk, state=found.state).exists()


def _end(found: Upload) -> None:
    if not _still(found):
        return
    came_in = found.state == State.RUNNING
    found.state, found.ended_at = State.DONE if came_in else State.LOOKED, clock.now()
    found.read, found.begun = found.size, 0
    found.save(update_fields=["state", "ended_at", "read", "size", "found", "begun"])
    if came_in:
        note_end(found, finished=True)


def _leave(upload: Upload, **anew: object) -> None:
    """Write down how it stands, unless somebody has stopped it."""
    with scope.acting_for([upload.company_id]):
        Upload.objects.filter(pk=upload.pk, state=upload.state).update(**anew)
