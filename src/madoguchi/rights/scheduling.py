"""That a demand waits for a worker: the job is called by its name, for it calls the actions, which schedule it."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.rights.models import Request, RetentionRun

WORK_ON, RETAIN, QUEUE = "rights.work_on", "rights.retain", "rights"


def schedule(request: Request) -> None:
    """Have it worked on, by a job of the same transaction; one worker at a time."""
    job = app.configure_task(WORK_ON, queue=QUEUE, lock=request.cause)
    job.defer(request_id=request.pk, company=request.company_id)


def schedule_retention(run: RetentionRun) -> None:
    """The same for a run of a rule of retention."""
    job = app.configure_task(RETAIN, queue=QUEUE, lock=run.cause)
    job.defer(run_id=run.pk, company=run.company_id)


def is_scheduled(request: Request | RetentionRun) -> bool:
    """Whether a job for it waits or runs."""
    return ProcrastinateJob.objects.filter(lock=request.cause, status__in=["todo", "doing"]).exists()
