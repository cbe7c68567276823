"""Jobs of rules: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.infra.jobs import QUEUE as UPKEEP
from madoguchi.rules.actions import apply_due, forget_runs


@app.periodic(cron="* * * * *")
@app.task(name="rules.apply_due", queueing_lock="rules.apply_due", pass_context=False)
def due(timestamp: int) -> None:
    """Every minute: rules on time go on through the cases of their desks."""
    apply_due()


@app.periodic(cron="47 18 * * *")
@app.task(name="rules.forget_runs", queue=UPKEEP, queueing_lock="rules.forget_runs", pass_context=False)
def forget(timestamp: int) -> None:
    """Every night: what rules did long ago is forgotten."""
    forget_runs()
