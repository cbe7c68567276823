"""What waits, who is here, and what they have in hand."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from madoguchi.cases.models import OURS_TO_ACT, Case, Message
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import staff_of_desk
from madoguchi.routing import also, policies
from madoguchi.routing.logic import WHOLE, Floor, Order, Person, Policy, Waiting
from madoguchi.routing.models import Sharing, Skill, State, Worker

# A page says every minute that it is open; a browser that sleeps says nothing.
HEARD_WITHIN = timedelta(minutes=5)
# What waits behind so many is not looked at for one decision.
MOST_WAITING = 5_000
_WAITS = Q(assignee=None, status__in=[status.value for status in OURS_TO_ACT], continued_in=None)
_IN_HAND = Q(status__in=[status.value for status in OURS_TO_ACT], waiting_since__isnull=False)
_HANDS = "hands are full whichever company's customers fill them"


def worker_of(person: int) -> Worker:
    """What somebody is now; off work before they ever said anything. One query."""
    now = clock.now()
    found = Worker.objects.filter(user_id=person).first()
    return found or Worker(user_id=person, state=State.OFF, since=now, seen_at=now)


def heard_since() -> datetime:
    """Who was not heard of since then is not here, whatever they said last."""
    return clock.now() - HEARD_WITHIN


def here_among(people: Collection[int]) -> set[int]:
    """Those of these people who are available. One query."""
    here = Worker.objects.filter(user_id__in=people, state=State.AVAILABLE, seen_at__gt=heard_since())
    return set(here.values_list("user_id", flat=True))


def not_absent(people: Collection[int]) -> list[int]:
    """Those of these people who have not said that they are away, on a break or off work: who never says anything
    of the kind, as where nobody uses it, is taken at their word elsewhere. One query.
    """
    said = Worker.objects.filter(user_id__in=people).exclude(state=State.AVAILABLE)
    absent = set(said.values_list("user_id", flat=True))
    return [one for one in people if one not in absent]


def sharing_of(desk: Desk) -> Sharing:
    """How a desk shares its work out, as set or as usual. One query."""
    return Sharing.objects.filter(desk=desk).first() or Sharing(company_id=desk.company_id, desk=desk)


def sharings_of(desks: Sequence[Desk]) -> dict[int, Sharing]:
    """The same of several desks. One query."""
    known = {one.desk_id: one for one in Sharing.objects.filter(desk__in=desks)}
    return {desk.pk: known.get(desk.pk) or Sharing(company_id=desk.company_id, desk=desk) for desk in desks}


def desk_to_share(actor: Actor, desk: int) -> Desk:
    """A desk that the actor leads; raises NotFound for any other."""
    led = desks_of(actor, permission=Permission.CASE_TAKE_OVER)
    found = next((one for one in led if one.pk == desk), None)
    if found is None:
        raise NotFound(desk)
    return found


def members_led(actor: Actor) -> QuerySet[OperatorMember]:
    """The people of whom the actor says what they know."""
    rows = OperatorMember.objects.filter(operator_id__in=policies.operators_led(actor), user__is_active=True)
    return rows.select_related("user", "operator").order_by("user__kana", "user__name", "pk")


def skills_of(members: Collection[int]) -> dict[int, list[Skill]]:
    """What these members know, by name. One query."""
    found: dict[int, list[Skill]] = defaultdict(list)
    for skill in Skill.objects.filter(member_id__in=members).order_by("name"):
        found[skill.member_id].append(skill)
    return found


def queue(sharings: dict[int, Sharing]) -> list[Waiting]:
    """What waits at some desks for somebody. One query for each order among them, and those of `also`."""
    waiting = []
    for by in sorted({one.order for one in sharings.values()}):
        desks = [desk for desk, one in sharings.items() if one.order == by]
        waiting += [_waiting(row, sharings[row["desk_id"]]) for row in _rows(desks, by)]
    others = also.left_alone([case.id for case in waiting])
    return [case for case in waiting if case.id not in others]


def _rows(desks: list[int], by: str) -> "QuerySet[Case, dict[str, Any]]":
    rows = Case.objects.filter(_WAITS, desk_id__in=desks)
    rows = rows.annotate(since=Coalesce("waiting_since", "opened_at"), last=Subquery(_who_answered_last()))
    first = ["-priority"] if by == Order.PRIORITY else []
    columns = ("id", "desk_id", "since", "channel", "due_at", "priority", "tags", "language", "last")
    return rows.order_by(*first, "since", "id").values(*columns)[:MOST_WAITING]


def _who_answered_last() -> "QuerySet[Message, dict[str, Any]]":
    """Of the customer, in this case or another one of the company."""
    said = Message.objects.filter(case__customer=OuterRef("customer"), author=Message.Author.STAFF)
    return said.filter(user__isnull=False).order_by("-at").values("user_id")[:1]


def _waiting(row: dict[str, Any], sharing: Sharing) -> Waiting:
    tags = set(row["tags"])
    return Waiting(
        id=row["id"],
        desk=row["desk_id"],
        since=row["since"].timestamp(),
        channel=row["channel"],
        due=row["due_at"].timestamp() if row["due_at"] else None,
        priority=row["priority"],
        needs=frozenset((need["skill"], need["level"]) for need in sharing.needs if need["tag"] in tags),
        language=row["language"],
        last=row["last"],
    )


def person_at(actor: Actor, desks: Sequence[Desk]) -> Person:
    """Somebody who asks for the next case, with what they know and have in hand."""
    assert actor.id is not None
    worker = worker_of(actor.id)
    places = {actor.id: frozenset(desk.pk for desk in desks)}
    here = worker.is_here(heard_since())
    return _people(places, {actor.id: worker}, here={actor.id} if here else set())[0]


def people_at(desk: Desk) -> list[Person]:
    """Who is here to be given a desk's cases."""
    staff = list(staff_of_desk(desk.pk, company=desk.company_id).values_list("pk", flat=True))
    workers = {w.user_id: w for w in Worker.objects.filter(user_id__in=here_among(staff))}
    return _people(dict.fromkeys(workers, frozenset({desk.pk})), workers, here=set(workers))


def floor_of(sharings: dict[int, Sharing], people: list[Person]) -> Floor:
    """The desks and the people, with all that waits. Who answered last and is here stands by, so that what is theirs is
    kept for them.
    """
    waiting = queue(sharings)
    known = {person.id for person in people}
    wanted = {case.last for case in waiting if case.last is not None} - known
    floor = Floor(
        {desk: one.policy() for desk, one in sharings.items()}, [*people, *_others(wanted, waiting)]
    )
    for case in waiting:
        floor.wait(case)
    return floor


def _others(wanted: set[int], waiting: list[Waiting]) -> list[Person]:
    here = here_among(wanted)
    workers = {w.user_id: w for w in Worker.objects.filter(user_id__in=here)} if here else {}
    places: dict[int, set[int]] = defaultdict(set)
    for case in waiting:
        if case.last in here and case.last is not None:
            places[case.last].add(case.desk)
    working = {one: _where_at_work(one, desks) for one, desks in places.items()}
    return _people(working, {one: workers[one] for one in working}, here=here) if working else []


def _where_at_work(person: int, desks: set[int]) -> frozenset[int]:
    from_desks = Desk.objects.filter(pk__in=desks)
    return frozenset(
        desk.pk
        for desk in from_desks
        if staff_of_desk(desk.pk, company=desk.company_id).filter(pk=person).exists()
    )


def _people(places: dict[int, frozenset[int]], workers: dict[int, Worker], *, here: set[int]) -> list[Person]:
    busy, skills = hands(places), _skills_of_people(places)
    return [
        Person(
            id=person,
            desks=desks,
            skills=skills[person],
            languages=frozenset(workers[person].languages),
            busy=busy[person],
            free_since=(workers[person].given_at or workers[person].since).timestamp(),
            here=person in here,
        )
        for person, desks in places.items()
    ]


def hands(people: Collection[int]) -> dict[int, int]:
    """How much each of these people has in hand, in thousandths: the cases whose customers wait for them, each as its
    desk counts it; who is on a call has no hand free.
    """
    busy = dict.fromkeys(people, 0)
    with scope.everywhere(reason=_HANDS):
        rows = Case.objects.filter(_IN_HAND, assignee_id__in=people)
        held = list(rows.values_list("assignee_id", "desk_id", "channel")) if people else []
        desks = {desk for _person, desk, _channel in held}
        policies_of = {one.desk_id: one.policy() for one in Sharing.objects.filter(desk_id__in=desks)}
    for person, desk, channel in held:
        if person is not None:
            busy[person] += policies_of.get(desk, Policy()).share(channel)
    return busy | dict.fromkeys(also.occupied(people), WHOLE)


def _skills_of_people(people: Collection[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {person: {} for person in people}
    rows = Skill.objects.filter(member__user_id__in=people).annotate(person=F("member__user_id"))
    for skill in rows:
        if skill.holds_on(today()):
            known = found[skill.person]
            known[skill.name] = max(skill.level, known.get(skill.name, 0))
    return found


def today() -> date:
    """By the calendar of Japan."""
    return clock.now().astimezone(clock.TOKYO).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A desk's queue as it is: how many wait, since when the first, how many are past their time, how many were passed
    on twice or more; how many people are here, and who is what (empty for who may not see that).
    """

    desk: Desk
    sharing: Sharing
    waiting: int
    oldest: datetime | None
    late: int
    passed_on: int
    here: int
    people: list[tuple[User, Worker, int]]
    may_share: bool


def standings(actor: Actor) -> list[Standing]:
    """How the queues of the actor's desks stand."""
    desks = desks_of(actor)
    sharings = sharings_of(desks)
    waiting: dict[int, list[Waiting]] = defaultdict(list)
    for case in queue(sharings):
        waiting[case.desk].append(case)
    hops = _hops([desk.pk for desk in desks])
    return [_standing(desk, sharings[desk.pk], waiting[desk.pk], hops[desk.pk], actor) for desk in desks]


def _hops(desks: list[int]) -> dict[int, int]:
    rows = Case.objects.filter(_WAITS | _IN_HAND, desk_id__in=desks, hops__gte=2).values_list(
        "desk_id", flat=True
    )
    found: dict[int, int] = defaultdict(int)
    for desk in rows:
        found[desk] += 1
    return found


def _standing(desk: Desk, sharing: Sharing, waiting: list[Waiting], hops: int, actor: Actor) -> Standing:
    staff = list(staff_of_desk(desk.pk, company=desk.company_id))
    workers = {w.user_id: w for w in Worker.objects.filter(user__in=staff)}
    shown = policies.may_see_people(actor, company=desk.company_id, desk=desk.pk)
    since, now, policy = heard_since(), clock.now().timestamp(), sharing.policy()
    busy = hands([one.pk for one in staff]) if shown else {}
    return Standing(
        desk=desk,
        sharing=sharing,
        waiting=len(waiting),
        oldest=_moment(min((case.since for case in waiting), default=None)),
        late=sum(now - case.since > case.target(policy) for case in waiting),
        passed_on=hops,
        here=sum(worker.is_here(since) for worker in workers.values()),
        people=[(u, workers.get(u.pk) or Worker(user=u), busy[u.pk] // 10) for u in staff] if shown else [],
        may_share=policies.may_share(actor, company=desk.company_id, desk=desk.pk),
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, clock.TOKYO)
