"""Which events tell of a customer. The database writes it beside the log with each event (`EventCustomer`); what
happened before it did is gone through in portions, and until that is done the log itself is read.
"""

from collections.abc import Iterable, Iterator

from django.db import connection
from django.db.models import Max, Q

from madoguchi.infra import scope
from madoguchi.infra.models import Event, EventCustomer, GoneThrough

AT_ONCE = 20_000
_NAME = "event_customers"
_FILL = """
    INSERT INTO infra_eventcustomer (customer_id, event_id, company_id)
    SELECT (data ->> 'customer')::bigint, id, company_id FROM infra_event
    WHERE id > %s AND id <= %s
        AND jsonb_typeof(data -> 'customer') = 'number' AND data ->> 'customer' ~ '^[0-9]{1,18}$'
    ON CONFLICT DO NOTHING
"""


def telling_of(customers: Iterable[int]) -> Q:
    """A condition for events: that they name one of these customers. Two queries, however long the log is.

    With their ids as they are: of a condition within an OR, or on a kind that is seldom told, the planner reads the
    whole log.
    """
    theirs = list(customers)
    if not _is_done():
        return Q(data__customer__in=theirs)
    rows = EventCustomer.objects.filter(customer_id__in=theirs)
    return Q(pk__in=list(rows.values_list("event_id", flat=True)))


def go_through() -> Iterator[int]:
    """Write of whom the events of before tell, so many of them a transaction; tells up to which event it came.

    It may be stopped anywhere, and goes on from there; at the end `telling_of` reads what it wrote.
    """
    if _is_done():
        return  # it looks before it locks: whoever reads the log waits for transactions that hold locks
    GoneThrough.objects.get_or_create(name=_NAME)
    while (upto := _next_portion()) is not None:
        yield upto


def _is_done() -> bool:
    return GoneThrough.objects.filter(name=_NAME, done=True).exists()


def _next_portion() -> int | None:
    with scope.everywhere(reason="the log is gone through for all companies"):
        mark = GoneThrough.objects.select_for_update().get(name=_NAME)
        if mark.done:
            return None
        begin = mark.event_id
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [begin, begin + AT_ONCE])
        last = Event.objects.aggregate(last=Max("pk"))["last"] or 0
        mark.event_id, mark.done = begin + AT_ONCE, begin + AT_ONCE >= last
        mark.save()
        return mark.event_id
