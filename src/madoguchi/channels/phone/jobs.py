"""Periodic work of the phone."""

from procrastinate.contrib.django import app

from madoguchi.channels.phone.actions import finish_what_broke, remember_what_was_left


@app.periodic(cron="* * * * *")
@app.task(name="phone.left_over", queueing_lock="phone.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Every minute: what a killed gateway left behind."""
    finish_what_broke()
    remember_what_was_left()
