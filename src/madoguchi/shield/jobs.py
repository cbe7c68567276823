"""The jobs of the shield."""

from procrastinate.contrib.django import app

from madoguchi.shield import appealing, caring
from madoguchi.shield.noticing import look_at_calls_going_on


@app.periodic(cron="* * * * *")
@app.task(name="shield.look", queueing_lock="shield.look", pass_context=False)
def look(timestamp: int) -> None:
    """Every minute: whom a call holds for long, and what was to be done for people and is late."""
    look_at_calls_going_on()
    caring.tell_overdue()
    appealing.tell_overdue()
