"""LINE accounts, as those who show them ask for them."""

from dataclasses import dataclass

from django.db.models import Count, Q

from madoguchi.channels.line.actions.taking import NOT_A_PERSON
from madoguchi.channels.line.models import Account, Friend, Received


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands: who is in touch with it, and what of the last month was not taken in."""

    friends: int
    blocked: int
    in_groups: int
    waiting: int


def account_of(entry_point: int) -> Account | None:
    """The account of an entry point without its secrets, which a page does not need; None before it is set up."""
    rows = Account.objects.select_related("entry_point").defer("secret", "token")
    return rows.filter(entry_point_id=entry_point).first()


def standing_of(entry_point: int) -> Standing:
    """How an account stands. Two queries."""
    friends = Friend.objects.filter(entry_point_id=entry_point).aggregate(
        all=Count("pk"), blocked=Count("pk", filter=Q(blocked_at__isnull=False))
    )
    events = Received.objects.filter(entry_point_id=entry_point).aggregate(
        groups=Count("pk", filter=Q(why=NOT_A_PERSON, kind="message")),
        waiting=Count("pk", filter=Q(state=Received.State.WAITING)),
    )
    return Standing(
        friends["all"] - friends["blocked"], friends["blocked"], events["groups"], events["waiting"]
    )


def has_blocked(entry_point: int | None, user: str) -> bool:
    """Whether a user has blocked an account. One query."""
    return Friend.objects.filter(entry_point_id=entry_point, user=user, blocked_at__isnull=False).exists()
