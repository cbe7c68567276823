"""The job of rules on time."""

from procrastinate.contrib.django import app

from madoguchi.rules.actions import apply_due


@app.periodic(cron="* * * * *")
@app.task(name="rules.apply_due", queueing_lock="rules.apply_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: rules on time go on through the cases of their desks."""
    apply_due()
