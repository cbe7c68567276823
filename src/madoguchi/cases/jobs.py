"""Jobs of cases: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.cases.actions.check import check_files, check_left_over
from madoguchi.cases.actions.look import forget_looks
from madoguchi.cases.actions.measure import measure_reply_times
from madoguchi.cases.actions.together import forget_gone
from madoguchi.cases.reading import raise_alarms


@app.task(name="cases.check_files", queue="files", pass_context=False)
def check(message: int, company: int) -> None:
    """Look through the files of one message."""
    check_files(message, company=company)


@app.periodic(cron="* * * * *")
@app.task(
    name="cases.check_left_over", queue="files", queueing_lock="cases.check_left_over", pass_context=False
)
def left_over(timestamp: int) -> None:
    """Look through files that the scanner could not be asked about before."""
    check_left_over()


@app.periodic(cron="7 * * * *")
@app.task(name="cases.measure_reply_times", queueing_lock="cases.measure_reply_times", pass_context=False)
def measure(timestamp: int) -> None:
    """Every hour: how long each desk took to answer lately, which its acknowledgements tell."""
    measure_reply_times()


@app.periodic(cron="43 * * * *")
@app.task(name="cases.forget_gone", queueing_lock="cases.forget_gone", pass_context=False)
def gone(timestamp: int) -> None:
    """Every hour: drop what is left of those who went without a word."""
    forget_gone()


@app.periodic(cron="37 18 * * *")
@app.task(name="cases.forget_looks", queueing_lock="cases.forget_looks", pass_context=False)
def looks(timestamp: int) -> None:
    """Every night: who looked so long ago is forgotten."""
    forget_looks()


@app.periodic(cron="*/5 * * * *")
@app.task(name="cases.read_many", queueing_lock="cases.read_many", pass_context=False)
def read_many(timestamp: int) -> None:
    """Every five minutes: companies are told of who reads very many of their customers."""
    raise_alarms()
