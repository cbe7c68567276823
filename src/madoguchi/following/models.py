"""Follows, what followers and those who are named are told, and what each person wishes to be told."""

from django.conf import settings
from django.db import models

from madoguchi.cases.models import Case
from madoguchi.infra.scope import ScopedModel


class Follow(ScopedModel):
    """Somebody follows a case until `ended_at`; who ended it once does not follow by itself again."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="follow_once")]


class Notification(ScopedModel):
    """One event that somebody is told of, and why. It holds no word of a customer: what it is about is read in the
    case, by whoever may read it then. `who` is the member of staff who did it, empty for customers and machines.
    """

    class Why(models.TextChoices):
        """What makes it their business."""

        MENTIONED = "mentioned"
        ASSIGNED = "assigned"
        FOLLOWED = "followed"
        ASKED = "asked"
        WROTE = "wrote"
        TASK = "task"
        DUE = "due"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    why = models.CharField(max_length=10, choices=Why)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="told_once_of_an_event")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None)),
        ]


class Wishes(models.Model):
    """What one person wishes: to follow by themselves what they write in or are named in, and to be told by the browser
    while the console is open. Who wished nothing has no row.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    follows_own = models.BooleanField(default=False)
    in_browser = models.BooleanField(default=False)
