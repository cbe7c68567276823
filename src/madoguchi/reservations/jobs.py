"""The job of reservations."""

from procrastinate.contrib.django import app

from madoguchi.reservations.calling_up import call_up_waiting


@app.periodic(cron="* * * * *")
@app.task(name="reservations.call_up", queueing_lock="reservations.call_up", pass_context=False)
def call_up(timestamp: int) -> None:
    """Every minute: call up who waits for a time that is free."""
    call_up_waiting()
