"""Jobs of what customers demand: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.rights.actions.retaining import resume_runs, start_all, work_on_run
from madoguchi.rights.actions.working import drop_expired, resume_left_over, work
from madoguchi.rights.leftovers import sweep
from madoguchi.rights.scheduling import QUEUE, RETAIN, WORK_ON


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def work_on(request_id: int, company: int) -> None:
    """Make what is demanded."""
    work(request_id, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="rights.left_over", queue=QUEUE, queueing_lock="rights.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Every minute: go on with what lost its job."""
    resume_left_over()
    resume_runs()


@app.periodic(cron="7 * * * *")
@app.task(name="rights.expired", queue=QUEUE, queueing_lock="rights.expired", pass_context=False)
def expired(timestamp: int) -> None:
    """Every hour: files whose link has expired go."""
    drop_expired()


@app.periodic(cron="33 * * * *")
@app.task(name="rights.leftovers", queue=QUEUE, queueing_lock="rights.leftovers", pass_context=False)
def leftovers(timestamp: int) -> None:
    """Every hour: files to which nothing leads, for a process was killed, go."""
    sweep(timestamp // 3600)


@app.task(name=RETAIN, queue=QUEUE, pass_context=False)
def retain(run_id: int, company: int) -> None:
    """Carry a rule of retention out."""
    work_on_run(run_id, company=company)


@app.periodic(cron="23 3 * * *")
@app.task(name="rights.retention", queue=QUEUE, queueing_lock="rights.retention", pass_context=False)
def retention(timestamp: int) -> None:
    """Each night: every rule of retention that is on is carried out."""
    start_all()
