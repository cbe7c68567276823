"""Jobs of gaps: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.gaps.scheduling import QUEUE, REHEARSE, WORK_ON


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def work_on(search_id: int, company: int) -> None:
    """Search what customers of a company wrote, or begin anew where a worker was killed."""
    from madoguchi.gaps.actions import (
        work,
    )  # it starts what reads articles: not in a process that only schedules

    work(search_id, company=company)


@app.task(name=REHEARSE, queue=QUEUE, pass_context=False)
def rehearse(rehearsal_id: int, company: int) -> None:
    """Try which cases articles alone would solve, or begin anew where a worker was killed."""
    from madoguchi.gaps.actions import try_cases

    try_cases(rehearsal_id, company=company)


@app.periodic(cron="23 18 * * *")
@app.task(name="gaps.search_all", queueing_lock="gaps.search_all", pass_context=False)
def every_night(timestamp: int) -> None:
    """Every night: have what customers of each company wrote searched."""
    from madoguchi.gaps.actions import search_all

    search_all()
