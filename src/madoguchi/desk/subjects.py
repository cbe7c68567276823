"""Kinds of matter as they were in the last 90 days, read for the map of them."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from django.db.models import Q

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Message, Priority
from madoguchi.cases.queries import visible
from madoguchi.delivery.models import ArticleBasis
from madoguchi.desk.subject_map import DAYS, Subject
from madoguchi.escalations.models import Escalation
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor

# The newest cases tell enough.
MOST = 10_000
_HURRIES = (Feeling.ANGER, Feeling.ANXIETY, Feeling.HASTE)
Key = tuple[int, int | None]


def subjects_of(actor: Actor) -> list[Subject]:
    """The kinds of matter at the actor's desks, the most frequent first; cases without a kind are one of each desk.
    Four queries.
    """
    since = clock.now() - timedelta(days=DAYS)
    fields = ("pk", "desk", "matter", "matter__name", "desk__name", "priority", "feelings")
    rows = visible(actor).filter(opened_at__gte=since).order_by("-opened_at", "-pk").values_list(*fields)
    found: dict[Key, Subject] = {}
    key_of: dict[int, Key] = {}
    for pk, desk, matter, name, place, priority, feelings in rows[:MOST]:
        key_of[pk] = key = (desk, matter)
        one = found.get(key) or Subject(desk=desk, matter=matter, name=name or "", place=place)
        hurries = priority >= Priority.HIGH or bool(set(feelings) & set(_HURRIES))
        found[key] = replace(one, cases=one.cases + 1, urgent=one.urgent + hurries)
    return sorted(_with_answers(found, key_of), key=lambda one: (-one.cases, one.place, one.name))


def _with_answers(found: dict[Key, Subject], key_of: dict[int, Key]) -> list[Subject]:
    ours = Message.objects.filter(case__in=key_of, author=Message.Author.STAFF, automatic="")
    asked = set(Escalation.objects.filter(case__in=key_of).values_list("case", flat=True))
    by_people = Q(message__author=Message.Author.STAFF, message__automatic="")
    rested = ArticleBasis.objects.filter(by_people, message__case__in=key_of)
    written = set(rested.values_list("message__case", flat=True))
    people: dict[Key, set[int]] = defaultdict(set)
    answered: dict[Key, set[int]] = defaultdict(set)
    answers: dict[Key, int] = defaultdict(int)
    for case, user in ours.values_list("case", "user"):
        key = key_of[case]
        answered[key].add(case)
        answers[key] += 1
        if user is not None:
            people[key].add(user)
    return [
        replace(
            one,
            answered=len(answered[key]),
            answers=answers[key],
            asked=sum(key_of[case] == key for case in asked),
            written=len(answered[key] & written),
            people=len(people[key]),
        )
        for key, one in found.items()
    ]
