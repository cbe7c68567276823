"""Who follows a case, and what somebody is told, as far as they still work there."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from madoguchi.cases.models import Case
from madoguchi.cases.policies import require_colleague
from madoguchi.escalations.models import Escalation
from madoguchi.following.models import Follow, Letter, Notification, Wishes
from madoguchi.infra import scope
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.people.queries import actor_of

PAGE, COUNT_TO = 50, 99
# Asked for with every case that is opened.
_FOLLOWERS = PreparedQuery(
    lambda: (
        Follow.objects.filter(Q(case=Slot("case")) | Q(case__continued_in=Slot("case")))
        .filter(ended_at=None, user__is_active=True)
        .select_related("user")
        .order_by("since", "id")
    )
)


@dataclass(frozen=True, slots=True)
class Told:
    """A page of notifications, the newest first; `next` is the id before which the next one begins, if there is one."""

    notifications: list[Notification]
    next: int | None


@dataclass(frozen=True, slots=True)
class Followers:
    """Whether the reader follows a case, and the names of the others who do."""

    mine: bool
    others: list[str]


def follows_of(case: Case) -> QuerySet[Follow]:
    """Who follows a case, or one that went on in it: so undoing a merge needs nothing."""
    return Follow.objects.filter(Q(case=case) | Q(case__continued_in=case))


def followers_of(case: Case, *, actor: Actor) -> Followers:
    """Who follows a case now, for one of the desk's people. Raises NotAllowed for others. One query."""
    require_colleague(case, by=actor)
    names = {row.user_id: row.user.name for row in _FOLLOWERS.rows({"case": case.pk})}
    others = [name for person, name in names.items() if person != actor.id]
    return Followers(actor.id in names, others)


def notifications_of(actor: Actor, *, before: int | None = None, size: int = PAGE) -> Told:
    """What the actor is told, of cases where they work now. One query."""
    rows = _readable(actor).select_related("case__company", "article").order_by("-id")
    found = list((rows.filter(pk__lt=before) if before else rows)[: size + 1])
    return Told(found[:size], found[size - 1].pk if len(found) > size else None)


def unread_count(actor: Actor) -> int:
    """How many of them are unread, at most one more than COUNT_TO: nobody counts on. One query."""
    return len(_readable(actor).filter(read_at=None).values_list("pk", flat=True)[: COUNT_TO + 1])


def newest_unread(actor: Actor) -> Notification | None:
    """The newest unread one. One query."""
    return (
        _readable(actor)
        .filter(read_at=None)
        .select_related("case__company", "article")
        .order_by("-id")
        .first()
    )


def notification_of(pk: int, *, actor: Actor) -> Notification:
    """One of them. Raises NotFound for somebody else's, and for a case out of the actor's sight."""
    found = _readable(actor).select_related("case__company", "article").filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def wishes_of(person: int) -> Wishes:
    """What somebody wishes; nothing, unless they said so. One query."""
    return Wishes.objects.filter(user=person).first() or Wishes(user_id=person)


def told_in_letter(letter: Letter) -> list[Notification]:
    """What a letter tells: what is in it, unread by now, of cases where its reader works now. Two queries."""
    actor = actor_of(letter.user)
    with scope.acting_for(actor.companies):
        rows = (
            _readable(actor).filter(letter=letter.pk, read_at=None).select_related("case__company", "article")
        )
        return list(rows.order_by("case_id", "id"))


def _readable(actor: Actor) -> QuerySet[Notification]:
    wide, single = actor.companies_with(Permission.CASE_NOTE), actor.desks_with(Permission.CASE_NOTE)
    colleague = Q(case__company__in=wide) | Q(case__desk__in=single)
    asked = Q(question__to=Escalation.To.DESK, question__desk__in=single)
    mine = articles_in_sight(actor).order_by().values("pk")
    known = Q(case=None, company__in=actor.companies) & (Q(article=None) | Q(article__in=mine))
    return Notification.objects.filter(colleague | asked | known, user=actor.id)
