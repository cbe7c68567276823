"""That a demand waits for a worker: the job is called by its name, for it calls the actions, which schedule it."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.rights.models import Request

WORK_ON, QUEUE = "rights.work_on", "rights"


def schedule(request: Request) -> None:
    """Have it worked on, by a job of the same transaction; one worker at a time."""
    job = app.configure_task(WORK_ON, queue=QUEUE, lock=request.cause)
    job.defer(request_id=request.pk, company=request.company_id)


def is_scheduled(request: Request) -> bool:
    """Whether a job for it waits or runs."""
    return ProcrastinateJob.objects.filter(lock=request.cause, status__in=["todo", "doing"]).exists()
