"""That a batch waits for a worker: the job is called by its name, for it calls the actions, which schedule it."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.batches.models import Batch

WORK_ON, QUEUE = "batches.work_on", "batches"


def schedule(batch: Batch) -> None:
    """Have a batch worked on, by a job of the same transaction; one worker at a time."""
    job = app.configure_task(WORK_ON, queue=QUEUE, lock=batch.cause)
    job.defer(batch_id=batch.pk, company=batch.company_id)


def is_scheduled(batch: Batch) -> bool:
    """Whether a job for it waits or runs."""
    return ProcrastinateJob.objects.filter(lock=batch.cause, status__in=["todo", "doing"]).exists()
