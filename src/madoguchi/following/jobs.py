"""Jobs of following: each calls one action."""

from uuid import UUID

from procrastinate.contrib.django import app

from madoguchi.following.actions import forget_notifications
from madoguchi.following.models import Letter
from madoguchi.infra.jobs import QUEUE as UPKEEP


@app.periodic(cron="57 18 * * *")
@app.task(
    name="following.forget_notifications",
    queue=UPKEEP,
    queueing_lock="following.forget_notifications",
    pass_context=False,
)
def forget(timestamp: int) -> None:
    """Every night: what people were told long ago is forgotten."""
    forget_notifications()


def schedule(letter: Letter) -> None:
    """Have a letter sent when it is due, by a job of the same transaction; never two that wait."""
    job = deliver.configure(schedule_at=letter.due_at, queueing_lock=f"letter-{letter.pk}")
    job.defer(letter=str(letter.pk))


@app.task(name="following.send_letter", queue="sending", pass_context=False)
def deliver(letter: str) -> None:
    """Send one letter to staff."""
    from madoguchi.following.letters import send_letter  # the action schedules this very job again

    send_letter(UUID(letter))


@app.periodic(cron="* * * * *")
@app.task(
    name="following.write_letters",
    queue="delivery",
    queueing_lock="following.write_letters",
    pass_context=False,
)
def write(timestamp: int) -> None:
    """Every minute: what people wish to be told by mail goes into letters; letters whose job was lost get one again."""
    from madoguchi.following.letters import resume_left_over, write_letters

    write_letters()
    resume_left_over()
