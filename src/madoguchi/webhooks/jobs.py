"""Jobs of webhooks: each calls one action. They have slots of their own, for somebody else's server may be slow."""

from procrastinate.contrib.django import app

from madoguchi.infra.jobs import QUEUE as UPKEEP
from madoguchi.infra.worker import TELLING
from madoguchi.webhooks.models import Delivery


def schedule(delivery: Delivery) -> None:
    """Have a delivery sent when it is due, by a job of the same transaction."""
    deliver.configure(schedule_at=delivery.due_at).defer(delivery_id=delivery.pk, company=delivery.company_id)


def schedule_left_over(delivery: int, *, company: int) -> None:
    """Have one sent whose job was lost; never two that wait."""
    deliver.configure(queueing_lock=f"webhook-{delivery}").defer(delivery_id=delivery, company=company)


@app.task(name="webhooks.deliver", queue=TELLING, pass_context=False)
def deliver(delivery_id: int, company: int) -> None:
    """Send one event to one endpoint."""
    from madoguchi.webhooks import actions  # the action schedules this very job again

    actions.deliver(delivery_id, company=company)


@app.periodic(cron="* * * * *")
@app.task(name="webhooks.left_over", queue=UPKEEP, queueing_lock="webhooks.left_over", pass_context=False)
def left_over(timestamp: int) -> None:
    """Take up deliveries whose job or worker was lost."""
    from madoguchi.webhooks import actions  # as above

    actions.resume_left_over()


@app.periodic(cron="47 * * * *")
@app.task(name="webhooks.forget", queue=UPKEEP, queueing_lock="webhooks.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Every hour: deliveries of long ago are forgotten."""
    from madoguchi.webhooks import actions  # as above

    actions.forget_old()
