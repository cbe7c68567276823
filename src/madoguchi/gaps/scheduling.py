"""That a search waits for a worker: the job is called by its name, for it calls the actions, which schedule it."""

from procrastinate.contrib.django import app

from madoguchi.gaps.models import Rehearsal, Search

WORK_ON, REHEARSE = "gaps.work_on", "gaps.rehearse"
# A queue of its own: a search takes minutes, and no customer of a bot waits for it.
QUEUE = "gaps"


def schedule(search: Search) -> None:
    """Have what customers wrote searched, by a job of the same transaction."""
    job = app.configure_task(WORK_ON, queue=QUEUE, lock=f"gaps:{search.pk}")
    job.defer(search_id=search.pk, company=search.company_id)


def schedule_rehearsal(rehearsal: Rehearsal) -> None:
    """Have cases tried, by a job of the same transaction."""
    job = app.configure_task(REHEARSE, queue=QUEUE, lock=f"rehearsal:{rehearsal.pk}")
    job.defer(rehearsal_id=rehearsal.pk, company=rehearsal.company_id)
