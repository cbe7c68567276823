"""Having a list, or all articles, written into a file, stopping that, and taking the file along, once."""

import hashlib
import tempfile
import zipfile
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from madoguchi.cases.queries import cases_withheld
from madoguchi.companies.models import Company
from madoguchi.companies.queries import desks_of
from madoguchi.exports import policies, records
from madoguchi.exports.events import ListExportCancelled, ListExported, ListTaken
from madoguchi.exports.lists import Wanted, every_id
from madoguchi.exports.models import Export
from madoguchi.exports.records import CUSTOMERS, ORDERS, PARCELS, SHIFT_JIS, UTF8, Span
from madoguchi.exports.scheduling import schedule
from madoguchi.exports.tables import COLUMNS, MARK, head_of, rows_of
from madoguchi.fields.queries import fields_by_id
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, MadoguchiError, NotAllowed, Refused
from madoguchi.knowledge.actions.archive import Along, along_of, note_taken_along
from madoguchi.knowledge.archive import MOST_FILES, MOST_OF_AN_UPLOAD, KeptArticle, files_of
from madoguchi.people.queries import actor_of
from madoguchi.views.queries import view_by_id

MOST_CASES, SLICE = 50_000, 500
EVER = Span()
# So much of a file is read at once; and so many tables an archive of articles has.
_PIECE, _TABLES = 1 << 20, 2
KEPT = timedelta(hours=24)
State = Export.State
logger = structlog.get_logger()


@transaction.atomic
def export_list(wanted: Wanted, *, company: int, called: str, columns: Collection[str], by: Actor) -> Export:
    """Have a list of one company's cases written into a file, by a job.

    Raises NotAllowed for who may take nothing of the company along, Refused without a column, NotFound for a view that
    the actor may not see.
    """
    mine = [desk for desk in policies.desks_to_export(by, desks_of(by)) if desk.company_id == company]
    if by.id is None or not mine:
        raise NotAllowed(Permission.EXPORT)
    if wanted.saved:
        view_by_id(wanted.saved, actor=by)
    chosen = [one for one in COLUMNS if one in columns]
    if not chosen:
        raise Refused(_("Choose at least one column."), field="column")
    export = Export.objects.create(
        company_id=company,
        owner_id=by.id,
        wanted=wanted.write(),
        called=called[:200],
        columns=chosen,
        created_at=clock.now(),
    )
    said = _("A search") if wanted.text else export.called
    record(ListExported(company=company, export=export.pk, called=said, columns=chosen), by=by)
    schedule(export)
    return export


@transaction.atomic
def export_articles(company: Company, *, by: Actor) -> Export:
    """Have all that a company knows written into one archive, by a job. Raises NotAllowed for who does not approve it
    all, or may not take all along.
    """
    if by.id is None or not policies.may_take_articles(by, company=company.pk):
        raise NotAllowed(Permission.EXPORT)
    export = Export.objects.create(
        company=company,
        owner_id=by.id,
        wanted=Wanted(articles=True).write(),
        called=_("All articles: %(company)s") % {"company": company.name[:150]},
        columns=[],
        created_at=clock.now(),
    )
    record(ListExported(company=company.pk, export=export.pk, called=export.called, columns=[]), by=by)
    schedule(export)
    return export


@transaction.atomic
def export_records(
    company: Company, what: str, *, span: Span = EVER, letters: str = UTF8, called: str, by: Actor
) -> Export:
    """Have the customers, orders or parcels of a company written into a table, by a job. Raises NotAllowed for who may
    not take all of it along, and Refused for what is none of these, other letters and days that lie the wrong way.
    """
    if by.id is None or not policies.may_take_records(by, company=company.pk):
        raise NotAllowed(Permission.EXPORT)
    if what not in (CUSTOMERS, ORDERS, PARCELS):
        raise Refused(_("Choose customers, orders or parcels."), field="what")
    if letters not in (UTF8, SHIFT_JIS):
        raise Refused(_("Choose UTF-8 or Shift_JIS."), field="letters")
    if span.since and span.until and span.until < span.since:
        raise Refused(_("The last day lies before the first."), field="until")
    since, until = (day.isoformat() if day else "" for day in (span.since, span.until))
    wanted = Wanted(records=what, since=since, until=until, letters=letters)
    said: dict[str, Any] = {"called": called[:200], "columns": []}
    values = {"owner_id": by.id, "wanted": wanted.write(), "created_at": clock.now()}
    export = Export.objects.create(company=company, **values, **said)
    record(ListExported(company=company.pk, export=export.pk, **said), by=by)
    schedule(export)
    return export


@transaction.atomic
def cancel(export: Export, *, by: Actor) -> None:
    """Stop a list that is being written; there is no file then. Raises NotAllowed; one that is through stays so."""
    _require(by, export)
    stopped = Export.objects.filter(pk=export.pk, state=State.RUNNING)
    if stopped.update(state=State.CANCELLED, finished_at=clock.now()):
        record(ListExportCancelled(company=export.company_id, export=export.pk), by=by)


@transaction.atomic
def take(export: Export, *, by: Actor) -> BinaryIO:
    """The file of a list, to be read once, and the log says so; then it is gone, but for whoever reads it already.
    Raises NotAllowed, and Conflict where it is not there (any more).
    """
    _require(by, export)
    held = Export.objects.select_for_update().get(pk=export.pk)
    if held.state != State.READY or clock.now() > _end_of(held):
        raise Conflict(
            _("This file is not there any more: it can be taken once, within a day. Write it anew.")
        )
    file = files.opened(held.sha256, company=held.company_id)
    digest, held.sha256 = held.sha256, ""
    held.state, held.taken_at = State.TAKEN, clock.now()
    held.save(update_fields=["state", "taken_at", "sha256"])
    of = held.records or ("articles" if held.holds_articles else "cases")
    counts = {name: held.done if name == of else 0 for name in ("cases", CUSTOMERS, ORDERS, PARCELS)}
    record(ListTaken(company=held.company_id, export=held.pk, **counts), by=by)
    _drop_after(digest, held.company_id)
    return file


def work(export_id: int, *, company: int) -> None:
    """Write a list, some hundred cases at a time, with the rights that its owner has at each. A worker may be killed:
    the next one begins anew. Where it is not possible, the list says why.
    """
    try:
        with scope.acting_for([company]):
            export = Export.objects.select_related("owner", "company").get(pk=export_id)
            ids = _collect(export) if export.under_way and not export.holds_articles else None
        if ids is not None:
            _write(export, ids)
        elif export.under_way:
            _write_articles(export)
    except MadoguchiError as error:
        _fail(export_id, company, str(error))
    except Exception:
        _fail(export_id, company, _("The program failed at this. Whoever runs it finds more in its log."))
        logger.exception("export_failed", export=export_id)
        raise


def expire() -> int:
    """Forget lists a day after they were written, with the files that nobody took: what was searched for may name a
    customer, and who took what stands in the log. Returns how many.
    """
    with scope.everywhere(reason="files of any company may lie unclaimed"):
        old = list(Export.objects.filter(finished_at__lt=clock.now() - KEPT).order_by("pk")[:1000])
    for export in old:
        with scope.acting_for([export.company_id]):
            Export.objects.filter(pk=export.pk).delete()
            if export.sha256:
                _drop_after(export.sha256, export.company_id)
    return len(old)


def _collect(export: Export) -> list[int]:
    """The ids of what the list holds now. Raises Refused for more than fit, NotAllowed for who may take none now."""
    by = actor_of(export.owner)
    _require(by, export)
    if export.records:
        return _collect_records(export)
    desks = [
        desk for desk in policies.desks_to_export(by, desks_of(by)) if desk.company_id == export.company_id
    ]
    found = every_id(Wanted.read(export.wanted), actor=by, desks=desks, began=clock.now())
    withheld = cases_withheld(export.company_id)
    ids = [pk for pk in dict.fromkeys(islice(found, 2 * MOST_CASES + 1)) if pk not in withheld]
    if len(ids) > MOST_CASES:
        words = _("These are more than %(most)s cases. Narrow the list and take it in parts.")
        raise Refused(words % {"most": f"{MOST_CASES:,}"})
    Export.objects.filter(pk=export.pk, state=State.RUNNING).update(total=len(ids), done=0)
    return ids


def _collect_records(export: Export) -> list[int]:
    wanted = Wanted.read(export.wanted)
    ids = records.ids_of(wanted.records, wanted.span, company=export.company_id)
    if len(ids) > records.MOST_ROWS:
        words = _("These are more than %(most)s. Name days, and take them in parts.")
        raise Refused(words % {"most": f"{records.MOST_ROWS:,}"})
    Export.objects.filter(pk=export.pk, state=State.RUNNING).update(total=len(ids), done=0)
    return ids


def _write(export: Export, ids: Sequence[int]) -> None:
    parts, done, wanted = [], 0, Wanted.read(export.wanted)
    with scope.acting_for([export.company_id]), override(export.owner.language):
        fields = _fields(export)
        parts.append(_head(export, wanted, list(fields.values())))
    for some in (ids[at : at + SLICE] for at in range(0, len(ids), SLICE)):
        with scope.acting_for([export.company_id]), override(export.owner.language):
            if is_stopping():
                return schedule(export)
            by = actor_of(export.owner)
            _require(by, export)
            if wanted.records:
                text, count = records.rows_of(wanted.records, some, actor=by)
            else:
                text, count = rows_of(some, export.columns, fields, actor=by)
            parts.append(text)
            done += count
            # Who stopped it has the last word.
            if not Export.objects.filter(pk=export.pk, state=State.RUNNING).update(done=done):
                return None
    content = records.encoded("".join(parts), wanted.letters)
    return _keep(export, files.put(content, company=export.company_id), done)


def _head(export: Export, wanted: Wanted, fields: Sequence[str]) -> str:
    head = records.head_of(wanted.records) if wanted.records else head_of(export.columns, fields)
    return head if wanted.letters == SHIFT_JIS else MARK + head


def _write_articles(export: Export) -> None:
    """The same with all that the company knows, where who asked for it may still have it. Each file is read as it is
    written.
    """
    with scope.acting_for([export.company_id]):
        by = actor_of(export.owner)
        _require(by, export)
        found = along_of(export.company, by=by)
        _require_to_fit(found)
        Export.objects.filter(pk=export.pk, state=State.RUNNING).update(total=len(found.articles), done=0)
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for n, (name, content) in enumerate(files_of(found.articles, content=found.content)):
                if is_stopping():
                    with scope.acting_for([export.company_id]):
                        return schedule(export)
                archive.writestr(name, content)
                if n % SLICE == 0 and not _goes_on(export, name, found.articles):
                    return None
        packed.seek(0)
        digest = hashlib.file_digest(packed, "sha256").hexdigest()
        packed.seek(0)
        files.put_known(digest, iter(partial(packed.read, _PIECE), b""), company=export.company_id)
    return _keep(export, digest, len(found.articles))


def _require_to_fit(found: Along) -> None:
    """Raises Refused for more than an upload may bring in again."""
    if found.size > MOST_OF_AN_UPLOAD or found.files + _TABLES > MOST_FILES:
        words = _(
            "With their files these articles are more than can be brought in again (%(most)s MB). Whoever runs the "
            "installation takes them along on the command line."
        )
        raise Refused(words % {"most": MOST_OF_AN_UPLOAD // 1_000_000})


def _goes_on(export: Export, name: str, articles: Sequence[KeptArticle]) -> bool:
    """Whether nobody has stopped it; and how far it is, by the name of the file at hand."""
    key = name.split("/")[1] if "/" in name else ""
    done = next((n for n, article in enumerate(articles) if article.key == key), len(articles))
    with scope.acting_for([export.company_id]):
        return bool(Export.objects.filter(pk=export.pk, state=State.RUNNING).update(done=done))


def _keep(export: Export, digest: str, done: int) -> None:
    with scope.acting_for([export.company_id]):
        running = Export.objects.filter(pk=export.pk, state=State.RUNNING)
        values: dict[str, Any] = {"sha256": digest, "done": done, "total": done, "finished_at": clock.now()}
        if not running.update(state=State.READY, **values):
            _drop_after(digest, export.company_id)
        elif export.holds_articles:
            note_taken_along(export.company, done, by=actor_of(export.owner))


def _fields(export: Export) -> dict[int, str]:
    """The desks' own fields that the list shows, by what they are called."""
    wanted = Wanted.read(export.wanted)
    if not wanted.saved:
        return {}
    view = view_by_id(wanted.saved, actor=actor_of(export.owner))
    known = fields_by_id(view.columns) if view.columns else {}
    return {pk: known[pk].label for pk in view.columns if pk in known}


def _fail(export_id: int, company: int, reason: str) -> None:
    with scope.acting_for([company]):
        running = Export.objects.filter(pk=export_id, state=State.RUNNING)
        running.update(state=State.FAILED, reason=reason[:300], finished_at=clock.now())


def _drop_after(digest: str, company: int) -> None:
    """Drop a file once it is certain that nothing leads to it; another list may hold the very same."""
    if not Export.objects.filter(company=company, sha256=digest).exists():
        transaction.on_commit(lambda: files.drop(digest, company=company))


def _end_of(export: Export) -> Any:
    assert export.finished_at is not None, "what is ready was finished"
    return export.finished_at + KEPT


def _require(by: Actor, export: Export) -> None:
    if not policies.may_look_after(by, export):
        raise NotAllowed(Permission.EXPORT)
