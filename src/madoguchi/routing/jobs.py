"""The job of routing."""

from procrastinate.contrib.django import app

from madoguchi.routing.sweeping import sweep


@app.periodic(cron="* * * * *")
@app.task(name="routing.sweep", queueing_lock="routing.sweep", pass_context=False)
def look_who_is_here(timestamp: int) -> None:
    """Every minute: who is not heard of is away, and what waits is given out."""
    sweep()
