"""Periodic work of the phone."""

from procrastinate.contrib.django import app

from madoguchi.channels.phone.actions import finish_what_broke, remember_what_was_left
from madoguchi.channels.phone.record import without_sound
from madoguchi.shield.queries import cases_with_marks
from madoguchi.voice.keeping import Walk, let_recordings_go, seal_recordings

_WALK = Walk()


@app.periodic(cron="* * * * *")
@app.task(name="phone.left_over", queueing_lock="phone.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Every minute: what a killed gateway left behind."""
    finish_what_broke()
    remember_what_was_left()


@app.periodic(cron="23 * * * *")
@app.task(name="phone.seal", queue="files", queueing_lock="phone.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Every hour: recordings that lie open in the file store are encrypted."""
    seal_recordings(without_sound, walk=_WALK)


@app.periodic(cron="41 * * * *")
@app.task(
    name="phone.let_recordings_go", queue="files", queueing_lock="phone.let_recordings_go", pass_context=False
)
def let_go(timestamp: int) -> None:
    """Every hour: recordings that are older than their company keeps them. What may be evidence stays."""
    let_recordings_go(spared=cases_with_marks)
