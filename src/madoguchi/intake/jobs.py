"""Periodic work of the intake."""

from procrastinate.contrib.django import app

from madoguchi.intake.actions import handle_left_over


@app.periodic(cron="* * * * *")
@app.task(name="intake.left_over", queueing_lock="intake.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Handle what a killed door left behind."""
    handle_left_over()
