"""Jobs of uploads: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.imports.actions.working import forget_old, resume_left_over, work
from madoguchi.imports.scheduling import QUEUE, WORK_ON


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def work_on(upload_id: int, company: int) -> None:
    """Go on with an upload until it is through, or the worker is to end."""
    work(upload_id, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="imports.left_over", queue=QUEUE, queueing_lock="imports.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Every minute: go on with uploads whose job ended before they were through."""
    resume_left_over()


@app.periodic(cron="37 * * * *")
@app.task(name="imports.forget", queue=QUEUE, queueing_lock="imports.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Every hour: what was uploaded long ago is thrown away."""
    forget_old()
