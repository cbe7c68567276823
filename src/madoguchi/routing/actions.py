"""Being here or not, being given the next case, and saying how a desk shares out. The only writers of these tables."""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import alone_with, claim_first
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.infra import fleeting
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.queries import staff_by_desk
from madoguchi.routing import also, policies
from madoguchi.routing.events import CaseGiven, PresenceChanged
from madoguchi.routing.giving_back import give_back_unbegun
from madoguchi.routing.logic import Floor, Person, Waiting
from madoguchi.routing.models import Sharing, State, Worker
from madoguchi.routing.queries import (
    floor_for,
    floor_of,
    heard_since,
    people_at,
    person_at,
    sharing_of,
    sharings_of,
    worker_of,
)
from madoguchi.routing.shifts import calendars_of, goes_on_today, is_over, off_duty

PULL, PUSH = "pull", "push"
# Told to the screens of one person.
PRESENCE_NEWS = "presence"
# So many are offered to the statement that decides: whoever reaches for the queue in the same moment takes one of them.
MOST_OFFERED = 100
# So many of each desk are read first; all that waits only where none of those can be given.
FIRST_LOOK = 200
ITSELF = system("routing")


@transaction.atomic
def set_presence(state: str, *, by: Actor) -> int:
    """Say what one is from now on. Who is not available any more gives back what they had not begun: so many cases.

    Raises NotAllowed for who answers nobody, Refused for what is no state.
    """
    if by.id is None or not policies.answers(by):
        raise NotAllowed(Permission.CASE_REPLY)
    if state not in State.values:
        raise Refused(_("Choose one of the list."), field="state")
    worker = _own(by.id)
    desks = desks_of(by, permission=Permission.CASE_REPLY)
    return _become(worker, State(state), desks=desks, by=by)


def still_here(*, by: Actor) -> None:
    """A page of theirs is open."""
    if by.id is None:
        return
    Worker.objects.filter(user_id=by.id, state=State.AVAILABLE).update(seen_at=clock.now())


@transaction.atomic
def pull(*, by: Actor) -> Case | None:
    """The next case for who asks, who is responsible for it from then on; None where nothing waits that they can take.

    Raises NotAllowed, and Refused for who is not available and for who has their hands full.
    """
    if by.id is None or not policies.answers(by):
        raise NotAllowed(Permission.CASE_REPLY)
    # Before their row is touched: a push takes them in this order, too.
    alone_with([by.id])
    still_here(by=by)
    desks = desks_of(by, permission=Permission.CASE_REPLY)
    person = person_at(by, desks)
    if not person.here:
        raise Refused(_("You are not available. Say that you are, then take the next case."))
    if person.busy >= person.whole:
        raise Refused(_("Your hands are full. Answer or hand on something first."))
    return _take_one(desks, person, by)


def _take_one(desks: list[Desk], person: Person, by: Actor) -> Case | None:
    """The first of what they could be given that nobody else has taken meanwhile."""
    sharings, tried, look = sharings_of(desks), set[int](), FIRST_LOOK
    while True:
        floor, more = floor_for(sharings, person, look)
        free = (case for case in floor.in_order(person, clock.now().timestamp()) if case.id not in tried)
        wanted = {case.id: case for case in islice(free, MOST_OFFERED)}
        offered = {case.id: case.desk for case in wanted.values()}
        if offered and (taken := claim_first(offered, to=person.id, by=by)):
            _note_given(taken, wanted[taken.pk], person.id, how=PULL, by=by)
            return taken
        if len(wanted) < MOST_OFFERED and not (more and look):
            return None
        tried |= set(wanted)
        look = 0


@transaction.atomic
def push(desk: Desk) -> int:
    """Give out what waits at a desk that wishes it, to who is here and has a hand free; how many were given."""
    sharing = sharing_of(desk)
    if not sharing.pushes:
        return 0
    people, smallest = people_at(desk), sharing.policy().smallest
    over = off_duty([person.id for person in people], desk=desk.pk)
    people = [person for person in people if person.id not in over]
    if not any(person.has_room(smallest) for person in people):
        return 0
    alone_with(person.id for person in people)
    look = max(FIRST_LOOK, sum((person.whole - person.busy) // smallest for person in people))
    floor, more = floor_of({desk.pk: sharing}, people, look)
    given = _give_out(floor, desk, people)
    # What nobody here can take may stand before what somebody can.
    if more and any(person.has_room(smallest) for person in people):
        floor, _more = floor_of({desk.pk: sharing}, people)
        given += _give_out(floor, desk, people)
    return given


def _give_out(floor: Floor, desk: Desk, people: list[Person]) -> int:
    here, given = {person.id for person in people}, 0
    for case, person in floor.match(desk.pk, clock.now().timestamp()):
        taken = claim_first({case.id: case.desk}, to=person.id, by=ITSELF) if person.id in here else None
        if taken:
            _note_given(taken, case, person.id, how=PUSH, by=ITSELF)
            given += 1
        else:
            floor.not_given(case, person)
    return given


@transaction.atomic
def push_at(desks: Sequence[Desk]) -> int:
    """Give out at several desks in one transaction; how many were given. The people of all of them are taken first, for
    two who take the same people desk by desk, each in an order of their own, would wait for one another for ever.
    """
    if len(desks) > 1:
        alone_with(set().union(*staff_by_desk(desk.pk for desk in desks).values()))
    return sum(push(desk) for desk in desks)


def _note_given(case: Case, waited: Waiting, person: int, *, how: str, by: Actor) -> None:
    now = clock.now()
    Worker.objects.filter(user_id=person).update(given_at=now)
    seconds = max(0, round(now.timestamp() - waited.since))
    record(CaseGiven(**case.where, person=person, how=how, waited=seconds), by=by)


@transaction.atomic
def note_unseen(worker: Worker, *, desks: Iterable[Desk]) -> bool:
    """Who was not heard of for a while is away; whether they still were not when it came to that."""
    locked = Worker.objects.select_for_update().get(pk=worker.pk)
    if locked.state != State.AVAILABLE or locked.seen_at > heard_since():
        return False
    _become(locked, State.AWAY, desks=desks, by=ITSELF)
    return True


@transaction.atomic
def note_shift_over(worker: Worker, *, desks: Iterable[Desk]) -> bool:
    """Whose shift is over is off work, or on a break where another one comes today, until they say that they are there;
    whether that still was so when it came to it.
    """
    locked = Worker.objects.select_for_update().get(pk=worker.pk)
    calendars = calendars_of([locked.user_id]).get(locked.user_id, ())
    if locked.state != State.AVAILABLE or not calendars or not is_over(calendars, locked.since):
        return False
    _become(locked, State.BREAK if goes_on_today(calendars) else State.OFF, desks=desks, by=ITSELF)
    return True


def _become(worker: Worker, state: State, *, desks: Iterable[Desk], by: Actor) -> int:
    """How many cases went back into the queue by it."""
    now, before = clock.now(), worker.state
    worker.seen_at = now if by.id == worker.user_id else worker.seen_at
    if before != state:
        worker.state, worker.since = state, now
    worker.save()
    if before != state:
        _tell(worker, before, desks, by)
        if state != State.AVAILABLE:
            return len(give_back_unbegun(worker.user_id, by=ITSELF))
    return 0


def _tell(worker: Worker, before: str, desks: Iterable[Desk], by: Actor) -> None:
    """To each company once, and to the person's own screens."""
    first = {desk.company_id: desk.pk for desk in desks}
    for company, desk in sorted(first.items()):
        fact = PresenceChanged(company=company, person=worker.user_id, before=before, after=worker.state)
        record(fact, by=by)
        if worker.state == State.OFF:
            also.tell_off(worker.user_id, company=company, desk=desk)
        fleeting.tell(fleeting.News(PRESENCE_NEWS, company, desk, 0, person=worker.user_id))


def _own(person: int) -> Worker:
    unsaid = worker_of(person)
    Worker.objects.get_or_create(
        user_id=person, defaults={"state": unsaid.state, "since": unsaid.since, "seen_at": unsaid.seen_at}
    )
    return Worker.objects.select_for_update().get(user_id=person)


def pushing_desks() -> list[Desk]:
    """The desks in scope that give cases out by themselves. One query."""
    return list(
        Desk.objects.filter(pk__in=Sharing.objects.filter(pushes=True).values("desk_id"), active=True)
    )
