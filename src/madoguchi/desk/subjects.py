"""Kinds of matter as they were in the last 90 days, read for the map of them."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case, Message, Priority
from madoguchi.cases.queries import visible
from madoguchi.companies.queries import desks_of
from madoguchi.delivery.models import ArticleBasis
from madoguchi.desk.newcomers import LEADS
from madoguchi.desk.subject_map import DAYS, Subject
from madoguchi.escalations.models import Escalation
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.queries import people_led

_HURRIES = [Feeling.ANGER, Feeling.ANXIETY, Feeling.HASTE]
Key = tuple[int, int | None]


def subjects_of(actor: Actor) -> list[Subject]:
    """The kinds of matter at the actor's desks, the most frequent first; cases without a kind are one of each desk.
    Nine queries, however many cases there were.
    """
    cases = visible(actor).filter(opened_at__gte=clock.now() - timedelta(days=DAYS)).order_by()
    hurries = Q(priority__gte=Priority.HIGH) | Q(feelings__overlap=_HURRIES)
    rows = cases.values_list("desk", "matter", "matter__name", "desk__name").annotate(
        count=Count("pk"), urgent=Count("pk", filter=hurries)
    )
    found = {
        (desk, matter): Subject(
            desk=desk, matter=matter, name=name or "", place=place, cases=count, urgent=urgent
        )
        for desk, matter, name, place, count, urgent in rows
    }
    return sorted(_with_answers(found, cases, actor), key=lambda one: (-one.cases, one.place, one.name))


def _with_answers(found: dict[Key, Subject], cases: QuerySet[Case], actor: Actor) -> list[Subject]:
    ours = Message.objects.filter(case__in=cases, author=Message.Author.STAFF, automatic="").order_by()
    questions = Escalation.objects.filter(case__in=cases).exclude(state=Escalation.State.WITHDRAWN)
    answers, answered = _by_kind(ours, Count("pk")), _by_kind(ours, Count("case", distinct=True))
    asked = _by_kind(questions.order_by(), Count("case", distinct=True))
    written = _by_kind(
        ours.filter(Exists(ArticleBasis.objects.filter(message=OuterRef("pk")))), Count("case", distinct=True)
    )
    people: dict[Key, set[int]] = defaultdict(set)
    named = ours.exclude(user=None).values_list("case__desk", "case__matter", "user").distinct()
    for desk, matter, user in named:
        people[desk, matter].add(user)
    led = people_led(actor, desks_of(actor, permission=LEADS))
    return [
        replace(
            one,
            answered=answered.get(key, 0),
            answers=answers.get(key, 0),
            asked=asked.get(key, 0),
            written=written.get(key, 0),
            people=len(people[key]),
            led=people[key] <= led.get(one.desk, set()),
        )
        for key, one in found.items()
    ]


def _by_kind(rows: QuerySet[Any], count: Count) -> dict[Key, int]:
    """How many of what belongs to cases there is, by the kind of their matter."""
    counted = rows.values_list("case__desk", "case__matter").annotate(number=count)
    return {(desk, matter): number for desk, matter, number in counted}
