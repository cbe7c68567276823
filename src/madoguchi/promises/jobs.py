"""The job of promises."""

from procrastinate.contrib.django import app

from madoguchi.promises.actions import tell_due
from madoguchi.promises.keeping import tell_due_promises
from madoguchi.promises.notices import tell_waiting_notices


@app.periodic(cron="* * * * *")
@app.task(name="promises.tell_due", queueing_lock="promises.tell_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: those are told whose clocks or promises run out, or have."""
    tell_due()
    tell_due_promises()
    tell_waiting_notices()
