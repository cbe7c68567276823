"""Jobs of macros: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.infra.jobs import QUEUE as UPKEEP
from madoguchi.macros.actions import forget_runs


@app.periodic(cron="51 18 * * *")
@app.task(name="macros.forget_runs", queue=UPKEEP, queueing_lock="macros.forget_runs", pass_context=False)
def forget(timestamp: int) -> None:
    """Every night: what macros did long ago is forgotten."""
    forget_runs()
