"""Jobs of batches: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.batches.actions import resume_left_over, work
from madoguchi.batches.scheduling import QUEUE, WORK_ON


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def work_on(batch_id: int, company: int) -> None:
    """Go on with a batch until it is through, or the worker is to end."""
    work(batch_id, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="batches.left_over", queue=QUEUE, queueing_lock="batches.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Go on with batches whose job ended before they were through."""
    resume_left_over()
