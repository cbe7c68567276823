"""Jobs of escalations: each calls one action."""

from uuid import UUID

from procrastinate.contrib.django import app

from madoguchi.escalations.models import SlipLetter


@app.periodic(cron="* * * * *")
@app.task(name="escalations.tell_due", queueing_lock="escalations.tell_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: tell of escalations and slips whose time comes near or has run out, and remind."""
    from madoguchi.escalations.due import tell_due  # the action schedules jobs of this module

    tell_due()


def schedule(letter: SlipLetter) -> None:
    """Have a letter sent when it is due, by a job of the same transaction; never two that wait."""
    job = deliver.configure(schedule_at=letter.due_at, queueing_lock=f"slip-{letter.pk}")
    job.defer(letter=str(letter.pk), company=letter.company_id)


@app.task(name="escalations.send_letter", queue="sending", pass_context=False)
def deliver(letter: str, company: int) -> None:
    """Send one mail with a slip."""
    from madoguchi.escalations.letters import send_letter

    send_letter(UUID(letter), company=company)


@app.periodic(cron="* * * * *")
@app.task(
    name="escalations.resume_letters",
    queue="delivery",
    queueing_lock="escalations.resume_letters",
    pass_context=False,
)
def resume(timestamp: int) -> None:
    """Every minute: mails with slips whose job was lost get one again."""
    from madoguchi.escalations.letters import resume_left_over

    resume_left_over()
