"""Case, contact, message, note, and what hangs on them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.contact_models import Contact as Contact
from madoguchi.cases.identity_models import IdentityNeed as IdentityNeed
from madoguchi.cases.link_models import CaseLink as CaseLink
from madoguchi.cases.link_models import ToldApart as ToldApart
from madoguchi.cases.look_models import Look as Look
from madoguchi.cases.look_models import Seen as Seen
from madoguchi.cases.reply_time_models import ReplyTime as ReplyTime
from madoguchi.cases.severity import Severity as Severity
from madoguchi.cases.value_models import FilledValue as FilledValue
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.fields.models import Matter
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel.case_number import CaseNumber
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.pieces import Kind, Piece, pieces_of
from madoguchi.kernel.sign_off import without_sign_off


class Status(models.TextChoices):
    """Where a case stands. Only solved and closed are at rest."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WAITING_CUSTOMER = "waiting_customer", _("Waiting for customer")
    WAITING_THIRD = "waiting_third", _("Waiting for third party")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")


ACTIVE = (Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_THIRD)
OURS_TO_ACT = (Status.NEW, Status.OPEN)
_is_active = models.Q(status__in=[s.value for s in ACTIVE])


class Priority(models.IntegerChoices):
    """How urgent a case is; higher is more urgent."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class NumberCounter(ScopedModel):
    """The last case number given out by a company."""

    last = models.BigIntegerField(default=1000)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="one_counter_per_company")]


# For lists in other orders than the newest first (`views/orders`): each holds the few that its order is about.
IN_OTHER_ORDERS = [
    models.Index(fields=fields, name=name, include=["company"], condition=condition)
    for name, fields, condition in (
        ("case_by_waiting", ["desk", "waiting_since", "id"], models.Q(waiting_since__isnull=False)),
        ("case_by_due", ["desk", "due_at", "id"], models.Q(due_at__isnull=False)),
        ("case_by_priority", ["desk", "priority", "-touched_at", "-id"], ~models.Q(priority=Priority.NORMAL)),
    )
]


class Case(ScopedModel):
    """One matter from first word to last: one number, one customer, one person responsible.

    `waiting_since` is when the customer began to wait for us, null while we wait for them. `reply_token` finds
    the case again in plus-addresses and Message-IDs; it opens nothing by itself. `continued_in` is where a case
    went on that turned out to be the same matter; always the last one, so that one step leads there. `follows` is
    the long-closed case whose matter this one takes up, and `followed_by` the way back.
    Links to the customer's own page hold while they are of the present `link_generation`.
    `hops` is how often it was passed on to another person or desk, and `hand_off` what was told last on the way.
    `former_number` is what it was called in the system that it came from. `window` is the desk that its customer knows
    where a technical one works it behind that; null where `desk` is both.
    `names_reader` is no column: false where a query has found that no note names its reader who has not seen it; so are
    `is_linked`, false where no link to another case stands, and `has_pending`, false where no answer is pending, and
    `has_form`, false where its desk asks nothing of its own. `filled` are the values of fields, by the field's id.
    `due_at` is when the next of its clocks runs out, `due_for` what that one measures, and `due_warned` that somebody
    was told; packages above this one write it by `actions/due.py`.
    """

    names_reader = True
    is_linked = True
    has_pending = True
    has_form = True
    number = models.BigIntegerField()
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    window = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    entry_point = models.ForeignKey(
        EntryPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases", db_index=False)
    channel = models.CharField(max_length=10, choices=EntryPoint.Kind.choices)
    former_number = models.CharField(max_length=100, blank=True, default="", db_default="")
    subject = models.CharField(max_length=500)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NEW)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    severity = models.PositiveSmallIntegerField(
        choices=Severity.choices, default=Severity.UNJUDGED, db_default=0
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    tags = ArrayField(models.CharField(max_length=50), default=list)
    checked = ArrayField(models.CharField(max_length=10), default=list, db_default=[])
    feelings = ArrayField(models.CharField(max_length=10), default=list, db_default=[])
    language = models.CharField(max_length=10, default="ja")
    reply_token = models.CharField(max_length=20, unique=True)
    link_generation = models.PositiveSmallIntegerField(default=1, db_default=1)
    preview = models.CharField(max_length=200, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    first_replied_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    undelivered = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField(null=True)
    due_for = models.CharField(max_length=20, blank=True, default="", db_default="")
    due_warned = models.BooleanField(default=False, db_default=False)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    filled = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    hops = models.PositiveSmallIntegerField(default=0, db_default=0)
    hand_off = models.ForeignKey(
        "HandOff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    continued_in = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    followed_by = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="case_number_once_per_company"),
        ]
        indexes = [
            # The company is what row-level security asks of a row: with it, lists and counts need the index alone.
            models.Index(
                fields=["desk", "-touched_at", "-id"],
                name="case_active_of_desk",
                include=["company"],
                condition=_is_active,
            ),
            models.Index(fields=["desk", "-touched_at", "-id"], name="case_all_of_desk", include=["company"]),
            models.Index(
                fields=["desk", "status", "-touched_at", "-id"], name="case_by_status", include=["company"]
            ),
            models.Index(
                fields=["desk", "-touched_at", "-id"],
                name="case_unassigned",
                include=["company"],
                condition=_is_active & models.Q(assignee__isnull=True),
            ),
            models.Index(
                fields=["desk", "-touched_at", "-id"],
                name="case_due_soon",
                include=["company"],
                condition=_is_active & models.Q(due_warned=True),
            ),
            models.Index(
                fields=["assignee", "-touched_at", "-id"], name="case_of_assignee", condition=_is_active
            ),
            models.Index(fields=["customer", "-opened_at"], name="case_of_customer"),
            models.Index(fields=["desk", "-opened_at"], name="case_opened_at_desk"),
            models.Index(
                fields=["continued_in"],
                name="case_continued_in",
                condition=models.Q(continued_in__isnull=False),
            ),
            models.Index(
                fields=["company", "former_number"],
                name="case_by_former_number",
                condition=~models.Q(former_number=""),
            ),
            GinIndex(fields=["tags"], name="case_by_tag"),
            *IN_OTHER_ORDERS,
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def shown_desk(self) -> Desk:
        """The desk that its customer knows, whichever works it."""
        return self.window or self.desk

    @property
    def where(self) -> dict[str, int]:
        """Whose it is and where, as each fact about a case says it."""
        return {"company": self.company_id, "case": self.pk, "desk": self.desk_id}

    def spoken_number(self, prefix: str) -> str:
        """The number as spoken and written, given the company's letters."""
        return str(CaseNumber(prefix, self.number))


class Message(ScopedModel):
    """What was said to or by the customer. It never changes, until its writer takes it back (`unsent_at`).

    `text` is the whole body, `new_text` what the writer newly wrote, where that is less, and `pieces` how long each
    stretch of the text is that is new or came along (of ours: the desk's signature). `external_id` is the channel's own
    id for it (Message-ID), by which replies find their case. `at` is its place in the conversation: when it was said
    here, or, when customers' mails came in another order than they were sent, beside those.
    `reply_to` is where the customer wishes to be answered, where that is not at the sender's address.
    `html` of an answer of ours is its text laid out (`kernel/markup.py`), empty when it leaves in plain words alone.
    `trust` says whether it is from whom it says (`kernel.channel.Trust`, what is empty left out).
    `placed` says that a person put it into its case (a split): answers to it go there, whatever else they carry.
    `has_files` is no column: false where a query has found that none came with it.
    """

    has_files = True

    class Author(models.TextChoices):
        """Who speaks."""

        CUSTOMER = "customer", _("Customer")
        STAFF = "staff", _("Staff")
        SYSTEM = "system", _("Automatic")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="messages", db_index=False)
    channel = models.CharField(max_length=10, default=Channel.EMAIL)
    author = models.CharField(max_length=10, choices=Author.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=254, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list, db_default=[])
    reply_to = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    new_text = models.TextField(blank=True)
    pieces = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    html = models.TextField(blank=True)
    automatic = models.CharField(max_length=20, blank=True)
    external_id = models.CharField(max_length=500)
    trust = models.JSONField(null=True)
    placed = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    unsent_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "at", "id"], name="message_of_case"),
            models.Index(fields=["company", "external_id"], name="message_by_external_id"),
            models.Index(
                fields=["company", "external_id"],
                name="message_of_ours",
                condition=~models.Q(author="customer"),
            ),
        ]

    @property
    def inbound(self) -> bool:
        """Whether the customer said it."""
        return self.author == self.Author.CUSTOMER

    def in_pieces(self) -> list[Piece]:
        """The text in pieces. Where only the new words are known, as in older messages, they begin it."""
        rest = len(self.text) - len(self.new_text)
        known = [(Kind.NEW, len(self.new_text)), (Kind.QUOTE, rest)] if self.new_text else []
        return pieces_of(self.text, self.pieces or known)

    @property
    def typed(self) -> str:
        """An answer of ours without the signature that the desk put under it."""
        return without_sign_off(self.in_pieces()) if self.pieces else self.text


class Attachment(ScopedModel):
    """A file that came or went with a message; its bytes are in the file store under their hash.

    `scan` is empty where nobody looks through files; `finding` is what a scanner found in it. `asks` is how often a
    scanner that was there gave no verdict, and `ask_again_at` when it is asked next.
    """

    class Scan(models.TextChoices):
        """Whether it may be opened. What is harmful stays, for those who look after quarantine."""

        NONE = "", _("Not checked")
        WAITING = "waiting", _("Waits to be checked")
        CLEAN = "clean", _("Checked")
        HARMFUL = "harmful", _("Held back")

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    inline = models.BooleanField(default=False)
    content_id = models.CharField(max_length=255, blank=True)
    scan = models.CharField(max_length=10, choices=Scan.choices, blank=True, default="", db_default="")
    finding = models.CharField(max_length=200, blank=True, default="", db_default="")
    asks = models.PositiveSmallIntegerField(default=0, db_default=0)
    ask_again_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["id"], name="file_to_be_checked", condition=models.Q(scan="waiting"))]

    @property
    def may_be_opened(self) -> bool:
        """Whether anybody may open it who may read the case."""
        return self.scan in (self.Scan.NONE, self.Scan.CLEAN)


class Note(ScopedModel):
    """What only staff see."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["case", "at", "id"], name="note_of_case")]


class Mention(ScopedModel):
    """A person named in a note, by their own name or by that of a `team` as it was then called; `seen_at` is when they
    opened the case since.
    """

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    team = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once_per_note")]
        indexes = [
            models.Index(fields=["user", "-at"], name="mention_of_user"),
            # A person is named thousands of times; what they have not seen yet is asked for with every page.
            models.Index(fields=["user", "case"], name="mention_unseen", condition=models.Q(seen_at=None)),
        ]


class HandOff(ScopedModel):
    """What somebody left for whoever has the case next: why, what it is about, what comes next, what was promised."""

    class Occasion(models.TextChoices):
        """When it was left."""

        PERSON = "person", _("To another person")
        DESK = "desk", _("To another desk")
        CLOSING = "closing", _("On closing")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hand_offs", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    occasion = models.CharField(max_length=10, choices=Occasion.choices)
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_desk = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=300, blank=True)
    summary = models.CharField(max_length=300)
    next_step = models.CharField(max_length=300, blank=True)
    promises = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["case", "at"], name="hand_off_of_case")]


class Move(ScopedModel):
    """That somebody took `messages` of a case to another one, and all that is needed to bring them back exactly.

    `moved` has the ids of what went over, by kind; `before` and `after` have the columns of the cases.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    messages = models.PositiveIntegerField()
    moved = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        abstract = True


class Merge(Move):
    """That a case went on in another one.

    `messages` is how many of them the case counted, `last_message` the newest of both then; `before` and `after` have
    the columns of both cases (`case`, `into`) as `cases/merging.py` names them.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    into = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="merges", db_index=False)
    last_message = models.BigIntegerField(default=0, db_default=0)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["into", "id"], name="merge_into_case")]


class Split(Move):
    """That messages of a case went into a new one (`into`).

    `moved` also has which of the messages a person had `placed` before; `last_message` is the newest of the case then.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    into = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    last_message = models.BigIntegerField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["case", "id"], name="split_of_case")]


class Presence(ScopedModel):
    """Somebody of the desk has the case open. Who has not been heard of for a while (`seen_at`) is gone."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="presence_once_per_person")]


class ReplyLock(ScopedModel):
    """Who writes the answer to a case: one person, until they send, leave or are not heard of (`seen_at`).

    `taken_from` held it before, and is told that somebody took it over.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    taken_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )


class Draft(ScopedModel):
    """Words being written, kept as typed: one answer a case, shared within the desk, whose `user` wrote in it last; one
    note a person; and, `kept` for their writer, words beside which or in place of which somebody else went on.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(
        max_length=10, choices=[("reply", "reply"), ("note", "note"), ("kept", "kept")], default="reply"
    )
    text = models.TextField(blank=True)
    to = models.TextField(blank=True)
    cc = models.TextField(blank=True)
    bcc = models.TextField(blank=True, db_default="")
    saved_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(kind="reply"), name="one_reply_draft_per_case"
            ),
            models.UniqueConstraint(
                fields=["case", "user"], condition=models.Q(kind="note"), name="one_note_draft_per_person"
            ),
        ]
        indexes = [models.Index(fields=["case", "user"], name="drafts_of_case")]

    @property
    def stamp(self) -> str:
        """Tells one state of a draft from any other, and whose it is."""
        return f"{self.user_id}.{self.pk}.{self.saved_at.timestamp():.6f}"


class DraftFile(ScopedModel):
    """A file added to a draft answer, waiting to be sent with it."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)


class PendingAnswer(ScopedModel):
    """An answer that is written and has not begun to leave: it waits for its time (`due_at`), for a senior's word, or,
    held, for a person to look again. It becomes a message (`message`) when it leaves, once.

    `to` is empty where it goes to the customer; `status` is what the case becomes then, and `confirmed` what its writer
    said yes to. `last_message` is the newest of the case that its writer knew; `was_status` and `waited_since` are how
    the case stood before. `first_text` is what the writer wrote where a senior (`changed_by`) changed it. `why` says
    why it was held. `came_from` is the case from which a merge brought it.
    """

    class State(models.TextChoices):
        """Where it stands; the first four are open."""

        SCHEDULED = "scheduled", _("Scheduled")
        AWAITING = "awaiting", _("Awaiting approval")
        HELD = "held", _("Held")
        RETURNED = "returned", _("Returned")
        LEFT = "left", _("Left")
        TAKEN_BACK = "taken_back", _("Taken back")
        DISCARDED = "discarded", _("Thrown away")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pending_answers", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices)
    text = models.TextField()
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    status = models.CharField(max_length=20, choices=Status.choices)
    confirmed = ArrayField(models.TextField(), default=list)
    due_at = models.DateTimeField(null=True)
    word = models.CharField(max_length=500, blank=True)
    comment = models.TextField(blank=True)
    why = models.CharField(max_length=20, blank=True)
    detail = models.TextField(blank=True)
    last_message = models.BigIntegerField()
    was_status = models.CharField(max_length=20)
    waited_since = models.DateTimeField(null=True)
    first_text = models.TextField(blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved = models.BooleanField(default=False)
    came_from = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.OneToOneField(Message, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["due_at"], name="pending_due", condition=models.Q(state="scheduled")),
            # Few at any moment, and asked for with every list and every case.
            models.Index(
                fields=["case", "id"],
                name="pending_of_case",
                include=["company", "state", "user"],
                condition=models.Q(state__in=["scheduled", "awaiting", "held", "returned"]),
            ),
        ]


class PendingFile(ScopedModel):
    """A file that leaves with a pending answer."""

    answer = models.ForeignKey(PendingAnswer, on_delete=models.CASCADE, related_name="files")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
