"""Jobs of delivery: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.cases.models import PendingAnswer
from madoguchi.delivery.models import Outgoing


def schedule(outgoing: Outgoing) -> None:
    """Have a message sent when it is due, by a job of the same transaction."""
    job = deliver.configure(schedule_at=outgoing.due_at, lock=f"outgoing-{outgoing.pk}")
    job.defer(outgoing_id=outgoing.pk, company=outgoing.company_id)


def schedule_left_over(outgoing: int, *, company: int) -> None:
    """Have an overdue message sent by a job of its own, whatever became of the first: no lock, for a killed worker
    seems to hold it for a while, and never two that wait.
    """
    job = deliver.configure(queueing_lock=left_over_name(outgoing))
    job.defer(outgoing_id=outgoing, company=company)


def left_over_name(outgoing: object) -> str:
    """What the waiting job of a left-over message is known by."""
    return f"left-{outgoing}"


@app.task(name="delivery.deliver", queue="sending", pass_context=False)
def deliver(outgoing_id: int, company: int) -> None:
    """Send one message."""
    from madoguchi.delivery.actions import send  # the action schedules this very job again

    send(outgoing_id, company=company)


def schedule_pending(pending: PendingAnswer) -> None:
    """Have a scheduled answer leave at its time, by a job of the same transaction."""
    job = let_out.configure(schedule_at=pending.due_at, lock=f"pending-{pending.pk}")
    job.defer(answer=pending.pk, company=pending.company_id)


@app.task(name="delivery.let_out", queue="delivery", pass_context=False)
def let_out(answer: int, company: int) -> None:
    """Let one scheduled answer leave, or hold it."""
    from madoguchi.delivery.actions import let_out_due  # the action schedules this very job

    let_out_due(answer, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="delivery.left_over", queue="delivery", queueing_lock="delivery.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Take up messages, and scheduled answers, whose job was lost with its worker."""
    from madoguchi.delivery.actions import let_out_left_over, resume_left_over

    resume_left_over()
    let_out_left_over()
