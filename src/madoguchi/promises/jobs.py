"""Jobs of promises: each calls actions."""

from procrastinate.contrib.django import app

from madoguchi.promises.actions import tell_due
from madoguchi.promises.keeping import tell_due_promises
from madoguchi.promises.long_trial import QUEUE, WORK_ON, work
from madoguchi.promises.notices import tell_waiting_notices


@app.periodic(cron="* * * * *")
@app.task(name="promises.tell_due", queueing_lock="promises.tell_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: those are told whose clocks or promises run out, or have."""
    tell_due()
    tell_due_promises()
    tell_waiting_notices()


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def try_on(trial_id: int, company: int) -> None:
    """Try service levels on the cases of 90 days, or go on where a worker was killed."""
    work(trial_id, company=company)
