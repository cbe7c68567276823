"""A day as it was at a desk, drawn from the event log, in the form that the simulator reads."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import fmean
from typing import Any

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import ActorKind
from madoguchi.people.models import OperatorMember
from madoguchi.routing.queries import sharing_of, skills_of

CAME, ANSWERED = ("case.opened", "message.received"), "message.queued"
# Who was handed on waits once more.
_WAITS = {"transfer": "wait"}
GIVEN, CALL, PLACED = "case.assigned", "call.ended", "call.placed"
# Who writes for longer than that has done something else in between.
LONGEST_HANDLE = timedelta(minutes=60)
AT_LEAST = timedelta(minutes=30)
ABANDONED = "abandoned"


def day_of(desk: Desk, day: date) -> dict[str, Any] | None:
    """What came to a desk on a day of Japan's calendar and who was there; None for a day on which nothing came.

    People stand there by their ids alone. How long a case took is known where somebody was given it and answered within
    the hour; the others take the mean of these. A patience is known of who gave up; its mean is all waiting, by those
    who gave up (the estimate of greatest likelihood, where it is exponential).
    """
    begins = datetime.combine(day, time.min, clock.TOKYO)
    rows = Event.objects.filter(desk_id=desk.pk, at__gte=begins, at__lt=begins + timedelta(days=1))
    events = list(rows.order_by("at", "id"))
    people = _people(desk, events)
    contacts, taken = _contacts(desk, events, {person["name"] for person in people})
    calls, waited, gave_up = _calls(events)
    if not contacts and not calls:
        return None
    said: dict[str, Any] = {"contacts": sorted(contacts + calls, key=lambda one: str(one["at"]))}
    said["people"] = people
    said["target"] = sharing_of(desk).target_minutes * 60
    if taken:
        said["handle"] = round(fmean(taken), 1)
    if gave_up:
        said["patience"] = round(waited / gave_up, 1)
    return said


def _contacts(desk: Desk, events: list[Event], names: set[str]) -> tuple[list[dict[str, Any]], list[float]]:
    """Everything that a customer wrote and that made us act, and how long each known answer took."""
    cases = {e.case_id for e in events if e.kind in CAME}
    known = {case.pk: case for case in Case.objects.filter(pk__in=cases)}
    needs = sharing_of(desk).needs
    open_contacts: dict[int, dict[str, Any]] = {}
    begun: dict[int, datetime] = {}
    last: dict[int, str] = {}
    found, taken = [], []
    for event in events:
        case = event.case_id or 0
        if event.kind in CAME and case in known and case not in open_contacts:
            one = open_contacts[case] = _contact(known[case], event.at, needs)
            if last.get(case) in names:
                one["last"] = last[case]
            found.append(one)
        elif event.kind == GIVEN and event.data.get("after"):
            begun[case] = event.at
        elif event.kind == ANSWERED and event.actor_kind == ActorKind.PERSON:
            last[case] = f"p{event.actor_id}"
            one_open = open_contacts.pop(case, None)
            took = event.at - begun.pop(case, datetime.min.replace(tzinfo=clock.TOKYO))
            if one_open is not None and timedelta() < took <= LONGEST_HANDLE:
                one_open["handle"] = round(took.total_seconds(), 1)
                taken.append(took.total_seconds())
    return found, taken


def _contact(case: Case, at: datetime, needs: list[dict[str, Any]]) -> dict[str, Any]:
    wanted = {need["skill"]: need["level"] for need in needs if need["tag"] in case.tags}
    said: dict[str, Any] = {"at": at.astimezone(clock.TOKYO).isoformat(), "channel": case.channel}
    said |= {"priority": case.priority, "language": case.language}
    return said | ({"needs": wanted} if wanted else {})


def _calls(events: Sequence[Event]) -> tuple[list[dict[str, Any]], float, int]:
    """Calls that waited or were talked on, how long all waited together, and how many gave up; none that we made."""
    found, waited, gave_up = [], 0.0, 0
    ours = {event.data["call"] for event in events if event.kind == PLACED}
    for event in events:
        if event.kind != CALL or event.data["call"] in ours:
            continue
        spent: dict[str, float] = defaultdict(float)
        for span in event.data["spans"]:
            passed = datetime.fromisoformat(span["end"]) - datetime.fromisoformat(span["begin"])
            spent[_WAITS.get(span["spent"], span["spent"])] += passed.total_seconds()
        if not (spent["wait"] or spent["talk"]):
            continue
        first = datetime.fromisoformat(event.data["spans"][0]["begin"]).astimezone(clock.TOKYO)
        one: dict[str, Any] = {"at": first.isoformat(), "channel": "call"}
        if spent["talk"]:
            one["handle"] = round(spent["talk"] + spent["hold"], 1)
        if event.data["outcome"] == ABANDONED:
            one["patience"] = round(spent["wait"], 1)
            gave_up += 1
        waited += spent["wait"]
        found.append(one)
    return found, waited, gave_up


def _people(desk: Desk, events: list[Event]) -> list[dict[str, Any]]:
    """Who did something at the desk that day, from their first act to their last."""
    acts: dict[int, list[datetime]] = defaultdict(list)
    for event in events:
        if event.actor_kind == ActorKind.PERSON and event.actor_id:
            acts[event.actor_id].append(event.at.astimezone(clock.TOKYO))
    operators = desk.engagements.values("operator_id")
    members = OperatorMember.objects.filter(user_id__in=acts, operator_id__in=operators)
    by_person = {member.user_id: member.pk for member in members}
    skills = skills_of(by_person.values())
    return [
        {
            "name": f"p{person}",
            "from": acts[person][0].isoformat(),
            "until": max(acts[person][-1], acts[person][0] + AT_LEAST).isoformat(),
            "skills": {one.name: one.level for one in skills.get(member, [])},
        }
        for person, member in sorted(by_person.items())
    ]
