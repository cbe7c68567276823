"""Following and leaving a case, telling those whom an event concerns, and what they read and wish."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import time
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from madoguchi.cases.events import (
    AnswerApproved,
    AnswerHeld,
    AnswerReturned,
    ApprovalAsked,
    CaseAssigned,
    CaseChanged,
    CaseOpened,
    MessageReceived,
    NoteAdded,
    PendingDiscarded,
    PendingTakenBack,
)
from madoguchi.cases.models import Case, Message, PendingAnswer
from madoguchi.commerce.events import ReturnMoved
from madoguchi.commerce.models import Return
from madoguchi.delivery.events import MessageBounced, MessageFailed
from madoguchi.following import policies
from madoguchi.following.events import CaseFollowed, CaseUnfollowed
from madoguchi.following.models import KIND_OF, Follow, Letter, Notification, Way, Wishes
from madoguchi.following.queries import follows_of
from madoguchi.following.questions import QUESTIONS, asked_desk, with_a_question
from madoguchi.following.trouble import TROUBLE, with_a_hop, with_thanks, with_trouble
from madoguchi.infra import fleeting
from madoguchi.infra.event_log import Recorded, record
from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of, seniors_of_desk
from madoguchi.promises.events import ClockBreached, ClockWarned, DelayWaits, PromiseBroken, PromiseWarned
from madoguchi.tasks.events import TaskAdded, TaskDue, TaskGiven

NOTIFIED = "notified"
Why = Notification.Why
# What becomes of an answer is the business of who wrote it alone.
_DECIDED = (AnswerApproved, AnswerReturned, AnswerHeld)
_ENDED = (PendingTakenBack, PendingDiscarded)


@transaction.atomic
def follow(case: Case, *, by: Actor, by_itself: bool = False) -> bool:
    """Be told of what happens to a case from now on; whether that is new. What happens by itself (somebody wrote in it,
    or was named) does not overrule whoever has left the case. Raises NotAllowed for who does not work at its desk.
    """
    if not policies.may_follow(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    row, new = Follow.objects.get_or_create(
        case=case, user_id=by.id, defaults={"company_id": case.company_id, "since": clock.now()}
    )
    if not new and not by_itself:
        ended = Follow.objects.filter(pk=row.pk).exclude(ended_at=None)
        new = bool(ended.update(ended_at=None, since=clock.now()))
    if new:
        record(CaseFollowed(**case.where, person=by.id or 0, by_itself=by_itself), by=by)
    return new


@transaction.atomic
def unfollow(case: Case, *, by: Actor) -> bool:
    """Be told no more of a case; whether that is new. Twice does nothing. Raises NotAllowed."""
    if not policies.may_follow(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    mine = follows_of(case).filter(user=by.id, ended_at=None)
    ended = bool(mine.update(ended_at=clock.now()))
    if ended:
        record(CaseUnfollowed(**case.where, person=by.id or 0), by=by)
    return ended


@transaction.atomic
def notify(event: Recorded) -> list[int]:
    """Tell everybody whom an event of a case concerns and who works there: who is named or made responsible, who
    follows, who is to approve an answer, and whose answer was decided on; never whoever did it. Told once however often
    the event is handled. Returns the people.
    """
    case = Case.objects.filter(pk=event.case).first()
    if case is None or getattr(event.fact(), "automatic", False):
        return []
    concerned = _concerned(event, case)
    people = {one.pk: actor_of(one) for one in User.objects.filter(pk__in=concerned, is_active=True)}
    ours = {pk for pk, one in people.items() if policies.may_follow(one, case)}
    asked = _asked_elsewhere(event, case, {pk: one for pk, one in people.items() if pk not in ours})
    ways = _ways({pk: concerned[pk] for pk in sorted(ours | asked)})
    told = [pk for pk, way in ways.items() if way != Way.NONE]
    question = getattr(event.fact(), "escalation", None)
    Notification.objects.bulk_create(
        (
            _notification(
                event, case, pk, why=concerned[pk], way=ways[pk], of=question if pk in asked else None
            )
            for pk in told
        ),
        ignore_conflicts=True,
    )
    _ring(case, [pk for pk in told if pk in ours])
    _ring(case, [pk for pk in told if pk in asked], desk=asked_desk(event.fact()))
    return told


def _asked_elsewhere(event: Recorded, case: Case, people: Mapping[int, Actor]) -> set[int]:
    """Who of these is asked at another desk: they are told of the question, and of nothing else of the case."""
    desk = asked_desk(event.fact())
    if desk is None:
        return set()
    may = partial(policies.may_be_asked, company=case.company_id, desk=desk)
    return {pk for pk, one in people.items() if may(one)}


@transaction.atomic
def settle_asked(event: Recorded) -> None:
    """Nobody is asked for their word any more once no answer of the case waits for one: what they were told is read."""
    case = Case.objects.filter(pk=event.case).first()
    waits = PendingAnswer.objects.filter(case_id=event.case, state=PendingAnswer.State.AWAITING)
    if case is None or waits.exists():
        return
    asked = Notification.objects.filter(case=case, why=Why.ASKED, read_at=None)
    _read(case, asked.exclude(kind=ReturnMoved.kind))


@transaction.atomic
def settle_refunds(event: Recorded) -> None:
    """The same once no refund of the case waits for a second person."""
    case = Case.objects.filter(pk=event.case).first()
    waits = Return.objects.filter(state=Return.State.AWAITING)
    if case and not waits.filter(Q(case_id=case.pk) | Q(case_id=None, order__case_id=case.pk)).exists():
        _read(case, Notification.objects.filter(case=case, kind=ReturnMoved.kind, read_at=None))


def _read(case: Case, told: QuerySet[Notification]) -> None:
    people = sorted(set(told.values_list("user_id", flat=True)))
    told.update(read_at=clock.now())
    _ring(case, people)


@transaction.atomic
def make_responsible(case: Case, *, event: int, kind: str, people: Iterable[int], who: str) -> None:
    """Tell people of something at a case that is theirs to see to now, though no event of the case says so."""
    ways = _ways(dict.fromkeys(sorted(set(people)), Why.ASSIGNED))
    # Nobody wishes away what is theirs to see to.
    told = {pk: Way.BELL if way == Way.NONE else way for pk, way in ways.items()}
    values = {
        "company_id": case.company_id,
        "case": case,
        "event": event,
        "kind": kind,
        "who": who,
        "at": clock.now(),
    }
    rows = (Notification(user_id=pk, why=Why.ASSIGNED, way=way, **values) for pk, way in told.items())
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    _ring(case, told)


@transaction.atomic
def follow_by_itself(event: Recorded) -> None:
    """Whoever wrote in a case or was named there follows it, if they wished so once and for all."""
    case = Case.objects.filter(pk=event.case).first()
    touched = {event.actor_id} if event.actor_kind == ActorKind.PERSON else set()
    touched |= set(getattr(event.fact(), "mentioned", ()))
    wishing = Wishes.objects.filter(user__in=touched, user__is_active=True, follows_own=True)
    for wishes in wishing.select_related("user"):
        actor = actor_of(wishes.user)
        if case and policies.may_follow(actor, case):
            follow(case, by=actor, by_itself=True)


def mark_read(notifications: Iterable[Notification], *, by: Actor, read: bool = True) -> int:
    """Mark some of the actor's own as read, or as unread again; returns how many that changed."""
    mine = Notification.objects.filter(pk__in=[one.pk for one in notifications], user=by.id)
    return mine.filter(read_at__isnull=read).update(read_at=clock.now() if read else None)


def mark_all_read(*, by: Actor) -> int:
    """Mark all of the actor's as read; returns how many were unread."""
    return Notification.objects.filter(user=by.id, read_at=None).update(read_at=clock.now())


def forget_notifications() -> int:
    """Drop what is older than `MADOGUCHI_RUN_DAYS`, read or not, and the letters of then; returns how many. What
    happened stays in its case.
    """
    old = days_ago(settings.RUN_DAYS)
    gone = forget(lambda: Notification.objects.filter(at__lt=old))
    return gone + forget(lambda: Letter.objects.filter(created_at__lt=old))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """In which way somebody wishes to be told of what, and when what is collected leaves."""

    mentioned: Way = Way.BELL
    assigned: Way = Way.BELL
    approval: Way = Way.BELL
    task: Way = Way.BELL
    due: Way = Way.BELL
    question: Way = Way.BELL
    signal: Way = Way.BELL
    followed: Way = Way.BELL
    knowledge: Way = Way.BELL
    hourly: bool = False
    digest_at: time = time(9)


@transaction.atomic
def wish(*, by: Actor, follows_own: bool, in_browser: bool, told: Told | None = None) -> Wishes:
    """Say what one wishes to be told and how. What waits to be told by mail goes by the new wishes."""
    said = {"follows_own": follows_own, "in_browser": in_browser} | (asdict(told) if told else {})
    wishes = Wishes.objects.update_or_create(user_id=by.id or 0, defaults=said)[0]
    waiting = Notification.objects.filter(user=by.id, letter=None, way__in=(Way.MAIL, Way.DIGEST))
    for why in KIND_OF if told else ():
        way = wishes.way_of(why)
        waiting.filter(why=why).update(way=Way.BELL if way == Way.NONE else way)
    return wishes


@transaction.atomic
def tell_of_knowledge(event: Recorded, people: Iterable[int], *, article: int | None = None) -> list[int]:
    """Tell people of what became of knowledge, as far as they read articles there (`article`: that one), never whoever
    did it. Told once however often the event is handled. Returns the people.
    """
    wanted = User.objects.filter(pk__in=set(people) - {event.actor_id}, is_active=True)
    concerned = [one.pk for one in wanted if _may_hear(actor_of(one), event.company, article)]
    ways = {
        pk: way
        for pk, way in _ways(dict.fromkeys(sorted(concerned), Why.KNOWLEDGE)).items()
        if way != Way.NONE
    }
    rows = (
        _notification(event, None, pk, why=Why.KNOWLEDGE, way=way, of=None, article=article)
        for pk, way in ways.items()
    )
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    for person in ways:
        fleeting.tell(fleeting.News(NOTIFIED, event.company, event.desk or 0, 0, person=person))
    return list(ways)


def _may_hear(actor: Actor, company: int, article: int | None) -> bool:
    if article is not None:
        return articles_in_sight(actor).filter(pk=article).exists()
    return any(one.company == company and one.allows(Permission.ARTICLES_READ) for one in actor.grants)


def _ways(concerned: dict[int, Why]) -> dict[int, Way]:
    """In which way each of these people wishes to be told. One query."""
    wishes = Wishes.objects.in_bulk(list(concerned))
    return {pk: wishes[pk].way_of(why) if pk in wishes else Way.BELL for pk, why in concerned.items()}


def _ring(case: Case, people: Iterable[int], *, desk: int | None = None) -> None:
    """Have their bells look anew; at another `desk`, where nothing is said of the case."""
    where = (desk, 0) if desk else (case.desk_id, case.pk)
    for person in people:
        fleeting.tell(fleeting.News(NOTIFIED, case.company_id, *where, person=person))


def _concerned(event: Recorded, case: Case) -> dict[int, Why]:
    """The people whom the event concerns, each with the strongest reason."""
    fact = event.fact()
    if isinstance(fact, ApprovalAsked):
        seniors = seniors_of_desk(case.desk_id, company=case.company_id)
        return {one.pk: Why.ASKED for one in seniors if one.pk != event.actor_id}
    if isinstance(fact, _ENDED):
        return {}
    if isinstance(fact, TaskAdded | TaskGiven | TaskDue):
        return {whose: why for whose, why in _with_a_task(fact).items() if whose != event.actor_id}
    if isinstance(fact, QUESTIONS):
        return {whose: Why.QUESTION for whose in with_a_question(fact, case) if whose != event.actor_id}
    if isinstance(fact, TROUBLE):
        return {whose: why for whose, why in with_trouble(fact, case).items() if whose != event.actor_id}
    if isinstance(fact, ClockWarned | ClockBreached):
        return dict.fromkeys(_with_a_clock(fact, case), Why.DUE)
    if isinstance(fact, PromiseWarned | PromiseBroken):
        return dict.fromkeys(_with_a_promise(fact, case), Why.DUE)
    if isinstance(fact, ReturnMoved):
        asked = fact.after == Return.State.AWAITING
        seniors = seniors_of_desk(event.desk or case.desk_id, company=case.company_id) if asked else []
        return {one.pk: Why.ASKED for one in seniors if one.pk != event.actor_id}
    if isinstance(fact, DelayWaits):
        seniors = seniors_of_desk(case.desk_id, company=case.company_id)
        return dict.fromkeys((one.pk for one in seniors), Why.DUE)
    if isinstance(fact, MessageBounced | MessageFailed):
        return dict.fromkeys(_with_an_answer(fact, case), Why.WROTE)
    if isinstance(fact, _DECIDED):
        return {fact.writer: Why.WROTE} if fact.writer != event.actor_id else {}
    if isinstance(fact, CaseChanged):
        return {whose: why for whose, why in with_a_hop(event, case).items() if whose != event.actor_id}
    if isinstance(fact, CaseOpened):
        return with_thanks(fact, case)
    following = follows_of(case).filter(ended_at=None).values_list("user_id", flat=True)
    concerned = dict.fromkeys(following, Why.FOLLOWED)
    if isinstance(fact, NoteAdded):
        concerned |= dict.fromkeys(fact.mentioned, Why.MENTIONED)
    if isinstance(fact, MessageReceived):
        concerned |= with_thanks(fact, case)
    if isinstance(fact, CaseAssigned):
        concerned |= with_a_hop(event, case) | ({fact.after: Why.ASSIGNED} if fact.after else {})
    if event.actor_kind == ActorKind.PERSON and event.actor_id:
        concerned.pop(event.actor_id, None)
    return concerned


def _with_a_task(fact: TaskAdded | TaskGiven | TaskDue) -> dict[int, Why]:
    """Whose a task is, when it is given to them or falls due; who follows the case is not told of each."""
    owner = fact.after if isinstance(fact, TaskGiven) else fact.owner
    return {owner: Why.DUE if isinstance(fact, TaskDue) else Why.TASK} if owner else {}


def _with_an_answer(fact: MessageBounced | MessageFailed, case: Case) -> set[int]:
    """Who wrote what did not arrive, and who is responsible: they are to find another way to the customer."""
    writer = Message.objects.filter(pk=fact.message).values_list("user_id", flat=True).first()
    return {person for person in (writer, case.assignee_id) if person}


def _with_a_clock(fact: ClockWarned | ClockBreached, case: Case) -> set[int]:
    """Who is responsible, of time that runs out; of time that ran out, and where nobody is, those who lead the desk."""
    responsible = {case.assignee_id} if case.assignee_id else set()
    if responsible and isinstance(fact, ClockWarned):
        return responsible
    return responsible | {one.pk for one in seniors_of_desk(case.desk_id, company=case.company_id)}


def _with_a_promise(fact: PromiseWarned | PromiseBroken, case: Case) -> set[int]:
    """Whose it is to keep; else who is responsible, or those who lead the desk. All hear when it breaks."""
    keeper = fact.owner or case.assignee_id
    if keeper and isinstance(fact, PromiseWarned):
        return {keeper}
    seniors = {one.pk for one in seniors_of_desk(case.desk_id, company=case.company_id)}
    return seniors | ({keeper} if keeper else set())


def _notification(
    event: Recorded,
    case: Case | None,
    person: int,
    *,
    why: Why,
    way: Way,
    of: int | None,
    article: int | None = None,
) -> Notification:
    who = event.actor_name if event.actor_kind == ActorKind.PERSON else ""
    return Notification(
        company_id=event.company,
        user_id=person,
        case=case,
        question_id=of,
        article_id=article,
        event=event.id,
        kind=event.kind,
        why=why,
        who=who,
        at=event.at,
        way=way,
    )
