"""Setting a batch going, stopping and undoing it; and the work itself, one case after the other."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from madoguchi.batches import policies
from madoguchi.batches.acts import MacroAct, run_on, single_acts, undo_on, wanted
from madoguchi.batches.corrections import correct_row, rows_to_write, take_back_row, value_of
from madoguchi.batches.events import BatchCancelled, BatchStarted, BatchUndoBegun
from madoguchi.batches.fills import FillAct, take_out
from madoguchi.batches.merges import foresee_merges, merge_row, rows_of, unmerge_row
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.batches.scheduling import is_scheduled, schedule
from madoguchi.cases.actions import columns_of, put_back
from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.infra import scope
from madoguchi.infra.event_log import causing, record
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, MadoguchiError, NotAllowed, NotFound, Refused
from madoguchi.knowledge.models import Article
from madoguchi.macros.absence import require_here
from madoguchi.macros.verbs import NOT_ALLOWED, Act, do
from madoguchi.people.queries import actor_of

MOST_CASES = 5000
_AT_ONCE = 1000
MOST_TRIES = 3
# A row is set aside that was begun so often without an end: its worker was killed, or could not commit.
MOST_BEGINNINGS = 3
# So many at a time keep what is asked for all of them cheap, and others waiting for a moment only.
DATABASE_TROUBLE = (OperationalError, InterfaceError)
SLICE = 20
_SETTLED = ("state", "reason", "before", "version", "tries")
_SETTLE = """
    UPDATE batches_batchrow AS row
    SET state = now.state, reason = now.reason, before = now.before, version = now.version, tries = now.tries
    FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS now (id bigint, state text, reason text, before jsonb, version integer, tries smallint)
    WHERE row.id = now.id RETURNING row.id
"""
State, RowState = Batch.State, BatchRow.State
logger = structlog.get_logger()


@transaction.atomic
def start(
    cases: Sequence[int],
    *,
    verb: str,
    value: str,
    fills: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
    by: Actor,
) -> Batch:
    """Set one act on these cases going, by a job, with own fields (by label) filled in first where they are asked for
    and empty; cases out of the actor's sight are left out. `confirmed` are the keys of questions said yes to.

    Raises NotAllowed for who may change no case at all, Refused for no case, too many, those of several companies,
    and for a value that the verb does not take, AskFirst where cases would go to somebody who is not here.
    """
    if by.id is None or not _may_change_anything(by):
        raise NotAllowed(Permission.CASE_UPDATE)
    act = wanted(verb, value, fills=fills, by=by)
    if len(cases) > MOST_CASES:
        raise Refused(_("At most %(most)s cases at once.") % {"most": f"{MOST_CASES:,}"}, field="case")
    seen = list(visible(by).filter(pk__in=list(cases)).order_by("pk").values_list("pk", "company_id"))
    company = _one_company({company for _pk, company in seen})
    require_here(single_acts(act), [pk for pk, _company in seen], confirmed=confirmed, by=by)
    to_fill = act.fills if isinstance(act, FillAct) else {}
    return _begun([(pk, None) for pk, _company in seen], company, act.verb, act.value, fills=to_fill, by=by)


@transaction.atomic
def start_merges(pairs: Collection[tuple[int, int]], *, by: Actor) -> Batch:
    """Set the merging of these pairs of cases going, by a job: of those that hang together each goes on in the oldest.

    Raises NotAllowed for who may change no case at all, Refused for no pair and for those of several companies.
    """
    if by.id is None or not _may_change_anything(by):
        raise NotAllowed(Permission.CASE_UPDATE)
    going = foresee_merges(pairs, by=by)
    company = _one_company({one.case.company_id for one in going} | {one.into.company_id for one in going})
    return _begun(rows_of(going), company, Batch.Verb.MERGE, "", by=by)


@transaction.atomic
def start_corrections(article: Article, *, words: str, cases: Collection[int], by: Actor) -> Batch:
    """Write to these cases, whose customers were told what an article said before it was corrected, by a job; those
    that have heard are left out. `words` is the letter, with {{old}} and {{new}} in it.

    Raises NotAllowed for who answers nobody, Refused for no case, and for words that leave out what is right.
    """
    letters = rows_to_write(article, words, cases, by=by)
    rows, verb = [(case, None) for case in letters], Batch.Verb.CORRECT
    return _begun(rows, article.company_id, verb, value_of(article), before=letters, by=by)


def _begun(
    cases: Sequence[tuple[int, int | None]],
    company: int,
    verb: str,
    value: str,
    *,
    before: Mapping[int, Any] | None = None,
    fills: Mapping[str, str] | None = None,
    by: Actor,
) -> Batch:
    batch = Batch.objects.create(
        company_id=company,
        owner_id=by.id,
        verb=verb,
        value=value,
        fills=dict(fills or {}),
        created_at=clock.now(),
    )
    about = before or {}
    rows = (
        BatchRow(company_id=company, batch=batch, case_id=pk, into_id=into, before=about.get(pk))
        for pk, into in cases
    )
    BatchRow.objects.bulk_create(rows, batch_size=_AT_ONCE)
    record(BatchStarted(company=company, batch=batch.pk, verb=verb, value=value, cases=len(cases)), by=by)
    schedule(batch)
    return batch


@transaction.atomic
def cancel(batch: Batch, *, by: Actor) -> None:
    """Stop a batch; what is done stays, what waits is left. Raises NotAllowed; one that is through stays so."""
    _require(by, batch)
    stopped = Batch.objects.filter(pk=batch.pk, state=State.RUNNING)
    if stopped.update(state=State.CANCELLED, finished_at=clock.now()):
        record(BatchCancelled(company=batch.company_id, batch=batch.pk), by=by)


@transaction.atomic
def undo(batch: Batch, *, by: Actor) -> None:
    """Begin to undo what a batch changed: every case that nothing has happened to since is put back as it was.

    Raises NotAllowed, and Conflict while it is running, when it was undone before, and where it changed nothing.
    """
    _require(by, batch)
    if not batch.under_way and not batch.rows.filter(state=RowState.DONE).exists():
        raise Conflict(_("Nothing was changed, so there is nothing to undo."))
    ended = Batch.objects.filter(pk=batch.pk, state__in=[State.DONE, State.CANCELLED])
    if not ended.update(state=State.UNDOING, finished_at=None, begun=0, wary=0):
        raise Conflict(_("This cannot be undone now."))
    batch.refresh_from_db()
    record(BatchUndoBegun(company=batch.company_id, batch=batch.pk), by=by)
    schedule(batch)


def work(batch_id: int, *, company: int, told: Callable[[], None] = lambda: None) -> None:
    """Go on with a batch until it is through or stopped, or this process is to end; `told` is called after each slice.

    A few cases at a time are a transaction, in which their rows are settled too: a worker may be killed anywhere, and
    another goes on without doing a case twice. One that takes each worker along is set aside, and the others are done.
    Raises what is the trouble with the database, which is no case's fault.
    """
    while not is_stopping():
        with scope.acting_for([company]):
            most = _begin(batch_id)
        try:
            with scope.acting_for([company]):
                if not most or not _step(batch_id, most=most):
                    return
                told()
        except DATABASE_TROUBLE:
            _take_back(batch_id, company)
            raise
    with scope.acting_for([company]):
        schedule(Batch.objects.get(pk=batch_id))


def resume_left_over() -> int:
    """Go on with every batch that is under way without a job; returns how many."""
    with scope.everywhere(reason="batches of any company may have been left"):
        under_way = list(Batch.objects.filter(state__in=[State.RUNNING, State.UNDOING]).order_by("pk"))
    left = [batch for batch in under_way if not is_scheduled(batch)]
    for batch in left:
        with scope.acting_for([batch.company_id]):
            schedule(batch)
    return len(left)


@dataclass(slots=True)
class _Slice:
    """Rows that are settled together: what all of them ask is asked once, and their cases are kept from others."""

    batch: Batch
    rows: list[BatchRow]
    by: Actor
    cases: dict[int, Case]
    act: Act | MacroAct | FillAct | None = None

    @classmethod
    def of(cls, batch: Batch, rows: list[BatchRow]) -> "_Slice":
        """Whatever is known of the rows before they are settled, with the rights that the owner has now."""
        by = actor_of(batch.owner)
        related = visible(by).select_related("desk", "company").order_by("pk")
        # Those of merges are locked by pairs, each in its order.
        ids = [] if batch.verb == Batch.Verb.MERGE else [row.case_id for row in rows]
        kept = related.select_for_update(of=["self"], no_key=True).filter(pk__in=ids) if ids else ()
        return cls(batch, rows, by, {case.pk: case for case in kept})

    def case(self, pk: int) -> Case:
        """The case as it is now, kept so. Raises NotFound for one that is out of the owner's sight by now."""
        if pk not in self.cases:
            raise NotFound(pk)
        return self.cases[pk]

    def do(self, case: Case) -> dict[str, Any]:
        """Do to a case what the batch does; returns what its row keeps. Raises what that raises."""
        batch = self.batch
        self.act = self.act or wanted(batch.verb, batch.value, fills=batch.fills, by=self.by)
        if isinstance(self.act, MacroAct):
            return run_on(case, self.act, by=self.by)
        before, version = columns_of(case), case.version
        if isinstance(self.act, FillAct):
            before["wrote"] = self.act.run(case, by=self.by)
        else:
            do(self.act, case, by=self.by)
        return {"state": RowState.DONE, "before": before, "version": version}


def _begin(batch_id: int) -> int:
    """How many rows to take next, counted as begun before they are, for they may take this worker with them; 0 where
    nothing is under way.

    After rows that did not end the next ones are taken one by one, and of those the one that does not end either is
    set aside.
    """
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id)
    if not batch.under_way:
        return 0
    batch.wary = SLICE if batch.begun else batch.wary
    if batch.begun >= MOST_BEGINNINGS:
        _set_aside(batch)
    batch.begun += 1
    batch.save(update_fields=["begun", "wary"])
    # Of merges each stands on those before it.
    return 1 if batch.wary or batch.verb == Batch.Verb.MERGE else SLICE


def _take_back(batch_id: int, company: int) -> None:
    """Nobody died: the rows that were begun are as good as others."""
    with suppress(*DATABASE_TROUBLE), scope.acting_for([company]):
        Batch.objects.filter(pk=batch_id, begun__gt=0).update(begun=F("begun") - 1)


def _set_aside(batch: Batch) -> None:
    undoing = batch.state == State.UNDOING
    row = _todo(batch).first()
    if row is not None:
        logger.error("batch_row_given_up", batch=batch.pk, case=row.case_id)
        ends = RowState.KEPT if undoing else RowState.REFUSED
        BatchRow.objects.filter(pk=row.pk).update(state=ends, reason=_gave_up(), tries=0)
    batch.begun = 0


def _todo(batch: Batch) -> QuerySet[BatchRow]:
    """The rows that are left, in their order."""
    undoing = batch.state == State.UNDOING
    rows = batch.rows.filter(state=RowState.DONE if undoing else RowState.WAITING)
    return rows.order_by("-id" if undoing else "id")


def _step(batch_id: int, *, most: int = SLICE) -> bool:
    """Settle the next few rows; False when nothing is left to do."""
    batch = Batch.objects.select_related("owner").get(pk=batch_id)
    if not batch.under_way:
        return False
    undoing = batch.state == State.UNDOING
    todo = _todo(batch)
    rows = list(todo.select_for_update(of=["self"])[:most])
    if rows:
        _settle(_Slice.of(batch, rows), undoing=undoing)
        left = Greatest(F("wary") - len(rows), 0)
        Batch.objects.filter(pk=batch.pk).update(begun=0, wary=left)
        return True
    if todo.exists():
        return True
    ends = State.UNDONE if undoing else State.DONE
    Batch.objects.filter(pk=batch.pk, state=batch.state).update(
        state=ends, finished_at=clock.now(), begun=0, wary=0
    )
    return False


def _settle(some: _Slice, *, undoing: bool) -> None:
    for row in some.rows:
        outcome = _undo_row(row, some) if undoing else _do_row(row, some)
        for name, value in ({"tries": 0} | outcome).items():
            setattr(row, name, value)
    if some.cases and not undoing:
        versions = dict(Case.objects.filter(pk__in=some.cases).values_list("pk", "version"))
        # A macro's run knows itself what it changed.
        _tell_apart(
            [row for row in some.rows if row.state == RowState.DONE and row.version is not None], versions
        )
    values = [{name: getattr(row, name) for name in ("id", *_SETTLED)} for row in some.rows]
    fetch_all(_SETTLE, {"rows": json.dumps(values)})


def _tell_apart(rows: Iterable[BatchRow], versions: Mapping[int, int]) -> None:
    """Whether anything was done: the case is another one then. It has been ours alone since."""
    for row in rows:
        if versions[row.case_id] == row.version:
            row.state, row.before, row.version = RowState.SAME, None, None
        else:
            row.version = versions[row.case_id]


def _do_row(row: BatchRow, some: _Slice) -> dict[str, Any]:
    try:
        with transaction.atomic(), causing(some.batch.cause):
            if some.batch.verb == Batch.Verb.MERGE:
                return merge_row(row, by=some.by)
            if some.batch.verb == Batch.Verb.CORRECT:
                return correct_row(row, by=some.by)
            return some.do(some.case(row.case_id))
    except MadoguchiError as error:
        return {"state": RowState.REFUSED, "reason": _reason(error)}
    except DATABASE_TROUBLE:
        raise
    except Exception:  # noqa: BLE001 - logged, and told in the row
        return _failed(row, ends=RowState.REFUSED)


def _undo_row(row: BatchRow, some: _Slice) -> dict[str, Any]:
    try:
        with transaction.atomic(), causing(some.batch.cause):
            if some.batch.verb == Batch.Verb.MERGE:
                return unmerge_row(row, by=some.by)
            if some.batch.verb == Batch.Verb.CORRECT:
                return take_back_row(row, by=some.by)
            if some.batch.verb == Batch.Verb.MACRO:
                return undo_on(row, by=some.by)
            case = some.case(row.case_id)
            if case.version != row.version:
                raise Conflict(_("Something has happened to this case since."))
            before = row.before or {}
            put_back(case, columns=before, by=some.by)
            if wrote := before.get("wrote"):
                case.refresh_from_db()
                take_out(case, wrote, by=some.by)
    except MadoguchiError as error:
        return {"state": RowState.KEPT, "reason": _reason(error)}
    except DATABASE_TROUBLE:
        raise
    except Exception:  # noqa: BLE001 - logged, and told in the row
        return _failed(row, ends=RowState.KEPT)
    return {"state": RowState.UNDONE}


def _failed(row: BatchRow, *, ends: BatchRow.State) -> dict[str, Any]:
    """A fault of ours, not of the case's: it is tried again, but must not hold up the others for ever."""
    tries = row.tries + 1
    logger.exception("batch_row_failed", batch=row.batch_id, case=row.case_id, tries=tries)
    if tries < MOST_TRIES:
        return {"tries": tries}
    return {"state": ends, "reason": _gave_up()}


def _gave_up() -> str:
    return _("The program failed at this one several times. Whoever runs it finds more in its log.")


def _reason(error: MadoguchiError) -> str:
    return NOT_ALLOWED if isinstance(error, NotAllowed | NotFound) else str(error)[:300]


def _require(by: Actor, batch: Batch) -> None:
    if not policies.may_look_after(by, batch):
        raise NotAllowed(Permission.CASE_UPDATE)


def _may_change_anything(by: Actor) -> bool:
    return by.may_anywhere(Permission.CASE_UPDATE) or by.may_anywhere(Permission.CASE_ASSIGN)


def _one_company(companies: Iterable[int]) -> int:
    found = list(companies)
    if not found:
        raise Refused(_("Choose at least one case."), field="case")
    if len(found) > 1:
        raise Refused(_("Cases of one company at a time: choose those of one."), field="case")
    return found[0]
