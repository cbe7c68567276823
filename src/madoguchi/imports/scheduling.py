"""That an upload waits for a worker: the job is called by its name, for it calls the actions, which schedule it."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.imports.models import Upload

WORK_ON, QUEUE = "imports.work_on", "imports"


def schedule(upload: Upload) -> None:
    """Have an upload worked on, by a job of the same transaction; one worker at a time."""
    app.configure_task(WORK_ON, queue=QUEUE, lock=_lock(upload)).defer(
        upload_id=upload.pk, company=upload.company_id
    )


def is_scheduled(upload: Upload) -> bool:
    """Whether a job for it waits or runs."""
    return ProcrastinateJob.objects.filter(lock=_lock(upload), status__in=["todo", "doing"]).exists()


def _lock(upload: Upload) -> str:
    return f"upload:{upload.pk}"
