"""The written terms that are owed to a customer who was solicited by phone, as a task of the case with its deadline."""

from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.commerce.models import Solicitation
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.tasks.models import Task

_ORDERS = system("orders")
_CLOSES = time(18)


def remind_of_terms(case: Case, found: Solicitation) -> Task | None:
    """Set the task to send the written terms, for who answers for the case. In the transaction that took the order;
    None where it is set already, and where the case takes no more tasks: the order tells of it all the same.
    """
    due = datetime.combine(found.papers_due, _CLOSES, tzinfo=clock.TOKYO)
    title = _("Send the written terms of %(name)s to the customer (solicited by phone)") % {"name": found}
    if Task.objects.filter(case=case, title=title).exists():
        return None
    try:
        with transaction.atomic():
            return add_task(case, Wanted(title=title, due_at=due), by=_ORDERS)
    except Refused:
        return None
