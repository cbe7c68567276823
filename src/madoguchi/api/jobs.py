"""Upkeep of the API."""

from procrastinate.contrib.django import app

from madoguchi.api.once import forget_old
from madoguchi.infra.jobs import QUEUE


@app.periodic(cron="37 * * * *")
@app.task(name="api.forget_answers", queue=QUEUE, queueing_lock="api.forget_answers")
def forget_answers(timestamp: int) -> None:
    """Every hour: what programs were told more than two days ago is forgotten."""
    forget_old()
