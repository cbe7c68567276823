"""Catching up with what was there before the index."""

import time

from procrastinate.contrib.django import app

from madoguchi.search.actions import index_all

_SECONDS = 50


@app.periodic(cron="* * * * *")
@app.task(name="search.catch_up", queueing_lock="search.catch_up", pass_context=False)
def catch_up(timestamp: int) -> None:
    """Every minute: index cases that are not indexed yet, for less than a minute; nothing once all are."""
    end = time.monotonic() + _SECONDS
    for _done in index_all():
        if time.monotonic() > end:
            break
