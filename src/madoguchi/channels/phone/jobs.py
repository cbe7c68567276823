"""Periodic work of the phone."""

from contextlib import ExitStack, suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.channels.phone.actions import remember_what_was_left
from madoguchi.channels.phone.broken import finish_what_broke
from madoguchi.channels.phone.hooks.ending import fetch_and_write_down
from madoguchi.channels.phone.hooks.left_over import go_on_with_carried
from madoguchi.channels.phone.record import without_sound
from madoguchi.infra.worker import FETCHING
from madoguchi.shield.queries import cases_with_marks
from madoguchi.voice.keeping import Walk, let_recordings_go, seal_recordings
from madoguchi.voice.spent import write_down_spent
from madoguchi.voice.transcripts import transcribe_recordings

_WALK = Walk()


@app.periodic(cron="* * * * *")
@app.task(name="phone.left_over", queueing_lock="phone.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Every minute: what a killed gateway left behind, calls of carriers that ask no more, and what the time at phones
    was spent with.
    """
    with ExitStack() as each:  # backwards; what fails keeps none of the others from being done
        each.callback(remember_what_was_left)
        each.callback(finish_what_broke)
        each.callback(go_on_with_carried)
        each.callback(write_down_spent)


def schedule_words(carried: int, *, company: int) -> None:
    """Have the message of a carrier's call fetched; never two jobs that wait for one."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        fetch_words.configure(queueing_lock=f"phone-words-{carried}").defer(carried=carried, company=company)


@app.task(name="phone.fetch_words", queue=FETCHING, pass_context=False)
def fetch_words(carried: int, company: int) -> None:
    """Fetch what the caller of a carrier's call said, and write the call down."""
    fetch_and_write_down(carried, company=company)


@app.periodic(cron="23 * * * *")
@app.task(name="phone.seal", queue="files", queueing_lock="phone.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Every hour: recordings that lie open in the file store are encrypted."""
    seal_recordings(without_sound, walk=_WALK)


@app.periodic(cron="*/5 * * * *")
@app.task(name="phone.transcribe", queue="heavy", queueing_lock="phone.transcribe", pass_context=False)
def transcribe(timestamp: int) -> None:
    """Every five minutes: what is said in new recordings is written down, where a recogniser is set up."""
    transcribe_recordings()


@app.periodic(cron="41 * * * *")
@app.task(
    name="phone.let_recordings_go", queue="files", queueing_lock="phone.let_recordings_go", pass_context=False
)
def let_go(timestamp: int) -> None:
    """Every hour: recordings that are older than their company keeps them. What may be evidence stays."""
    let_recordings_go(spared=cases_with_marks)
