"""Jobs of LINE: each calls one action. They have slots of their own, for they ask LINE."""

from datetime import datetime

from procrastinate.contrib.django import app

from madoguchi.infra.jobs import QUEUE as UPKEEP
from madoguchi.infra.worker import FETCHING


def schedule(received: int, *, company: int, who: str) -> None:
    """Have an event worked up, by a job of the same transaction; those of one person one after another."""
    work_up.configure(lock=f"line-{who}").defer(received=received, company=company)


def schedule_again(received: int, *, company: int, who: str, at: datetime) -> None:
    """Have one worked up then. Until then it holds up nothing that the same person says: a job with their lock would,
    also while it waits for its time.
    """
    again.configure(schedule_at=at).defer(received=received, company=company, who=who)


def schedule_left_over(received: int, *, company: int) -> None:
    """Have one worked up whose job was lost; never two that wait."""
    work_up.configure(queueing_lock=f"line-left-{received}").defer(received=received, company=company)


@app.task(name="line.work_up", queue=FETCHING, pass_context=False)
def work_up(received: int, company: int) -> None:
    """Make of an event what it says."""
    from madoguchi.channels.line import actions  # the action schedules this very job again

    actions.work_up(received, company=company)


@app.task(name="line.again", queue=FETCHING, pass_context=False)
def again(received: int, company: int, who: str) -> None:
    """The time has come: from now on it has its turn among what its person says."""
    schedule(received, company=company, who=who)


@app.periodic(cron="* * * * *")
@app.task(name="line.left_over", queue=UPKEEP, queueing_lock="line.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Take up events whose job was lost with its worker."""
    from madoguchi.channels.line import actions  # as above

    actions.resume_left_over()


@app.periodic(cron="23 * * * *")
@app.task(name="line.forget", queue=UPKEEP, queueing_lock="line.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Every hour: events of long ago are forgotten, and codes that count no more."""
    from madoguchi.channels.line import actions  # as above

    actions.forget_old()


@app.periodic(cron="41 * * * *")
@app.task(name="line.count_quotas", queue=FETCHING, queueing_lock="line.count_quotas", pass_context=False)
def count(timestamp: int) -> None:
    """Every hour: how many messages are left this month is asked of LINE."""
    from madoguchi.channels.line import actions  # as above

    actions.count_quotas()
