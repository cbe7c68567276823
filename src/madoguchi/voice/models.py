"""Calls as they went, what was recorded on them, and the flows that they went by."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.commerce.models import Product
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.voice.logic import By, How, Outcome
from madoguchi.voice.outside_models import OutsideContact as OutsideContact
from madoguchi.voice.outside_models import OutsideLeg as OutsideLeg
from madoguchi.voice.outside_models import OutsidePhone as OutsidePhone
from madoguchi.voice.sip_models import SipPhone as SipPhone

# Of calls that ended so somebody is told, if they can be called back.
REMEMBERED = (Outcome.MESSAGE.value, Outcome.CALL_BACK.value, Outcome.ABANDONED.value, Outcome.BROKEN.value)
# Whose call ended so is called back.
CALLED_BACK = (Outcome.CALL_BACK.value, Outcome.BROKEN.value)


class FlowVersion(ScopedModel):
    """What callers meet at a number from `at` on (`voice/flow.py` says how it is written), and who made it so."""

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    document = models.JSONField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["entry_point", "number"], name="flow_version_of_number_once")
        ]


class NumberProduct(ScopedModel):
    """The product that callers of a number are likely to call about."""

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.product)


class NumberNotice(ScopedModel):
    """What says at a number that talks are recorded: the name of a recording, or nothing where none is recorded. A
    number without a row has the notice that comes along.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    sound = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.sound


class Announcement(ScopedModel):
    """One version of a recording that a company's callers hear, by the `name` that flows give it; the newest counts.

    `sound` is samples of 8 kHz and 16 bits on one side, and `digest` their hash. Of the versions of one name with the
    same sound the newest has it; that of the others is empty. `words` is what it says, as far as somebody wrote it.
    """

    name = models.CharField(max_length=40)
    words = models.CharField(max_length=500, blank=True, default="", db_default="")
    number = models.PositiveIntegerField()
    sound = models.BinaryField()
    digest = models.CharField(max_length=64)
    milliseconds = models.PositiveIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name", "number"], name="announcement_version_of_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Call(ScopedModel):
    """One call, from its first ring to its end: the record of what happened when.

    `uid` is the gateway's own name for it. `caller` is the customer's number (E.164), empty where it is withheld, and
    `called` ours, also where we call; then `plan_id` says why (a plain id). `spans` are its
    stretches in order, `[{"spent": ring|menu|wait|talk|hold|transfer|message, "begin", "end", "turn"}, …]`, times in
    ISO 8601; `turn` is how many had the caller before, and `"outside": true` is where somebody outside had them.
    `keys` are those pressed in menus, card numbers blotted out. `flow` is the number of the flow's version, 0 for the
    built-in one. `message_id` is the message that became of it (a plain id: a message moves between cases).
    `product` is the one that its number was for when it came in.
    `outside` is one whose sound a carrier holds: who talks on it does so by telephone, not on a page.
    `alive_at` is when its gateway last said that it holds it. `agent` talked with the caller last, and said by `code`
    what came of it, which took `wrap_seconds`. `divided` are the desks to which rules of its number's desk have sent
    it, `[{"rule", "to", "at"}]`; `desk` is the last of them.
    `waits_since` is since when it stands in a queue, while it does, and `stays` are its times in queues in order,
    `[{"queue", "begin", "end", "answered"}]`, by the steps of its flow. `purpose` is what was chosen in menus, in
    words; `notified_at` when who is on the other side had heard that the talk is recorded. `tries` is how often this
    number has called the company within a day until somebody talked with them, this call with them.
    """

    class Direction(models.TextChoices):
        """Who called whom."""

        INBOUND = "in", _("incoming")
        OUTBOUND = "out", _("outgoing")

    class State(models.TextChoices):
        """How far it is."""

        RINGING = "ringing", _("rings")
        ANSWERED = "answered", _("goes on")
        ENDED = "ended", _("over")

    class Ending(models.TextChoices):
        """How it ended."""

        REJECTED = Outcome.REJECTED, _("Not taken")
        SHORT = Outcome.SHORT, _("Hung up at once")
        ABANDONED = Outcome.ABANDONED, _("Gave up")
        INFORMED = Outcome.INFORMED, _("Heard an announcement")
        CALL_BACK = Outcome.CALL_BACK, _("Wishes to be called back")
        MESSAGE = Outcome.MESSAGE, _("Left a message")
        TALKED = Outcome.TALKED, _("Talked with us")
        BROKEN = Outcome.BROKEN, _("Broke off")
        BUSY = Outcome.BUSY, _("Busy")
        NO_ANSWER = Outcome.NO_ANSWER, _("No answer")
        UNREACHED = Outcome.UNREACHED, _("Not reached")
        STOPPED = Outcome.STOPPED, _("Not gone through with")

    class Code(models.TextChoices):
        """What came of a talk, as who had it says."""

        SOLVED = "solved", _("Solved")
        GOES_ON = "goes_on", _("Goes on")
        HANDED_ON = "handed_on", _("Handed on")
        CALL_BACK = "call_back", _("To be called back")
        WRONG = "wrong", _("Wrong number")
        NUISANCE = "nuisance", _("Nuisance")
        OTHER = "other", _("Something else")

    uid = models.CharField(max_length=32, unique=True)
    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.INBOUND)
    called = models.CharField(max_length=16)
    caller = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RINGING)
    outcome = models.CharField(max_length=10, choices=Ending.choices, blank=True)
    ended_by = models.CharField(max_length=10, choices=[(by.value, by.value) for by in By], blank=True)
    flow = models.PositiveIntegerField(default=0)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    alive_at = models.DateTimeField()
    spans = models.JSONField(default=list)
    wait_seconds = models.PositiveIntegerField(default=0)
    keys = models.CharField(max_length=60, blank=True)
    message_id = models.BigIntegerField(null=True)
    plan_id = models.BigIntegerField(null=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    talk_seconds = models.PositiveIntegerField(default=0, db_default=0)
    hold_seconds = models.PositiveIntegerField(default=0, db_default=0)
    wrap_seconds = models.PositiveIntegerField(default=0, db_default=0)
    code = models.CharField(max_length=10, choices=Code.choices, blank=True, default="", db_default="")
    divided = models.JSONField(default=list, db_default=[])
    outside = models.BooleanField(default=False, db_default=False)
    waits_since = models.DateTimeField(null=True)
    stays = models.JSONField(default=list, db_default=[])
    purpose = models.CharField(max_length=100, blank=True, default="", db_default="")
    notified_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=1, db_default=1)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["desk", "-offered_at", "-id"], name="call_of_desk"),
            models.Index(
                fields=["company", "caller", "-offered_at"],
                name="call_by_caller",
                condition=~models.Q(caller=""),
            ),
            models.Index(
                fields=["message_id"], name="call_of_message", condition=models.Q(message_id__isnull=False)
            ),
            models.Index(fields=["alive_at"], name="call_going_on", condition=~models.Q(state="ended")),
            models.Index(
                fields=["ended_at"],
                name="call_untied",
                condition=models.Q(message_id__isnull=True, outcome__in=REMEMBERED),
            ),
            models.Index(fields=["entry_point", "-offered_at"], name="call_of_number"),
            models.Index(
                fields=["company", "offered_at"], name="call_out", condition=models.Q(direction="out")
            ),
        ]

    def __str__(self) -> str:
        return self.uid


class Recording(ScopedModel):
    """What was recorded on a call; its bytes are in the file store under their hash. `transcript` is the hash of what
    was written down of it, if anything was, when a program had heard it (`transcribed_at`), which was begun so many
    times (`transcript_tries`).
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="recordings")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    milliseconds = models.PositiveIntegerField()
    at = models.DateTimeField()
    transcribed_at = models.DateTimeField(null=True)
    transcript = models.CharField(max_length=64, blank=True, default="", db_default="")
    transcript_tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "at"], name="recording_by_age")]


class RecordingTerm(ScopedModel):
    """For how many days a company keeps recordings of calls; without a row as long as the calls.

    A shorter time counts from `begins_at` on; until then `days_before`, or None for as long as the calls.
    """

    days = models.PositiveSmallIntegerField(_("days that recordings are kept"))
    days_before = models.PositiveSmallIntegerField(null=True)
    begins_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="recording_term_once_per_company")]


class PlannedCall(ScopedModel):
    """A call that we are to make from a number of a desk: a place that is kept in its queue, whose turn is by `since`.

    `origin` is the call in which it was promised, `promise` the row of the ledger; `message_id` is known as soon as the
    case is, and nobody is called before. `tries` are those of which the customer's phone rang or should have; the calls
    themselves name their plan. `next_at` is when it may be tried. One that a `person` makes by hand has its own call
    for its `origin`, and is tried once.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waits for its turn")
        CALLING = "calling", _("is made")
        DONE = "done", _("done")
        DROPPED = "dropped", _("given up")

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    origin = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="+")
    promise = models.ForeignKey(
        "promises.Promise", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    message_id = models.BigIntegerField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    since = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(
                fields=["since"],
                name="planned_call_waiting",
                condition=models.Q(state="waiting", message_id__isnull=False),
            ),
            models.Index(
                fields=["company", "number"], name="planned_call_of", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


class AgentPhone(models.Model):
    """Somebody's phone in the browser: whether they take calls, and which `call` (by its uid) they have to do with.

    `role` is what they do on it beside whoever talks with the caller, if that is somebody else.
    `telephone` says that the call rings or is talked on at their own SIP telephone, not in the browser.
    `asks` is whom they wish to ask beside the caller, until it is settled whether these can be; somebody outside is
    named by the id of the contact with a minus, for as long as they are asked, and `outside_there` once they answered.
    `since` is when it came into its state; `seen_at` when its page last said that it is open. `offer` and `answer` are
    what browser and gateway say of their sound (SDP), each until the other has read it. `spent` are the stretches in
    which it was ready, on a call or wrapping up, `[{"doing", "begin", "end", "call"}]`, until they are in the log: the
    database keeps each when the phone turns. What it does now is counted already up to `counted_until`, if any.
    """

    class State(models.TextChoices):
        """What its owner does."""

        AWAY = "away", _("Away")
        READY = "ready", _("Ready for calls")
        RINGING = "ringing", _("It rings")
        TALKING = "talking", _("On a call")
        WRAPPING = "wrapping", _("Wrapping up")

    class Role(models.TextChoices):
        """What somebody does on a colleague's call."""

        TALKS = "", _("Talks with the customer")
        ASKED = "asked", _("Is asked")
        LISTEN = How.LISTEN, _("Listens")
        WHISPER = How.WHISPER, _("Speaks to the operator alone")
        JOIN = How.JOIN, _("Speaks with both")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.AWAY)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    call = models.CharField(max_length=32, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, blank=True, default="", db_default="")
    offer = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    connected = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    secret = models.BooleanField(default=False)
    telephone = models.BooleanField(default=False, db_default=False)
    asks = models.BigIntegerField(default=0, db_default=0)
    outside_there = models.BooleanField(default=False, db_default=False)
    spent = models.JSONField(default=list, db_default=[])
    counted_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["call"], name="phone_of_call", condition=~models.Q(call=""))]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"
