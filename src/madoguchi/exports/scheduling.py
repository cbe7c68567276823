"""That a list waits for a worker: the job is called by its name, for it calls the actions, which schedule it."""

from procrastinate.contrib.django import app

from madoguchi.exports.models import Export

WORK_ON, QUEUE = "exports.work_on", "batches"


def schedule(export: Export) -> None:
    """Have a list written, by a job of the same transaction; one worker at a time."""
    job = app.configure_task(WORK_ON, queue=QUEUE, lock=f"export:{export.pk}")
    job.defer(export_id=export.pk, company=export.company_id)
