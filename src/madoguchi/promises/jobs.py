"""The job of promises."""

from procrastinate.contrib.django import app

from madoguchi.promises.actions import tell_due


@app.periodic(cron="* * * * *")
@app.task(name="promises.tell_due", queueing_lock="promises.tell_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: those are told whose clocks run out, or have."""
    tell_due()
