"""Rehearsing that those who answer are gone: the cases of 30 days are asked of the articles alone, by the process that
reads for the bot. A worker may be killed: the next one begins anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.bot.queries import MOST_ENTRIES
from madoguchi.bot.reader import READER, Faq, Reader, Unreadable
from madoguchi.companies.models import Company, Desk
from madoguchi.gaps.events import RehearsalStarted, RehearsalStopped, Rehearsed
from madoguchi.gaps.leaving import Tried, stock_of, tried
from madoguchi.gaps.models import Rehearsal, Search
from madoguchi.gaps.policies import may_rehearse
from madoguchi.gaps.rehearsed import ToTry, cases_to_try, forget_old, fresh_articles
from madoguchi.gaps.scheduling import schedule_rehearsal
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.limits import count
from madoguchi.infra.stopping import is_stopping
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.queries import published_for
from madoguchi.knowledge.reading import as_words

SLICE, MOST_AN_HOUR = 50, 5
State = Search.State
logger = structlog.get_logger()


@transaction.atomic
def start_rehearsal(company: Company, *, by: Actor) -> Rehearsal:
    """Have it tried which cases of the last 30 days articles alone would solve, by a job. Raises NotAllowed, Conflict
    while one is under way, and TooOften for who has begun five within the hour.
    """
    if by.id is None or not may_rehearse(by, company=company.pk):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    one_at_a_time(f"rehearsal {company.pk}")
    if Rehearsal.objects.filter(company=company, state=State.RUNNING).exists():
        raise Conflict(_("A rehearsal is under way already."))
    count(f"rehearsal:{by.id}", most=MOST_AN_HOUR, seconds=3600)
    rehearsal = Rehearsal.objects.create(company=company, owner_id=by.id, created_at=clock.now())
    schedule_rehearsal(rehearsal)
    record(RehearsalStarted(company=company.pk), by=by)
    return rehearsal


@transaction.atomic
def stop_rehearsal(rehearsal: Rehearsal, *, by: Actor) -> None:
    """Stop a rehearsal: nothing of it is kept. Raises NotAllowed; one that is through stays so."""
    if not may_rehearse(by, company=rehearsal.company_id):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    if _running(rehearsal.pk).update(state=State.CANCELLED, finished_at=clock.now()):
        record(RehearsalStopped(company=rehearsal.company_id), by=by)


def try_cases(rehearsal_id: int, *, company: int, reader: Reader = READER) -> None:
    """Try them; no transaction is open while articles are read. Who stopped it has the last word."""
    try:
        with scope.acting_for([company]):
            cases, unwritten = cases_to_try(company)
            begun = _running(rehearsal_id).update(total=len(cases), done=0, unwritten=unwritten)
        found = _tried(rehearsal_id, company, cases, reader) if begun else None
        if found is not None:
            with scope.acting_for([company]):
                _keep(rehearsal_id, company, found)
    except Unreadable:
        _fail(rehearsal_id, company)
    except Exception:
        _fail(rehearsal_id, company)
        logger.exception("rehearsal_failed", rehearsal=rehearsal_id)
        raise


def _tried(rehearsal_id: int, company: int, cases: Sequence[ToTry], reader: Reader) -> list[Tried] | None:
    """What would be found of each; None where somebody stopped it, or the worker is to stop."""
    with scope.acting_for([company]):
        desks = Desk.objects.filter(pk__in={one.desk for one in cases})
        books = {desk.pk: _Book(desk) for desk in desks}
    found: list[Tried] = []
    for at in range(0, len(cases), SLICE):
        if is_stopping():
            with scope.acting_for([company]):
                schedule_rehearsal(Rehearsal.objects.get(pk=rehearsal_id))
            return None
        found += [books[one.desk].tried(one, reader) for one in cases[at : at + SLICE]]
        with scope.acting_for([company]):
            if not _running(rehearsal_id).update(done=len(found)):
                return None
    return found


class _Book:
    """The articles that whoever answers at a desk has, as they are read."""

    def __init__(self, desk: Desk) -> None:
        rows = list(published_for(desk).order_by("pk")[:MOST_ENTRIES])
        self._company = desk.company_id
        self._article_of = {row.pk: row.article_id for row in rows}
        self._faq = Faq([[str(row.pk), row.title, as_words(row.body)] for row in rows], [])
        digest = hashlib.sha256(",".join(map(str, self._article_of)).encode()).hexdigest()[:24]
        self._key = f"{desk.company_id}-{desk.pk}-leaving-{digest}"

    def tried(self, case: ToTry, reader: Reader) -> Tried:
        """What a team would find of a case. Raises Unreadable."""
        if not self._article_of:
            return tried(case.case, [], 0.0, fits=False, told=case.told, alone=case.alone)
        read = reader.ask(self._key, case.text, lambda: self._faq, of=self._company)
        articles = [self._article_of[one] for one in read.ranked]
        return tried(case.case, articles, read.confidence, fits=read.fits, told=case.told, alone=case.alone)


@transaction.atomic
def _keep(rehearsal_id: int, company: int, found: Sequence[Tried]) -> None:
    fresh = fresh_articles(company, {one.article for one in found if one.article is not None})
    stock = stock_of(found, fresh=fresh)
    done = {"state": State.DONE, "finished_at": clock.now(), "fresh": sorted(fresh), "stock": asdict(stock)}
    if _running(rehearsal_id).update(cases=[one.as_json() for one in found], **done):
        record(Rehearsed(company=company, tried=stock.all, solved=stock.solved), by=system("gaps"))
        forget_old(company)


def _running(rehearsal_id: int) -> QuerySet[Rehearsal]:
    return Rehearsal.objects.filter(pk=rehearsal_id, state=State.RUNNING)


def _fail(rehearsal_id: int, company: int) -> None:
    with scope.acting_for([company]):
        _running(rehearsal_id).update(state=State.FAILED, finished_at=clock.now())
