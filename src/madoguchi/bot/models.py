"""Bots of desks, what they do in which case, and the words at which a person takes over."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.bot.limits import Kind
from madoguchi.bot.scenario_models import ScenarioVersion as ScenarioVersion
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import ArticleVersion

MOST_YEN = 100_000_000
_PERCENT = [MinValueValidator(1), MaxValueValidator(100)]


class Bot(ScopedModel):
    """The bot of one desk. It answers from a confidence of `answer_from` percent on, suggests from `suggest_from` on,
    and below asks a person. Where it `rewords`, the language model of the installation is asked how else to put a
    question for which it has found nothing. What it costs its company, a month and for each talk, and what a
    resolution by people costs, is said by hand. Audits count from when it was switched on (`on_since`); `stopped_at`
    is when they stopped it, until it is switched on again.
    """

    class Hours(models.TextChoices):
        """When it answers."""

        ALWAYS = "always", _("at any hour")
        CLOSED = "closed", _("only when nobody is at work")
        OPEN = "open", _("only while people are at work")

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, related_name="+")
    is_on = models.BooleanField(_("answers in the chat"), default=False)
    name = models.CharField(pgettext_lazy("bot", "name"), max_length=40, blank=True, default="")
    greeting = models.CharField(_("words at the beginning"), max_length=400, blank=True, default="")
    hours = models.CharField(_("when it answers"), max_length=10, choices=Hours.choices, default=Hours.ALWAYS)
    answer_from = models.PositiveSmallIntegerField(
        _("answers from (percent)"), default=75, validators=_PERCENT
    )
    suggest_from = models.PositiveSmallIntegerField(
        _("suggests from (percent)"), default=35, validators=_PERCENT
    )
    rewords = models.BooleanField(
        _("has questions put in other words by the language model"), default=False, db_default=False
    )
    yen_a_month = models.PositiveIntegerField(
        _("cost a month (yen)"), default=0, db_default=0, validators=[MaxValueValidator(MOST_YEN)]
    )
    yen_a_talk = models.PositiveIntegerField(
        _("cost a talk (yen)"), default=0, db_default=0, validators=[MaxValueValidator(MOST_YEN)]
    )
    yen_by_people = models.PositiveIntegerField(
        _("cost of one resolution by people (yen)"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(MOST_YEN)],
    )
    on_since = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("bot")


class LimitWords(ScopedModel):
    """The words of one kind at which a company wants a person at once, one a line, in the place of the usual ones."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.TextField(blank=True, default="")

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "kind"], name="limit_words_once")]


class LearnedLimit(ScopedModel):
    """What a company's people marked as grave, as far as it was learned from (`learned`): without `weights` the words
    stand alone. How it does beside them was `measured` at that moment.
    """

    weights = models.JSONField(default=dict)
    threshold = models.FloatField(null=True)
    measured = models.JSONField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="learned_limit_once")]


class Reason(models.TextChoices):
    """Why a person is asked."""

    HUMAN = "human", _("A person was asked for")
    ANGER = "anger", _("Anger")
    DISTRESS = "distress", _("Distress")
    LEGAL = "legal", _("Legal matter")
    MEDICAL = "medical", _("Health")
    SAFETY = "safety", _("Safety")
    LEARNED = "learned", _("Like what people marked as grave")
    REPEATED = "repeated", _("The same question again")
    UNSURE = "unsure", _("No article fits well enough")
    NOT_HELPED = "not_helped", _("The answer did not help")
    UNAVAILABLE = "unavailable", _("The bot could not read the articles")
    FILE = "file", _("A file was sent")
    TAKEN_OVER = "taken_over", _("A person of the desk answered")


class Talk(ScopedModel):
    """Who speaks for us in a case: the bot, until it hands over or a person answers; from then on never the bot, unless
    a person hands the talk back (`since`).
    """

    class With(models.TextChoices):
        """Who speaks."""

        BOT = "bot", pgettext_lazy("talk", "The bot")
        PERSON = "person", pgettext_lazy("talk", "A person")

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="+")
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", db_index=False)
    held_by = models.CharField(max_length=10, choices=With.choices, default=With.BOT)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True, default="")
    began_at = models.DateTimeField()
    since = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["desk", "-began_at"], name="talk_of_desk")]


class Turn(ScopedModel):
    """What the bot did with one message of a customer (`asked`), once: what it said, from which versions, how sure it
    was (percent), and whether the customer said that it helped. Where it went by a scenario, `node` is the place.
    `reworded`: what it suggested was found in other words than the customer's.
    """

    class Outcome(models.TextChoices):
        """What it did."""

        ANSWER = "answer", pgettext_lazy("bot", "Answered")
        SUGGEST = "suggest", pgettext_lazy("bot", "Suggested")
        PERSON = "person", pgettext_lazy("bot", "Handed over")
        GREET = "greet", pgettext_lazy("bot", "Asked what it is about")
        DONE = "done", pgettext_lazy("bot", "Heard that it helped")
        MENU = "menu", pgettext_lazy("bot", "Asked on by a scenario")
        FORM = "form", pgettext_lazy("bot", "Showed a form")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", db_index=False)
    asked = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    said = models.OneToOneField(Message, null=True, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True, default="")
    confidence = models.PositiveSmallIntegerField(null=True)
    version = models.ForeignKey(
        ArticleVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    offered = ArrayField(models.BigIntegerField(), default=list)
    helped = models.BooleanField(null=True)
    reworded = models.BooleanField(default=False, db_default=False)
    scenario = models.ForeignKey(
        ScenarioVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    node = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "id"], name="turn_of_case"),
            models.Index(fields=["desk", "at"], name="turn_of_desk"),
        ]


class Verdict(ScopedModel):
    """What a person found of an answer that was drawn for an audit: right, wrong or not to be told, and why."""

    class Found(models.TextChoices):
        """What they found."""

        RIGHT = "right", pgettext_lazy("answer", "Right")
        WRONG = "wrong", pgettext_lazy("answer", "Wrong")
        UNCLEAR = "unclear", pgettext_lazy("answer", "Could not tell")

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="verdict")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    found = models.CharField(max_length=10, choices=Found.choices)
    words = models.TextField(blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
