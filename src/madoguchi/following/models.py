"""Follows, what followers and those who are named are told, what each person wishes to be told and how, and the mails
that tell them.
"""

from datetime import time

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.delivery import letter_models
from madoguchi.escalations.models import Escalation
from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import Article


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


class Way(models.TextChoices):
    """How somebody is told of events of one kind."""

    BELL = "bell", _("in the console only")
    MAIL = "mail", _("and by mail, at once")
    DIGEST = "digest", _("and by mail, collected")
    NONE = "none", _("not at all")


class Notification(ScopedModel):
    """One event that somebody is told of, why and in which way. It holds no word of a customer: what it is about is
    read in the case, by whoever may read it then; what is about an `article`, or about knowledge at all, has no case.
    `who` is the member of staff who did it, empty for customers and
    machines. `letter` is the mail that tells of it, if one does. `question` is what those of another desk are asked,
    who read it and not the case.
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
        QUESTION = "question"
        SIGNAL = "signal"
        KNOWLEDGE = "knowledge"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(
        Article, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    question = models.ForeignKey(
        Escalation, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    event = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    why = models.CharField(max_length=10, choices=Why)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    letter = models.UUIDField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="told_once_of_an_event")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["letter"], name="notification_in_letter", condition=~models.Q(letter=None)),
            # What waits for a letter is looked for every minute, and is next to nothing.
            models.Index(
                fields=["user", "way"],
                name="notification_for_letter",
                condition=models.Q(letter=None, read_at=None, way__in=["mail", "digest"]),
            ),
        ]


class Wishes(models.Model):
    """What one person wishes: to follow by themselves what they write in or are named in, to be told by the browser
    while the console is open, and in which way of what. What is collected leaves at each full hour (`hourly`), or on
    business days at `digest_at`, Asia/Tokyo. Who wished nothing has no row.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    follows_own = models.BooleanField(default=False)
    in_browser = models.BooleanField(default=False)
    mentioned = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    assigned = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    approval = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    task = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    due = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    question = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    signal = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    followed = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    knowledge = models.CharField(max_length=6, choices=Way, default=Way.BELL, db_default=Way.BELL)
    hourly = models.BooleanField(default=False, db_default=False)
    digest_at = models.TimeField(default=time(9), db_default=time(9))

    def way_of(self, why: str) -> Way:
        """In which way they are told of what concerns them for this reason."""
        return Way(getattr(self, KIND_OF[Notification.Why(why)]))


# Which wish says how somebody is told of what, by why it is their business.
KIND_OF = {
    Notification.Why.MENTIONED: "mentioned",
    Notification.Why.ASSIGNED: "assigned",
    Notification.Why.ASKED: "approval",
    Notification.Why.WROTE: "approval",
    Notification.Why.TASK: "task",
    Notification.Why.DUE: "due",
    Notification.Why.QUESTION: "question",
    Notification.Why.SIGNAL: "signal",
    Notification.Why.FOLLOWED: "followed",
    Notification.Why.KNOWLEDGE: "knowledge",
}


class Letter(letter_models.Letter):
    """A mail to one person of what they are told, on its way. It holds no case and no words: what it says is read, when
    it leaves, from the notifications that bear its id and are unread by then; `needless` is one of which all had been
    read.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="letter_waiting",
                condition=models.Q(state__in=["queued", "sending"]),
            )
        ]
