"""Jobs of following: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.following.actions import forget_notifications
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
