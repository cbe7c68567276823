"""What tests of leaving messages share: a channel that answers as planned, and the moments in which things happen."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from madoguchi.cases.models import Message
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.delivery.actions import resume_left_over, send
from madoguchi.delivery.jobs import deliver
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import reactions, scope
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Outbound, Party, Receipt

MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
MISAKI = Party("misaki@home.example", "髙橋 美咲")
SOON = timedelta(seconds=10)


class Answering(EmailChannel):
    """A channel whose other side answers as planned, and else takes everything."""

    def __init__(self) -> None:
        self.planned: list[Exception] = []
        self.taken: list[Outbound] = []

    def send(self, message: Outbound) -> Receipt:
        if self.planned:
            raise self.planned.pop(0)
        self.taken.append(message)
        return Receipt("250 OK")


def work(outgoing: Outgoing, *, after: timedelta) -> Outgoing:
    """The job runs so long after the morning."""
    with clock.held_at(MORNING + after):
        send(outgoing.pk, company=outgoing.company_id)
    return now(outgoing)


def sweep() -> int:
    """The minute's look at what was left, and the jobs that it makes; says how many."""
    scheduled = resume_left_over()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE queueing_lock LIKE 'left-%' AND status = 'todo'"
            " RETURNING args, queue_name"
        )
        waiting = cursor.fetchall()
    for arguments, queue in waiting:
        assert queue == "sending"
        deliver(**json.loads(arguments))
    return scheduled


def now(row: Any) -> Any:
    with scope.acting_for([row.company_id]):
        return type(row).objects.get(pk=row.pk)


def message_of(outgoing: Outgoing) -> Message:
    with scope.acting_for([outgoing.company_id]):
        return Message.objects.get(pk=outgoing.message_id)


def everything(model: Any, **wanted: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(model.objects.filter(**wanted).order_by("pk"))


def told(*kinds: str) -> list[tuple[str, dict[str, Any]]]:
    return [(e.kind, e.data) for e in everything(Event) if e.kind in kinds]


def react() -> None:
    """What happened so far is reacted to, all of it once more, as after the crash of a worker."""
    holds = next(one for one in reactions.registered() if one.name == "delivery.hold")
    with scope.everywhere(reason="a reader of the log serves all companies"):
        for e in Event.objects.filter(kind__in=holds.kinds).order_by("pk"):
            who, where = (e.actor_kind, e.actor_id, e.actor_name), (e.company_id, e.case_id, e.desk_id)
            holds.handle([Recorded(Cursor(0, e.pk), e.kind, e.at, *who, *where, json.dumps(e.data))])


def jobs() -> list[tuple[str, dict[str, Any], datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args, scheduled_at FROM procrastinate_jobs ORDER BY id")
        return [(task, json.loads(arguments), at) for task, arguments, at in cursor.fetchall()]
