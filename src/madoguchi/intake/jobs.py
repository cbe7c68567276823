"""Periodic work of the intake."""

from procrastinate.contrib.django import app

from madoguchi.intake.actions import handle_left_over
from madoguchi.intake.healing import join_parted


@app.periodic(cron="* * * * *")
@app.task(name="intake.left_over", queueing_lock="intake.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Handle what a killed door left behind."""
    handle_left_over()


@app.periodic(cron="* * * * *")
@app.task(name="intake.join_parted", queueing_lock="intake.join_parted", pass_context=False)
def parted(timestamp: int) -> None:
    """Bring together what two processes handled in the same instant."""
    join_parted()
