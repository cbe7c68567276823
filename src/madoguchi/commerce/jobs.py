"""Jobs of commerce: each calls one action."""

from procrastinate.contrib.django import app

from madoguchi.commerce.recurring import make_due


@app.periodic(cron="*/10 * * * *")
@app.task(name="commerce.subscriptions", queueing_lock="commerce.subscriptions", pass_context=False)
def subscriptions(timestamp: int) -> None:
    """Every ten minutes: make the orders of subscriptions whose day has come."""
    make_due()
