"""Jobs of what customers demand: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.rights.actions.working import drop_expired, resume_left_over, work
from madoguchi.rights.scheduling import QUEUE, WORK_ON


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def work_on(request_id: int, company: int) -> None:
    """Make what is demanded."""
    work(request_id, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="rights.left_over", queue=QUEUE, queueing_lock="rights.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Every minute: go on with what lost its job."""
    resume_left_over()


@app.periodic(cron="7 * * * *")
@app.task(name="rights.expired", queue=QUEUE, queueing_lock="rights.expired", pass_context=False)
def expired(timestamp: int) -> None:
    """Every hour: files whose link has expired go."""
    drop_expired()
