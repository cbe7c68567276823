"""Jobs of lists that are taken along: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.exports.actions import expire, work
from madoguchi.exports.scheduling import QUEUE, WORK_ON


@app.task(name=WORK_ON, queue=QUEUE, pass_context=False)
def work_on(export_id: int, company: int) -> None:
    """Write a list into its file, or begin anew where a worker was killed."""
    work(export_id, company=company)


@app.periodic(cron="19 * * * *")
@app.task(name="exports.expire", queueing_lock="exports.expire", pass_context=False)
def old(timestamp: int) -> None:
    """Every hour: lists that were written a day ago are forgotten, with files that nobody came for."""
    expire()
