"""What waits, who is here, and what they have in hand."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from madoguchi.cases.actions import holds_somebody
from madoguchi.cases.models import OURS_TO_ACT, Case
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import TALKS, Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import OperatorMember, Seat, User
from madoguchi.people.queries import staff_by_desk, staff_of_desk
from madoguchi.routing import also, policies
from madoguchi.routing.logic import FULL, Floor, Person, Waiting
from madoguchi.routing.models import Sharing, Skill, State, Worker

# A page says every minute that it is open; a browser that sleeps says nothing.
HEARD_WITHIN = timedelta(minutes=5)
# What stands behind so many in a desk's own order is not looked at for one decision.
MOST_WAITING = 10_000
WAITS = Q(assignee=None, status__in=[status.value for status in OURS_TO_ACT], continued_in=None)
_IN_HAND = Q(status__in=[status.value for status in OURS_TO_ACT], waiting_since__isnull=False)
_OURS = ", ".join(f"'{status.value}'" for status in OURS_TO_ACT)
_WAITS_HERE = f"assignee_id IS NULL AND continued_in_id IS NULL AND status IN ({_OURS})"
# Who asks reads nothing that they could not be given: not by which way it came, what it takes, or its language.
_FITS = """NOT channel = ANY(d.channels) AND NOT tags::text[] && d.tags
    AND (cardinality(%(languages)s::text[]) = 0 OR language = '' OR language = ANY(%(languages)s::text[]))"""
# A customer whom nobody answered yet, as most of those who wait, is done with by the first index.
_LAST = """(
    SELECT said.user_id FROM cases_case AS any_case JOIN cases_message AS said ON said.case_id = any_case.id
    WHERE any_case.customer_id = {case}.customer_id AND any_case.first_replied_at IS NOT NULL
        AND said.author = 'staff' AND said.user_id IS NOT NULL
    ORDER BY said.at DESC LIMIT 1
)"""
_READ = "id, desk_id, coalesce(waiting_since, opened_at) AS since, channel, due_at, priority, tags, language"
# Each desk has its own first ones: one at which very much waits hides nothing of another. Whoever answered last is told
# of those alone that may be kept for them now; and all that is kept for who asks comes besides, wherever it stands.
_FIRST = f"""
    WITH d AS (
        SELECT desk, prefers, kept, by, target,
            ARRAY(SELECT n.tag FROM unnest(%(at_tags)s::bigint[], %(tags)s::text[]) AS n (at, tag)
                WHERE n.at = desk) AS tags,
            ARRAY(SELECT n.way FROM unnest(%(at_channels)s::bigint[], %(channels)s::text[]) AS n (at, way)
                WHERE n.at = desk) AS channels
        FROM unnest(%(desks)s::bigint[], %(prefer)s::boolean[], %(kept)s::float8[], %(orders)s::text[],
            %(targets)s::float8[]) AS d (desk, prefers, kept, by, target)
    ), first AS (
        SELECT c.*, CASE WHEN d.prefers AND c.since > %(now)s::timestamptz - make_interval(secs => d.kept)
            THEN {_LAST.format(case="c")} END AS last
        FROM d CROSS JOIN LATERAL (
            SELECT {_READ}, customer_id FROM cases_case WHERE desk_id = d.desk AND {_WAITS_HERE} AND {_FITS}
            ORDER BY CASE d.by
                    WHEN 'priority' THEN -priority
                    WHEN 'urgency' THEN -extract(epoch FROM %(now)s::timestamptz - coalesce(waiting_since, opened_at))
                        / CASE WHEN due_at IS NULL THEN d.target
                            ELSE greatest(extract(epoch FROM due_at - coalesce(waiting_since, opened_at)), 1) END
                END, coalesce(waiting_since, opened_at), id
            LIMIT %(most)s::int
        ) AS c
    ), own AS (
        SELECT c.*, %(asks)s::bigint AS last FROM d CROSS JOIN LATERAL (
            SELECT {_READ}, customer_id FROM cases_case AS waits
            WHERE desk_id = d.desk AND d.prefers AND {_WAITS_HERE} AND {_FITS}
                AND %(asks)s::bigint IS NOT NULL AND %(asks)s::bigint = {_LAST.format(case="waits")}
        ) AS c
    )
    SELECT id, desk_id, since, channel, due_at, priority, tags, language, last FROM (
        SELECT * FROM own UNION ALL SELECT * FROM first WHERE NOT EXISTS (SELECT FROM own WHERE own.id = first.id)
    ) AS c ORDER BY since, id
"""  # noqa: S608  put together from the constants above
_COUNTED = f"""
    SELECT d.desk, count(*), min(c.since), count(*) FILTER (
        WHERE %(now)s::timestamptz - c.since > CASE WHEN c.due_at IS NULL THEN d.target
            ELSE greatest(c.due_at - c.since, interval '1 second') END
    )
    FROM unnest(%(desks)s::bigint[], %(targets)s::interval[]) AS d (desk, target)
    CROSS JOIN LATERAL (
        SELECT due_at, coalesce(waiting_since, opened_at) AS since
        FROM cases_case WHERE desk_id = d.desk AND {_WAITS_HERE} AND NOT id = ANY(%(left_alone)s::bigint[])
    ) AS c GROUP BY d.desk
"""  # noqa: S608
_HANDS = "hands are full whichever company's customers fill them"


def worker_of(person: int) -> Worker:
    """What somebody is now; off work before they ever said anything. One query."""
    now = clock.now()
    found = Worker.objects.filter(user_id=person).first()
    return found or Worker(user_id=person, state=State.OFF, since=now, seen_at=now)


def answer_limits(people: Collection[int], *, usual: int) -> dict[int, int]:
    """After how many minutes of answering questions a week each of these people is spared. One query."""
    rows = Worker.objects.filter(user_id__in=people).values_list("user_id", "answer_minutes")
    return dict.fromkeys(people, usual) | {person: own for person, own in rows if own is not None}


def heard_since() -> datetime:
    """Who was not heard of since then is not here, whatever they said last."""
    return clock.now() - HEARD_WITHIN


def here_among(people: Collection[int]) -> set[int]:
    """Those of these people who are available. One query."""
    here = Worker.objects.filter(user_id__in=people, state=State.AVAILABLE, seen_at__gt=heard_since())
    return set(here.values_list("user_id", flat=True))


def is_anybody_here(desk: Desk) -> bool:
    """Whether one of those who answer at a desk is available. Two queries."""
    return bool(here_among(list(_staff_ids(desk))))


def not_absent(people: Collection[int]) -> list[int]:
    """Those of these people who have not said that they are away, on a break or off work: who never says anything
    of the kind, as where nobody uses it, is taken at their word elsewhere. One query.
    """
    said = Worker.objects.filter(user_id__in=people).exclude(state=State.AVAILABLE)
    absent = set(said.values_list("user_id", flat=True))
    return [one for one in people if one not in absent]


def sharing_of(desk: Desk) -> Sharing:
    """How a desk shares its work out, as set or as usual. One query."""
    return sharings_of([desk])[desk.pk]


def sharings_of(desks: Sequence[Desk]) -> dict[int, Sharing]:
    """The same of several desks. One query."""
    found = {desk.pk: Sharing(company_id=desk.company_id, desk=desk) for desk in desks}
    for one in Sharing.objects.filter(desk__in=desks):
        one.desk = found[one.desk_id].desk
        found[one.desk_id] = one
    return found


def desk_to_share(actor: Actor, desk: int) -> Desk:
    """A desk that the actor leads; raises NotFound for any other."""
    led = desks_of(actor, permission=Permission.CASE_TAKE_OVER)
    found = next((one for one in led if one.pk == desk), None)
    if found is None:
        raise NotFound(desk)
    return found


def members_led(actor: Actor) -> QuerySet[OperatorMember]:
    """The people of whom the actor says what they know: a manager of all of the operator's, a supervisor of those who
    sit at a desk that they lead.
    """
    theirs = Q(operator_id__in=policies.operators_managed(actor))
    for operator, desk in sorted(policies.desks_led(actor)):
        seats = Seat.objects.filter(engagement__desk_id=desk, engagement__operator_id=operator)
        theirs |= Q(operator_id=operator, pk__in=seats.values("member_id"))
    rows = OperatorMember.objects.filter(theirs, user__is_active=True)
    return rows.select_related("user", "operator").order_by("user__kana", "user__name", "pk")


def skills_of(members: Collection[int]) -> dict[int, list[Skill]]:
    """What these members know, by name. One query."""
    found: dict[int, list[Skill]] = defaultdict(list)
    for skill in Skill.objects.filter(member_id__in=members).order_by("name"):
        found[skill.member_id].append(skill)
    return found


def queue(
    sharings: dict[int, Sharing], *, most: int = 0, asks: Person | None = None
) -> tuple[list[Waiting], bool]:
    """What waits at some desks for somebody, of each the first `most` (`MOST_WAITING`) in its own order, as
    `logic.rank` has it, the longest waiting first, and whether more may wait behind those. Where somebody `asks`, what
    they could not be given is passed over, and what they answered last is there wherever it stands. Who answered last
    is told of what may be kept for them. One query, and those of `also`.
    """
    most = most or MOST_WAITING
    values = {"now": clock.now(), "most": most, "asks": asks.id if asks else None}
    rows = fetch_all(_FIRST, values | _desks(sharings) | _cannot(sharings, asks))
    ids = [row[0] for row in rows]
    others, hard = also.left_alone(ids), also.hard(ids)
    found = [_waiting(row, sharings[row[1]], row[0] in hard) for row in rows if row[0] not in others]
    return found, max(Counter(row[1] for row in rows).values(), default=0) >= most


def _desks(sharings: dict[int, Sharing]) -> dict[str, list[Any]]:
    """The columns of the desks for `_FIRST`."""
    policies_of = [one.policy() for one in sharings.values()]
    return {
        "desks": list(sharings),
        "prefer": [one.prefers_last for one in policies_of],
        "kept": [one.kept for one in policies_of],
        "orders": [str(one.order) for one in policies_of],
        "targets": [one.target for one in policies_of],
    }


def _cannot(sharings: dict[int, Sharing], asks: Person | None) -> dict[str, list[Any]]:
    """Which tags and ways of coming who asks is given nothing of, by desk, and the languages that they are given."""
    tags: list[tuple[int, str]] = []
    ways: list[tuple[int, str]] = []
    for desk, one in sharings.items() if asks else ():
        assert asks is not None
        share, needs = one.policy().share, one.needs
        tags += [(desk, n["tag"]) for n in needs if not asks.knows([(n["skill"], n["level"])], "")]
        ways += [(desk, way.value) for way in Channel if not asks.has_room(share(way.value))]
    return {
        "at_tags": [desk for desk, _tag in tags],
        "tags": [tag for _desk, tag in tags],
        "at_channels": [desk for desk, _way in ways],
        "channels": [way for _desk, way in ways],
        "languages": sorted(asks.languages) if asks else [],
    }


def _waiting(row: tuple[Any, ...], sharing: Sharing, hard: bool) -> Waiting:
    pk, desk, since, channel, due, priority, tags, language, last = row
    return Waiting(
        id=pk,
        desk=desk,
        since=since.timestamp(),
        channel=channel,
        due=due.timestamp() if due else None,
        priority=priority,
        needs=frozenset((need["skill"], need["level"]) for need in sharing.needs if need["tag"] in tags),
        language=language,
        last=last,
        hard=hard,
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
    staff = list(_staff_ids(desk))
    workers = {w.user_id: w for w in Worker.objects.filter(user_id__in=here_among(staff))}
    return _people(dict.fromkeys(workers, frozenset({desk.pk})), workers, here=set(workers))


def _staff_ids(desk: Desk) -> QuerySet[User, int]:
    return staff_of_desk(desk.pk, company=desk.company_id).values_list("pk", flat=True)


def floor_of(sharings: dict[int, Sharing], people: list[Person], most: int = 0) -> tuple[Floor, bool]:
    """The desks and the people, with the first `most` (`MOST_WAITING`) that wait at each, and whether more may wait
    behind those. Who answered last and is here stands by, so that what is theirs is kept for them.
    """
    return _floor(sharings, people, *queue(sharings, most=most))


def floor_for(sharings: dict[int, Sharing], person: Person, most: int = 0) -> tuple[Floor, bool]:
    """The same for one who asks: only what they could be given."""
    return _floor(sharings, [person], *queue(sharings, most=most, asks=person))


def _floor(
    sharings: dict[int, Sharing], people: list[Person], waiting: list[Waiting], more: bool
) -> tuple[Floor, bool]:
    known = {person.id for person in people}
    everybody = [*people, *_others({case.last for case in waiting if case.last is not None} - known, waiting)]
    if any(case.hard for case in waiting):
        enough = also.spared([person.id for person in everybody])
        for person in everybody:
            person.spared = person.id in enough
    floor = Floor({desk: one.policy() for desk, one in sharings.items()}, everybody)
    for case in waiting:
        floor.wait(case)
    return floor, more


def _others(wanted: set[int], waiting: list[Waiting]) -> list[Person]:
    here = here_among(wanted)
    workers = {w.user_id: w for w in Worker.objects.filter(user_id__in=here)} if here else {}
    places: dict[int, set[int]] = defaultdict(set)
    for case in waiting:
        if case.last in here and case.last is not None:
            places[case.last].add(case.desk)
    staff = staff_by_desk(set().union(*places.values())) if places else {}
    working = {
        one: frozenset(desk for desk in desks if one in staff.get(desk, ())) for one, desks in places.items()
    }
    return _people(working, {one: workers[one] for one in working}, here=here) if working else []


def _people(places: dict[int, frozenset[int]], workers: dict[int, Worker], *, here: set[int]) -> list[Person]:
    (busy, occupied), skills = hands(places), _skills_of_people(places)
    return [
        Person(
            id=person,
            desks=desks,
            skills=skills[person],
            languages=frozenset(workers[person].languages),
            busy=FULL if person in occupied else busy[person],
            free_since=(workers[person].given_at or workers[person].since).timestamp(),
            here=person in here,
            whole=workers[person].whole,
        )
        for person, desks in places.items()
    ]


def hands(people: Collection[int]) -> tuple[dict[int, int], set[int]]:
    """How much each of these people has in hand, in thousandths: the chats that hold them and the other cases whose
    customers wait for them, each as its desk counts it; and who has no hand free besides, since they are on a call.
    """
    busy = dict.fromkeys(people, 0)
    with scope.everywhere(reason=_HANDS):
        rows = Case.objects.filter(
            (_IN_HAND & ~Q(channel=Channel.CHAT)) | holds_somebody(), assignee_id__in=people
        )
        held = list(rows.values_list("assignee_id", "desk_id", "channel")) if people else []
        desks = list(Desk.objects.filter(pk__in={desk for _person, desk, _channel in held}))
        policies_of = {desk: one.policy() for desk, one in sharings_of(desks).items()}
    for person, desk, channel in held:
        if person is not None:
            busy[person] += policies_of[desk].share(channel)
    return busy, also.occupied(people)


def _skills_of_people(people: Collection[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {person: {} for person in people}
    rows = Skill.objects.filter(member__user_id__in=people).annotate(person=F("member__user_id"))
    for skill in rows:
        if skill.holds_on(clock.today()):
            known = found[skill.person]
            known[skill.name] = max(skill.level, known.get(skill.name, 0))
    return found


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
    """How the queues of the actor's desks stand. As many queries, however many desks there are."""
    desks = desks_of(actor)
    sharings = sharings_of(desks)
    counted, hops = _counted(sharings), _hops(list(sharings))
    staff = staff_by_desk(sharings)
    everybody = set().union(*staff.values())
    shown = [d for d in desks if policies.may_see_people(actor, company=d.company_id, desk=d.pk)]
    busy, occupied = hands(set().union(*(staff.get(desk.pk, set()) for desk in shown)))
    users = list(User.objects.filter(pk__in=busy).order_by("kana", "name"))
    workers = {w.user_id: w for w in Worker.objects.filter(user_id__in=everybody)}
    since = heard_since()
    return [
        Standing(
            desk=desk,
            sharing=sharings[desk.pk],
            waiting=counted[desk.pk][0],
            oldest=counted[desk.pk][1],
            late=counted[desk.pk][2],
            passed_on=hops.get(desk.pk, 0),
            here=sum(one in workers and workers[one].is_here(since) for one in staff.get(desk.pk, ())),
            people=[
                _with_hands(u, workers.get(u.pk) or Worker(user=u), busy[u.pk], u.pk in occupied)
                for u in users
                if desk in shown and u.pk in staff.get(desk.pk, ())
            ],
            may_share=policies.may_share(actor, company=desk.company_id, desk=desk.pk),
        )
        for desk in desks
    ]


def _with_hands(user: User, worker: Worker, busy: int, occupied: bool) -> tuple[User, Worker, int]:
    """Somebody, with what they have in hand in percent of what they hold; who is occupied is full at least."""
    return user, worker, max(busy * 100 // worker.whole, 100 if occupied else 0)


def _counted(sharings: dict[int, Sharing]) -> dict[int, tuple[int, datetime | None, int]]:
    """How many wait at each desk, since when the first, and how many are past their time. Bots speak in talks alone."""
    talks = Case.objects.filter(WAITS, desk_id__in=sharings, channel__in=tuple(TALKS))
    alone = also.left_alone(list(talks.values_list("pk", flat=True)[:MOST_WAITING]))
    values = {
        "desks": list(sharings),
        "targets": [timedelta(minutes=one.target_minutes) for one in sharings.values()],
        "left_alone": sorted(alone),
        "now": clock.now(),
    }
    found: dict[int, tuple[int, datetime | None, int]] = dict.fromkeys(sharings, (0, None, 0))
    for desk, waiting, oldest, late in fetch_all(_COUNTED, values):
        found[desk] = (waiting, oldest.astimezone(clock.TOKYO), late)
    return found


def _hops(desks: list[int]) -> dict[int, int]:
    rows = Case.objects.filter(WAITS | _IN_HAND, desk_id__in=desks, hops__gte=2)
    return dict(rows.order_by().values("desk_id").annotate(times=Count("pk")).values_list("desk_id", "times"))
