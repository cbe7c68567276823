"""Upkeep: jobs of killed workers are done again, and what nobody needs any more goes."""

from datetime import timedelta

import structlog
from asgiref.sync import async_to_sync
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

from madoguchi.infra import limits
from madoguchi.infra.event_customers import go_through
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock

logger = structlog.get_logger()

QUEUE = "upkeep"
# A worker says every ten seconds that it lives.
SECONDS_WITHOUT_A_SIGN = 30
# A job that took so many workers with it is not given to another.
MOST_ATTEMPTS = 10
_DAY = 24


@app.periodic(cron="* * * * *")
@app.task(name="infra.redo_stalled", queue=QUEUE, queueing_lock="infra.redo_stalled")
def redo_stalled(timestamp: int) -> None:
    """Every minute: jobs whose worker was killed wait for another worker again. One that was begun too often already is
    marked failed instead, for it may be what kills the workers.
    """
    looking = async_to_sync(app.job_manager.get_stalled_jobs)
    for job in looking(seconds_since_heartbeat=SECONDS_WITHOUT_A_SIGN):
        _redo(job)


@app.periodic(cron="17 * * * *")
@app.task(name="infra.tidy_up", queue=QUEUE, queueing_lock="infra.tidy_up", pass_context=True)
async def tidy_up(context: JobContext, timestamp: int) -> None:
    """Every hour: done jobs go after two days, failed ones after thirty."""
    jobs = context.app.job_manager
    await jobs.delete_old_jobs(nb_hours=2 * _DAY)
    await jobs.delete_old_jobs(
        nb_hours=30 * _DAY, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="27 * * * *")
@app.task(name="infra.forget_counts", queue=QUEUE, queueing_lock="infra.forget_counts")
def forget_counts(timestamp: int) -> None:
    """Every hour: windows of limits that began over two days ago are forgotten."""
    limits.forget_before(int((clock.now() - timedelta(days=2)).timestamp()))


@app.periodic(cron="* * * * *")
@app.task(
    name="infra.customers_of_events",
    queue=QUEUE,
    queueing_lock="infra.customers_of_events",
    lock="infra.customers_of_events",
)
def customers_of_events(timestamp: int) -> None:
    """Every minute, one look once it is done: of which customers the events of earlier versions tell, until the worker
    is to end."""
    for _upto in go_through():
        if is_stopping():
            break


@transaction.atomic
def _redo(job: Job) -> None:
    assert job.id is not None
    # Kept from others until the end: to Procrastinate a job that another gave up in this moment may be redone, too.
    as_it_was = ProcrastinateJob.objects.filter(status=Status.DOING.value, attempts=job.attempts)
    if as_it_was.select_for_update().filter(pk=job.id).first() is None:
        return  # whoever looked in the same moment was first: it was given up, or is under way again
    if job.attempts < MOST_ATTEMPTS:
        logger.warning("job_redone", job=job.id, task=job.task_name)
        try:
            with transaction.atomic():
                app.job_manager.retry_job_by_id(job.id, retry_at=clock.now())
        except UniqueViolation:
            # The next of its kind waits already, for this one to end: it does the work, and no other job is kept
            # from being redone.
            _give_up(job)
    else:
        logger.error("job_given_up", job=job.id, task=job.task_name)
        _give_up(job)


def _give_up(job: Job) -> None:
    async_to_sync(app.job_manager.finish_job)(job, status=Status.FAILED, delete_job=False)
