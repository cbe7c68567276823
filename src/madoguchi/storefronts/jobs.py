"""Jobs of connected shops: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.infra.jobs import QUEUE
from madoguchi.storefronts.actions.taking import forget_old, resume_left_over


@app.periodic(cron="* * * * *")
@app.task(
    name="storefronts.left_over", queue=QUEUE, queueing_lock="storefronts.left_over", pass_context=False
)
def left_over(timestamp: int) -> None:
    """Every minute: what was kept and not worked on is worked on."""
    resume_left_over()


@app.periodic(cron="43 * * * *")
@app.task(name="storefronts.forget", queue=QUEUE, queueing_lock="storefronts.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Every hour: what was taken in long ago is forgotten."""
    forget_old()
