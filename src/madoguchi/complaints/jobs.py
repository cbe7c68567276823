"""The job of complaints."""

from procrastinate.contrib.django import app

from madoguchi.complaints.actions import tell_overdue


@app.periodic(cron="* * * * *")
@app.task(name="complaints.tell_overdue", queueing_lock="complaints.tell_overdue", pass_context=False)
def overdue(timestamp: int) -> None:
    """Every minute: tell of complaints whose time has run out."""
    tell_overdue()
