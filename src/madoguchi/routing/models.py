"""Whether people answer now, what they know, and how a desk shares its work out."""

from datetime import date, datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel
from madoguchi.people.models import OperatorMember
from madoguchi.routing.logic import MOST_PERCENT, WHOLE, Order, Policy


class State(models.TextChoices):
    """What somebody is now. Only who is available is given anything."""

    AVAILABLE = "available", pgettext_lazy("presence", "Available")
    AWAY = "away", pgettext_lazy("presence", "Away")
    BREAK = "break", pgettext_lazy("presence", "On a break")
    OFF = "off", pgettext_lazy("presence", "Off work")


class Worker(models.Model):
    """Somebody who answers: what they are `since` when, and when a page of theirs was last heard of (`seen_at`).

    `languages` are those in which they answer; none: all. `given_at` is when they were last given something. `capacity`
    is how much they hold at once, in percent of what is usual. After `answer_minutes` of answering questions in a week
    others are asked first (null: after as many as is usual).
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFF)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    languages = ArrayField(models.CharField(max_length=10), default=list)
    capacity = models.PositiveSmallIntegerField(
        default=100, db_default=100, validators=[MinValueValidator(10), MaxValueValidator(MOST_PERCENT)]
    )
    answer_minutes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["seen_at"], name="worker_unseen", condition=models.Q(state=State.AVAILABLE.value)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"

    @property
    def whole(self) -> int:
        """How much they hold at once, in thousandths of what is usual."""
        return WHOLE * self.capacity // 100

    def is_here(self, heard_since: datetime) -> bool:
        """Whether they may be given anything: available, and heard of since then."""
        return self.state == State.AVAILABLE and self.seen_at > heard_since


class Skill(models.Model):
    """What somebody of an operator knows, how well (1 to 5), and until which day that holds. Their employer says so."""

    member = models.ForeignKey(OperatorMember, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    expires_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="skill_once_per_member")]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether it has not run out."""
        return self.expires_on is None or day <= self.expires_on


class Shift(models.Model):
    """When somebody of an operator is to be there, as `rosters` reads it: `week` from Monday on, each day a list of
    "09:00-12:00", and `days` that are otherwise, by date. Their employer says so, for every desk at which it answers: a
    row belongs to no company, so that no row-level security holds it, and whoever reads it asks for the operators of
    the desk or of the reader (`members_led`).
    """

    member = models.OneToOneField(OperatorMember, on_delete=models.CASCADE, related_name="+")
    week = models.JSONField(default=list)
    days = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.member_id)


# So many are given to one person where the desk sets no limit.
USUAL_CHATS = Policy().chats
_MANY = [MinValueValidator(1), MaxValueValidator(500)]


class Sharing(ScopedModel):
    """How a desk shares its work out. `needs` are `[{"tag", "skill", "level"}]`: what a case with a tag takes."""

    class By(models.TextChoices):
        """By what its queue goes."""

        URGENCY = Order.URGENCY, _("Urgency: which part of its time a case has waited")
        PRIORITY = Order.PRIORITY, _("Priority, then age")
        FIFO = Order.FIFO, _("Age: first come, first served")

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, related_name="+")
    order = models.CharField(_("order of the queue"), max_length=10, choices=By.choices, default=By.URGENCY)
    pushes = models.BooleanField(_("give cases out by itself"), default=False)
    prefers_last = models.BooleanField(_("first to who answered last"), default=True)
    kept_minutes = models.PositiveSmallIntegerField(
        _("kept for them (minutes)"), default=15, validators=[MaxValueValidator(1440)]
    )
    target_minutes = models.PositiveIntegerField(
        _("to be answered within (minutes), where nothing else is promised"),
        default=240,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
    )
    mails = models.PositiveSmallIntegerField(
        _("mails and forms in hand at once"), default=20, validators=_MANY
    )
    needs = models.JSONField(default=list)

    class Meta(ScopedModel.Meta):
        verbose_name = _("sharing")

    def policy(self) -> Policy:
        """The same for the logic; how many chats fill a person is the desk's own limit."""
        return Policy(
            order=Order(self.order),
            target=self.target_minutes * 60.0,
            prefers_last=self.prefers_last,
            kept=self.kept_minutes * 60.0,
            chats=self.desk.chats_at_once or USUAL_CHATS,
            mails=self.mails,
        )


class Division(ScopedModel):
    """How what comes to a desk goes on to the desks of several operators (`division_rules.py` has the form of `rules`).

    `given` are `[{"rule", "among", "had"}]`: how many each of the desks `among` had of those that a rule gave by share
    while just these took part.
    """

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField(_("in use"), default=False)
    rules = models.JSONField(default=list)
    given = models.JSONField(default=list)

    class Meta(ScopedModel.Meta):
        verbose_name = _("division")
