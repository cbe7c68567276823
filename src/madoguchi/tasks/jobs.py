"""The job of tasks."""

from procrastinate.contrib.django import app

from madoguchi.tasks.actions import tell_due


@app.periodic(cron="* * * * *")
@app.task(name="tasks.tell_due", queueing_lock="tasks.tell_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: tell of tasks that have fallen due."""
    tell_due()
