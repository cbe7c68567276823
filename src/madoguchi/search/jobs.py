"""Catching up with what was there before the index."""

from procrastinate.contrib.django import app

from madoguchi.infra.stopping import is_stopping
from madoguchi.search.actions import index_all
from madoguchi.search.reading import read_waiting


@app.periodic(cron="* * * * *")
@app.task(name="search.catch_up", queueing_lock="search.catch_up", lock="search.catch_up", pass_context=False)
def catch_up(timestamp: int) -> None:
    """Every minute, and at once when cases came by no event: index those that are not indexed yet.

    It goes on until all are, or until the worker is to end: another goes on from there.
    """
    for _done in index_all():
        if is_stopping():
            break


@app.periodic(cron="* * * * *")
@app.task(
    name="search.read_files",
    queue="files",
    queueing_lock="search.read_files",
    lock="search.read_files",
    pass_context=False,
)
def read_files(timestamp: int) -> None:
    """Every minute, and at once when some came: read the files that wait for it, until the worker is to end."""
    for _attachment in read_waiting():
        if is_stopping():
            break
