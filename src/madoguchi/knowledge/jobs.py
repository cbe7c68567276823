"""Jobs of knowledge: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.knowledge.actions.falling_due import tell_due


@app.periodic(cron="11 22 * * *")
@app.task(name="knowledge.tell_due", queueing_lock="knowledge.tell_due", pass_context=False)
def every_morning(timestamp: int) -> None:
    """Every morning: who looks after an article is told that it is to be looked at again, or ends."""
    tell_due()
