"""What is suspected to be harassment, what is done about it, and how those whom it met are looked after."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Case, Contact, Message
from madoguchi.companies.models import OperatorCompany
from madoguchi.infra.scope import ScopedModel


class Sort(models.TextChoices):
    """The twelve sorts of harassment that a contact centre meets.

    Source: the guideline of the Japan Contact Center Association (CCAJ) of 12 March 2025 sorts it into twelve and draws
    the line at an hour of holding somebody and at the third repetition
    (https://ccaj.or.jp/telemarketing/cushara_guideline.html). The names here are our own words for them.
    """

    HOLD = "hold", pgettext_lazy("harassment", "Holding somebody for long")
    REPEAT = "repeat", pgettext_lazy("harassment", "The same demand again and again")
    ABUSE = "abuse", pgettext_lazy("harassment", "Abuse and insults")
    SHOUTING = "shouting", pgettext_lazy("harassment", "Shouting and overbearing")
    THREAT = "threat", pgettext_lazy("harassment", "Threats")
    RANK = "rank", pgettext_lazy("harassment", "Boasting of rank or power")
    DEMAND = "demand", pgettext_lazy("harassment", "Unreasonable demands")
    APOLOGY = "apology", pgettext_lazy("harassment", "Forcing an apology")
    SEXUAL = "sexual", pgettext_lazy("harassment", "Sexual words")
    SLANDER = "slander", pgettext_lazy("harassment", "Slander on the net")
    PRIVACY = "privacy", pgettext_lazy("harassment", "Prying and stalking")
    DIGNITY = "dignity", pgettext_lazy("harassment", "Discrimination, denying dignity")


class Terms(ScopedModel):
    """What a company has agreed on: where suspicion begins, the words that raise it (empty: the usual ones), by when
    whoever was met is looked after, and in which words we warn and end a chat.

    Words that somebody changed are used again once the company has approved them: `approved` is the version that it
    has.
    """

    hold_minutes = models.PositiveSmallIntegerField(
        _("minutes from which a contact is a long one"),
        default=60,
        validators=[MinValueValidator(10), MaxValueValidator(240)],
    )
    repeats = models.PositiveSmallIntegerField(
        _("times from which a demand is repeated"),
        default=3,
        validators=[MinValueValidator(3), MaxValueValidator(20)],
    )
    care_hours = models.PositiveSmallIntegerField(
        _("hours within which whoever was met is spoken with"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
    )
    words = models.TextField(_("words that raise suspicion"), blank=True)
    warning = models.TextField(_("warning"), blank=True, max_length=2000)
    ending = models.TextField(_("words with which a talk is ended"), blank=True, max_length=2000)
    version = models.PositiveIntegerField(default=0)
    approved = models.PositiveIntegerField(default=0)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="terms_once_per_company")]


class ConductPolicy(ScopedModel):
    """A version of what a company tells its customers about harassment (カスハラ方針). It is never changed; customers
    read the newest that the company approved. `quoted` is the sentence of it that warnings quote.
    """

    version = models.PositiveIntegerField()
    text = models.TextField(max_length=10_000)
    quoted = models.CharField(max_length=300, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "version"], name="conduct_policy_version_once")
        ]


class Mark(ScopedModel):
    """A contact is suspected of harassment; a senior decides whether it is. `person` is whom it met. `contact` is null
    where it is about the whole case. `warning` is the message in which we warned.
    """

    class State(models.TextChoices):
        """What was found."""

        SUSPECTED = "suspected", pgettext_lazy("harassment", "Suspected")
        CONFIRMED = "confirmed", pgettext_lazy("harassment", "Found to be harassment")
        CLEARED = "cleared", pgettext_lazy("harassment", "None")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sort = models.CharField(max_length=10, choices=Sort.choices)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUSPECTED)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    marked_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    warning = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    warned_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "id"], name="mark_of_case"),
            models.Index(fields=["company", "-marked_at", "-id"], name="mark_by_time"),
            models.Index(fields=["person", "-marked_at"], name="mark_of_person"),
        ]


class Suggestion(ScopedModel):
    """What was noticed by itself and a person may make a mark of, or set aside with a reason. `found` are the words
    that stand there, `amount` minutes or times.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", db_index=False)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    found = ArrayField(models.CharField(max_length=60), default=list)
    amount = models.PositiveIntegerField(default=0)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=200, blank=True)
    mark = models.ForeignKey(Mark, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(ScopedModel.Meta):
        # Of each sort a contact raises suspicion once.
        constraints = [models.UniqueConstraint(fields=["contact", "sort"], name="suggested_once")]
        indexes = [
            models.Index(fields=["case", "id"], name="suggestion_of_case"),
            models.Index(
                fields=["company", "-found_at"],
                name="suggestion_open",
                condition=models.Q(settled_at__isnull=True),
            ),
        ]


class Help(ScopedModel):
    """Somebody calls a senior to a contact; `came_at` is when one was there."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    called_at = models.DateTimeField()
    came_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    came_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            # Whoever presses the key twice has called once.
            models.UniqueConstraint(
                fields=["case", "person"], name="help_once_at_a_time", condition=models.Q(came_at=None)
            )
        ]
        indexes = [models.Index(fields=["company", "-called_at", "-id"], name="help_by_time")]

    @property
    def seconds(self) -> int | None:
        """How long it took until somebody came; None while nobody has."""
        return None if self.came_at is None else int((self.came_at - self.called_at).total_seconds())


class Stop(ScopedModel):
    """A talk is to end because of its manner, with the consent of a second person. The matter goes on by `onward`."""

    class Onward(models.TextChoices):
        """By which way the matter goes on."""

        MAIL = "mail", pgettext_lazy("onward", "By mail")
        PHONE = "phone", pgettext_lazy("onward", "By phone, with somebody else")
        LETTER = "letter", pgettext_lazy("onward", "By letter")

    class State(models.TextChoices):
        """What the second person said."""

        ASKED = "asked", pgettext_lazy("stop", "Waits for a second person")
        AGREED = "agreed", pgettext_lazy("stop", "The talk is ended, the matter goes on")
        REFUSED = "refused", pgettext_lazy("stop", "Not ended")

    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, related_name="stops", db_index=False)
    channel = models.CharField(max_length=10)
    onward = models.CharField(max_length=10, choices=Onward.choices)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    second_at = models.DateTimeField(null=True)
    second_words = models.CharField(max_length=500, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["mark"], name="stop_asked_once", condition=models.Q(state="asked")
            )
        ]
        indexes = [models.Index(fields=["mark", "id"], name="stop_of_mark")]


class Appeal(ScopedModel):
    """A customer objects to what was found or done; somebody who decided none of it looks again. `entered_by` is null
    where the customer wrote it on their own page; `told_in` is the message that took the answer to them.
    """

    class State(models.TextChoices):
        """What came of it."""

        OPEN = "open", pgettext_lazy("appeal", "Not decided yet")
        UPHELD = "upheld", pgettext_lazy("appeal", "It stays as it is")
        PARTLY = "partly", pgettext_lazy("appeal", "Granted in part")
        GRANTED = "granted", pgettext_lazy("appeal", "Granted: it was none")

    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, related_name="appeals", db_index=False)
    words = models.TextField()
    came_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    told_in = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["mark", "id"], name="appeal_of_mark"),
            models.Index(fields=["next_at"], name="appeal_next", condition=models.Q(next_at__isnull=False)),
        ]


class PoliceReport(ScopedModel):
    """What of a mark was told to the police (通報): where, to whom, when, and under which number it is kept there."""

    class Way(models.TextChoices):
        """How they were told."""

        EMERGENCY = "110", pgettext_lazy("police", "Emergency call (110)")
        COUNSEL = "9110", pgettext_lazy("police", "Counselling line (#9110)")
        STATION = "station", pgettext_lazy("police", "At a police station, or by phone to it")

    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, related_name="police_reports", db_index=False)
    way = models.CharField(max_length=10, choices=Way.choices)
    place = models.CharField(max_length=100)
    officer = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=60, blank=True)
    words = models.TextField(blank=True)
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["mark", "id"], name="police_report_of_mark")]


class Consultation(ScopedModel):
    """Somebody of an operator asks their employer for counsel. Only they and their seniors read it, never the company
    whose customers it is about; but temporary staff may ask the firm where they work (派遣先), too (`to_client`).
    `due_at` is by when they hear.
    """

    operator = models.ForeignKey(OperatorCompany, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_client = models.BooleanField(default=False, db_default=False)
    words = models.TextField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["company", "operator", "-made_at"], name="consultation_by_time"),
            models.Index(
                fields=["next_at"], name="consultation_next", condition=models.Q(next_at__isnull=False)
            ),
        ]


class Care(ScopedModel):
    """What is done for somebody whom harassment met (`mark`), or many hard contacts, and by when."""

    class Sort(models.TextChoices):
        """What it is."""

        REST = "rest", pgettext_lazy("care", "A rest is offered")
        TALK = "talk", pgettext_lazy("care", "A senior speaks with them")
        LATER = "later", pgettext_lazy("care", "How are they a week later")

    class Outcome(models.TextChoices):
        """What came of it."""

        DONE = "done", pgettext_lazy("care", "Done")
        DECLINED = "declined", pgettext_lazy("care", "They did not wish it")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    mark = models.ForeignKey(Mark, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["mark", "person", "sort"], name="care_once_per_mark"),
            models.UniqueConstraint(
                fields=["company", "person", "sort"],
                name="one_rest_offered",
                condition=models.Q(mark=None, settled_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-made_at"], name="care_of_person"),
            models.Index(fields=["next_at"], name="care_next", condition=models.Q(next_at__isnull=False)),
        ]


class Duty(ScopedModel):
    """How far an operator is with one of an employer's duties, or the company with what it has agreed to (`key` says
    which, `shield/duties.py`): who sees to it, until when, since when it is done.
    """

    operator = models.ForeignKey(OperatorCompany, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=20)
    who = models.CharField(max_length=100, blank=True)
    due_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "operator", "key"], name="duty_once")]
