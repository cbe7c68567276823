"""Jobs of surveys: each calls one action."""

from datetime import datetime

from procrastinate.contrib.django import app

from madoguchi.infra import scope
from madoguchi.surveys.inviting import invite


def schedule(case: int, *, company: int, at: datetime) -> None:
    """Have the customer of a case asked by mail then, by a job of the same transaction."""
    ask.configure(schedule_at=at).defer(case=case, company=company)


@app.task(name="surveys.ask", queue="delivery", pass_context=False)
def ask(case: int, company: int) -> None:
    """Ask one customer by mail how they were helped, if that is still to be asked."""
    with scope.acting_for([company]):
        invite(case)
