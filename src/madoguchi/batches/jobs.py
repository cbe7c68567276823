"""Jobs of batches: each calls one action."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.batches.models import Batch


def schedule(batch: Batch) -> None:
    """Have a batch worked on, by a job of the same transaction; one worker at a time."""
    work_on.configure(lock=batch.cause).defer(batch_id=batch.pk, company=batch.company_id)


def is_scheduled(batch: Batch) -> bool:
    """Whether a job for it waits or runs."""
    return ProcrastinateJob.objects.filter(lock=batch.cause, status__in=["todo", "doing"]).exists()


@app.task(name="batches.work_on", queue="batches", pass_context=False)
def work_on(batch_id: int, company: int) -> None:
    """Go on with a batch until it is through, or the worker is to end."""
    from madoguchi.batches.actions import work  # the actions schedule this very job

    work(batch_id, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="batches.left_over", queue="batches", queueing_lock="batches.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Go on with batches whose job ended before they were through."""
    from madoguchi.batches.actions import resume_left_over

    resume_left_over()
