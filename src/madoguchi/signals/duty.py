"""The ten days of 消費生活用製品安全法35条: what speaks of injury, fire, carbon monoxide or death may be a serious
accident of a product. Who makes or imports it reports that to the Consumer Affairs Agency (消費者庁) within ten days,
the day counted on which they knew.

Whether it is one, a person decides; that nobody forgets to is a task of the case with that day. With `grave` the only
writer of grave words.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

import structlog
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.signals import accidents
from madoguchi.signals.models import Grave
from madoguchi.signals.queries import standing_of
from madoguchi.tasks.actions import Wanted, add_task, remove_tasks

# The usual names of these sorts. The gravest of them are looked for whatever words a company keeps.
SORTS = accidents.SORTS | {"負傷"}
DAYS = 10
logger = structlog.get_logger()


def may_have_to_be_reported(sorts: Iterable[str]) -> bool:
    """Whether grave words are of what may be a serious accident. Pure."""
    return not SORTS.isdisjoint(sorts)


def last_moment(known: datetime) -> datetime:
    """The last minute, in Japan, of the tenth day, of which the first is the one on which it was known. Pure."""
    day = known.astimezone(clock.TOKYO).date() + timedelta(days=DAYS - 1)
    return datetime.combine(day, time(23, 59), clock.TOKYO)


def start_clock(grave: Grave, case: Case, *, known: datetime, by: Actor) -> None:
    """Set the task of reporting in a case, unless it stands there for other grave words already."""
    if not may_have_to_be_reported(grave.sorts):
        return
    # Of two messages that are read at once, one finds what the other has set.
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if any(one.task_id for one in standing_of(case)):
        return
    title = _(
        "Serious accident of a product? If so, report it to the Consumer Affairs Agency within ten days"
    )
    try:
        grave.task = add_task(case, Wanted(title=title, due_at=last_moment(known)), by=by)
    except Refused:
        # A case that holds as many tasks as one may: it is urgent and tagged all the same.
        logger.warning("report_not_set", grave=grave.pk, case=case.pk)
        return
    grave.save(update_fields=["task"])


def stop_clock(grave: Grave, case: Case, *, by: Actor) -> None:
    """Grave words were none: the task goes, unless it is done or other words of injury or fire stand in the case, to
    which it belongs from now on, with the earlier day.
    """
    if grave.task_id is None:
        return
    others = [one for one in standing_of(case) if may_have_to_be_reported(one.sorts)]
    if others:
        Grave.objects.filter(pk=others[-1].pk).update(task=grave.task_id)
        Grave.objects.filter(pk=grave.pk).update(task=None)
    elif grave.task is not None and grave.task.done_at is None:
        remove_tasks(case, [grave.task_id], by=by)
