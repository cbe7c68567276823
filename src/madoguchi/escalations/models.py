"""Escalations of cases, with their files; message slips for people outside, and the mails that bring them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Attachment, Case
from madoguchi.companies.models import Desk
from madoguchi.delivery import letter_models
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel import clock
from madoguchi.knowledge.models import Article


class Escalation(ScopedModel):
    """A question of a case to whoever knows more. The case stays with whoever is responsible for it.

    `person` or `desk` is who is asked, where `to` says so. Of several who are asked `taken_by` is the one who sees to
    it: nobody else answers meanwhile. `next_at` is when somebody has to hear of its time next: it
    comes near, or has run out; null once all is told. `opened_at` is when whoever is asked first read it, `minutes`
    what it took them. It is closed by what became of the answer: an `article`, or `no_article`, why there is none.
    """

    class To(models.TextChoices):
        """Who is asked."""

        PERSON = "person", _("A colleague")
        TEAM = "team", _("Everybody of this desk")
        SENIORS = "seniors", _("The supervisors of this desk")
        MANAGERS = "managers", _("The operator's manager")
        DESK = "desk", _("Another desk")
        COMPANY = "company", _("The company")
        OUTSIDE = "outside", _("Somebody without an account, by mail")

    class Cause(models.TextChoices):
        """What was missing to answer without asking."""

        KNOWLEDGE = "knowledge", pgettext_lazy("cause", "Knowledge")
        AUTHORITY = "authority", pgettext_lazy("cause", "Authority")
        SYSTEM = "system", pgettext_lazy("cause", "System")
        RULE = "rule", pgettext_lazy("cause", "Rule")

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", pgettext_lazy("escalation", "Waits for an answer")
        ANSWERED = "answered", pgettext_lazy("escalation", "Answered, not closed")
        CLOSED = "closed", pgettext_lazy("escalation", "Closed")
        WITHDRAWN = "withdrawn", pgettext_lazy("escalation", "Withdrawn")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    to = models.CharField(max_length=10, choices=To.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    desk = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    question = models.TextField()
    tried = models.TextField(blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    next_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    taken_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_as = models.CharField(max_length=100, blank=True)
    minutes = models.PositiveIntegerField(null=True)
    article = models.ForeignKey(
        Article, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    no_article = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "id"], name="escalation_of_case"),
            models.Index(
                fields=["next_at"], name="escalation_next", condition=models.Q(next_at__isnull=False)
            ),
            models.Index(
                fields=["company", "due_at", "id"],
                name="escalation_unsettled",
                condition=models.Q(state__in=["open", "answered"]),
            ),
            models.Index(fields=["company", "asked_at", "id"], name="escalation_by_time"),
        ]

    def __str__(self) -> str:
        return self.question[:60]

    @property
    def home(self) -> Case:
        """The case where it is worked on: its own, or the one in which that went on."""
        return self.case.continued_in or self.case


class EscalationFile(ScopedModel):
    """A file that goes with a question: one of the case's own (`attachment`, with which it goes), or one that whoever
    asked added. Its bytes are in the file store under their hash.
    """

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="files", db_index=False)
    attachment = models.ForeignKey(
        Attachment, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["escalation", "id"], name="file_of_escalation"),
            models.Index(
                fields=["attachment"],
                name="attachment_asked_with",
                condition=models.Q(attachment__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class Slip(ScopedModel):
    """A message slip (伝言票) for somebody without an account: who called, what about, by when to call back; or an
    `escalation` to them, whose question it then brings. A signed link of its `generation` opens it until `expires_at`;
    `opened` is the newest generation of which that was done.

    `next_at` is when they are reminded, or when it is told that the time has run out (`late_at`). `undelivered` is what
    a mail server said that refused it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    escalation = models.ForeignKey(
        Escalation, null=True, on_delete=models.PROTECT, related_name="slips", db_index=False
    )
    to_name = models.CharField(max_length=100)
    to_address = models.EmailField()
    caller = models.CharField(max_length=100, blank=True)
    call_back = models.CharField(max_length=100, blank=True)
    words = models.TextField(blank=True)
    language = models.CharField(max_length=5, default="ja")
    due_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    generation = models.PositiveSmallIntegerField(default=1)
    opened = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_words = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    undelivered = models.TextField(blank=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "id"], name="slip_of_case"),
            models.Index(fields=["next_at"], name="slip_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["company", "-made_at", "-id"], name="slip_by_time"),
            models.Index(
                fields=["escalation"], name="slip_of_escalation", condition=models.Q(escalation__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.to_name

    @property
    def home(self) -> Case:
        """The case where it is worked on: its own, or the one in which that went on."""
        return self.case.continued_in or self.case

    @property
    def is_open(self) -> bool:
        """Whether something is still awaited."""
        return self.done_at is None and self.withdrawn_at is None

    @property
    def standing(self) -> str:
        """Where it stands, in one word: withdrawn, done, failed, late, read or open."""
        marks = {
            "withdrawn": self.withdrawn_at is not None,
            "done": self.done_at is not None,
            "failed": bool(self.undelivered),
            "late": self.due_at <= clock.now(),
            "read": self.read_at is not None,
        }
        return next((name for name, holds in marks.items() if holds), "open")


class SlipLetter(letter_models.Letter, ScopedModel):
    """A mail that brings a slip, or (`reminds`) reminds of it. `generation` is that of the link in it, `to_address`
    where it went (empty from before that was kept). Who sent a `vouched` one may say where new slips of the company go.
    """

    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="letters", db_index=False)
    generation = models.PositiveSmallIntegerField()
    reminds = models.BooleanField(default=False)
    to_address = models.EmailField(blank=True)
    vouched = models.BooleanField(default=False)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["slip"], name="letter_of_slip"),
            models.Index(
                fields=["due_at"],
                name="slip_letter_waiting",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(
                fields=["company", "to_address"],
                name="slip_letter_vouched",
                condition=models.Q(vouched=True),
            ),
        ]
